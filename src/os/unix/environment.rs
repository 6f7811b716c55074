//! Whether the environment may come from a user with fewer rights than the program.

/// Tells whether the program was given rights that the user who started it may lack: by setuid, setgid or the capabilities
/// of its file. The system decides that when the program starts.
pub fn has_raised_privileges() -> bool {
    system::has_raised_privileges()
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod system {
    use std::sync::OnceLock;

    pub fn has_raised_privileges() -> bool {
        // It stays what it was when the program started.
        static RAISED: OnceLock<bool> = OnceLock::new();
        // SAFETY: no preconditions; the result is 0 for an unknown entry.
        *RAISED.get_or_init(|| unsafe { libc::getauxval(libc::AT_SECURE) != 0 })
    }
}

#[cfg(any(
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly"
))]
mod system {
    pub fn has_raised_privileges() -> bool {
        // SAFETY: no preconditions.
        unsafe { libc::issetugid() != 0 }
    }
}

/// On other systems this is correct only until the program changes its user.
#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly"
)))]
mod system {
    use std::sync::OnceLock;

    pub fn has_raised_privileges() -> bool {
        static RAISED: OnceLock<bool> = OnceLock::new();
        *RAISED.get_or_init(|| users_differ() || groups_differ())
    }

    fn users_differ() -> bool {
        // SAFETY: no preconditions.
        let real = unsafe { libc::getuid() };
        // SAFETY: no preconditions.
        real != unsafe { libc::geteuid() }
    }

    fn groups_differ() -> bool {
        // SAFETY: no preconditions.
        let real = unsafe { libc::getgid() };
        // SAFETY: no preconditions.
        real != unsafe { libc::getegid() }
    }
}

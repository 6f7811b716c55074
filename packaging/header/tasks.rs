//! The order of the functions in the header: by task, as a reader looks for them. A file of src/ffi stands for all its
//! functions; one that belongs to another task than the rest of its file is named, with its task.

/// What a reader wants to do, and the files whose functions do it, in the order of the header.
pub struct Task {
    /// The words of the banner.
    pub name: &'static str,
    /// Files of src/ffi and names of functions.
    pub parts: &'static [&'static str],
}

pub const TASKS: [Task; 12] = [
    Task {
        name: "version and errors",
        parts: &["module/version.rs", "error.rs", "error/status.rs", "bytes.rs", "tlsock_handle_count"],
    },
    Task { name: "create a context", parts: &["module/context.rs", "context/mod.rs", "context/copy.rs"] },
    Task {
        name: "certificates and keys of this side",
        parts: &["identity.rs", "context/chain.rs", "context/identity.rs"],
    },
    Task { name: "trust", parts: &["context/trust.rs", "module/paths.rs", "module/store.rs"] },
    Task {
        name: "verification",
        parts: &[
            "context/verify.rs",
            "context/pins.rs",
            "tlsock_context_post_handshake_auth",
            "tlsock_context_set_post_handshake_auth",
            "context/ocsp.rs",
            "context/scts.rs",
            "context/chain_cache.rs",
        ],
    },
    Task {
        name: "protocol and ciphers",
        parts: &[
            "context/options.rs",
            "context/ciphers.rs",
            "context/sigalgs.rs",
            "module/sigalgs.rs",
            "context/ech.rs",
            "module/ech.rs",
            "tlsock_context_security_level",
            "cipher.rs",
            "context/alpn.rs",
        ],
    },
    Task {
        name: "callbacks",
        parts: &[
            "context/callback/client_hello.rs",
            "client_hello.rs",
            "context/callback/sni.rs",
            "context/callback/alpn.rs",
            "context/callback/identity.rs",
            "identity/request.rs",
            "context/callback/psk.rs",
            "context/callback/session.rs",
            "context/callback/verify.rs",
            "verification.rs",
            "context/keylog.rs",
            "context/callback/keylog.rs",
            "context/callback/message.rs",
            "module/warning.rs",
            "module/interrupt.rs",
        ],
    },
    Task {
        name: "connections over sockets",
        parts: &[
            "context/wrap.rs",
            "socket/mod.rs",
            "socket/connection.rs",
            "socket/address.rs",
            "socket/connect.rs",
            "socket/listen.rs",
            "socket/end.rs",
            "socket/file.rs",
            "socket/time.rs",
            "socket/options.rs",
            "socket/read_ahead.rs",
            "socket/ktls.rs",
            "socket/names.rs",
            "socket/agreed.rs",
            "socket/peer.rs",
        ],
    },
    Task {
        name: "connections in memory",
        parts: &[
            "tlsock_context_wrap_bio",
            "bio.rs",
            "object/mod.rs",
            "object/pump.rs",
            "object/names.rs",
            "object/connection.rs",
            "object/agreed.rs",
            "object/peer.rs",
        ],
    },
    Task {
        name: "sessions",
        parts: &[
            "session.rs",
            "context/client_session_cache.rs",
            "context/tickets.rs",
            "context/callback/session_cache.rs",
            "context/stats.rs",
        ],
    },
    Task {
        name: "certificates",
        parts: &["certificate.rs", "module/server_certificate.rs", "module/pem.rs", "module/time.rs"],
    },
    Task {
        name: "the module",
        parts: &["module/info.rs", "module/environment.rs", "module/oid.rs", "module/rand.rs"],
    },
];

/// A place in the header: the number of the task, and of the part within.
pub type Place = (usize, usize);

/// Makes sure that each part is a file of src/ffi or one of its functions.
pub fn check(known: impl Fn(&str) -> bool) {
    for part in TASKS.iter().flat_map(|task| task.parts) {
        assert!(known(part), "packaging/header/tasks.rs names {part}, which src/ffi does not have");
    }
}

/// Finds the place of a function by its name, otherwise by its file.
pub fn place_of(function: &str, file: &str) -> Place {
    let of = |part: &str| {
        TASKS.iter().enumerate().find_map(|(task, Task { parts, .. })| {
            parts.iter().position(|known| *known == part).map(|index| (task, index))
        })
    };
    of(function)
        .or_else(|| of(file))
        .unwrap_or_else(|| panic!("packaging/header/tasks.rs names no task for {function} of src/ffi/{file}"))
}

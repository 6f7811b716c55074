//! Whether the environment may come from a user with fewer rights than the program.

/// False: on Windows a program with another user's rights never gets the environment of the user who started it.
pub fn has_raised_privileges() -> bool {
    false
}

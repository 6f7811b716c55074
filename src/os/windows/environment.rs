//! Whether the environment is of somebody who has fewer rights than the program.

/// Windows has no program that runs with the rights of another than who started it and with the environment of the latter.
pub fn has_raised_privileges() -> bool {
    false
}

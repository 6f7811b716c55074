//! Groups for key exchange.

/// A group for key exchange, under one of its names.
#[derive(Clone, Debug)]
pub struct Group {
    /// The name in TLS, or another name of the same group.
    pub name: String,
    /// The number in TLS.
    pub id: u32,
    /// The lowest and the highest version of TLS that has it; 0 for no limit.
    pub versions: (i32, i32),
}

//! The phases of a connection.

/// What a connection was doing when an error occurred. Extension.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Phase {
    #[default]
    None = 0,
    Configure = 1,
    Resolve = 2,
    Connect = 3,
    Accept = 4,
    Handshake = 5,
    Read = 6,
    Write = 7,
    Shutdown = 8,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Phase; 9] = [
        Phase::None,
        Phase::Configure,
        Phase::Resolve,
        Phase::Connect,
        Phase::Accept,
        Phase::Handshake,
        Phase::Read,
        Phase::Write,
        Phase::Shutdown,
    ];
}

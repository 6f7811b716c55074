//! Alerts that end a connection.

/// A fatal alert, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert(pub u8);

impl Alert {
    /// internal_error
    pub const INTERNAL_ERROR: Alert = Alert(80);
    /// handshake_failure
    pub const HANDSHAKE_FAILURE: Alert = Alert(40);
    /// illegal_parameter
    pub const ILLEGAL_PARAMETER: Alert = Alert(47);
    /// decode_error
    pub const DECODE_ERROR: Alert = Alert(50);
    /// protocol_version
    pub const PROTOCOL_VERSION: Alert = Alert(70);
    /// unsupported_extension
    pub const UNSUPPORTED_EXTENSION: Alert = Alert(110);
}

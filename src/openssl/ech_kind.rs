//! What there is to tell of Encrypted ClientHello, whichever backend does it.

/// The version of ECHConfig that RFC 9849 describes.
pub const VERSION: u16 = 0xFE0D;

/// What has become of Encrypted ClientHello on one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ech {
    /// There was none.
    None,
    /// One that looks like it, or that this server could not decrypt.
    Grease,
    /// The server has decrypted it.
    Accepted,
    /// A client has sent one, and the server has not said that it has decrypted it.
    Unconfirmed,
    /// This server got what another one has decrypted.
    Backend,
}

/// What becomes of a private key that is given with its configurations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Both are used.
    Fits,
    /// It is the key of none of them.
    Foreign,
    /// One of them is of a kind that the library cannot use.
    Unusable,
}

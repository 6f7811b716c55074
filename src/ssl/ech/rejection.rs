//! What a client is told by a server that has not decrypted its ClientHello.

use std::ffi::{CStr, CString};

/// A server has not decrypted the ClientHello.
pub(crate) struct Rejection {
    /// It has proved to be the one with the public name.
    pub proved: bool,
    /// The configurations it has given, if it has; an error if they cannot be read.
    pub configs: Result<Option<Vec<u8>>, ()>,
    /// The public name.
    pub name: Option<CString>,
}

impl Rejection {
    /// What has happened and what follows from it.
    pub fn words(&self) -> String {
        let name = self.name.as_deref().map(CStr::to_string_lossy).unwrap_or_default();
        let told = match (self.proved, &self.configs) {
            (false, _) => format!("it has not proved to be '{name}', so nothing that it says of it counts"),
            (true, Ok(Some(_))) => format!("'{name}' has given configurations to connect again with"),
            (true, Ok(None)) => format!("'{name}' has given no configurations: it does without"),
            (true, Err(())) => format!("'{name}' has given configurations that cannot be read"),
        };
        format!("the server has rejected the Encrypted ClientHello: {told}")
    }
}

//! The callback that takes the key log.

use crate::openssl::ctx::Hooks;
use crate::ssl::connection::Connection;
use crate::ssl::context::Context;
use crate::ssl::error::Result;
use std::sync::Arc;

/// Takes one line of the key log, without its newline.
pub type KeylogCallback = Arc<dyn Fn(&dyn Connection, &std::ffi::CStr) -> Result<()> + Send + Sync>;

impl Context {
    /// Sets who takes each line of the key log, beside any file.
    pub fn set_keylog_callback(&self, callback: Option<KeylogCallback>) -> Result<()> {
        if callback.is_some() {
            self.add_hooks(Hooks { keylog: true, ..Hooks::default() })?;
        }
        self.edit_callbacks(|callbacks| callbacks.keylog = callback);
        Ok(())
    }
}

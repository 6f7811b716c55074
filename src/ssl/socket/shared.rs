//! What all handles on a socket share: the one its owner holds and those that are lent to callbacks.

use super::io::Writing;
use super::{Socket, time};
use crate::ssl::context::{Context, WrapFlags};
use crate::ssl::engine::Engine;
use crate::ssl::session::Session;
use parking_lot::{Mutex, RwLock};
use std::ffi::{CString, c_void};
use std::ops::Deref;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicPtr};
use std::sync::{Arc, OnceLock};

/// The state of a socket, for [`Socket`] alone.
pub struct Shared {
    pub(super) context: RwLock<Context>,
    pub(super) flags: WrapFlags,
    pub(super) hostname: Option<CString>,
    /// Text that is lent stays for as long as the socket, whatever becomes of its connection.
    pub(super) alpn: OnceLock<CString>,
    pub(super) group: OnceLock<CString>,
    pub(super) userdata: AtomicPtr<c_void>,
    /// What to resume once there is a connection.
    pub(super) session: Mutex<Option<Session>>,
    pub(super) descriptor: RwLock<Option<Arc<OwnedFd>>>,
    pub(super) engine: RwLock<Option<Arc<Engine>>>,
    pub(super) timeout: time::Cell,
    pub(super) connected: AtomicBool,
    pub(super) reading: Mutex<()>,
    pub(super) writing: Mutex<Writing>,
    /// The last receive took all there was: the next one may as well wait first.
    pub(super) drained: AtomicBool,
    /// Plain bytes that came behind the peer's close_notify.
    pub(super) ahead: Mutex<Vec<u8>>,
    pub(super) ragged: AtomicBool,
    /// TLS was dropped by `shutdown`: what still comes is ciphertext, and is never handed out.
    pub(super) ended: AtomicBool,
}

impl Deref for Socket {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

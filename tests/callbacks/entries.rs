//! The C entries of callbacks, and userdata that counts how it is used.

// A callback is one story of many calls.
#![allow(clippy::multiple_unsafe_ops_per_block)]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};
use tlsock::{Context, Error, Object, Session, Socket, Status};

#[repr(C)]
pub struct Connection {
    pub socket: *mut Socket,
    pub object: *mut Object,
    pub userdata: *mut c_void,
}

#[repr(C)]
pub struct Bytes {
    pub data: *mut u8,
    pub len: usize,
}

pub type Out = *mut *mut Error;
pub type Free = Option<unsafe extern "C" fn(*mut c_void)>;
pub type Sni =
    unsafe extern "C" fn(*mut c_void, *const Connection, *const c_char, *mut Context, Out) -> c_int;
pub type PskServer = unsafe extern "C" fn(
    *mut c_void,
    *const Connection,
    *const c_char,
    *mut u8,
    usize,
    *mut usize,
    Out,
) -> c_int;
pub type PskClient = unsafe extern "C" fn(
    *mut c_void,
    *const Connection,
    *const c_char,
    *mut c_char,
    usize,
    *mut u8,
    usize,
    *mut usize,
    Out,
) -> c_int;
pub type Keylog = unsafe extern "C" fn(*mut c_void, *const Connection, *const c_char, Out) -> c_int;
pub type NewSession = unsafe extern "C" fn(*mut c_void, *const Connection, *mut Session, Out) -> c_int;
pub type Message = unsafe extern "C" fn(
    *mut c_void,
    *const Connection,
    c_int,
    c_int,
    c_int,
    c_int,
    *const u8,
    usize,
    Out,
) -> c_int;

#[allow(improper_ctypes)]
unsafe extern "C" {
    pub fn tlsock_error_new(status: c_int, message: *const c_char) -> *mut Error;
    pub fn tlsock_error_free(error: *mut Error);
    pub fn tlsock_bytes_free(bytes: *mut Bytes);
    pub fn tlsock_session_free(session: *mut Session);
    pub fn tlsock_object_userdata(object: *const Object) -> *mut c_void;
    pub fn tlsock_object_set_context(object: *mut Object, context: *mut Context, error: Out) -> Status;
    pub fn tlsock_object_verify_client_post_handshake(object: *mut Object, error: Out) -> Status;
    pub fn tlsock_socket_verify_client_post_handshake(socket: *mut Socket, error: Out) -> Status;
    pub fn tlsock_context_keylog_filename(context: *const Context, path: *mut Bytes, error: Out) -> Status;
    pub fn tlsock_context_set_keylog_filename(
        context: *mut Context,
        path: *const c_char,
        error: Out,
    ) -> Status;
    pub fn tlsock_context_set_sni_callback(
        c: *mut Context,
        f: Option<Sni>,
        u: *mut c_void,
        d: Free,
        e: Out,
    ) -> Status;
    pub fn tlsock_context_set_servername_callback(
        c: *mut Context,
        f: Option<Sni>,
        u: *mut c_void,
        d: Free,
        e: Out,
    ) -> Status;
    pub fn tlsock_context_set_psk_client_callback(
        c: *mut Context,
        f: Option<PskClient>,
        u: *mut c_void,
        d: Free,
        e: Out,
    ) -> Status;
    pub fn tlsock_context_set_psk_server_callback(
        c: *mut Context,
        f: Option<PskServer>,
        hint: *const c_char,
        u: *mut c_void,
        d: Free,
        e: Out,
    ) -> Status;
    pub fn tlsock_context_set_keylog_callback(
        c: *mut Context,
        f: Option<Keylog>,
        u: *mut c_void,
        d: Free,
        e: Out,
    ) -> Status;
    pub fn tlsock_context_set_session_callback(
        c: *mut Context,
        f: Option<NewSession>,
        u: *mut c_void,
        d: Free,
        e: Out,
    ) -> Status;
    pub fn tlsock_context_set_message_callback(
        c: *mut Context,
        f: Option<Message>,
        u: *mut c_void,
        d: Free,
        e: Out,
    ) -> Status;
}

/// How the C callbacks of a test were used, which is their userdata.
#[derive(Default)]
pub struct Used {
    pub answer: c_int,
    says: Option<&'static CStr>,
    calls: AtomicUsize,
    freed: AtomicUsize,
}

impl Used {
    pub fn answering(answer: c_int, says: Option<&'static CStr>) -> Used {
        Used { answer, says, ..Used::default() }
    }

    pub fn pointer(&self) -> *mut c_void {
        std::ptr::from_ref(self).cast_mut().cast()
    }

    pub unsafe fn call<'a>(userdata: *mut c_void, error: Out) -> &'a Used {
        // SAFETY: the test outlives its callbacks.
        let used = unsafe { &*userdata.cast::<Used>() };
        used.calls.fetch_add(1, Ordering::SeqCst);
        if let Some(says) = used.says {
            // SAFETY: the library lends a place for an error.
            unsafe { error.write(tlsock_error_new(Status::Type as c_int, says.as_ptr())) };
        }
        used
    }

    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    pub fn freed(&self) -> usize {
        self.freed.load(Ordering::SeqCst)
    }
}

pub unsafe extern "C" fn free(userdata: *mut c_void) {
    // SAFETY: the test outlives its callbacks.
    let used = unsafe { &*userdata.cast::<Used>() };
    used.freed.fetch_add(1, Ordering::SeqCst);
}

pub fn raw(context: &Context) -> *mut Context {
    std::ptr::from_ref(context).cast_mut()
}

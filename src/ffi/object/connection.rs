//! `tlsock_object_context` and others: what a callback, too, can ask of its connection.

use crate::ffi::boundary::{ask, call, handle, optional, place};
use crate::ffi::bytes::c_text;
use crate::ssl::{Context, Error, Object, Status};
use std::ffi::{c_char, c_void};

/// Gives a new handle on the context in use.
/// Returns: nothing beyond the conventions.
/// Python: SSLObject.context
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_context(
    object: *const Object,
    context: *mut *mut Context,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(context, "context")?;
        output.give(unsafe { handle(object, "object") }?.context());
        Ok(())
    })
}

/// Switches to another context's certificate and callbacks, as an SNI callback does to choose a certificate.
/// Options, versions, ciphers and verification stay. Ours: a server demands of its client at least what the context
/// demands that is set when the ClientHello is handled: of the two verify modes, and of each verify flag, the
/// stricter is used. Inside this connection's own callbacks only an SNI callback can call this.
/// Returns: VALUE inside any other callback of this connection, SSL.
/// Python: SSLObject.context = context
/// OpenSSL: SSL_set_SSL_CTX
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_set_context(
    object: *mut Object,
    context: *mut Context,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let object = unsafe { handle(object, "object") }?;
        object.set_context(&*unsafe { handle(context, "context") }?)
    })
}

/// Tells whether this is the server's side.
/// Python: SSLObject.server_side
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_server_side(object: *const Object) -> bool {
    ask(false, || unsafe { optional(object) }.as_deref().is_some_and(|object| object.server_side()))
}

/// Returns the name that the peer must prove, as ASCII (A-labels), lent by the object; NULL for none.
/// Python: SSLObject.server_hostname
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_server_hostname(object: *const Object) -> *const c_char {
    ask(std::ptr::null(), || {
        c_text(unsafe { optional(object) }.as_deref().and_then(|object| object.server_hostname()))
    })
}

/// Returns the pointer that set_userdata stored; NULL at first.
/// Extension: any attribute of a Python object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_userdata(object: *const Object) -> *mut c_void {
    ask(std::ptr::null_mut(), || {
        unsafe { optional(object) }.as_deref().map_or(std::ptr::null_mut(), Object::userdata)
    })
}

/// Stores a pointer of yours, which the library passes to callbacks and neither dereferences nor frees.
/// Extension: any attribute of a Python object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_set_userdata(object: *mut Object, userdata: *mut c_void) {
    ask((), || {
        if let Some(object) = unsafe { optional(object) } {
            object.set_userdata(userdata);
        }
    })
}

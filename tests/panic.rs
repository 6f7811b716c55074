//! A panic of any layer comes back as a status with a message; what it interrupted stays usable.
#![cfg(feature = "test-panic")]
#![allow(clippy::undocumented_unsafe_blocks, clippy::multiple_unsafe_ops_per_block, improper_ctypes)]

mod certs;

use std::ffi::{CStr, c_char, c_int};
use std::ptr::null_mut;
use tlsock::{Context, Error, MemoryBio, Object, Status, WrapFlags, test_panic};

unsafe extern "C" {
    fn tlsock_context_new(protocol: c_int, context: *mut *mut Context, error: *mut *mut Error) -> Status;
    fn tlsock_context_free(context: *mut Context);
    fn tlsock_object_do_handshake(object: *mut Object, error: *mut *mut Error) -> Status;
    fn tlsock_error_message(error: *const Error) -> *const c_char;
    fn tlsock_error_free(error: *mut Error);
}

/// Runs a call of the C ABI that must panic inside, and checks what it says.
fn must_panic(point: &'static str, call: impl FnOnce(*mut *mut Error) -> Status) {
    let mut error = null_mut();
    test_panic::arm(point);
    assert_eq!(call(&mut error), Status::Panic, "{point}");
    let message = unsafe { CStr::from_ptr(tlsock_error_message(error)) };
    assert!(message.to_str().unwrap().contains(&format!("forced in {point}")), "{message:?}");
    unsafe { tlsock_error_free(error) };
}

#[test]
fn every_layer_stops_its_panics() {
    for point in ["ffi", "ssl", "openssl"] {
        let mut context = null_mut();
        must_panic(point, |error| unsafe { tlsock_context_new(16, &mut context, error) });
        assert!(context.is_null(), "an output is untouched on failure");
        assert_eq!(unsafe { tlsock_context_new(16, &mut context, null_mut()) }, Status::Ok);
        unsafe { tlsock_context_free(context) };
    }
}

fn pair(server: &Context, client: &Context) -> (Object, Object) {
    let (up, down) = (MemoryBio::new(), MemoryBio::new());
    let accepted = server.wrap_bio(Some((&up, &down)), WrapFlags::SERVER_SIDE, None, None).unwrap();
    let connected =
        client.wrap_bio(Some((&down, &up)), WrapFlags::default(), Some("localhost"), None).unwrap();
    (accepted, connected)
}

#[test]
fn a_callback_that_panics_fails_its_handshake_alone() {
    let folder = certs::folder();
    let server = Context::create_default(130, None, None, None).unwrap();
    server.load_cert_chain(&folder.join("ecdsa.pem"), Some(&folder.join("ecdsa.key")), None).unwrap();
    server.set_alpn_protocols(&["h2"]).unwrap();
    let client = Context::create_default(129, Some(&folder.join("ca.pem")), None, None).unwrap();
    client.set_alpn_protocols(&["h2"]).unwrap();

    let (accepted, connected) = pair(&server, &client);
    assert!(connected.do_handshake().unwrap_err().is_want());
    let accepted = Box::into_raw(Box::new(accepted));
    must_panic("callback", |error| unsafe { tlsock_object_do_handshake(accepted, error) });
    drop(unsafe { Box::from_raw(accepted) });

    let (accepted, connected) = pair(&server, &client);
    while !(accepted.is_handshake_done() && connected.is_handshake_done()) {
        for side in [&connected, &accepted] {
            assert!(side.do_handshake().err().is_none_or(|error| error.is_want()));
        }
    }
    assert_eq!(connected.selected_alpn_protocol(), Some(c"h2"));
}

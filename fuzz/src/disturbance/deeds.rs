//! What callbacks do meanwhile, and what they must not be able to.

use super::CALLBACKS;
use crate::c::*;
use crate::call::{Out, Outcome, call, fill, give};
use crate::handle::Handle;
use crate::peer::{self, Shared};
use crate::{certs, handshake, queue};
use std::cell::{Cell, RefCell};
use std::ffi::{c_char, c_int, c_void};
use std::ptr::null_mut;
use std::rc::Rc;

thread_local!(pub static CALLS: Cell<u32> = const { Cell::new(0) });

/// What a callback does.
#[derive(Clone, Copy, Default)]
pub struct Deed {
    pub does: u8,
    pub entries: u8,
}

/// Sets the callbacks of a side. Each is there in both runs.
pub fn set(fault: u8, context: &Handle<tlsock_context>, deeds: &[Deed; CALLBACKS], side: usize) {
    let raw = context.raw();
    let data = |index: usize| (&raw const deeds[2 * index + side]).cast_mut().cast::<c_void>();
    let must =
        |name: &str, outcome: Outcome<()>| outcome.unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
    // SAFETY: a live context and userdata that outlives it.
    unsafe {
        must(
            "message",
            call("set", |e| tlsock_context_set_message_callback(raw, Some(message), data(0), None, e)),
        );
        must(
            "keylog",
            call("set", |e| tlsock_context_set_keylog_callback(raw, Some(keylog), data(1), None, e)),
        );
        if side == 0 {
            must(
                "session",
                call("set", |e| tlsock_context_set_session_callback(raw, Some(session), data(2), None, e)),
            );
            let psk: tlsock_psk_client_callback = if fault == 6 { Some(psk_client) } else { None };
            must("psk", call("set", |e| tlsock_context_set_psk_client_callback(raw, psk, data(3), None, e)));
        } else {
            must("sni", call("set", |e| tlsock_context_set_sni_callback(raw, Some(sni), data(2), None, e)));
            let hint = c"hint".as_ptr();
            let psk: tlsock_psk_server_callback = if fault == 6 { Some(psk_server) } else { None };
            must(
                "psk",
                call("set", |e| tlsock_context_set_psk_server_callback(raw, psk, hint, data(3), None, e)),
            );
            must(
                "password",
                call("set", |e| tlsock_context_set_password_callback(raw, Some(password), data(4), None, e)),
            );
        }
    }
}

/// Contexts that callbacks use: these have none.
fn others(ca: &str) -> (Shared, Shared) {
    let client = peer::cached(&format!("other client {ca}"), || {
        let client = peer::context(PROTOCOL_TLS_CLIENT);
        peer::trust(&client, certs::read(ca)).expect("the root is good");
        client
    });
    let server = peer::cached("other server", || {
        let server = peer::context(PROTOCOL_TLS_SERVER);
        peer::identify(&server, "ecdsa");
        server
    });
    (client, server)
}

/// Does what the input chose, and succeeds.
///
/// # Safety
/// The userdata is a deed, and the connection lent or NULL.
unsafe fn act(userdata: *mut c_void, connection: *const tlsock_connection, switches: bool) -> tlsock_status {
    // SAFETY: the caller's word.
    let (deed, connection) = unsafe { (*userdata.cast::<Deed>(), connection.as_ref()) };
    CALLS.set(CALLS.get() + 1);
    let costly = CALLS.get() < 4;
    if deed.does & 1 != 0 {
        queue::disturb(deed.entries);
    }
    if deed.does & 2 != 0 && costly {
        let (client, server) = others("ca.pem");
        let (one, _) = handshake::shake(&client, &server, Some(c"localhost"), None).expect("two ends");
        assert!(one.done, "a handshake inside a callback: {:?}", one.failure);
    }
    if deed.does & 4 != 0 && costly {
        let (client, server) = others("unknown-ca.pem");
        let (one, _) = handshake::shake(&client, &server, Some(c"localhost"), None).expect("two ends");
        let status = one.failure.map(|failure| failure.status);
        assert_eq!(status, Some(TLSOCK_CERT_VERIFICATION), "a handshake inside a callback");
    }
    if deed.does & 8 != 0 {
        let bad = give("context_new", |out, error| unsafe { tlsock_context_new(9999, out, error) });
        assert!(bad.is_err());
        let (client, _) = others("ca.pem");
        assert!(peer::load_chain(&client, b"nothing", None, None).is_err());
    }
    if let Some(connection) = connection.filter(|_| deed.does & 16 != 0) {
        // SAFETY: lent by the library for the time of the call.
        unsafe { use_own(connection, switches) }
    }
    if deed.does & 32 != 0 && costly {
        let fresh = peer::context(PROTOCOL_TLS_CLIENT);
        peer::trust(&fresh, certs::read("ca.pem")).expect("the root is good");
        let half = peer::wrap(&fresh, None, 0, Some(c"localhost"), None).expect("an object");
        drop(fresh);
        drop(half);
    }
    queue::disturb(deed.entries);
    TLSOCK_OK
}

/// All that must be refused, and what changes nothing.
unsafe fn use_own(connection: &tlsock_connection, switches: bool) {
    let object = connection.object;
    let value = |what: &str, outcome: Outcome<()>| {
        assert!(outcome.as_ref().is_err_and(|failure| failure.status == TLSOCK_VALUE), "{what}: {outcome:?}");
    };
    // SAFETY: lent by the library for the time of the call, and places for the results.
    unsafe {
        value("do_handshake", call("do_handshake", |error| tlsock_object_do_handshake(object, error)));
        let read = fill("read", 4, |data, size, len, error| {
            tlsock_object_read(object, data.cast(), size, len, error)
        });
        value("read", read.map(drop));
        value("unwrap", call("unwrap", |error| tlsock_object_unwrap(object, error)));
        let own = give("context", |out, error| tlsock_object_context(object, out, error)).expect("a context");
        let own = Handle::new(own).expect("a handle");
        let switched = call("set_context", |error| tlsock_object_set_context(object, own.raw(), error));
        match switches {
            true => switched.expect("an SNI callback may choose the context that there is"),
            false => value("set_context", switched),
        }
        if let Some(session) = other_session() {
            value(
                "set_session",
                call("set_session", |error| tlsock_object_set_session(object, session.raw(), error)),
            );
        }
        crate::object::inspect(object);
    }
}

/// A session of another context, made once.
fn other_session() -> Option<Rc<Handle<tlsock_session>>> {
    thread_local!(static KNOWN: RefCell<Option<Rc<Handle<tlsock_session>>>> = const { RefCell::new(None) });
    if let Some(known) = KNOWN.with_borrow(Clone::clone) {
        return Some(known);
    }
    let (client, server) = others("ca.pem");
    let (end, _) = handshake::shake(&client, &server, Some(c"localhost"), None)?;
    let session =
        give("session", |out, error| unsafe { tlsock_object_session(end.object.raw(), out, error) });
    // SAFETY: ours, or NULL.
    let made = Rc::new(unsafe { Handle::new(session.ok()?) }?);
    KNOWN.set(Some(Rc::clone(&made)));
    Some(made)
}

unsafe extern "C" fn message(
    userdata: *mut c_void,
    connection: *const tlsock_connection,
    _direction: c_int,
    _version: c_int,
    _content_type: c_int,
    _msg_type: c_int,
    _data: *const u8,
    _len: usize,
    _error: Out,
) -> c_int {
    // SAFETY: what the library lends.
    unsafe { act(userdata, connection, false) }
}

unsafe extern "C" fn keylog(
    userdata: *mut c_void,
    connection: *const tlsock_connection,
    _line: *const c_char,
    _error: Out,
) -> c_int {
    // SAFETY: what the library lends.
    unsafe { act(userdata, connection, false) }
}

unsafe extern "C" fn session(
    userdata: *mut c_void,
    connection: *const tlsock_connection,
    session: *mut tlsock_session,
    _error: Out,
) -> c_int {
    // SAFETY: what the library lends and gives.
    unsafe {
        drop(Handle::new(session));
        act(userdata, connection, false)
    }
}

unsafe extern "C" fn sni(
    userdata: *mut c_void,
    connection: *const tlsock_connection,
    _name: *const c_char,
    _context: *mut tlsock_context,
    _error: Out,
) -> c_int {
    // SAFETY: what the library lends.
    unsafe { act(userdata, connection, true) }
}

unsafe extern "C" fn psk_client(
    userdata: *mut c_void,
    connection: *const tlsock_connection,
    _hint: *const c_char,
    identity: *mut c_char,
    _identity_size: usize,
    psk: *mut u8,
    _psk_size: usize,
    psk_len: *mut usize,
    _error: Out,
) -> c_int {
    // SAFETY: what the library lends: room for a name, a key and a number.
    unsafe {
        identity.copy_from(c"me".as_ptr(), 3);
        psk.write_bytes(7, 32);
        psk_len.write(32);
        act(userdata, connection, false)
    }
}

unsafe extern "C" fn psk_server(
    userdata: *mut c_void,
    connection: *const tlsock_connection,
    _identity: *const c_char,
    psk: *mut u8,
    _psk_size: usize,
    psk_len: *mut usize,
    _error: Out,
) -> c_int {
    // SAFETY: what the library lends: room for a key and a number.
    unsafe {
        psk.write_bytes(7, 32);
        psk_len.write(32);
        act(userdata, connection, false)
    }
}

unsafe extern "C" fn password(
    userdata: *mut c_void,
    buffer: *mut u8,
    _size: usize,
    len: *mut usize,
    _error: Out,
) -> c_int {
    // SAFETY: what the library lends: room for a password and a number.
    unsafe {
        buffer.copy_from(b"sesame".as_ptr(), 6);
        len.write(6);
        act(userdata, null_mut(), false)
    }
}

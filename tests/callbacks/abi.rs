//! The C entries: what they lend, who frees what, and which answers mean what.

// A test is one story of many calls on the same handle.
#![allow(clippy::multiple_unsafe_ops_per_block)]

use crate::certs;
use crate::entries::*;
use crate::pair::{Pair, TLS1_2, alert_received, alert_sent, cause, client, server};
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr::{null, null_mut};
use tlsock::context::{PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER};
use tlsock::{Context, Session, Status};

unsafe extern "C" fn on_name(
    userdata: *mut c_void,
    connection: *const Connection,
    name: *const c_char,
    context: *mut Context,
    error: Out,
) -> c_int {
    // SAFETY: what the library lends.
    unsafe {
        let connection = &*connection;
        assert!(connection.socket.is_null() && !context.is_null());
        assert_eq!(connection.userdata, tlsock_object_userdata(connection.object));
        assert_eq!(CStr::from_ptr(name), c"localhost");
        if !connection.userdata.is_null() {
            let other = connection.userdata.cast();
            assert_eq!(tlsock_object_set_context(connection.object, other, null_mut()), Status::Ok);
        }
        Used::call(userdata, error).answer
    }
}

fn set_name(context: &Context, used: &Used) -> Status {
    // SAFETY: the test outlives its callbacks.
    unsafe {
        tlsock_context_set_sni_callback(raw(context), Some(on_name), used.pointer(), Some(free), null_mut())
    }
}

#[test]
fn numbers_of_a_name_callback() {
    // What a callback uses is declared before its context: it outlives it.
    let go_on = Used::default();
    let server = server();
    assert_eq!(set_name(&server, &go_on), Status::Ok);
    Pair::new(&client(), &server).connect();
    assert_eq!((go_on.calls(), go_on.freed()), (1, 0));

    let other = self::server();
    let pair = Pair::new(&client(), &server);
    pair.server.set_userdata(raw(&other).cast());
    assert!(pair.connect().server.context().same(&other));

    let no_alert = "the SNI callback returned 257, which is no alert";
    let cases = [
        (49, None, 49, None),
        (49, Some(c"why"), 49, Some((Status::Type, "why"))),
        (-1, Some(c"why"), 40, Some((Status::Type, "why"))),
        (-1, None, 40, None),
        (256, None, 0, None),
        (257, None, 80, Some((Status::Value, no_alert))),
        (-2, Some(c"why"), 80, Some((Status::Type, "why"))),
    ];
    for (answer, says, alert, expected) in cases {
        let used = Used::answering(answer, says);
        assert_eq!(set_name(&server, &used), Status::Ok);
        let (client_error, server_error) = Pair::new(&client(), &server).fail();
        assert_eq!((alert_sent(&server_error), alert_received(&client_error)), (Some(alert), Some(alert)));
        assert_eq!(cause(&server_error), expected);
        assert_eq!((used.calls(), used.freed()), (1, 0));
        assert_eq!(set_name(&server, &go_on), Status::Ok);
        assert_eq!(used.freed(), 1);
    }
}

#[test]
fn userdata_is_freed_once_and_only_if_it_was_taken() {
    let used = Used::default();
    let mut error = null_mut();
    // SAFETY: handles and places of this test.
    unsafe {
        let (client, server) = (client(), server());
        let refused = [
            tlsock_context_set_sni_callback(
                raw(&client),
                Some(on_name),
                used.pointer(),
                Some(free),
                null_mut(),
            ),
            tlsock_context_set_sni_callback(raw(&client), None, used.pointer(), Some(free), null_mut()),
            tlsock_context_set_servername_callback(null_mut(), None, used.pointer(), Some(free), &mut error),
        ];
        assert_eq!(refused, [Status::Value; 3]);
        assert_eq!((*error).message(), "context must not be NULL");
        tlsock_error_free(error);
        assert_eq!(used.freed(), 0);

        let set = tlsock_context_set_servername_callback(
            raw(&server),
            Some(on_name),
            used.pointer(),
            Some(free),
            null_mut(),
        );
        assert_eq!(set, Status::Ok);
        Pair::new(&client, &server).connect();
        assert_eq!((used.calls(), used.freed()), (1, 0));
        drop(server);
        assert_eq!(used.freed(), 1, "the context owned it");

        let server = self::server();
        let set =
            tlsock_context_set_keylog_callback(raw(&server), None, used.pointer(), Some(free), null_mut());
        assert_eq!((set, used.freed()), (Status::Ok, 2));
    }
}

/// AWS-LC takes no longer ones.
fn longest_key() -> usize {
    if tlsock::backend() == c"aws-lc" { 256 } else { 512 }
}

unsafe extern "C" fn client_key(
    userdata: *mut c_void,
    _: *const Connection,
    hint: *const c_char,
    identity: *mut c_char,
    identity_size: usize,
    psk: *mut u8,
    psk_size: usize,
    psk_len: *mut usize,
    error: Out,
) -> c_int {
    // SAFETY: what the library lends.
    unsafe {
        let used = Used::call(userdata, error);
        assert_eq!(CStr::from_ptr(hint), c"hint");
        assert_eq!((identity_size, psk_size), (256, longest_key()));
        // An answer above 0 is how much of the buffer is filled, without a NUL.
        let name: &[u8] = if used.answer > 0 { &[b'x'; 256] } else { b"me\0" };
        identity.cast::<u8>().copy_from(name.as_ptr(), name.len());
        psk.write_bytes(7, 16);
        psk_len.write(16);
        used.answer.min(0)
    }
}

unsafe extern "C" fn server_key(
    userdata: *mut c_void,
    connection: *const Connection,
    identity: *const c_char,
    psk: *mut u8,
    psk_size: usize,
    psk_len: *mut usize,
    error: Out,
) -> c_int {
    // SAFETY: what the library lends.
    unsafe {
        let used = Used::call(userdata, error);
        assert!(!(*connection).object.is_null());
        assert_eq!((CStr::from_ptr(identity), psk_size), (c"me", longest_key()));
        psk.write_bytes(7, 16);
        psk_len.write(16);
        used.answer
    }
}

#[test]
fn keys_shared_before() {
    let (client, server) =
        (Context::new(PROTOCOL_TLS_CLIENT).unwrap(), Context::new(PROTOCOL_TLS_SERVER).unwrap());
    client.set_check_hostname(false).unwrap();
    client.set_verify_mode(0).unwrap();
    client.set_maximum_version(TLS1_2).unwrap();
    client.set_ciphers("PSK").unwrap();
    server.set_ciphers("PSK").unwrap();
    let set = |own: &Used, theirs: &Used| {
        // SAFETY: the test outlives its callbacks.
        unsafe {
            let (mine, peers) = (own.pointer(), theirs.pointer());
            let set = [
                tlsock_context_set_psk_client_callback(
                    raw(&client),
                    Some(client_key),
                    mine,
                    None,
                    null_mut(),
                ),
                tlsock_context_set_psk_server_callback(
                    raw(&server),
                    Some(server_key),
                    c"hint".as_ptr(),
                    peers,
                    None,
                    null_mut(),
                ),
            ];
            assert_eq!(set, [Status::Ok; 2]);
        }
    };
    let (good, other) = (Used::default(), Used::default());
    set(&good, &other);
    Pair::with(&client, &server, None, None).connect();
    assert_eq!((good.calls(), other.calls()), (1, 1));

    let failing = Used::answering(-1, Some(c"no key"));
    set(&good, &failing);
    let (_, error) = Pair::with(&client, &server, None, None).fail();
    assert_eq!(cause(&error), Some((Status::Type, "no key")));
    set(&failing, &good);
    let error = Pair::with(&client, &server, None, None).shake().0.unwrap_err();
    assert_eq!(cause(&error), Some((Status::Type, "no key")));
    let endless = Used::answering(1, None);
    set(&endless, &good);
    let error = Pair::with(&client, &server, None, None).shake().0.unwrap_err();
    assert_eq!(cause(&error), Some((Status::Value, "identity is not NUL-terminated")));
}

unsafe extern "C" fn on_line(
    userdata: *mut c_void,
    connection: *const Connection,
    line: *const c_char,
    error: Out,
) -> c_int {
    // SAFETY: what the library lends.
    unsafe {
        assert!(!(*connection).object.is_null());
        assert_eq!(CStr::from_ptr(line).to_str().unwrap().split(' ').count(), 3);
        Used::call(userdata, error).answer
    }
}

unsafe extern "C" fn on_session(
    userdata: *mut c_void,
    _: *const Connection,
    session: *mut Session,
    error: Out,
) -> c_int {
    // SAFETY: the session is ours.
    unsafe {
        assert!((*session).has_ticket());
        tlsock_session_free(session);
        Used::call(userdata, error).answer
    }
}

unsafe extern "C" fn on_message(
    userdata: *mut c_void,
    _: *const Connection,
    direction: c_int,
    _: c_int,
    content_type: c_int,
    _: c_int,
    data: *const u8,
    len: usize,
    error: Out,
) -> c_int {
    // SAFETY: what the library lends.
    unsafe {
        assert!((0..=1).contains(&direction) && content_type >= 20);
        assert!(!std::slice::from_raw_parts(data, len).is_empty());
        Used::call(userdata, error).answer
    }
}

#[test]
fn lines_sessions_and_messages() {
    let (lines, sessions, messages) = (Used::default(), Used::default(), Used::default());
    let client = client();
    // SAFETY: the test outlives its callbacks.
    let set = unsafe {
        let context = raw(&client);
        [
            tlsock_context_set_keylog_callback(
                context,
                Some(on_line),
                lines.pointer(),
                Some(free),
                null_mut(),
            ),
            tlsock_context_set_session_callback(
                context,
                Some(on_session),
                sessions.pointer(),
                Some(free),
                null_mut(),
            ),
            tlsock_context_set_message_callback(
                context,
                Some(on_message),
                messages.pointer(),
                Some(free),
                null_mut(),
            ),
        ]
    };
    assert_eq!(set, [Status::Ok; 3]);
    let pair = Pair::new(&client, &server()).connect();
    assert_eq!((lines.calls(), sessions.calls()), (5, 2));
    assert!(messages.calls() > 10);
    drop((pair, client));
    assert_eq!([lines.freed(), sessions.freed(), messages.freed()], [1; 3]);
}

#[test]
fn the_path_of_the_key_log_and_null() {
    let path = certs::scratch().join("abi.log");
    let text = CString::new(path.to_str().unwrap()).unwrap();
    let context = client();
    // SAFETY: handles and places of this test.
    unsafe {
        let mut found = Bytes { data: null_mut(), len: 7 };
        assert_eq!(tlsock_context_keylog_filename(raw(&context), &mut found, null_mut()), Status::Ok);
        assert_eq!((found.data.is_null(), found.len), (true, 0));
        assert_eq!(tlsock_context_set_keylog_filename(raw(&context), text.as_ptr(), null_mut()), Status::Ok);
        assert_eq!(tlsock_context_keylog_filename(raw(&context), &mut found, null_mut()), Status::Ok);
        assert_eq!(std::slice::from_raw_parts(found.data, found.len), text.as_bytes());
        tlsock_bytes_free(&mut found);
        assert_eq!(tlsock_context_set_keylog_filename(raw(&context), null(), null_mut()), Status::Ok);
        assert_eq!(context.keylog_filename(), None);
        assert_eq!(tlsock_context_keylog_filename(raw(&context), null_mut(), null_mut()), Status::Value);
        assert_eq!(tlsock_object_verify_client_post_handshake(null_mut(), null_mut()), Status::Value);
        assert_eq!(tlsock_socket_verify_client_post_handshake(null_mut(), null_mut()), Status::Value);
    }
}

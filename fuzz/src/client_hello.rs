//! ClientHellos, as a server's callback sees them. The outer lengths are right, so that libssl passes them on; what is in
//! the extensions is the input's.
//!
//! The input: a byte of settings; the version, the session id, the ciphers and the compression methods, each behind its
//! length; then extensions, each a type in two bytes and its data behind its length.

use crate::c::*;
use crate::call::{call, text};
use crate::certificate::slice;
use crate::peer;
use crate::reader::Reader;
use std::cell::RefCell;
use std::ffi::{c_int, c_void};

/// What the callback has to compare with.
#[derive(Default)]
struct Sent {
    version: u16,
    ciphers: Vec<u8>,
    extensions: Vec<(u16, Vec<u8>)>,
    seen: u32,
}

thread_local!(static SENT: RefCell<Sent> = RefCell::default());

unsafe extern "C" fn see(
    _: *mut c_void,
    _: *const tlsock_connection,
    hello: *const tlsock_client_hello,
    _: *mut c_int,
    _: *mut *mut tlsock_error,
) -> c_int {
    SENT.with_borrow_mut(|sent| {
        sent.seen += 1;
        // SAFETY: lent for the time of this call.
        unsafe { compare(hello, sent) };
    });
    // Nothing but the ClientHello is looked at.
    TLSOCK_VALUE
}

/// Asks everything, and compares it with what was sent.
unsafe fn compare(hello: *const tlsock_client_hello, sent: &Sent) {
    // SAFETY: as the caller promises.
    unsafe {
        assert!(!tlsock_client_hello_is_second(hello));
        assert_eq!(tlsock_client_hello_legacy_version(hello), c_int::from(sent.version));
        let name = text(tlsock_client_hello_server_name(hello));
        assert!(name.is_none_or(|name| !name.is_empty() && name.len() <= 255), "{name:?}");
        assert_eq!(tlsock_client_hello_extension_count(hello), sent.extensions.len());
        for (index, (kind, data)) in sent.extensions.iter().enumerate() {
            assert_eq!(tlsock_client_hello_extension_type_at(hello, index), c_int::from(*kind));
            assert_eq!(slice(tlsock_client_hello_extension_data_at(hello, index)), data);
        }
        let beyond = sent.extensions.len();
        assert_eq!(tlsock_client_hello_extension_type_at(hello, beyond), -1);
        assert!(tlsock_client_hello_extension_data_at(hello, beyond).data.is_null());
        assert_eq!(tlsock_client_hello_cipher_count(hello), sent.ciphers.len() / 2);
        for (index, pair) in sent.ciphers.chunks_exact(2).enumerate() {
            let cipher = c_int::from(u16::from_be_bytes([pair[0], pair[1]]));
            assert_eq!(tlsock_client_hello_cipher_at(hello, index), cipher);
        }
        numbers(hello, tlsock_client_hello_version_count, tlsock_client_hello_version_at);
        numbers(hello, tlsock_client_hello_group_count, tlsock_client_hello_group_at);
        numbers(
            hello,
            tlsock_client_hello_signature_algorithm_count,
            tlsock_client_hello_signature_algorithm_at,
        );
        let protocols = tlsock_client_hello_alpn_count(hello);
        assert!((0..protocols).all(|index| !slice(tlsock_client_hello_alpn_at(hello, index)).is_empty()));
        assert!(tlsock_client_hello_alpn_at(hello, protocols).data.is_null());
        fingerprints(hello);
    }
}

type Count = unsafe extern "C" fn(*const tlsock_client_hello) -> usize;
type At = unsafe extern "C" fn(*const tlsock_client_hello, usize) -> c_int;

unsafe fn numbers(hello: *const tlsock_client_hello, count: Count, at: At) {
    // SAFETY: as the caller promises.
    unsafe {
        let count = count(hello);
        assert!((0..count).all(|index| (0..=0xFFFF).contains(&at(hello, index))));
        assert_eq!(at(hello, count), 0, "nothing is past the end");
    }
}

unsafe fn fingerprints(hello: *const tlsock_client_hello) {
    // SAFETY: as the caller promises.
    unsafe {
        let ja3 = text(tlsock_client_hello_ja3(hello)).expect("one");
        assert!(ja3.len() == 32 && ja3.bytes().all(|byte| byte.is_ascii_hexdigit()), "{ja3}");
        let string = text(tlsock_client_hello_ja3_string(hello)).expect("one");
        assert!(string.split(',').count() == 5 && string.len() < 1 << 20, "{string}");
        let ja4 = text(tlsock_client_hello_ja4(hello)).expect("one");
        let parts: Vec<usize> = ja4.split('_').map(str::len).collect();
        assert_eq!(parts, [10, 12, 12], "{ja4}");
    }
}

/// Sends one ClientHello to a server.
pub fn run(data: &[u8]) {
    let mut input = Reader(data);
    let settings = input.byte();
    let mut sent = Sent { version: input.short() as u16, ..Sent::default() };
    let len = usize::from(input.byte() % 33);
    let id = input.bytes(len).to_vec();
    let ciphers = input.sized();
    sent.ciphers = ciphers[..ciphers.len() & !1].to_vec();
    let len = usize::from(input.byte());
    let compression = input.bytes(len).to_vec();
    while !input.is_empty() && sent.extensions.len() < 200 {
        let kind = input.short() as u16;
        sent.extensions.push((kind, input.sized().to_vec()));
    }
    let message = message(&sent, &id, &compression, settings & 1 != 0);
    SENT.set(sent);
    let server = peer::cached("client_hello", || {
        let server = peer::context(PROTOCOL_TLS_SERVER);
        peer::identify(&server, "ecdsa");
        peer::set("client_hello_callback", &server, |context, error| unsafe {
            tlsock_context_set_client_hello_callback(context, Some(see), std::ptr::null_mut(), None, error)
        });
        server
    });
    let (up, down) = (peer::bio(), peer::bio());
    let object = peer::wrap(&server, Some((&up, &down)), WRAP_SERVER_SIDE, None, None).expect("an object");
    for part in message.chunks(16_000) {
        let record = [&[22, 3, 1][..], &(part.len() as u16).to_be_bytes(), part].concat();
        call("bio_write", |error| unsafe {
            tlsock_bio_write(up.raw(), record.as_ptr().cast(), record.len(), error)
        })
        .expect("a buffer takes all");
    }
    let done = call("do_handshake", |error| unsafe { tlsock_object_do_handshake(object.raw(), error) });
    assert!(done.is_err());
    assert!(SENT.with_borrow(|sent| sent.seen) <= 1, "one ClientHello was shown twice");
}

/// A ClientHello from its type on. `bare`: without a list of extensions if there are none.
fn message(sent: &Sent, id: &[u8], compression: &[u8], bare: bool) -> Vec<u8> {
    let mut body = sent.version.to_be_bytes().to_vec();
    body.extend([7; 32]);
    body.push(id.len() as u8);
    body.extend(id);
    body.extend((sent.ciphers.len() as u16).to_be_bytes());
    body.extend(&sent.ciphers);
    body.push(compression.len() as u8);
    body.extend(compression);
    let mut extensions = Vec::new();
    for (kind, data) in &sent.extensions {
        extensions.extend(kind.to_be_bytes());
        extensions.extend((data.len() as u16).to_be_bytes());
        extensions.extend(data);
    }
    if !bare || !extensions.is_empty() {
        body.extend((extensions.len() as u16).to_be_bytes());
        body.extend(extensions);
    }
    let [_, high, middle, low] = (body.len() as u32).to_be_bytes();
    [&[1, high, middle, low][..], &body].concat()
}

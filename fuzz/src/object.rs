//! Asks a connection everything, at any time.

use crate::api::alone;
use crate::c::*;
use crate::call::{at, give, owned, text};
use crate::certificate;
use crate::handle::Handle;
use std::ptr::{null, null_mut};

/// What a connection says of its peer.
pub struct Peer {
    /// The DER bytes of its certificate.
    pub der: Option<Vec<u8>>,
    /// It was verified.
    pub verified: bool,
}

/// Asks everything and compares the answers.
///
/// # Safety
/// The object is live.
pub unsafe fn inspect(object: *mut tlsock_object) -> Option<Peer> {
    // SAFETY: a live object, as the caller promises, and places for the results.
    unsafe {
        let done = text(tlsock_object_version(object)).is_some();
        let cipher = at("cipher", |place| tlsock_object_cipher(object, place));
        assert!(cipher.is_some() || !done);
        assert!(tlsock_object_selected_npn_protocol(object).is_null());
        assert!(tlsock_object_compression(object).is_null());
        let _ = (text(tlsock_object_selected_alpn_protocol(object)), text(tlsock_object_group(object)));
        let name = text(tlsock_object_server_hostname(object));
        assert!(name.is_none_or(str::is_ascii), "{name:?}");
        let server = tlsock_object_server_side(object);
        let _ = (tlsock_object_pending(object), tlsock_object_session_reused(object));
        let _ = tlsock_object_userdata(object);
        let context = give("object_context", |out, error| tlsock_object_context(object, out, error));
        drop(Handle::new(context.expect("a context is always there")));
        if let Ok(session) = give("object_session", |out, error| tlsock_object_session(object, out, error)) {
            if let Some(session) = Handle::<tlsock_session>::new(session) {
                inspect_session(session.raw());
            }
        }
        let ciphers = give("shared_ciphers", |out, error| tlsock_object_shared_ciphers(object, out, error));
        if let Some(ciphers) = Handle::<tlsock_cipher_list>::new(ciphers.unwrap_or(null_mut())) {
            assert!(server, "only a server knows what is shared");
            inspect_ciphers(ciphers.raw());
        }
        inspect_binding(object);
        for chain in [
            give("verified_chain", |out, error| tlsock_object_get_verified_chain(object, out, error)),
            give("unverified_chain", |out, error| tlsock_object_get_unverified_chain(object, out, error)),
        ] {
            if let Some(chain) = Handle::<tlsock_certificate_list>::new(chain.unwrap_or(null_mut())) {
                inspect_list(chain.raw());
            }
        }
        inspect_peer(object, done)
    }
}

/// What binds an outer login: each type is there or refused by what the connection is.
unsafe fn inspect_binding(object: *mut tlsock_object) {
    // SAFETY: a live object, as the caller promises, text and a place for bytes.
    let bind = |kind| unsafe {
        owned("channel_binding", |out, error| tlsock_object_get_channel_binding(object, kind, out, error))
    };
    // SAFETY: a live object, as the caller promises.
    let version = unsafe { text(tlsock_object_version(object)) };
    let unique = [null(), c"tls-unique".as_ptr()].map(|kind| bind(kind).is_ok());
    assert_eq!(unique[0], unique[1]);
    // In the midst of a handshake the version is agreed on, but not told.
    assert!(version.is_none_or(|version| unique[0] == (version != "TLSv1.3")));
    assert!(bind(c"tls-nothing".as_ptr()).is_err());
    let exported = bind(c"tls-exporter".as_ptr());
    assert!(exported.is_ok() || version != Some("TLSv1.3"), "{exported:?}");
    let _ = bind(c"tls-server-end-point".as_ptr());
}

unsafe fn inspect_peer(object: *mut tlsock_object, done: bool) -> Option<Peer> {
    // SAFETY: a live object, as the caller promises.
    unsafe {
        let shown = give("peer_certificate", |out, error| tlsock_object_peer_certificate(object, out, error));
        let proven = give("getpeercert", |out, error| tlsock_object_getpeercert(object, out, error));
        assert_eq!(shown.is_ok(), proven.is_ok());
        assert_eq!(shown.is_ok(), done, "{shown:?}");
        let shown = Handle::<tlsock_certificate>::new(shown.ok()?);
        let proven = Handle::<tlsock_certificate>::new(proven.ok()?);
        let der =
            |one: &Handle<tlsock_certificate>| certificate::slice(tlsock_certificate_der(one.raw())).to_vec();
        if let Some(proven) = &proven {
            assert!(tlsock_certificate_verified(proven.raw()), "getpeercert gave what was not verified");
            assert_eq!(shown.as_ref().map(der), Some(der(proven)));
        }
        let verified = shown.as_ref().is_some_and(|shown| tlsock_certificate_verified(shown.raw()));
        // Two questions, and both look at the context.
        assert!(verified == proven.is_some() || !alone());
        Some(Peer { der: shown.as_ref().map(der), verified })
    }
}

/// Asks a session everything.
///
/// # Safety
/// The session is live.
pub unsafe fn inspect_session(session: *mut tlsock_session) {
    // SAFETY: a live session, as the caller promises.
    unsafe {
        assert!(certificate::slice(tlsock_session_id(session)).len() <= 32);
        let _ = (tlsock_session_time(session), tlsock_session_timeout(session));
        let _ = (tlsock_session_ticket_lifetime_hint(session), tlsock_session_has_ticket(session));
        assert!(tlsock_session_equal(session, session));
        assert!(!tlsock_session_equal(session, null()));
    }
}

/// Asks a list of ciphers everything.
///
/// # Safety
/// The list is live.
pub unsafe fn inspect_ciphers(ciphers: *mut tlsock_cipher_list) -> Vec<String> {
    // SAFETY: a live list, as the caller promises, and places for the results.
    unsafe {
        let count = tlsock_cipher_list_count(ciphers);
        assert!(at("cipher_list_at", |place| tlsock_cipher_list_at(ciphers, count, place)).is_none());
        assert!(
            at("cipher_list_info_at", |place| tlsock_cipher_list_info_at(ciphers, count, place)).is_none()
        );
        let one = |index| {
            let short =
                at("cipher_list_at", |place| tlsock_cipher_list_at(ciphers, index, place)).expect("one");
            let long = at("cipher_list_info_at", |place| tlsock_cipher_list_info_at(ciphers, index, place));
            let long = long.expect("one");
            let name = text(long.name).expect("a name");
            assert_eq!(text(short.name), Some(name));
            for words in [long.protocol, long.description, long.symmetric, long.digest, long.kea, long.auth] {
                text(words);
            }
            name.to_string()
        };
        (0..count).map(one).collect()
    }
}

/// Asks a list of certificates everything.
///
/// # Safety
/// The list is live.
pub unsafe fn inspect_list(list: *mut tlsock_certificate_list) -> usize {
    // SAFETY: a live list, as the caller promises.
    unsafe {
        let count = tlsock_certificate_list_count(list);
        assert!(tlsock_certificate_list_at(list, count).is_null());
        for index in 0..count {
            let one = tlsock_certificate_list_at(list, index);
            assert!(!certificate::slice(tlsock_certificate_der(one)).is_empty());
        }
        count
    }
}

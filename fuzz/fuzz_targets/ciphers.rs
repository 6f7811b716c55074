//! Text and numbers that choose algorithms and versions. What is refused changes nothing; what is set can be read.
//!
//! The input: which setter, then the text or number.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::ffi::{CStr, CString, c_int};
use tlsock_fuzz::c::*;
use tlsock_fuzz::call::{Outcome, call, give, text};
use tlsock_fuzz::handle::Handle;
use tlsock_fuzz::reader::Reader;
use tlsock_fuzz::{handshake, libcrypto, object, peer};

fuzz_target!(|data: &[u8]| {
    let mut input = Reader(data);
    let kind = input.byte();
    let protocol = [PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER, PROTOCOL_TLS][usize::from(kind >> 4) % 3];
    let context = peer::context(protocol);
    let words = CString::new(input.0.split(|byte| *byte == 0).next().unwrap_or(b"")).expect("no NUL");
    match kind & 15 {
        0..=4 => ciphers(&context, &words),
        5 | 6 => protocols(&context, input.0, kind & 64 != 0),
        7 | 8 => group(&words),
        9 => oid(&words, kind & 64 != 0),
        10 => nid(number(&mut input) as c_int),
        _ => numbers(&context, kind & 15, number(&mut input)),
    }
});

fn number(input: &mut Reader<'_>) -> u64 {
    let (bits, low) = (input.byte() & 63, input.short() as u64);
    match bits {
        62 => u64::MAX - low,
        63 => low,
        _ => 1 << bits | low,
    }
}

fn enabled(context: &Handle<tlsock_context>) -> (Vec<String>, c_int) {
    // SAFETY: a live context and a place for a handle.
    unsafe {
        let list = give("get_ciphers", |out, error| tlsock_context_get_ciphers(context.raw(), out, error));
        let list = Handle::new(list.expect("there are ciphers")).expect("a list");
        (object::inspect_ciphers(list.raw()), tlsock_context_security_level(context.raw()))
    }
}

fn ciphers(context: &Handle<tlsock_context>, words: &CStr) {
    let before = enabled(context);
    let set = |words: &CStr| {
        // SAFETY: a live context and text.
        call("set_ciphers", |error| unsafe {
            tlsock_context_set_ciphers(context.raw(), words.as_ptr(), error)
        })
    };
    let outcome = set(words);
    let after = enabled(context);
    match outcome {
        Ok(()) => assert!(!after.0.is_empty(), "{words:?} left no cipher"),
        Err(_) => assert_eq!(before, after, "{words:?} was refused and changed something"),
    }
    // Names that are enabled can be set by name.
    let old: Vec<&String> = after.0.iter().filter(|name| !name.starts_with("TLS_")).collect();
    if let Some(name) = old.first().filter(|_| outcome.is_ok()) {
        set(&CString::new(name.as_str()).expect("no NUL")).expect("a cipher that is enabled can be set");
        assert!(enabled(context).0.contains(name));
    }
}

/// A list that is taken is what both sides then speak.
fn protocols(context: &Handle<tlsock_context>, data: &[u8], npn: bool) {
    let names: Vec<CString> =
        data.split(|byte| *byte == 0).map(|name| CString::new(name).expect("no NUL")).collect();
    let pointers: Vec<_> = names.iter().map(|name| name.as_ptr()).collect();
    if npn {
        // SAFETY: a live context and an array of text.
        let refused = call("set_npn_protocols", |error| unsafe {
            tlsock_context_set_npn_protocols(context.raw(), pointers.as_ptr(), pointers.len(), error)
        });
        return assert!(refused.is_err());
    }
    let lent: Vec<&CStr> = names.iter().map(CString::as_c_str).collect();
    let good = |name: &CString| name.as_bytes().is_ascii() && (1..=255).contains(&name.as_bytes().len());
    let outcome = peer::alpn(context, &lent);
    assert_eq!(outcome.is_ok(), names.iter().all(good), "{names:?}: {outcome:?}");
    if outcome.is_err() || data.len() > 600 {
        return;
    }
    let client = peer::context(PROTOCOL_TLS_CLIENT);
    peer::verify(&client, CERT_NONE);
    peer::alpn(&client, &lent).expect("taken before");
    let server = peer::cached("ciphers", || {
        let server = peer::context(PROTOCOL_TLS_SERVER);
        peer::identify(&server, "ecdsa");
        server
    });
    peer::alpn(&server, &[names[names.len() - 1].as_c_str()]).expect("taken before");
    let (client, _) = handshake::shake(&client, &server, None, None).expect("two ends");
    assert!(client.done, "{:?}", client.failure);
    // SAFETY: a live object lends its text.
    let chosen = unsafe { text(tlsock_object_selected_alpn_protocol(client.object.raw())) };
    assert_eq!(chosen.map(str::as_bytes), names.last().map(|name| name.as_bytes()));
}

/// A group that is taken is the one that is used.
fn group(words: &CStr) {
    let client = peer::context(PROTOCOL_TLS_CLIENT);
    peer::verify(&client, CERT_NONE);
    // SAFETY: a live context and text.
    let set = call("set_ecdh_curve", |error| unsafe {
        tlsock_context_set_ecdh_curve(client.raw(), words.as_ptr(), error)
    });
    if set.is_err() {
        return;
    }
    let server = peer::cached("groups", || {
        let server = peer::context(PROTOCOL_TLS_SERVER);
        peer::identify(&server, "rsa");
        server
    });
    let (client, server) = handshake::shake(&client, &server, None, None).expect("two ends");
    if client.done && server.done {
        // SAFETY: live objects lend their text.
        let groups = unsafe {
            [text(tlsock_object_group(client.object.raw())), text(tlsock_object_group(server.object.raw()))]
        };
        assert!(groups[0].is_some() && groups[0] == groups[1], "{words:?}: {groups:?}");
    }
}

fn oid(words: &CStr, name: bool) {
    // SAFETY: text and a place for a record.
    let found = give("txt2obj", |out, error| unsafe { tlsock_txt2obj(words.as_ptr(), name, out, error) });
    if let Ok(found) = found {
        compare(found);
    }
}

fn nid(number: c_int) {
    // SAFETY: a place for a record.
    let found = give("nid2obj", |out, error| unsafe { tlsock_nid2obj(number, out, error) });
    if let Ok(found) = found {
        assert_eq!(found.nid, number);
        compare(found);
    }
}

/// An object is found again by its number and by its identifier.
fn compare(found: tlsock_asn1_object) {
    // SAFETY: static text and places for records.
    unsafe {
        let again = give("nid2obj", |out, error| tlsock_nid2obj(found.nid, out, error)).expect("known");
        assert_eq!(text(again.shortname), text(found.shortname));
        assert_eq!(text(again.longname), text(found.longname));
        if !found.oid.is_null() {
            let again = give("txt2obj", |out, error| tlsock_txt2obj(found.oid, false, out, error));
            assert_eq!(again.expect("known").nid, found.nid);
        }
    }
}

/// A number that is taken can be read; one that is refused leaves the old one.
fn numbers(context: &Handle<tlsock_context>, kind: u8, value: u64) {
    let raw = context.raw();
    let signed = value as c_int;
    type Set<'a> = &'a dyn Fn(tlsock_fuzz::call::Out) -> tlsock_status;
    let check = |name: &str, get: &dyn Fn() -> i64, set: Set<'_>, wanted: i64| -> Outcome<()> {
        let before = get();
        let outcome = call(name, set);
        let after = get();
        match &outcome {
            Ok(()) => assert_eq!(after, wanted, "{name}: set, but not so"),
            Err(_) => assert_eq!(after, before, "{name}: refused, but changed"),
        }
        outcome
    };
    // SAFETY: a live context.
    unsafe {
        match kind {
            11 => {
                let before = tlsock_context_options(raw);
                let set = call("set_options", |error| tlsock_context_set_options(raw, value, error));
                let after = tlsock_context_options(raw);
                assert!(set.is_ok() || after == before);
                // AWS-LC has not all of them.
                if set.is_ok() || !libcrypto::IS_AWS_LC {
                    assert_eq!(after & 0xFFFF_FFFF, value & 0xFFFF_FFFF, "options");
                }
            }
            12 => {
                let set =
                    call("set_verify_flags", |error| tlsock_context_set_verify_flags(raw, value, error));
                let after = tlsock_context_verify_flags(raw);
                let known = VERIFY_CRL_CHECK_CHAIN | VERIFY_X509_STRICT | VERIFY_X509_PARTIAL_CHAIN;
                assert!(set.is_err() || (after ^ value) & known == 0, "{after:#x} instead of {value:#x}");
            }
            13 => {
                let minimum = || i64::from(tlsock_context_minimum_version(raw));
                let set = |error| tlsock_context_set_minimum_version(raw, signed, error);
                version("minimum", &minimum, call("minimum", set), signed);
                let maximum = || i64::from(tlsock_context_maximum_version(raw));
                let set = |error| tlsock_context_set_maximum_version(raw, signed, error);
                version("maximum", &maximum, call("maximum", set), signed);
            }
            14 => {
                let get = || i64::from(tlsock_context_verify_mode(raw));
                let set = |error| tlsock_context_set_verify_mode(raw, signed, error);
                let outcome = check("verify_mode", &get, &set, i64::from(signed));
                assert!(outcome.is_err() || (0..=2).contains(&signed));
                let checks = tlsock_context_check_hostname(raw);
                assert!(!checks || get() != 0, "names are checked of peers that are not verified");
            }
            _ => {
                let get = || i64::from(tlsock_context_num_tickets(raw));
                let set = |error| tlsock_context_set_num_tickets(raw, signed, error);
                let _ = check("num_tickets", &get, &set, i64::from(signed));
            }
        }
    }
}

fn version(name: &str, get: &dyn Fn() -> i64, outcome: Outcome<()>, wanted: c_int) {
    let known = [-2, -1, 0x300, 0x301, 0x302, 0x303, 0x304];
    assert!(outcome.is_err() || known.contains(&wanted), "{name}: {wanted:#x} was taken");
    assert!(known.contains(&(get() as c_int)), "{name} is {:#x}", get());
}

//! Contexts whose settings change, and what they ask then.

use super::{Asks, Known};
use crate::c::*;
use crate::call::{Outcome, call};
use crate::handle::Handle;
use crate::{certs, peer};
use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr::null_mut;
use std::rc::Rc;

const IDENTITIES: [&str; 5] = ["ecdsa", "wrong-name", "self-signed", "revoked", "expired"];
const CLIENTS: [&str; 2] = ["client", "self-signed"];
const CAS: [&str; 3] = ["ca.pem", "unknown-ca.pem", "self-signed.pem"];
const FLAGS: [u64; 3] = [VERIFY_CRL_CHECK_LEAF, VERIFY_CRL_CHECK_CHAIN, VERIFY_X509_STRICT];

pub fn client() -> Known {
    let handle = Rc::new(peer::context(PROTOCOL_TLS_CLIENT));
    peer::trust(&handle, certs::read(CAS[0])).expect("the root is good");
    let asks = Asks { mode: CERT_REQUIRED, names: true, level: level(&handle), cas: 1, ..Asks::default() };
    let asks = Asks { flags: flags(&handle), ..asks };
    Known { handle, asks, identity: "" }
}

pub fn server() -> Known {
    let handle = Rc::new(peer::context(PROTOCOL_TLS_SERVER));
    peer::identify(&handle, IDENTITIES[0]);
    let asks = Asks { level: level(&handle), flags: flags(&handle), ..Asks::default() };
    Known { handle, asks, identity: IDENTITIES[0] }
}

fn level(context: &Handle<tlsock_context>) -> i32 {
    // SAFETY: a live context.
    unsafe { tlsock_context_security_level(context.raw()) }
}

fn flags(context: &Handle<tlsock_context>) -> u64 {
    // SAFETY: a live context.
    unsafe { tlsock_context_verify_flags(context.raw()) }
}

/// Changes a context and what is known of it.
pub fn change(known: &mut Known, what: u8, how: u8, server: bool) {
    let (context, raw) = (&known.handle, known.handle.raw());
    let asks = &mut known.asks;
    // SAFETY: a live context, text and callbacks without userdata; so in all of these.
    let set =
        |name: &str, outcome: Outcome<()>| outcome.unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
    match what % 10 {
        0 => {
            let index = usize::from(how) % CAS.len();
            peer::trust(context, certs::read(CAS[index])).expect("the root is good");
            asks.cas |= 1 << index;
        }
        1 => {
            let crl = certs::read("crl.pem");
            let added = call("load_crl_data", |error| unsafe {
                tlsock_context_load_crl_data(raw, crl.as_ptr().cast(), crl.len(), error)
            });
            set("load_crl_data", added);
            asks.crls = true;
        }
        2 => {
            let flags = asks.flags ^ FLAGS[usize::from(how) % FLAGS.len()];
            set(
                "flags",
                call("flags", |error| unsafe { tlsock_context_set_verify_flags(raw, flags, error) }),
            );
            asks.flags = flags;
        }
        3 => {
            let level = 1 + i32::from(how % 4);
            let words = CString::new(format!("DEFAULT:@SECLEVEL={level}")).expect("no NUL");
            // What is loaded may be too weak for it.
            let _ =
                call("ciphers", |error| unsafe { tlsock_context_set_ciphers(raw, words.as_ptr(), error) });
            asks.level = self::level(context);
        }
        4 if !server => {
            peer::verify(context, if how & 1 == 0 { CERT_REQUIRED } else { CERT_NONE });
            asks.mode = if how & 1 == 0 { CERT_REQUIRED } else { CERT_NONE };
            asks.names = asks.mode != CERT_NONE && how & 2 == 0;
            if asks.names {
                let on =
                    call("names", |error| unsafe { tlsock_context_set_check_hostname(raw, true, error) });
                set("check_hostname", on);
            }
        }
        4 => {
            asks.mode = [CERT_NONE, CERT_REQUIRED, CERT_OPTIONAL][usize::from(how) % 3];
            peer::verify(context, asks.mode);
        }
        5 if server => known.identity = identify(context, &IDENTITIES, how).unwrap_or(known.identity),
        5 => known.identity = identify(context, &CLIENTS, how).unwrap_or(known.identity),
        6 => {
            let version = if how & 1 == 0 { TLS_VERSION_TLSV1_2 } else { TLS_VERSION_TLSV1_3 };
            peer::limit(context, version);
        }
        7 => {
            asks.psk = how & 1 != 0;
            let outcome = call("psk", |error| unsafe {
                match server {
                    true => {
                        let function: tlsock_psk_server_callback =
                            if asks.psk { Some(psk_server) } else { None };
                        tlsock_context_set_psk_server_callback(
                            raw,
                            function,
                            c"".as_ptr(),
                            null_mut(),
                            None,
                            error,
                        )
                    }
                    false => {
                        let function: tlsock_psk_client_callback =
                            if asks.psk { Some(psk_client) } else { None };
                        tlsock_context_set_psk_client_callback(raw, function, null_mut(), None, error)
                    }
                }
            });
            set("psk", outcome);
        }
        8 => {
            // SAFETY: as above.
            let options = unsafe { tlsock_context_options(raw) } ^ OP_NO_TICKET;
            set(
                "options",
                call("options", |error| unsafe { tlsock_context_set_options(raw, options, error) }),
            );
        }
        _ => {
            let on = how & 1 == 0;
            let set_it = call("common", |error| unsafe {
                tlsock_context_set_hostname_checks_common_name(raw, on, error)
            });
            let _ = set_it;
        }
    }
}

fn identify(context: &Handle<tlsock_context>, names: &[&'static str], how: u8) -> Option<&'static str> {
    let name = names[usize::from(how) % names.len()];
    let (cert, key) = (certs::read(&format!("{name}.pem")), certs::read(&format!("{name}.key")));
    peer::load_chain(context, cert, Some(key), None).ok().map(|()| name)
}

unsafe extern "C" fn psk_client(
    _userdata: *mut c_void,
    _connection: *const tlsock_connection,
    _hint: *const c_char,
    identity: *mut c_char,
    _identity_size: usize,
    psk: *mut u8,
    _psk_size: usize,
    psk_len: *mut usize,
    _error: crate::call::Out,
) -> c_int {
    // SAFETY: what the library lends: room for a name, a key and a number.
    unsafe {
        identity.copy_from(c"me".as_ptr(), 3);
        psk.write_bytes(7, 32);
        psk_len.write(32);
    }
    TLSOCK_OK
}

unsafe extern "C" fn psk_server(
    _userdata: *mut c_void,
    _connection: *const tlsock_connection,
    _identity: *const c_char,
    psk: *mut u8,
    _psk_size: usize,
    psk_len: *mut usize,
    _error: crate::call::Out,
) -> c_int {
    // SAFETY: what the library lends: room for a key and a number.
    unsafe {
        psk.write_bytes(7, 32);
        psk_len.write(32);
    }
    TLSOCK_OK
}

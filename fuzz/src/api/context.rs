//! Steps of contexts.

use super::callback::taken;
use super::op::{ContextOp, Slot};
use super::world::World;
use crate::c::*;
use crate::call::{Outcome, call, give, owned};
use crate::handle::Handle;
use crate::{certs, object, peer};
use std::ffi::{CStr, c_int};
use std::ptr::null;

const PROTOCOLS: [i64; 5] =
    [PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER, PROTOCOL_TLS, PROTOCOL_TLSV1_2, PROTOCOL_SSLV3];
const IDENTITIES: [&str; 6] = ["ecdsa", "rsa", "ed25519", "client", "self-signed", "wrong-name"];
const VERSIONS: [i64; 6] = [
    TLS_VERSION_TLSV1_2,
    TLS_VERSION_TLSV1_3,
    TLS_VERSION_TLSV1,
    TLS_VERSION_MINIMUM_SUPPORTED,
    TLS_VERSION_MAXIMUM_SUPPORTED,
    7,
];
const CIPHERS: [&CStr; 6] =
    [c"DEFAULT", c"PSK", c"ECDHE+AESGCM", c"ALL:@SECLEVEL=0", c"no such thing", c"AES128-SHA"];
const CURVES: [&CStr; 4] = [c"X25519", c"prime256v1", c"secp521r1", c"nothing"];
const OPTIONS: [u64; 5] =
    [OP_NO_TICKET, OP_NO_TLSV1_3, OP_NO_RENEGOTIATION, OP_IGNORE_UNEXPECTED_EOF, OP_ENABLE_MIDDLEBOX_COMPAT];
const FLAGS: [u64; 5] = [
    VERIFY_CRL_CHECK_LEAF,
    VERIFY_CRL_CHECK_CHAIN,
    VERIFY_X509_STRICT,
    VERIFY_X509_PARTIAL_CHAIN,
    VERIFY_X509_TRUSTED_FIRST,
];

fn pick<T: Copy>(all: &[T], number: u8) -> T {
    all[usize::from(number) % all.len()]
}

/// Does one step.
pub fn step(world: &World, slot: Slot, op: &ContextOp) {
    let context = world.contexts.get(slot);
    match (op, &context) {
        (ContextOp::New(protocol), _) => {
            let protocol = pick(&PROTOCOLS, *protocol) as c_int;
            // SAFETY: a place for a handle.
            let made = taken("context_new", |out, error| unsafe { tlsock_context_new(protocol, out, error) });
            world.contexts.put(slot, made);
        }
        (ContextOp::Default(client), _) => {
            let purpose = if *client { PURPOSE_SERVER_AUTH } else { PURPOSE_CLIENT_AUTH } as c_int;
            let ca = certs::read("ca.pem");
            // SAFETY: bytes of the length given and a place for a handle.
            let made = taken("create_default_context", |out, error| unsafe {
                tlsock_create_default_context(
                    purpose,
                    null(),
                    null(),
                    ca.as_ptr().cast(),
                    ca.len(),
                    out,
                    error,
                )
            });
            world.contexts.put(slot, made);
        }
        (ContextOp::Free, _) => world.contexts.put(slot, None),
        (ContextOp::Copy(into), _) => world.contexts.share(*into, context),
        (ContextOp::Inspect(other), Some(context)) => inspect(world, context, *other),
        (_, Some(context)) => {
            let _ = change(context, op);
        }
        (_, None) => {}
    }
}

fn change(context: &Handle<tlsock_context>, op: &ContextOp) -> Outcome<()> {
    let raw = context.raw();
    // SAFETY: a live context and static text.
    let set = |name: &str, setter: &dyn Fn(crate::call::Out) -> tlsock_status| call(name, setter);
    unsafe {
        match *op {
            ContextOp::Identify(which) => identify(context, which),
            ContextOp::Trust(which) => trust(context, which),
            ContextOp::Verify(mode) => {
                set("verify_mode", &|e| tlsock_context_set_verify_mode(raw, c_int::from(mode % 4), e))
            }
            ContextOp::CheckHostname(on) => {
                set("check_hostname", &|e| tlsock_context_set_check_hostname(raw, on, e))
            }
            ContextOp::CommonName(on) => {
                set("common_name", &|e| tlsock_context_set_hostname_checks_common_name(raw, on, e))
            }
            ContextOp::VerifyFlags(which) => {
                let flags = tlsock_context_verify_flags(raw) ^ pick(&FLAGS, which);
                set("verify_flags", &|e| tlsock_context_set_verify_flags(raw, flags, e))
            }
            ContextOp::Options(which) => {
                let options = tlsock_context_options(raw) ^ pick(&OPTIONS, which);
                set("options", &|e| tlsock_context_set_options(raw, options, e))
            }
            ContextOp::Minimum(which) => set("minimum", &|e| {
                tlsock_context_set_minimum_version(raw, pick(&VERSIONS, which) as c_int, e)
            }),
            ContextOp::Maximum(which) => set("maximum", &|e| {
                tlsock_context_set_maximum_version(raw, pick(&VERSIONS, which) as c_int, e)
            }),
            ContextOp::Ciphers(which) => {
                set("ciphers", &|e| tlsock_context_set_ciphers(raw, pick(&CIPHERS, which).as_ptr(), e))
            }
            ContextOp::Curve(which) => {
                set("curve", &|e| tlsock_context_set_ecdh_curve(raw, pick(&CURVES, which).as_ptr(), e))
            }
            ContextOp::Alpn(which) => {
                let lists: [&[&CStr]; 4] = [&[c"h2", c"http/1.1"], &[c"http/1.1"], &[], &[c""]];
                peer::alpn(context, pick(&lists, which))
            }
            ContextOp::Tickets(count) => {
                set("tickets", &|e| tlsock_context_set_num_tickets(raw, c_int::from(count % 5), e))
            }
            ContextOp::PostHandshake(on) => {
                set("post_handshake", &|e| tlsock_context_set_post_handshake_auth(raw, on, e))
            }
            ContextOp::Keylog(which) => {
                let path = pick(&[c"/dev/null".as_ptr(), null(), c"/nonexistent/keys".as_ptr()], which);
                set("keylog", &|e| tlsock_context_set_keylog_filename(raw, path, e))
            }
            ContextOp::Defaults => set("defaults", &|e| tlsock_context_set_default_verify_paths(raw, e)),
            _ => Ok(()),
        }
    }
}

fn identify(context: &Handle<tlsock_context>, which: u8) -> Outcome<()> {
    // One in eight asks for a password, one has the wrong key.
    match which >> 5 {
        7 => peer::load_chain(context, certs::read("rsa.pem"), Some(certs::read("rsa-encrypted.key")), None),
        6 => peer::load_chain(context, certs::read("rsa.pem"), Some(certs::read("ecdsa.key")), None),
        _ => {
            let name = pick(&IDENTITIES, which);
            let (cert, key) = (certs::read(&format!("{name}.pem")), certs::read(&format!("{name}.key")));
            peer::load_chain(context, cert, Some(key), None)
        }
    }
}

fn trust(context: &Handle<tlsock_context>, which: u8) -> Outcome<()> {
    match which % 4 {
        0 => peer::trust(context, certs::read("ca.pem")),
        1 => peer::trust(context, certs::read("unknown-ca.pem")),
        2 => peer::trust(context, b"nothing"),
        _ => {
            let crl = certs::read("crl.pem");
            // SAFETY: a live context and bytes of the length given.
            call("load_crl_data", |error| unsafe {
                tlsock_context_load_crl_data(context.raw(), crl.as_ptr().cast(), crl.len(), error)
            })
        }
    }
}

fn inspect(world: &World, context: &Handle<tlsock_context>, other: Slot) {
    let raw = context.raw();
    // SAFETY: live contexts and places for the results.
    unsafe {
        let other = world.contexts.get(other);
        if let Some(other) = &other {
            assert!(tlsock_context_same(raw, other.raw()) == tlsock_context_same(other.raw(), raw));
        }
        let names_are_checked = tlsock_context_check_hostname(raw);
        let verifies = tlsock_context_verify_mode(raw) != CERT_NONE as c_int;
        let stats = tlsock_context_session_stats(raw);
        let counted = stats.connect_good <= stats.connect && stats.accept_good <= stats.accept;
        assert!(world.shares || (counted && (!names_are_checked || verifies)));
        let _ = (tlsock_context_protocol(raw), tlsock_context_security_level(raw));
        let _ = (tlsock_context_minimum_version(raw), tlsock_context_maximum_version(raw));
        let _ = (tlsock_context_num_tickets(raw), tlsock_context_post_handshake_auth(raw));
        let _ = tlsock_context_hostname_checks_common_name(raw);
        let _ = owned("keylog_filename", |out, error| tlsock_context_keylog_filename(raw, out, error));
        let ciphers = taken("get_ciphers", |out, error| tlsock_context_get_ciphers(raw, out, error));
        object::inspect_ciphers(ciphers.expect("a list").raw());
        let counts = give("cert_store_stats", |out, error| tlsock_context_cert_store_stats(raw, out, error));
        // The system's CAs would be read one by one.
        if counts.expect("a store can be counted").x509 < 10 {
            let cas = taken("get_ca_certs", |out, error| tlsock_context_get_ca_certs(raw, out, error));
            object::inspect_list(cas.expect("a list").raw());
        }
    }
}

//! A context with a higher security level that comes in the middle of a handshake.

use crate::answer::Later;
use crate::certs;
use crate::pair::{Pair, TLS1_2, TLS1_3};
use std::process::Command;
use std::sync::Arc;
use tlsock::context::{PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER};
use tlsock::*;

const TLS1_1: i32 = 0x302;
const OP_NO_TICKET: u64 = 1 << 14;
const AES128: &str = "ECDHE-ECDSA-AES128-GCM-SHA256";
const AES256: &str = "ECDHE-ECDSA-AES256-GCM-SHA384";

/// The version, the cipher that both sides have, the level that comes, and whether the handshake succeeds nevertheless.
const CASES: [(i32, &str, i32, bool); 7] = [
    (TLS1_3, "TLS_AES_256_GCM_SHA384", 4, true),
    (TLS1_3, "TLS_AES_128_GCM_SHA256", 4, false),
    (TLS1_2, AES128, 3, true),
    (TLS1_2, AES128, 4, false),
    (TLS1_2, AES256, 4, true),
    (TLS1_1, "ECDHE-ECDSA-AES256-SHA", 0, true),
    (TLS1_1, "ECDHE-ECDSA-AES256-SHA", 1, false),
];

/// One that level 4 allows.
fn identity(name: &str) -> Identity {
    let file = |kind: &str| certs::scratch().join(format!("{name}.{kind}"));
    let args = "req -x509 -noenc -sha384 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -subj /CN=localhost";
    let mut openssl = Command::new("openssl");
    openssl.args(args.split(' ')).arg("-out").arg(file("pem")).arg("-keyout").arg(file("key"));
    certs::run(&mut openssl);
    Identity::from_files(&file("pem"), Some(&file("key")), None).expect("an identity")
}

fn context(protocol: i32, version: i32, ciphers: &str, level: i32) -> Context {
    let context = Context::new(protocol).expect("a context");
    if protocol == PROTOCOL_TLS_CLIENT {
        context.set_check_hostname(false).expect("no name");
        context.set_verify_mode(0).expect("no verification");
    }
    if ciphers.starts_with("TLS_") {
        context.set_ciphersuites(ciphers).expect("ciphers");
    }
    let ciphers = if ciphers.starts_with("TLS_") { "ALL" } else { ciphers };
    context.set_ciphers(&format!("{ciphers}:@SECLEVEL={level}")).expect("ciphers");
    // From level 3 on there are none, and who has asked for one knows nothing of that any more.
    context.set_options(context.options() | OP_NO_TICKET).expect("options");
    context.set_minimum_version(version).expect("a version");
    context.set_maximum_version(version).expect("a version");
    context
}

/// Does the handshake, which ends with this cipher or fails.
fn shake(pair: &Pair, case: &str, cipher: &str, passes: bool) {
    match pair.shake() {
        Ok(()) => {
            let name = pair.server.cipher().and_then(|cipher| cipher.name).expect("a cipher");
            assert_eq!(name.to_str().expect("ASCII"), cipher, "{case}");
            assert!(passes, "{case}");
        }
        Err(error) => {
            assert!(!passes && error.status() == Status::Ssl, "{case}: {error}");
            assert!(!pair.server.is_handshake_done() || !pair.client.is_handshake_done(), "{case}");
        }
    }
}

#[test]
fn a_level_that_comes_while_a_server_waits_for_its_identity_counts() {
    let identity = identity("strong-waited-for");
    for (version, cipher, level, passes) in CASES {
        // OpenSSL has chosen the cipher of TLS 1.3 before it asks for an identity, and keeps to it.
        if version == TLS1_3 && backend() == c"openssl" {
            continue;
        }
        let case = format!("{version:x} {cipher} at level {level}");
        let later = Later::default();
        let server = context(PROTOCOL_TLS_SERVER, version, cipher, 0);
        let (ask, given) = (later.clone(), identity.clone());
        server.set_identity_callback(Some(Arc::new(move |_, request| {
            ask.ask()?;
            request.answer(Some(given.clone()));
            Ok(())
        })));
        let pair = Pair::new(&context(PROTOCOL_TLS_CLIENT, version, cipher, 0), &server, None);
        pair.client.do_handshake().expect_err("a hello");
        assert!(pair.server.do_handshake().is_err_and(|error| error.waits()), "{case}");
        let other = context(PROTOCOL_TLS_SERVER, version, "ALL", level);
        other.use_identity(&identity).expect("it is strong enough");
        pair.server.set_context(&other).expect("another context");
        later.give();
        shake(&pair, &case, cipher, passes);
        assert!(passes || pair.server.write(b"!").is_err(), "{case}");
    }
}

#[test]
fn a_level_that_comes_after_a_hello_counts() {
    let identity = identity("strong");
    for (version, cipher, level, passes) in CASES {
        let case = format!("{version:x} {cipher} at level {level}");
        let server = context(PROTOCOL_TLS_SERVER, version, cipher, 0);
        server.use_identity(&identity).expect("an identity");
        // What level 4 allows beside the cipher.
        server.set_groups("P-384").expect("a group");
        if version >= TLS1_2 {
            server.set_server_sigalgs("ECDSA+SHA384").expect("an algorithm");
        }
        let pair = Pair::new(&context(PROTOCOL_TLS_CLIENT, version, cipher, 0), &server, None);
        pair.client.do_handshake().expect_err("a hello");
        let other = context(PROTOCOL_TLS_CLIENT, version, "ALL", level);
        pair.client.set_context(&other).expect("another context");
        shake(&pair, &case, cipher, passes);
    }
}

//! Signature algorithms of which contexts know different ones.

use crate::{ALL, Keeping, ends, pair, session_of, talk};
use std::sync::Arc;
use tlsock::{Context, PskClientCallback, Session};

const CERT_NONE: i32 = 0;
const HAS_PSK_TLS13: i32 = 14;
const FEW: &str = "ecdsa_secp256r1_sha256:rsa_pkcs1_sha256";

/// The session of a connection that one context has made, and that has got another before its handshake.
fn moved(keeping: Keeping, maker: &Context, other: &Context) -> Session {
    let pair = ends(maker, &keeping.server("ecdsa"), "localhost", None).expect("both ends");
    pair.client.set_context(other).expect("another context");
    pair.shake().and_then(|()| talk(&pair)).expect("a handshake");
    session_of(&pair)
}

fn takes(context: &Context, session: &Session) -> bool {
    Session::from_data(context, &session.data().expect("bytes")).is_ok()
}

/// The list that counts is the one of the context that the connection has in its handshake.
#[test]
fn a_session_is_bound_to_the_list_that_was_in_force() {
    for keeping in ALL {
        let (any, few) = (pair::client(), pair::client());
        few.set_server_sigalgs(FEW).expect("algorithms");
        for (maker, other) in [(&few, &any), (&any, &few)] {
            let kept = moved(keeping, maker, other);
            assert!(takes(other, &kept) && !takes(maker, &kept), "{keeping:?}");
        }
    }
}

/// A key that is replaced while the handshake goes on that it proves is gone afterwards.
#[test]
fn a_key_that_was_replaced_in_the_handshake_proves_nothing_later() {
    for keeping in ALL {
        if !has(keeping) {
            continue;
        }
        for removed in [true, false] {
            let (client, server) = (pair::client(), keeping.server("ecdsa"));
            client.set_check_hostname(false).expect("no names");
            client.set_verify_mode(CERT_NONE).expect("no verification");
            for context in [&client, &server] {
                context.set_ciphers("PSK").expect("ciphers");
                context.set_ciphersuites("TLS_AES_128_GCM_SHA256").expect("a suite");
            }
            client.set_psk_client_callback(Some(key(1))).expect("a key");
            server
                .set_psk_server_callback(Some(Arc::new(|_, _, buffer| Ok(fill(buffer, 1)))), None)
                .expect("a key");
            let pair = ends(&client, &server, "localhost", None).expect("both ends");
            // The ClientHello, and in TLS 1.2 what follows the ServerHello, for which the key is asked.
            let _ = pair.client.do_handshake();
            let _ = pair.server.do_handshake();
            if keeping.version == crate::TLS1_2 {
                let _ = pair.client.do_handshake();
            }
            client.set_psk_client_callback((!removed).then(|| key(2))).expect("another key");
            pair.shake().and_then(|()| talk(&pair)).expect("a handshake");
            let kept = session_of(&pair);
            let next = ends(&client, &server, "localhost", Some(&kept)).expect("both ends");
            assert!(next.shake().is_err() || !next.client.session_reused(), "{keeping:?} {removed}");
        }
    }
}

fn has(keeping: Keeping) -> bool {
    keeping.version == crate::TLS1_2 || tlsock::has(HAS_PSK_TLS13)
}

fn fill(buffer: &mut [u8], seed: u8) -> usize {
    buffer[..32].fill(seed);
    32
}

fn key(seed: u8) -> PskClientCallback {
    Arc::new(move |_, _, buffer| Ok((b"me".to_vec(), fill(buffer, seed))))
}

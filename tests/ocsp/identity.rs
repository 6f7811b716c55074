//! Identities that bring an OCSP response.

use crate::made::{Made, REVOKED};
use crate::{VERSIONS, asking, certs, outcome, server};
use std::sync::{Arc, Mutex};
use tlsock::{Identity, Ocsp, Status};

/// The response goes where the identity goes: into a context, and to a connection that a callback chooses for.
#[test]
fn an_identity_brings_its_response() {
    for version in VERSIONS {
        let (ecdsa, ed25519) = (identity("ecdsa"), identity("ed25519"));
        let stapled = ecdsa.with_ocsp_response(&Made::good("ecdsa").der()).expect("a response");
        let revoked =
            ecdsa.with_ocsp_response(&Made { status: REVOKED, ..Made::good("ecdsa") }.der()).expect("one");
        let used = server("ed25519", version);
        used.use_identity(&stapled).expect("an identity");
        let choosing = server("ed25519", version);
        let answer = Arc::new(Mutex::new(stapled.clone()));
        let shared = Arc::clone(&answer);
        choosing.set_identity_callback(Some(Arc::new(move |_, request| {
            request.answer(Some(shared.lock().unwrap().clone()));
            Ok(())
        })));
        for context in [&used, &choosing] {
            assert_eq!(outcome(&asking(Ocsp::Require), context), (0, String::new()));
        }
        for (other, code) in [(&ecdsa, 73), (&ed25519, 73), (&revoked, 23), (&stapled, 0)] {
            *answer.lock().unwrap() = other.clone();
            assert_eq!(outcome(&asking(Ocsp::Require), &choosing).0, code, "{version:#x}");
        }
        // The latest one for a certificate counts, whichever way it came.
        used.use_identity(&revoked).expect("an identity");
        assert_eq!(outcome(&asking(Ocsp::Require), &used).0, 23);
        used.set_ocsp_response(&Made::good("ecdsa").der()).expect("a response");
        assert_eq!(outcome(&asking(Ocsp::Require), &used).0, 0);
        used.use_identity(&ecdsa).expect("an identity");
        assert_eq!(outcome(&asking(Ocsp::Require), &used).0, 0, "it says nothing of responses");
    }
}

#[test]
fn an_identity_takes_a_response_for_itself_only() {
    let ecdsa = identity("ecdsa");
    let old = Made { this_update: -7200, next_update: Some(-3600), ..Made::good("ecdsa") };
    let cases = [
        (b"".to_vec(), "response is not an OCSP response in DER"),
        (Made::good("rsa").der(), "response is not for a certificate of this identity"),
        (old.der(), "response is not valid now: fetch a new one"),
    ];
    for (response, message) in cases {
        let error = ecdsa.with_ocsp_response(&response).expect_err(message);
        assert_eq!((error.status(), error.message()), (Status::Value, message));
    }
}

fn identity(name: &str) -> Identity {
    let [cert, key] = ["pem", "key"].map(|kind| certs::read(&format!("{name}.{kind}")));
    Identity::from_data(&cert, Some(&key), None).expect("an identity")
}

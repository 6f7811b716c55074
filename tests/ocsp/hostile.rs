//! Hostile responses and servers, and settings that could make a client overlook them.

use super::made::{GOOD, Made, Place, REVOKED, UNKNOWN};
use super::pair::{self, Pair, TLS1_3};
use super::s_server::against_s_server;
use super::{VERSIONS, asking, certs, issued_by, outcome, sending, server};
use std::sync::Arc;
use tlsock::context::SniCallback;
use tlsock::{Context, Ocsp, OcspStatus, Status, VerifyOverride};

/// The demand belongs to the connection: a context that it gets later, and that demands nothing, does not end it.
#[test]
fn another_context_does_not_end_the_demand() {
    let revoked = Made { status: REVOKED, ..Made::good("ecdsa") }.der();
    for version in VERSIONS {
        for (server, code) in [(server("ecdsa", version), 73), (sending("ecdsa", version, &revoked), 23)] {
            let pair = Pair::new(&asking(Ocsp::Require), &server, None);
            pair.client.set_context(&pair::client()).expect("a context");
            let error = pair.shake().expect_err("the demand is forgotten");
            assert_eq!(error.detail().expect("details").verify_code, code, "{version:x} {error}");
        }
    }
}

/// Chains in the cache are checked against the response too.
#[test]
fn a_known_chain_is_no_way_round_the_response() {
    for version in VERSIONS {
        let client = asking(Ocsp::Require);
        client.set_chain_cache(true);
        let good = sending("ecdsa", version, &Made::good("ecdsa").der());
        Pair::connected(&client, &good, None);
        Pair::connected(&client, &good, None);
        assert_eq!(client.chain_cache_hits(), 1);
        let revoked = Made { status: REVOKED, ..Made::good("ecdsa") }.der();
        assert_eq!(outcome(&client, &sending("ecdsa", version, &revoked)).0, 23);
        assert_eq!(client.chain_cache_hits(), 2);
    }
}

/// What a connection demands decides, not whether the chain would have been good.
#[test]
fn require_without_verification_fails_whatever_the_chain_is() {
    for version in VERSIONS {
        let client = asking(Ocsp::Require);
        client.set_check_hostname(false).expect("a change");
        client.set_verify_mode(0).expect("a change");
        let server = sending("ecdsa", version, &Made::good("ecdsa").der());
        let error = Pair::new(&client, &server, None).shake().expect_err("nothing is verified");
        let cause = error.detail().and_then(|detail| detail.cause.as_ref()).map(|cause| cause.status());
        assert_eq!((error.status(), cause), (Status::Ssl, Some(Status::Value)), "{version:x} {error}");
        client.set_ocsp(Ocsp::Request).expect("a mode");
        let revoked = Made { status: REVOKED, ..Made::good("ecdsa") }.der();
        let pair = Pair::connected(&client, &sending("ecdsa", version, &revoked), None);
        assert_eq!(pair.client.ocsp_status(), OcspStatus::default());
    }
}

/// Whatever a response says beside it: a certificate that it calls revoked is refused, and what has ended says nothing.
#[test]
fn the_worst_that_is_said_of_a_certificate_counts() {
    let cases = [
        (vec![(GOOD, 3600)], REVOKED, 23),
        (vec![(REVOKED, 3600)], GOOD, 23),
        (vec![(UNKNOWN, 3600), (GOOD, 3600)], REVOKED, 23),
        (vec![(GOOD, 3600)], UNKNOWN, 75),
        (vec![(REVOKED, -3600)], GOOD, 0),
        (vec![(GOOD, -3600)], GOOD, 0),
    ];
    for (before, status, code) in cases {
        let made = Made { before, status, ..Made::good("ecdsa") };
        let found = outcome(&asking(Ocsp::Require), &sending("ecdsa", TLS1_3, &made.der()));
        assert_eq!(found.0, code, "{:?} {status}: {}", made.before, found.1);
    }
}

/// RFC 5280, section 4.2, which RFC 6960, section 4.4, takes over: what must be understood and is not is refused.
#[test]
fn a_critical_extension_that_nobody_knows_is_refused() {
    for place in [Place::Whole, Place::Single] {
        let made = Made { critical: Some(place), ..Made::good("ecdsa") };
        let found = against_s_server(&made.der(), "-tls1_3").map_or(0, |error| error.0);
        assert_eq!(found, 74, "{place:?}");
    }
}

/// A server that was given no chain knows the issuer's name from the certificate.
#[test]
fn a_response_of_another_issuer_for_the_same_number_is_not_sent() {
    let number = ["-set_serial", "4711"];
    let (pem, key) = issued_by("inter", "alone", &number);
    let (other, _) = issued_by("unknown-ca", "other", &number);
    let server = server("ecdsa", TLS1_3);
    server.load_cert_chain_data(&pem, Some(&key), None).expect("an identity");
    let own = Made { leaf: pem, ..Made::good("ecdsa") };
    let other = Made {
        leaf: other,
        issuer: certs::read("unknown-ca.pem"),
        signer: certs::read("unknown-ca.pem"),
        key: certs::read("unknown-ca.key"),
        ..own.clone()
    };
    let error = server.set_ocsp_response(&other.der()).expect_err("another issuer's");
    assert!(error.message().starts_with("response is not for a certificate of this context"), "{error}");
    server.set_ocsp_response(&own.der()).expect("its own");
}

/// A key that both sides had before proves the server: there is no certificate of which anything could be said.
#[test]
fn a_shared_key_satisfies_require_in_each_version() {
    let give = |key: &mut [u8]| {
        key[..32].fill(7);
        32
    };
    for version in VERSIONS {
        let client = asking(Ocsp::Require);
        let server = Context::new(tlsock::context::PROTOCOL_TLS_SERVER).expect("a context");
        server.set_psk_server_callback(Some(Arc::new(move |_, _, key| Ok(give(key)))), None).expect("a key");
        let answer: tlsock::context::PskClientCallback =
            Arc::new(move |_, _, key| Ok((b"me".to_vec(), give(key))));
        client.set_psk_client_callback(Some(answer)).expect("a key");
        for context in [&client, &server] {
            context.set_maximum_version(version).expect("a version");
            context.set_ciphers("PSK").expect("ciphers");
        }
        Pair::connected(&client, &server, None);
    }
}

/// The result of a check that was overridden is not given as the reason when the handshake fails.
#[test]
fn require_without_verification_names_itself_as_the_reason() {
    for version in VERSIONS {
        let overriding = asking(Ocsp::Require);
        overriding.set_verify_callback(VerifyOverride::Insecure, Some(Arc::new(|_, _| Ok(()))));
        let careless = asking(Ocsp::Require);
        careless.set_check_hostname(false).expect("a change");
        careless.set_verify_mode(0).expect("a change");
        for client in [overriding, careless] {
            let error =
                Pair::new(&client, &server("self-signed", version), None).shake().expect_err("required");
            let detail = error.detail().expect("details");
            let cause = detail.cause.as_ref().map(|cause| cause.status());
            assert_eq!((error.status(), cause), (Status::Ssl, Some(Status::Value)), "{version:x} {error}");
            assert_eq!(detail.verify_code, 0);
        }
    }
}

/// A name proves nothing: only the issuer's key does, or that of a certificate which it has signed for this.
#[test]
fn signers_with_the_right_name_and_another_key_are_refused() {
    let any = issued_by("inter", "any", &["-addext", "extendedKeyUsage=anyExtendedKeyUsage"]);
    let none = issued_by("inter", "none", &[]);
    let twin = issued_by("ca", "twin", &["-subj", "/CN=tlsock test intermediate"]);
    let foreign = issued_by("ca", "foreign", &["-addext", "extendedKeyUsage=OCSPSigning"]);
    let server_key = (certs::read("ecdsa.pem"), certs::read("ecdsa.key"));
    for (what, (signer, key)) in [
        ("for any purpose", any),
        ("for no purpose", none),
        ("an authority of the same name", twin),
        ("the root's signer", foreign),
        ("the server itself", server_key),
    ] {
        let made = Made { signer, key, ..Made::good("ecdsa") };
        let found = outcome(&asking(Ocsp::Require), &sending("ecdsa", TLS1_3, &made.der()));
        assert_eq!(found.0, 74, "{what}: {}", found.1);
    }
}

/// The response goes with the certificate that is shown, whichever context has it, and with no other.
#[test]
fn the_chosen_context_sends_its_own_response() {
    for version in VERSIONS {
        let (first, chosen) = (server("rsa", version), sending("ecdsa", version, &Made::good("ecdsa").der()));
        let next = chosen.clone();
        let choose: SniCallback = Arc::new(move |connection, _, _| Ok(connection.set_context(&next)?));
        first.set_sni_callback(Some(choose)).expect("a callback");
        for _ in 0..2 {
            assert_eq!(outcome(&asking(Ocsp::Require), &first).0, 0, "{version:x}");
            assert_eq!(outcome(&asking(Ocsp::Require), &first.copy().expect("a copy")).0, 0, "{version:x}");
            // The response for the first certificate is not sent with the other one.
            first.set_ocsp_response(&Made::good("rsa").der()).expect("a response");
        }
        // A certificate that replaces the other of its kind comes without the old one's response.
        let (pem, key) = issued_by("inter", "replacing", &[]);
        let chain = [pem, certs::read("inter.pem")].concat();
        chosen.load_cert_chain_data(&chain, Some(&key), None).expect("an identity");
        assert_eq!(outcome(&asking(Ocsp::Require), &first).0, 73, "{version:x}");
    }
}

/// A response is signed as strongly as a certificate has to be at the connection's security level.
#[test]
fn weak_signatures_count_only_at_a_low_level() {
    for (signed, level, code) in [
        (&b"SHA1\0"[..], 2, 74),
        (b"SHA1\0", 0, 0),
        (b"SHA1\0", 1, 74),
        (b"SHA256\0", 2, 0),
        (b"SHA224\0", 2, 0),
    ] {
        let client = asking(Ocsp::Require);
        client.set_ciphers(&format!("DEFAULT:@SECLEVEL={level}")).expect("ciphers");
        let made = Made { signed, signer: certs::read("inter.pem"), ..Made::good("ecdsa") };
        let found = outcome(&client, &sending("ecdsa", TLS1_3, &made.der()));
        assert_eq!(found.0, code, "{signed:?} {level}: {}", found.1);
    }
    let (signer, key) = issued_by("inter", "weak", &["-addext", "extendedKeyUsage=OCSPSigning", "-sha1"]);
    let made = Made { signer, key, ..Made::good("ecdsa") };
    let found = outcome(&asking(Ocsp::Require), &sending("ecdsa", TLS1_3, &made.der()));
    assert_eq!(found.0, 74, "{}", found.1);
}

/// So is the key that signs it, and the digest that RSA-PSS signs.
#[test]
fn weak_keys_and_digests_of_delegates_count_only_at_a_low_level() {
    const SIGNING: &str = "extendedKeyUsage=OCSPSigning";
    let pss = ["-addext", SIGNING, "-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"];
    let rsa = ["-addext", SIGNING, "-newkey", "rsa", "-pkeyopt"];
    let (pss, small) = (
        issued_by("inter", "pss", &pss),
        issued_by("inter", "small", &[&rsa[..], &["rsa_keygen_bits:1024"]].concat()),
    );
    let strong = issued_by("inter", "strong", &[&rsa[..], &["rsa_keygen_bits:3072"]].concat());
    let large = issued_by("inter", "large", &[&rsa[..], &["rsa_keygen_bits:2048"]].concat());
    for (what, (signer, key), signed, level, code) in [
        ("1024 bits", &small, &b"SHA256\0"[..], 2, 74),
        ("1024 bits at a low level", &small, b"SHA256\0", 1, 0),
        ("2048 bits", &large, b"SHA256\0", 2, 0),
        ("2048 bits at a high level", &large, b"SHA256\0", 3, 74),
        ("SHA-1", &pss, b"SHA1\0", 1, 74),
        ("SHA-1 at no level", &pss, b"SHA1\0", 0, 0),
        ("SHA-256", &pss, b"SHA256\0", 2, 0),
        ("SHA-224", &pss, b"SHA224\0", 2, 0),
        ("SHA-224 at a high level", &strong, b"SHA224\0", 3, 74),
        ("SHA-512 at a high level", &strong, b"SHA512\0", 3, 0),
    ] {
        let client = asking(Ocsp::Require);
        client.set_ciphers(&format!("DEFAULT:@SECLEVEL={level}")).expect("ciphers");
        let made = Made { signer: signer.clone(), key: key.clone(), signed, ..Made::good("ecdsa") };
        let found = outcome(&client, &sending("ecdsa", TLS1_3, &made.der()));
        assert_eq!(found.0, code, "{what}: {}", found.1);
    }
}

//! Identities from files and from PEM and DER in memory.

use crate::certs::{self, read};
use crate::{named, server_of, shown};
use std::process::Command;
use tlsock::*;

fn key_der(name: &str) -> Vec<u8> {
    let key = certs::folder().join(name);
    certs::run(Command::new("openssl").args(["pkey", "-outform", "DER", "-in"]).arg(key))
}

#[test]
fn files_and_memory_give_the_same() {
    for name in ["rsa", "ecdsa", "ed25519"] {
        let file = named(name);
        let (cert, key) = (read(&format!("{name}.pem")), read(&format!("{name}.key")));
        let memory = Identity::from_data(&cert, Some(&key), None).expect("PEM");
        let one = Identity::from_data(&[cert, key].concat(), None, None).expect("PEM in one");
        let list = file.certificates();
        assert_eq!(list.as_slice().len(), 2, "the leaf and the intermediate");
        let leaf = Certificate::from_data(&read(&format!("{name}.pem"))).expect("a certificate");
        assert!(list.as_slice()[0].equal(&leaf));
        let der = Identity::from_data(leaf.der(), Some(&key_der(&format!("{name}.key"))), None).expect("DER");
        assert_eq!(der.certificates().as_slice().len(), 1);
        for identity in [file, memory, one] {
            assert!(shown(&server_of(&identity)).equal(&leaf));
        }
    }
}

#[test]
fn an_encrypted_key_needs_its_password() {
    let (cert, key) = (read("rsa.pem"), read("rsa-encrypted.key"));
    Identity::from_data(&cert, Some(&key), Some(&b"sesame"[..])).expect("the right one");
    let ask = |buffer: &mut [u8]| {
        buffer[..6].copy_from_slice(b"sesame");
        Ok(6)
    };
    Identity::from_data(&cert, Some(&key), Password::Asked(&ask)).expect("the one that was asked for");
    let refused =
        |password: Password<'_>| Identity::from_data(&cert, Some(&key), password).expect_err("no key");
    let wrong = refused(Password::Given(b"sesam"));
    assert!(wrong.message().contains("key: the private key's password is wrong"), "{wrong}");
    let none = refused(Password::Unsaid);
    assert!(none.message().contains("the private key is encrypted"), "{none}");
    let failing = refused(Password::Asked(&|_: &mut [u8]| Err(Error::value("nobody at home"))));
    assert_eq!((failing.status(), failing.message()), (Status::Value, "nobody at home"));
}

#[test]
fn what_is_none_is_refused_by_name() {
    let (cert, key) = (read("rsa.pem"), read("rsa.key"));
    let refusal = |cert: &[u8], key: Option<&[u8]>| Identity::from_data(cert, key, None).expect_err("none");
    for (error, words) in [
        (
            refusal(&cert, Some(&read("ecdsa.key"))),
            "the key in key is not that of the first certificate in cert",
        ),
        (refusal(&cert, None), "cert: no private key was found"),
        (refusal(&key, Some(&key)), "cert: no certificate was found"),
        (refusal(b"junk", Some(&key)), "cert: the certificate cannot be read"),
        (refusal(b"", Some(&key)), "cert: the certificate cannot be read"),
        (refusal(&cert[..cert.len() / 4], Some(&key)), "cert"),
        (refusal(&cert, Some(&key[..key.len() / 2])), "key: "),
    ] {
        assert_eq!(error.status(), Status::Ssl, "{error}");
        assert!(error.message().contains(words), "{error}");
    }
    let missing =
        Identity::from_files(&certs::folder().join("nowhere.pem"), None, None).expect_err("no file");
    assert_eq!(missing.status(), Status::Os);
    assert!(missing.message().contains("certfile '"), "{missing}");
}

/// Python's messages, and the context's password callback, are those of the identities.
#[test]
fn a_context_says_what_an_identity_says() {
    let folder = certs::folder();
    let context = Context::new(context::PROTOCOL_TLS_SERVER).expect("a context");
    for (cert, key) in [
        ("rsa.pem", "ecdsa.key"),
        ("rsa.key", "rsa.key"),
        ("rsa.pem", "rsa-encrypted.key"),
        ("rsa.pem", "no"),
    ] {
        let (cert, key) = (folder.join(cert), folder.join(key));
        let of_context = context.load_cert_chain(&cert, Some(&key), None).expect_err("bad");
        let of_identity = Identity::from_files(&cert, Some(&key), None).expect_err("bad");
        assert_eq!(of_context.message(), of_identity.message());
        assert_eq!(of_context.status(), of_identity.status());
    }
    context.set_password_callback(Some(std::sync::Arc::new(|buffer: &mut [u8]| {
        buffer[..6].copy_from_slice(b"sesame");
        Ok(6)
    })));
    context
        .load_cert_chain(&folder.join("rsa.pem"), Some(&folder.join("rsa-encrypted.key")), None)
        .expect("asked");
}

#[test]
fn an_expired_certificate_is_loaded_and_refused_by_the_peer() {
    let server = server_of(&named("expired"));
    let error = crate::pair::Pair::new(&crate::pair::client(), &server, None).shake().expect_err("expired");
    assert_eq!(error.status(), Status::CertVerification, "{error}");
}

//! OCSP responses that come with a server's certificate (stapling).

mod certs;
#[path = "ocsp/hostile.rs"]
mod hostile;
#[path = "ocsp/identity.rs"]
mod identity;
#[path = "ocsp/made.rs"]
mod made;
mod pair;
#[path = "peers/s_server.rs"]
mod peer;
#[path = "ocsp/s_server.rs"]
mod s_server;

use made::{GOOD, Made, REVOKED, UNKNOWN};
use pair::{Pair, TLS1_2, TLS1_3};
use std::process::Command;
use tlsock::{Context, Ocsp, OcspStatus, Session, Status};

const VERSIONS: [i32; 2] = [TLS1_2, TLS1_3];
const MODES: [Ocsp; 2] = [Ocsp::Request, Ocsp::Require];

fn asking(mode: Ocsp) -> Context {
    let client = pair::client();
    client.set_ocsp(mode).expect("a mode");
    client
}

fn server(name: &str, version: i32) -> Context {
    let server = pair::server(name);
    server.set_maximum_version(version).expect("a version");
    server
}

/// A server whose responses are not looked at by the library: the client is what is tested.
fn sending(name: &str, version: i32, response: &[u8]) -> Context {
    let server = server(name, version);
    server.set_ocsp_response(response).expect("a response for its certificate");
    server
}

/// The verify code of the refusal; 0 where the handshake succeeds.
fn outcome(client: &Context, server: &Context) -> (i32, String) {
    match Pair::new(client, server, None).shake() {
        Ok(()) => (0, String::new()),
        Err(error) => {
            assert_eq!(error.status(), Status::CertVerification, "{error}");
            let detail = error.detail().expect("details");
            assert!(detail.certificate.is_some() && detail.verify_message.is_some());
            (detail.verify_code, error.message().to_owned())
        }
    }
}

#[test]
fn a_good_response_is_accepted_and_told() {
    for (version, mode) in VERSIONS.into_iter().flat_map(|version| MODES.map(|mode| (version, mode))) {
        for digest in [&b"SHA1\0"[..], b"SHA256\0"] {
            let response = Made { digest, ..Made::good("ecdsa") }.der();
            let pair = Pair::connected(&asking(mode), &sending("ecdsa", version, &response), None);
            let status = pair.client.ocsp_status();
            assert_eq!(pair.client.ocsp_response(), Some(response));
            assert_eq!((status.status, status.reason, status.revocation_time), (1, 0, 0));
            assert!((3590..=3660).contains(&(status.next_update - status.this_update)));
            assert_eq!(pair.server.ocsp_response(), None);
            assert_eq!(pair.server.ocsp_status(), OcspStatus::default());
        }
    }
}

#[test]
fn nothing_is_asked_for_by_default() {
    for version in VERSIONS {
        let revoked = Made { status: REVOKED, ..Made::good("ecdsa") }.der();
        let pair = Pair::connected(&pair::client(), &sending("ecdsa", version, &revoked), None);
        assert_eq!((pair.client.ocsp_response(), pair.client.ocsp_status()), (None, OcspStatus::default()));
    }
}

#[test]
fn what_is_not_good_is_refused() {
    let good = Made::good("ecdsa");
    let cases = [
        ("revoked", Made { status: REVOKED, reason: 1, ..good.clone() }, 23),
        ("unknown", Made { status: UNKNOWN, ..good.clone() }, 75),
        (
            "signed by a stranger",
            Made {
                signer: certs::read("unknown-ca.pem"),
                key: certs::read("unknown-ca.key"),
                ..good.clone()
            },
            74,
        ),
        (
            "signed by the root, not by the issuer",
            Made { signer: certs::read("ca.pem"), key: certs::read("ca.key"), ..good.clone() },
            74,
        ),
        (
            "signed by the server itself",
            Made { signer: certs::read("ecdsa.pem"), key: certs::read("ecdsa.key"), ..good.clone() },
            74,
        ),
    ];
    for (version, mode) in VERSIONS.into_iter().flat_map(|version| MODES.map(|mode| (version, mode))) {
        for (what, made, code) in &cases {
            let found = outcome(&asking(mode), &sending("ecdsa", version, &made.der()));
            assert_eq!(found.0, *code, "{version:x} {mode:?} {what}: {}", found.1);
        }
    }
}

/// The refusal of one is told as data.
#[test]
fn a_revocation_is_told_with_its_reason() {
    for version in VERSIONS {
        let made = Made { status: REVOKED, reason: 1, ..Made::good("ecdsa") };
        let pair = Pair::new(&asking(Ocsp::Request), &sending("ecdsa", version, &made.der()), None);
        let error = pair.shake().expect_err("revoked");
        assert!(error.message().ends_with("certificate revoked: by the server's OCSP response"), "{error}");
        let status = pair.client.ocsp_status();
        assert_eq!((status.status, status.reason), (2, 1));
        assert!((-3700..=-3500).contains(&(status.revocation_time - status.this_update - 60)), "{status:?}");
    }
}

#[test]
fn without_a_response_only_require_refuses() {
    for version in VERSIONS {
        let server = server("ecdsa", version);
        assert_eq!(outcome(&asking(Ocsp::Request), &server).0, 0);
        let (code, message) = outcome(&asking(Ocsp::Require), &server);
        assert_eq!(code, 73, "{message}");
        assert!(message.contains("the server sent no OCSP response"), "{message}");
    }
}

/// Runs openssl in the folder of the certificates, with the files of its own in a folder of the test.
fn openssl(args: &[&str]) {
    certs::run(Command::new("openssl").args(args).current_dir(certs::folder()));
}

/// A certificate signed by the tests' intermediate, with an extension.
fn issued(name: &str, extension: &str) -> (Vec<u8>, Vec<u8>) {
    issued_by("inter", name, &["-addext", extension])
}

/// A certificate signed by one of the tests' authorities.
fn issued_by(authority: &str, name: &str, more: &[&str]) -> (Vec<u8>, Vec<u8>) {
    let file = |kind: &str| certs::scratch().join(format!("{name}.{kind}"));
    let (pem, key) = (file("pem"), file("key"));
    let request = "req -x509 -noenc -subj /CN=localhost -days 30 \
                   -addext subjectAltName=DNS:localhost -addext basicConstraints=CA:FALSE \
                   -addext authorityKeyIdentifier=keyid";
    let mut args: Vec<&str> = request.split_whitespace().collect();
    let signer = (format!("{authority}.pem"), format!("{authority}.key"));
    args.extend(["-CA", &signer.0, "-CAkey", &signer.1]);
    args.extend(["-out", pem.to_str().expect("a path"), "-keyout", key.to_str().expect("a path")]);
    if !more.contains(&"-newkey") {
        args.extend(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    }
    args.extend(more);
    openssl(&args);
    (std::fs::read(pem).expect("a certificate"), std::fs::read(key).expect("a key"))
}

/// RFC 6960, section 4.2.2.2: a certificate that the issuer has issued for OCSP signing, no other, and as long as it is valid.
#[test]
fn a_delegated_signer_needs_its_purpose() {
    let purpose = "extendedKeyUsage=OCSPSigning";
    let signing = issued("signing", purpose);
    let serving = issued("serving", "extendedKeyUsage=serverAuth");
    let dated = |since, until| (made::dated(&signing.0, since, until), signing.1.clone());
    let (over, to_come) = (dated(-7200, -3600), dated(3600, 7200));
    for version in VERSIONS {
        for ((signer, key), code) in [(&signing, 0), (&serving, 74), (&over, 74), (&to_come, 74)] {
            let made = Made { signer: signer.clone(), key: key.clone(), ..Made::good("ecdsa") };
            let found = outcome(&asking(Ocsp::Require), &sending("ecdsa", version, &made.der()));
            assert_eq!(found.0, code, "{}", found.1);
        }
    }
}

/// RFC 7633: the issuer says that the certificate comes with a response, or is not used.
#[test]
fn must_staple_makes_a_request_a_demand() {
    let (pem, key) = issued("must", "tlsfeature=status_request");
    let chain = [pem.clone(), certs::read("inter.pem")].concat();
    for version in VERSIONS {
        let server = server("ecdsa", version);
        server.load_cert_chain_data(&chain, Some(&key), None).expect("an identity");
        let ignoring = pair::client();
        assert_eq!(outcome(&ignoring, &server).0, 0);
        assert_eq!(outcome(&asking(Ocsp::Request), &server).0, 73);
        server
            .set_ocsp_response(&Made { leaf: pem.clone(), ..Made::good("ecdsa") }.der())
            .expect("a response");
        assert_eq!(outcome(&asking(Ocsp::Request), &server).0, 0);
    }
}

/// What `openssl ocsp` makes.
#[test]
fn responses_of_the_command_are_read() {
    let work = certs::scratch().join("command");
    std::fs::create_dir_all(&work).expect("a folder");
    let serial = |name: &str| {
        let output = Command::new("openssl")
            .args(["x509", "-noout", "-serial", "-in", &format!("{name}.pem")])
            .current_dir(certs::folder())
            .output()
            .expect("openssl");
        String::from_utf8(output.stdout).expect("text").trim().trim_start_matches("serial=").to_owned()
    };
    let index = format!(
        "V\t491231235959Z\t\t{}\tunknown\t/CN=localhost\nR\t491231235959Z\t240101000000Z,keyCompromise\t{}\tunknown\t/CN=localhost\n",
        serial("ecdsa"),
        serial("rsa")
    );
    std::fs::write(work.join("index"), index).expect("a file");
    let path = |name: &str| work.join(name).to_str().expect("a path").to_owned();
    for (name, code) in [("ecdsa", 0), ("rsa", 23), ("ed25519", 75)] {
        let (index, out) = (path("index"), path(name));
        openssl(&[
            "ocsp",
            "-index",
            &index,
            "-CA",
            "inter.pem",
            "-rsigner",
            "inter.pem",
            "-rkey",
            "inter.key",
            "-ndays",
            "1",
            "-issuer",
            "inter.pem",
            "-cert",
            &format!("{name}.pem"),
            "-respout",
            &out,
            "-no_nonce",
            "-noverify",
        ]);
        let response = std::fs::read(&out).expect("a response");
        for version in VERSIONS {
            let found = outcome(&asking(Ocsp::Require), &sending(name, version, &response));
            assert_eq!(found.0, code, "{name}: {}", found.1);
        }
    }
}

#[test]
fn a_server_sends_the_response_of_the_certificate_it_shows() {
    for version in VERSIONS {
        let server = server("ecdsa", version);
        pair::identify(&server, "ed25519");
        for name in ["ecdsa", "ed25519", "ecdsa"] {
            server.set_ocsp_response(&Made::good(name).der()).expect("a response");
        }
        let pair = Pair::connected(&asking(Ocsp::Require), &server, None);
        assert_eq!(pair.client.ocsp_status().status, 1);
        server.set_ocsp_response(&[]).expect("none");
        assert_eq!(outcome(&asking(Ocsp::Require), &server).0, 73);
    }
}

#[test]
fn a_server_refuses_what_it_cannot_send() {
    let good = Made::good("ecdsa");
    let server = server("ecdsa", TLS1_3);
    server.set_ocsp_response(&good.der()).expect("a response");
    let cases = [
        (b"garbage".to_vec(), "response is not an OCSP response in DER"),
        (
            made::unanswered(6),
            "response says that the responder did not answer (status 6 of RFC 6960, section 4.2.1)",
        ),
        (
            Made { leaf: certs::read("rsa.pem"), ..good.clone() }.der(),
            "response is not for a certificate of this context: load the certificate first",
        ),
        (
            Made { this_update: -7200, next_update: Some(-3600), ..good.clone() }.der(),
            "response is not valid now: fetch a new one",
        ),
    ];
    for (response, message) in cases {
        let error = server.set_ocsp_response(&response).expect_err(message);
        assert_eq!((error.status(), error.message()), (Status::Value, message));
        assert_eq!(outcome(&asking(Ocsp::Require), &server).0, 0, "the old one is still sent");
    }
    let error = pair::client().set_ocsp_response(&good.der()).expect_err("a client");
    assert!(error.message().contains("OCSP responses are sent by servers"), "{error}");
    let error = server.set_ocsp(Ocsp::Request).expect_err("a server");
    assert!(error.message().contains("OCSP responses are requested by clients"), "{error}");
    let error = Ocsp::from_number(3).expect_err("no mode");
    assert_eq!(error.message(), "mode 3 is not one of OCSP_IGNORE, _REQUEST and _REQUIRE");
}

/// A session that was made without a response does not satisfy a connection that demands one.
#[test]
fn a_session_is_resumed_under_the_same_demand_only() {
    for version in VERSIONS {
        let client = pair::client();
        let server = sending("ecdsa", version, &Made::good("ecdsa").der());
        let without = Pair::connected(&client, &server, None).client.session().unwrap().expect("a session");
        client.set_ocsp(Ocsp::Require).expect("a mode");
        let pair = Pair::connected(&client, &server, Some(&without));
        assert!(!pair.client.session_reused(), "{version:x}");
        let with = pair.client.session().unwrap().expect("a session");
        let pair = Pair::connected(&client, &server, Some(&with));
        assert!(pair.client.session_reused(), "{version:x}");
        assert_eq!(pair.client.ocsp_response(), None);
        let copy = Session::from_data(&client, &with.data().expect("bytes")).expect("a session");
        assert!(Pair::connected(&client, &server, Some(&copy)).client.session_reused(), "{version:x}");
        client.set_ocsp(Ocsp::Request).expect("a mode");
        assert!(Session::from_data(&client, &with.data().expect("bytes")).is_err(), "another demand");
    }
}

/// Without verification a response about the server cannot be checked.
#[test]
fn an_unverified_server_never_satisfies_require() {
    for version in VERSIONS {
        for (mode, passes) in [(Ocsp::Request, true), (Ocsp::Require, false)] {
            let client = asking(mode);
            client.set_check_hostname(false).expect("a change");
            client.set_verify_mode(0).expect("a change");
            let server = sending("ecdsa", version, &Made { status: GOOD, ..Made::good("ecdsa") }.der());
            let careless = Context::new(16).expect("a context");
            careless.set_check_hostname(false).expect("a change");
            careless.set_verify_mode(0).expect("a change");
            careless.set_ocsp(mode).expect("a mode");
            let shaken = Pair::new(&careless, &server, None).shake();
            assert_eq!(shaken.is_ok(), passes, "{version:x} {mode:?}: {shaken:?}");
        }
    }
}

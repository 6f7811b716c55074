//! Private keys that are elsewhere, here with the program `openssl`.

use crate::certs::{self, read};
use crate::pair::{self, Pair, TLS1_2, TLS1_3};
use crate::sign::sign;
use crate::{peer, server_of, shown};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use tlsock::*;

type Asked = Arc<Mutex<Vec<(&'static str, Option<&'static str>, usize)>>>;

/// An identity whose key is in a file that only the signer reads, and what it was asked for.
fn signed_by(chain: &[u8], key: PathBuf) -> (Identity, Asked) {
    let asked = Asked::default();
    let asked_too = Arc::clone(&asked);
    let signer: SignerCallback = Arc::new(move |request, buffer| {
        asked_too.lock().expect("no panic").push((request.algorithm, request.digest, request.data.len()));
        let signature = sign(&key, request);
        buffer[..signature.len()].copy_from_slice(&signature);
        Ok(signature.len())
    });
    (Identity::from_signer(chain, SignerWait::Never, signer).expect("an identity"), asked)
}

fn key_of(name: &str) -> PathBuf {
    certs::folder().join(format!("{name}.key"))
}

fn remote(name: &str) -> (Identity, Asked) {
    signed_by(&read(&format!("{name}.pem")), key_of(name))
}

/// A self-signed certificate of a kind that the tests' folder has none of.
fn made(name: &str, options: &[&str]) -> (Vec<u8>, PathBuf) {
    let folder = certs::scratch();
    let (cert, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
    let mut command = Command::new("openssl");
    command.args([
        "req",
        "-x509",
        "-noenc",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
    ]);
    certs::run(command.args(options).arg("-keyout").arg(&key).arg("-out").arg(&cert));
    (std::fs::read(cert).expect("a certificate"), key)
}

fn trusting(cert: &[u8]) -> Context {
    let client = Context::new(context::PROTOCOL_TLS_CLIENT).expect("a context");
    client.load_verify_locations(None, None, Some(cert)).expect("a root");
    client
}

fn only(context: &Context, version: i32) {
    context.set_maximum_version(TLS1_3).expect("a version");
    context.set_minimum_version(version).expect("a version");
    context.set_maximum_version(version).expect("a version");
}

#[test]
fn servers_sign_with_each_kind_of_key() {
    for (name, in_1_2, in_1_3) in
        [("rsa", "rsa_pss", "rsa_pss"), ("ecdsa", "ecdsa", "ecdsa"), ("ed25519", "ed25519", "ed25519")]
    {
        for (version, algorithm) in [(TLS1_2, in_1_2), (TLS1_3, in_1_3)] {
            let (identity, asked) = remote(name);
            let server = server_of(&identity);
            only(&server, version);
            assert!(shown(&server).verified(), "{name}");
            let asked = asked.lock().expect("no panic");
            let [(algorithm_asked, digest, len)] = asked[..] else { panic!("{asked:?}") };
            assert_eq!(algorithm_asked, algorithm);
            match digest {
                None => assert!(name == "ed25519" && len > 64),
                Some(digest) => assert_eq!((digest, len), ("sha256", 32), "{name}"),
            }
        }
    }
}

#[test]
fn other_curves() {
    for (name, curve, expected) in [
        ("p384", "ec_paramgen_curve:P-384", ("ecdsa", Some("sha384"), 48)),
        ("p521", "ec_paramgen_curve:P-521", ("ecdsa", Some("sha512"), 64)),
    ] {
        assert_signs(name, &["-newkey", "ec", "-pkeyopt", curve], TLS1_3, expected);
    }
}

#[test]
fn pss_keys() {
    for (name, version) in [("pss", TLS1_3), ("pss2", TLS1_2)] {
        let options = ["-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"];
        assert_signs(name, &options, version, ("rsa_pss", Some("sha256"), 32));
    }
}

fn assert_signs(
    name: &str,
    options: &[&str],
    version: i32,
    expected: (&'static str, Option<&'static str>, usize),
) {
    let (cert, key) = made(name, options);
    let (identity, asked) = signed_by(&cert, key);
    let server = server_of(&identity);
    only(&server, version);
    Pair::connected(&trusting(&cert), &server, None);
    assert_eq!(*asked.lock().expect("no panic"), [expected], "{name}");
}

/// Each peer gets the identity whose key it can verify, whether that is here or elsewhere.
#[test]
fn of_several_identities_the_one_that_the_peer_takes() {
    const ALGORITHMS: [(&str, &str); 3] =
        [("rsa_pss_rsae_sha256", "rsa"), ("ecdsa_secp256r1_sha256", "ecdsa"), ("ed25519", "ed25519")];
    for version in [TLS1_2, TLS1_3] {
        for elsewhere in [&["rsa"][..], &["ecdsa", "ed25519"], &["rsa", "ecdsa", "ed25519"]] {
            let server = server_of(&crate::named("rsa"));
            only(&server, version);
            let mut signers = Vec::new();
            for (_, name) in ALGORITHMS {
                let (identity, asked) = remote(name);
                let is_elsewhere = elsewhere.contains(&name);
                let used = if is_elsewhere { identity } else { crate::named(name) };
                server.use_identity(&used).expect("an identity");
                signers.push((asked, usize::from(is_elsewhere)));
            }
            for ((algorithm, name), (asked, count)) in ALGORITHMS.iter().zip(&signers) {
                let said = s_client(&server, &["-sigalgs", algorithm]);
                assert!(said.contains("Verification: OK"), "{name} {elsewhere:?}: {said}");
                assert_eq!(asked.lock().expect("no panic").len(), *count, "{name} {elsewhere:?}");
            }
            shown(&server);
        }
    }
}

/// A client of TLS 1.3 shows the one that the server takes; before that the one that was set last, or none if it is not that.
#[test]
fn of_several_of_a_client_the_one_that_the_server_takes() {
    let client = pair::client();
    let (cert, key) = made("client-rsa", &["-newkey", "rsa:2048", "-addext", "extendedKeyUsage=clientAuth"]);
    let (rsa, of_rsa) = signed_by(&cert, key);
    let (ecdsa, of_ecdsa) = remote("client");
    let kinds =
        [("rsa", "rsa_pss_rsae_sha256:RSA+SHA256", &of_rsa), ("ecdsa", "ecdsa_secp256r1_sha256", &of_ecdsa)];
    for last in ["rsa", "ecdsa"] {
        client.use_identity(if last == "rsa" { &ecdsa } else { &rsa }).expect("an identity");
        client.use_identity(if last == "rsa" { &rsa } else { &ecdsa }).expect("another");
        for (version, (name, algorithms, asked)) in
            kinds.iter().flat_map(|kind| [(TLS1_2, kind), (TLS1_3, kind)])
        {
            let server = pair::server(name);
            only(&server, version);
            let root = certs::folder().join("ca.pem");
            server.load_verify_locations(Some(&root), None, Some(&cert)).expect("roots");
            server.set_verify_mode(1).expect("a mode");
            server.set_server_sigalgs(algorithms).expect("algorithms");
            let before = asked.lock().expect("no panic").len();
            let pair = Pair::new(&client, &server, None);
            pair.shake().unwrap_or_else(|error| panic!("{algorithms} {version:x}: {error}"));
            let shown = usize::from(version == TLS1_3 || last == *name);
            assert_eq!(
                asked.lock().expect("no panic").len(),
                before + shown,
                "{last} {algorithms} {version:x}"
            );
            assert_eq!(usize::from(pair.server.peer_certificate().expect("no failure").is_some()), shown);
        }
    }
}

/// A client whose only identity the server cannot verify shows none.
#[test]
fn a_client_shows_none_that_the_server_does_not_take() {
    for (identity, counts) in [(crate::named("client"), None), {
        let (one, asked) = remote("client");
        (one, Some(asked))
    }] {
        let client = pair::client();
        client.use_identity(&identity).expect("an identity");
        for version in [TLS1_2, TLS1_3] {
            let server = pair::server("rsa");
            only(&server, version);
            server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).expect("a root");
            server.set_verify_mode(1).expect("a mode");
            server.set_server_sigalgs("rsa_pss_rsae_sha256").expect("an algorithm");
            let pair = Pair::connected(&client, &server, None);
            assert!(pair.server.peer_certificate().expect("no failure").is_none(), "{version:x}");
        }
        assert!(counts.is_none_or(|asked| asked.lock().expect("no panic").is_empty()));
    }
}

/// The peer is one that knows PKCS#1 v1.5 only, as TLS 1.2 began with.
#[test]
fn pkcs1_where_the_peer_wants_it() {
    let (identity, asked) = remote("rsa");
    let server = server_of(&identity);
    only(&server, TLS1_2);
    let said = s_client(&server, &["-sigalgs", "RSA+SHA384", "-tls1_2"]);
    assert!(said.contains("Verification: OK"), "{said}");
    assert_eq!(*asked.lock().expect("no panic"), [("rsa_pkcs1", Some("sha384"), 48)]);
}

/// What `openssl s_client` says of a handshake with this server.
pub fn s_client(server: &Context, words: &[&str]) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let mut client = Command::new("openssl");
    client.args(["s_client", "-connect", &format!("127.0.0.1:{port}"), "-verify_return_error", "-brief"]);
    client.arg("-CAfile").arg(certs::folder().join("ca.pem")).args(words);
    client.stdin(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
    let client = client.spawn().expect("openssl");
    let (stream, _) = listener.accept().expect("a client");
    shake_over(server, stream);
    let output = client.wait_with_output().expect("openssl ends");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn shake_over(server: &Context, stream: std::net::TcpStream) {
    use std::io::{Read, Write};
    let (up, down) = (MemoryBio::new(), MemoryBio::new());
    let object = server.wrap_bio(Some((&up, &down)), WrapFlags::SERVER_SIDE, None, None).expect("a server");
    let mut buffer = vec![0; 20_000];
    loop {
        let done = object.do_handshake();
        let count = down.read(&mut buffer);
        (&stream).write_all(&buffer[..count]).expect("the client reads");
        match done {
            Ok(()) => return,
            Err(error) if error.is_want() => {}
            Err(error) => panic!("{error}"),
        }
        let count = (&stream).read(&mut buffer).expect("the client writes");
        assert!(count > 0, "the client is gone");
        up.write(&buffer[..count]).expect("room");
    }
}

#[test]
fn clients_sign_as_well() {
    for version in [TLS1_2, TLS1_3] {
        let (identity, asked) = remote("client");
        let client = pair::client();
        client.use_identity(&identity).expect("an identity");
        only(&client, version);
        let server = pair::server("rsa");
        server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).expect("the root");
        server.set_verify_mode(2).expect("a mode");
        let pair = Pair::connected(&client, &server, None);
        assert!(peer(&pair.server).verified());
        assert_eq!(asked.lock().expect("no panic").len(), 1);
    }
}

fn failing(signer: SignerCallback) -> Error {
    failing_as("ecdsa", signer)
}

fn failing_as(name: &str, signer: SignerCallback) -> Error {
    let chain = read(&format!("{name}.pem"));
    let identity = Identity::from_signer(&chain, SignerWait::Never, signer).expect("an identity");
    let server = server_of(&identity);
    let pair = Pair::new(&pair::client(), &server, None);
    assert!(pair.client.do_handshake().is_err_and(|error| error.is_want()));
    let error = pair.server.do_handshake().expect_err("no signature");
    let told = pair.client.do_handshake().expect_err("an alert");
    assert_eq!(told.detail().and_then(|detail| detail.alert_received), Some(80), "internal_error: {told}");
    error
}

#[test]
fn what_a_signer_fails_with_is_the_cause() {
    let error = failing(Arc::new(|_, _| Err(Error::os_with(111, "the key store is down"))));
    assert_eq!(error.status(), Status::Ssl, "{error}");
    assert!(error.message().ends_with(": the key store is down"), "{error}");
    let cause = error.detail().and_then(|detail| detail.cause.as_ref()).expect("a cause");
    assert_eq!((cause.status(), cause.os_errno()), (Status::Os, 111));
    let long = failing(Arc::new(|_, buffer| Ok(buffer.len() + 1)));
    assert!(long.message().contains("a signature of this key cannot be longer than"), "{long}");
    let want = failing(Arc::new(|_, _| Err(Error::want_read())));
    assert!(!want.is_want(), "{want}");
    let panic = failing(Arc::new(|_, _| panic!("on purpose")));
    assert!(panic.message().contains("on purpose"), "{panic}");
}

/// The key of another certificate, a signature of other bytes, no signature at all: each fails here, not at the peer.
#[test]
fn a_wrong_signature_fails_here() {
    for name in ["ecdsa", "rsa", "ed25519"] {
        let other =
            if name == "rsa" { made("other-rsa", &["-newkey", "rsa:2048"]).1 } else { key_of("names") };
        let wrong: [SignerCallback; 5] = [
            Arc::new(move |request, buffer| Ok(put(&sign(&other, request), buffer))),
            Arc::new(move |request, buffer| {
                let other = vec![7; request.data.len()];
                Ok(put(&sign(&key_of(name), &SignRequest { data: &other, ..*request }), buffer))
            }),
            // As long as one that is right.
            Arc::new(move |request, buffer| {
                let signature = sign(&key_of(name), request);
                let spoilt: Vec<u8> = signature.iter().map(|byte| byte ^ 1).collect();
                Ok(put(&spoilt, buffer))
            }),
            Arc::new(|_, _| Ok(0)),
            Arc::new(|_, buffer| Ok(buffer.len())),
        ];
        for signer in wrong {
            assert_wrong(name, signer);
        }
    }
    assert_wrong(
        "rsa",
        Arc::new(|request, buffer| {
            assert_eq!(request.algorithm, "rsa_pss");
            let padded = SignRequest { algorithm: "rsa_pkcs1", ..*request };
            Ok(put(&sign(&key_of("rsa"), &padded), buffer))
        }),
    );
}

fn put(signature: &[u8], buffer: &mut [u8]) -> usize {
    let len = signature.len().min(buffer.len());
    buffer[..len].copy_from_slice(&signature[..len]);
    len
}

fn assert_wrong(name: &str, signer: SignerCallback) {
    let error = failing_as(name, signer);
    assert!(
        error.message().contains("the signer's signature is not one of the certificate's key"),
        "{name}: {error}"
    );
}

/// While one signer waits, other connections of the same context and of other contexts continue.
#[test]
fn a_slow_signer_blocks_its_own_connection_only() {
    let (begun, has_begun) = mpsc::channel();
    let (go_on, wait) = mpsc::channel::<()>();
    let first = Mutex::new(Some((begun, wait)));
    let signer: SignerCallback = Arc::new(move |request, buffer| {
        let waits = first.lock().expect("no panic").take();
        if let Some((begun, wait)) = waits {
            begun.send(()).expect("the test waits");
            wait.recv().expect("the test goes on");
        }
        let signature = sign(&key_of("ecdsa"), request);
        buffer[..signature.len()].copy_from_slice(&signature);
        Ok(signature.len())
    });
    let server = server_of(
        &Identity::from_signer(&read("ecdsa.pem"), SignerWait::Never, signer).expect("an identity"),
    );
    thread::scope(|scope| {
        let slow = scope.spawn(|| shown(&server));
        has_begun.recv().expect("a signer that waits");
        assert!(shown(&server).verified(), "another connection of this context");
        server.use_identity(&crate::named("rsa")).expect("a change meanwhile");
        assert!(shown(&pair::server("ecdsa")).verified(), "another context");
        go_on.send(()).expect("the signer waits");
        assert!(slow.join().expect("no panic").verified());
    });
}

/// A signer may use TLS itself, to reach a key store: its failures are not taken for those of the connection it signs for.
#[test]
fn a_signer_may_shake_hands_itself() {
    let signer: SignerCallback = Arc::new(|request, buffer| {
        let refused =
            Pair::new(&pair::client(), &pair::server("wrong-name"), None).shake().expect_err("a name");
        assert_eq!(refused.status(), Status::CertVerification);
        shown(&pair::server("ecdsa"));
        let signature = sign(&key_of("ecdsa"), request);
        buffer[..signature.len()].copy_from_slice(&signature);
        Ok(signature.len())
    });
    let server = server_of(
        &Identity::from_signer(&read("ecdsa.pem"), SignerWait::Never, signer).expect("an identity"),
    );
    assert!(shown(&server).verified());
}

#[test]
fn a_signer_goes_with_the_last_that_uses_it() {
    let held = Arc::new(());
    let own = Arc::clone(&held);
    let signer: SignerCallback = Arc::new(move |_, _| {
        let _ = &own;
        Ok(0)
    });
    let identity = Identity::from_signer(&read("ecdsa.pem"), SignerWait::Never, signer).expect("an identity");
    let server = server_of(&identity);
    drop(identity);
    assert_eq!(Arc::strong_count(&held), 2);
    server.use_identity(&crate::named("ecdsa")).expect("another");
    assert_eq!(Arc::strong_count(&held), 1);
}

#[cfg(feature = "openssl")] // Others have no providers.
unsafe extern "C" {
    fn OSSL_PROVIDER_available(
        library: *mut std::ffi::c_void,
        name: *const std::ffi::c_char,
    ) -> std::ffi::c_int;
}

/// Other code of the process fetches algorithms from OpenSSL's default library context as before.
#[cfg(feature = "openssl")]
#[test]
fn nobody_else_sees_the_provider() {
    let (identity, _) = remote("ecdsa");
    assert!(shown(&server_of(&identity)).verified());
    // SAFETY: the default library context, and names that end in NUL; so below.
    let ours = unsafe { OSSL_PROVIDER_available(std::ptr::null_mut(), c"tlsock".as_ptr()) };
    // SAFETY: as above.
    let usual = unsafe { OSSL_PROVIDER_available(std::ptr::null_mut(), c"default".as_ptr()) };
    assert_eq!((ours, usual), (0, 1));
}

#[test]
fn other_kinds_of_keys_are_refused() {
    let nobody = || -> SignerCallback { Arc::new(|_, _| Ok(0)) };
    let (cert, _) = made("ed448", &["-newkey", "ed448"]);
    let error = Identity::from_signer(&cert, SignerWait::Never, nobody()).expect_err("Ed448");
    assert_eq!(error.status(), Status::NotImplemented);
    for chain in [&b""[..], b"junk", &read("ecdsa.key")] {
        assert_eq!(
            Identity::from_signer(chain, SignerWait::Never, nobody()).expect_err("no chain").status(),
            Status::Ssl
        );
    }
}

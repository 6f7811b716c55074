//! What security levels and VERIFY_X509_STRICT refuse in handshakes, with the same codes whatever library does the work.

mod certs;
#[path = "verdicts/chain.rs"]
mod chain;
#[path = "verdicts/delegates.rs"]
mod delegates;
mod pair;
#[path = "verdicts/paths.rs"]
mod paths;
#[path = "verdicts/trusted.rs"]
mod trusted;

use chain::{AUTHORITY, Chain, IDENTIFIED, LEAF, Made, ROOT, made, told_by};
use pair::Pair;
use std::ffi::CStr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tlsock::context::{PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER};
use tlsock::*;

const STRICT: u64 = 0x20;
const EE_KEY_TOO_SMALL: i32 = 66;
const CA_KEY_TOO_SMALL: i32 = 67;
const CA_MD_TOO_WEAK: i32 = 68;

const BAD_CERTIFICATE: u8 = 42;
const CERTIFICATE_UNKNOWN: u8 = 46;
const UNKNOWN_CA: u8 = 48;

/// A server that does not mind, and shows the chain of a folder.
fn server(folder: &Path) -> Context {
    let server = Context::new(PROTOCOL_TLS_SERVER).expect("a context");
    server.set_ciphers("ALL:@SECLEVEL=0").expect("ciphers");
    server
        .load_cert_chain(&folder.join("chain.pem"), Some(&folder.join("leaf.key")), None)
        .expect("an identity");
    server
}

fn client(folder: &Path, level: i32, strict: bool) -> Context {
    let client = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
    client.set_ciphers(&format!("ALL:@SECLEVEL={level}")).expect("ciphers");
    client.load_verify_locations(Some(&folder.join("root.pem")), None, None).expect("a root");
    client
        .set_verify_flags(client.verify_flags() & !STRICT | if strict { STRICT } else { 0 })
        .expect("flags");
    client
}

/// The code that a client refuses with, and the depth; (0, 0) for none.
fn verdict(folder: &Path, level: i32, strict: bool) -> (i32, u32) {
    let pair = Pair::new(&client(folder, level, strict), &server(folder), None);
    let Err(error) = pair.shake() else { return (0, 0) };
    let detail = error.detail().expect("details");
    assert_eq!(error.status(), Status::CertVerification, "{error}");
    assert!(error.to_string().contains("certificate verify failed: "), "{error}");
    let alert = match detail.verify_code {
        62 | EE_KEY_TOO_SMALL..=CA_MD_TOO_WEAK => BAD_CERTIFICATE,
        18..=22 | 25 => UNKNOWN_CA,
        _ => CERTIFICATE_UNKNOWN,
    };
    assert_eq!(detail.alert_sent, Some(alert), "{error}");
    (detail.verify_code, detail.depth.unwrap_or(u32::MAX))
}

/// A name, what is wrong with the chain, and the code and depth that it is refused with.
type Case = (&'static str, fn(&mut Chain), (i32, u32));

#[test]
fn levels_refuse_small_keys_and_weak_digests() {
    let with = |change: fn(&mut Chain)| {
        let mut chain = Chain::good();
        change(&mut chain);
        chain
    };
    let cases: [Case; 4] = [
        ("small-leaf", |chain| chain.leaf.key = vec!["-newkey", "rsa:1024"], (EE_KEY_TOO_SMALL, 0)),
        ("small-inter", |chain| chain.inter.key = vec!["-newkey", "rsa:1024"], (CA_KEY_TOO_SMALL, 1)),
        ("small-root", |chain| chain.root.key = vec!["-newkey", "rsa:1024"], (CA_KEY_TOO_SMALL, 2)),
        ("sha1-leaf", |chain| chain.leaf.digest = "-sha1", (CA_MD_TOO_WEAK, 0)),
    ];
    for (name, change, refusal) in cases {
        let folder = with(change).make(name);
        assert_eq!(verdict(&folder, 2, true), refusal, "{name}");
        assert_eq!(verdict(&folder, 2, false), refusal, "{name}");
        assert_eq!(verdict(&folder, 0, true), (0, 0), "{name}");
    }
    let folder = with(|chain| chain.inter.digest = "-sha1").make("sha1-inter");
    assert_eq!(verdict(&folder, 1, false), (CA_MD_TOO_WEAK, 1));
    // Its own signature does not matter.
    let folder = with(|chain| chain.root.digest = "-sha1").make("sha1-root");
    assert_eq!(verdict(&folder, 2, true), (0, 0));
}

#[test]
fn strictness_refuses_what_rfc_5280_forbids() {
    let cases: [Case; 7] = [
        (
            "no-akid",
            |chain| {
                chain.leaf.extensions =
                    format!("{LEAF}subjectKeyIdentifier=hash\nauthorityKeyIdentifier=none\n")
            },
            (85, 0),
        ),
        (
            "inter-no-akid",
            |chain| {
                chain.inter.extensions =
                    format!("{AUTHORITY}subjectKeyIdentifier=hash\nauthorityKeyIdentifier=none\n")
            },
            (85, 1),
        ),
        (
            "no-skid",
            |chain| {
                chain.inter.extensions =
                    format!("{AUTHORITY}subjectKeyIdentifier=none\nauthorityKeyIdentifier=keyid:always\n");
                chain.leaf.extensions =
                    format!("{LEAF}subjectKeyIdentifier=hash\nauthorityKeyIdentifier=none\n");
            },
            (85, 0),
        ),
        (
            "root-no-skid",
            |chain| {
                chain.root.extensions =
                    format!("{AUTHORITY}subjectKeyIdentifier=none\nauthorityKeyIdentifier=none\n");
                chain.inter.extensions =
                    format!("{AUTHORITY}subjectKeyIdentifier=hash\nauthorityKeyIdentifier=none\n");
            },
            (85, 1),
        ),
        (
            "no-usage",
            |chain| chain.inter.extensions = format!("basicConstraints=critical,CA:TRUE\n{IDENTIFIED}"),
            (92, 1),
        ),
        (
            "root-no-usage",
            |chain| {
                chain.root.extensions =
                    "basicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash\n".into()
            },
            (92, 2),
        ),
        ("leaf-signs", |chain| chain.leaf.extensions += "keyUsage=digitalSignature,keyCertSign\n", (82, 0)),
    ];
    let folder = Chain::good().make("good");
    assert_eq!(verdict(&folder, 2, true), (0, 0));
    for (name, change, refusal) in cases {
        let mut chain = Chain::good();
        change(&mut chain);
        let folder = chain.make(name);
        assert_eq!(verdict(&folder, 2, true), refusal, "{name}");
        assert_eq!(verdict(&folder, 2, false), (0, 0), "{name}");
    }
}

/// Of several reasons OpenSSL tells the one that it meets first: a key that is too small before a name that does not fit.
#[test]
fn the_first_reason_is_told() {
    let mut chain = Chain::good();
    chain.leaf.key = vec!["-newkey", "rsa:1024"];
    chain.leaf.extensions = chain.leaf.extensions.replace("localhost", "elsewhere");
    let folder = chain.make("small-elsewhere");
    assert_eq!(verdict(&folder, 2, false), (EE_KEY_TOO_SMALL, 0));
    assert_eq!(verdict(&folder, 1, false), (62, 0));
    // It is not trusted either.
    let stranger = Chain::good().make("stranger");
    std::fs::copy(stranger.join("root.pem"), folder.join("root.pem")).expect("a file");
    assert_eq!(verdict(&folder, 2, false), (EE_KEY_TOO_SMALL, 0));
    assert_eq!(verdict(&folder, 1, false).0, 20);
}

fn reason(error: &Error) -> Option<&CStr> {
    error.detail().and_then(|detail| detail.reason.as_deref())
}

fn named(error: &Error) -> &str {
    reason(error).and_then(|reason| reason.to_str().ok()).unwrap_or_default()
}

#[test]
fn own_certificates_are_refused_when_they_are_loaded() {
    let mut chain = Chain::good();
    chain.leaf.key = vec!["-newkey", "rsa:1024"];
    let small = chain.make("own-small");
    let load = |folder: &Path| {
        let server = Context::new(PROTOCOL_TLS_SERVER).expect("a context");
        server.load_cert_chain(&folder.join("chain.pem"), Some(&folder.join("leaf.key")), None)
    };
    let error = load(&small).expect_err("1,024 bits are too few at level 2");
    assert_eq!(reason(&error), Some(c"EE_KEY_TOO_SMALL"), "{error}");
    load(&Chain::good().make("own-good")).expect("a good one");
    let mut chain = Chain::good();
    chain.inter.key = vec!["-newkey", "rsa:1024"];
    let error = load(&chain.make("own-small-inter")).expect_err("an authority's key too");
    assert_eq!(reason(&error), Some(c"CA_KEY_TOO_SMALL"), "{error}");
}

#[test]
fn a_level_that_is_raised_counts_for_what_was_loaded_before() {
    let mut chain = Chain::good();
    chain.leaf.key = vec!["-newkey", "rsa:1024"];
    let folder = chain.make("raised");
    let (client, server) = (client(&folder, 0, true), server(&folder));
    Pair::new(&client, &server, None).shake().expect("level 0 takes it");
    server.set_ciphers("ALL:@SECLEVEL=2").expect("a level");
    let (up, down) = (MemoryBio::new(), MemoryBio::new());
    // A library may refuse before the handshake.
    let made = server.wrap_bio(Some((&up, &down)), WrapFlags::SERVER_SIDE, None, None);
    let error = made.err().unwrap_or_else(|| {
        Pair::new(&client, &server, None).shake().expect_err("1,024 bits are too few at level 2")
    });
    assert_eq!(error.status(), Status::Ssl);
    assert!(
        ["EE_KEY_TOO_SMALL", "NO_SHARED_CIPHER", "NO_SUITABLE_SIGNATURE_ALGORITHM"].contains(&named(&error)),
        "{error}"
    );
}

#[test]
fn a_level_takes_versions_away() {
    const TLS1_1: i32 = 0x302;
    let folder = Chain::good().make("versions");
    let old = |context: &Context| {
        context.set_minimum_version(TLS1_1).expect("a version");
        context.set_maximum_version(TLS1_1).expect("a version");
    };
    let shake = |level| {
        let (client, server) = (client(&folder, level, true), server(&folder));
        old(&client);
        old(&server);
        Pair::new(&client, &server, None).shake()
    };
    shake(0).expect("level 0 has TLS 1.1");
    for level in 1..=3 {
        assert_eq!(shake(level).expect_err("no version is left").status(), Status::Ssl);
    }
}

#[test]
fn a_level_takes_ciphers_away() {
    const TLS1_2: i32 = 0x303;
    let mut chain = Chain::good();
    chain.leaf.key = vec!["-newkey", "rsa:3072"];
    let folder = chain.make("ciphers");
    let shake = |level| {
        let (client, server) = (client(&folder, level, true), server(&folder));
        client.set_maximum_version(TLS1_2).expect("a version");
        client.set_ciphers(&format!("AES128-GCM-SHA256:@SECLEVEL={level}")).expect("a cipher");
        Pair::new(&client, &server, None).shake()
    };
    shake(2).expect("level 2 asks for no forward secrecy");
    assert_eq!(shake(3).expect_err("level 3 does").status(), Status::Ssl);
}

/// Does a handshake with a server that should be this one.
fn shake_as(client: &Context, server: &Context, host: &str) -> Result<Object> {
    let (up, down) = (MemoryBio::new(), MemoryBio::new());
    let pair = Pair {
        client: client.wrap_bio(Some((&down, &up)), WrapFlags::default(), Some(host), None)?,
        server: server.wrap_bio(Some((&up, &down)), WrapFlags::SERVER_SIDE, None, None)?,
    };
    pair.shake().map(|()| pair.client)
}

/// Of all that is wrong with a chain a callback is told what OpenSSL meets first, so that one which forgives a certificate for being
/// expired forgives no other name and no stranger.
#[test]
fn a_callback_that_forgives_one_reason_is_told_no_later_one() {
    const STRANGER: i32 = 20;
    const WRONG_NAME: i32 = 62;
    const EXPIRED: i32 = 10;
    let cases = [
        (true, "expired", "localhost", EXPIRED),
        (true, "wrong-name", "localhost", WRONG_NAME),
        (true, "expired", "elsewhere", WRONG_NAME),
        (false, "ecdsa", "localhost", STRANGER),
        (false, "ecdsa", "elsewhere", STRANGER),
        (false, "expired", "localhost", STRANGER),
        (false, "expired", "elsewhere", STRANGER),
    ];
    for (trusts, name, host, code) in cases {
        for forgiven in [STRANGER, WRONG_NAME, EXPIRED] {
            let stranger = || Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
            let (client, server) = (if trusts { pair::client() } else { stranger() }, pair::server(name));
            let told = Arc::new(Mutex::new(Vec::new()));
            let notes = Arc::clone(&told);
            let judge: VerifyCallback = Arc::new(move |_, verification| {
                notes.lock().expect("nobody panics").push(verification.code());
                if verification.code() == forgiven { Ok(()) } else { Err(Error::value("not forgiven")) }
            });
            client.set_verify_callback(VerifyOverride::Insecure, Some(judge));
            let result = shake_as(&client, &server, host);
            assert_eq!(*told.lock().expect("nobody panics"), [code], "{name} as {host}");
            match result {
                Ok(end) => assert!(code == forgiven && end.verify_overridden()),
                Err(error) => {
                    assert_eq!(error.detail().expect("details").verify_code, code);
                    assert_ne!(code, forgiven, "{error}");
                }
            }
        }
    }
}

/// A level has a say in signature algorithms that the program has set: SHA-1 is for level 0.
#[test]
fn a_level_takes_signature_algorithms_away() {
    const TLS1_2: i32 = 0x303;
    const SHA1: &str = "ECDSA+SHA1";
    const BOTH: &str = "ECDSA+SHA1:ECDSA+SHA256";
    let folder = Chain::good().make("sigalgs");
    let at = |context: Context, level: i32, sigalgs: &str| {
        context.set_ciphers(&format!("ALL:@SECLEVEL={level}")).expect("a level");
        context.set_maximum_version(TLS1_2).expect("a version");
        context.set_server_sigalgs(sigalgs).expect("names");
        context
    };
    let ends = |of_client: (i32, &str), of_server: (i32, &str)| {
        let client = at(client(&folder, 0, false), of_client.0, of_client.1);
        (client, at(server(&folder), of_server.0, of_server.1))
    };
    for (of_client, of_server, passes) in [
        ((0, SHA1), (0, SHA1), true),
        ((0, SHA1), (0, BOTH), true),
        ((0, SHA1), (1, BOTH), false),
        ((1, BOTH), (0, SHA1), false),
        ((1, SHA1), (0, BOTH), false),
        ((0, BOTH), (1, SHA1), false),
        ((1, BOTH), (1, BOTH), true),
    ] {
        let (client, server) = ends(of_client, of_server);
        let result = shake_as(&client, &server, "localhost");
        assert_eq!(result.is_ok(), passes, "{of_client:?} {of_server:?} {:?}", result.err());
        // The same of a server that another context has chosen.
        let (first, chosen) = (at(self::server(&folder), 0, BOTH), server.clone());
        let choose: SniCallback = Arc::new(move |connection, _, _| Ok(connection.set_context(&chosen)?));
        first.set_sni_callback(Some(choose)).expect("a callback");
        let result = shake_as(&client, &first, "localhost");
        assert_eq!(result.is_ok(), passes, "switched: {of_client:?} {of_server:?} {:?}", result.err());
    }
}

/// What a signature algorithm must not be if nobody has named any: AWS-LC would sign by SHA-1 for a client that takes no other.
#[test]
fn nobody_signs_by_sha1_at_level_1() {
    let folder = Chain::good().make("sha1");
    let client = client(&folder, 0, false);
    client.set_maximum_version(0x303).expect("a version");
    client.set_server_sigalgs("ECDSA+SHA1").expect("names");
    let server = server(&folder);
    server.set_ciphers("ALL:@SECLEVEL=1").expect("a level");
    assert!(shake_as(&client, &server, "localhost").is_err());
}

/// What was wrong with a server with which a client goes on nevertheless stays with the session.
#[test]
fn a_session_keeps_what_was_found() {
    const UNABLE_TO_GET_ISSUER_CERT_LOCALLY: i32 = 20;
    let folder = Chain::good().make("unproved");
    let server = server(&folder);
    for version in [pair::TLS1_2, pair::TLS1_3] {
        let client = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
        client.set_check_hostname(false).expect("no name");
        client.set_verify_mode(0).expect("no verification");
        client.set_maximum_version(version).expect("a version");
        let first = Pair::connected(&client, &server, None);
        assert_eq!(first.client.verify_result().expect("a result"), UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
        let chain = first.client.get_verified_chain().expect("a list");
        assert!(chain.as_slice().iter().all(|certificate| !certificate.verified()));
        let session = first.client.session().expect("it can be asked for").expect("a session");
        let second = Pair::connected(&client, &server, Some(&session));
        assert!(second.client.session_reused());
        assert_eq!(second.client.verify_result().expect("a result"), UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
    }
}

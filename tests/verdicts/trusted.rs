//! What a trusted certificate is trusted for (`openssl x509 -addtrust` and `-addreject`) counts on both sides, as for the openssl
//! program.

use crate::{Chain, certs, made};
use std::path::{Path, PathBuf};
use std::process::Command;
use tlsock::context::{PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER};
use tlsock::*;

const PARTIAL_CHAIN: u64 = 1 << 19;
const REQUIRED: i32 = 2;

/// The code and the depth of a refusal; (0, 0) for none.
type Verdict = (i32, u32);

/// The side that is verified.
#[derive(Clone, Copy, Debug)]
enum Verifying {
    Server,
    Client,
}

impl Verifying {
    /// OpenSSL's name of the purpose, the use, and the use of the other side.
    fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Verifying::Server => ("sslserver", "serverAuth", "clientAuth"),
            Verifying::Client => ("sslclient", "clientAuth", "serverAuth"),
        }
    }
}

/// The certificate of which something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Root,
    /// An authority below the root, in the store with it.
    Inter,
    /// The same without the root.
    InterAlone,
    Leaf,
    /// A leaf that has signed itself.
    Itself,
}

const PLACES: [Place; 5] = [Place::Root, Place::Inter, Place::InterAlone, Place::Leaf, Place::Itself];

impl Place {
    /// The file of the certificate, those that stand beside it in the store, and the peer's own.
    fn files(self) -> (&'static str, &'static [&'static str], &'static str) {
        match self {
            Place::Root => ("root", &[], "leaf"),
            Place::Inter => ("inter", &["root"], "leaf"),
            Place::InterAlone => ("inter", &[], "leaf"),
            Place::Leaf => ("leaf", &[], "leaf"),
            Place::Itself => ("itself", &[], "itself"),
        }
    }
}

/// What is said of it: `+` trusts, `-` rejects, for the use, for the other one, for any.
const WORDS: [&[&str]; 10] = [
    &[],
    &["+use"],
    &["+other"],
    &["+any"],
    &["-use"],
    &["-other"],
    &["-any"],
    &["+use", "-any"],
    &["+any", "-use"],
    &["+use", "-other"],
];

fn chain() -> PathBuf {
    let chain = Chain::good();
    let folder = chain.make("trusted");
    made("basicConstraints=critical,CA:TRUE\nsubjectAltName=DNS:localhost\n").make(&folder, "itself", None);
    folder
}

/// Puts together the store of a case.
fn store(folder: &Path, place: Place, words: &[&str], verifying: Verifying) -> PathBuf {
    let (_, own, other) = verifying.names();
    let (file, beside, _) = place.files();
    let mut openssl = Command::new("openssl");
    openssl.args(["x509", "-trustout", "-in"]).arg(folder.join(file).with_extension("pem"));
    for word in words {
        let option = if word.starts_with('+') { "-addtrust" } else { "-addreject" };
        let named = match &word[1..] {
            "use" => own,
            "other" => other,
            _ => "anyExtendedKeyUsage",
        };
        openssl.args([option, named]);
    }
    let mut pem = certs::run(&mut openssl);
    for file in beside {
        pem.extend(std::fs::read(folder.join(file).with_extension("pem")).expect("it was made"));
    }
    let path = folder.join(format!("{verifying:?}-{place:?}-{}.pem", words.concat()));
    std::fs::write(&path, pem).expect("a file");
    path
}

/// What the openssl program says.
fn by_program(folder: &Path, store: &Path, place: Place, verifying: Verifying, partial: bool) -> Verdict {
    let mut openssl = Command::new("openssl");
    openssl.args(["verify", "-purpose", verifying.names().0]).args(partial.then_some("-partial_chain"));
    openssl
        .args(["-no-CApath", "-no-CAstore", "-CAfile"])
        .arg(store)
        .arg("-untrusted")
        .arg(folder.join("inter.pem"));
    crate::told_by(openssl.arg(folder.join(place.files().2).with_extension("pem")))
}

/// What comes of a handshake.
fn by_handshake(folder: &Path, store: &Path, place: Place, verifying: Verifying, partial: bool) -> Verdict {
    let (client, server) = (context(PROTOCOL_TLS_CLIENT), context(PROTOCOL_TLS_SERVER));
    let (judge, judged) = match verifying {
        Verifying::Server => (&client, &server),
        Verifying::Client => (&server, &client),
    };
    if let Verifying::Client = verifying {
        client.set_check_hostname(false).expect("no name");
        client.set_verify_mode(0).expect("a client that does not mind");
        server.set_verify_mode(REQUIRED).expect("a server that does");
        identify(&server, folder, "leaf");
    }
    identify(judged, folder, place.files().2);
    judge.load_verify_locations(Some(store), None, None).expect("a store");
    let flags = judge.verify_flags() & !PARTIAL_CHAIN | if partial { PARTIAL_CHAIN } else { 0 };
    judge.set_verify_flags(flags).expect("flags");
    let Err(error) = crate::Pair::new(&client, &server, None).shake() else { return (0, 0) };
    let detail = error.detail().expect("details");
    assert_eq!(error.status(), Status::CertVerification, "{error}");
    (detail.verify_code, detail.depth.unwrap_or(u32::MAX))
}

fn context(protocol: i32) -> Context {
    Context::new(protocol).expect("a context")
}

fn identify(context: &Context, folder: &Path, name: &str) {
    let shown = if name == "leaf" { "chain" } else { name };
    let (shown, key) = (folder.join(shown).with_extension("pem"), folder.join(name).with_extension("key"));
    context.load_cert_chain(&shown, Some(&key), None).expect("an identity");
}

#[test]
fn trusted_certificates_are_trusted_for_what_is_said_of_them() {
    const REJECTED: i32 = 28;
    let folder = chain();
    let (mut accepted, mut rejected) = (0, 0);
    for (place, words) in PLACES.into_iter().flat_map(|place| WORDS.map(|words| (place, words))) {
        for verifying in [Verifying::Server, Verifying::Client] {
            let store = store(&folder, place, words, verifying);
            for partial in [true, false] {
                let case = format!("{verifying:?} {place:?} {words:?}, partial chains: {partial}");
                let expected = by_program(&folder, &store, place, verifying, partial);
                assert_eq!(by_handshake(&folder, &store, place, verifying, partial), expected, "{case}");
                accepted += i32::from(expected.0 == 0);
                rejected += i32::from(expected.0 == REJECTED);
                // Where nothing but the one certificate is trusted, and chains may end anywhere.
                let depth = match place {
                    Place::Root => 2,
                    Place::Inter | Place::InterAlone => 1,
                    Place::Leaf | Place::Itself => 0,
                };
                let says_no = ["+other", "-use", "-any"].iter().any(|word| words.contains(word));
                let certain = if says_no { (REJECTED, depth) } else { (0, 0) };
                assert!(!partial || expected == certain, "{case}: {expected:?} from the openssl program");
            }
        }
    }
    assert!(accepted > 50 && rejected > 50, "{accepted}, {rejected}");
}

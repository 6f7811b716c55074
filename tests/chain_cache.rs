//! Chains that were verified once: when the result is used again, and attempts to have it used where it must not be.

#[path = "chain_cache/asked.rs"]
mod asked;
mod certs;
#[path = "chain_cache/hits.rs"]
mod hits;
#[path = "chain_cache/made.rs"]
mod made;
mod pair;
#[path = "chain_cache/time.rs"]
mod time;
#[path = "chain_cache/trust.rs"]
mod trust;
mod version;

use pair::Pair;
use std::path::Path;
use tlsock::*;

const CERT_REQUIRED: i32 = 2;

/// Makes a context keep chains.
fn keeping(context: Context) -> Context {
    context.set_chain_cache(true);
    context
}

/// A client that trusts the tests' root and keeps chains.
fn keeper() -> Context {
    keeping(pair::client())
}

fn trust(context: &Context, file: &Path) {
    context.load_verify_locations(Some(file), None, None).expect("a CA");
}

fn add_flags(context: &Context, flags: u64) {
    context.set_verify_flags(context.verify_flags() | flags).expect("flags");
}

fn remove_flags(context: &Context, flags: u64) {
    context.set_verify_flags(context.verify_flags() & !flags).expect("flags");
}

/// Both ends; the client asks for a name.
fn pair_for(client: &Context, server: &Context, name: &str) -> Pair {
    let (up, down) = (MemoryBio::new(), MemoryBio::new());
    let client = client.wrap_bio(Some((&down, &up)), WrapFlags::default(), Some(name), None);
    let server = server.wrap_bio(Some((&up, &down)), WrapFlags::SERVER_SIDE, None, None);
    Pair { client: client.expect("a client"), server: server.expect("a server") }
}

fn ders(list: &CertificateList) -> Vec<&[u8]> {
    list.as_slice().iter().map(Certificate::der).collect()
}

/// Connects, which must succeed; tells whether the chain was known, and its length.
fn connect(client: &Context, server: &Context, name: &str) -> (bool, usize) {
    let before = client.chain_cache_hits();
    let pair = pair_for(client, server, name);
    pair.shake().expect("a handshake");
    let hits = client.chain_cache_hits() - before;
    assert!(hits <= 1);
    let certificate = pair.client.getpeercert().expect("a finished handshake").expect("a certificate");
    let chain = pair.client.get_verified_chain().unwrap();
    let shown = pair.client.get_unverified_chain().unwrap();
    assert_eq!(ders(&chain)[0], certificate.der());
    assert_eq!(ders(&shown)[0], certificate.der());
    assert!(chain.as_slice().iter().all(Certificate::verified));
    (hits == 1, chain.as_slice().len())
}

/// Tells whether the chain was known to a client that trusts the server.
fn is_hit(client: &Context, server: &Context) -> bool {
    connect(client, server, "localhost").0
}

/// Tries twice to connect, which the client must refuse for the same reason; gives the verify code.
fn refused(client: &Context, server: &Context, name: &str) -> i32 {
    let before = client.chain_cache_hits();
    let code = || {
        let error = pair_for(client, server, name).shake().expect_err("a refusal");
        assert_eq!(error.status(), Status::CertVerification, "{error}");
        error.detail().expect("details").verify_code
    };
    let (first, second) = (code(), code());
    assert_eq!((first, client.chain_cache_hits()), (second, before));
    first
}

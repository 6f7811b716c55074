//! Revocation lists are replaced as a set.

use crate::made::{Workshop, put_hashed, seconds_now};
use crate::{ALL, CRL_CHECK_LEAF, careless, certs, pair, session, session_of, visit};
use tlsock::{CertStoreStats, Context};

/// A list of the intermediate that revokes nothing, and is older than the tests' own.
fn old_list(shop: &Workshop) -> Vec<u8> {
    shop.empty_crl_until("old", seconds_now() + 100_000);
    std::fs::read(shop.file("old")).expect("a list")
}

fn asking(list: &[u8]) -> Context {
    let client = pair::client();
    client.set_verify_flags(client.verify_flags() | CRL_CHECK_LEAF).expect("flags");
    client.load_crl_data(list).expect("a list");
    client
}

fn refusal(client: &Context, server: &Context) -> Option<i32> {
    visit(client, server, "localhost", None).err().map(|error| error.detail().expect("details").verify_code)
}

fn crls(context: &Context) -> usize {
    context.cert_store_stats().expect("stats").crl
}

const REVOKED: i32 = 23;
const NO_LIST: i32 = 3;

#[test]
fn the_new_lists_count_and_no_others() {
    let shop = Workshop::new("replaced");
    let (old, new) = (old_list(&shop), certs::read("crl.pem"));
    let (client, server) = (asking(&old), pair::server("revoked"));
    assert_eq!((refusal(&client, &server), crls(&client)), (None, 1));
    client.set_crl_data(&new).expect("lists");
    assert_eq!((refusal(&client, &server), crls(&client)), (Some(REVOKED), 2));
    // If it were added, the older one would not be used.
    client.set_crl_data(&old).expect("a list");
    assert_eq!((refusal(&client, &server), crls(&client)), (None, 1));
    client.set_crl_data(&[]).expect("none");
    assert_eq!((refusal(&client, &server), crls(&client)), (Some(NO_LIST), 0));
    client.load_crl_data(&new).expect("lists");
    assert_eq!((refusal(&client, &server), crls(&client)), (Some(REVOKED), 2));
}

/// Whatever brought them: files that are read late, files with certificates, memory.
#[test]
fn lists_of_files_go_as_well_and_certificates_stay() {
    let shop = Workshop::new("files");
    let both = shop.file("both.pem");
    std::fs::write(&both, [certs::read("ca.pem"), certs::read("crl.pem")].concat()).expect("a file");
    let client = Context::create_default(129, Some(&both), None, None).expect("a context");
    client.set_verify_flags(client.verify_flags() | CRL_CHECK_LEAF).expect("flags");
    let before = client.cert_store_stats().expect("stats");
    assert_eq!((before.crl, refusal(&client, &pair::server("revoked"))), (2, Some(REVOKED)));
    client.set_crl_data(&old_list(&shop)).expect("a list");
    assert_eq!(client.cert_store_stats().expect("stats"), CertStoreStats { crl: 1, ..before });
    assert_eq!(refusal(&client, &pair::server("revoked")), None);
}

/// A directory is asked again, with what it holds by then.
#[test]
fn directories_stay() {
    let shop = Workshop::new("directory");
    let directory = shop.file("hashed");
    std::fs::create_dir(&directory).expect("a folder");
    put_hashed(&directory, &certs::folder().join("ca.pem"), "x509", "0");
    let client = Context::create_default(129, None, Some(&directory), None).expect("a context");
    client.set_crl_data(&certs::read("crl.pem")).expect("lists");
    client.set_verify_flags(client.verify_flags() | CRL_CHECK_LEAF).expect("flags");
    assert_eq!(refusal(&client, &pair::server("ecdsa")), None);
    assert_eq!(refusal(&client, &pair::server("revoked")), Some(REVOKED));
}

#[test]
fn bad_lists_leave_the_old_ones() {
    let client = asking(&certs::read("crl.pem"));
    let whole = certs::read("crl.pem");
    let cut = &whole[..whole.len() / 3];
    for bad in [cut, b"no list", &certs::read("ca.pem")] {
        client.set_crl_data(bad).expect_err("no list");
        assert_eq!((refusal(&client, &pair::server("revoked")), crls(&client)), (Some(REVOKED), 2));
    }
}

/// On both sides, a session that was made under the old lists is not resumed.
#[test]
fn sessions_by_the_old_lists_are_not_resumed() {
    for keeping in ALL {
        let shop = Workshop::new(&format!("session-{:x}-{}", keeping.version, keeping.tickets));
        let old = old_list(&shop);
        let (client, server) = (asking(&old), keeping.server("revoked"));
        let kept = session(&client, &server);
        client.set_crl_data(&certs::read("crl.pem")).expect("lists");
        let error = visit(&client, &server, "localhost", Some(&kept)).map(|_| ()).expect_err("revoked");
        assert_eq!(error.detail().expect("details").verify_code, REVOKED, "{keeping:?}");

        let (visitor, strict) = (careless(), crate::ends::requiring(keeping.server("ecdsa")));
        pair::identify(&visitor, "client");
        strict.load_crl_data(&old).expect("a list");
        strict.set_verify_flags(strict.verify_flags() | CRL_CHECK_LEAF).expect("flags");
        let kept = session_of(&visit(&visitor, &strict, "localhost", None).expect("a handshake"));
        strict.set_crl_data(&certs::read("crl.pem")).expect("lists");
        let pair = visit(&visitor, &strict, "localhost", Some(&kept)).expect("a handshake");
        assert!(!pair.server.session_reused(), "{keeping:?}");
    }
}

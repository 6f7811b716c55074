//! Which flag a chain failed for.

mod certs;
mod pair;

use pair::{Pair, client, identify, server};
use std::path::PathBuf;
use std::process::Command;
use tlsock::context::PURPOSE_SERVER_AUTH;
use tlsock::*;

const CRL_LEAF: u64 = 0x4;
const CRL_CHAIN: u64 = 0xC;
const STRICT: u64 = 0x20;

fn add_flags(context: &Context, flags: u64) {
    context.set_verify_flags(context.verify_flags() | flags).expect("flags");
}

/// The verify code and the flag of the failure that must come.
fn verdict(client: &Context, server: &Context) -> (i32, u64) {
    let error = Pair::new(client, server, None).shake().expect_err("a refusal");
    assert_eq!(error.status(), Status::CertVerification, "{error}");
    let detail = error.detail().expect("details");
    (detail.verify_code, detail.verify_flag)
}

/// A root that lacks what strict verification asks for, and a server's certificate that it signed.
fn lax() -> PathBuf {
    let folder = certs::scratch().join("lax");
    std::fs::create_dir_all(&folder).expect("a folder");
    let config = "[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=lax\n[root]\nbasicConstraints=critical,CA:TRUE\n\
                  [leaf]\nsubjectAltName=DNS:localhost\n";
    std::fs::write(folder.join("lax.cnf"), config).expect("a file");
    let make = |name: &str, more: &[&str]| {
        let mut command = Command::new("openssl");
        command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"]);
        command.args(["-config", "lax.cnf", "-days", "30", "-extensions", name]);
        command.args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.pem")]);
        certs::run(command.args(more).current_dir(&folder));
    };
    make("root", &["-subj", "/CN=lax root"]);
    make("leaf", &["-subj", "/CN=lax leaf", "-CA", "root.pem", "-CAkey", "root.key"]);
    folder
}

#[test]
fn strictness_is_named_when_it_alone_decided() {
    let folder = lax();
    let server = server("ecdsa");
    server
        .load_cert_chain(&folder.join("leaf.pem"), Some(&folder.join("leaf.key")), None)
        .expect("an identity");
    let client = Context::create_default(PURPOSE_SERVER_AUTH, Some(&folder.join("root.pem")), None, None);
    let client = client.expect("a client context");
    let (code, flag) = verdict(&client, &server);
    assert_eq!(flag, STRICT, "{code}");

    // Two reasons: no single flag decides.
    add_flags(&client, CRL_LEAF);
    assert_eq!(verdict(&client, &server).1, 0);

    client.set_verify_flags(client.verify_flags() & !(STRICT | CRL_LEAF)).expect("flags");
    Pair::connected(&client, &server, None);
}

#[test]
fn revocation_checks_are_named_when_they_alone_decided() {
    for flag in [CRL_LEAF, CRL_CHAIN] {
        let client = client();
        add_flags(&client, flag);
        assert_eq!(verdict(&client, &server("ecdsa")), (3, flag));
        client.load_crl_data(&certs::read("crl.pem")).expect("revocation lists");
        Pair::connected(&client, &server("ecdsa"), None);
        assert_eq!(verdict(&client, &server("revoked")), (23, flag));
    }
}

#[test]
fn no_flag_is_named_for_other_reasons() {
    let expired = server("expired");
    assert_eq!(verdict(&client(), &expired), (10, 0));
    assert_eq!(verdict(&client(), &server("wrong-name")), (62, 0));
    let stranger = verdict(&client(), &server("self-signed"));
    assert_eq!(stranger.1, 0, "{}", stranger.0);
    let both = client();
    add_flags(&both, CRL_LEAF);
    assert_eq!(verdict(&both, &server("wrong-name")).1, 0);
}

#[test]
fn servers_learn_it_too() {
    let (client, server) = (client(), server("ecdsa"));
    identify(&client, "client");
    server.set_verify_mode(2).expect("a mode");
    server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).expect("CAs");
    Pair::connected(&client, &server, None);
    add_flags(&server, CRL_LEAF);
    assert_eq!(verdict(&client, &server), (3, CRL_LEAF));
}

//! Identities that OpenSSL's stores have.

use crate::certs::{self, read};
use crate::{server_of, shown};
use std::path::{Path, PathBuf};
use std::process::Command;
use tlsock::*;

fn file_uri(name: &str) -> String {
    format!("file:{}", certs::folder().join(name).display())
}

fn refusal(cert: &str, key: Option<&str>, password: Option<&str>) -> Error {
    Identity::from_uri(cert, key, password.map(str::as_bytes)).expect_err("a refusal")
}

#[test]
fn files_of_each_kind() {
    let (cert, key) = (file_uri("ecdsa.pem"), file_uri("ecdsa.key"));
    let identity = Identity::from_uri(&cert, Some(&key), None).expect("two files");
    assert_eq!(identity.certificates().as_slice().len(), 2);
    assert!(shown(&server_of(&identity)).verified());
    let both = certs::scratch().join("both.pem");
    std::fs::write(&both, [read("rsa.pem"), read("rsa.key")].concat()).expect("a file");
    let identity = Identity::from_uri(&format!("file:{}", both.display()), None, None).expect("one file");
    assert!(shown(&server_of(&identity)).verified());
    let pkcs12 = Identity::from_uri(&file_uri("ecdsa.p12"), None, Some(&b"sesame"[..])).expect("PKCS#12");
    assert!(shown(&server_of(&pkcs12)).verified());
    let encrypted = file_uri("rsa-encrypted.key");
    Identity::from_uri(&file_uri("rsa.pem"), Some(&encrypted), Some(&b"sesame"[..])).expect("a password");
}

#[test]
fn what_cannot_be_read_is_told_without_the_uri() {
    let (cert, key) = (file_uri("rsa.pem"), file_uri("rsa.key"));
    let unserved = refusal("pkcs21:object=x?pin-value=1234", None, None);
    assert_eq!(unserved.status(), Status::NotImplemented);
    assert_eq!(
        unserved.message(),
        "cert_uri: nobody serves the scheme 'pkcs21': load a provider of OpenSSL that does"
    );
    let of_key = refusal(&cert, Some("pkcs21:pin-value=1234"), None);
    assert!(of_key.message().starts_with("key_uri: nobody serves"), "{of_key}");
    for none in ["", "server.pem", "/etc/server.pem", "C:/server.pem", ":x", "1a:x"] {
        let error = refusal(none, None, None);
        assert_eq!(error.status(), Status::Value, "{error}");
        assert!(error.message().starts_with("cert_uri is no URI"), "{error}");
    }
    let missing = refusal("file:/nowhere/server.pem", None, None);
    assert_eq!((missing.status(), missing.os_errno()), (Status::Os, 2), "{missing}");
    for (error, words) in [
        (refusal(&cert, None, None), "cert_uri: no private key was found"),
        (refusal(&key, None, None), "cert_uri: no certificate was found"),
        (
            refusal(&cert, Some(&file_uri("ecdsa.key")), None),
            "key_uri: the private key is not that of any certificate",
        ),
        (refusal(&cert, Some(&file_uri("crl.pem")), None), "key_uri: no private key was found"),
        (
            refusal(&cert, Some(&file_uri("rsa-encrypted.key")), Some("open")),
            "key_uri: the password is wrong",
        ),
        (
            refusal(&cert, Some(&file_uri("rsa-encrypted.key")), None),
            "the private key is encrypted: pass its password",
        ),
        (refusal(&file_uri("ecdsa.p12"), None, Some("open")), "cert_uri: the password is wrong"),
        (refusal(&file_uri("rsa.srl-that-is-not-there"), None, None), "cert_uri"),
    ] {
        assert!(error.message().contains(words), "{error}");
    }
}

/// What cannot be read may be a part of the chain, which is not shortened.
#[test]
fn a_damaged_file_is_refused() {
    let [chain, key] = ["rsa.pem", "rsa.key"].map(|name| String::from_utf8(read(name)).expect("text"));
    let end = chain.find("-----END").expect("an end line");
    let issuer = end + chain[end..].find("-----BEGIN").expect("an issuer");
    let (leaf, issuer) = chain.split_at(issuer);
    let lines: Vec<&str> = issuer.lines().collect();
    let mut damaged = lines.clone();
    let reversed: String = lines[3].chars().rev().collect();
    damaged[3] = &reversed;
    let file = certs::scratch().join("damaged.pem");
    for issuer in [damaged.join("\n"), issuer.replacen(lines[3], "!!!!", 1), lines[..6].join("\n")] {
        std::fs::write(&file, format!("{leaf}{key}{issuer}\n")).expect("a file");
        let error = refusal(&format!("file:{}", file.display()), None, None);
        assert_eq!(error.status(), Status::Ssl, "{error}");
        assert!(error.message().contains("cert_uri: "), "{error}");
    }
}

/// Two authorities of one name: the chain has the one that made the signature, wherever it is in the file.
#[test]
fn the_signature_tells_authorities_apart() {
    let signer = Certificate::from_data(&read("twin-ca.pem")).expect("a certificate");
    for order in [["ca.pem", "twin-ca.pem"], ["twin-ca.pem", "ca.pem"]] {
        let file = certs::scratch().join("twins.pem");
        let parts = ["twin-plain.pem", "twin-plain.key", order[0], order[1]];
        std::fs::write(&file, parts.map(read).concat()).expect("a file");
        let identity = Identity::from_uri(&format!("file:{}", file.display()), None, None).expect("one file");
        let chain = identity.certificates();
        assert_eq!(chain.as_slice().len(), 2, "{order:?}");
        assert_eq!(chain.as_slice()[1].der(), signer.der(), "{order:?}");
    }
}

/// A token of SoftHSM with the key of ecdsa.pem, where the provider of PKCS#11 is installed. OpenSSL finds it by its
/// openssl.cnf, which is read once: this test is run again in a process of its own.
#[test]
fn a_key_in_a_token() {
    let Some(tools) = Token::tools() else {
        eprintln!("skipped: softhsm2-util or OpenSSL's provider pkcs11 is not installed");
        return;
    };
    let token = Token::make(&tools);
    let output = token.run_again("uri::in_the_process_of_a_token");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Does nothing by itself: [`a_key_in_a_token`] starts it in a process whose openssl.cnf loads the provider.
#[test]
fn in_the_process_of_a_token() {
    if std::env::var_os("TLSOCK_TEST_TOKEN").is_none() {
        return;
    }
    let key = "pkcs11:token=tlsock;object=key;type=private";
    let identity =
        Identity::from_uri(&file_uri("ecdsa.pem"), Some(key), Some(&b"1234"[..])).expect("a token");
    assert!(shown(&server_of(&identity)).verified());
    let error =
        refusal(&file_uri("ecdsa.pem"), Some("pkcs11:token=tlsock;object=none;type=private"), Some("1234"));
    assert!(error.message().starts_with("key_uri: no private key was found"), "{error}");
}

struct Tools {
    softhsm: PathBuf,
    modules: PathBuf,
}

struct Token(PathBuf);

impl Token {
    fn tools() -> Option<Tools> {
        let directory = certs::run(Command::new("openssl").args(["version", "-m"]));
        let directory = String::from_utf8(directory).ok()?;
        let modules = PathBuf::from(directory.split('"').nth(1)?);
        let softhsm = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm.so"];
        let softhsm = softhsm.map(Path::new).into_iter().find(|path| path.exists())?.to_owned();
        let has_tool = Command::new("softhsm2-util").arg("--version").output().is_ok();
        (has_tool && modules.join("pkcs11.so").exists()).then_some(Tools { softhsm, modules })
    }

    fn make(tools: &Tools) -> Token {
        let folder = certs::scratch().join("token");
        std::fs::create_dir_all(folder.join("tokens")).expect("a folder");
        let token = Token(folder);
        let folder = token.0.display();
        std::fs::write(token.0.join("softhsm2.conf"), format!("directories.tokendir = {folder}/tokens\n"))
            .expect("a file");
        let conf = format!(
            "openssl_conf = init\n[init]\nproviders = providers\n[providers]\ndefault = own\npkcs11 = token\n\
             [own]\nactivate = 1\n[token]\nmodule = {}/pkcs11.so\npkcs11-module-path = {}\nactivate = 1\n",
            tools.modules.display(),
            tools.softhsm.display()
        );
        std::fs::write(token.0.join("openssl.cnf"), conf).expect("a file");
        let key = token.0.join("key.pem");
        certs::run(
            Command::new("openssl")
                .args(["pkcs8", "-topk8", "-nocrypt", "-in"])
                .arg(certs::folder().join("ecdsa.key"))
                .arg("-out")
                .arg(&key),
        );
        token.softhsm(&["--init-token", "--free", "--label", "tlsock", "--pin", "1234", "--so-pin", "5678"]);
        let key = key.to_str().expect("a path");
        token.softhsm(&[
            "--import", key, "--token", "tlsock", "--label", "key", "--id", "01", "--pin", "1234",
        ]);
        token
    }

    fn softhsm(&self, words: &[&str]) {
        certs::run(
            Command::new("softhsm2-util").args(words).env("SOFTHSM2_CONF", self.0.join("softhsm2.conf")),
        );
    }

    fn run_again(&self, test: &str) -> std::process::Output {
        let mut command = Command::new(std::env::current_exe().expect("a test knows its own path"));
        command.args(["--exact", test, "--nocapture"]).env("TLSOCK_TEST_TOKEN", "1");
        command
            .env("OPENSSL_CONF", self.0.join("openssl.cnf"))
            .env("SOFTHSM2_CONF", self.0.join("softhsm2.conf"));
        command.output().expect("the test itself")
    }
}

//! Makes the first inputs of every target: from the tests' certificates, real conversations and lists of words.
//! usage: seeds CORPUS

mod identity;
mod kinds;
mod programs;
mod talk;
mod words;

use std::path::{Path, PathBuf};
use std::process::Command;
use tlsock_fuzz::{certificate, certs};

/// Where the inputs go.
pub struct Corpus(PathBuf);

impl Corpus {
    /// Adds an input of a target. Its name says what it is of.
    pub fn add(&self, target: &str, name: &str, parts: &[&[u8]]) {
        let folder = self.0.join(target);
        std::fs::create_dir_all(&folder).expect("the corpus can be written");
        let path = folder.join(format!("seed-{}", name.replace('/', "-")));
        std::fs::write(path, parts.concat()).expect("the corpus can be written");
    }
}

fn main() {
    let corpus = Corpus(std::env::args_os().nth(1).expect("usage: seeds CORPUS").into());
    for name in ["ca", "inter", "ecdsa", "rsa", "ed25519", "client", "expired", "self-signed"] {
        one_certificate(&corpus, name, certs::read(&format!("{name}.pem")));
    }
    one_certificate(&corpus, "rich", &rich());
    system_certificates(&corpus);
    chains(&corpus);
    lists(&corpus);
    parameters(&corpus);
    words::all(&corpus);
    talk::all(&corpus);
    programs::all(&corpus);
    kinds::all(&corpus);
    identity::all(&corpus);
}

/// Bytes behind their length, as a `Reader` takes them.
pub fn sized(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_le_bytes(), bytes].concat()
}

fn der(pem: &[u8]) -> Vec<u8> {
    let one = certificate::load(pem).expect("it loads");
    // SAFETY: a live certificate.
    unsafe { certificate::slice(tlsock_fuzz::c::tlsock_certificate_der(one.raw())).to_vec() }
}

fn one_certificate(corpus: &Corpus, name: &str, pem: &[u8]) {
    let der = der(pem);
    corpus.add("certificate", &format!("{name}.pem"), &[pem]);
    corpus.add("certificate", &format!("{name}.der"), &[&der]);
    corpus.add("crl_and_ca", &format!("{name}.der"), &[&[0], &der]);
    for how in [0, 2, 6, 7, 8, 14, 15] {
        corpus.add("crl_and_ca", &format!("{name}-{how}.pem"), &[&[how], pem]);
    }
    corpus.add("cert_time", &format!("{name}.pem"), &[&[2], pem]);
}

/// A certificate with every kind of name.
fn rich() -> Vec<u8> {
    let (key, config) = (
        certs::folder().join("ecdsa.key"),
        concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/interop/rich.cnf"),
    );
    let mut command = Command::new("openssl");
    command
        .args(["req", "-x509", "-extensions", "rich", "-days", "3650", "-config", config, "-key"])
        .arg(key);
    output(&mut command)
}

/// What a command prints.
pub fn output(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// What real authorities write, where the system has any.
fn system_certificates(corpus: &Corpus) {
    let Ok(folder) = std::fs::read_dir(Path::new("/etc/ssl/certs")) else { return };
    let paths = folder.filter_map(|entry| Some(entry.ok()?.path()));
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "pem")).collect();
    paths.sort();
    for path in paths.iter().step_by(8) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match std::fs::read(path) {
            Ok(pem) if pem.len() < 4000 => corpus.add("certificate", &format!("{name}.der"), &[&der(&pem)]),
            _ => {}
        }
    }
}

fn chains(corpus: &Corpus) {
    let read = |name: &str| certs::read(name);
    for name in ["ecdsa", "rsa", "ed25519", "self-signed"] {
        let (cert, key) = (read(&format!("{name}.pem")), read(&format!("{name}.key")));
        for flags in [0, 4, 16, 20] {
            let file = format!("{name}-{flags}");
            corpus.add("key_and_chain", &file, &[&[flags], &sized(b""), &sized(cert), key]);
        }
        let both = [cert, key].concat();
        corpus.add("key_and_chain", &format!("{name}-both"), &[&[2], &sized(b""), &sized(&both)]);
    }
    let (cert, key) = (sized(read("rsa.pem")), read("rsa-encrypted.key"));
    for flags in [1, 5, 17, 8, 12, 8 | 2 << 5, 8 | 4 << 5, 8 | 5 << 5, 8 | 6 << 5, 8 | 7 << 5, 0xEC] {
        corpus.add("key_and_chain", &format!("password-{flags}"), &[&[flags], &sized(b"sesame"), &cert, key]);
    }
    for (kind, form) in [("PKCS8", "pkcs8"), ("traditional", "ec")] {
        let mut command = Command::new("openssl");
        command.args(["pkey", "-outform", "DER", "-in"]).arg(certs::folder().join("ecdsa.key"));
        if form == "ec" {
            command.arg("-traditional");
        }
        let parts = [&[0][..], &sized(b""), &sized(&der(read("ecdsa.pem"))), &output(&mut command)];
        corpus.add("key_and_chain", kind, &parts);
    }
    let mismatch = [&[4][..], &sized(b""), &sized(read("ecdsa.pem")), read("client.key")];
    corpus.add("key_and_chain", "mismatch", &mismatch);
}

fn lists(corpus: &Corpus) {
    let crl = certs::read("crl.pem");
    let mut command = Command::new("openssl");
    command.args(["crl", "-outform", "DER", "-in"]).arg(certs::folder().join("crl.pem"));
    let crl_der = output(&mut command);
    for how in [4, 12, 28] {
        corpus.add("crl_and_ca", &format!("crl-{how}.pem"), &[&[how], crl]);
        corpus.add("crl_and_ca", &format!("crl-{how}.der"), &[&[how], &crl_der]);
    }
    let all = [certs::read("ca.pem"), crl].concat();
    corpus.add("crl_and_ca", "both", &[&[26], &all]);
}

fn parameters(corpus: &Corpus) {
    for group in ["ffdhe2048", "modp_1536"] {
        let mut command = Command::new("openssl");
        let group = format!("group:{group}");
        command.args(["genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", &group]);
        let pem = output(&mut command);
        corpus.add("dh_params", &group, &[&[0], &pem]);
        corpus.add("dh_params", &format!("{group}-only"), &[&[1], &pem]);
    }
    // The older form, with p and g alone.
    let old = "-----BEGIN DH PARAMETERS-----\nMAYCAQ8CAQI=\n-----END DH PARAMETERS-----\n";
    corpus.add("dh_params", "tiny", &[&[0], old.as_bytes()]);
    corpus.add("dh_params", "key", &[&[0], certs::read("ecdsa.key")]);
}

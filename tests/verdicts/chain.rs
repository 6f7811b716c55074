//! Chains of certificates of every kind.

use crate::certs;
use std::path::{Path, PathBuf};
use std::process::Command;

const EC: [&str; 4] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
pub const IDENTIFIED: &str = "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always\n";
pub const ROOT: &str =
    "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n";
pub const AUTHORITY: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n";
pub const LEAF: &str = "basicConstraints=critical,CA:FALSE\nsubjectAltName=DNS:localhost\n";

/// How one certificate is made.
#[derive(Clone)]
pub struct Made {
    pub extensions: String,
    pub key: Vec<&'static str>,
    pub subject: &'static str,
    pub digest: &'static str,
}

pub fn made(extensions: &str) -> Made {
    Made { extensions: extensions.to_string(), key: EC.to_vec(), subject: "/CN=localhost", digest: "-sha256" }
}

/// A root, an authority below it, and a server's certificate.
#[derive(Clone)]
pub struct Chain {
    pub root: Made,
    pub inter: Made,
    pub leaf: Made,
}

impl Chain {
    pub fn good() -> Chain {
        let named = |extensions: &str, subject| Made { subject, ..made(extensions) };
        Chain {
            root: named(ROOT, "/CN=verdicts root"),
            inter: named(&[AUTHORITY, IDENTIFIED].concat(), "/CN=verdicts inter"),
            leaf: made(&[LEAF, IDENTIFIED].concat()),
        }
    }

    /// Makes all, in a folder of this name.
    pub fn make(&self, name: &str) -> PathBuf {
        let folder = certs::scratch().join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        self.root.make(&folder, "root", None);
        self.inter.make(&folder, "inter", Some("root"));
        self.leaf.make(&folder, "leaf", Some("inter"));
        let read = |name: &str| std::fs::read(folder.join(name)).expect("it was made");
        std::fs::write(folder.join("chain.pem"), [read("leaf.pem"), read("inter.pem")].concat())
            .expect("a file");
        folder
    }
}

impl Made {
    pub fn make(&self, folder: &Path, name: &str, signer: Option<&str>) {
        let config = format!("[req]\ndistinguished_name=dn\n[dn]\n[more]\n{}", self.extensions);
        std::fs::write(folder.join(format!("{name}.cnf")), config).expect("a file");
        let mut command = Command::new("openssl");
        command.args([
            "req",
            "-x509",
            "-noenc",
            "-days",
            "10",
            "-extensions",
            "more",
            "-subj",
            self.subject,
            self.digest,
        ]);
        command.args(&self.key).args(["-config", &format!("{name}.cnf")]);
        command.args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.pem")]);
        if let Some(signer) = signer {
            command.args(["-CA", &format!("{signer}.pem"), "-CAkey", &format!("{signer}.key")]);
        }
        certs::run(command.current_dir(folder));
    }
}

/// What `openssl verify` says of a chain.
pub fn told_by(openssl: &mut Command) -> (i32, u32) {
    let output = openssl.output().expect("openssl");
    if output.status.success() {
        return (0, 0);
    }
    // error CODE at DEPTH depth lookup: TEXT
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = said.lines().find(|line| line.starts_with("error ")).expect(&said);
    let words: Vec<&str> = line.split(' ').collect();
    (words[1].parse().expect(&said), words[3].parse().expect(&said))
}

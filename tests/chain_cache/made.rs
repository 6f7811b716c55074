//! Certificates and revocation lists beyond those of all tests.

use crate::certs::{folder, run, scratch};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use tlsock::Context;

const CONFIG: &str = "
[req]
distinguished_name = name
prompt = no
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
[lax]
basicConstraints = critical, CA:TRUE
subjectKeyIdentifier = none
authorityKeyIdentifier = none
[leaf]
subjectAltName = DNS:localhost
subjectKeyIdentifier = none
authorityKeyIdentifier = none
[common]
basicConstraints = critical, CA:FALSE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
[ca]
default_ca = database
[database]
database = index
serial = serial
crlnumber = crlnumber
new_certs_dir = .
unique_subject = no
default_md = sha256
default_days = 30
default_crl_days = 30
policy = any
crl_extensions = crl
[any]
organizationName = optional
commonName = supplied
[crl]
authorityKeyIdentifier = keyid:always
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
subjectAltName = DNS:localhost
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
";

/// A folder for what one test makes.
pub struct Workshop(pub PathBuf);

impl Workshop {
    pub fn new(name: &str) -> Workshop {
        let folder = scratch().join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        let shop = Workshop(folder);
        let files = [("config", CONFIG), ("index", ""), ("serial", "01"), ("crlnumber", "01")];
        for (name, content) in files {
            std::fs::write(shop.file(name), content).expect("a file");
        }
        shop
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn openssl(&self, subcommand: &str, args: &[&str]) {
        let mut command = Command::new("openssl");
        run(command.arg(subcommand).args(["-config", "config"]).args(args).current_dir(&self.0));
    }

    /// Makes NAME.pem and NAME.key, signed by itself or by another one of this folder.
    pub fn certificate(&self, name: &str, subject: &str, extensions: &str, signer: Option<&str>) {
        let (pem, key) = (format!("{name}.pem"), format!("{name}.key"));
        let mut args = vec!["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"];
        args.extend([
            "-days",
            "30",
            "-subj",
            subject,
            "-extensions",
            extensions,
            "-out",
            &pem,
            "-keyout",
            &key,
        ]);
        let signer = signer.map(|signer| (format!("{signer}.pem"), format!("{signer}.key")));
        if let Some((cert, key)) = &signer {
            args.extend(["-CA", cert, "-CAkey", key]);
        }
        self.openssl("req", &args);
    }

    /// Makes NAME.pem and NAME.key for localhost, signed by the tests' intermediate, valid until then.
    pub fn leaf_until(&self, name: &str, end: u64) {
        self.issue(name, "localhost", "server", end, "inter");
    }

    /// Makes the same, signed by an authority that is valid until then: the certificate itself lasts longer.
    pub fn leaf_below_one_until(&self, name: &str, end: u64) {
        self.issue("brief", "tlsock brief authority", "root", end, "ca");
        self.certificate(name, "/O=tlsock/CN=localhost", "server", Some("brief"));
        self.append(&format!("{name}.pem"), &self.file("brief.pem"));
    }

    /// Makes the same for a client.
    #[allow(dead_code)]
    pub fn client_until(&self, name: &str, end: u64) {
        self.issue(name, "localhost", "client", end, "inter");
    }

    /// Makes NAME.pem, followed by the chain of the tests' own signer, and NAME.key.
    fn issue(&self, name: &str, subject: &str, extensions: &str, end: u64, signer: &str) {
        let (pem, key) = (format!("{name}.pem"), format!("{name}.key"));
        let (signer, signer_key) = of_the_tests(signer);
        let request = ["-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-subj"];
        let subject = format!("/CN={subject}");
        self.openssl("req", &[&request[..], &[&subject, "-keyout", &key, "-out", "request"]].concat());
        let dates = ["-startdate", "20250101000000Z", "-enddate", &utc(end)];
        let how = ["-batch", "-notext", "-extensions", extensions, "-in", "request", "-out", &pem];
        self.openssl("ca", &[&["-cert", &signer, "-keyfile", &signer_key], &dates[..], &how[..]].concat());
        self.append(&pem, Path::new(&signer));
    }

    fn append(&self, pem: &str, more: &Path) {
        let chain = [std::fs::read(self.file(pem)).unwrap(), std::fs::read(more).unwrap()].concat();
        std::fs::write(self.file(pem), chain).unwrap();
    }

    /// Makes a list of the tests' intermediate that revokes nothing, older than the tests' own.
    pub fn empty_crl_until(&self, name: &str, end: u64) {
        self.empty_crl_of("inter", name, end);
    }

    /// Makes the same of one of the tests' authorities.
    pub fn empty_crl_of(&self, authority: &str, name: &str, end: u64) {
        let (cert, key) = of_the_tests(authority);
        let dates = ["-crl_lastupdate", "20250101000000Z", "-crl_nextupdate", &utc(end)];
        let how = ["-gencrl", "-cert", &cert, "-keyfile", &key, "-out", name];
        self.openssl("ca", &[&how[..], &dates[..]].concat());
    }

    /// Makes a list of the tests' intermediate that revokes this certificate, newer than the tests' own.
    #[allow(dead_code)]
    pub fn crl_against(&self, certificate: &str, name: &str) -> Vec<u8> {
        let (cert, key) = of_the_tests("inter");
        let (revoked, _) = of_the_tests(certificate);
        self.openssl("ca", &["-cert", &cert, "-keyfile", &key, "-revoke", &revoked]);
        self.openssl("ca", &["-gencrl", "-cert", &cert, "-keyfile", &key, "-out", name]);
        std::fs::read(self.file(name)).expect("a list")
    }

    /// A server with a certificate of this folder.
    pub fn server(&self, name: &str) -> Context {
        let server = crate::pair::server("ecdsa");
        let (pem, key) = (self.file(&format!("{name}.pem")), self.file(&format!("{name}.key")));
        server.load_cert_chain(&pem, Some(&key), None).expect("an identity");
        server
    }
}

/// Certificate and key of one of the tests' authorities.
fn of_the_tests(authority: &str) -> (String, String) {
    let path =
        |end| folder().join(format!("{authority}.{end}")).to_str().expect("a path in UTF-8").to_string();
    (path("pem"), path("key"))
}

/// Does what has to be done before a given second. If the machine was too slow for that, the result is dropped, and
/// everything is done once more with twice the time.
pub fn before_the_end<T>(prepare: impl Fn(u64) -> T) -> (u64, T) {
    // A session lasts for whole seconds, without the one that has begun and the one that is about to.
    const SPARE: u64 = 2;
    let mut life = 4;
    loop {
        let end = seconds_now() + life;
        let prepared = catch_unwind(AssertUnwindSafe(|| prepare(end)));
        if seconds_now() + SPARE < end {
            return (end, prepared.unwrap_or_else(|panic| resume_unwind(panic)));
        }
        life *= 2;
    }
}

/// The second it is for OpenSSL, whose clock may come to it some milliseconds after the precise one.
pub fn seconds_now() -> u64 {
    // SAFETY: no place for the answer but the result.
    let now = unsafe { libc::time(std::ptr::null_mut()) };
    u64::try_from(now).expect("a clock that is right")
}

fn utc(seconds: u64) -> String {
    let printed = run(Command::new("date").args(["-u", "-d", &format!("@{seconds}"), "+%Y%m%d%H%M%SZ"]));
    String::from_utf8(printed).expect("digits").trim().to_string()
}

/// Puts a certificate or list under the name that OpenSSL looks for in a directory.
pub fn put_hashed(directory: &Path, content: &Path, kind: &str, suffix: &str) {
    let printed = run(Command::new("openssl").args([kind, "-noout", "-hash", "-in"]).arg(content));
    let hash = String::from_utf8(printed).expect("a hash");
    std::fs::copy(content, directory.join(format!("{}.{suffix}", hash.trim()))).expect("a copy");
}

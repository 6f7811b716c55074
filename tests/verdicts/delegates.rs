//! OCSP responses in the name of an authority, which has signed in all kinds of ways for the one who signs them.

use crate::{LEAF, Pair, certs};
use std::path::{Path, PathBuf};
use std::process::Command;
use tlsock::context::{PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER};
use tlsock::{Context, Ocsp};

const PSS: [&str; 4] = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1"];
const FAILED: i32 = 74;

/// Runs openssl in a folder.
fn openssl(folder: &Path, args: &str, more: &[&str]) {
    certs::run(Command::new("openssl").current_dir(folder).args(args.split_whitespace()).args(more));
}

/// A certificate and its key, signed by itself or as the options say.
fn certificate(folder: &Path, name: &str, extensions: &str, options: &[&str]) {
    let config = format!("[req]\ndistinguished_name=dn\n[dn]\n[more]\n{extensions}");
    std::fs::write(folder.join("cnf"), config).expect("a file");
    let args = format!(
        "req -x509 -noenc -days 10 -config cnf -extensions more -subj /CN={name} -out {name}.pem -keyout {name}.key"
    );
    openssl(folder, &args, options);
}

/// An authority with a key of this kind, and a server's certificate of it.
fn authority(name: &str, key: &str) -> PathBuf {
    let folder = certs::scratch().join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    certificate(&folder, "authority", crate::ROOT, &["-newkey", key]);
    signed(&folder, "leaf", LEAF, &[]);
    folder
}

/// A certificate that the authority of a folder has signed.
fn signed(folder: &Path, name: &str, extensions: &str, options: &[&str]) {
    let by = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-CA", "authority.pem", "-CAkey"];
    certificate(folder, name, extensions, &[&by[..], &["authority.key"], options].concat());
}

/// A response that the delegate of a folder has signed, for the server's certificate.
fn response(folder: &Path) -> Vec<u8> {
    let serial = certs::run(
        Command::new("openssl").args(["x509", "-noout", "-serial", "-in"]).arg(folder.join("leaf.pem")),
    );
    let serial = String::from_utf8(serial).expect("text").trim().replace("serial=", "");
    let index = format!("V\t491231235959Z\t\t{serial}\tunknown\t/CN=leaf\n");
    std::fs::write(folder.join("index"), index).expect("a file");
    let args = "ocsp -index index -CA authority.pem -rsigner delegate.pem -rkey delegate.key -ndays 1 -issuer authority.pem \
                -cert leaf.pem -respout response -no_nonce -noverify";
    openssl(folder, args, &[]);
    std::fs::read(folder.join("response")).expect("it was made")
}

/// What comes at a level of the response of a delegate, for whom the authority of a folder has signed by these options.
fn outcome(folder: &Path, options: &[&str], level: i32) -> (i32, String) {
    signed(folder, "delegate", "basicConstraints=CA:FALSE\nextendedKeyUsage=OCSPSigning\n", options);
    let server = Context::new(PROTOCOL_TLS_SERVER).expect("a context");
    let file = |name: &str| folder.join(name);
    server.load_cert_chain(&file("leaf.pem"), Some(&file("leaf.key")), None).expect("an identity");
    server.set_ocsp_response(&response(folder)).expect("a response for its certificate");
    let client = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
    client.load_verify_locations(Some(&file("authority.pem")), None, None).expect("an authority");
    client.set_ocsp(Ocsp::Require).expect("a mode");
    client.set_ciphers(&format!("DEFAULT:@SECLEVEL={level}")).expect("ciphers");
    match Pair::new(&client, &server, None).shake() {
        Ok(()) => (0, String::new()),
        Err(error) => (error.detail().expect("details").verify_code, error.to_string()),
    }
}

/// SHA-1 is less than 80 bits strong, whatever the library counts by itself; RSA-PSS is as strong as its digest, and Ed25519 128 bits.
#[test]
fn a_delegate_is_as_strong_as_its_signature() {
    let (rsa, ed25519) =
        (authority("delegating-rsa", "rsa:2048"), authority("delegating-ed25519", "ed25519"));
    let pss = [&["-sha256"][..], &PSS].concat();
    for (folder, options, level, code) in [
        (&rsa, &["-sha1"][..], 0, 0),
        (&rsa, &["-sha1"], 1, FAILED),
        (&rsa, &["-sha256"], 2, 0),
        (&rsa, &pss, 0, 0),
        (&rsa, &pss, 2, 0),
        (&ed25519, &[], 0, 0),
        (&ed25519, &[], 2, 0),
        (&ed25519, &[], 3, 0),
    ] {
        let (found, words) = outcome(folder, options, level);
        assert_eq!(found, code, "{} {options:?} at level {level}: {words}", folder.display());
        assert!(code == 0 || words.contains("signed more weakly than the security level allows"), "{words}");
    }
}

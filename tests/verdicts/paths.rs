//! How many authorities may stand below one: refused as by the openssl program, strictly or not.

use crate::{AUTHORITY, IDENTIFIED, LEAF, Made, ROOT, certs, made, verdict};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The certificates from the root down to the peer's own: a name, and how many authorities may stand below.
type Case = (&'static str, [(&'static str, Option<u8>); 4], (i32, u32));

const PASSES: (i32, u32) = (0, 0);

const CASES: [Case; 11] = [
    ("root-0", [("/CN=R", Some(0)), ("/CN=A", None), ("/CN=B", None), LOCAL], (25, 3)),
    ("root-1", [("/CN=R", Some(1)), ("/CN=A", None), ("/CN=B", None), LOCAL], (25, 3)),
    ("root-2", [("/CN=R", Some(2)), ("/CN=A", Some(1)), ("/CN=B", Some(0)), LOCAL], PASSES),
    ("inter-0", [("/CN=R", None), ("/CN=A", Some(0)), ("/CN=B", None), LOCAL], (25, 2)),
    ("own-name", [("/CN=R", None), ("/CN=A", Some(0)), ("/CN=B", None), ("/CN=B", None)], (25, 2)),
    ("own-name-1", [("/CN=R", None), ("/CN=A", Some(1)), ("/CN=B", Some(0)), ("/CN=B", None)], PASSES),
    // An authority with a new key is not counted.
    ("new-key", [("/CN=R", Some(1)), ("/CN=A", None), ("/CN=A", None), LOCAL], PASSES),
    ("new-key-0", [("/CN=R", Some(0)), ("/CN=A", None), ("/CN=A", None), LOCAL], (25, 3)),
    // But what it says counts.
    ("new-root", [("/CN=R", None), ("/CN=R", Some(0)), ("/CN=A", None), LOCAL], (25, 2)),
    ("new-root-1", [("/CN=R", Some(1)), ("/CN=R", Some(1)), ("/CN=A", None), LOCAL], PASSES),
    // Names are the same whatever their letters.
    ("new-letters", [("/CN=R", Some(1)), ("/CN=An A", None), ("/CN=an  a ", None), LOCAL], PASSES),
];

const LOCAL: (&str, Option<u8>) = ("/CN=localhost", None);
const FILES: [&str; 4] = ["root", "upper", "inter", "leaf"];

/// Makes the certificates of a case, with files as of a `Chain`.
fn make((name, certificates, _): Case) -> PathBuf {
    let folder = certs::scratch().join(format!("path-{name}"));
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut signer = None;
    for (file, (subject, limit)) in FILES.into_iter().zip(certificates) {
        let extensions = match file {
            "root" => ROOT.to_string(),
            "leaf" => [LEAF, IDENTIFIED].concat(),
            _ => [AUTHORITY, IDENTIFIED].concat(),
        };
        let limit = limit.map(|limit| format!("CA:TRUE,pathlen:{limit}")).unwrap_or("CA:TRUE".to_string());
        let made = Made { subject, ..made(&extensions.replace("CA:TRUE", &limit)) };
        made.make(&folder, file, signer);
        signer = Some(file);
    }
    let read = |file| std::fs::read(folder.join(file)).expect("it was made");
    let sent = [read("inter.pem"), read("upper.pem")].concat();
    std::fs::write(folder.join("sent.pem"), &sent).expect("a file");
    std::fs::write(folder.join("chain.pem"), [read("leaf.pem"), sent].concat()).expect("a file");
    folder
}

/// What the openssl program says.
fn by_program(folder: &Path, strict: bool) -> (i32, u32) {
    let mut openssl = Command::new("openssl");
    openssl.current_dir(folder).args(["verify", "-purpose", "sslserver", "-no-CApath", "-no-CAstore"]);
    openssl.args(strict.then_some("-x509_strict"));
    crate::told_by(openssl.args(["-CAfile", "root.pem", "-untrusted", "sent.pem", "leaf.pem"]))
}

#[test]
fn an_authority_says_how_many_may_stand_below_it() {
    for case in CASES {
        let folder = make(case);
        for strict in [false, true] {
            assert_eq!(by_program(&folder, strict), case.2, "{}, {strict}: by the openssl program", case.0);
            assert_eq!(verdict(&folder, 2, strict), case.2, "{}, {strict}", case.0);
        }
    }
}

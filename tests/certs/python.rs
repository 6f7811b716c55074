//! Python's own ssl module as the judge of what a certificate says.

use super::scratch;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

const SCRIPT: &str = r#"
import json, ssl, sys

def plain(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value

for path in sys.argv[1:]:
    with open(path, "rb") as der, open(path + ".pem", "w") as pem:
        pem.write(ssl.DER_cert_to_PEM_cert(der.read()))
    try:
        found = ssl._ssl._test_decode_cert(path + ".pem")
        print(json.dumps({key: plain(value) for key, value in found.items()}))
    except Exception as error:
        print(json.dumps(type(error).__name__))
"#;

/// Decodes DER certificates: each is Python's dict, or the name of the exception it raised.
pub fn decode(certificates: &[Vec<u8>]) -> Vec<Value> {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let path = |index| scratch().join(format!("python-{call}-{index}.der"));
    let paths: Vec<PathBuf> = (0..certificates.len()).map(path).collect();
    for (path, der) in paths.iter().zip(certificates) {
        std::fs::write(path, der).expect("scratch can be written");
    }
    let output = super::run(Command::new(python()).args(["-c", SCRIPT]).args(&paths));
    let output = String::from_utf8(output).expect("JSON is text");
    output.lines().map(|line| serde_json::from_str(line).expect("the script prints JSON")).collect()
}

/// The Python to ask: 3.13 if there is one.
fn python() -> &'static str {
    static PYTHON: OnceLock<&str> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let works = |name: &&str| {
            let found = Command::new(name).args(["-c", "import ssl"]).output();
            found.is_ok_and(|output| output.status.success())
        };
        ["python3.13", "python3"].into_iter().find(works).expect("this test needs a python3 with ssl in PATH")
    })
}

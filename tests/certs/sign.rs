//! Signatures by the program `openssl`, for signers.

use crate::certs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use tlsock::SignRequest;

/// Has `openssl pkeyutl` sign with the key of a file.
pub fn sign(key: &Path, request: &SignRequest<'_>) -> Vec<u8> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let input = certs::scratch().join(format!("{}.sign", NEXT.fetch_add(1, Ordering::Relaxed)));
    std::fs::write(&input, request.data).expect("a file");
    let mut command = Command::new("openssl");
    command.args(["pkeyutl", "-sign", "-inkey"]).arg(key).arg("-in").arg(&input);
    match request.digest {
        None => command.arg("-rawin"),
        Some(digest) => command.arg("-pkeyopt").arg(format!("digest:{digest}")),
    };
    match request.algorithm {
        "rsa_pss" => {
            command.args(["-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:-1"]);
        }
        "rsa_pkcs1" | "ecdsa" | "ed25519" => {}
        other => panic!("{other}"),
    }
    let signature = certs::run(&mut command);
    std::fs::remove_file(input).expect("the file is there");
    signature
}

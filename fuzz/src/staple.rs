//! OCSP responses for the tests' server, made by the openssl command.

use crate::certs;
use std::fs::{read, write};
use std::process::Command;

/// A response of the issuer that says of ecdsa.pem what a line of `openssl ca`'s index says: "V" good, "R" revoked, "" unknown.
pub fn response(status: &str) -> Vec<u8> {
    let folder = certs::folder();
    let at = |name: &str| folder.join(name);
    let (index, answer) =
        (at(&format!("staple-{}", std::process::id())), at(&format!("staple-{}.der", std::process::id())));
    let serial =
        Command::new("openssl").args(["x509", "-noout", "-serial", "-in"]).arg(at("ecdsa.pem")).output();
    let serial = String::from_utf8(serial.expect("the openssl command is there").stdout).expect("a number");
    let serial = serial.trim().trim_start_matches("serial=");
    let line = match status {
        "V" => format!("V\t350101000000Z\t\t{serial}\tunknown\t/CN=localhost\n"),
        "R" => format!("R\t350101000000Z\t250101000000Z,keyCompromise\t{serial}\tunknown\t/CN=localhost\n"),
        _ => String::new(),
    };
    write(&index, line).expect("the folder can be written");
    let mut command = Command::new("openssl");
    command.args(["ocsp", "-ndays", "1"]).arg("-index").arg(&index).arg("-respout").arg(&answer);
    for (option, name) in [
        ("-CA", "inter.pem"),
        ("-rsigner", "inter.pem"),
        ("-rkey", "inter.key"),
        ("-issuer", "inter.pem"),
        ("-cert", "ecdsa.pem"),
    ] {
        command.arg(option).arg(at(name));
    }
    let made = command.output().expect("the openssl command is there");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let der = read(&answer).expect("a response");
    let _ = (std::fs::remove_file(index), std::fs::remove_file(answer));
    der
}

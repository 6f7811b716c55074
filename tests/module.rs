//! Python's module-level functions.
#![allow(clippy::print_stdout)]

mod reference;

use reference::Dice;
use serde_json::{Value, json};
use std::ffi::CStr;
use std::process::Command;
use tlsock::module::info::*;
use tlsock::*;

fn text(text: &CStr) -> &str {
    text.to_str().expect("UTF-8")
}

fn refusal<T: std::fmt::Debug>(result: Result<T>) -> String {
    let error = result.expect_err("a refusal");
    assert_eq!(error.status(), Status::Value);
    error.message().to_string()
}

/// What ours says, in the form of the scripts below: a value or the message of a ValueError.
fn said<T: Into<Value>>(result: Result<T>) -> Value {
    result.map_or_else(|error| json!([error.message()]), Into::into)
}

/// Compares each of ours with what Python says of the same input.
fn assert_agrees(function: &str, inputs: &Value, ours: impl Fn(&Value) -> Value) {
    let script = format!(
        "
def say(input):
    try:
        return {function}
    except ValueError as error:
        return [str(error)]
print(json.dumps([say(one) for one in input]))"
    );
    let Some(theirs) = reference::ask(&script, inputs) else { return };
    let inputs = inputs.as_array().expect("a list");
    for (input, theirs) in inputs.iter().zip(theirs.as_array().expect("a list")) {
        assert_eq!(&ours(input), theirs, "{function} of {input}");
    }
}

#[test]
fn certificate_times_are_seconds_since_1970() {
    for (time, seconds) in [
        ("Jan  5 09:34:43 2018 GMT", 1_515_144_883),
        ("jAn 5 9:4:3 2018 gmt", 1_515_143_043),
        ("Jan  1 00:00:00 1969 GMT", -31_536_000),
        ("Dec 31 23:59:59 9999 GMT", 253_402_300_799),
        ("Feb 30 00:00:00 2024 GMT", 1_709_251_200),
        ("Dec 31 23:59:60 2008 GMT", 1_230_768_000),
        ("Jan\t\n05  9:34:43\x0B2018 GMT", 1_515_144_883),
        ("Jan 01 00:00:00 0001 GMT", -62_135_596_800),
    ] {
        assert_eq!(cert_time_to_seconds(time).expect(time), seconds, "{time}");
    }
}

#[test]
fn other_times_are_refused_with_the_part_that_is_wrong() {
    let format = "' %d %H:%M:%S %Y GMT'";
    for rest in [
        " 5 09:34:43 2018",
        " 5 09:34:43 2018 UTC",
        " 5 09:34 2018 GMT",
        " 5 24:00:00 2018 GMT",
        " 5 00:60:00 2018 GMT",
        " 5 00:00:62 2018 GMT",
        " 5 00:00:00.5 2018 GMT",
        " 5 00:00:00 18 GMT",
        " 5 00:00:00 12018 GMT",
        "5 00:00:00 2018 GMT",
        "uary 5 00:00:00 2018 GMT",
        " -5 00:00:00 2018 GMT",
        " 0 00:00:00 2018 GMT",
        " 32 00:00:00 2018 GMT",
        " 5 00:00:00 2018GMT",
        " 5 00:00:00 2018 GMé",
        "",
    ] {
        let message = format!("time data '{rest}' does not match format {format}");
        assert_eq!(refusal(cert_time_to_seconds(&format!("Jan{rest}"))), message);
    }
    for time in ["", "Ja", " Jan 5 09:34:43 2018 GMT", "Foo 5 09:34:43 2018 GMT", "äöü"] {
        let message = format!("time data '{time}' does not match format \"%b %d %H:%M:%S %Y GMT\"");
        assert_eq!(refusal(cert_time_to_seconds(time)), message);
    }
    let trailing = cert_time_to_seconds("Jan 5 09:34:43 2018 GMT +1");
    assert_eq!(refusal(trailing), "unconverted data remains:  +1");
    assert_eq!(refusal(cert_time_to_seconds("Jan 5 09:34:43 0000 GMT")), "year 0 is out of range");
}

#[test]
fn generated_times_agree_with_the_reference() {
    let mut dice = Dice(0x0DA7_E5E5);
    let spaces = [" ", " ", " ", " ", " ", "  ", "\t", "", "\u{1c}", "\u{a0}"];
    let ends =
        [" GMT", " GMT", " GMT", " gmt", "GMT", " UTC", "", " GMT ", " GMTx", "\r\nGMT", " 'GMT", " \"'\\"];
    let months =
        ["Jan", "feb", "MAR", "aPr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Xyz", "é1"];
    let times: Vec<String> = (0..3000)
        .map(|_| {
            let (month, end) = (dice.pick(&months), dice.pick(&ends));
            let (one, two, three) = (dice.pick(&spaces), dice.pick(&spaces), dice.pick(&spaces));
            let (day, year) = (dice.roll(34), dice.roll(10_050));
            let (hour, minute, second) = (dice.roll(25), dice.roll(61), dice.roll(63));
            match dice.roll(3) {
                0 => format!("{month}{one}{day}{two}{hour}:{minute}:{second}{three}{year}{end}"),
                _ => {
                    format!("{month}{one}{day:02}{two}{hour:02}:{minute:02}:{second:02}{three}{year:04}{end}")
                }
            }
        })
        .collect();
    let good = times.iter().filter(|time| cert_time_to_seconds(time).is_ok()).count();
    assert!((200..2900).contains(&good), "{good} of 3000 times are good");
    assert_agrees("ssl.cert_time_to_seconds(input)", &json!(times), |time| {
        said(cert_time_to_seconds(time.as_str().expect("text")))
    });
}

#[test]
fn pem_is_der_in_lines_of_64() {
    for len in [0usize, 1, 2, 3, 47, 48, 49, 96, 1000] {
        let der: Vec<u8> = (0..len).map(|byte| byte as u8).collect();
        let pem = der_cert_to_pem_cert(&der).unwrap();
        let body = pem.strip_prefix("-----BEGIN CERTIFICATE-----\n").expect("the header");
        let body = body.strip_suffix("-----END CERTIFICATE-----\n").expect("the footer");
        let lines: Vec<&str> = body.lines().collect();
        assert_eq!(lines.len(), len.div_ceil(48));
        assert!(lines.iter().rev().skip(1).all(|line| line.len() == 64));
        assert_eq!(pem_cert_to_der_cert(&pem).expect("it goes back"), der);
    }
}

#[test]
fn pem_is_read_leniently() {
    let between = |body: &str| pem_cert_to_der_cert(&format!("{PEM_HEADER}{body}{PEM_FOOTER}"));
    assert_eq!(between("QUJD").expect("no newlines needed"), b"ABC");
    assert_eq!(between("!!").expect("ignored"), b"");
    assert_eq!(between("Q U\nJ*D QQ==").expect("ignored"), b"ABCA");
    assert_eq!(between("QQ==QQ==").expect("padding within is passed over"), b"A\x04\x10");
    assert_eq!(refusal(between("QQ==QUJD")), "Incorrect padding");
    assert_eq!(refusal(between("QUJ")), "Incorrect padding");
    assert_eq!(
        refusal(between("QUJDQ")),
        "Invalid base64-encoded string: number of data characters (5) cannot be 1 more than a multiple of 4"
    );
    assert_eq!(refusal(between("QÜJD")), "pem holds 'Ü', which is not ASCII");
    let pem = format!(" {PEM_HEADER}{PEM_FOOTER}");
    let message = "Invalid PEM encoding; must start with -----BEGIN CERTIFICATE-----";
    assert_eq!(refusal(pem_cert_to_der_cert(&pem)), message);
    let pem = format!("{PEM_HEADER}QUJD{PEM_FOOTER}x");
    let message = "Invalid PEM encoding; must end with -----END CERTIFICATE-----";
    assert_eq!(refusal(pem_cert_to_der_cert(&pem)), message);
    let shared = "-----BEGIN CERTIFICATE-----END CERTIFICATE-----";
    assert_eq!(pem_cert_to_der_cert(shared).expect("nothing is between"), b"");
}

#[test]
fn generated_pem_agrees_with_the_reference() {
    let mut dice = Dice(0xBA5E_0064);
    let pieces = ["Q", "U", "J", "D", "+", "/", "9", "=", "=", "\n", "-", "QUJD"];
    let pems: Vec<String> = (0..3000)
        .map(|_| {
            let body: String = (0..dice.roll(12)).map(|_| *dice.pick(&pieces)).collect();
            format!("{PEM_HEADER}{body}{PEM_FOOTER}\n")
        })
        .collect();
    assert_agrees("list(ssl.PEM_cert_to_DER_cert(input)) or 'empty'", &json!(pems), |pem| {
        match pem_cert_to_der_cert(pem.as_str().expect("text")) {
            Ok(der) if der.is_empty() => json!("empty"),
            der => said(der),
        }
    });
    let ders: Vec<Vec<u8>> = (0..200).map(|len| (0..len).map(|_| dice.roll(256) as u8).collect()).collect();
    assert_agrees("ssl.DER_cert_to_PEM_cert(bytes(input))", &json!(ders), |der| {
        let der: Vec<u8> = serde_json::from_value(der.clone()).expect("bytes");
        json!(der_cert_to_pem_cert(&der).unwrap())
    });
}

#[test]
fn random_bytes_fill_the_whole_buffer() {
    let (mut one, mut other) = ([0u8; 64], [0u8; 64]);
    rand_bytes(&mut one).expect("random bytes");
    rand_bytes(&mut other).expect("random bytes");
    assert_ne!(one, other);
    assert_ne!(one[48..], [0; 16]);
    rand_bytes(&mut []).expect("none is fine");
}

#[test]
fn the_generator_is_seeded_and_takes_more() {
    assert!(rand_status());
    for entropy in [0.0, 3.5, -1.0, f64::NAN, f64::INFINITY] {
        rand_add(b"some data", entropy);
        rand_add(b"", entropy);
    }
    assert!(rand_status());
}

fn record(object: Asn1Object) -> Value {
    json!([object.nid, text(object.shortname), text(object.longname), object.oid.map(text)])
}

#[test]
fn object_identifiers_are_found_by_text_and_number() {
    let server_auth = json!([129, "serverAuth", "TLS Web Server Authentication", "1.3.6.1.5.5.7.3.1"]);
    assert_eq!(record(txt2obj("1.3.6.1.5.5.7.3.1", false).expect("an OID")), server_auth);
    assert_eq!(record(txt2obj("serverAuth", true).expect("a short name")), server_auth);
    assert_eq!(record(txt2obj("TLS Web Server Authentication", true).expect("a long name")), server_auth);
    assert_eq!(record(nid2obj(129).expect("a number")), server_auth);
    let one = nid2obj(130).expect("a number").longname.as_ptr();
    assert_eq!(one, txt2obj("clientAuth", true).expect("a name").longname.as_ptr(), "each text is made once");
}

#[test]
fn unknown_object_identifiers_are_refused() {
    assert_eq!(refusal(txt2obj("serverAuth", false)), "unknown object 'serverAuth'");
    assert_eq!(refusal(txt2obj("SERVERAUTH", true)), "unknown object 'SERVERAUTH'");
    assert_eq!(refusal(txt2obj(&"x".repeat(101), true)), format!("unknown object '{}'", "x".repeat(100)));
    assert_eq!(refusal(txt2obj("1.2.3.4.5.6.7.8.9", false)), "Unknown object");
    assert_eq!(refusal(nid2obj(0)), "Unknown object");
    assert_eq!(refusal(nid2obj(-1)), "NID must be positive.");
    assert_eq!(refusal(nid2obj(100_000)), "unknown NID 100000");
    assert_eq!(refusal(txt2obj("a\0b", true)), "txt must be text without null characters");
}

#[test]
fn object_identifiers_agree_with_the_reference() {
    if !same_openssl() {
        return;
    }
    let numbers: Vec<i32> = (-2..1500).collect();
    assert_agrees("ssl._nid2obj(input)", &json!(numbers), |nid| {
        said(nid2obj(nid.as_i64().unwrap() as i32).map(record))
    });
    let names: Vec<String> = numbers
        .iter()
        .filter_map(|nid| nid2obj(*nid).ok())
        .flat_map(|object| [text(object.shortname), object.oid.map_or("", text)])
        .chain([
            "",
            " ",
            "1",
            "1.",
            "1.2",
            "2.999",
            "3.1",
            "1.40",
            "-1.2",
            "1.2.840.113549.1.1.11 ",
            "commonname",
        ])
        .map(str::to_string)
        .collect();
    for (by_name, python) in [(false, "False"), (true, "True")] {
        assert_agrees(&format!("ssl._txt2obj(input, name={python})"), &json!(names), |name| {
            said(txt2obj(name.as_str().expect("text"), by_name).map(record))
        });
    }
}

/// Tells whether the reference runs on the OpenSSL we run on; prints why not.
fn same_openssl() -> bool {
    let Some(theirs) = reference::ask("print(json.dumps(ssl.OPENSSL_VERSION))", &json!(null)) else {
        return false;
    };
    let same = theirs == text(openssl_version());
    if !same {
        println!("not compared with the reference: it runs on {theirs}");
    }
    same
}

#[test]
fn versions_and_features_agree_with_the_reference() {
    let info = openssl_version_info();
    assert!(
        text(openssl_version()).starts_with(&format!("OpenSSL {}.{}.{}", info.major, info.minor, info.patch))
    );
    let number = openssl_version_number();
    assert!([3, 4].contains(&(number >> 28)), "{number:#x} is of no version that was tested");
    assert!(has(HAS_TLSV1_3) && has(HAS_TLSV1_2) && has(HAS_PSK) && !has(HAS_SSLV2) && !has(HAS_NPN));
    // Post-handshake authentication and pre-shared keys came with TLS 1.3; there is no feature after the last one.
    assert!(has(HAS_PHA) && has(HAS_PSK_TLS13) && !has(0) && !has(HAS_RENEGOTIATION + 1) && !has(-1));
    if !same_openssl() {
        return;
    }
    let script = "
names = 'ALPN NEVER_CHECK_COMMON_NAME ECDH SNI NPN SSLv2 SSLv3 TLSv1 TLSv1_1 TLSv1_2 TLSv1_3'.split()
print(json.dumps([
    [getattr(ssl, 'HAS_' + name) for name in names],
    ssl.OPENSSL_VERSION_NUMBER,
    ssl.OPENSSL_VERSION_INFO,
    ssl.CHANNEL_BINDING_TYPES,
]))";
    let features: Vec<bool> = (1..=11).map(has).collect();
    let info = [info.major, info.minor, info.fix, info.patch, info.status];
    let [first, beyond @ ..] = CHANNEL_BINDING_TYPES.map(text);
    assert_eq!(beyond, ["tls-exporter", "tls-server-end-point"]);
    let ours = json!([features, number, info, [first]]);
    assert_eq!(Some(ours), reference::ask(script, &json!(null)));
}

#[test]
fn protocols_have_names() {
    assert_eq!(text(get_protocol_name(2)), "PROTOCOL_TLS");
    assert_eq!(text(get_protocol_name(16)), "PROTOCOL_TLS_CLIENT");
    assert_eq!(text(get_protocol_name(17)), "PROTOCOL_TLS_SERVER");
    assert_eq!(text(get_protocol_name(-1)), "<unknown>");
    let numbers: Vec<i32> = (-3..20).collect();
    assert_agrees("ssl.get_protocol_name(input)", &json!(numbers), |number| {
        json!(text(get_protocol_name(number.as_i64().unwrap() as i32)))
    });
}

#[test]
fn windows_stores_are_not_elsewhere() {
    if cfg!(windows) {
        assert!(!enum_certificates("ROOT").expect("the store exists").0.is_empty());
        assert_eq!(enum_crls("no such store").expect_err("it does not").status(), Status::Os);
        return;
    }
    for error in [enum_certificates("ROOT").expect_err("no"), enum_crls("CA").expect_err("no")] {
        assert_eq!(error.status(), Status::NotImplemented);
        assert!(error.message().contains("get_default_verify_paths"), "{error}");
    }
}

/// What the next one runs in another process too, with other variables.
#[test]
fn default_paths_name_their_variables() {
    let paths = get_default_verify_paths();
    assert_eq!(paths.openssl_cafile_env(), c"SSL_CERT_FILE");
    assert_eq!(paths.openssl_capath_env(), c"SSL_CERT_DIR");
    let built_in = [
        paths.openssl_cafile_env(),
        paths.openssl_cafile(),
        paths.openssl_capath_env(),
        paths.openssl_capath(),
    ];
    println!("PATHS {}", json!([paths.cafile().map(text), paths.capath().map(text), built_in.map(text)]));
}

/// Runs [`default_paths_name_their_variables`] and Python's function under the same variables.
fn default_paths(cafile: Option<&str>, capath: Option<&str>) -> (Value, Option<Value>) {
    let with_variables = |command: &mut Command| {
        for (name, value) in [("SSL_CERT_FILE", cafile), ("SSL_CERT_DIR", capath)] {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
    };
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", "default_paths_name_their_variables", "--nocapture"]);
    with_variables(&mut command);
    let output = command.output().expect("it runs");
    let output = String::from_utf8(output.stdout).expect("UTF-8");
    let (_, ours) = output.split_once("PATHS ").expect(&output);
    let ours = serde_json::Deserializer::from_str(ours).into_iter().next().expect("JSON").expect("JSON");
    let script = "
import os
for name, value in zip(('SSL_CERT_FILE', 'SSL_CERT_DIR'), input):
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
paths = ssl.get_default_verify_paths()
print(json.dumps([paths.cafile, paths.capath, paths[2:]]))";
    (ours, reference::ask(script, &json!([cafile, capath])))
}

#[test]
fn default_paths_follow_the_environment() {
    let directory = std::env::temp_dir().join(format!("tlsock-module-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    let file = directory.join("ca.pem");
    std::fs::write(&file, "").expect("a file");
    let (directory, file) = (directory.to_str().expect("UTF-8"), file.to_str().expect("UTF-8"));
    let several = format!("{directory}:{directory}");
    let names = json!(["SSL_CERT_FILE", "SSL_CERT_DIR"]);
    let cases = [
        (Some(file), Some(directory), json!([file, directory])),
        (Some(directory), Some(file), json!([null, null])),
        (Some("/no/such/file"), Some(&*several), json!([null, null])),
        (None, None, json!(null)),
    ];
    let compared = same_openssl();
    for (cafile, capath, expected) in cases {
        let (ours, theirs) = default_paths(cafile, capath);
        assert_eq!(json!([ours[2][0], ours[2][2]]), names);
        if !expected.is_null() {
            assert_eq!(json!([ours[0], ours[1]]), expected, "{cafile:?} {capath:?}");
        }
        if compared {
            assert_eq!(Some(ours), theirs, "{cafile:?} {capath:?}");
        }
    }
    std::fs::remove_dir_all(directory).expect("it was made above");
    // Ours: for Python an empty one is a file that does not exist.
    assert_eq!(default_paths(Some(""), Some("")).0, default_paths(None, None).0);
}

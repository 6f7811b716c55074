//! The system's configuration of TLS (openssl.cnf): our defaults never weaken it, nor it them. Each configuration has a
//! process of its own, which runs `told` of this binary.
#![allow(clippy::print_stdout)]

mod certs;
mod pair;

use pair::Pair;
use serde_json::{Value, json};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use tlsock::context::{PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER, PURPOSE_SERVER_AUTH};
use tlsock::*;

const PART: &str = "TLSOCK_TEST_PART";
const OP_NO_TICKET: u64 = 1 << 14;
const OP_NO_RENEGOTIATION: u64 = 1 << 30;
const TLS1_1: i32 = 0x302;
const TLS1_2: i32 = 0x303;
const TLS1_3: i32 = 0x304;
const MINIMUM_SUPPORTED: i32 = -2;
const MAXIMUM_SUPPORTED: i32 = -1;

/// A process for which the system's configuration says this.
fn configured(commands: &str) -> Command {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("policy-{}.cnf", COUNT.fetch_add(1, Ordering::Relaxed));
    let (path, folder) = (certs::scratch().join(name), certs::folder());
    let text = format!(
        "openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = system\n[system]\n{commands}\n"
    );
    std::fs::write(&path, text).expect("a configuration");
    let mut command = Command::new(std::env::current_exe().expect("a test knows its own path"));
    command.args(["--exact", "told", "--nocapture"]).env(PART, folder).env("OPENSSL_CONF", path);
    command
}

fn told_with(commands: &str) -> Value {
    let output = String::from_utf8(certs::run(&mut configured(commands))).expect("text");
    let told = output.lines().find_map(|line| line.strip_prefix("told "));
    serde_json::from_str(told.expect("it tells")).expect("JSON")
}

/// What the reference says of its own default context with the same configuration.
fn reference_with(commands: &str) -> Value {
    const SCRIPT: &str = "
import json, ssl
context = ssl.create_default_context()
print(json.dumps({'max': int(context.maximum_version), 'no tickets': bool(context.options & ssl.OP_NO_TICKET)}))";
    let command = configured(commands);
    let configuration =
        command.get_envs().find_map(|(name, value)| (name == "OPENSSL_CONF").then_some(value)?);
    let mut python = Command::new("python3");
    python.args(["-c", SCRIPT]).env("OPENSSL_CONF", configuration.expect("it is set"));
    serde_json::from_slice(&certs::run(&mut python)).expect("JSON")
}

fn names(context: &Context, version: &str) -> Vec<String> {
    let list = context.get_ciphers();
    let wanted = list
        .as_slice()
        .iter()
        .filter(|cipher| (cipher.protocol == Some(c"TLSv1.3")) == (version == "TLSv1.3"));
    wanted.filter_map(|cipher| Some(cipher.name?.to_str().ok()?.to_string())).collect()
}

fn facts(context: &Context) -> Value {
    json!({
        "min": context.minimum_version(), "max": context.maximum_version(), "level": context.security_level(),
        "no tickets": context.options() & OP_NO_TICKET != 0,
        "ciphers": names(context, "TLSv1.2"), "suites": names(context, "TLSv1.3"), "hello": hello(context),
    })
}

/// The groups and the signature algorithms that a client offers, as the two extensions have them.
fn hello(context: &Context) -> Value {
    let (incoming, outgoing) = (MemoryBio::new(), MemoryBio::new());
    let client =
        context.wrap_bio(Some((&incoming, &outgoing)), WrapFlags::default(), Some("localhost"), None);
    let Ok(client) = client else { return Value::Null };
    // It takes up the ciphers of a context that is changed meanwhile, but no lower level.
    context.set_options(context.options() ^ OP_NO_RENEGOTIATION).expect("a change");
    if !client.do_handshake().expect_err("it has begun").is_want() {
        return Value::Null;
    }
    let mut bytes = vec![0; 4096];
    let len = outgoing.read(&mut bytes);
    let rest = &bytes[..len];
    // Record, message, version and random; then session, ciphers, compression.
    let mut at = 5 + 4 + 2 + 32;
    at += 1 + rest[at] as usize;
    at += 2 + number(rest, at);
    at += 1 + rest[at] as usize + 2;
    let mut found = json!({});
    while at + 4 <= len {
        let (kind, size) = (number(rest, at), number(rest, at + 2));
        let content = &rest[at + 4..at + 4 + size];
        match kind {
            10 => found["groups"] = content[2..].chunks(2).map(|pair| number(pair, 0)).collect(),
            13 => found["signatures"] = content[2..].chunks(2).map(|pair| number(pair, 0)).collect(),
            _ => {}
        }
        at += 4 + size;
    }
    found
}

fn number(bytes: &[u8], at: usize) -> usize {
    usize::from(bytes[at]) << 8 | usize::from(bytes[at + 1])
}

/// What another process is run for.
#[test]
fn told() {
    if std::env::var_os(PART).is_none() {
        println!("not tested here: others run this one in processes of their own");
        return;
    }
    let default = Context::create_default(PURPOSE_SERVER_AUTH, None, None, None).expect("a context");
    let mut all = facts(&default);
    // Every kind of context is like that, and a change of something else makes no difference.
    for protocol in [PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER] {
        let context = Context::new(protocol).expect("a context");
        for _ in 0..2 {
            let mut found = facts(&context);
            if protocol == PROTOCOL_TLS_SERVER {
                found["hello"] = all["hello"].clone();
            }
            assert_eq!(found, all);
            context
                .set_num_tickets(1)
                .or_else(|_| context.set_verify_flags(context.verify_flags() | 4))
                .expect("a change");
        }
    }
    // An explicit setting is taken as it is.
    default.set_minimum_version(TLS1_2).expect("a version");
    default.set_maximum_version(MAXIMUM_SUPPORTED).expect("a version");
    default.set_ciphers("AES128-GCM-SHA256:@SECLEVEL=1").expect("ciphers");
    assert_eq!((default.minimum_version(), default.maximum_version()), (TLS1_2, MAXIMUM_SUPPORTED));
    assert_eq!((names(&default, "TLSv1.2"), default.security_level()), (vec!["AES128-GCM-SHA256".into()], 1));
    default.set_minimum_version(MINIMUM_SUPPORTED).expect("a version");
    assert_eq!(default.minimum_version(), MINIMUM_SUPPORTED);
    all["spoken"] = spoken().into();
    println!("told {all}");
}

/// The version of two default contexts, or why there is none.
fn spoken() -> String {
    let (client, server) = (pair::client(), Context::new(PROTOCOL_TLS_SERVER).expect("a context"));
    if server
        .load_cert_chain(&certs::folder().join("ecdsa.pem"), Some(&certs::folder().join("ecdsa.key")), None)
        .is_err()
    {
        return "no certificate".into();
    }
    let pair = Pair::new(&client, &server, None);
    match pair.shake() {
        Ok(()) => pair.client.version().expect("a version").to_string_lossy().into(),
        Err(error) => error.message().into(),
    }
}

fn told_plainly() -> Value {
    let plain = told_with("");
    assert_eq!((&plain["min"], &plain["max"]), (&json!(TLS1_2), &json!(MAXIMUM_SUPPORTED)));
    assert_eq!((&plain["level"], &plain["spoken"]), (&json!(2), &json!("TLSv1.3")));
    assert_eq!(plain["ciphers"].as_array().expect("a list").len(), 14, "{plain}");
    plain
}

#[test]
fn the_highest_version_of_the_system_counts() {
    let commands = "MaxProtocol = TLSv1.2";
    let told = told_with(commands);
    assert_eq!(
        (&told["min"], &told["max"], &told["spoken"]),
        (&json!(TLS1_2), &json!(TLS1_2), &json!("TLSv1.2"))
    );
    assert_eq!(told["max"], reference_with(commands)["max"]);
    // Below the oldest version that we speak: no version is left, as with Python.
    let told = told_with("MaxProtocol = TLSv1.1");
    assert_eq!((&told["min"], &told["max"]), (&json!(TLS1_2), &json!(TLS1_1)));
    assert!(told["spoken"].as_str().expect("text").contains("no protocols available"), "{told}");
}

#[test]
fn the_lowest_version_is_the_higher_one() {
    let plain = told_plainly();
    assert_eq!(told_with("MinProtocol = TLSv1"), plain, "ours is higher");
    let told = told_with("MinProtocol = TLSv1.3");
    assert_eq!((&told["min"], &told["spoken"]), (&json!(TLS1_3), &json!("TLSv1.3")));
}

#[test]
fn the_security_level_is_the_higher_one() {
    let plain = told_plainly();
    assert_eq!(told_with("CipherString = DEFAULT@SECLEVEL=0"), plain, "ours is higher");
    let told = told_with("CipherString = DEFAULT@SECLEVEL=4");
    assert_eq!((&told["level"], &told["ciphers"]), (&json!(4), &plain["ciphers"]));
    // Signatures with SHA-256 are too weak for that level.
    let signatures = told["hello"]["signatures"].as_array().expect("a list");
    assert!(signatures.contains(&json!(0x503)) && !signatures.contains(&json!(0x403)), "{told}");
    // The tests' certificate has a curve of 256 bits, which is too weak for that level.
    assert_ne!(told["spoken"], "TLSv1.3");
}

#[test]
fn ciphers_are_those_that_both_want() {
    let two = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
    let told = told_with(&format!("CipherString = {two}:AES256-SHA\nMaxProtocol = TLSv1.2"));
    assert_eq!(told["ciphers"], json!(two.split(':').collect::<Vec<_>>()), "AES256-SHA is none of ours");
    assert_eq!(told["spoken"], "TLSv1.2");
    // No cipher in common: only TLS 1.3 is left, whose ciphers are listed apart.
    let told = told_with("CipherString = AES256-SHA");
    assert_eq!((&told["min"], &told["spoken"]), (&json!(TLS1_3), &json!("TLSv1.3")));
    let told = told_with("Ciphersuites = TLS_AES_256_GCM_SHA384");
    assert_eq!(told["suites"], json!(["TLS_AES_256_GCM_SHA384"]));
    assert_eq!(told["ciphers"], told_plainly()["ciphers"]);
}

#[test]
fn options_groups_and_signature_algorithms_of_the_system_stay() {
    let commands = "Options = -SessionTicket\nGroups = P-384\nSignatureAlgorithms = ECDSA+SHA256";
    let (told, reference) = (told_with(commands), reference_with(commands));
    assert_eq!((&told["no tickets"], &reference["no tickets"]), (&json!(true), &json!(true)));
    assert_eq!(told["hello"], json!({"groups": [0x18], "signatures": [0x403]}));
    assert_eq!(told["spoken"], "TLSv1.3");
}

#[test]
fn sslv3_as_the_minimum_is_permitted_and_no_other_option_changes() {
    const SSL3: i32 = 0x300;
    const OP_NO_SSLV3: u64 = 1 << 25;
    let context = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
    for _ in 0..2 {
        let before = context.options();
        // Most builds of OpenSSL do not have it.
        let _ = context.set_minimum_version(SSL3);
        assert_eq!(context.options(), before & !OP_NO_SSLV3);
    }
}

/// A configuration whose generator of random numbers does not exist.
fn without_generator(command: &mut Command) -> String {
    let path = certs::scratch().join(format!("generator-{}.cnf", std::process::id()));
    let text = "openssl_conf = init\n[init]\nrandom = random\n[random]\nrandom = NO-SUCH-DRBG\n";
    std::fs::write(&path, text).expect("a configuration");
    String::from_utf8(certs::run(command.env("OPENSSL_CONF", path))).expect("text")
}

#[test]
fn numbers_without_a_generator_are_an_error_as_in_the_reference() {
    const SCRIPT: &str = "
import ssl
try:
    ssl.RAND_bytes(8)
except ssl.SSLError as error:
    print('drawn', type(error).__name__, error.args[1])";
    let mut again = Command::new(std::env::current_exe().expect("a test knows its own path"));
    again.args(["--exact", "drawn", "--nocapture"]).env(PART, certs::folder());
    let ours = without_generator(&mut again);
    let ours = ours.lines().find(|line| line.starts_with("drawn ")).expect("it tells");
    let reference = without_generator(Command::new("python3").args(["-c", SCRIPT]));
    // Of two entries the reference tells the first, which is that something is "unsupported".
    assert_eq!(ours, "drawn Ssl unable to fetch drbg");
    assert!(reference.starts_with("drawn SSLError "), "{reference}");
}

/// Run by the test above.
#[test]
fn drawn() {
    if std::env::var_os(PART).is_none() {
        return;
    }
    let error = rand_bytes(&mut [0; 8]).expect_err("no generator");
    println!("drawn {:?} {}", error.status(), error.message());
    // Calls that need random numbers fail; none continues without them.
    let context = Context::new(PROTOCOL_TLS_CLIENT).and_then(|context| {
        context.wrap_bio(None, WrapFlags::default(), Some("localhost"), None)?.do_handshake()
    });
    assert!(!context.expect_err("no generator").is_want());
}

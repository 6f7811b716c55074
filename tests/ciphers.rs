//! Cipher suites, key exchange, and what two sides agree on.
#![allow(clippy::print_stdout)]

mod certs;
mod pair;
mod reference;
mod version;

use pair::{Pair, TLS1_2, TLS1_3, client, server};
use serde_json::{Value, json};
use std::ffi::CStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tlsock::context::PROTOCOL_TLS_CLIENT;
use tlsock::{module::info::HAS_DH, *};

fn text(text: Option<&CStr>) -> Value {
    text.map_or(Value::Null, |text| text.to_str().expect("UTF-8").into())
}

/// An entry as Python shows it.
fn entry(info: &CipherInfo) -> Value {
    json!({
        "id": info.id,
        "name": text(info.name),
        "protocol": text(info.protocol),
        "description": text(info.description.as_deref()),
        "strength_bits": info.strength_bits,
        "alg_bits": info.alg_bits,
        "aead": info.aead,
        "symmetric": text(info.symmetric),
        "digest": text(info.digest),
        "kea": text(info.kea),
        "auth": text(info.auth),
    })
}

fn names(list: &CipherList) -> Vec<&str> {
    list.as_slice().iter().filter_map(|info| info.name?.to_str().ok()).collect()
}

#[test]
fn the_default_list_is_the_safe_one() {
    let context = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
    let list = context.get_ciphers();
    assert_eq!(list.as_slice().len(), 17, "{:?}", names(&list));
    assert_eq!(names(&list)[..2], ["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]);
    assert_eq!(names(&list)[16], "DHE-RSA-AES128-SHA256");
    let first = &list.as_slice()[0];
    assert_eq!((first.id, first.strength_bits, first.aead), (0x0300_1302, 256, true));
    assert_eq!((first.symmetric, first.digest), (Some(c"aes-256-gcm"), None));
    let triple = list.triple(0).expect("a first one");
    assert_eq!((triple.name, triple.protocol, triple.secret_bits), (first.name, Some(c"TLSv1.3"), 256));
    assert_eq!(list.triple(17), None);
}

#[test]
fn lists_are_those_of_the_reference() {
    if !version::is_openssl_3_0("the list of all ciphers") {
        return;
    }
    let inputs = json!([
        "DEFAULT",
        "ALL:COMPLEMENTOFALL:@SECLEVEL=0",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "PSK:@SECLEVEL=1",
        "AES256-SHA:@SECLEVEL=1",
        "SUITEB128",
    ]);
    let script = "
def ciphers(text):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers(text)
    return context.get_ciphers()
print(json.dumps([ciphers(text) for text in input]))";
    let Some(theirs) = reference::ask(script, &inputs) else { return };
    for (input, theirs) in inputs.as_array().expect("a list").iter().zip(theirs.as_array().expect("a list")) {
        let context = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
        context.set_ciphers(input.as_str().expect("text")).expect("a list");
        let ours: Vec<Value> = context.get_ciphers().as_slice().iter().map(entry).collect();
        assert!(!ours.is_empty());
        assert_eq!(&Value::from(ours), theirs, "{input}");
    }
}

#[test]
fn versions_do_not_filter_the_list() {
    let context = client();
    context.set_maximum_version(TLS1_2).expect("a version");
    assert_eq!(context.get_ciphers().as_slice().len(), 17);
}

#[test]
fn shared_ciphers_are_the_servers_that_the_client_offered() {
    let (client, server) = (client(), server("rsa"));
    let before = Pair::new(&client, &server, None);
    assert_eq!(before.server.shared_ciphers(), None);
    let both = Pair::connected(&client, &server, None);
    assert_eq!(both.client.shared_ciphers(), None);
    assert_eq!(both.server.shared_ciphers(), Some(server.get_ciphers()));

    client.set_ciphers("AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256").expect("a list");
    client.set_maximum_version(TLS1_2).expect("a version");
    let old = Pair::connected(&client, &server, None);
    let shared = old.server.shared_ciphers().expect("a list");
    assert_eq!(names(&shared), ["ECDHE-RSA-AES128-GCM-SHA256"]);
    assert_eq!(shared.triple(0), old.server.cipher());
}

#[test]
fn nothing_is_compressed() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = (client(), server("ecdsa"));
        client.set_maximum_version(version).expect("a version");
        let pair = Pair::connected(&client, &server, None);
        assert_eq!((pair.client.compression(), pair.server.compression()), (None, None));
    }
}

#[test]
fn a_curve_is_found_by_its_short_name_only() {
    let context = client();
    for known in ["prime256v1", "secp384r1", "X25519"] {
        context.set_ecdh_curve(known).expect(known);
    }
    for unknown in ["P-256", "secp256r1", "x25519", "nothing", ""] {
        let error = context.set_ecdh_curve(unknown).expect_err(unknown);
        assert_eq!(error.status(), Status::Value);
        assert_eq!(error.message(), format!("unknown elliptic curve name '{unknown}'"));
    }
    let error = context.set_ecdh_curve("RSA").expect_err("no group");
    let lacks = "[SSL: UNSUPPORTED_ELLIPTIC_CURVE] unsupported elliptic curve";
    let told = if has(HAS_DH) { ("unknown error", 0) } else { (lacks, 315) };
    assert_eq!((error.message(), error.detail().expect("details").code), told);
}

#[test]
fn a_curve_counts_for_both_sides_and_survives_other_settings() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = (client(), server("ecdsa"));
        client.set_maximum_version(version).expect("a version");
        server.set_ecdh_curve("secp384r1").expect("a curve");
        // In use now: the next setting makes another generation.
        Pair::connected(&client, &server, None);
        server.set_options(server.options() | 1 << 14).expect("options");
        let pair = Pair::connected(&client, &server, None);
        assert_eq!(pair.client.group(), Some(c"secp384r1"), "{version:#x}");

        client.set_ecdh_curve("prime256v1").expect("a curve");
        let error = Pair::new(&client, &server, None).shake().expect_err("no common group");
        assert_eq!(error.status(), Status::Ssl);
    }
}

/// Files of DH parameters, good and bad: made once, as several tests of this process read them at the same time.
fn files() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(make_files)
}

fn make_files() -> PathBuf {
    let folder = certs::scratch();
    let write = |name: &str, contents: &str| std::fs::write(folder.join(name), contents).expect(name);
    write("empty.pem", "");
    write("bad-base64.pem", "-----BEGIN DH PARAMETERS-----\n!!!\n-----END DH PARAMETERS-----\n");
    write("bad-asn1.pem", "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n");
    write("no-end.pem", "-----BEGIN DH PARAMETERS-----\nAAAA\n");
    for (name, options) in [
        ("good.pem", ["-algorithm", "DH", "-pkeyopt", "group:ffdhe2048"]),
        ("x942.pem", ["-algorithm", "DHX", "-pkeyopt", "group:dh_2048_256"]),
        ("curve.pem", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ] {
        let mut command = Command::new("openssl");
        certs::run(command.args(["genpkey", "-genparam", "-out"]).arg(folder.join(name)).args(options));
    }
    // A prime of 512 bits. To look for a new one takes as long as luck has it.
    write("small.pem", include_str!("certs/small-dh.pem"));
    folder
}

#[test]
fn dh_files_are_judged_as_the_reference_does() {
    let folder = files();
    let script = "
import os
def load(name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    path = os.path.join(input['folder'], name)
    try:
        return context.load_dh_params(path)
    except ssl.SSLError as error:
        return ['SSL', error.errno, error.library, error.reason, error.args[1].split(' (_ssl.c')[0]]
    except OSError as error:
        return ['OS', error.errno, os.path.basename(error.filename)]
print(json.dumps([load(name) for name in input['names']]))";
    let names = json!([
        "good.pem",
        "x942.pem",
        "empty.pem",
        "bad-base64.pem",
        "bad-asn1.pem",
        "no-end.pem",
        "curve.pem",
        "small.pem",
        "missing.pem",
        "directory"
    ]);
    std::fs::create_dir_all(folder.join("directory")).expect("a directory");
    let load = |name: &Value| {
        let path = folder.join(name.as_str().expect("text"));
        let context = server("rsa");
        let Err(error) = context.load_dh_params(&path) else { return Value::Null };
        let detail = error.detail().expect("details");
        if error.status() == Status::Os {
            assert_eq!(text(detail.filename.as_deref()), path.to_str().expect("UTF-8"));
            return json!(["OS", error.os_errno(), name]);
        }
        assert_eq!(error.status(), Status::Ssl);
        assert_eq!(text(detail.filename.as_deref()), path.to_str().expect("UTF-8"));
        // After the reference's text comes the name of the file.
        let (words, file) = error.message().split_once(": dhfile '").expect("the argument");
        // When OpenSSL finds that a prime is too small depends on its version.
        let verbs = if *name == "small.pem" { &["used", "read"][..] } else { &["read"] };
        let name = name.as_str().expect("text");
        assert!(verbs.iter().any(|verb| file.ends_with(&format!("/{name}' cannot be {verb}"))), "{file}");
        let (library, reason) = (text(detail.library.as_deref()), text(detail.reason.as_deref()));
        json!(["SSL", detail.code, library, reason, words])
    };
    let names_list = names.as_array().expect("a list");
    let ours: Vec<Value> = names_list.iter().map(load).collect();
    assert_eq!(ours[..2], [Value::Null, Value::Null]);
    assert_eq!(ours[8], json!(["OS", 2, "missing.pem"]));
    assert_eq!(ours[2], json!(["SSL", 108, "PEM", "NO_START_LINE", "[PEM: NO_START_LINE] no start line"]));
    let input = json!({ "folder": folder.to_str().expect("UTF-8"), "names": names });
    let Some(theirs) = reference::ask(script, &input) else { return };
    assert_eq!(Value::from(ours), theirs);
}

const NO_SHARED_CIPHER: &str = "[SSL: NO_SHARED_CIPHER] no shared cipher";

/// A client of finite fields only, in TLS 1.2.
fn dhe_client() -> Context {
    let client = client();
    client.set_maximum_version(TLS1_2).expect("a version");
    client.set_ciphers("DHE-RSA-AES256-GCM-SHA384").expect("a list");
    client
}

#[test]
fn a_group_of_dh_that_has_a_name_is_agreed_on_by_openssl_4_only() {
    let pair = Pair::new(&dhe_client(), &server("rsa"), None);
    let shaken = pair.shake();
    if version::is_openssl_4() {
        shaken.expect("no parameters are needed");
        assert_eq!(pair.server.group(), Some(c"ffdhe2048"));
    } else {
        assert_eq!(shaken.expect_err("no parameters").message(), NO_SHARED_CIPHER);
    }
}

#[test]
fn dh_parameters_are_used_and_survive_other_settings() {
    let (client, server) = (dhe_client(), server("rsa"));
    // Offers no group of DH by name, which OpenSSL 4 would take instead of the parameters.
    client.set_ecdh_curve("prime256v1").expect("a group");
    let without = Pair::new(&client, &server, None).shake().expect_err("no parameters");
    assert_eq!(without.message(), NO_SHARED_CIPHER);
    server.load_dh_params(&files().join("good.pem")).expect("parameters");
    for _ in 0..2 {
        let pair = Pair::connected(&client, &server, None);
        assert_eq!(pair.client.cipher().and_then(|cipher| cipher.name), Some(c"DHE-RSA-AES256-GCM-SHA384"));
        server.set_options(server.options() | 1 << 14).expect("options");
    }
}

#[test]
fn channel_binding_is_the_same_on_both_ends_and_new_each_time() {
    let (client, server) = (client(), server("ecdsa"));
    client.set_maximum_version(TLS1_2).expect("a version");
    let mut seen = Vec::new();
    let mut session = None;
    for resumed in [false, true] {
        let pair = Pair::new(&client, &server, session.as_ref());
        assert_eq!(pair.client.get_channel_binding(None).expect("a known type"), None);
        pair.shake().expect("a handshake");
        assert_eq!(pair.client.session_reused(), resumed);
        let ours = pair.client.get_channel_binding(None).expect("a known type").expect("bytes");
        let theirs = pair.server.get_channel_binding(Some("tls-unique")).expect("a known type");
        assert_eq!((theirs.as_ref(), ours.len()), (Some(&ours), 12));
        assert!(!seen.contains(&ours));
        seen.push(ours);
        session = pair.client.session().unwrap();
    }
}

#[test]
fn tls_unique_is_refused_over_tls_1_3() {
    let pair = Pair::new(&client(), &server("ecdsa"), None);
    assert_eq!(pair.client.get_channel_binding(None).expect("not yet"), None);
    pair.shake().expect("a handshake");
    assert_eq!(pair.client.version(), Some(c"TLSv1.3"));
    for end in [&pair.client, &pair.server] {
        for kind in [None, Some("tls-unique")] {
            let error = end.get_channel_binding(kind).expect_err("it is not defined");
            assert_eq!(error.status(), Status::Value);
            assert!(error.message().contains("RFC 9266"), "{error}");
        }
    }
}

/// Closes a listener at the end: threads that accept are woken, and peers that wait are refused.
struct Closes<'a>(&'a Socket);

impl Drop for Closes<'_> {
    fn drop(&mut self) {
        let _ = self.0.close();
    }
}

#[test]
fn channel_binding_agrees_with_the_reference() {
    let script = "
import socket
def bindings(version):
    context = ssl.create_default_context(cafile=input['ca'])
    context.maximum_version = version
    session, found = None, []
    for _ in range(2):
        plain = socket.create_connection(('127.0.0.1', input['port']))
        with context.wrap_socket(plain, server_hostname='localhost', session=session) as client:
            assert client.recv(1) == b'!'
            session = client.session
            found.append([client.session_reused, client.get_channel_binding().hex()])
    return found
print(json.dumps([bindings(version) for version in input.get('versions', [])]))";
    if reference::ask("print('null')", &Value::Null).is_none() {
        return;
    }
    let versions = [TLS1_2];
    let listener = server("ecdsa").create_server(Some("127.0.0.1"), 0, 0, WrapFlags::default());
    let listener = listener.expect("a listener");
    let port = listener.getsockname().expect("an address").port;
    let input = json!({ "ca": certs::folder().join("ca.pem").to_str(), "port": port, "versions": versions });
    let accept = || {
        let (socket, _) = listener.accept().expect("a client");
        socket.sendall(b"!").expect("a write");
        let binding = socket.get_channel_binding(None).expect("a known type").expect("bytes");
        let hex: String = binding.iter().map(|byte| format!("{byte:02x}")).collect();
        let reused = socket.engine().expect("a connection").session_reused();
        json!([reused, hex])
    };
    // No time limit: either side may be slow to start. When one side ends, for any reason, the other one is freed.
    let frees = || Closes(&listener);
    std::thread::scope(|scope| {
        let ours = scope.spawn(|| {
            let _freed = frees();
            versions.map(|_| [accept(), accept()])
        });
        let theirs = {
            let _freed = frees();
            reference::ask(script, &input).expect("the reference is there")
        };
        let ours = json!(ours.join().expect("a server"));
        assert_eq!(ours, theirs);
        assert_eq!(ours[0][1][0], json!(true));
    });
}

#[test]
fn other_channel_bindings_are_refused_even_before_connecting() {
    let pair = Pair::new(&client(), &server("ecdsa"), None);
    let error = pair.client.get_channel_binding(Some("tls-other")).expect_err("an unknown type");
    assert_eq!(error.status(), Status::Value);
    assert_eq!(error.message(), "'tls-other' channel binding type not implemented");

    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let socket = server("ecdsa").wrap_socket(listener.into(), WrapFlags::SERVER_SIDE, None, None);
    let socket = socket.expect("a listener");
    assert_eq!(socket.get_channel_binding(None).expect("a known type"), None);
    let error = socket.get_channel_binding(Some("x")).expect_err("an unknown type");
    assert_eq!(error.message(), "x channel binding type not implemented");
    assert_eq!((socket.shared_ciphers(), socket.compression()), (None, None));
}

const PYTHON_LEVEL: &str = r#"
server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
server.load_cert_chain(input["cert"], input["key"])
server.set_ciphers("DEFAULT@SECLEVEL=3")
server.options |= ssl.OP_NO_TICKET
client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
client.maximum_version = input["version"]
there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
client, server = client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True)
reasons = []
for end in (client, server, client):
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        pass
    except ssl.SSLError as error:
        reasons.append(error.reason)
print(json.dumps(reasons))
"#;

/// As in Python the level is taken up, and handshakes fail. The context must not be stuck with what it has.
#[test]
fn a_level_above_what_was_loaded_fails_handshakes_and_no_setting() {
    const RAISED: &str = "DEFAULT@SECLEVEL=3";
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = (client(), server("rsa"));
        server.load_dh_params(&files().join("good.pem")).expect("parameters");
        client.set_maximum_version(version).expect("a version");
        Pair::connected(&client, &server, None);
        server.set_ciphers(RAISED).expect("a list");
        assert_eq!(server.security_level(), 3);
        for _ in 0..2 {
            let pair = Pair::new(&client, &server, None);
            let steps = [pair.client.do_handshake(), pair.server.do_handshake(), pair.client.do_handshake()];
            let failed = steps.into_iter().filter_map(|step| step.err().filter(|error| !error.is_want()));
            let reasons: Vec<_> = failed
                .map(|error| text(error.detail().and_then(|detail| detail.reason.as_deref())))
                .collect();
            assert_eq!(reasons[0], "EE_KEY_TOO_SMALL");
            let folder = certs::folder();
            let input =
                json!({"cert": folder.join("rsa.pem"), "key": folder.join("rsa.key"), "version": version});
            if let Some(theirs) = reference::ask(PYTHON_LEVEL, &input) {
                assert_eq!(json!(reasons), theirs);
            }
            server.set_options(server.options() | 1 << 14).expect("options");
        }
        // What is loaded from now on is looked at, and refused without a change.
        let file = |extension| certs::folder().join(format!("rsa.{extension}"));
        let refused = server.load_cert_chain(&file("pem"), Some(&file("key")), None).expect_err("too small");
        assert!(refused.message().contains("EE_KEY_TOO_SMALL"), "{refused}");
        server.set_minimum_version(TLS1_2).expect("a version");
        server.set_verify_mode(1).expect("a mode");
        server.set_verify_mode(0).expect("a mode");
        pair::identify(&server, "ecdsa");
        Pair::connected(&client, &server, None);
        server.set_ciphers("DEFAULT@SECLEVEL=2").expect("a list");
        client.set_ciphers("aRSA").expect("a list");
        if version == TLS1_2 {
            let pair = Pair::connected(&client, &server, None);
            let name = pair.client.cipher().and_then(|cipher| cipher.name).expect("a cipher");
            assert!(name.to_str().expect("ASCII").contains("RSA"), "{name:?}");
        }
    }
}

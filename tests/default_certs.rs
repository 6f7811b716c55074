//! The system's CAs, which are parsed when they are first needed. One test at a time, as the environment is the
//! process's.

#[path = "default_certs/bad.rs"]
mod bad;
mod certs;
mod pair;

use pair::{Pair, server};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Barrier, Mutex, MutexGuard, OnceLock};
use tlsock::context::{PROTOCOL_TLS_CLIENT, PURPOSE_SERVER_AUTH};
use tlsock::*;

/// What a process of its own would have: the default file and directory.
struct Defaults {
    file: PathBuf,
    folder: PathBuf,
    _alone: MutexGuard<'static, ()>,
}

impl Defaults {
    fn new() -> Defaults {
        static ALONE: Mutex<()> = Mutex::new(());
        static SET: OnceLock<(PathBuf, PathBuf)> = OnceLock::new();
        let alone = ALONE.lock().unwrap_or_else(|broken| broken.into_inner());
        let (file, folder) = SET.get_or_init(|| {
            let (file, folder) = (certs::scratch().join("bundle.pem"), certs::scratch().join("empty"));
            std::fs::create_dir_all(&folder).expect("a folder");
            // SAFETY: all code that reads the environment holds the lock.
            unsafe { std::env::set_var("SSL_CERT_FILE", &file) };
            // SAFETY: the same.
            unsafe { std::env::set_var("SSL_CERT_DIR", &folder) };
            (file, folder)
        });
        Defaults { file: file.clone(), folder: folder.clone(), _alone: alone }
    }

    /// Writes the default file.
    fn are(&self, files: &[&[u8]]) {
        std::fs::write(&self.file, files.concat()).expect("a file");
    }
}

fn client() -> Context {
    Context::create_default(PURPOSE_SERVER_AUTH, None, None, None).expect("a context")
}

fn refused(client: &Context, server: &Context) -> i32 {
    let error = Pair::new(client, server, None).shake().expect_err("a refusal");
    assert_eq!(error.status(), Status::CertVerification, "{error}");
    error.detail().expect("details").verify_code
}

fn stats(context: &Context) -> (usize, usize, usize) {
    let stats = context.cert_store_stats().expect("stats");
    (stats.x509, stats.crl, stats.x509_ca)
}

/// A root with the names of the tests' own, but another key.
fn namesake() -> Vec<u8> {
    static MADE: OnceLock<Vec<u8>> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let args =
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-subj"];
        let more = ["/CN=tlsock test root", "-days", "30", "-keyout", "namesake.key"];
        certs::run(Command::new("openssl").args(args).args(more).current_dir(certs::scratch()))
    });
    made.clone()
}

#[test]
fn a_context_trusts_what_the_file_held_when_it_was_loaded() {
    let defaults = Defaults::new();
    let server = server("ecdsa");

    defaults.are(&[&certs::read("ca.pem")]);
    let (early, other) = (client(), client());
    defaults.are(&[&certs::read("unknown-ca.pem")]);
    let late = client();
    assert_eq!(late.cert_store_stats().expect("stats").x509, 1);
    Pair::new(&early, &server, None).shake().expect("the root of before");
    let error = Pair::new(&late, &server, None).shake().expect_err("another root");
    assert_eq!(error.status(), Status::CertVerification, "{error}");

    // What one context adds is not trusted by any other.
    late.load_verify_locations(None, None, Some(&certs::read("ca.pem"))).expect("a root");
    Pair::new(&late, &server, None).shake().expect("two roots");
    assert_eq!(late.cert_store_stats().expect("stats").x509, 2);
    assert_eq!(other.cert_store_stats().expect("stats").x509, 1);
    let error = Pair::new(&client(), &server, None).shake().expect_err("one root");
    assert_eq!(error.status(), Status::CertVerification, "{error}");

    // An existing connection uses what is loaded before its handshake, and garbage is skipped.
    defaults.are(&[&certs::read("ca.pem")]);
    let context = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
    let pair = Pair::new(&context, &server, None);
    context.load_default_certs(PURPOSE_SERVER_AUTH).expect("defaults");
    pair.shake().expect("the root of now");
    defaults.are(&[b"-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n"]);
    assert_eq!(client().cert_store_stats().expect("stats").x509, 0);
}

#[test]
fn what_was_looked_up_and_what_was_not_count_alike() {
    let defaults = Defaults::new();
    let (root, other) = (certs::read("ca.pem"), certs::read("unknown-ca.pem"));
    defaults.are(&[&root, &other]);
    let server = server("ecdsa");
    let (used, unused) = (client(), client());
    for _ in 0..2 {
        Pair::connected(&used, &server, None);
        assert_eq!(refused(&used, &pair::server("self-signed")), 18);
    }
    assert_eq!((stats(&used), stats(&unused)), ((2, 0, 2), (2, 0, 2)));
    let listed = |context: &Context| {
        let list = context.get_ca_certs().expect("a list");
        let mut ders: Vec<_> = list.as_slice().iter().map(|x509| x509.der().to_vec()).collect();
        ders.sort();
        ders
    };
    assert_eq!(listed(&used), listed(&unused));
    Pair::connected(&used, &server, None);
    Pair::connected(&unused, &server, None);
}

#[test]
fn a_namesake_hides_nobody() {
    let defaults = Defaults::new();
    let (genuine, namesake, server) = (certs::read("ca.pem"), namesake(), server("ecdsa"));
    for [file, own] in [[&genuine, &namesake], [&namesake, &genuine]] {
        defaults.are(&[file]);
        // Loaded before the file, after it, while a connection is there, and after one.
        let before = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
        before.load_verify_locations(None, None, Some(own)).expect("a root");
        before.load_default_certs(PURPOSE_SERVER_AUTH).expect("defaults");
        Pair::connected(&before, &server, None);

        let after = client();
        after.load_verify_locations(None, None, Some(own)).expect("a root");
        Pair::connected(&after, &server, None);

        let during = client();
        let pair = Pair::new(&during, &server, None);
        assert!(pair.client.do_handshake().expect_err("it has begun").is_want());
        during.load_verify_locations(None, None, Some(own)).expect("a root");
        pair.shake().expect("either root");
        assert_eq!(stats(&during), (2, 0, 2));

        let late = client();
        let known = Pair::new(&late, &server, None).shake().is_ok();
        assert_eq!(known, std::ptr::eq(file, &genuine));
        late.load_verify_locations(None, None, Some(own)).expect("a root");
        Pair::connected(&late, &server, None);
    }
    defaults.are(&[&namesake, &genuine]);
    Pair::connected(&client(), &server, None);
    defaults.are(&[&genuine, &namesake]);
    Pair::connected(&client(), &server, None);
}

#[test]
fn what_is_loaded_while_a_handshake_runs_counts() {
    let defaults = Defaults::new();
    defaults.are(&[&certs::read("unknown-ca.pem")]);
    let (client, server) = (client(), server("ecdsa"));
    let pair = Pair::new(&client, &server, None);
    assert!(pair.client.do_handshake().expect_err("it has begun").is_want());
    client.load_verify_locations(None, None, Some(&certs::read("ca.pem"))).expect("a root");
    pair.shake().expect("a root that came late");
}

#[test]
fn revocation_lists_of_the_default_file_count() {
    let defaults = Defaults::new();
    defaults.are(&[&certs::read("ca.pem"), &certs::read("crl.pem")]);
    for used in [false, true] {
        let client = client();
        if used {
            Pair::connected(&client, &server("revoked"), None);
        }
        client.set_verify_flags(client.verify_flags() | 0x4).expect("flags");
        Pair::connected(&client, &server("ecdsa"), None);
        assert_eq!(refused(&client, &server("revoked")), 23);
        assert_eq!(stats(&client), (1, 2, 1));
    }
}

/// They are missing where the file cannot have any.
#[test]
fn a_default_file_without_revocation_lists_revokes_nothing() {
    let defaults = Defaults::new();
    defaults.are(&[&certs::read("unknown-ca.pem"), &certs::read("ca.pem")]);
    let client = client();
    client.set_verify_flags(client.verify_flags() | 0x4).expect("flags");
    assert_eq!(refused(&client, &server("ecdsa")), 3, "unable to get certificate CRL");
    client.load_crl_data(&certs::read("crl.pem")).expect("lists");
    Pair::connected(&client, &server("ecdsa"), None);
    assert_eq!(refused(&client, &server("revoked")), 23);
}

#[test]
fn the_default_file_may_be_asked_for_twice() {
    let defaults = Defaults::new();
    defaults.are(&[&certs::read("ca.pem")]);
    for used in [false, true] {
        let client = client();
        if used {
            Pair::connected(&client, &server("ecdsa"), None);
        }
        client.set_default_verify_paths().expect("the defaults again");
        client.load_default_certs(PURPOSE_SERVER_AUTH).expect("the defaults again");
        Pair::connected(&client, &server("ecdsa"), None);
        assert_eq!(stats(&client), (1, 0, 1));
    }
}

/// One file is searched when it is needed; of two, both are in the store.
#[test]
fn a_default_file_that_has_changed_is_taken_as_well() {
    let defaults = Defaults::new();
    for used in [false, true] {
        defaults.are(&[&certs::read("unknown-ca.pem")]);
        let client = client();
        if used {
            refused(&client, &server("ecdsa"));
        }
        defaults.are(&[&certs::read("ca.pem")]);
        client.set_default_verify_paths().expect("the defaults again");
        Pair::connected(&client, &server("ecdsa"), None);
        assert_eq!(stats(&client), (2, 0, 2));
    }
}

#[test]
fn directories_come_after_files() {
    let defaults = Defaults::new();
    let folder = certs::scratch().join("hashed");
    std::fs::create_dir_all(&folder).expect("a folder");
    let root = certs::folder().join("ca.pem");
    let hash = certs::run(Command::new("openssl").args(["x509", "-noout", "-hash", "-in"]).arg(&root));
    let name = format!("{}.0", String::from_utf8(hash).expect("a hash").trim());
    std::fs::write(folder.join(name), namesake()).expect("a file");
    let server = server("ecdsa");
    // The directory has another certificate under that name, which is never asked for.
    defaults.are(&[&certs::read("ca.pem")]);
    for first in [true, false] {
        let client = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
        if first {
            client.load_verify_locations(None, Some(&folder), None).expect("a directory");
        }
        client.load_default_certs(PURPOSE_SERVER_AUTH).expect("defaults");
        if !first {
            client.load_verify_locations(None, Some(&folder), None).expect("a directory");
        }
        Pair::connected(&client, &server, None);
        assert_eq!(stats(&client), (1, 0, 1));
    }
    // A directory that comes after a connection.
    let client = client();
    Pair::connected(&client, &server, None);
    client.load_verify_locations(None, Some(&folder), None).expect("a directory");
    Pair::connected(&client, &server, None);
    assert!(defaults.folder.read_dir().expect("a folder").next().is_none());
}

#[test]
fn a_directory_that_comes_after_a_connection_takes_no_revocation_list_away() {
    let defaults = Defaults::new();
    defaults.are(&[&certs::read("unknown-ca.pem")]);
    let client = client();
    client.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).expect("a root");
    client.load_crl_data(&certs::read("crl.pem")).expect("lists");
    client.set_verify_flags(client.verify_flags() | 0x4).expect("flags");
    Pair::connected(&client, &server("ecdsa"), None);
    let before = stats(&client);
    client.load_verify_locations(None, Some(&defaults.folder), None).expect("a directory");
    assert_eq!((stats(&client), before.1), (before, 2));
    Pair::connected(&client, &server("ecdsa"), None);
    assert_eq!(refused(&client, &server("revoked")), 23);
}

/// A copy of the store contains all of them.
#[test]
fn a_directory_takes_no_other_directory_away() {
    let _alone = Defaults::new();
    let folders = ["first", "second"].map(|name| certs::scratch().join(name));
    folders.iter().for_each(|folder| std::fs::create_dir_all(folder).expect("a folder"));
    let root = certs::folder().join("ca.pem");
    let hash = certs::run(Command::new("openssl").args(["x509", "-noout", "-hash", "-in"]).arg(&root));
    let name = format!("{}.0", String::from_utf8(hash).expect("a hash").trim());
    std::fs::copy(&root, folders[0].join(name)).expect("a file");
    let client = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
    client.load_verify_locations(None, Some(&folders[0]), None).expect("a directory");
    // An existing connection, so that the store is in use.
    let _early = Pair::new(&client, &server("ecdsa"), None);
    client.load_verify_locations(None, Some(&folders[1]), None).expect("a directory");
    Pair::connected(&client, &server("ecdsa"), None);
}

/// A session is kept for those who believe the same: what the default file held is a part of that, in the store or not.
#[test]
fn what_the_file_held_counts_for_sessions() {
    let defaults = Defaults::new();
    let (root, other, server) = (certs::read("ca.pem"), certs::read("unknown-ca.pem"), server("ecdsa"));
    for used in [false, true] {
        defaults.are(&[&root]);
        let first = client();
        let pair = Pair::connected(&first, &server, None);
        let data = pair.client.session().expect("no failure").expect("a session").data().expect("bytes");
        for (files, same) in [(vec![&root[..]], true), (vec![&root, &other], false), (vec![&other], false)] {
            defaults.are(&files);
            let context = client();
            if used {
                let _ = Pair::new(&context, &server, None).shake();
            }
            let again = Session::from_data(&context, &data).map(|_| ()).map_err(|error| error.status());
            assert_eq!(again, if same { Ok(()) } else { Err(Status::Value) }, "{used}");
        }
    }
}

#[test]
fn files_may_be_loaded_one_after_the_other() {
    let defaults = Defaults::new();
    for folder in [defaults.folder.as_os_str(), "".as_ref()] {
        // SAFETY: all code that reads the environment holds the lock.
        unsafe { std::env::set_var("SSL_CERT_DIR", folder) };
        for counted in [true, false] {
            let client = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
            for (file, count) in [("unknown-ca.pem", 1), ("unknown-ca.pem", 1), ("ca.pem", 2)] {
                defaults.are(&[&certs::read(file)]);
                client.set_default_verify_paths().expect("defaults");
                assert!(!counted || stats(&client) == (count, 0, count));
            }
            Pair::connected(&client, &server("ecdsa"), None);
            assert_eq!(stats(&client), (2, 0, 2));
        }
    }
    // SAFETY: the same.
    unsafe { std::env::set_var("SSL_CERT_DIR", &defaults.folder) };
}

#[test]
fn many_threads_may_need_the_file_first() {
    const THREADS: usize = 8;
    let defaults = Defaults::new();
    defaults.are(&[&certs::read("unknown-ca.pem"), &certs::read("ca.pem")]);
    let (shared, barrier) = (client(), Arc::new(Barrier::new(THREADS)));
    let threads: Vec<_> = (0..THREADS)
        .map(|index| {
            let (barrier, shared) = (Arc::clone(&barrier), shared.clone());
            std::thread::spawn(move || {
                let (own, server) = (client(), server("ecdsa"));
                barrier.wait();
                Pair::connected(if index % 2 == 0 { &own } else { &shared }, &server, None);
                assert_eq!(refused(&own, &pair::server("self-signed")), 18);
                assert_eq!(stats(&own), (2, 0, 2));
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().expect("no failure"));
    assert_eq!(stats(&shared), (2, 0, 2));
}

//! The environment, the rights of the process and what files they open. What is asked is asked in processes of its own,
//! which run this binary again: `told` prints what it finds there.
#![cfg(unix)]
#![allow(clippy::print_stdout)]

mod certs;

use std::collections::BTreeMap;
use std::ffi::c_int;
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tlsock::context::{PROTOCOL_TLS_CLIENT, PURPOSE_SERVER_AUTH};
use tlsock::*;

const NOBODY: u32 = 65534;
const PART: &str = "TLSOCK_TEST_PART";

unsafe extern "C" {
    safe fn geteuid() -> u32;
    safe fn setuid(user: u32) -> c_int;
}

/// A folder that everybody may enter, with this binary and a CA file.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Place {
        let folder = std::env::temp_dir().join(format!("tlsock-environment-{name}-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("secret")).expect("a folder");
        allow(&folder, 0o755);
        allow(&folder.join("secret"), 0o700);
        // By a process of its own: one that another test starts meanwhile would hold a copy of ours open for writing.
        let binary = std::env::current_exe().expect("a test knows its own path");
        certs::run(Command::new("cp").arg(binary).arg(folder.join("again")));
        allow(&folder.join("again"), 0o755);
        std::fs::write(folder.join("ca.pem"), certs::read("ca.pem")).expect("a file");
        allow(&folder.join("ca.pem"), 0o644);
        Place(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A process in which this environment names a key log and CAs.
    fn run(&self, part: &str) -> Command {
        let mut command = Command::new(self.path("again"));
        command.args(["--exact", "told", "--nocapture"]).current_dir(&self.0).env(PART, part);
        command.env("SSLKEYLOGFILE", self.path("secret/keys.log"));
        command.env("SSL_CERT_FILE", self.path("ca.pem")).env("SSL_CERT_DIR", self.path("secret"));
        command
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn allow(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("rights");
}

fn answers(command: &mut Command) -> BTreeMap<String, String> {
    let output = String::from_utf8(certs::run(command)).expect("text");
    let pairs = output.lines().filter_map(|line| line.strip_prefix("told "));
    pairs.filter_map(|pair| pair.split_once('=')).map(|(key, value)| (key.into(), value.into())).collect()
}

fn is_root(what: &str) -> bool {
    if geteuid() != 0 {
        println!("skipped: {what} can be tested by root only");
    }
    geteuid() == 0
}

/// What another process is run for.
#[test]
fn told() {
    let Some(part) = std::env::var_os(PART) else {
        println!("not tested here: others run this one in processes of their own");
        return;
    };
    match part.to_str().expect("text") {
        "rights are given up" => rights_are_given_up(),
        "rights are taken away" => rights_are_taken_away(),
        "on" => set_environment_trusted(true),
        "off" => set_environment_trusted(false),
        _ => {}
    }
    let context = Context::create_default(PURPOSE_SERVER_AUTH, None, None, None).expect("a context");
    if part == "twice" {
        context.set_default_verify_paths().expect("the defaults again");
    }
    let paths = get_default_verify_paths();
    println!("told user={}", geteuid());
    println!("told trusted={}", environment_trusted());
    println!("told roots={}", context.cert_store_stats().expect("stats").x509);
    println!("told keylog={:?}", context.keylog_filename());
    println!("told cafile={}", paths.cafile().unwrap_or_default().to_string_lossy());
    println!("told capath={}", paths.capath().unwrap_or_default().to_string_lossy());
}

#[test]
fn a_privileged_program_ignores_the_environment() {
    let place = Place::new("privileged");
    let plain = answers(&mut place.run("ask"));
    assert_eq!((&*plain["trusted"], &*plain["roots"]), ("true", "1"));
    assert_eq!(plain["cafile"], place.path("ca.pem").to_str().expect("text"));
    let log = place.path("secret/keys.log");
    assert_eq!(plain["keylog"], format!("{:?}", Some(&log)));
    assert_eq!(std::fs::metadata(&log).expect("a log").mode() & 0o777, 0o600, "it is its owner's alone");
    std::fs::remove_file(&log).expect("a log");

    if !is_root("a setuid program") {
        return;
    }
    allow(&place.path("again"), 0o4755);
    let raised = answers(place.run("ask").uid(NOBODY).gid(NOBODY));
    if raised["user"] != "0" {
        println!("skipped: setuid has no effect in {}", place.0.display());
        return;
    }
    assert_eq!((&*raised["trusted"], &*raised["keylog"]), ("false", "None"));
    assert!(!log.exists(), "root's rights made a file that the user could not");
    let mut unset = place.run("ask");
    unset.env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR").env_remove("SSLKEYLOGFILE");
    let unset = answers(unset.uid(NOBODY).gid(NOBODY));
    assert_eq!(raised, unset, "the variables made a difference");

    // A program that says that it chose its environment itself.
    let sure = answers(place.run("on").uid(NOBODY).gid(NOBODY));
    assert_eq!((&*sure["user"], &*sure["trusted"], &*sure["roots"]), ("0", "true", "1"));
    assert!(log.exists());
}

#[test]
fn capabilities_of_a_file_are_privileges() {
    let place = Place::new("capabilities");
    if !is_root("a program with capabilities") {
        return;
    }
    let given = Command::new("setcap").arg("cap_net_bind_service=+ep").arg(place.path("again")).status();
    if !given.is_ok_and(|status| status.success()) {
        println!("skipped: setcap is not here or gives no capabilities");
        return;
    }
    let raised = answers(place.run("ask").uid(NOBODY).gid(NOBODY));
    assert_eq!((&*raised["trusted"], &*raised["keylog"]), ("false", "None"));
}

#[test]
fn a_program_may_ignore_its_environment() {
    let place = Place::new("off");
    let off = answers(&mut place.run("off"));
    assert_eq!((&*off["trusted"], &*off["keylog"]), ("false", "None"));
    assert!(!place.path("secret/keys.log").exists());
    let mut unset = place.run("off");
    let unset = answers(unset.env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR"));
    assert_eq!(off, unset);
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let place = Place::new("empty");
    let variables = ["SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"];
    let (mut empty, mut unset) = (place.run("ask"), place.run("ask"));
    for name in variables {
        empty.env(name, "");
        unset.env_remove(name);
    }
    assert_eq!(answers(&mut empty), answers(&mut unset));
}

#[test]
fn a_key_log_that_cannot_be_written_is_a_warning() {
    // Alone in its process while it sets the environment: the others do so for processes of theirs.
    if std::env::var_os(PART).is_none() {
        let mut again = Command::new(std::env::current_exe().expect("a test knows its own path"));
        again.args(["--exact", "a_key_log_that_cannot_be_written_is_a_warning"]);
        again.env(PART, "alone").env("SSLKEYLOGFILE", "/nonexistent/keys.log").env_remove("SSL_CERT_FILE");
        assert!(String::from_utf8_lossy(&certs::run(&mut again)).contains("1 passed"));
        return;
    }
    let make = || Context::create_default(PURPOSE_SERVER_AUTH, None, None, None);
    assert_eq!(make().expect("a context, with nobody to warn").keylog_filename(), None);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    set_warning_callback(Some(Arc::new(move |category, message| {
        hears.lock().expect("no panic").push((category.to_string(), message.to_string()));
        Ok(())
    })));
    let context = make().expect("a context");
    let message = "no keys are logged: SSLKEYLOGFILE is '/nonexistent/keys.log': No such file or directory";
    assert_eq!(*heard.lock().expect("no panic"), [("RuntimeWarning".to_string(), message.to_string())]);
    set_warning_callback(Some(Arc::new(|_, _| Err(Error::value("it matters")))));
    assert_eq!(make().expect_err("a refused warning").status(), Status::Value);
    set_warning_callback(None);
    let error = context.set_keylog_filename(Some(Path::new("/nonexistent/keys.log"))).expect_err("no file");
    assert_eq!(error.status(), Status::Os);
}

/// Waits until files of this folder are old enough for what was read of them to be kept.
fn settled(path: &Path) {
    const SETTLED: Duration = Duration::from_millis(2100);
    loop {
        let changed = std::fs::metadata(path).expect("a file");
        let changed =
            SystemTime::UNIX_EPOCH + Duration::new(changed.ctime() as u64, changed.ctime_nsec() as u32);
        match SETTLED.checked_sub(changed.elapsed().unwrap_or_default()) {
            Some(rest) if !rest.is_zero() => std::thread::sleep(rest),
            _ => return,
        }
    }
}

fn roots_of(file: &Path) -> Result<usize> {
    let context = Context::new(PROTOCOL_TLS_CLIENT)?;
    context.load_verify_locations(Some(file), None, None)?;
    Ok(context.cert_store_stats()?.x509)
}

fn rights_are_given_up() {
    let file = Path::new("secret/ca.pem");
    std::fs::write(file, certs_here()).expect("a file");
    settled(file);
    // SAFETY: no other thread looks at the environment.
    unsafe { std::env::set_var("SSL_CERT_FILE", file) };
    let by_default = || Context::create_default(PURPOSE_SERVER_AUTH, None, None, None).expect("a context");
    assert_eq!(by_default().cert_store_stats().expect("stats").x509, 1);
    assert_eq!(roots_of(file).expect("root may"), 1);
    assert_eq!(setuid(NOBODY), 0);
    let error = roots_of(file).expect_err("nobody may not");
    assert_eq!((error.status(), error.os_errno()), (Status::Os, 13));
    assert_eq!(by_default().cert_store_stats().expect("stats").x509, 0);
}

fn rights_are_taken_away() {
    assert_eq!(geteuid(), NOBODY);
    let file = Path::new("own.pem");
    std::fs::write(file, certs_here()).expect("a file");
    settled(file);
    assert_eq!(roots_of(file).expect("the owner may"), 1);
    allow(file, 0);
    settled(file);
    assert_eq!(roots_of(file).expect_err("nobody may").status(), Status::Os);
}

fn certs_here() -> Vec<u8> {
    std::fs::read("ca.pem").expect("a file")
}

#[test]
fn what_may_not_be_read_any_more_is_not_remembered() {
    let place = Place::new("given-up");
    if !is_root("giving up rights") {
        return;
    }
    let given_up = answers(place.run("rights are given up").env_remove("SSLKEYLOGFILE"));
    assert_eq!((&*given_up["user"], &*given_up["roots"]), ("65534", "0"));
    allow(&place.0, 0o777);
    let taken =
        answers(place.run("rights are taken away").env_remove("SSLKEYLOGFILE").uid(NOBODY).gid(NOBODY));
    assert_eq!(taken["user"], "65534");
}

/// Writes a file in place, filled up to one size, with a time of change of long ago, as "cp -p" may leave it.
fn rewrite(path: &Path, name: &str) {
    let mut pem = certs::read(name);
    pem.resize(2000, b'\n');
    std::fs::write(path, pem).expect("a file");
    let file = std::fs::File::options().write(true).open(path).expect("a file");
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)).expect("a time");
}

fn root_of(file: &Path) -> Vec<u8> {
    let context = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
    context.load_verify_locations(Some(file), None, None).expect("a root");
    context.get_ca_certs().expect("a list").as_slice()[0].der().to_vec()
}

fn root(name: &str) -> Vec<u8> {
    Certificate::from_data(&certs::read(name)).expect("a certificate").der().to_vec()
}

/// The content of a file that is some seconds old is kept; only the time of the last change shows that the file is another one.
#[test]
fn a_file_that_was_kept_is_read_again_once_it_is_another() {
    let place = Place::new("replaced");
    let file = place.path("own.pem");
    for name in ["ca.pem", "unknown-ca.pem"] {
        rewrite(&file, name);
        settled(&file);
        for _ in 0..2 {
            assert_eq!(root_of(&file), root(name));
        }
    }
}

/// The content of a file that has settled is kept, and one store has it once.
#[test]
fn the_default_file_counts_once_however_often_it_is_asked_for() {
    let place = Place::new("twice");
    settled(&place.path("ca.pem"));
    let answers = answers(&mut place.run("twice"));
    assert_eq!(answers.get("roots").map(String::as_str), Some("1"), "{answers:?}");
}

/// Two changes within one tick of the clock have the same time: the content of a file that is younger is not kept.
#[test]
fn a_file_that_changes_twice_within_a_tick_is_read_twice() {
    let place = Place::new("tick");
    let file = place.path("own.pem");
    let changed = || std::fs::metadata(&file).map(|file| (file.ctime(), file.ctime_nsec())).expect("a file");
    let roots = ["ca.pem", "unknown-ca.pem"].map(root);
    let mut within = 0;
    for _ in 0..100 {
        rewrite(&file, "ca.pem");
        let first = changed();
        assert_eq!(root_of(&file), roots[0]);
        rewrite(&file, "unknown-ca.pem");
        within += u32::from(changed() == first);
        assert_eq!(root_of(&file), roots[1]);
    }
    if within == 0 {
        println!("skipped: this system gives each change a time of its own");
    }
}

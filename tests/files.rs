//! FIFOs, pipes and directories where a file is expected. Whatever reads one does not wait for a writer that is not there, and reads
//! what one gives.
#![cfg(unix)]

mod certs;

use std::ffi::CString;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;
use tlsock::*;

/// It only ends a test that hangs.
const LIMIT: Duration = Duration::from_secs(60);

fn file(name: &str) -> PathBuf {
    certs::folder().join(name)
}

/// A FIFO of this test alone.
fn fifo(name: &str) -> PathBuf {
    let path = certs::scratch().join(name);
    let text = CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: a text that ends in NUL.
    assert_eq!(unsafe { libc::mkfifo(text.as_ptr(), 0o600) }, 0);
    path
}

/// The end that is read, and the one that is written.
fn pipe() -> (File, File) {
    let mut ends = [0; 2];
    // SAFETY: room for two numbers.
    assert_eq!(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) }, 0);
    // SAFETY: new descriptors, which nobody else has.
    let [near, far] = ends.map(|fd| unsafe { File::from_raw_fd(fd) });
    (near, far)
}

type Loader = fn(&Context, &Path) -> Result<()>;

/// Everything that reads a path, and what it has to find there.
fn loaders() -> [(&'static str, Loader, Vec<u8>); 7] {
    let key: [u8; 80] = std::array::from_fn(|index| index as u8);
    // HAProxy counts the last three lines; each is a key of 48 bytes.
    let lines: Vec<String> =
        (b'A'..b'A' + 26).map(|letter| format!("{}\n", char::from(letter).to_string().repeat(64))).collect();
    let bundle = [certs::read("ecdsa.pem"), certs::read("ecdsa.key")].concat();
    let dh = ["genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048"];
    let dh = certs::run(Command::new("openssl").args(dh));
    [
        (
            "certfile",
            |context, path| context.load_cert_chain(path, Some(&file("ecdsa.key")), None),
            bundle.clone(),
        ),
        ("certfile and key", |context, path| context.load_cert_chain(path, None, None), bundle),
        (
            "keyfile",
            |context, path| context.load_cert_chain(&file("ecdsa.pem"), Some(path), None),
            certs::read("ecdsa.key"),
        ),
        (
            "cafile",
            |context, path| context.load_verify_locations(Some(path), None, None),
            certs::read("ca.pem").repeat(20),
        ),
        ("dhfile", |context, path| context.load_dh_params(path), dh),
        ("nginx", |context, path| context.load_ticket_keys(TicketKeyFormat::Nginx, &[path]), key.to_vec()),
        (
            "HAProxy",
            |context, path| context.load_ticket_keys(TicketKeyFormat::HaProxy, &[path]),
            lines.concat().repeat(3).into_bytes(),
        ),
    ]
}

fn context() -> Context {
    Context::new(context::PROTOCOL_TLS_SERVER).unwrap()
}

/// Loads on a thread of its own.
fn load(loader: Loader, path: &Path) -> mpsc::Receiver<Result<()>> {
    let (tell, told) = mpsc::channel();
    let path = path.to_owned();
    std::thread::spawn(move || tell.send(loader(&context(), &path)));
    told
}

#[test]
fn nobody_waits_for_a_writer() {
    let path = fifo("nobody");
    for (name, loader, _) in loaders() {
        let loaded = load(loader, &path).recv_timeout(LIMIT).expect(name);
        assert!(loaded.is_err(), "{name}");
    }
}

/// As with `<(...)` of a shell: what is there when the writer has gone counts, and it is waited for while there is a writer.
#[test]
fn a_pipe_is_read_to_its_end() {
    for (name, loader, bytes) in loaders() {
        let (near, mut far) = pipe();
        let path = PathBuf::from(format!("/dev/fd/{}", near.as_raw_fd()));
        let (first, rest) = bytes.split_at(bytes.len() / 2);
        far.write_all(first).unwrap();
        let told = load(loader, &path);
        far.write_all(rest).unwrap();
        drop(far);
        told.recv_timeout(LIMIT).expect(name).expect(name);
    }
}

#[test]
fn what_a_writer_has_left_in_a_fifo_is_read() {
    let path = fifo("left");
    // As long as somebody may read it, it stays.
    let _open = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(&path).unwrap();
    for (name, loader, bytes) in loaders() {
        OpenOptions::new().write(true).open(&path).unwrap().write_all(&bytes).unwrap();
        load(loader, &path).recv_timeout(LIMIT).expect(name).expect(name);
    }
}

#[test]
fn a_directory_is_no_file() {
    for (name, loader, _) in loaders() {
        let error = loader(&context(), certs::scratch().as_path()).expect_err(name);
        assert_eq!((error.status(), error.detail().unwrap().os_errno), (Status::Os, libc::EISDIR), "{name}");
    }
}

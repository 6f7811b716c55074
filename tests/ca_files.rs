//! A file of CAs that has changed is read again, whatever was kept of it. Files are kept once they are two seconds old, so
//! each test waits for its own to be that old.
#![cfg(target_os = "linux")]
#![allow(clippy::undocumented_unsafe_blocks)]

mod certs;
mod pair;

use pair::{Pair, server};
use std::fs::{File, FileTimes, Metadata};
use std::io::Write;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use tlsock::context::PROTOCOL_TLS_CLIENT;
use tlsock::*;

/// From this age on a file is kept.
const SETTLED: Duration = Duration::from_secs(2);

/// A folder of one test's own.
fn folder(name: &str) -> PathBuf {
    let folder = certs::scratch().join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// The root that signed the tests' server, and another one, in files of one size.
fn roots() -> [Vec<u8>; 2] {
    let mut roots = ["ca.pem", "unknown-ca.pem"].map(certs::read);
    let size = roots.iter().map(Vec::len).max().expect("two roots");
    roots.iter_mut().for_each(|root| root.resize(size, b'\n'));
    roots
}

fn changed(path: &Path) -> SystemTime {
    let stat = std::fs::symlink_metadata(path).expect("a file");
    let since = Duration::new(stat.ctime() as u64, stat.ctime_nsec() as u32);
    SystemTime::UNIX_EPOCH + since
}

/// Waits until files are so old that they are kept.
fn settle(paths: &[&Path]) {
    let last = paths.iter().map(|path| changed(path)).max().expect("a file");
    while SystemTime::now().duration_since(last).is_ok_and(|age| age <= SETTLED) {
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn loading(path: &Path) -> Result<Context> {
    let context = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
    context.load_verify_locations(Some(path), None, None).map(|()| context)
}

/// Whether a context that loads the file now trusts the tests' server.
fn trusts(path: &Path) -> bool {
    let client = loading(path).expect("CAs");
    match Pair::new(&client, &server("ecdsa"), None).shake() {
        Ok(()) => true,
        Err(error) => {
            assert_eq!(error.status(), Status::CertVerification, "{error}");
            false
        }
    }
}

fn set_written(path: &Path, stat: &Metadata) {
    let times = FileTimes::new().set_modified(stat.modified().expect("a time"));
    File::options().write(true).open(path).and_then(|file| file.set_times(times)).expect("a file of ours");
}

#[test]
fn a_file_that_was_replaced_is_read_again() {
    let (folder, [good, other]) = (folder("replaced"), roots());
    let (file, new) = (folder.join("roots.pem"), folder.join("new.pem"));
    std::fs::write(&file, &good).unwrap();
    settle(&[&file]);
    assert!(trusts(&file) && trusts(&file));
    // Another size, the same size and back again.
    for (content, trusted) in [([&other[..], b"\n"].concat(), false), (good, true), (other, false)] {
        std::fs::write(&new, content).unwrap();
        std::fs::rename(&new, &file).unwrap();
        settle(&[&file]);
        assert_eq!((trusts(&file), trusts(&file)), (trusted, trusted));
    }
}

/// Nothing but the time of the last change of the file itself tells.
#[test]
fn a_file_that_was_rewritten_in_secret_is_read_again() {
    let (folder, [good, other]) = (folder("rewritten"), roots());
    let file = folder.join("roots.pem");
    std::fs::write(&file, good).unwrap();
    settle(&[&file]);
    assert!(trusts(&file));
    let before = std::fs::metadata(&file).unwrap();
    File::options().write(true).open(&file).unwrap().write_all(&other).unwrap();
    set_written(&file, &before);
    settle(&[&file]);
    let after = std::fs::metadata(&file).unwrap();
    let told = |stat: &Metadata| (stat.dev(), stat.ino(), stat.size(), stat.mtime(), stat.mtime_nsec());
    assert_eq!(told(&after), told(&before));
    assert!(!trusts(&file));
}

/// Two files that were made within one tick of the clock have the same times.
#[test]
fn another_file_of_the_same_times_and_size_is_read() {
    let (folder, [good, other]) = (folder("twins"), roots());
    let link = folder.join("roots.pem");
    let times = |path: &Path| {
        let stat = std::fs::metadata(path).unwrap();
        [stat.mtime(), stat.mtime_nsec(), stat.ctime(), stat.ctime_nsec(), stat.size() as i64]
    };
    let twins = (0..1000).find_map(|number| {
        let paths = [folder.join(format!("{number}-good")), folder.join(format!("{number}-other"))];
        let files = [0, 1].map(|at| File::create(&paths[at]).unwrap());
        for (mut file, content) in files.iter().zip([&good, &other]) {
            file.write_all(content).unwrap();
        }
        let now = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000));
        files.iter().for_each(|file| file.set_times(now).unwrap());
        (times(&paths[0]) == times(&paths[1])).then_some(paths)
    });
    let Some([good, other]) = twins else { panic!("the clock of this file system is too fine") };
    std::os::unix::fs::symlink(&good, &link).unwrap();
    settle(&[&good, &other]);
    assert!(trusts(&link));
    std::fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(&other, &link).unwrap();
    assert!(!trusts(&link));
}

/// A memory that is a file.
struct Mapped(*mut u8, usize);

impl Mapped {
    fn new(path: &Path, len: usize) -> Mapped {
        let file = File::options().read(true).write(true).open(path).unwrap();
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: the system chooses the place; the file has that length.
        let memory =
            unsafe { libc::mmap(std::ptr::null_mut(), len, access, libc::MAP_SHARED, file.as_raw_fd(), 0) };
        assert_ne!(memory, libc::MAP_FAILED);
        Mapped(memory.cast(), len)
    }

    fn write(&mut self, content: &[u8]) {
        assert_eq!(content.len(), self.1);
        // SAFETY: the memory has that length, and nobody else has it.
        unsafe { self.0.copy_from_nonoverlapping(content.as_ptr(), content.len()) }
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: what `new` mapped.
        unsafe { libc::munmap(self.0.cast(), self.1) };
    }
}

/// A program that writes through a memory mapping changes the file's times with the first byte only. With a coarse clock the
/// same is true of all writes within one tick.
#[test]
fn a_file_that_has_just_changed_is_read_each_time() {
    let (folder, [good, other]) = (folder("fresh"), roots());
    // A slow machine may take so long that the file is old by the time it is read.
    let in_time = (0..100).find(|number| {
        let file = folder.join(number.to_string());
        let begin = Instant::now();
        std::fs::write(&file, &good).unwrap();
        let mut memory = Mapped::new(&file, good.len());
        memory.write(&good);
        let before = changed(&file);
        loading(&file).unwrap();
        let fresh = begin.elapsed() < SETTLED;
        memory.write(&other);
        if !fresh || changed(&file) != before {
            return false;
        }
        assert!(!trusts(&file), "what it held when it was loaded first");
        true
    });
    assert!(in_time.is_some(), "each change of memory changed the file's times");
}

fn pipe() -> (File, File) {
    let mut ends = [-1; 2];
    // SAFETY: there is room for two descriptors.
    assert_eq!(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) }, 0);
    // SAFETY: they are open, and nobody else's.
    let [reader, writer] = ends.map(|end| File::from(unsafe { OwnedFd::from_raw_fd(end) }));
    (reader, writer)
}

/// A pipe gives something else each time, however old it is.
#[test]
fn what_is_no_file_is_read_each_time() {
    let (reader, mut writer) = pipe();
    writer.write_all(&roots()[0]).unwrap();
    drop(writer);
    let path = PathBuf::from(format!("/proc/self/fd/{}", reader.as_raw_fd()));
    let written = SystemTime::now();
    while written.elapsed().is_ok_and(|age| age <= SETTLED) {
        std::thread::sleep(Duration::from_millis(20));
    }
    loading(&path).expect("the CA that was in it");
    loading(&path).map(drop).expect_err("nothing is left");
}

/// The system decides who may read a file, each time.
#[test]
fn who_may_not_read_a_file_is_not_given_what_others_read() {
    const NOBODY: u32 = 65534;
    // SAFETY: no preconditions.
    if unsafe { libc::geteuid() } != 0 {
        return;
    }
    let file = folder("private").join("roots.pem");
    std::fs::write(&file, &roots()[0]).unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    settle(&[&file]);
    assert!(trusts(&file));
    let same = file.clone();
    let refused = std::thread::spawn(move || {
        // SAFETY: changes how this thread alone opens files.
        unsafe { libc::setfsuid(NOBODY) };
        loading(&same).map(drop).expect_err("a refusal")
    });
    let errno = refused.join().expect("no panic").os_errno();
    assert_eq!(errno, libc::EACCES);
    assert!(trusts(&file));
}

/// More files than are kept, round and round.
#[test]
fn many_files_are_told_apart() {
    let (folder, roots) = (folder("many"), roots());
    let paths: Vec<PathBuf> = (0..20).map(|number| folder.join(number.to_string())).collect();
    for (number, path) in paths.iter().enumerate() {
        std::fs::write(path, &roots[number % 2]).unwrap();
    }
    settle(&paths.iter().map(PathBuf::as_path).collect::<Vec<_>>());
    for _ in 0..2 {
        for (number, path) in paths.iter().enumerate() {
            assert_eq!(trusts(path), number % 2 == 0, "{number}");
        }
    }
}

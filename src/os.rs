//! Descriptors, waiting with a deadline and the system's errors: the only user of system calls. It knows nothing of TLS.

mod address;
mod descriptor;
mod dial;
#[cfg_attr(not(target_os = "linux"), path = "os/no_ktls.rs")]
mod ktls;
mod socket;
mod stream;
#[cfg(unix)]
mod unix;
mod wait;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub use address::{Address, Endpoint, local_address, look_up_text, peer_address, resolve};
pub use descriptor::{LentSocket, Number, OwnedSocket, RawSocket, lend, number, own, release};
pub use dial::{Unconnected, dial, is_no_route};
pub use ktls::{encrypt_in_kernel, send_file, send_record};
pub use socket::{
    Half, bind, blocking_timeout, delay_again, delay_nothing, discard, finish_connect, forget_connect,
    is_connected, is_listening, is_stream, listen, reset, shutdown, start_listening,
};
pub use stream::{File, Transfer, open as open_stream};
pub use system::*;
use wait::wait_any;
pub use wait::{Deadline, Ready, make_interruptible, wait};

use rustix::io::Errno;
#[cfg(unix)]
use wait::is_interruptible;

/// The result of a system call; its error number if it failed.
pub type Result<T> = std::result::Result<T, i32>;

/// A file that was opened to be read, with what the system said of it then.
pub struct OpenFile {
    pub file: std::fs::File,
    pub metadata: std::fs::Metadata,
}

/// The system's text for an error number.
pub fn error_text(errno: i32) -> String {
    let text = std::io::Error::from_raw_os_error(errno).to_string();
    match text.rfind(" (os error ") {
        Some(end) => text[..end].to_string(),
        None => text,
    }
}

/// Repeats a call that a signal interrupts.
fn retried<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> Result<T> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            result => return result.map_err(Errno::raw_os_error),
        }
    }
}

/// The same for a call that waits: after [`make_interruptible`], `INTR` reports a signal. On Windows only polling waits.
#[cfg(unix)]
fn waited<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> Result<T> {
    loop {
        match call() {
            Err(Errno::INTR) if !is_interruptible() => {}
            result => return result.map_err(Errno::raw_os_error),
        }
    }
}

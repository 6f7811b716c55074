//! Kernel TLS, as libssl requests it from its BIO.

use std::cell::{Cell, OnceCell};
use std::os::raw::{c_int, c_long, c_void};

const SET: c_int = 72;
const GET_SEND: c_int = 73;
const SET_RECORD_TYPE: c_int = 74;
const CLEAR_RECORD_TYPE: c_int = 75;

/// Encrypts records in place of libssl.
pub trait Kernel {
    /// Makes the kernel encrypt everything written from now on with these keys, the `tls12_crypto_info_...` of Linux. False
    /// if it cannot.
    fn encrypt(&self, keys: &[u8]) -> bool;
}

/// The state of kernel TLS in a BIO.
#[derive(Default)]
pub(super) struct Ktls {
    kernel: OnceCell<Box<dyn Kernel>>,
    sends: Cell<bool>,
    record_type: Cell<Option<u8>>,
}

impl Ktls {
    /// Sets the kernel to ask.
    pub fn install(&self, kernel: Box<dyn Kernel>) {
        let _ = self.kernel.set(kernel);
    }

    /// Tells whether the kernel makes the records.
    pub fn sends(&self) -> bool {
        self.sends.get()
    }

    /// The type of the record written next; None if it holds application data or libssl makes it.
    pub fn take_record_type(&self) -> Option<u8> {
        self.record_type.take()
    }

    /// Answers a control command of libssl; 0 for an unknown one.
    pub fn ctrl(&self, command: c_int, number: c_long, pointer: *mut c_void) -> c_long {
        match command {
            // Only for sending: a peer may change its keys at any time, and kernels do not follow that when receiving.
            SET if number != 0 => c_long::from(self.start(pointer)),
            GET_SEND => c_long::from(self.sends.get()),
            SET_RECORD_TYPE => {
                self.record_type.set(u8::try_from(number).ok());
                0
            }
            CLEAR_RECORD_TYPE => {
                self.record_type.set(None);
                0
            }
            _ => 0,
        }
    }

    fn start(&self, pointer: *mut c_void) -> bool {
        let started = match (self.kernel.get(), keys_at(pointer)) {
            (Some(kernel), Some(keys)) => kernel.encrypt(keys),
            _ => false,
        };
        self.sends.set(started);
        started
    }
}

/// The keys that libssl points to. libssl does not give their length, so it is None for a cipher that is not known here.
fn keys_at<'a>(pointer: *mut c_void) -> Option<&'a [u8]> {
    const AES_GCM_128: u16 = 51;
    const AES_GCM_256: u16 = 52;
    const AES_CCM_128: u16 = 53;
    const CHACHA20_POLY1305: u16 = 54;
    if pointer.is_null() {
        return None;
    }
    // SAFETY: each of the kernel's structures begins with two such numbers: the protocol version and the cipher.
    let [_, cipher] = unsafe { pointer.cast::<[u16; 2]>().read_unaligned() };
    let len = match cipher {
        AES_GCM_128 | AES_CCM_128 => 40,
        AES_GCM_256 | CHACHA20_POLY1305 => 56,
        _ => return None,
    };
    // SAFETY: during the call libssl has the kernel's structure for this cipher there, which has that length.
    Some(unsafe { std::slice::from_raw_parts(pointer.cast(), len) })
}

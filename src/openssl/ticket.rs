//! The keys by which a server encrypts session tickets and reads them again. RFC 5077, section 4.

use super::backend::ticket;
pub use super::backend::ticket::MOST;
use super::error::Cause;
use super::{Result, cleanse, cvt, rand, sys};
use std::os::raw::{c_int, c_uchar};
use std::ptr::null_mut;

const NAME: usize = 16;
const IV: usize = 16;
/// A name, then the keys of AES-128-CBC and of HMAC, 16 bytes each.
const SHORT: usize = NAME + 2 * 16;
/// A name, then the keys of HMAC and of AES-256-CBC, 32 bytes each.
const LONG: usize = NAME + 2 * 32;

/// A key of tickets with its name, which every ticket bears. Wiped at its end.
#[derive(PartialEq, Eq)]
pub struct TicketKey(Box<[u8]>);

impl TicketKey {
    /// Copies a key; None if it has none of the two lengths.
    pub fn new(bytes: &[u8]) -> Option<TicketKey> {
        matches!(bytes.len(), SHORT | LONG).then(|| TicketKey(bytes.into()))
    }

    /// Copies a key that has the cipher's part in front of the MAC's, also where it is long.
    pub fn cipher_first(bytes: &[u8]) -> Option<TicketKey> {
        let mut key = TicketKey::new(bytes)?;
        if key.0.len() == LONG {
            key.0[NAME..].rotate_left(32);
        }
        Some(key)
    }

    /// Makes a key that nobody else has.
    pub fn random() -> Result<TicketKey> {
        let mut key = TicketKey(Box::new([0; LONG]));
        rand::bytes(&mut key.0)?;
        Ok(key)
    }

    /// How many bytes it has with its name.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// What tickets name it by.
    pub fn name(&self) -> &[u8] {
        &self.0[..NAME]
    }

    /// Tells whether it is nothing but zeros: a buffer that was never filled.
    pub fn is_zero(&self) -> bool {
        self.0.iter().all(|byte| *byte == 0)
    }

    /// The key of the cipher.
    fn cipher(&self) -> &[u8] {
        if self.0.len() == SHORT { &self.0[NAME..NAME + 16] } else { &self.0[NAME + 32..] }
    }

    /// The key of the MAC.
    fn mac(&self) -> &[u8] {
        if self.0.len() == SHORT { &self.0[NAME + 16..] } else { &self.0[NAME..NAME + 32] }
    }
}

impl Drop for TicketKey {
    fn drop(&mut self) {
        cleanse(&mut self.0);
    }
}

/// What became of a ticket that a client has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// No key has its name: the handshake is a full one.
    Unknown,
    /// The key that new tickets are made with.
    Newest,
    /// An older one: the client gets a new ticket.
    Older,
}

/// The contexts that libssl encrypts or reads one ticket with, lent for one call.
pub struct Ticket {
    name: *mut c_uchar,
    iv: *mut c_uchar,
    cipher: *mut sys::EVP_CIPHER_CTX,
    mac: *mut ticket::Mac,
}

impl Ticket {
    /// What libssl has given to its callback: places of 16 bytes each for the name and the IV, and two contexts.
    pub(super) unsafe fn new(
        name: *mut c_uchar,
        iv: *mut c_uchar,
        cipher: *mut sys::EVP_CIPHER_CTX,
        mac: *mut ticket::Mac,
    ) -> Ticket {
        Ticket { name, iv, cipher, mac }
    }

    /// Has libssl encrypt the ticket by the first of the keys.
    pub fn seal(&self, keys: &[TicketKey]) -> Result<()> {
        let key = keys.first().ok_or(Cause::Untold)?;
        let mut iv = [0; IV];
        rand::bytes(&mut iv)?;
        // SAFETY: by `new` a place for a name, which has this length.
        unsafe { self.name.copy_from_nonoverlapping(key.name().as_ptr(), NAME) };
        // SAFETY: by `new` a place for an IV.
        unsafe { self.iv.copy_from_nonoverlapping(iv.as_ptr(), IV) };
        self.prepare(key, sys::EVP_EncryptInit_ex)
    }

    /// Has libssl read the ticket by the key that it names.
    pub fn open(&self, keys: &[TicketKey]) -> Result<Found> {
        // SAFETY: by `new` the ticket's name.
        let name = unsafe { std::slice::from_raw_parts(self.name.cast_const(), NAME) };
        let Some(index) = keys.iter().position(|key| key.name() == name) else { return Ok(Found::Unknown) };
        self.prepare(&keys[index], sys::EVP_DecryptInit_ex)?;
        Ok(if index == 0 { Found::Newest } else { Found::Older })
    }

    fn prepare(&self, key: &TicketKey, init: CipherInit) -> Result<()> {
        let bytes = key.cipher();
        let kind = if bytes.len() == 16 { sys::EVP_aes_128_cbc } else { sys::EVP_aes_256_cbc };
        // SAFETY: no preconditions; ciphers are static.
        let kind = unsafe { kind() };
        // SAFETY: libssl's context; the key is as long as the cipher's, and so is the IV.
        cvt(|| unsafe { init(self.cipher, kind, null_mut(), bytes.as_ptr(), self.iv) })?;
        // SAFETY: libssl's context.
        unsafe { ticket::prepare_mac(self.mac, key.mac()) }
    }
}

type CipherInit = unsafe extern "C" fn(
    ctx: *mut sys::EVP_CIPHER_CTX,
    kind: *const sys::EVP_CIPHER,
    engine: *mut sys::ENGINE,
    key: *const c_uchar,
    iv: *const c_uchar,
) -> c_int;

//! Reads PEM text, and private keys in PEM or DER. Without a password callback OpenSSL would ask on the terminal, so it
//! always gets one.

use super::crl::X509Crl;
use super::error::{ASN1_R_TOO_LONG, Cause, Entry, LIB_ASN1, LIB_PEM, PEM_R_NO_START_LINE};
use super::mem::MemReader;
use super::pkey::PKey;
use super::queue::preserving;
use super::{Result, asn1, attempt, attempt_or, cvt_p, error, sequence, sys, try_collect};
use std::any::Any;
use std::os::raw::{c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::null_mut;

mod certificate;
mod failure;
mod pkcs8;

pub use certificate::{authorities, each_certificate, each_plain_certificate};
pub use failure::KeyFailure;

/// A private key, or why it cannot be read.
pub type KeyResult = std::result::Result<PKey, KeyFailure>;

/// Writes a password into the buffer and returns its length; None if there is none.
pub type Password<'a> = dyn FnMut(&mut [u8]) -> Option<usize> + 'a;

const BEGIN: &[u8] = b"-----BEGIN ";
const KEY: &[u8] = b"PRIVATE KEY-----";
const END: &[u8] = b"-----END ";
/// Longer than any private key: for invalid data, OpenSSL's running time may grow with the square of the length.
const LONGEST_KEY: usize = 2 * 1024 * 1024;
const DER_SEQUENCE: u8 = 0x30;
const DER_LONG_LENGTH: u8 = 0x80;

/// Distinguishes PEM from DER, whose text fields may hold anything.
pub fn is_pem(data: &[u8]) -> bool {
    let der = matches!(data, [DER_SEQUENCE, length, ..] if *length >= DER_LONG_LENGTH);
    !der && data.windows(BEGIN.len()).any(|window| window == BEGIN)
}

/// Reads the revocation lists of a PEM text one by one, skipping other blocks. An error ends the iteration.
pub fn each_crl(pem: &[u8]) -> Result<impl Iterator<Item = Result<X509Crl>>> {
    let bio = MemReader::new(pem)?;
    Ok(sequence(move || {
        // SAFETY: the BIO is alive; no_password needs no data.
        let crl = next_block(&bio, pem, || unsafe {
            sys::PEM_read_bio_X509_CRL(bio.as_ptr(), null_mut(), Some(no_password), null_mut())
        });
        // SAFETY: the only reference is ours.
        crl?.map_or(Ok(None), |crl| Ok(unsafe { X509Crl::from_raw(crl) }))
    }))
}

/// Reads all revocation lists of a PEM text, possibly none.
pub fn crls(pem: &[u8]) -> Result<Vec<X509Crl>> {
    try_collect(each_crl(pem)?)
}

/// Reads the first private key of a PEM text, or a key in DER. `password` is called only for an encrypted key.
pub fn private_key(pem_or_der: &[u8], password: &mut Password<'_>) -> KeyResult {
    if is_pem(pem_or_der) {
        return pem_private_key(pem_or_der, password);
    }
    check_key_length(pem_or_der)?;
    let plain = plain_der_private_key(pem_or_der);
    let plain = plain.or_else(|failure| of_version_2(pem_or_der).unwrap_or(Err(failure)));
    plain.or_else(|failure| {
        let mut asked = false;
        let key = encrypted_der_private_key(pem_or_der, &mut |buffer: &mut [u8]| {
            asked = true;
            password(buffer)
        });
        key.map_err(|encrypted| if asked { encrypted } else { failure })
    })
}

/// Reads the first Diffie-Hellman parameters of a PEM text.
pub fn dh_parameters(pem: &[u8]) -> Result<PKey> {
    let bio = MemReader::new(pem)?;
    // SAFETY: the BIO is alive; no_password needs no data.
    let dh = cvt_p(|| unsafe {
        sys::PEM_read_bio_DHparams(bio.as_ptr(), null_mut(), Some(no_password), null_mut())
    })?;
    PKey::from_dh(dh)
}

/// The first private key of a PEM text, up to its end line.
fn key_block(pem: &[u8]) -> &[u8] {
    let Some(start) = find(pem, KEY) else { return &[] };
    let block = &pem[start..];
    &block[..find(block, END).unwrap_or(block.len())]
}

fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    text.windows(word.len()).position(|window| window == word)
}

fn check_key_length(key: &[u8]) -> std::result::Result<(), KeyFailure> {
    match key.len() > LONGEST_KEY {
        true => Err(KeyFailure::Broken(Entry::new(LIB_ASN1, ASN1_R_TOO_LONG, "too long").into())),
        false => Ok(()),
    }
}

fn pem_private_key(pem: &[u8], password: &mut Password<'_>) -> KeyResult {
    let block = key_block(pem);
    if block.is_empty() {
        return Err(KeyFailure::Missing);
    }
    check_key_length(block)?;
    failure::check_cipher(block)?;
    let bio = MemReader::new(pem)?;
    let key = asking(password, |ask| {
        // SAFETY: the BIO is alive, and so is what `ask` points to, which ask_password casts back to its type.
        unsafe { sys::PEM_read_bio_PrivateKey(bio.as_ptr(), null_mut(), Some(ask_password), ask) }
    });
    key.or_else(|failure| {
        let der = pkcs8::decoded(block);
        der.and_then(|der| of_version_2(der.bytes())).unwrap_or(Err(failure))
    })
}

fn plain_der_private_key(der: &[u8]) -> KeyResult {
    asn1::from_der(der, |data, len| {
        // SAFETY: data and len are those of one slice.
        let key = read_key(|| unsafe { sys::d2i_AutoPrivateKey(null_mut(), data, len) });
        let key = key.map_err(|found| KeyFailure::of(&found, false))?;
        // SAFETY: d2i gave us the only reference.
        unsafe { PKey::from_raw(key) }.ok_or(KeyFailure::Broken(Cause::Untold))
    })
}

/// Makes a call that gives a key or NULL; for NULL, gives all entries on OpenSSL's error queue, the oldest first.
fn read_key(
    call: impl FnOnce() -> *mut sys::EVP_PKEY,
) -> std::result::Result<*mut sys::EVP_PKEY, Vec<Entry>> {
    attempt_or(error::take_all, call, |key| !key.is_null())
}

/// Reads a PKCS#8 key of version 2; None for anything else.
fn of_version_2(der: &[u8]) -> Option<KeyResult> {
    pkcs8::without_public_key(der).map(|key| plain_der_private_key(key.bytes()))
}

fn encrypted_der_private_key(der: &[u8], password: &mut Password<'_>) -> KeyResult {
    let bio = MemReader::new(der)?;
    asking(password, |ask| {
        // SAFETY: as in pem_private_key.
        unsafe { sys::d2i_PKCS8PrivateKey_bio(bio.as_ptr(), null_mut(), Some(ask_password), ask) }
    })
}

/// Reads a block. A PEM text ends normally where no further block begins.
fn next_block<T>(bio: &MemReader<'_>, pem: &[u8], read: impl FnOnce() -> *mut T) -> Result<Option<*mut T>> {
    let mut ended = false;
    let block = attempt(read, |block| {
        ended = block.is_null() && error::newest_is(LIB_PEM, PEM_R_NO_START_LINE);
        ended || !block.is_null()
    });
    let block =
        block.map_err(|cause| if is_last_empty(bio.read_of(pem)) { cause } else { cause.or_memory() })?;
    Ok((!ended).then_some(block))
}

/// Tells whether the last block of a text has nothing between its lines. OpenSSL refuses such a one without a word, as it does
/// where memory is short for one that has.
fn is_last_empty(pem: &[u8]) -> bool {
    let last = pem.windows(BEGIN.len()).rposition(|window| window == BEGIN);
    let block = last.map_or(pem, |start| &pem[start..]);
    let lines = block.split(|byte| *byte == b'\n').skip(1).map(<[u8]>::trim_ascii);
    let mut body = lines.take_while(|line| !line.starts_with(END));
    body.all(|line| line.is_empty() || line.contains(&b':'))
}

struct AskingPassword<'a, 'b> {
    password: &'a mut Password<'b>,
    panic: Option<Box<dyn Any + Send>>,
    refused: bool,
    answered: bool,
}

/// Reads a key that may need a password; `read` passes its argument on to `ask_password`.
fn asking(password: &mut Password<'_>, read: impl FnOnce(*mut c_void) -> *mut sys::EVP_PKEY) -> KeyResult {
    let (key, answered) = ask_for(password, |ask| {
        // SAFETY: the only reference is ours.
        read_key(|| read(ask)).map(|key| unsafe { PKey::from_raw(key) })
    });
    key.map_err(|found| KeyFailure::of(&found, answered))?.ok_or(KeyFailure::Broken(Cause::Untold))
}

/// Does work with a password at hand: its argument is for [`ask_password`]. Tells also whether a password was given.
pub(super) fn ask_for<R>(password: &mut Password<'_>, work: impl FnOnce(*mut c_void) -> R) -> (R, bool) {
    let mut asking = AskingPassword { password, panic: None, refused: false, answered: false };
    let result = work((&raw mut asking).cast());
    match asking.panic {
        Some(panic) => resume_unwind(panic),
        None => (result, asking.answered),
    }
}

/// OpenSSL's password callback. A panic is kept in `Asking` until OpenSSL has returned.
pub(super) unsafe extern "C" fn ask_password(
    buffer: *mut c_char,
    size: c_int,
    _rwflag: c_int,
    asking: *mut c_void,
) -> c_int {
    // SAFETY: `asking` made this pointer, and nothing else uses the value while OpenSSL runs.
    let asking = unsafe { &mut *asking.cast::<AskingPassword<'_, '_>>() };
    let Ok(size) = usize::try_from(size) else { return -1 };
    // OpenSSL asks again for each format that it tries.
    if asking.refused {
        return -1;
    }
    asking.refused = true;
    // Memory that was never written must not become a slice.
    // SAFETY: OpenSSL's buffer has that size and is ours for this call.
    unsafe { buffer.write_bytes(0, size) };
    // SAFETY: the same.
    let buffer = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<u8>(), size) };
    match preserving(|| catch_unwind(AssertUnwindSafe(|| (asking.password)(buffer)))) {
        Ok(Some(len)) if len <= size => {
            asking.refused = false;
            asking.answered = true;
            len as c_int
        }
        Ok(_) => -1,
        Err(panic) => {
            asking.panic = Some(panic);
            -1
        }
    }
}

/// Gives no password: certificates and revocation lists are not encrypted.
unsafe extern "C" fn no_password(_: *mut c_char, _: c_int, _: c_int, _: *mut c_void) -> c_int {
    -1
}

#[cfg(test)]
mod tests;

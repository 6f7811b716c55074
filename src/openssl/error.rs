//! OpenSSL's per-thread error queue: only the most recent entry is used, and taking it empties the queue.

use super::backend::reasons;
pub use super::reason::LIB_SYS;
use super::reason::{COMMON_FLAG, LIB_CRYPTO, MALLOC_FAILURE, mnemonic};
use super::sys;
use std::borrow::Cow;
use std::ffi::CStr;
use std::os::raw::{c_char, c_int};

/// The library number of algorithms.
pub const LIB_EVP: c_int = 6;
/// The library number of PEM.
pub const LIB_PEM: c_int = 9;
/// The library of stores.
pub const LIB_OSSL_STORE: c_int = 44;
/// Nobody serves the scheme of a URI.
pub const OSSL_STORE_R_UNREGISTERED_SCHEME: c_int = 105;
/// The library of PKCS#12 files.
pub const LIB_PKCS12: c_int = 35;
/// The digest of a PKCS#12 file is not that of its content under the password.
pub const PKCS12_R_MAC_VERIFY_FAILURE: c_int = 113;
/// The library number of certificates and their stores.
pub const LIB_X509: c_int = 11;
/// The library number of ASN.1.
pub const LIB_ASN1: c_int = 13;
/// ASN.1's reason for an impossible length.
pub const ASN1_R_TOO_LONG: c_int = 155;
/// The library number of decoders.
pub const LIB_DECODER: c_int = 60;
/// The reason, in any library, that an algorithm is unknown or not built in.
pub const ERR_R_UNSUPPORTED: c_int = COMMON_FLAG | 268;
/// The library number of libssl.
pub const LIB_SSL: c_int = 20;
/// libssl's reason for a certificate that was refused.
pub const SSL_R_CERTIFICATE_VERIFY_FAILED: c_int = 134;
/// libssl's reason for a transport that ended without close_notify.
pub const SSL_R_UNEXPECTED_EOF_WHILE_READING: c_int = 294;
/// libssl's reason for an OCSP response that its callback has refused.
pub const SSL_R_INVALID_STATUS_RESPONSE: c_int = 328;
/// libssl's reason for a server that has not decrypted a client's Encrypted ClientHello.
pub const SSL_R_ECH_REQUIRED: c_int = 424;
/// PEM's reason for a text without a block.
pub const PEM_R_NO_START_LINE: c_int = 108;
/// The reason, in any library, that PEM failed.
pub const ERR_R_PEM_LIB: c_int = COMMON_FLAG | LIB_PEM;
/// The reason, in any library, that ASN.1 failed.
pub const ERR_R_ASN1_LIB: c_int = COMMON_FLAG | LIB_ASN1;
/// The reason of certificate stores for a directory that cannot be used.
pub const X509_R_INVALID_DIRECTORY: c_int = 113;
/// The reason for a key of another type than its certificate's.
pub const X509_R_KEY_TYPE_MISMATCH: c_int = 115;
/// The reason of certificate stores for a file with neither certificates nor revocation lists.
pub const X509_R_NO_CERTIFICATE_OR_CRL_FOUND: c_int = 136;
/// libssl's reason for a key without a certificate.
pub const SSL_R_NO_CERTIFICATE_ASSIGNED: c_int = 177;

/// The entry that libssl adds since OpenSSL 3.2 after the one for the actual failure in its record layer.
const SSL_R_RECORD_LAYER_FAILURE: c_int = 313;

/// Why a call into OpenSSL failed, as far as it says.
#[derive(Clone, Debug)]
pub enum Cause {
    /// The most recent entry that the call left on the error queue.
    Told(Entry),
    /// It left none.
    Untold,
}

impl Cause {
    /// The entry, if there is one.
    pub fn entry(&self) -> Option<&Entry> {
        match self {
            Cause::Told(entry) => Some(entry),
            Cause::Untold => None,
        }
    }

    /// Tells whether memory was short.
    pub fn is_memory(&self) -> bool {
        self.entry().is_some_and(Entry::is_memory)
    }

    /// For calls that, where they say nothing, can have failed for lack of memory alone.
    pub fn or_memory(self) -> Cause {
        match self {
            Cause::Untold => Entry::memory().into(),
            told => told,
        }
    }
}

impl From<Entry> for Cause {
    fn from(entry: Entry) -> Cause {
        Cause::Told(entry)
    }
}

impl From<Option<Entry>> for Cause {
    fn from(entry: Option<Entry>) -> Cause {
        entry.map_or(Cause::Untold, Cause::Told)
    }
}

/// One entry of the error queue.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The number that packs library and reason.
    pub packed: u64,
    /// OpenSSL's number of the library that failed.
    pub library_number: c_int,
    /// The library's number of the reason; an errno for [`LIB_SYS`].
    pub reason_number: c_int,
    /// OpenSSL's text for the reason.
    pub text: Option<String>,
}

impl Entry {
    /// An entry that was never in the queue, for failures that are found without OpenSSL.
    pub fn new(library_number: c_int, reason_number: c_int, text: &str) -> Entry {
        Entry { packed: 0, library_number, reason_number, text: Some(text.to_string()) }
    }

    /// The entry that OpenSSL would make for a reason of a library, with its text.
    pub fn of(library_number: c_int, reason_number: c_int) -> Entry {
        entry((library_number, reason_number))
    }

    /// The entry for an allocation that failed. Allocates nothing.
    pub const fn memory() -> Entry {
        Entry { packed: 0, library_number: LIB_CRYPTO, reason_number: MALLOC_FAILURE, text: None }
    }

    /// Tells whether an allocation failed.
    pub fn is_memory(&self) -> bool {
        self.library_number != LIB_SYS && self.reason_number == MALLOC_FAILURE
    }

    /// Tells whether this is the given reason of the given library.
    pub fn is(&self, library: c_int, reason: c_int) -> bool {
        self.library_number == library && self.reason_number == reason
    }

    /// The library's mnemonic: the suffix of its `ERR_LIB_` macro.
    pub fn library(&self) -> Option<&'static str> {
        library_name(self.library_number)
    }

    /// The reason's mnemonic: the suffix of its `_R_` macro. Reasons common to all libraries have none.
    pub fn reason(&self) -> Option<Cow<'static, str>> {
        if self.library_number == LIB_SYS || self.reason_number & COMMON_FLAG != 0 {
            return None;
        }
        mnemonic(self.library_number, self.reason_number, self.text.as_deref())
    }
}

/// Takes the most recent entry that names the cause, the same one with each version of OpenSSL, and empties the queue.
/// The queue must have been emptied before the call that failed.
pub(super) fn take() -> Option<Entry> {
    // SAFETY: no preconditions.
    let newest = unsafe { sys::ERR_peek_last_error() };
    if newest == 0 {
        // If the queue could not be allocated, its entries are lost.
        return (!has_queue()).then(Entry::memory);
    }
    let (mut telling, mut memory) = (reasons::numbers(newest), false);
    while let Some(numbers) = take_oldest() {
        memory |= is_memory(numbers);
        if numbers != (LIB_SSL, SSL_R_RECORD_LAYER_FAILURE) {
            telling = numbers;
        }
    }
    Some(if memory { Entry::memory() } else { entry(telling) })
}

/// Takes all entries, the oldest first, which is nearest to the cause. The queue must have been emptied before the call
/// that failed.
pub(super) fn take_all() -> Vec<Entry> {
    let entries: Vec<Entry> = std::iter::from_fn(take_oldest).map(entry).collect();
    // If the queue could not be allocated, its entries are lost.
    if entries.is_empty() && !has_queue() { vec![Entry::memory()] } else { entries }
}

/// Tells whether the most recent entry is this reason of this library.
pub(super) fn newest_is(library: c_int, reason: c_int) -> bool {
    // SAFETY: no preconditions.
    let newest = unsafe { sys::ERR_peek_last_error() };
    newest != 0 && reasons::numbers(newest) == (library, reason)
}

/// The library and the reason of the oldest entry, as OpenSSL numbers them.
fn take_oldest() -> Option<(c_int, c_int)> {
    // SAFETY: no preconditions; the queue belongs to this thread.
    Some(unsafe { sys::ERR_get_error() }).filter(|queued| *queued != 0).map(reasons::numbers)
}

/// Tells whether an entry is a failed allocation. It decides the error even if it is not the most recent entry.
fn is_memory((library, reason): (c_int, c_int)) -> bool {
    library != LIB_SYS && reason == MALLOC_FAILURE
}

/// Tells whether this thread's queue, which is empty, can hold entries: OpenSSL allocates it on first use.
fn has_queue() -> bool {
    reasons::raise_memory();
    take_oldest().is_some()
}

/// Makes an entry of a library and a reason, with its text.
fn entry((library_number, reason_number): (c_int, c_int)) -> Entry {
    let Ok(text) = reasons::text(library_number, reason_number) else { return Entry::memory() };
    #[allow(clippy::useless_conversion)] // c_ulong has 32 bits on Windows
    let packed = u64::from(reasons::packed(library_number, reason_number));
    Entry { packed, library_number, reason_number, text }
}

/// Copies a static text of OpenSSL.
pub(super) fn text_of(text: *const c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not NULL, and OpenSSL's texts end in NUL.
    Some(unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}

fn library_name(number: c_int) -> Option<&'static str> {
    LIBRARIES.iter().find(|(n, _)| *n == number).map(|(_, name)| *name)
}

const LIBRARIES: &[(c_int, &str)] = &[
    (1, "NONE"),
    (2, "SYS"),
    (3, "BN"),
    (4, "RSA"),
    (5, "DH"),
    (6, "EVP"),
    (7, "BUF"),
    (8, "OBJ"),
    (9, "PEM"),
    (10, "DSA"),
    (11, "X509"),
    (12, "METH"),
    (13, "ASN1"),
    (14, "CONF"),
    (15, "CRYPTO"),
    (16, "EC"),
    (20, "SSL"),
    (21, "SSL23"),
    (22, "SSL2"),
    (23, "SSL3"),
    (30, "RSAREF"),
    (31, "PROXY"),
    (32, "BIO"),
    (33, "PKCS7"),
    (34, "X509V3"),
    (35, "PKCS12"),
    (36, "RAND"),
    (37, "DSO"),
    (38, "ENGINE"),
    (39, "OCSP"),
    (40, "UI"),
    (41, "COMP"),
    (42, "ECDSA"),
    (43, "ECDH"),
    (44, "OSSL_STORE"),
    (45, "FIPS"),
    (46, "CMS"),
    (47, "TS"),
    (48, "HMAC"),
    (49, "JPAKE"),
    (50, "CT"),
    (51, "ASYNC"),
    (52, "KDF"),
    (53, "SM2"),
    (54, "ESS"),
    (55, "PROP"),
    (56, "CRMF"),
    (57, "PROV"),
    (58, "CMP"),
    (59, "OSSL_ENCODER"),
    (60, "OSSL_DECODER"),
    (61, "HTTP"),
    (128, "USER"),
];

//! Cipher suites: what is known of one, and lists of them.

use super::error::text_of;
use super::{asn1, ctx::SslCtx, lent::Lent, quietly, session::SslSession, ssl::Ssl, sys};
use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_int};
use std::ptr::null_mut;

/// One cipher suite as connections and contexts report it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cipher {
    /// OpenSSL's name; None if it has none.
    pub name: Option<&'static CStr>,
    /// The version that defines it.
    pub protocol: Option<&'static CStr>,
    /// Its strength in bits.
    pub secret_bits: i32,
    /// Its number, with OpenSSL's prefix.
    pub id: u32,
}

/// Everything known of a cipher suite. Python: an entry of `SSLContext.get_ciphers()`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CipherInfo {
    /// OpenSSL's name; None if it has none.
    pub name: Option<&'static CStr>,
    /// The version that defines it.
    pub protocol: Option<&'static CStr>,
    /// OpenSSL's one-line description.
    pub description: Option<CString>,
    /// The encryption algorithm.
    pub symmetric: Option<&'static CStr>,
    /// The algorithm that authenticates records; None if the encryption does that.
    pub digest: Option<&'static CStr>,
    /// The key exchange.
    pub kea: Option<&'static CStr>,
    /// How the server is authenticated.
    pub auth: Option<&'static CStr>,
    /// Its number, with OpenSSL's prefix.
    pub id: u32,
    /// Its strength in bits.
    pub strength_bits: i32,
    /// The size of its key in bits.
    pub alg_bits: i32,
    /// The encryption also authenticates (AEAD).
    pub aead: bool,
}

impl Cipher {
    /// Reads a cipher; None for NULL.
    pub(super) unsafe fn from_raw(cipher: *const sys::SSL_CIPHER) -> Option<Cipher> {
        if cipher.is_null() {
            return None;
        }
        // SAFETY: a static cipher with static texts; so below.
        let name = unsafe { sys::SSL_CIPHER_get_name(cipher) };
        // SAFETY: as above.
        let protocol = unsafe { sys::SSL_CIPHER_get_version(cipher) };
        // SAFETY: as above.
        let secret_bits = unsafe { sys::SSL_CIPHER_get_bits(cipher, null_mut()) };
        // SAFETY: as above.
        let id = unsafe { sys::SSL_CIPHER_get_id(cipher) };
        Some(Cipher { name: static_text(name), protocol: static_text(protocol), secret_bits, id })
    }
}

impl CipherInfo {
    /// Reads a cipher; None for NULL.
    unsafe fn from_raw(cipher: *const sys::SSL_CIPHER) -> Option<CipherInfo> {
        // SAFETY: NULL or a static cipher; so for all calls below.
        let Cipher { name, protocol, secret_bits, id } = unsafe { Cipher::from_raw(cipher) }?;
        let mut alg_bits = 0;
        // SAFETY: as above; alg_bits is ours.
        unsafe { sys::SSL_CIPHER_get_bits(cipher, &mut alg_bits) };
        // SAFETY: as above.
        let symmetric = unsafe { sys::SSL_CIPHER_get_cipher_nid(cipher) };
        // SAFETY: as above.
        let digest = unsafe { sys::SSL_CIPHER_get_digest_nid(cipher) };
        // SAFETY: as above.
        let kea = unsafe { sys::SSL_CIPHER_get_kx_nid(cipher) };
        // SAFETY: as above.
        let auth = unsafe { sys::SSL_CIPHER_get_auth_nid(cipher) };
        // SAFETY: as above.
        let aead = unsafe { sys::SSL_CIPHER_is_aead(cipher) } != 0;
        Some(CipherInfo {
            name,
            protocol,
            // SAFETY: as above.
            description: unsafe { description(cipher) },
            symmetric: long_name(symmetric),
            digest: long_name(digest),
            kea: long_name(kea),
            auth: long_name(auth),
            id,
            strength_bits: secret_bits,
            alg_bits,
            aead,
        })
    }

    /// Reads a list that is lent; empty for NULL.
    unsafe fn list(ciphers: *const sys::stack_st_SSL_CIPHER) -> Vec<CipherInfo> {
        // SAFETY: NULL or a live list.
        let ciphers = unsafe { asn1::items(ciphers.cast()) };
        // SAFETY: the elements are static ciphers.
        ciphers.filter_map(|cipher| unsafe { CipherInfo::from_raw(cipher) }).collect()
    }
}

/// OpenSSL's one-line description of a cipher, without the newline.
unsafe fn description(cipher: *const sys::SSL_CIPHER) -> Option<CString> {
    let mut line = [0 as c_char; 512];
    // SAFETY: a static cipher; the buffer has the given size.
    let text = unsafe { sys::SSL_CIPHER_description(cipher, line.as_mut_ptr(), line.len() as c_int) };
    let mut text = text_of(text)?;
    text.truncate(text.trim_end_matches('\n').len());
    CString::new(text).ok()
}

/// The long name of a registered number; None for the undefined one.
fn long_name(nid: c_int) -> Option<&'static CStr> {
    if nid == super::obj::UNDEFINED {
        return None;
    }
    // SAFETY: any number is allowed; the names that ciphers have are static.
    static_text(unsafe { sys::OBJ_nid2ln(nid) })
}

fn static_text(text: *const c_char) -> Option<&'static CStr> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not NULL, and OpenSSL's names are static.
    Some(unsafe { CStr::from_ptr::<'static>(text) })
}

impl SslCtx {
    /// The ciphers that are enabled, best first.
    pub fn enabled_ciphers(&self) -> Vec<CipherInfo> {
        // SAFETY: the context is alive, and so is its list.
        let ciphers = unsafe { sys::SSL_CTX_get_ciphers(self.as_ptr()) };
        // SAFETY: the context's own list, or NULL.
        unsafe { CipherInfo::list(ciphers) }
    }

    /// The same, without what only lists tell: OpenSSL takes two microseconds to describe a cipher.
    pub fn enabled_names(&self) -> impl Iterator<Item = Cipher> {
        // SAFETY: the context is alive, and so is its list.
        let ciphers = unsafe { sys::SSL_CTX_get_ciphers(self.as_ptr()) };
        // SAFETY: the context's own list, or NULL.
        let ciphers = unsafe { asn1::items::<sys::SSL_CIPHER>(ciphers.cast()) };
        // SAFETY: the elements are static ciphers.
        ciphers.filter_map(|cipher| unsafe { Cipher::from_raw(cipher) })
    }
}

impl Lent<'_> {
    /// The numbers of the ciphers that this side allows, best first.
    pub fn allowed_ciphers(&self) -> impl Iterator<Item = u32> + '_ {
        // SAFETY: the connection is alive, and so is its list.
        let ciphers = unsafe { sys::SSL_get_ciphers(self.as_ptr()) };
        // SAFETY: NULL or the connection's own list.
        let ciphers = unsafe { asn1::items(ciphers.cast()) };
        // SAFETY: the elements are static ciphers.
        ciphers.map(|cipher| unsafe { sys::SSL_CIPHER_get_id(cipher) })
    }

    /// Tells whether this side allows the cipher that a session brings along. In TLS 1.3 it brings none: libssl chooses anew, and resumes
    /// where the hash is the same.
    pub fn allows_cipher_of(&self, session: &SslSession) -> bool {
        const NEWER: u32 = 0x1300;
        // SAFETY: the session is alive.
        let cipher = unsafe { sys::SSL_SESSION_get0_cipher(session.as_ptr()) };
        if cipher.is_null() {
            return false;
        }
        // SAFETY: ciphers are static.
        let number = unsafe { sys::SSL_CIPHER_get_id(cipher) };
        number & 0xff00 == NEWER || self.allowed_ciphers().any(|allowed| allowed == number)
    }
}

impl Ssl {
    /// The cipher in use.
    pub fn cipher(&self) -> Option<Cipher> {
        // SAFETY: the SSL is alive; ciphers are static.
        let cipher = unsafe { sys::SSL_get_current_cipher(self.as_ptr()) };
        // SAFETY: NULL or a static cipher.
        unsafe { Cipher::from_raw(cipher) }
    }

    /// The ciphers of this side, best first.
    pub fn enabled_ciphers(&self) -> Vec<CipherInfo> {
        // SAFETY: the SSL is alive, and so is its list.
        let ciphers = unsafe { sys::SSL_get_ciphers(self.as_ptr()) };
        // SAFETY: the connection's own list, or NULL.
        unsafe { CipherInfo::list(ciphers) }
    }

    /// The ciphers that the client offered; None on a client, and before the ClientHello was received.
    pub fn client_ciphers(&self) -> Option<Vec<CipherInfo>> {
        // SAFETY: the SSL is alive, and so is its list.
        let ciphers = unsafe { sys::SSL_get_client_ciphers(self.as_ptr()) };
        // SAFETY: the connection's own list.
        (!ciphers.is_null()).then(|| unsafe { CipherInfo::list(ciphers) })
    }

    /// The short name of the compression in use.
    pub fn compression(&self) -> Option<&'static CStr> {
        // SAFETY: the SSL is alive; methods are static.
        let method = unsafe { sys::SSL_get_current_compression(self.as_ptr()) };
        // SAFETY: NULL or a static method.
        let long = unsafe { sys::SSL_COMP_get_name(method) };
        if method.is_null() || long.is_null() {
            return None;
        }
        // SAFETY: the text ends in NUL.
        let nid = quietly(|| unsafe { sys::OBJ_ln2nid(long) });
        if nid == super::obj::UNDEFINED {
            return static_text(long);
        }
        // SAFETY: any number is allowed.
        static_text(unsafe { sys::OBJ_nid2sn(nid) })
    }
}

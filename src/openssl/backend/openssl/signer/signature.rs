//! Signing, as libssl has it done: by one call with the whole message.

use super::{FAILED, KeyType, OK, Signer, SignerKey, params};
use crate::openssl::queue::preserving;
use crate::openssl::signing::proof::{PKCS1, PSS, SALT_AS_DIGEST};
use crate::openssl::signing::{Algorithm, Digest, Made, SHA1, SHA256, SHA384, SHA512, Scheme};
use crate::openssl::{bytes_at, coroutine, pkey::PKey, sys, text_at};
use params::Value;
use std::cell::Cell;
use std::ffi::CStr;
use std::os::raw::{c_char, c_int, c_uchar, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

pub(super) static FUNCTIONS: &[sys::OSSL_DISPATCH] = &[
    sys::OSSL_DISPATCH::new(sys::OSSL_FUNC_SIGNATURE_NEWCTX, new as *const c_void),
    sys::OSSL_DISPATCH::new(sys::OSSL_FUNC_SIGNATURE_FREECTX, free as *const c_void),
    sys::OSSL_DISPATCH::new(sys::OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, begin as *const c_void),
    sys::OSSL_DISPATCH::new(sys::OSSL_FUNC_SIGNATURE_DIGEST_SIGN, sign as *const c_void),
    sys::OSSL_DISPATCH::new(sys::OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, set_params as *const c_void),
    sys::OSSL_DISPATCH::new(sys::OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, settable_params as *const c_void),
    sys::OSSL_DISPATCH::END,
];

static SHA224: Digest = Digest { names: [c"SHA224", c"SHA2-224"], name: "sha224" };

static DIGESTS: [&Digest; 5] = [&SHA256, &SHA384, &SHA512, &SHA224, &SHA1];

fn digest_named(name: &CStr) -> Option<&'static Digest> {
    let is = |known: &CStr| known.to_bytes().eq_ignore_ascii_case(name.to_bytes());
    DIGESTS.into_iter().find(|digest| digest.names.into_iter().any(is))
}

/// A signature that is to be made.
#[derive(Default)]
struct Signing {
    key: Option<(KeyType, PKey, Arc<dyn Signer>)>,
    digest: Option<&'static Digest>,
    pss: bool,
}

thread_local! {
    /// A signature was made in this thread.
    static SIGNED: Cell<bool> = const { Cell::new(false) };
}

/// Tells whether a signature was made in this thread.
pub(super) fn has_signed() -> bool {
    SIGNED.get()
}

unsafe extern "C" fn new(_: *mut c_void, _: *const c_char) -> *mut c_void {
    Box::into_raw(Box::<Signing>::default()).cast()
}

unsafe extern "C" fn free(signing: *mut c_void) {
    if signing.is_null() {
        return;
    }
    // SAFETY: made by `new`, and freed once.
    let signing = unsafe { Box::from_raw(signing.cast::<Signing>()) };
    let _ = preserving(|| catch_unwind(AssertUnwindSafe(|| drop(signing))));
}

unsafe fn lent<'a>(signing: *mut c_void) -> Option<&'a mut Signing> {
    // SAFETY: NULL or one of `new`, which one thread at a time uses.
    unsafe { signing.cast::<Signing>().as_mut() }
}

unsafe extern "C" fn begin(
    signing: *mut c_void,
    digest: *const c_char,
    key: *mut c_void,
    params: *const sys::OSSL_PARAM,
) -> c_int {
    // SAFETY: OpenSSL calls with what `new` made.
    let Some(own) = (unsafe { lent(signing) }) else { return FAILED };
    // SAFETY: NULL, for the key there is already, or a key of this provider.
    if let Some(key) = unsafe { key.cast::<SignerKey>().as_ref() } {
        let parts = key.public.clone().zip(key.signer.clone());
        own.key = parts.map(|(public, signer)| (key.kind, public, signer));
        own.pss = key.kind == KeyType::RsaPss;
    }
    let Some((kind, ..)) = &own.key else { return FAILED };
    // SAFETY: NULL or text that ends in NUL.
    let name = unsafe { text_at(digest) }.filter(|name| !name.is_empty());
    own.digest = name.and_then(digest_named);
    // Ed25519 signs the message, the others the digest of it that TLS 1.2 and above has.
    if own.digest.is_none() != (*kind == KeyType::Ed25519) || (name.is_some() && own.digest.is_none()) {
        return FAILED;
    }
    // SAFETY: as for this function.
    unsafe { set_params(signing, params) }
}

unsafe extern "C" fn set_params(signing: *mut c_void, params: *const sys::OSSL_PARAM) -> c_int {
    // SAFETY: OpenSSL calls with what `new` made.
    let Some(own) = (unsafe { lent(signing) }) else { return FAILED };
    // SAFETY: OpenSSL's parameters end; so below.
    match unsafe { params::value(params, c"pad-mode") } {
        None => {}
        Some(Value::Number(PSS)) => own.pss = true,
        Some(Value::Number(PKCS1)) => own.pss = false,
        Some(Value::Word(word)) if word == c"pss" => own.pss = true,
        Some(Value::Word(word)) if word == c"pkcs1" => own.pss = false,
        Some(_) => return FAILED,
    }
    // SAFETY: as above.
    match unsafe { params::value(params, c"saltlen") } {
        None | Some(Value::Number(SALT_AS_DIGEST)) => OK,
        Some(Value::Word(word)) if word == c"digest" => OK,
        Some(_) => FAILED,
    }
}

unsafe extern "C" fn settable_params(_: *mut c_void, _: *mut c_void) -> *const sys::OSSL_PARAM {
    params::SETTABLE.0.as_ptr()
}

unsafe extern "C" fn sign(
    signing: *mut c_void,
    signature: *mut c_uchar,
    len: *mut usize,
    size: usize,
    message: *const c_uchar,
    message_len: usize,
) -> c_int {
    // SAFETY: OpenSSL calls with what `new` made.
    let Some(own) = (unsafe { lent(signing) }) else { return FAILED };
    let Some(longest) = own.longest() else { return FAILED };
    if signature.is_null() {
        // SAFETY: OpenSSL gives a place for the length; so below.
        unsafe { len.write(longest) };
        return OK;
    }
    // SAFETY: OpenSSL gives that many bytes.
    let message = unsafe { bytes_at(message, message_len) };
    let Some(made) = own.wait_for_signature(message).filter(|made| made.len() <= size) else {
        return FAILED;
    };
    SIGNED.set(true);
    // SAFETY: the buffer has room for that many bytes.
    unsafe { signature.copy_from_nonoverlapping(made.as_ptr(), made.len()) };
    // SAFETY: as above.
    unsafe { len.write(made.len()) };
    OK
}

impl Signing {
    fn longest(&self) -> Option<usize> {
        let (_, public, _) = self.key.as_ref()?;
        Some(public.longest_signature()).filter(|longest| *longest > 0)
    }

    fn scheme(&self, kind: KeyType) -> Scheme {
        let algorithm = match (kind, self.pss) {
            (KeyType::Rsa, false) => Algorithm::RsaPkcs1,
            (KeyType::Rsa | KeyType::RsaPss, _) => Algorithm::RsaPss,
            (KeyType::Ec, _) => Algorithm::Ecdsa,
            (KeyType::Ed25519, _) => Algorithm::Ed25519,
        };
        Scheme { algorithm, digest: self.digest }
    }

    /// Has the signer sign, and asks it again each time that the handshake goes on for as long as it has no answer.
    fn wait_for_signature(&self, message: &[u8]) -> Option<Vec<u8>> {
        let (kind, public, signer) = self.key.as_ref()?;
        let scheme = self.scheme(*kind);
        loop {
            let ask = || scheme.ask(&**signer, public, message);
            match preserving(|| catch_unwind(AssertUnwindSafe(ask))) {
                Ok(Made::Signature(made)) => return Some(made),
                Ok(Made::Pending) if coroutine::suspend() => {}
                Ok(Made::Pending | Made::Nothing) | Err(_) => return None,
            }
        }
    }
}

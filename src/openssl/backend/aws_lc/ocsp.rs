//! OCSP responses, of which AWS-LC tells less than OpenSSL.

use super::rules::strength::signature_strength;
use crate::openssl::der::{INTEGER, OCTET_STRING, SEQUENCE, element, elements, number};
use crate::openssl::{Result, asn1, bytes_at, cvt, store::Store, sys, x509::X509};
use std::os::raw::c_ulong;
use std::ptr::null;

/// Tells whether a response, as a whole or for one certificate, has to be understood to be used: no extension is known here.
pub unsafe fn has_critical_extension(basic: *mut sys::OCSP_BASICRESP) -> bool {
    let is_critical = |extension: *mut sys::X509_EXTENSION| {
        // SAFETY: NULL, or an extension of the response.
        !extension.is_null() && unsafe { sys::X509_EXTENSION_get_critical(extension) } != 0
    };
    let whole = (0..).map(|index| {
        // SAFETY: the caller's response is alive; NULL past the last one; so below.
        unsafe { sys::OCSP_BASICRESP_get_ext(basic, index) }
    });
    if whole.take_while(|extension| !extension.is_null()).any(is_critical) {
        return true;
    }
    // SAFETY: as above.
    let count = unsafe { sys::OCSP_resp_count(basic) };
    (0..count).any(|index| {
        // SAFETY: as above; the index is within what there is.
        let single = unsafe { sys::OCSP_resp_get0(basic, index) };
        if single.is_null() {
            return false;
        }
        // SAFETY: a part of the response; so below.
        let extensions = unsafe { sys::OCSP_SINGLERESP_get_ext_count(single) };
        // SAFETY: as above.
        (0..extensions).any(|index| is_critical(unsafe { sys::OCSP_SINGLERESP_get_ext(single, index) }))
    })
}

/// The parts of a response that AWS-LC does not give.
struct ResponseParts {
    /// `ResponderID`: its tag and its content.
    responder: (u8, Vec<u8>),
    /// The content of the AlgorithmIdentifier beside the signature.
    algorithm: Vec<u8>,
    certificates: Vec<X509>,
}

const BY_NAME: u8 = 0xA1;
const BY_KEY: u8 = 0xA2;
const VERSION: u8 = 0xA0;
const CERTIFICATES: u8 = 0xA0;
const BIT_STRING: u8 = 0x03;

/// Reads the parts of a response (RFC 6960, section 4.2.1).
unsafe fn parts(basic: *mut sys::OCSP_BASICRESP) -> Option<ResponseParts> {
    // SAFETY: the caller's response is alive.
    let der = asn1::to_der(|out| unsafe { sys::i2d_OCSP_BASICRESP(basic, out) }).ok()?;
    let (whole, _) = element(&der, SEQUENCE)?;
    let (data, behind) = element(whole, SEQUENCE)?;
    let (algorithm, behind) = element(behind, SEQUENCE)?;
    let (_, behind) = element(behind, BIT_STRING)?;
    let data = element(data, VERSION).map_or(data, |(_, behind)| behind);
    let responder =
        [BY_NAME, BY_KEY].into_iter().find_map(|tag| Some((tag, element(data, tag)?.0.to_vec())))?;
    let certificates = match element(behind, CERTIFICATES).and_then(|(list, _)| element(list, SEQUENCE)) {
        Some((list, _)) => all(list)?,
        None => Vec::new(),
    };
    Some(ResponseParts { responder, algorithm: algorithm.to_vec(), certificates })
}

/// Certificates that follow one another.
fn all(mut list: &[u8]) -> Option<Vec<X509>> {
    let mut found = Vec::new();
    while !list.is_empty() {
        let (_, behind) = element(list, SEQUENCE)?;
        found.push(X509::from_der(&list[..list.len() - behind.len()]).ok()?);
        list = behind;
    }
    Some(found)
}

/// How many bits of strength the digest has that a response signs, as OpenSSL counts them for certificates.
pub unsafe fn digest_strength(basic: *mut sys::OCSP_BASICRESP) -> i32 {
    // SAFETY: the caller's response is alive.
    let parts = unsafe { parts(basic) };
    let signature = parts.and_then(|parts| signature_strength(&parts.algorithm));
    signature.map_or(0, |signature| signature.bits as i32)
}

/// The certificate that has signed a response, one of these or of those that come with it.
pub unsafe fn signer(basic: *mut sys::OCSP_BASICRESP, known: *mut sys::stack_st_X509) -> Option<X509> {
    // SAFETY: the caller's response is alive.
    let parts = unsafe { parts(basic) }?;
    // SAFETY: the caller's list is alive.
    let known = unsafe { X509::list(known) }.ok()?;
    let (tag, responder) = parts.responder;
    known.into_iter().chain(parts.certificates).find(|one| match tag {
        BY_NAME => one.subject_der().is_ok_and(|name| name == responder),
        _ => element(&responder, OCTET_STRING).is_some_and(|(hash, _)| key_hash(one) == Some(hash.to_vec())),
    })
}

/// The SHA-1 of a public key without its kind, by which responders name themselves.
fn key_hash(x509: &X509) -> Option<Vec<u8>> {
    let (mut hash, mut len) = ([0u8; sys::EVP_MAX_MD_SIZE as usize], 0);
    // SAFETY: no preconditions; digests are static.
    let digest = unsafe { sys::EVP_sha1() };
    // SAFETY: the certificate is alive, and the place is as long as the longest digest.
    cvt(|| unsafe { sys::X509_pubkey_digest(x509.as_ptr(), digest, hash.as_mut_ptr(), &mut len) }).ok()?;
    hash.get(..len as usize).map(<[u8]>::to_vec)
}

/// Checks the signature of a response, by the key of a certificate that `signer` has given. AWS-LC finds signers by names that are
/// alike, so it gets no other one to choose from.
pub unsafe fn check_signature(basic: *mut sys::OCSP_BASICRESP, signer: &X509) -> Result<()> {
    /// The signature only, and of no certificate that comes with the response.
    const SIGNATURE_BY_THESE: c_ulong = (sys::OCSP_NOVERIFY | sys::OCSP_NOINTERN) as c_ulong;
    let signer = X509::stack(std::slice::from_ref(signer))?;
    // It is not asked, but has to be there.
    let store = Store::new()?;
    // SAFETY: the caller's response is alive, and so are list and store.
    cvt(|| unsafe { sys::OCSP_basic_verify(basic, signer.as_ptr(), store.as_ptr(), SIGNATURE_BY_THESE) })
}

/// Has a context's connections call this where a response is sent or was received.
pub unsafe fn install(ctx: *mut sys::SSL_CTX, staple: sys::StapleCallback) {
    // SAFETY: the caller's context is alive, and the callback stays; it takes no argument.
    unsafe { sys::SSL_CTX_set_tlsext_status_cb(ctx, Some(staple)) };
}

/// The response that a server has sent; it lives while libssl is in its callback.
pub unsafe fn received<'a>(ssl: *mut sys::SSL) -> Option<&'a [u8]> {
    let mut response = null();
    // SAFETY: the caller's connection is alive, and the place is ours.
    let len = unsafe { sys::SSL_get_tlsext_status_ocsp_resp(ssl, &mut response) };
    // SAFETY: libssl's own bytes.
    Some(unsafe { bytes_at(response, len) }).filter(|response| !response.is_empty())
}

/// Has a server send a response.
pub unsafe fn send(ssl: *mut sys::SSL, response: &[u8]) -> Result<()> {
    // SAFETY: the caller's connection is alive; pointer and length are those of one slice, which AWS-LC copies.
    cvt(|| unsafe { sys::SSL_set_ocsp_response(ssl, response.as_ptr(), response.len()) })
}

/// Has a client ask for a response.
pub unsafe fn request(ssl: *mut sys::SSL) -> Result<()> {
    // SAFETY: the caller's connection is alive.
    cvt(|| unsafe { sys::SSL_set_tlsext_status_type(ssl, sys::TLSEXT_STATUSTYPE_ocsp) })
}

/// Tells whether a certificate's issuer wants it to be shown with an OCSP response (RFC 7633). AWS-LC does not read that
/// extension. One that cannot be read, or is there twice, asks for something.
pub unsafe fn must_staple(x509: *mut sys::X509) -> Result<bool> {
    /// `id-pe-tlsfeature`, 1.3.6.1.5.5.7.1.24
    const TLS_FEATURE: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 1, 24];
    const STATUS_REQUEST: u64 = 5;
    let mut found = Vec::new();
    // SAFETY: the caller's certificate is alive; so below.
    for index in 0..unsafe { sys::X509_get_ext_count(x509) } {
        // SAFETY: as above; the index is within what there is.
        let extension = unsafe { sys::X509_get_ext(x509, index) };
        // SAFETY: an extension of the certificate; so below.
        let object = unsafe { sys::X509_EXTENSION_get_object(extension) };
        // SAFETY: the extension's object.
        let data = unsafe { sys::OBJ_get0_data(object) };
        // SAFETY: as above.
        let len = unsafe { sys::OBJ_length(object) };
        // SAFETY: the object has that many bytes.
        let object = unsafe { bytes_at(data, len) };
        if object == TLS_FEATURE {
            // SAFETY: as above.
            let value = unsafe { sys::X509_EXTENSION_get_data(extension) };
            // SAFETY: the extension's value, which lives as long as the certificate.
            found.push(unsafe { asn1::content(value.cast_const().cast()) });
        }
    }
    let [value] = found[..] else { return Ok(!found.is_empty()) };
    let Some((features, [])) = element(value, SEQUENCE) else { return Ok(true) };
    Ok(elements(features).any(|feature| match feature {
        Some((INTEGER, content)) => number(content) == STATUS_REQUEST,
        _ => true,
    }))
}

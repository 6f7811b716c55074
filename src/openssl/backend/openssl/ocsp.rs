//! OCSP responses, where OpenSSL tells more of them than others.

use crate::openssl::der::{OBJECT, SEQUENCE, element};
use crate::openssl::error::{Cause, Entry};
use crate::openssl::{Result, asn1, bytes_at, cvt, cvt_long, cvt_p, quietly, sys, x509::X509};
use std::os::raw::{c_int, c_long, c_ulong};
use std::ptr::{NonNull, null, null_mut};

/// `OCSP_NOVERIFY` and `OCSP_NOINTERN`: the signature only, and of no certificate that comes with the response.
const SIGNATURE_BY_THESE: c_ulong = 0x10 | 0x2;

/// Tells whether a response, as a whole or for one certificate, has to be understood to be used: no extension is known here.
pub unsafe fn has_critical_extension(basic: *mut sys::OCSP_BASICRESP) -> bool {
    const CRITICAL: c_int = 1;
    const FIRST: c_int = -1;
    // SAFETY: the caller's response is alive; so below.
    if unsafe { sys::OCSP_BASICRESP_get_ext_by_critical(basic, CRITICAL, FIRST) } >= 0 {
        return true;
    }
    // SAFETY: as above.
    let count = unsafe { sys::OCSP_resp_count(basic) };
    (0..count).any(|index| {
        // SAFETY: as above; the index is within what there is.
        let single = unsafe { sys::OCSP_resp_get0(basic, index) };
        // SAFETY: a part of the response.
        !single.is_null() && unsafe { sys::OCSP_SINGLERESP_get_ext_by_critical(single, CRITICAL, FIRST) } >= 0
    })
}

/// How many bits of strength the digest has that a response signs, as OpenSSL counts them for certificates. An algorithm that
/// brings its own digest is as strong as its key.
pub unsafe fn digest_strength(basic: *mut sys::OCSP_BASICRESP) -> i32 {
    let (mut object, mut kind, mut parameters, mut digest) = (null(), 0, null(), 0);
    // SAFETY: the caller's response is alive, and the algorithm is inside of it; so below.
    let algorithm = unsafe { sys::OCSP_resp_get0_tbs_sigalg(basic) };
    // SAFETY: as above.
    unsafe { sys::X509_ALGOR_get0(&mut object, &mut kind, &mut parameters, algorithm) };
    // SAFETY: as above.
    let nid = unsafe { asn1::object_nid(object) };
    if nid == sys::NID_rsassaPss {
        let parameters = match kind {
            // SAFETY: parameters of this type are a string, inside of the response.
            sys::V_ASN1_SEQUENCE => unsafe { asn1::content(parameters.cast()) },
            _ => &[],
        };
        return pss_digest_strength(parameters);
    }
    // SAFETY: the place is ours.
    match quietly(|| unsafe { sys::OBJ_find_sigid_algs(nid, &mut digest, null_mut()) }) {
        1 if digest == sys::NID_undef => i32::MAX,
        1 => strength_of_digest(digest),
        _ => 0,
    }
}

/// The same of RSA-PSS, by its parameters (RFC 4055, section 3.1).
fn pss_digest_strength(parameters: &[u8]) -> i32 {
    const HASH: u8 = 0xA0;
    let hash = element(parameters, SEQUENCE).and_then(|(fields, _)| element(fields, HASH));
    let Some((hash, _)) = hash else { return strength_of_digest(sys::NID_sha1) };
    let object = element(hash, SEQUENCE).and_then(|(algorithm, _)| element(algorithm, OBJECT));
    object.map_or(0, |(oid, _)| strength_of_digest(nid_of(oid)))
}

/// The number of an algorithm, by the content of its object identifier.
fn nid_of(oid: &[u8]) -> c_int {
    let Ok(len) = u8::try_from(oid.len()) else { return sys::NID_undef };
    let read = asn1::from_der(&[&[OBJECT, len], oid].concat(), |data, len| {
        // SAFETY: data and len are those of one slice.
        cvt_p(|| unsafe { sys::d2i_ASN1_OBJECT(null_mut(), data, len) })
    });
    let Ok(object) = read else { return sys::NID_undef };
    // SAFETY: ours, and alive; so below.
    let nid = unsafe { asn1::object_nid(object) };
    // SAFETY: as above; freed once.
    unsafe { sys::ASN1_OBJECT_free(object) };
    nid
}

/// Half of its bits, less for those that are broken; 0 for one that OpenSSL does not know.
fn strength_of_digest(digest: c_int) -> i32 {
    match digest {
        sys::NID_md5 => 39,
        sys::NID_sha1 => 63,
        _ => {
            // SAFETY: any number is allowed.
            let name = unsafe { sys::OBJ_nid2sn(digest) };
            // SAFETY: NULL or static text.
            let known = quietly(|| unsafe { sys::EVP_get_digestbyname(name) });
            // SAFETY: static, as OpenSSL's digests are.
            if known.is_null() { 0 } else { unsafe { sys::EVP_MD_size(known) * 4 } }
        }
    }
}

/// The certificate that has signed a response, one of these or of those that come with it.
pub unsafe fn signer(basic: *mut sys::OCSP_BASICRESP, known: *mut sys::stack_st_X509) -> Option<X509> {
    let mut signer = null_mut();
    // SAFETY: both are alive, as the caller promises, and the place is ours.
    cvt(|| unsafe { sys::OCSP_resp_get0_signer(basic, &mut signer, known) }).ok()?;
    // SAFETY: a certificate of the response's or of the list's, or NULL.
    unsafe { X509::from_shared(signer) }
}

/// Checks the signature of a response, by the key of a certificate that `signer` has given.
pub unsafe fn check_signature(basic: *mut sys::OCSP_BASICRESP, signer: &X509) -> Result<()> {
    let signer = X509::stack(std::slice::from_ref(signer))?;
    // SAFETY: the caller's response is alive, and so is the list; without verification no store is asked.
    cvt(|| unsafe { sys::OCSP_basic_verify(basic, signer.as_ptr(), null_mut(), SIGNATURE_BY_THESE) })
}

/// Has a context's connections call this where a response is sent or was received.
pub unsafe fn install(ctx: *mut sys::SSL_CTX, staple: sys::StapleCallback) {
    // SAFETY: the caller's context is alive, and the callback stays; it takes no argument.
    unsafe { sys::SSL_CTX_set_tlsext_status_cb(ctx, Some(staple)) };
}

/// The response that a server has sent; it lives while libssl is in its callback.
pub unsafe fn received<'a>(ssl: *mut sys::SSL) -> Option<&'a [u8]> {
    let mut response = null_mut();
    // SAFETY: the caller's connection is alive, and the place is ours; -1 without a response.
    let len = unsafe { sys::SSL_get_tlsext_status_ocsp_resp(ssl, &mut response) };
    let len = usize::try_from(len).ok().filter(|len| *len > 0)?;
    // SAFETY: libssl's own bytes.
    Some(unsafe { bytes_at(response, len) })
}

/// Has a server send a response.
pub unsafe fn send(ssl: *mut sys::SSL, response: &[u8]) -> Result<()> {
    let len = c_int::try_from(response.len()).map_err(|_| Cause::Untold)?;
    // SAFETY: no preconditions. The place it is told is only for debugging.
    let copy = unsafe { sys::CRYPTO_malloc(response.len(), c"".as_ptr(), 0) }.cast::<u8>();
    if copy.is_null() {
        return Err(Entry::memory().into());
    }
    // SAFETY: the copy has this length.
    unsafe { copy.copy_from_nonoverlapping(response.as_ptr(), response.len()) };
    // SAFETY: the caller's connection is alive and takes over the copy, which OpenSSL has allocated.
    cvt_long(|| unsafe { sys::SSL_set_tlsext_status_ocsp_resp(ssl, copy, len.into()) })
}

/// Has a client ask for a response.
pub unsafe fn request(ssl: *mut sys::SSL) -> Result<()> {
    // SAFETY: the caller's connection is alive.
    cvt_long(|| unsafe { sys::SSL_set_tlsext_status_type(ssl, sys::TLSEXT_STATUSTYPE_ocsp) })
}

/// Tells whether a certificate's issuer wants it to be shown with an OCSP response (RFC 7633).
pub unsafe fn must_staple(x509: *mut sys::X509) -> Result<bool> {
    const NID_TLS_FEATURE: c_int = 1020;
    const STATUS_REQUEST: c_long = 5;
    let mut critical = -1;
    // SAFETY: the caller's certificate is alive, and the place is ours.
    let features =
        quietly(|| unsafe { sys::X509_get_ext_d2i(x509, NID_TLS_FEATURE, &mut critical, null_mut()) });
    let Some(features) = NonNull::new(features) else {
        // Without the extension it is -1; one that cannot be read, or is there twice, asks for something.
        return Ok(critical != -1);
    };
    // SAFETY: a list of integers.
    let found = unsafe { asn1::items::<sys::ASN1_INTEGER>(features.as_ptr().cast()) }
        // SAFETY: an element of the list.
        .any(|number| unsafe { sys::ASN1_INTEGER_get(number) } == STATUS_REQUEST);
    // SAFETY: ours, and used no more.
    unsafe { sys::TLS_FEATURE_free(features.as_ptr()) };
    Ok(found)
}

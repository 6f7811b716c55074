//! OCSP responses (RFC 6960): what an authority says of one certificate.

use super::chain::X509Stack;
use super::error::Cause;
use super::{Result, asn1, backend, cvt, cvt_p, quietly, sys, try_copy, x509::X509};
use std::os::raw::{c_int, c_long};
use std::ptr::{NonNull, null_mut};
use std::time::{SystemTime, UNIX_EPOCH};

/// A clock may be wrong by this many seconds.
const SLACK: i64 = 300;
/// For how many seconds a response counts that does not say when the next one is due.
const LONGEST: i64 = 7 * 24 * 3600;

/// A response that says something, with its bytes.
pub struct OcspResponse {
    der: Vec<u8>,
    basic: NonNull<sys::OCSP_BASICRESP>,
}

// SAFETY: nothing changes it once it was read, but for what OpenSSL guards by a lock.
unsafe impl Send for OcspResponse {}
// SAFETY: the same.
unsafe impl Sync for OcspResponse {}

/// What is said of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is not revoked.
    Good,
    /// It was revoked at this second since 1970, for a reason of RFC 5280, section 5.3.1, or for none that is told (-1).
    Revoked {
        /// When.
        at: i64,
        /// Why.
        reason: i32,
    },
    /// The authority does not know it.
    Unknown,
}

/// What is said of a certificate, and between which seconds since 1970 that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What is said.
    pub standing: Standing,
    /// From when on.
    pub this_update: i64,
    /// When the next response is due, if that is told.
    pub next_update: Option<i64>,
}

/// Why nothing that a response says counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OcspFault {
    /// Its bytes are no response.
    Malformed,
    /// It has a critical extension.
    Critical,
    /// The responder has not answered, for this reason of its own (RFC 6960, section 4.2.1).
    NotAnswered(i32),
    /// It speaks of other certificates only.
    OtherCertificate,
    /// It was not signed by the issuer of the certificate, or in its name.
    WrongSigner,
    /// It, or the certificate of its signer, is signed more weakly than the security level allows.
    Weak,
    /// Its signature is bad.
    BadSignature,
    /// It does not count yet, or any more.
    NotNow,
    /// There is no memory to tell what it says.
    NoMemory,
}

impl Answer {
    /// The second since 1970 after which it is not valid any more.
    pub fn valid_until(&self) -> i64 {
        self.next_update.unwrap_or(self.this_update.saturating_add(LONGEST))
    }
}

impl OcspResponse {
    /// Reads a response from DER, which must hold nothing else.
    pub fn from_der(der: &[u8]) -> std::result::Result<OcspResponse, OcspFault> {
        const SUCCESSFUL: c_int = 0;
        let response = Response::from_der(der).map_err(|_| OcspFault::Malformed)?;
        // SAFETY: the response is alive; so below.
        let status = unsafe { sys::OCSP_response_status(response.0.as_ptr()) };
        if status != SUCCESSFUL {
            return Err(OcspFault::NotAnswered(status));
        }
        // SAFETY: as above.
        let basic = cvt_p(|| unsafe { sys::OCSP_response_get1_basic(response.0.as_ptr()) });
        let basic = basic.ok().and_then(NonNull::new).ok_or(OcspFault::Malformed)?;
        let der = try_copy(der).map_err(|_| OcspFault::Malformed)?;
        let response = OcspResponse { der, basic };
        // SAFETY: the response is alive.
        match unsafe { backend::ocsp::has_critical_extension(response.as_ptr()) } {
            true => Err(OcspFault::Critical),
            false => Ok(response),
        }
    }

    /// The bytes that it was read from.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    fn as_ptr(&self) -> *mut sys::OCSP_BASICRESP {
        self.basic.as_ptr()
    }

    /// What it says of a certificate, without a look at the signature; without an issuer the issuer's name and the serial
    /// number count. None if it speaks of other certificates only.
    pub fn claim(
        &self,
        leaf: &X509,
        issuer: Option<&X509>,
    ) -> Option<std::result::Result<Answer, OcspFault>> {
        let claims = self.singles().filter_map(|single| {
            let is_meant = match issuer {
                Some(issuer) => single.is_for(leaf, issuer),
                None => single.is_named_as(leaf),
            };
            // One that may say the worst is not passed over.
            is_meant.map_or(Some(Err(OcspFault::NoMemory)), |is_meant| is_meant.then(|| single.answer()))
        });
        worst(claims)
    }

    /// What it says of a certificate, if it was signed by the certificate's issuer or in its name, as strongly as the security
    /// level demands, and counts now.
    pub fn answer(
        &self,
        leaf: &X509,
        issuer: &X509,
        now: i64,
        level: i32,
    ) -> std::result::Result<Answer, OcspFault> {
        let answer = self.claim(leaf, Some(issuer)).ok_or(OcspFault::OtherCertificate)?;
        self.check_signer(issuer, now, level)?;
        answer
    }

    fn singles(&self) -> impl Iterator<Item = Single> {
        // SAFETY: the response is alive; so below.
        let count = unsafe { sys::OCSP_resp_count(self.as_ptr()) };
        // SAFETY: the index is within what there is.
        (0..count)
            .filter_map(|index| NonNull::new(unsafe { sys::OCSP_resp_get0(self.as_ptr(), index) }))
            .map(Single)
    }

    /// RFC 6960, section 4.2.2.2: the issuer itself signs, or a certificate that it has issued for this purpose.
    fn check_signer(&self, issuer: &X509, now: i64, level: i32) -> std::result::Result<(), OcspFault> {
        let known = X509::stack(std::slice::from_ref(issuer)).map_err(|_| OcspFault::WrongSigner)?;
        let signer = self.signer(&known).ok_or(OcspFault::WrongSigner)?;
        if signer != *issuer && !speaks_for(&signer, issuer, now) {
            return Err(OcspFault::WrongSigner);
        }
        let delegation = if signer == *issuer { i32::MAX } else { signature_strength(&signer) };
        // SAFETY: the response is alive.
        let digest = unsafe { backend::ocsp::digest_strength(self.as_ptr()) };
        let weakest = digest.min(delegation).min(backend::x509::key_strength(&signer));
        if weakest < least_strength(level) {
            return Err(OcspFault::Weak);
        }
        // SAFETY: the response is alive.
        let signed = unsafe { backend::ocsp::check_signature(self.as_ptr(), &signer) };
        signed.map_err(|_| OcspFault::BadSignature)
    }

    /// The certificate that has signed it, one of these or of the certificates that come with it.
    fn signer(&self, known: &X509Stack) -> Option<X509> {
        // SAFETY: both are alive.
        unsafe { backend::ocsp::signer(self.as_ptr(), known.as_ptr()) }
    }
}

impl Drop for OcspResponse {
    fn drop(&mut self) {
        // SAFETY: the one reference we own.
        unsafe { sys::OCSP_BASICRESP_free(self.as_ptr()) }
    }
}

/// Tells whether a certificate may sign responses in the name of an authority, which has issued it for that.
fn speaks_for(signer: &X509, issuer: &X509, now: i64) -> bool {
    const OCSP_SIGNING: u32 = 0x20;
    const NOT_TOLD: u32 = u32::MAX;
    // SAFETY: the certificate is alive; so below.
    let usage = quietly(|| unsafe { sys::X509_get_extended_key_usage(signer.as_ptr()) });
    if usage == NOT_TOLD || usage & OCSP_SIGNING == 0 {
        return false;
    }
    // SAFETY: as above.
    let named =
        quietly(|| unsafe { sys::X509_check_issued(issuer.as_ptr(), signer.as_ptr()) }) == sys::X509_V_OK;
    // SAFETY: as above.
    let key = unsafe { sys::X509_get0_pubkey(issuer.as_ptr()) };
    // SAFETY: as above; OpenSSL refuses a NULL key.
    let signed = quietly(|| unsafe { sys::X509_verify(signer.as_ptr(), key) }) == 1;
    let since = signer.not_before_seconds().is_ok_and(|start| start <= now);
    named && signed && since && signer.not_after_seconds().is_ok_and(|end| end >= now)
}

/// How many bits of strength the signature of a certificate has; 0 where that is unknown.
fn signature_strength(certificate: &X509) -> i32 {
    let told = backend::x509::signature_info(certificate);
    told.ok().flatten().map_or(0, |signature| signature.bits)
}

/// How many bits of strength a security level demands of the signatures in a chain.
fn least_strength(level: i32) -> i32 {
    match level {
        ..=0 => 0,
        1 => 80,
        2 => 112,
        3 => 128,
        4 => 192,
        _ => 256,
    }
}

/// What is said of one certificate, inside of a response.
struct Single(NonNull<sys::OCSP_SINGLERESP>);

impl Single {
    fn id(&self) -> *mut sys::OCSP_CERTID {
        // SAFETY: alive as long as its response; the id is inside of it.
        unsafe { sys::OCSP_SINGLERESP_get0_id(self.0.as_ptr()) }.cast_mut()
    }

    /// The digest by which it names the issuer; None for one that is not known here.
    fn digest(&self) -> Result<Option<NonNull<sys::EVP_MD>>> {
        let mut algorithm = null_mut();
        // SAFETY: the id is alive; what is not asked for may be NULL.
        let told =
            unsafe { sys::OCSP_id_get0_info(null_mut(), &mut algorithm, null_mut(), null_mut(), self.id()) };
        // SAFETY: inside of the id.
        let nid = if told == 1 { unsafe { sys::OBJ_obj2nid(algorithm) } } else { 0 };
        // SAFETY: no preconditions; NULL for what is no digest.
        let text = quietly(|| unsafe { sys::OBJ_nid2sn(nid) });
        if text.is_null() {
            return Ok(None);
        }
        // SAFETY: static text that ends in NUL.
        match cvt_p(|| unsafe { sys::EVP_get_digestbyname(text) }.cast_mut()) {
            Ok(digest) => Ok(NonNull::new(digest)),
            Err(cause) if cause.is_memory() => Err(cause),
            Err(_) => Ok(None),
        }
    }

    /// The digest by which it names the issuer's name, if it is for the serial number of a certificate.
    fn named_issuer(&self, leaf: &X509) -> Option<*mut sys::ASN1_OCTET_STRING> {
        let (mut name, mut serial) = (null_mut(), null_mut());
        // SAFETY: the id is alive; what is not asked for may be NULL.
        let told =
            unsafe { sys::OCSP_id_get0_info(&mut name, null_mut(), null_mut(), &mut serial, self.id()) };
        // SAFETY: the certificate is alive.
        let own = unsafe { sys::X509_get_serialNumber(leaf.as_ptr()) };
        // SAFETY: both are alive.
        (told == 1 && unsafe { sys::ASN1_INTEGER_cmp(serial, own) } == 0).then_some(name)
    }

    /// Tells whether it is for a certificate, of this issuer.
    fn is_for(&self, leaf: &X509, issuer: &X509) -> Result<bool> {
        if self.named_issuer(leaf).is_none() {
            return Ok(false);
        }
        let Some(digest) = self.digest()? else { return Ok(false) };
        // SAFETY: all are alive.
        let own = cvt_p(|| unsafe { sys::OCSP_cert_to_id(digest.as_ptr(), leaf.as_ptr(), issuer.as_ptr()) })?;
        // SAFETY: both are alive.
        let same = unsafe { sys::OCSP_id_cmp(own, self.id()) } == 0;
        // SAFETY: ours, and used no more.
        unsafe { sys::OCSP_CERTID_free(own) };
        Ok(same)
    }

    /// Tells whether it is for the serial number of a certificate, of an issuer with that name.
    fn is_named_as(&self, leaf: &X509) -> Result<bool> {
        let Some(name) = self.named_issuer(leaf) else { return Ok(false) };
        let Some(digest) = self.digest()? else { return Ok(false) };
        // SAFETY: the certificate is alive.
        let issuer = unsafe { sys::X509_get_issuer_name(leaf.as_ptr()) };
        let (mut hash, mut len) = ([0u8; sys::EVP_MAX_MD_SIZE as usize], 0);
        // SAFETY: all are alive, and the place is as long as the longest digest.
        cvt(|| unsafe { sys::X509_NAME_digest(issuer, digest.as_ptr(), hash.as_mut_ptr(), &mut len) })?;
        // SAFETY: inside of the id, which is alive.
        let named = unsafe { asn1::content(name.cast()) };
        Ok(hash.get(..len as usize) == Some(named))
    }

    fn answer(&self) -> std::result::Result<Answer, OcspFault> {
        let (mut reason, mut at, mut this, mut next) = (-1, null_mut(), null_mut(), null_mut());
        // SAFETY: alive, and all are places of ours.
        let status = unsafe {
            sys::OCSP_single_get0_status(self.0.as_ptr(), &mut reason, &mut at, &mut this, &mut next)
        };
        let longest = if next.is_null() { LONGEST as c_long } else { -1 };
        // SAFETY: inside of the response; NULL where it is not told.
        cvt(|| unsafe { sys::OCSP_check_validity(this, next, SLACK as c_long, longest) })
            .map_err(|_| OcspFault::NotNow)?;
        let (this_update, next_update) = (seconds(this)?, told_seconds(next)?);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| OcspFault::NotNow)?;
        if !is_current(this_update, next_update, now.as_secs() as i64) {
            return Err(OcspFault::NotNow);
        }
        let standing = match status {
            sys::V_OCSP_CERTSTATUS_GOOD => Standing::Good,
            sys::V_OCSP_CERTSTATUS_REVOKED => Standing::Revoked { at: seconds(at)?, reason },
            _ => Standing::Unknown,
        };
        Ok(Answer { standing, this_update, next_update })
    }
}

/// What counts of all that is said of one certificate: what has ended, or is still to come, says nothing beside what is valid now,
/// and of that the worst counts.
fn worst(
    answers: impl Iterator<Item = std::result::Result<Answer, OcspFault>>,
) -> Option<std::result::Result<Answer, OcspFault>> {
    answers.max_by_key(|answer| match answer {
        Err(OcspFault::NotNow) => 0,
        Ok(Answer { standing: Standing::Good, .. }) => 1,
        Ok(Answer { standing: Standing::Unknown, .. }) => 2,
        Ok(Answer { standing: Standing::Revoked { .. }, .. }) => 3,
        Err(_) => 4,
    })
}

/// Tells whether what is said between these seconds counts at another one. OpenSSL 3 takes a time for the right one that it had no memory to
/// compare.
fn is_current(this_update: i64, next_update: Option<i64>, now: i64) -> bool {
    let end = match next_update {
        Some(next) => next.saturating_add(SLACK),
        None => this_update.saturating_add(LONGEST),
    };
    this_update <= now.saturating_add(SLACK) && now <= end
}

fn seconds(time: *const sys::ASN1_GENERALIZEDTIME) -> std::result::Result<i64, OcspFault> {
    told_seconds(time)?.ok_or(OcspFault::Malformed)
}

/// The same where nothing need be told.
fn told_seconds(time: *const sys::ASN1_GENERALIZEDTIME) -> std::result::Result<Option<i64>, OcspFault> {
    if time.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, and inside a response that is alive.
    match unsafe { asn1::time_seconds(time.cast()) } {
        Ok(seconds) => Ok(Some(seconds)),
        Err(cause) if cause.is_memory() => Err(OcspFault::NoMemory),
        Err(_) => Err(OcspFault::Malformed),
    }
}

/// The outer response.
struct Response(NonNull<sys::OCSP_RESPONSE>);

impl Response {
    fn from_der(der: &[u8]) -> Result<Response> {
        asn1::from_der(der, |data, len| {
            // SAFETY: data and len are those of one slice.
            let response = cvt_p(|| unsafe { sys::d2i_OCSP_RESPONSE(null_mut(), data, len) })?;
            NonNull::new(response).map(Response).ok_or(Cause::Untold)
        })
    }
}

impl Drop for Response {
    fn drop(&mut self) {
        // SAFETY: the one reference we own.
        unsafe { sys::OCSP_RESPONSE_free(self.0.as_ptr()) }
    }
}

impl X509 {
    /// Tells whether its issuer wants it to be shown with an OCSP response (RFC 7633).
    pub fn must_staple(&self) -> Result<bool> {
        // SAFETY: the certificate is alive.
        unsafe { backend::ocsp::must_staple(self.as_ptr()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(der: &[u8]) -> Option<OcspFault> {
        OcspResponse::from_der(der).err()
    }

    #[test]
    fn what_is_over_or_to_come_is_not_current() {
        let now = 1_800_000_000;
        for (this_update, next_update, expected) in [
            (now, None, true),
            (now, Some(now), true),
            (now + SLACK, None, true),
            (now + SLACK + 1, None, false),
            (now - 3600, Some(now - SLACK), true),
            (now - 3600, Some(now - SLACK - 1), false),
            (now - LONGEST, None, true),
            (now - LONGEST - 1, None, false),
            (i64::MAX, Some(i64::MAX), false),
            (i64::MIN, Some(i64::MIN), false),
        ] {
            assert_eq!(is_current(this_update, next_update, now), expected, "{this_update} {next_update:?}");
        }
    }

    #[test]
    fn only_a_whole_response_with_an_answer_is_one() {
        // OCSPResponse { responseStatus: tryLater }
        let later = [0x30, 0x03, 0x0a, 0x01, 0x03];
        assert_eq!(fault(&later), Some(OcspFault::NotAnswered(3)));
        // OCSPResponse { responseStatus: successful }, and no answer.
        assert_eq!(fault(&[0x30, 0x03, 0x0a, 0x01, 0x00]), Some(OcspFault::Malformed));
        for malformed in [&b""[..], b"garbage", &later[..4], &[&later[..], &[0]].concat()] {
            assert_eq!(fault(malformed), Some(OcspFault::Malformed), "{malformed:?}");
        }
    }
}

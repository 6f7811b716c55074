//! The extensions that contain names. An extension that is missing, duplicated or cannot be parsed gives nothing.

use super::name::{Name, NameEntry};
use super::{X509, asn1, mem};
use crate::openssl::error::Cause;
use crate::openssl::{Result, cvt, cvt_p, sys, try_collect, try_copy};
use std::os::raw::{c_int, c_void};
use std::ptr::null_mut;

/// A general name.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum GeneralName {
    Email(Vec<u8>),
    Dns(Vec<u8>),
    Uri(Vec<u8>),
    Ip(Vec<u8>),
    /// A directory name: its attributes, and the same in one line as of RFC 2253.
    Directory(Vec<NameEntry>, Vec<u8>),
    /// The long name of a registered identifier, or its dotted number.
    RegisteredId(String),
    /// Any other kind, as OpenSSL prints it.
    Printed(Vec<u8>),
}

/// The purpose of an entry of the authority information access.
#[derive(Clone, Copy, Debug)]
#[repr(i32)]
pub enum AccessMethod {
    /// Asking whether the certificate is revoked.
    Ocsp = sys::NID_ad_OCSP,
    /// Fetching the issuer's certificate.
    CaIssuers = sys::NID_ad_ca_issuers,
}

impl X509 {
    /// The subject's alternative names; None without the extension.
    pub fn subject_alt_names(&self) -> Result<Option<Vec<Result<GeneralName>>>> {
        let names = Extension::of(self, sys::NID_subject_alt_name, free_general_names)?;
        let Some(names) = names else { return Ok(None) };
        // SAFETY: a live stack of general names.
        let names = unsafe { asn1::items(names.stack()) };
        // SAFETY: lent by the stack, which lives to the end of this function.
        try_collect(names.map(|name| Ok(unsafe { general_name(name) }))).map(Some)
    }

    /// The addresses of the given kind in the authority information access.
    pub fn access_uris(&self, method: AccessMethod) -> Result<Vec<Vec<u8>>> {
        let Some(access) = Extension::of(self, sys::NID_info_access, free_access)? else {
            return Ok(Vec::new());
        };
        // SAFETY: a live stack of access descriptions.
        let entries = unsafe { asn1::items(access.stack()) };
        try_collect(entries.filter_map(|entry: *const sys::ACCESS_DESCRIPTION| {
            // SAFETY: lent by the stack.
            let entry = unsafe { entry.as_ref() }?;
            // SAFETY: lent by the entry.
            let nid = unsafe { asn1::object_nid(entry.method) };
            // SAFETY: the same.
            (nid == method as c_int).then(|| unsafe { uri(entry.location) }).flatten()
        }))
    }

    /// The addresses in the full names of all distribution points of revocation lists.
    pub fn crl_distribution_uris(&self) -> Result<Vec<Vec<u8>>> {
        let Some(points) = Extension::of(self, sys::NID_crl_distribution_points, free_points)? else {
            return Ok(Vec::new());
        };
        // SAFETY: a live stack of distribution points.
        let points = unsafe { asn1::items(points.stack()) };
        // SAFETY: lent by the stack.
        try_collect(points.flat_map(|point| unsafe { full_name_uris(point) }))
    }
}

/// A parsed extension that is a stack.
struct Extension {
    stack: *mut c_void,
    free: fn(*mut c_void),
}

impl Extension {
    fn of(x509: &X509, nid: c_int, free: fn(*mut c_void)) -> Result<Option<Extension>> {
        // SAFETY: the certificate is alive; the NULLs ask for the only such extension, and not whether it is critical.
        let stack = cvt_p(|| unsafe { sys::X509_get_ext_d2i(x509.as_ptr(), nid, null_mut(), null_mut()) });
        match stack {
            Ok(stack) => Ok(Some(Extension { stack, free })),
            Err(cause) if cause.is_memory() => Err(cause),
            Err(_) => Ok(None),
        }
    }

    fn stack(&self) -> *const sys::OPENSSL_STACK {
        self.stack.cast_const().cast()
    }
}

impl Drop for Extension {
    fn drop(&mut self) {
        (self.free)(self.stack);
    }
}

fn free_general_names(names: *mut c_void) {
    // SAFETY: called once, with the result of X509_get_ext_d2i for subjectAltName.
    unsafe { sys::GENERAL_NAMES_free(names.cast()) }
}

fn free_access(access: *mut c_void) {
    // SAFETY: called once, with the result of X509_get_ext_d2i for authorityInfoAccess.
    unsafe { sys::AUTHORITY_INFO_ACCESS_free(access.cast()) }
}

fn free_points(points: *mut c_void) {
    // SAFETY: called once, with the result of X509_get_ext_d2i for cRLDistributionPoints.
    unsafe { sys::CRL_DIST_POINTS_free(points.cast()) }
}

unsafe fn general_name(pointer: *const sys::GENERAL_NAME) -> Result<GeneralName> {
    // SAFETY: the caller promises that it is alive or NULL.
    let name = unsafe { pointer.as_ref() }.ok_or(Cause::Untold)?;
    // SAFETY: it is alive; the kind is known.
    let value = unsafe { sys::GENERAL_NAME_get0_value(pointer, null_mut()) }.cast_const();
    // SAFETY: called only if the kind says that the value is a string.
    let bytes = || try_copy(unsafe { asn1::content(value.cast()) });
    match name.type_ {
        sys::GEN_EMAIL => bytes().map(GeneralName::Email),
        sys::GEN_DNS => bytes().map(GeneralName::Dns),
        sys::GEN_URI => bytes().map(GeneralName::Uri),
        sys::GEN_IPADD => bytes().map(GeneralName::Ip),
        // SAFETY: the kind says that the value is a name.
        sys::GEN_DIRNAME => directory(unsafe { Name::new(value.cast()) }),
        sys::GEN_RID => {
            // SAFETY: the kind says that the value is an object.
            let id = unsafe { asn1::object_text(value.cast()) };
            id.map(GeneralName::RegisteredId)
        }
        // SAFETY: both are alive; printing changes nothing.
        _ => mem::printed(|out| cvt(|| unsafe { sys::GENERAL_NAME_print(out, pointer.cast_mut()) }))
            .map(GeneralName::Printed),
    }
}

fn directory(name: Name<'_>) -> Result<GeneralName> {
    Ok(GeneralName::Directory(name.entries()?, name.to_rfc2253()?))
}

unsafe fn uri(name: *const sys::GENERAL_NAME) -> Option<Result<Vec<u8>>> {
    // SAFETY: the caller promises that it is alive or NULL.
    let is_uri = unsafe { name.as_ref() }?.type_ == sys::GEN_URI;
    // SAFETY: it is alive; the kind is known.
    let value = unsafe { sys::GENERAL_NAME_get0_value(name, null_mut()) }.cast_const();
    // SAFETY: the kind says that the value is a string.
    is_uri.then(|| try_copy(unsafe { asn1::content(value.cast()) }))
}

/// The addresses of one distribution point. Its name may be missing, or relative to the issuer's: then the union does not
/// hold general names.
unsafe fn full_name_uris(point: *const sys::DIST_POINT) -> impl Iterator<Item = Result<Vec<u8>>> {
    const FULL_NAME: c_int = 0;
    // SAFETY: the caller promises that it is alive or NULL.
    let name = unsafe { point.as_ref() }.map_or(std::ptr::null(), |point| point.distpoint.cast_const());
    // SAFETY: alive as the point is, or NULL.
    let name = unsafe { name.as_ref() }.filter(|name| name.type_ == FULL_NAME);
    // SAFETY: the kind says that this is the member in use.
    let names = name.map_or(std::ptr::null(), |name| unsafe { name.name.fullname }.cast_const());
    // SAFETY: NULL or a live stack of general names.
    let names = unsafe { asn1::items(names.cast()) };
    // SAFETY: lent by the stack.
    names.filter_map(|name| unsafe { uri(name) })
}

//! Object identifiers.

use super::error::text_of;
use super::{Result, cvt_p, library, quietly, sys};
use std::ffi::CStr;
use std::os::raw::c_int;
use std::ptr::NonNull;

/// OpenSSL's number for anything that it has no number for.
pub const UNDEFINED: c_int = 0;

/// An object identifier, registered with OpenSSL or not.
pub struct Asn1Object(NonNull<sys::ASN1_OBJECT>);

impl Asn1Object {
    /// Reads dotted numbers and, unless `no_name`, a registered short or long name.
    pub fn from_text(text: &CStr, no_name: bool) -> Result<Asn1Object> {
        library::init()?;
        // SAFETY: the text ends in NUL; what comes back is ours to free.
        let object = cvt_p(|| unsafe { sys::OBJ_txt2obj(text.as_ptr(), c_int::from(no_name)) })?;
        NonNull::new(object).map(Asn1Object).ok_or(None)
    }

    /// Finds a registered one by OpenSSL's number.
    pub fn from_nid(nid: c_int) -> Result<Asn1Object> {
        library::init()?;
        // SAFETY: any number is allowed; the static result may be freed, which does nothing.
        let object = cvt_p(|| unsafe { sys::OBJ_nid2obj(nid) })?;
        NonNull::new(object).map(Asn1Object).ok_or(None)
    }

    /// OpenSSL's number; [`UNDEFINED`] if it is not registered.
    pub fn nid(&self) -> c_int {
        // SAFETY: the object is alive.
        unsafe { sys::OBJ_obj2nid(self.0.as_ptr()) }
    }

    /// The dotted numbers; None for a registered name that has none.
    pub fn oid(&self) -> Option<String> {
        // SAFETY: the object is alive; a NULL buffer of size 0 asks for the length.
        let len = unsafe { sys::OBJ_obj2txt(std::ptr::null_mut(), 0, self.0.as_ptr(), 1) };
        let mut text = vec![0u8; usize::try_from(len).ok().filter(|len| *len > 0)? + 1];
        // SAFETY: the object is alive; the buffer holds its text and the NUL.
        unsafe { sys::OBJ_obj2txt(text.as_mut_ptr().cast(), len + 1, self.0.as_ptr(), 1) };
        text.pop();
        String::from_utf8(text).ok()
    }
}

impl Drop for Asn1Object {
    fn drop(&mut self) {
        // SAFETY: made by OpenSSL, which ignores the static ones.
        unsafe { sys::ASN1_OBJECT_free(self.0.as_ptr()) }
    }
}

/// The number of a registered short name; [`UNDEFINED`] for any other.
pub fn short_name_number(name: &CStr) -> c_int {
    // SAFETY: the text ends in NUL.
    quietly(|| unsafe { sys::OBJ_sn2nid(name.as_ptr()) })
}

/// The short name of a registered number.
pub fn short_name(nid: c_int) -> Option<String> {
    // SAFETY: any number is allowed.
    text_of(quietly(|| unsafe { sys::OBJ_nid2sn(nid) }))
}

/// The long name of a registered number.
pub fn long_name(nid: c_int) -> Option<String> {
    // SAFETY: any number is allowed.
    text_of(quietly(|| unsafe { sys::OBJ_nid2ln(nid) }))
}

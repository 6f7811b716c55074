//! Object identifiers.

use crate::ffi::boundary::{call, output, text};
use crate::ffi::bytes::c_text;
use crate::ssl::{Asn1Object, Error, Status};
use std::ffi::{c_char, c_int};

/// Python: the record behind Purpose. All text is static. oid is NULL for the few objects without a number.
#[repr(C)]
pub struct RawAsn1Object {
    pub nid: c_int,
    pub shortname: *const c_char,
    pub longname: *const c_char,
    pub oid: *const c_char,
}

impl From<Asn1Object> for RawAsn1Object {
    fn from(object: Asn1Object) -> RawAsn1Object {
        RawAsn1Object {
            nid: object.nid,
            shortname: object.shortname.as_ptr(),
            longname: object.longname.as_ptr(),
            oid: c_text(object.oid),
        }
    }
}

/// Looks an object identifier up: "1.3.6.1.5.5.7.3.1", and with name also "serverAuth" or a long name.
/// Returns: VALUE for an unknown one.
/// Python: txt2obj(txt, name)
/// OpenSSL: OBJ_txt2obj
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_txt2obj(
    txt: *const c_char,
    name: bool,
    object: *mut RawAsn1Object,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let (txt, object) = (text(txt, "txt")?, output(object, "object")?);
        object.set(crate::ssl::txt2obj(txt, name)?.into());
        Ok(())
    })
}

/// Looks an object identifier up by OpenSSL's number.
/// Returns: VALUE for an unknown one.
/// Python: nid2obj(nid)
/// OpenSSL: OBJ_nid2obj
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_nid2obj(
    nid: c_int,
    object: *mut RawAsn1Object,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        output(object, "object")?.set(crate::ssl::nid2obj(nid)?.into());
        Ok(())
    })
}

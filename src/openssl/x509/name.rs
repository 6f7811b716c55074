//! Distinguished names.

use crate::openssl::error::Entry;
use crate::openssl::{Result, asn1, length, mem, sys, try_collect, try_copy};
use std::marker::PhantomData;
use std::os::raw::c_int;

/// One attribute of a name.
#[derive(Clone, Debug)]
pub struct NameEntry {
    /// OpenSSL's long name of the attribute, or its dotted number.
    pub object: String,
    /// Its value.
    pub value: NameValue,
    /// The number of the set it is in: neighbours with the same number form one set.
    pub set: c_int,
}

/// The value of an attribute.
#[derive(Clone, Debug)]
pub enum NameValue {
    /// Text of any character set, converted to UTF-8 as far as OpenSSL checks it. It may hold NULs.
    Text(Vec<u8>),
    /// The bytes of a BIT STRING.
    Bits(Vec<u8>),
    /// The bytes of a string that OpenSSL cannot convert, and why.
    Unreadable(Vec<u8>, Option<Entry>),
}

/// A name, lent by its owner.
pub(super) struct Name<'a>(*const sys::X509_NAME, PhantomData<&'a ()>);

impl Name<'_> {
    /// Borrows a name, which must live as long as the result.
    pub(super) unsafe fn new<'a>(name: *const sys::X509_NAME) -> Name<'a> {
        Name(name, PhantomData)
    }

    /// The attributes in order.
    pub(super) fn entries(&self) -> Result<Vec<NameEntry>> {
        // SAFETY: the name is alive.
        let count = unsafe { sys::X509_NAME_entry_count(self.0) };
        try_collect((0..count).map(|index| self.entry(index)))
    }

    fn entry(&self, index: c_int) -> Result<NameEntry> {
        // SAFETY: the name is alive, and out of range would be NULL.
        let entry = unsafe { sys::X509_NAME_get_entry(self.0, index) };
        // SAFETY: in range, so it is an entry of the name.
        let object = unsafe { sys::X509_NAME_ENTRY_get_object(entry) };
        // SAFETY: the same.
        let data = unsafe { sys::X509_NAME_ENTRY_get_data(entry) };
        // SAFETY: the same.
        let set = unsafe { sys::X509_NAME_ENTRY_set(entry) };
        // SAFETY: both are lent by the entry.
        let object = unsafe { asn1::object_text(object) }?;
        // SAFETY: the same.
        let value = unsafe { value(data) }?;
        Ok(NameEntry { object, value, set })
    }

    /// The name in one line of ASCII, as in RFC 2253.
    pub(super) fn to_rfc2253(&self) -> Result<Vec<u8>> {
        mem::printed(|out| {
            // SAFETY: both are alive. The result is a length, which is 0 for the empty name.
            length(|| unsafe { sys::X509_NAME_print_ex(out, self.0, 0, sys::XN_FLAG_RFC2253) }).map(|_| ())
        })
    }
}

unsafe fn value(data: *const sys::ASN1_STRING) -> Result<NameValue> {
    // SAFETY: the caller promises that it is alive; so below.
    let bytes = || try_copy(unsafe { asn1::content(data) });
    // SAFETY: as above.
    if unsafe { asn1::string_type(data) } == sys::V_ASN1_BIT_STRING {
        return bytes().map(NameValue::Bits);
    }
    // SAFETY: as above.
    match unsafe { asn1::to_utf8(data) } {
        Ok(text) => Ok(NameValue::Text(text)),
        Err(Some(entry)) if entry.is_memory() => Err(Some(entry)),
        Err(entry) => Ok(NameValue::Unreadable(bytes()?, entry)),
    }
}

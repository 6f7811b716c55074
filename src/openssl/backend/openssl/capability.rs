//! What the providers say they add to TLS: groups for key exchange, and signature algorithms.

pub use crate::openssl::group::Group;

use crate::openssl::{Result, cvt, error::Entry, library, quietly, sys};
use std::ffi::CStr;
use std::os::raw::{c_char, c_int, c_uint, c_void};
use std::ptr::null_mut;

/// What is collected, and the capability that is asked for.
struct Search<'a, T> {
    capability: &'static CStr,
    read: fn(&Params<'_>) -> Option<T>,
    found: &'a mut Vec<T>,
    /// There was no memory for all.
    is_short: bool,
}

/// The values that a provider tells of one capability.
struct Params<'a>(&'a *const sys::OSSL_PARAM);

/// Longer than any name of TLS.
const LONGEST_NAME: usize = 128;

impl Params<'_> {
    fn find(&self, key: &CStr) -> Option<*const sys::OSSL_PARAM> {
        // SAFETY: the provider's list, which ends with an entry without key.
        let found = unsafe { sys::OSSL_PARAM_locate_const(*self.0, key.as_ptr()) };
        (!found.is_null()).then_some(found)
    }

    fn name(&self, key: &CStr) -> Option<String> {
        let mut name = [0; LONGEST_NAME];
        let mut place: *mut c_char = name.as_mut_ptr().cast();
        let param = self.find(key)?;
        // SAFETY: one entry of that list; the place has the given size.
        let read = quietly(|| unsafe { sys::OSSL_PARAM_get_utf8_string(param, &mut place, LONGEST_NAME) });
        let name = CStr::from_bytes_until_nul(&name).ok().filter(|_| read == 1)?;
        name.to_str().ok().map(String::from)
    }

    fn number(&self, key: &CStr) -> Option<u32> {
        let (param, mut number): (_, c_uint) = (self.find(key)?, 0);
        // SAFETY: one entry of that list; the place is ours.
        (quietly(|| unsafe { sys::OSSL_PARAM_get_uint(param, &mut number) }) == 1).then_some(number)
    }

    fn version(&self, key: &CStr) -> i32 {
        let mut version: c_int = 0;
        let Some(param) = self.find(key) else { return 0 };
        // SAFETY: one entry of that list; the place is ours.
        quietly(|| unsafe { sys::OSSL_PARAM_get_int(param, &mut version) });
        version
    }
}

/// All groups that the providers have, as they list them: a group comes once for each of its names.
pub fn groups() -> Result<Vec<Group>> {
    search(c"TLS-GROUP", |params| {
        let versions = (params.version(c"tls-min-tls"), params.version(c"tls-max-tls"));
        Some(Group { name: params.name(c"tls-group-name")?, id: params.number(c"tls-group-id")?, versions })
    })
}

/// The names of the signature algorithms that the providers add to those built into libssl.
pub fn sigalgs() -> Result<Vec<String>> {
    search(c"TLS-SIGALG", |params| params.name(c"tls-sigalg-iana-name"))
}

fn search<T>(capability: &'static CStr, read: fn(&Params<'_>) -> Option<T>) -> Result<Vec<T>> {
    library::init()?;
    let mut found = Vec::new();
    let mut search = Search { capability, read, found: &mut found, is_short: false };
    // SAFETY: the search is alive during the call, and `ask` casts it back to its type.
    cvt(|| unsafe { sys::OSSL_PROVIDER_do_all(null_mut(), Some(ask::<T>), (&raw mut search).cast()) })?;
    if search.is_short {
        return Err(Entry::memory().into());
    }
    Ok(found)
}

unsafe extern "C" fn ask<T>(provider: *mut sys::OSSL_PROVIDER, search: *mut c_void) -> c_int {
    // SAFETY: the search of the caller, which nothing else uses meanwhile.
    let capability = unsafe { &*search.cast::<Search<'_, T>>() }.capability.as_ptr();
    // A provider that lacks the capability is no failure.
    // SAFETY: the provider is alive; `take` casts the search back to its type.
    quietly(|| unsafe { sys::OSSL_PROVIDER_get_capabilities(provider, capability, Some(take::<T>), search) });
    1
}

unsafe extern "C" fn take<T>(params: *const sys::OSSL_PARAM, search: *mut c_void) -> c_int {
    // SAFETY: the search of the caller, which nothing else uses meanwhile.
    let search = unsafe { &mut *search.cast::<Search<'_, T>>() };
    let Some(one) = (search.read)(&Params(&params)) else { return 1 };
    search.is_short = search.is_short || search.found.try_reserve(1).is_err();
    if !search.is_short {
        search.found.push(one);
    }
    1
}

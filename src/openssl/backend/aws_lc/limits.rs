//! What a security level leaves of what a connection may use. AWS-LC knows no levels, so each connection gets what is left.

use super::health::bar_unless;
use super::rules::level::{
    DEFAULT_GROUPS, DEFAULT_SIGNATURE_ALGORITHMS, DEFAULT_SIGNING_ALGORITHMS, FIRST_SAFE, Level, groups_of,
};
use super::{choice, settings};
use crate::openssl::error::{Cause, Entry, LIB_SSL};
use crate::openssl::{Result, asn1, cvt, obj, sys, text_at};
use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_int};
use std::ptr::null_mut;

/// TLS 1.3
const NEWEST: u16 = 0x304;
const SSL_R_NO_SHARED_CIPHER: c_int = 193;
const SSL_R_UNSUPPORTED_PROTOCOL: c_int = 258;
const SSL_R_NO_SUITABLE_GROUPS: c_int = 295;
const SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM: c_int = 118;

/// Takes from a connection that was just made what its level does not allow. The program has chosen one group, by OpenSSL's number, or
/// several, by its names, or signature algorithms, by theirs.
pub unsafe fn apply(
    ssl: *mut sys::SSL,
    group: Option<c_int>,
    groups: Option<&CStr>,
    sigalgs: Option<&CStr>,
) -> Result<()> {
    // SAFETY: the caller's connection is alive; so below.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return Err(Cause::Untold) };
    settings.chosen.groups.replace(chosen_groups(group, groups));
    settings.chosen.sigalgs.replace(sigalgs.map(ToOwned::to_owned));
    // SAFETY: as above.
    unsafe { apply_level(ssl) }
}

/// Takes from a connection what its present level does not allow, of all that was chosen for it.
pub(super) unsafe fn apply_level(ssl: *mut sys::SSL) -> Result<()> {
    // SAFETY: the caller's connection is alive; so below.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return Err(Cause::Untold) };
    // SAFETY: as above.
    let level = Level::new(unsafe { settings::security_level(ssl) });
    // SAFETY: as above.
    let limited = unsafe { limit_ciphers(ssl, level) };
    // SAFETY: as above.
    unsafe { bar_unless(ssl, limited) }?;
    let groups = settings.chosen.groups.borrow();
    // SAFETY: as above.
    let limited = unsafe { limit_groups(ssl, level, &groups) };
    // SAFETY: as above.
    unsafe { bar_unless(ssl, limited) }?;
    let sigalgs = settings.chosen.sigalgs.borrow();
    // SAFETY: as above.
    let limited = unsafe { limit_signatures(ssl, level, sigalgs.as_deref()) };
    // SAFETY: as above.
    unsafe { bar_unless(ssl, limited) }?;
    if !level.allows_tickets() {
        // SAFETY: as above.
        unsafe { settings::add_options(ssl, sys::SSL_OP_NO_TICKET) };
    }
    Ok(())
}

/// Leaves the versions and ciphers that are allowed.
unsafe fn limit_ciphers(ssl: *mut sys::SSL, level: Level) -> Result<()> {
    // SAFETY: the caller's connection is alive; so below.
    unsafe { limit_versions(ssl, level) }?;
    // SAFETY: as above.
    let (newer, older): (Vec<_>, Vec<_>) =
        unsafe { ciphers(ssl) }.into_iter().partition(|cipher| cipher.is_newer);
    // SAFETY: as above.
    unsafe { limit_older(ssl, level, &older) }?;
    // SAFETY: as above.
    unsafe { limit_newer(ssl, level, &newer) }
}

/// Begins with the first version that is allowed.
unsafe fn limit_versions(ssl: *mut sys::SSL, level: Level) -> Result<()> {
    // SAFETY: the caller's connection is alive; so below.
    let lowest = unsafe { sys::SSL_get_min_proto_version(ssl) };
    if level.allows_version(lowest) {
        return Ok(());
    }
    // SAFETY: as above.
    cvt(|| unsafe { sys::SSL_set_min_proto_version(ssl, c_int::from(FIRST_SAFE)) })
}

/// A cipher of a connection.
struct Enabled {
    /// OpenSSL's name, which TLS 1.3 shares with the standard.
    name: &'static str,
    is_newer: bool,
    bits: u32,
}

impl Enabled {
    fn is_allowed(&self, level: Level) -> bool {
        match self.is_newer {
            true => level.allows_tls1_3_cipher(self.bits),
            false => level.allows_cipher(self.name),
        }
    }
}

unsafe fn ciphers(ssl: *mut sys::SSL) -> Vec<Enabled> {
    // SAFETY: the caller's connection is alive.
    let list = unsafe { sys::SSL_get_ciphers(ssl) };
    // SAFETY: NULL or the connection's own list.
    let list = unsafe { asn1::items::<sys::SSL_CIPHER>(list.cast()) };
    // SAFETY: the elements are static ciphers.
    list.map(|cipher| unsafe { enabled(cipher) }).collect()
}

unsafe fn enabled(cipher: *const sys::SSL_CIPHER) -> Enabled {
    // SAFETY: the caller's cipher is static, and so are its texts; so below.
    let is_newer = unsafe { sys::SSL_CIPHER_get_min_version(cipher) } >= NEWEST;
    // SAFETY: as above.
    let bits = unsafe { sys::SSL_CIPHER_get_bits(cipher, null_mut()) };
    let naming = if is_newer { sys::SSL_CIPHER_standard_name } else { sys::SSL_CIPHER_get_name };
    // SAFETY: as above.
    let name: *const c_char = unsafe { naming(cipher) };
    // SAFETY: as above.
    let name = unsafe { text_at::<'static>(name) }.and_then(|name| name.to_str().ok());
    Enabled { name: name.unwrap_or_default(), is_newer, bits: u32::try_from(bits).unwrap_or(0) }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> Result<CString> {
    CString::new(names.collect::<Vec<_>>().join(":")).map_err(|_| Cause::Untold)
}

/// Leaves the ciphers of TLS 1.2 and below that are allowed; without any, these versions cannot be spoken.
unsafe fn limit_older(ssl: *mut sys::SSL, level: Level, ciphers: &[Enabled]) -> Result<()> {
    let allowed = || ciphers.iter().filter(|cipher| cipher.is_allowed(level)).map(|cipher| cipher.name);
    match allowed().count() {
        all if all == ciphers.len() => Ok(()),
        // SAFETY: the caller's connection is alive.
        0 => cvt(|| unsafe { sys::SSL_set_min_proto_version(ssl, c_int::from(NEWEST)) }),
        _ => {
            let list = listed(allowed())?;
            // SAFETY: the caller's connection is alive; the text ends in NUL.
            cvt(|| unsafe { sys::SSL_set_strict_cipher_list(ssl, list.as_ptr()) })
        }
    }
}

/// The same of TLS 1.3.
unsafe fn limit_newer(ssl: *mut sys::SSL, level: Level, ciphers: &[Enabled]) -> Result<()> {
    let allowed = || ciphers.iter().filter(|cipher| cipher.is_allowed(level));
    match allowed().count() {
        all if all == ciphers.len() => Ok(()),
        // SAFETY: the caller's connection is alive.
        0 => cvt(|| unsafe { sys::SSL_set_max_proto_version(ssl, FIRST_SAFE) }),
        _ => {
            let list = listed(allowed().map(|cipher| cipher.name))?;
            // SAFETY: the caller's connection is alive; the text ends in NUL.
            cvt(|| unsafe { sys::SSL_set_ciphersuites(ssl, list.as_ptr()) })
        }
    }
}

fn chosen_groups(group: Option<c_int>, groups: Option<&CStr>) -> Vec<u16> {
    let named = match (group, groups) {
        (Some(number), _) => obj::short_name(number),
        (None, Some(names)) => Some(names.to_string_lossy().into_owned()),
        (None, None) => None,
    };
    named.map_or_else(|| DEFAULT_GROUPS.to_vec(), |names| groups_of(&names))
}

/// Leaves the groups that are allowed; without any, no key could be exchanged.
unsafe fn limit_groups(ssl: *mut sys::SSL, level: Level, groups: &[u16]) -> Result<()> {
    let allowed: Vec<u16> = groups.iter().copied().filter(|group| level.allows_group(*group)).collect();
    match allowed.len() {
        all if all == groups.len() && all > 0 => Ok(()),
        0 => Err(Entry::of(LIB_SSL, SSL_R_NO_SUITABLE_GROUPS).into()),
        // SAFETY: the caller's connection is alive; it copies the list.
        count => cvt(|| unsafe { sys::SSL_set1_group_ids(ssl, allowed.as_ptr(), count) }),
    }
}

/// Leaves the signature algorithms, of the peer and of this side, that are allowed. The program may have chosen some by their names;
/// without any that is left nothing could be signed.
unsafe fn limit_signatures(ssl: *mut sys::SSL, level: Level, chosen: Option<&CStr>) -> Result<()> {
    let Some(chosen) = chosen else {
        // SAFETY: the caller's connection is alive.
        return unsafe { limit_default_signatures(ssl, level) };
    };
    let names = chosen.to_str().map_err(|_| Cause::Untold)?;
    let allowed: Vec<&str> = names.split(':').filter(|name| level.allows_signature_name(name)).collect();
    if allowed.is_empty() {
        return Err(Entry::of(LIB_SSL, SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM).into());
    }
    // SAFETY: the caller's connection is alive.
    if let Some(settings) = unsafe { settings::of(ssl) } {
        settings.own().sign_by(|| choice::numbers(allowed.iter().copied(), &DEFAULT_SIGNING_ALGORITHMS));
    }
    let list = listed(allowed.into_iter())?;
    // SAFETY: the caller's connection is alive; the text ends in NUL.
    cvt(|| unsafe { sys::SSL_set1_sigalgs_list(ssl, list.as_ptr()) })
}

unsafe fn limit_default_signatures(ssl: *mut sys::SSL, level: Level) -> Result<()> {
    let allowed = |known: &[u16]| -> Vec<u16> {
        known.iter().copied().filter(|algorithm| level.allows_signature_algorithm(*algorithm)).collect()
    };
    let (taken, made) = (allowed(&DEFAULT_SIGNATURE_ALGORITHMS), allowed(&DEFAULT_SIGNING_ALGORITHMS));
    // SAFETY: the caller's connection is alive; it copies the list; so below.
    cvt(|| unsafe { sys::SSL_set_verify_algorithm_prefs(ssl, taken.as_ptr(), taken.len()) })?;
    // SAFETY: as above.
    cvt(|| unsafe { sys::SSL_set_signing_algorithm_prefs(ssl, made.as_ptr(), made.len()) })?;
    // SAFETY: as above.
    if let Some(settings) = unsafe { settings::of(ssl) } {
        // The order is OpenSSL's.
        let others = made.iter().copied().filter(|algorithm| !taken.contains(algorithm));
        let known = taken.iter().copied().filter(|algorithm| made.contains(algorithm));
        settings.own().sign_by(|| known.chain(others).collect());
    }
    Ok(())
}

/// Why a handshake that has just ended does not count, by a reason of libssl: a version, a cipher or a group that was agreed on before
/// another context raised the level.
pub(super) unsafe fn objection(ssl: *mut sys::SSL) -> Option<c_int> {
    // SAFETY: the caller's connection is alive; so below.
    let level = Level::new(unsafe { settings::security_level(ssl) });
    // SAFETY: as above.
    let version = unsafe { sys::SSL_version(ssl) };
    if !u16::try_from(version).is_ok_and(|version| level.allows_version(version)) {
        return Some(SSL_R_UNSUPPORTED_PROTOCOL);
    }
    // SAFETY: as above.
    let cipher = unsafe { sys::SSL_get_current_cipher(ssl) };
    // SAFETY: not NULL, and static.
    if cipher.is_null() || !unsafe { enabled(cipher) }.is_allowed(level) {
        return Some(SSL_R_NO_SHARED_CIPHER);
    }
    // SAFETY: as above. A session of TLS 1.2 that is resumed exchanges no keys.
    let is_resumed = version < sys::TLS1_3_VERSION && unsafe { sys::SSL_session_reused(ssl) } != 0;
    // SAFETY: as above; 0 for none.
    let group = unsafe { sys::SSL_get_group_id(ssl) };
    let is_bad = group != 0 && !is_resumed && !level.allows_group(group);
    is_bad.then_some(SSL_R_NO_SUITABLE_GROUPS)
}

/// A connection has got another context, whose certificates and signature algorithms AWS-LC takes over, but no level: the higher one
/// counts, for all that is still to be chosen.
pub unsafe fn apply_after_switch(
    ssl: *mut sys::SSL,
    ctx: *mut sys::SSL_CTX,
    sigalgs: Option<&CStr>,
) -> Result<()> {
    // SAFETY: both are alive, as the caller promises; so below.
    let own = unsafe { settings::security_level(ssl) };
    // SAFETY: as above.
    let level = own.max(unsafe { settings::context_level(ctx) });
    // SAFETY: as above.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return Err(Cause::Untold) };
    settings.set_level(level);
    settings.chosen.sigalgs.replace(sigalgs.map(ToOwned::to_owned));
    // SAFETY: as above.
    match unsafe { sys::SSL_in_init(ssl) } {
        // Nothing more is chosen.
        0 => Ok(()),
        // SAFETY: as above.
        _ => unsafe { apply_level(ssl) },
    }
}

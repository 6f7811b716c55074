//! What a verification is told of the connection that asks for it.

use super::expected::{Expected, public_name};
use super::settings;
use crate::openssl::error::Cause;
use crate::openssl::{Result, sys};

/// The connection that asks, or NULL.
pub(super) unsafe fn connection(ctx: *mut sys::X509_STORE_CTX) -> *mut sys::SSL {
    // SAFETY: no preconditions.
    let slot = unsafe { sys::SSL_get_ex_data_X509_STORE_CTX_idx() };
    // SAFETY: the caller's verification is alive; libssl keeps the connection in that slot.
    unsafe { sys::X509_STORE_CTX_get_ex_data(ctx, slot) }.cast()
}

/// Has a verification look for the names of a connection. Another time changes nothing.
pub(super) unsafe fn expect_names(ctx: *mut sys::X509_STORE_CTX, ssl: *mut sys::SSL) -> Result<()> {
    // SAFETY: the caller's connection is alive.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return Err(Cause::Untold) };
    // SAFETY: the caller's verification is alive and has not begun; so below.
    let param = unsafe { sys::X509_STORE_CTX_get0_param(ctx) };
    // SAFETY: the connection's parameters live as long; so below.
    let own = unsafe { sys::SSL_get0_param(ssl) };
    // AWS-LC hands the flags for names on only with names.
    // SAFETY: as above.
    let flags = unsafe { sys::X509_VERIFY_PARAM_get_hostflags(own) };
    // SAFETY: as above.
    unsafe { sys::X509_VERIFY_PARAM_set_hostflags(param, flags) };
    // A server that has not decrypted the ClientHello proves itself for another name (RFC 9849, 6.1.6).
    // SAFETY: as above.
    match unsafe { public_name(ssl) } {
        // SAFETY: as above.
        Some(public) => unsafe { Expected::public(public).tell(param) },
        // SAFETY: as above.
        None => unsafe { settings.expected().tell(param) },
    }
}

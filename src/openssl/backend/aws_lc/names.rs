//! For whom a peer's certificate has to be. AWS-LC does not tell what it was told, and cannot be told to forget it: so a
//! connection's settings have it, and each verification is told.

use super::expected::{Expected, public_name};
use super::settings::{self, Settings};
use crate::openssl::error::Cause;
use crate::openssl::{Result, sys};
use std::ffi::CStr;
use std::net::IpAddr;

unsafe fn expected<'a>(ssl: *mut sys::SSL) -> Result<&'a Expected> {
    // SAFETY: the caller's connection is alive.
    unsafe { settings::of(ssl) }.map(Settings::expected).ok_or(Cause::Untold)
}

/// Has the peer's certificate be for whatever it is for.
pub unsafe fn expect_nobody(ssl: *mut sys::SSL) -> Result<()> {
    // SAFETY: the caller's connection is alive.
    let expected = unsafe { expected(ssl) }?;
    expected.hosts.borrow_mut().clear();
    expected.address.borrow_mut().clear();
    Ok(())
}

/// Adds a DNS name for which the peer's certificate may be.
pub unsafe fn expect_host_or(ssl: *mut sys::SSL, name: &CStr) -> Result<()> {
    // SAFETY: the caller's connection is alive.
    unsafe { expected(ssl) }?.hosts.borrow_mut().push(name.to_bytes().into());
    Ok(())
}

/// Sets the address the peer's certificate must be for.
pub unsafe fn expect_ip(ssl: *mut sys::SSL, octets: &[u8]) -> Result<()> {
    // SAFETY: the caller's connection is alive.
    *unsafe { expected(ssl) }?.address.borrow_mut() = octets.to_vec();
    Ok(())
}

/// Calls `visit` with each DNS name: with the one in clear where a server has not decrypted the ClientHello.
pub unsafe fn each_host(ssl: *mut sys::SSL, mut visit: impl FnMut(&[u8])) {
    // SAFETY: the caller's connection is alive; so below.
    if let Some(public) = unsafe { public_name(ssl) } {
        return visit(public);
    }
    // SAFETY: the caller's connection is alive.
    if let Ok(expected) = unsafe { expected(ssl) } {
        expected.hosts.borrow().iter().map(|host| &**host).for_each(visit);
    }
}

/// Calls `visit` with the address as text, empty for none.
pub unsafe fn address(ssl: *mut sys::SSL, visit: impl FnOnce(&[u8])) {
    // SAFETY: the caller's connection is alive; so below.
    if unsafe { public_name(ssl) }.is_some() {
        return visit(b"");
    }
    // SAFETY: as above.
    let octets =
        unsafe { expected(ssl) }.map(|expected| expected.address.borrow().clone()).unwrap_or_default();
    let address = match (<[u8; 4]>::try_from(&octets[..]), <[u8; 16]>::try_from(&octets[..])) {
        (Ok(octets), _) => IpAddr::from(octets).to_string(),
        (_, Ok(octets)) => IpAddr::from(octets).to_string(),
        _ => String::new(),
    };
    visit(address.as_bytes());
}

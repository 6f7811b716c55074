//! What the trusted certificates of a verification are trusted for, which their DER does not say.

use super::rules::trust::{PeerUse, Standing, overlooked};
use crate::openssl::der::{SEQUENCE, element};
use crate::openssl::{Result, cvt, sys, x509::X509};
use std::os::raw::c_int;

/// What the peer of a connection has to be trusted for.
pub(super) unsafe fn peer_use(ssl: *mut sys::SSL) -> PeerUse {
    // SAFETY: the caller's connection is alive.
    if unsafe { sys::SSL_is_server(ssl) } != 0 { PeerUse::Client } else { PeerUse::Server }
}

/// A certificate's DER, and what it is trusted and rejected for: nothing for one that the peer has shown.
pub(super) fn parts(x509: &X509) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut der = x509.to_trusted_der()?;
    let behind = element(&der, SEQUENCE).map_or(0, |(_, behind)| behind.len());
    let behind = der.split_off(der.len() - behind);
    Ok((der, behind))
}

/// What AWS-LC is to get in place of a trusted certificate of which it would not find out that it is trusted for a use; None where
/// it would. No chain of its own ends there unless chains may end anywhere.
pub(super) fn told(x509: &X509, wanted: PeerUse) -> Result<Option<X509>> {
    let (der, behind) = parts(x509)?;
    let Some(standing @ (Standing::Trusted | Standing::Open)) = overlooked(&behind, wanted) else {
        return Ok(None);
    };
    // Of a copy nothing is said.
    let copy = X509::from_der(&der)?;
    if standing == Standing::Trusted {
        let kind: c_int = match wanted {
            PeerUse::Server => sys::NID_server_auth,
            PeerUse::Client => sys::NID_client_auth,
        };
        // SAFETY: no preconditions; the object is static.
        let kind = unsafe { sys::OBJ_nid2obj(kind) };
        // SAFETY: the copy is ours alone, and copies the object.
        cvt(|| unsafe { sys::X509_add1_trust_object(copy.as_ptr(), kind) })?;
    }
    Ok(Some(copy))
}

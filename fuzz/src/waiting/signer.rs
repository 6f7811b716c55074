//! Identities whose signers have no answer yet: the key is libcrypto's own, so that signing takes no process.

use super::answers::{CLIENT_SIGNATURE, JUNK, SERVER_SIGNATURE, present};
use crate::c::*;
use crate::call::give;
use crate::certs;
use crate::handle::Handle;
use crate::libcrypto::sign;
use std::ffi::{c_char, c_int, c_void};

/// The name of the certificate that a side signs for.
fn name(server: bool) -> &'static str {
    if server { "ecdsa" } else { "client" }
}

unsafe extern "C" fn ask(
    userdata: *mut c_void,
    algorithm: *const c_char,
    digest: *const c_char,
    data: *const u8,
    data_len: usize,
    signature: *mut u8,
    size: usize,
    signature_len: *mut usize,
    _: *mut *mut tlsock_error,
) -> c_int {
    let server = !userdata.is_null();
    let answer = present(|answers| answers.give(if server { SERVER_SIGNATURE } else { CLIENT_SIGNATURE }));
    if answer != TLSOCK_OK && answer != JUNK {
        return answer;
    }
    // SAFETY: lent for the time of this call, with the lengths given.
    unsafe {
        assert!(!algorithm.is_null() && !digest.is_null());
        let (data, signature) =
            (std::slice::from_raw_parts(data, data_len), std::slice::from_raw_parts_mut(signature, size));
        let other = vec![7; data.len()];
        let signed = if answer == JUNK { &other } else { data };
        signature_len.write(sign(certs::read(&format!("{}.key", name(server))), signed, signature));
    }
    TLSOCK_OK
}

/// The identity of a side, whose signer asks before it signs.
pub fn identity(server: bool) -> Handle<tlsock_identity> {
    let chain = certs::read(&format!("{}.pem", name(server)));
    let userdata = std::ptr::without_provenance_mut(usize::from(server));
    // SAFETY: bytes of the length given; the callback stays.
    let made = give("identity_new_signer", |out, error| unsafe {
        let (data, flags) = (chain.as_ptr().cast(), SIGNER_MAY_WAIT);
        tlsock_identity_new_signer(data, chain.len(), flags, Some(ask), userdata, None, out, error)
    });
    // SAFETY: ours.
    unsafe { Handle::new(made.expect("an identity")) }.expect("a handle")
}

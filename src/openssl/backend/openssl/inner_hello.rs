//! The ClientHello that a server has decrypted (RFC 9849). libssl shows the encrypted one to message callbacks, and the
//! decrypted one by its parts alone.

use crate::openssl::error::Entry;
use crate::openssl::lent::Lent;
use crate::openssl::{Result, bytes_at, cvt, sys};
use std::os::raw::c_uint;
use std::ptr::{null, null_mut};

/// The type of the message.
pub const CLIENT_HELLO: u8 = 1;

type GetBytes = unsafe extern "C" fn(ssl: *mut sys::SSL, data: *mut *const u8) -> usize;

impl Lent<'_> {
    /// The ClientHello that libssl is looking at, as a message from its type on: with the extensions that it knows, in their
    /// order.
    pub fn inner_client_hello(&self) -> Result<Vec<u8>> {
        // SAFETY: the connection is alive; so below.
        let version = unsafe { sys::SSL_client_hello_get0_legacy_version(self.as_ptr()) } as u16;
        let mut body = version.to_be_bytes().to_vec();
        body.extend_from_slice(self.part_of_hello(sys::SSL_client_hello_get0_random));
        counted(&mut body, 1, |body| body.extend(self.part_of_hello(sys::SSL_client_hello_get0_session_id)))?;
        counted(&mut body, 2, |body| body.extend(self.part_of_hello(sys::SSL_client_hello_get0_ciphers)))?;
        counted(&mut body, 1, |body| {
            body.extend(self.part_of_hello(sys::SSL_client_hello_get0_compression_methods));
        })?;
        let extensions = self.extensions_of_hello()?;
        counted(&mut body, 2, |body| body.extend(extensions))?;
        let mut message = vec![CLIENT_HELLO];
        counted(&mut message, 3, |message| message.extend(body))?;
        Ok(message)
    }

    fn part_of_hello(&self, get: GetBytes) -> &[u8] {
        let mut data = null();
        // SAFETY: the connection is alive; the place is ours.
        let len = unsafe { get(self.as_ptr(), &mut data) };
        // SAFETY: libssl gives that many bytes, and keeps them while it looks at the ClientHello.
        unsafe { bytes_at(data, len) }
    }

    fn extensions_of_hello(&self) -> Result<Vec<u8>> {
        let (mut kinds, mut count) = (null_mut(), 0);
        // SAFETY: the connection is alive; both places are ours.
        cvt(|| unsafe {
            sys::SSL_client_hello_get1_extensions_present(self.as_ptr(), &mut kinds, &mut count)
        })?;
        let mut all = Vec::new();
        let mut added = Ok(());
        for index in 0..count {
            // SAFETY: libssl gives that many numbers; so below.
            let place = unsafe { kinds.add(index) };
            // SAFETY: as above.
            let kind = unsafe { *place } as c_uint;
            let (mut data, mut len) = (null(), 0);
            // SAFETY: the connection is alive; both places are ours.
            if unsafe { sys::SSL_client_hello_get0_ext(self.as_ptr(), kind, &mut data, &mut len) } != 1 {
                continue;
            }
            all.extend((kind as u16).to_be_bytes());
            // SAFETY: libssl gives that many bytes.
            added = added.and(counted(&mut all, 2, |all| all.extend(unsafe { bytes_at(data, len) })));
        }
        // SAFETY: ours to free, once; NULL is ignored.
        unsafe { sys::OPENSSL_free(kinds.cast()) };
        added.map(|()| all)
    }
}

/// Adds bytes, and before them their count in `size` bytes.
fn counted(all: &mut Vec<u8>, size: usize, add: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
    let start = all.len();
    all.try_reserve(size).map_err(|_| Entry::memory())?;
    all.resize(start + size, 0);
    add(all);
    let count = (all.len() - start - size).to_be_bytes();
    all[start..start + size].copy_from_slice(&count[count.len() - size..]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn bytes_are_counted_in_front_of_them() {
        let mut all = vec![9];
        counted(&mut all, 2, |all| all.extend([7; 300])).unwrap();
        assert_eq!((all.len(), &all[..4]), (303, &[9, 1, 44, 7][..]));
        counted(&mut all, 3, |_| ()).unwrap();
        assert_eq!(all[303..], [0, 0, 0]);
    }
}

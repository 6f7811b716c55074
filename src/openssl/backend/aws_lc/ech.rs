//! Encrypted ClientHello, by AWS-LC. Its servers have their keys in their `SSL_CTX`, and try all that have the number which the client names.

use super::ech_config::{self, EchConfig};
use super::ech_state::{EchState, Kind};
use super::{message, settings};
use crate::openssl::ech_kind::{Ech, Fit};
use crate::openssl::error::{Cause, Entry};
use crate::openssl::lent::Lent;
use crate::openssl::mem::printed;
use crate::openssl::pkey::PKey;
use crate::openssl::{Result, bytes_at, cleanse, cvt, cvt_new, cvt_p, library, quietly, rand, sys, try_copy};
use std::ffi::{CStr, CString};
use std::os::raw::{c_int, c_long};
use std::ptr::{NonNull, null, null_mut};

/// Whether the keys of a server are a setting of its `SSL_CTX`.
pub const KEYS_BELONG_TO_CONTEXTS: bool = true;

/// The size of a key for X25519, of either kind.
const KEY: usize = 32;

/// Configurations, and the keys of a server with theirs.
pub struct EchStore {
    /// Those that a client can use, each with its head.
    configs: Vec<Vec<u8>>,
    keys: NonNull<sys::SSL_ECH_KEYS>,
    /// The private key that was made for the first one.
    made: Option<PKey>,
}

// SAFETY: references to the keys are counted atomically, and nothing is added once they are shared.
unsafe impl Send for EchStore {}
// SAFETY: the same.
unsafe impl Sync for EchStore {}

impl EchStore {
    /// An empty one.
    pub fn new() -> Result<EchStore> {
        library::init()?;
        // SAFETY: no preconditions.
        let keys = cvt_new(|| unsafe { sys::SSL_ECH_KEYS_new() })?;
        Ok(EchStore { configs: Vec::new(), keys, made: None })
    }

    /// A key that is made for this name, with its configuration.
    pub fn generate(public_name: &CStr, max_name_length: u8) -> Result<EchStore> {
        let mut made = EchStore::new()?;
        let key = new_key()?;
        let public_key = public_key(&key).ok_or(Cause::Untold)?;
        let mut id = [0];
        rand::bytes(&mut id)?;
        let config = ech_config::write(id[0], &public_key, public_name.to_bytes(), max_name_length);
        made.configs.push(config.ok_or(Cause::Untold)?);
        made.made = Some(key);
        Ok(made)
    }

    /// Adds the configurations of a list, if a client can use all of them.
    pub fn add_configs(&mut self, list: &[u8]) -> Result<()> {
        for config in ech_config::split(list).ok_or(Cause::Untold)? {
            let config = EchConfig::read(config).ok_or(Cause::Untold)?;
            self.configs.try_reserve(1).map_err(|_| Entry::memory())?;
            self.configs.push(try_copy(config.whole)?);
        }
        Ok(())
    }

    /// Adds the configurations of a block in PEM, whose content is this list, and their key.
    pub fn add_key(&mut self, key: &PKey, _: &[u8], list: &[u8], for_retry: bool) -> Result<Fit> {
        let all = ech_config::split(list).unwrap_or_default();
        let all: Option<Vec<_>> =
            all.into_iter().map(|one| EchConfig::read(one).filter(|one| one.is_for_servers)).collect();
        let Some(all) = all else { return Ok(Fit::Unusable) };
        let Some(public_key) = public_key(key) else { return Ok(Fit::Foreign) };
        let own = HpkeKey::new(key)?;
        let mut fit = Fit::Foreign;
        for config in all.iter().filter(|config| config.public_key == public_key) {
            let (data, len) = (config.whole.as_ptr(), config.whole.len());
            // SAFETY: the keys are ours and not shared yet; pointer and length are those of one slice, which is copied as the key is.
            cvt(|| unsafe {
                sys::SSL_ECH_KEYS_add(self.keys.as_ptr(), c_int::from(for_retry), data, len, own.0.as_ptr())
            })?;
            fit = Fit::Fits;
        }
        Ok(fit)
    }

    /// The number of configurations that can be used.
    pub fn entries(&self) -> usize {
        self.configs.len()
    }

    /// The first configuration with its private key in PEM. The caller wipes it.
    pub fn to_pem(&self) -> Result<Vec<u8>> {
        let (Some(key), Some(config)) = (&self.made, self.configs.first()) else { return Err(Cause::Untold) };
        let list = ech_config::list_of(config);
        let (data, len) = (list.as_ptr(), list.len() as c_long);
        printed(|bio| {
            // SAFETY: BIO and key are alive; there is no password, and nobody to ask for one.
            cvt(|| unsafe {
                sys::PEM_write_bio_PrivateKey(bio, key.as_ptr(), null(), null(), 0, None, null_mut())
            })?;
            // SAFETY: the BIO is alive; the texts end in NUL; pointer and length are those of one slice.
            cvt(|| unsafe { sys::PEM_write_bio(bio, c"ECHCONFIG".as_ptr(), c"".as_ptr(), data, len) })
        })
    }
}

impl Drop for EchStore {
    fn drop(&mut self) {
        // SAFETY: the one reference we own.
        unsafe { sys::SSL_ECH_KEYS_free(self.keys.as_ptr()) }
    }
}

fn new_key() -> Result<PKey> {
    let mut secret = [0; KEY];
    let made = rand::bytes(&mut secret).and_then(|()| {
        let (kind, data) = (sys::EVP_PKEY_X25519, secret.as_ptr());
        // SAFETY: pointer and length are those of one array, which is copied.
        cvt_p(|| unsafe { sys::EVP_PKEY_new_raw_private_key(kind, null_mut(), data, KEY) })
    });
    cleanse(&mut secret);
    // SAFETY: the one reference is ours.
    unsafe { PKey::from_raw(made?) }.ok_or(Cause::Untold)
}

/// The public key of one for X25519; None of others.
fn public_key(key: &PKey) -> Option<[u8; KEY]> {
    // SAFETY: the key is alive; so below.
    if unsafe { sys::EVP_PKEY_id(key.as_ptr()) } != sys::EVP_PKEY_X25519 {
        return None;
    }
    let (mut public, mut len) = ([0; KEY], KEY);
    // SAFETY: as above; the place has that size.
    let got =
        quietly(|| unsafe { sys::EVP_PKEY_get_raw_public_key(key.as_ptr(), public.as_mut_ptr(), &mut len) });
    (got == 1 && len == KEY).then_some(public)
}

/// A key as AWS-LC's servers take it, which wipes it when it is freed.
struct HpkeKey(NonNull<sys::EVP_HPKE_KEY>);

impl HpkeKey {
    fn new(key: &PKey) -> Result<HpkeKey> {
        // SAFETY: no preconditions.
        let own = HpkeKey(cvt_new(|| unsafe { sys::EVP_HPKE_KEY_new() })?);
        let (mut secret, mut len) = ([0; KEY], KEY);
        let (place, size) = (secret.as_mut_ptr(), &mut len);
        // SAFETY: the key is alive; the place has that size.
        let got = cvt(|| unsafe { sys::EVP_PKEY_get_raw_private_key(key.as_ptr(), place, size) });
        // SAFETY: no preconditions; it is static.
        let algorithm = unsafe { sys::EVP_hpke_x25519_hkdf_sha256() };
        let done = got.and_then(|()| {
            // SAFETY: the new one is ours; pointer and length are those of one array, which is copied.
            cvt(|| unsafe { sys::EVP_HPKE_KEY_init(own.0.as_ptr(), algorithm, secret.as_ptr(), len) })
        });
        cleanse(&mut secret);
        done.map(|()| own)
    }
}

impl Drop for HpkeKey {
    fn drop(&mut self) {
        // SAFETY: the only owner frees it once.
        unsafe { sys::EVP_HPKE_KEY_free(self.0.as_ptr()) }
    }
}

/// Has an `SSL_CTX` decrypt by these keys.
pub unsafe fn load(ctx: *mut sys::SSL_CTX, store: &EchStore) -> Result<()> {
    // SAFETY: both are alive, as the caller promises; the context takes its own reference.
    cvt(|| unsafe { sys::SSL_CTX_set1_ech_keys(ctx, store.keys.as_ptr()) })
}

/// What has become of it on a connection, and the name that was sent in clear if it was tried.
pub unsafe fn status(ssl: *mut sys::SSL) -> (Ech, Option<CString>) {
    // SAFETY: the caller's connection is alive; so below.
    let Some(state) = (unsafe { settings::of(ssl) }).and_then(|settings| settings.ech.get()) else {
        return (Ech::None, None);
    };
    // SAFETY: as above.
    let is_accepted = unsafe { sys::SSL_ech_accepted(ssl) } == 1;
    // SAFETY: as above.
    if unsafe { sys::SSL_is_server(ssl) } == 0 {
        return match state.asked() {
            Some(name) => (if is_accepted { Ech::Accepted } else { Ech::Unconfirmed }, Some(name.clone())),
            None if state.greases.get() => (Ech::Grease, None),
            None => (Ech::None, None),
        };
    }
    match state.kind() {
        _ if is_accepted => (Ech::Accepted, state.outer_name().cloned()),
        Some(Kind::Outer) => (Ech::Grease, None),
        Some(Kind::Inner) => (Ech::Backend, None),
        None => (Ech::None, None),
    }
}

/// Has a verification look for no address. AWS-LC is never given one where a server has to have the public name, and it would refuse an
/// empty one.
pub unsafe fn expect_no_address(_: *mut sys::X509_VERIFY_PARAM) {}

impl Lent<'_> {
    fn ech_state(&self) -> Result<&EchState> {
        // SAFETY: the connection is alive.
        unsafe { settings::ech(self.as_ptr()) }.ok_or(Cause::Untold)
    }

    /// Has a client encrypt its ClientHello, or a server decrypt those of clients: by the keys of the `SSL_CTX` that it was made of.
    pub fn use_ech(&self, store: &EchStore) -> Result<()> {
        let state = self.ech_state()?;
        if self.is_server() {
            state.serves.set(true);
        } else {
            let config =
                store.configs.first().and_then(|config| EchConfig::read(config)).ok_or(Cause::Untold)?;
            let name = CString::new(config.public_name).map_err(|_| Cause::Untold)?;
            let list = ech_config::list_of(config.whole);
            // SAFETY: the connection is alive; pointer and length are those of one slice, which is copied.
            cvt(|| unsafe { sys::SSL_set1_ech_config_list(self.as_ptr(), list.as_ptr(), list.len()) })?;
            state.ask(name);
        }
        // SAFETY: the connection is alive.
        unsafe { message::listen(self.as_ptr()) };
        Ok(())
    }

    /// Has a client without configurations send something that looks as if it had some.
    pub fn grease_ech(&self) {
        if let Ok(state) = self.ech_state() {
            state.greases.set(true);
            // SAFETY: the connection is alive.
            unsafe { sys::SSL_set_enable_ech_grease(self.as_ptr(), 1) };
        }
    }

    /// Has a server try all of its keys of one number, as it does anyway.
    pub fn try_all_ech_keys(&self) {}

    /// The configurations that a server has sent with its refusal, if it has proved who it is; None if it has sent none.
    pub fn ech_retry_configs(&self) -> Result<Option<Vec<u8>>> {
        // SAFETY: the connection is alive.
        if !unsafe { ended_by_rejection(self.as_ptr()) } {
            return Err(Cause::Untold);
        }
        let (mut data, mut len) = (null(), 0);
        // SAFETY: the connection is alive and has ended that way, without which AWS-LC aborts; both places are ours.
        unsafe { sys::SSL_get0_ech_retry_configs(self.as_ptr(), &mut data, &mut len) };
        // SAFETY: the connection's own bytes, of that length.
        let copy = try_copy(unsafe { bytes_at(data, len) })?;
        Ok((!copy.is_empty()).then_some(copy))
    }
}

/// Tells whether a client's handshake has ended because a server has rejected what was encrypted, after its certificate was verified. This
/// alone sends that alert.
unsafe fn ended_by_rejection(ssl: *mut sys::SSL) -> bool {
    const ECH_REQUIRED: u8 = 121;
    // SAFETY: the caller's connection is alive; so below.
    let sent = unsafe { settings::of(ssl) }.and_then(|settings| settings.health.sent.get());
    // SAFETY: as above.
    sent == Some(ECH_REQUIRED) && unsafe { super::expected::public_name(ssl) }.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openssl::ctx::{Method, SslCtx};

    /// AWS-LC would abort.
    #[test]
    fn who_was_not_rejected_has_no_configurations() {
        let ctx = SslCtx::new(Method::Client).expect("memory");
        // SAFETY: the context is alive; so below.
        let ssl = unsafe { sys::SSL_new(ctx.as_ptr()) };
        // SAFETY: both are alive.
        unsafe { settings::take_over(ssl, ctx.as_ptr()) }.expect("memory");
        // SAFETY: as above.
        let lent = unsafe { Lent::new(ssl) }.expect("a connection");
        assert!(lent.ech_retry_configs().is_err());
        // SAFETY: as above.
        let settings = unsafe { settings::of(ssl) }.expect("settings");
        settings.health.sent.set(Some(121));
        assert!(lent.ech_retry_configs().is_err(), "such an alert alone proves nothing");
        // SAFETY: ours, and freed once.
        unsafe { sys::SSL_free(ssl) };
    }
}

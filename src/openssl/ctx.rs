//! `SSL_CTX`: what connections are made from. One that a connection uses is never changed; [`SslCtx::duplicate`] makes the
//! next generation. Its own trust store stays empty: each connection is given its store.

mod ech;
mod hooks;
mod identity;
mod scts;
mod sigalgs;

pub use hooks::Hooks;
pub use sigalgs::Sigalgs;

use super::backend::{cipher, group, health, hello, limits, ocsp, settings, ticket, verify};
use super::cert_and_key::CertAndKey;
use super::ech::EchStore;
use super::lent::Demands;
use super::{Result, cvt, cvt_long, cvt_new, handler, library, pkey::PKey, stats::Lineage, sys, x509::X509};
use std::ffi::{CStr, CString};
use std::os::raw::{c_int, c_uint, c_ulong};
use std::ptr::{NonNull, null_mut};
use std::sync::Arc;

/// Which side a context is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Both sides.
    Both,
    /// Clients only.
    Client,
    /// Servers only.
    Server,
}

/// An `SSL_CTX`, with a copy of the settings that OpenSSL has no getter for.
pub struct SslCtx {
    ctx: NonNull<sys::SSL_CTX>,
    method: Method,
    ciphers: Option<CString>,
    ciphersuites: Option<CString>,
    group: Option<c_int>,
    groups: Option<CString>,
    sigalgs: Option<Arc<Sigalgs>>,
    dh_parameters: Option<PKey>,
    identities: Arc<[Arc<CertAndKey>]>,
    /// The highest level at which all of these were looked at.
    seen_at: i32,
    client_cas: Vec<X509>,
    ech_keys: Option<Arc<EchStore>>,
    hooks: Hooks,
    /// The counters of its connections.
    lineage: Option<Lineage>,
    /// In whose place one connection has it.
    stands_for: Option<Arc<SslCtx>>,
}

// SAFETY: SSL_CTX counts references atomically, and only `&mut self` changes a setting.
unsafe impl Send for SslCtx {}
// SAFETY: the same; what SSL_new reads of it is not changed meanwhile.
unsafe impl Sync for SslCtx {}

impl SslCtx {
    /// Makes a context with OpenSSL's defaults and our callbacks, which belongs to no lineage.
    pub fn new(method: Method) -> Result<SslCtx> {
        library::init()?;
        let how = match method {
            Method::Both => sys::TLS_method,
            Method::Client => sys::TLS_client_method,
            Method::Server => sys::TLS_server_method,
        };
        // SAFETY: no preconditions; methods are static.
        let how = unsafe { how() };
        // SAFETY: the method is static.
        let ctx = cvt_new(|| unsafe { sys::SSL_CTX_new(how) })?;
        let made = SslCtx {
            ctx,
            method,
            ciphers: None,
            ciphersuites: None,
            group: None,
            groups: None,
            sigalgs: None,
            dh_parameters: None,
            identities: Arc::default(),
            seen_at: i32::MAX,
            client_cas: Vec::new(),
            ech_keys: None,
            hooks: Hooks::default(),
            lineage: None,
            stands_for: None,
        };
        // SAFETY: the context is ours.
        unsafe { settings::prepare(made.as_ptr()) }?;
        made.install_callbacks();
        made.add_needed_hooks();
        if method != Method::Client {
            made.add_scts()?;
        }
        Ok(made)
    }

    /// Tells whether it belongs to a lineage, which counts what its connections do.
    pub fn is_counted(&self) -> bool {
        self.lineage.is_some()
    }

    pub(super) fn as_ptr(&self) -> *mut sys::SSL_CTX {
        self.ctx.as_ptr()
    }

    fn install_callbacks(&self) {
        // SAFETY: the context is ours and the callback stays; so below.
        unsafe { sys::SSL_CTX_set_info_callback(self.as_ptr(), Some(handler::info)) };
        // SAFETY: as above.
        unsafe {
            sys::SSL_CTX_set_alpn_select_cb__fixed_rust(
                self.as_ptr(),
                Some(handler::alpn_select),
                null_mut(),
            );
        }
        // SAFETY: as above.
        unsafe { verify::install(self.as_ptr(), handler::verify_chain) };
        // On every context: a connection that demands a response may get another context.
        // SAFETY: as above.
        unsafe { ocsp::install(self.as_ptr(), handler::staple) };
        if self.method == Method::Client {
            return;
        }
        // SAFETY: as above.
        unsafe { hello::install(self.as_ptr(), handler::client_hello) };
        // SAFETY: as above.
        unsafe { ticket::install(self.as_ptr(), handler::new_ticket) };
    }

    /// What its connections demand of their peers.
    pub fn demands(&self) -> Demands {
        // SAFETY: the parameters live as long as the context.
        unsafe { Demands::of(self.verify_mode(), self.security_level(), self.param()) }
    }

    /// The hooks that are installed.
    pub fn hooks(&self) -> Hooks {
        self.hooks
    }

    /// Has one connection have it in the place of another one, from which it differs in what that connection keeps.
    pub fn in_place_of(mut self, other: Arc<SslCtx>) -> SslCtx {
        self.stands_for = Some(other);
        self
    }

    /// Tells whether it is this one, or stands in its place.
    pub fn stands_for(&self, other: &Arc<SslCtx>) -> bool {
        std::ptr::eq(self, &**other)
            || self.stands_for.as_ref().is_some_and(|known| Arc::ptr_eq(known, other))
    }

    /// Makes a context with the same settings. Tickets of the old one remain valid if it belongs to a lineage; the sessions
    /// in its cache are not copied.
    pub fn duplicate(&self, lineage: &Lineage) -> Result<SslCtx> {
        let mut copy = self.duplicate_for(lineage)?;
        // What several lineages begin with has keys that none of them may use: each would take the others' tickets.
        if self.is_counted() {
            copy.copy_ticket_keys(self)?;
        }
        Ok(copy)
    }

    /// Makes a context with the same settings for somebody else: with keys of tickets of its own.
    pub fn duplicate_for(&self, lineage: &Lineage) -> Result<SslCtx> {
        let mut copy = SslCtx::new(self.method)?;
        lineage.join(copy.as_ptr());
        copy.lineage = Some(lineage.clone());
        copy.set_options(self.options());
        copy.set_verify_mode(self.verify_mode());
        copy.set_verify_flags(self.verify_flags())?;
        copy.set_host_flags(self.host_flags());
        copy.set_min_version(self.min_version())?;
        copy.set_max_version(self.max_version())?;
        copy.set_num_tickets(self.num_tickets())?;
        copy.set_verify_depth(self.verify_depth());
        copy.set_max_cert_list(self.max_cert_list());
        if let Some(ciphers) = &self.ciphers {
            copy.set_ciphers(ciphers)?;
        }
        // Certificates and keys that were loaded stay, even if the level was raised since: handshakes fail then.
        copy.set_security_level(0);
        if let Some(ciphersuites) = &self.ciphersuites {
            copy.set_ciphersuites(ciphersuites)?;
        }
        if let Some(group) = self.group {
            copy.set_group(group)?;
        }
        if let Some(groups) = &self.groups {
            copy.set_groups(groups)?;
        }
        copy.copy_sigalgs(self)?;
        if let Some(parameters) = &self.dh_parameters {
            copy.set_dh_parameters(parameters)?;
        }
        for identity in &*self.identities {
            copy.use_identity(identity)?;
        }
        copy.seen_at = self.seen_at;
        copy.set_client_cas(&self.client_cas)?;
        copy.copy_ech_keys(self)?;
        copy.set_security_level(self.security_level());
        copy.add_hooks(self.hooks)?;
        Ok(copy)
    }

    fn copy_ticket_keys(&mut self, from: &SslCtx) -> Result<()> {
        let mut keys = [0u8; sys::TICKET_KEYS];
        let (size, place) = (keys.len(), keys.as_mut_ptr());
        // SAFETY: the place has that size; so below.
        let got = cvt(|| unsafe { sys::SSL_CTX_get_tlsext_ticket_keys(from.as_ptr(), place, size) });
        let done = got.and_then(|()| {
            // SAFETY: as above.
            cvt(|| unsafe { sys::SSL_CTX_set_tlsext_ticket_keys(self.as_ptr(), place, size) })
        });
        super::cleanse(&mut keys);
        done
    }

    /// The option bits.
    pub fn options(&self) -> u64 {
        // SAFETY: the context is alive.
        unsafe { settings::context_options(self.as_ptr()) }
    }

    /// Sets exactly these option bits.
    pub fn set_options(&mut self, options: u64) {
        // SAFETY: the context is ours; so below.
        unsafe { settings::set_context_options(self.as_ptr(), options) };
        // SAFETY: as above.
        unsafe { ticket::keep_sessions(self.as_ptr(), options & sys::SSL_OP_NO_TICKET != 0) };
    }

    /// The verify mode bits (`SSL_VERIFY_*`).
    pub fn verify_mode(&self) -> i32 {
        // SAFETY: the context is alive.
        unsafe { sys::SSL_CTX_get_verify_mode(self.as_ptr()) }
    }

    /// Sets the verify mode bits.
    pub fn set_verify_mode(&mut self, mode: i32) {
        // SAFETY: the context is ours; the callback only watches.
        unsafe { sys::SSL_CTX_set_verify(self.as_ptr(), mode, Some(handler::verify)) }
    }

    fn param(&self) -> *mut sys::X509_VERIFY_PARAM {
        // SAFETY: the context is alive; the parameters are its own.
        unsafe { sys::SSL_CTX_get0_param(self.as_ptr()) }
    }

    /// The flags of certificate verification.
    pub fn verify_flags(&self) -> u64 {
        // SAFETY: the parameters live as long as the context.
        (unsafe { sys::X509_VERIFY_PARAM_get_flags(self.param()) }) as u64
    }

    /// Sets exactly these flags of certificate verification.
    pub fn set_verify_flags(&mut self, flags: u64) -> Result<()> {
        let old = self.verify_flags();
        // SAFETY: the parameters live as long as the context.
        cvt(|| unsafe { sys::X509_VERIFY_PARAM_clear_flags(self.param(), (old & !flags) as c_ulong) })?;
        // SAFETY: the same.
        cvt(|| unsafe { sys::X509_VERIFY_PARAM_set_flags(self.param(), (flags & !old) as c_ulong) })
    }

    /// The flags of host name matching.
    pub fn host_flags(&self) -> u32 {
        // SAFETY: the parameters live as long as the context.
        unsafe { sys::X509_VERIFY_PARAM_get_hostflags(self.param()) }
    }

    /// Sets the flags of host name matching.
    pub fn set_host_flags(&mut self, flags: u32) {
        // SAFETY: the parameters live as long as the context.
        unsafe { sys::X509_VERIFY_PARAM_set_hostflags(self.param(), flags as c_uint) }
    }

    /// The lowest version, 0 for no limit.
    pub fn min_version(&self) -> i32 {
        // SAFETY: the context is alive.
        unsafe { sys::SSL_CTX_get_min_proto_version(self.as_ptr()) }
    }

    /// Sets the lowest version, 0 for no limit.
    pub fn set_min_version(&mut self, version: i32) -> Result<()> {
        // SAFETY: the context is ours.
        cvt(|| unsafe { sys::SSL_CTX_set_min_proto_version(self.as_ptr(), version) })
    }

    /// The highest version, 0 for no limit.
    pub fn max_version(&self) -> i32 {
        // SAFETY: the context is alive.
        unsafe { sys::SSL_CTX_get_max_proto_version(self.as_ptr()) }
    }

    /// Sets the highest version, 0 for no limit.
    pub fn set_max_version(&mut self, version: i32) -> Result<()> {
        // SAFETY: the context is ours.
        cvt(|| unsafe { sys::SSL_CTX_set_max_proto_version(self.as_ptr(), version) })
    }

    /// How many TLS 1.3 tickets a server sends.
    pub fn num_tickets(&self) -> usize {
        // SAFETY: the context is alive.
        unsafe { sys::SSL_CTX_get_num_tickets(self.as_ptr()) }
    }

    /// Sets how many TLS 1.3 tickets a server sends.
    pub fn set_num_tickets(&mut self, count: usize) -> Result<()> {
        // SAFETY: the context is ours.
        cvt(|| unsafe { sys::SSL_CTX_set_num_tickets(self.as_ptr(), count) })
    }

    /// The security level.
    pub fn security_level(&self) -> i32 {
        // SAFETY: the context is alive.
        unsafe { settings::context_level(self.as_ptr()) }
    }

    /// Sets the security level.
    pub fn set_security_level(&mut self, level: i32) {
        // SAFETY: the context is ours.
        unsafe { settings::set_context_level(self.as_ptr(), level) }
    }

    /// Sets the ciphers of TLS 1.2 and below. On failure nothing changes, except perhaps the security level.
    pub fn set_ciphers(&mut self, ciphers: &CStr) -> Result<()> {
        // SAFETY: the context is ours.
        unsafe { cipher::set_context_list(self.as_ptr(), ciphers) }?;
        self.ciphers = Some(ciphers.to_owned());
        Ok(())
    }

    /// The cipher list in the form in which it was set.
    pub fn ciphers(&self) -> Option<&CStr> {
        self.ciphers.as_deref()
    }

    /// Sets the only group for key exchange, by OpenSSL's number.
    pub fn set_group(&mut self, group: c_int) -> Result<()> {
        // SAFETY: the context is ours; the list is one number long and copied.
        cvt(|| unsafe { sys::SSL_CTX_set1_groups(self.as_ptr(), &group, 1) }).map_err(group::refusal)?;
        (self.group, self.groups) = (Some(group), None);
        Ok(())
    }

    /// Sets the groups for key exchange, by OpenSSL's names.
    pub fn set_groups(&mut self, groups: &CStr) -> Result<()> {
        // SAFETY: the context is ours; the text ends in NUL and is only read.
        cvt_long(|| unsafe { sys::SSL_CTX_set1_groups_list(self.as_ptr(), groups.as_ptr()) })?;
        (self.group, self.groups) = (None, Some(groups.to_owned()));
        Ok(())
    }

    /// Has a connection of its own use no more than the level allows.
    pub(super) fn limit(&self, ssl: *mut sys::SSL) -> Result<()> {
        self.look_again(ssl)?;
        // SAFETY: the caller's connection is alive.
        unsafe { limits::apply(ssl, self.group, self.groups.as_deref(), self.server_sigalgs()) }
    }

    /// The same of one that was made of another context and has just got this one.
    pub(super) fn limit_switched(&self, ssl: *mut sys::SSL) -> Result<()> {
        self.look_again(ssl)?;
        // SAFETY: the caller's connection is alive, and the context ours.
        unsafe { limits::apply_after_switch(ssl, self.as_ptr(), self.server_sigalgs()) }
    }

    /// Has a connection shake no hands that would show a certificate which the level does not allow any more.
    fn look_again(&self, ssl: *mut sys::SSL) -> Result<()> {
        match self.security_level() > self.seen_at {
            // SAFETY: the caller's connection is alive.
            true => unsafe { health::bar_unless(ssl, self.check_identities()) },
            false => Ok(()),
        }
    }

    /// Sets the ciphers of TLS 1.3. On failure nothing changes.
    pub fn set_ciphersuites(&mut self, ciphersuites: &CStr) -> Result<()> {
        // SAFETY: the context is ours, the text ends in NUL.
        cvt(|| unsafe { sys::SSL_CTX_set_ciphersuites(self.as_ptr(), ciphersuites.as_ptr()) })?;
        self.ciphersuites = Some(ciphersuites.to_owned());
        Ok(())
    }

    /// Sets the parameters of Diffie-Hellman for TLS 1.2 and below.
    pub fn set_dh_parameters(&mut self, parameters: &PKey) -> Result<()> {
        let own = parameters.clone();
        // SAFETY: both are alive; on success the context takes the reference over.
        cvt(|| unsafe { sys::SSL_CTX_set0_tmp_dh_pkey(self.as_ptr(), own.as_ptr()) })?;
        std::mem::forget(own);
        self.dh_parameters = Some(parameters.clone());
        Ok(())
    }

    /// Its certificates, each of another key type.
    pub fn identities(&self) -> &[Arc<CertAndKey>] {
        &self.identities
    }
}

impl Drop for SslCtx {
    fn drop(&mut self) {
        if let Some(lineage) = &self.lineage {
            lineage.leave(self.as_ptr());
        }
        // SAFETY: the one reference we own.
        unsafe { sys::SSL_CTX_free(self.as_ptr()) }
    }
}

/// OpenSSL's text for a verify code.
pub fn verify_text(code: i32) -> Option<String> {
    verify::text(code)
}

//! A connection as libssl lends it to a callback: what it demands of its peer, and what the peer has sent.

use super::backend::{self, ocsp, settings};
use super::flags::mode;
use super::store::{Store, StoreState};
use super::{Result, cvt, session, sys, try_collect, x509::X509};
use std::marker::PhantomData;
use std::os::raw::{c_int, c_uint};
use std::ptr::NonNull;

/// What a connection demands of its peer's certificate, apart from the name and the trust store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demands {
    /// The verify mode bits.
    pub mode: i32,
    /// The flags of certificate verification.
    pub flags: u64,
    /// The flags of host name matching.
    pub host_flags: u32,
    /// The longest allowed chain.
    pub depth: i32,
    /// The security level.
    pub level: i32,
}

impl Demands {
    /// The bits of the verify mode that change what is demanded.
    const MODE: i32 = mode::PEER | mode::FAIL_IF_NO_PEER_CERT | mode::POST_HANDSHAKE;

    /// Tells whether the peer's certificate is verified.
    pub fn verifies(&self) -> bool {
        self.mode & sys::SSL_VERIFY_PEER != 0
    }

    pub(super) unsafe fn of(mode: c_int, level: c_int, param: *mut sys::X509_VERIFY_PARAM) -> Demands {
        // SAFETY: the caller promises that the parameters are alive; so below.
        let flags = unsafe { sys::X509_VERIFY_PARAM_get_flags(param) };
        // SAFETY: as above.
        let host_flags = unsafe { sys::X509_VERIFY_PARAM_get_hostflags(param) };
        // SAFETY: as above.
        let depth = unsafe { sys::X509_VERIFY_PARAM_get_depth(param) };
        #[allow(clippy::useless_conversion)] // c_ulong has 32 bits on Windows
        let flags = u64::from(flags);
        Demands { mode: mode & Demands::MODE, flags, host_flags, depth, level }
    }
}

/// A connection, lent.
pub struct Lent<'a> {
    ssl: NonNull<sys::SSL>,
    lender: PhantomData<&'a ()>,
}

impl Lent<'_> {
    /// Borrows a connection. The caller promises that it stays alive that long, with no other thread inside.
    pub(super) unsafe fn new<'a>(ssl: *mut sys::SSL) -> Option<Lent<'a>> {
        NonNull::new(ssl).map(|ssl| Lent { ssl, lender: PhantomData })
    }

    pub(super) fn as_ptr(&self) -> *mut sys::SSL {
        self.ssl.as_ptr()
    }

    pub(super) fn param(&self) -> *mut sys::X509_VERIFY_PARAM {
        // SAFETY: the connection is alive; the parameters are its own.
        unsafe { sys::SSL_get0_param(self.as_ptr()) }
    }

    /// Tells whether this is the server's side.
    pub fn is_server(&self) -> bool {
        // SAFETY: the connection is alive; so in what follows.
        unsafe { sys::SSL_is_server(self.as_ptr()) != 0 }
    }

    /// What is demanded of the peer.
    pub fn demands(&self) -> Demands {
        // SAFETY: as above.
        let mode = unsafe { sys::SSL_get_verify_mode(self.as_ptr()) };
        // SAFETY: as above.
        let level = unsafe { settings::security_level(self.as_ptr()) };
        // SAFETY: the parameters live as long as the connection.
        unsafe { Demands::of(mode, level, self.param()) }
    }

    /// Takes no longer chain from the peer; less than 0 for OpenSSL's own limit.
    pub fn limit_depth(&self, depth: i32) {
        // SAFETY: the parameters live as long as the connection.
        unsafe { sys::X509_VERIFY_PARAM_set_depth(self.param(), depth) }
    }
    /// Tells whether the peer's certificate is verified against this store.
    pub fn verifies_against(&self, store: &Store) -> bool {
        // SAFETY: the connection is alive.
        unsafe { settings::store(self.as_ptr()) == store.as_ptr() }
    }

    /// Verifies against this store from now on, and builds an own chain from it that is not given.
    pub fn set_store(&self, store: &Store) {
        // SAFETY: both are alive; the connection takes its own reference.
        unsafe { settings::set_store(self.as_ptr(), store.as_ptr()) };
    }

    /// The state of the store that the peer's certificate is verified against.
    pub fn store_state(&self) -> Option<StoreState> {
        // SAFETY: the connection is alive.
        let store = unsafe { settings::store(self.as_ptr()) };
        // SAFETY: NULL or a store that lives as long as the connection uses it.
        unsafe { Store::from_shared(store) }?.state()
    }

    /// Tells whether the handshake resumed a session, or used a pre-shared key.
    pub fn is_resumed(&self) -> bool {
        // SAFETY: the connection is alive.
        unsafe { sys::SSL_session_reused(self.as_ptr()) == 1 }
    }

    /// Tells whether both sides have used a key that they had before. In TLS 1.3 a session that was resumed counts too: it
    /// cannot be told from such a key.
    pub fn used_psk(&self) -> bool {
        if self.is_tls_1_3() {
            return self.is_resumed();
        }
        let cipher = self.cipher_under_way();
        // SAFETY: not NULL, so a static cipher.
        !cipher.is_null() && unsafe { backend::cipher::is_of_psk(cipher) }
    }

    /// Tells whether the version is TLS 1.3.
    pub fn is_tls_1_3(&self) -> bool {
        // SAFETY: the connection is alive.
        unsafe { sys::SSL_version(self.as_ptr()) == sys::TLS1_3_VERSION }
    }

    /// Tells whether the peer has a certificate, from this handshake or from the one whose session was resumed.
    pub fn has_peer(&self) -> bool {
        // SAFETY: the connection is alive.
        !unsafe { sys::SSL_get0_peer_certificate(self.as_ptr()) }.is_null()
    }

    /// That certificate.
    pub fn peer_certificate(&self) -> Option<X509> {
        // SAFETY: the connection is alive.
        let x509 = unsafe { sys::SSL_get0_peer_certificate(self.as_ptr()) };
        // SAFETY: the connection's own certificate, or NULL.
        unsafe { X509::from_shared(x509) }
    }

    /// Tells whether that certificate is verified.
    pub fn has_verified_peer(&self) -> bool {
        // SAFETY: the connection is alive.
        self.has_peer() && unsafe { backend::verify::result(self.as_ptr()) } == sys::X509_V_OK
    }

    /// When the first certificate of the verified chain expires, in seconds since 1970; None without a chain.
    pub fn chain_end(&self) -> Option<i64> {
        let chain = self.verified_chain().ok()?;
        let ends = try_collect(chain.iter().map(X509::not_after_seconds));
        ends.ok()?.into_iter().min()
    }

    /// Until when the proof is valid by which a server has let this client in at first, in seconds since 1970: what `end_proof`
    /// has stored in the session that is resumed now.
    pub fn proof_end(&self) -> Option<i64> {
        // SAFETY: the connection is alive.
        unsafe { backend::session::proof_end(self.as_ptr()) }
    }

    /// Tells whether the session of this handshake was looked at before libssl made anything of it, even if no ticket was made.
    pub fn is_prepared(&self) -> bool {
        // SAFETY: the connection is alive.
        unsafe { backend::ticket::is_prepared(self.as_ptr()) }
    }

    /// Sets the session ID context: a server resumes only sessions with the same one.
    pub fn set_session_id_context(&self, id: &[u8]) -> Result<()> {
        // SAFETY: pointer and length are those of one slice.
        cvt(|| unsafe { sys::SSL_set_session_id_context(self.as_ptr(), id.as_ptr(), id.len() as c_uint) })
    }

    /// The cipher that the handshake is about to use, or else the one in use; NULL without either.
    fn cipher_under_way(&self) -> *const sys::SSL_CIPHER {
        // SAFETY: the connection is alive; so below.
        let pending = unsafe { sys::SSL_get_pending_cipher(self.as_ptr()) };
        // SAFETY: as above.
        let current = unsafe { sys::SSL_get_current_cipher(self.as_ptr()) };
        if pending.is_null() { current } else { pending }
    }

    /// The certificate that this server is about to send; None if it resumes a session, or the cipher needs none.
    pub fn certificate_to_show(&self) -> Option<X509> {
        // SAFETY: NULL or a static cipher.
        let shows = unsafe { shows_certificate(self.cipher_under_way()) } && !self.is_resumed();
        if shows { self.own_certificate() } else { None }
    }

    /// The certificate that this server has sent in the handshake that ends now; None if it resumed a session or used a
    /// pre-shared key.
    pub fn shown_certificate(&self) -> Option<X509> {
        // SAFETY: the connection is alive.
        let cipher = unsafe { sys::SSL_get_current_cipher(self.as_ptr()) };
        // SAFETY: NULL or a static cipher.
        let has_shown = unsafe { shows_certificate(cipher) } && !self.is_resumed() && self.is_server();
        // It is the one that was chosen for this handshake.
        if has_shown { self.own_certificate() } else { None }
    }

    /// The verified chain, the peer first; empty without one.
    pub fn verified_chain(&self) -> Result<Vec<X509>> {
        // SAFETY: the connection is alive.
        let chain = unsafe { backend::verify::chain(self.as_ptr()) };
        // SAFETY: the connection's own list, or NULL.
        unsafe { X509::list(chain) }
    }

    /// The certificate that this side shows.
    pub fn own_certificate(&self) -> Option<X509> {
        // SAFETY: the connection is alive.
        let x509 = unsafe { sys::SSL_get_certificate(self.as_ptr()) };
        // SAFETY: the connection's own certificate, or NULL.
        unsafe { X509::from_shared(x509) }
    }

    /// The OCSP response that the server has sent.
    pub(super) fn received_staple(&self) -> Option<&[u8]> {
        // SAFETY: the connection is alive, and libssl in its callback.
        unsafe { ocsp::received(self.as_ptr()) }
    }

    /// Has a server send an OCSP response.
    pub(super) fn send_staple(&self, response: &[u8]) -> Result<()> {
        // SAFETY: the connection is alive.
        unsafe { ocsp::send(self.as_ptr(), response) }
    }

    /// Tells whether a server's session is in a ticket that the client has got, so that nobody needs to keep it.
    pub fn has_ticket_for(&self, session: &session::SslSession) -> bool {
        // SAFETY: the connection is alive.
        let stateful = unsafe { settings::options(self.as_ptr()) } & sys::SSL_OP_NO_TICKET != 0;
        session.id().is_empty() || (self.is_tls_1_3() && !stateful)
    }

    /// The session of a handshake that has ended, if a later one can resume it.
    pub fn resumable_session(&self) -> Option<session::SslSession> {
        // SAFETY: the connection is alive.
        let session = unsafe { backend::session::current(self.as_ptr()) };
        // SAFETY: the reference is ours.
        unsafe { session::SslSession::from_raw(session) }.filter(session::SslSession::is_resumable)
    }

    /// The id by which a server's session is kept.
    pub fn kept_id(&self) -> Option<Vec<u8>> {
        // SAFETY: the connection is alive.
        let apart = unsafe { backend::session::id_apart(self.as_ptr()) };
        apart.map(Vec::from).or_else(|| self.session().map(|session| session.id().to_vec()))
    }

    /// The current session, which the connection may still be working on.
    pub fn session(&self) -> Option<session::Current<'_>> {
        // SAFETY: the connection is alive.
        let session = unsafe { sys::SSL_get_session(self.as_ptr()) };
        // SAFETY: the session lives as long as the connection has it, which no one changes during this borrow.
        unsafe { session::Current::new(session) }
    }
}

/// Tells whether a server shows a certificate by this cipher. The caller promises that it is NULL or a cipher.
unsafe fn shows_certificate(cipher: *const sys::SSL_CIPHER) -> bool {
    // SAFETY: ciphers are static.
    !cipher.is_null() && unsafe { backend::cipher::is_of_certificate(cipher) }
}

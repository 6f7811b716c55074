//! `SSL`: one connection. Its caller ensures that only one thread at a time is inside.

use super::backend::{self, group, health, settings};
use super::bio::{End, Sink, Source};
use super::error;
use super::error::Cause;
pub use super::failure::{Failure, NO_THREAD, SSL_ERROR_WANT_RETRY_VERIFY};
use super::interruptible::Interruptible;
use super::lent::Lent;
use super::{Result, attempt, bio, cvt, cvt_new, handler::Handler, slot, store::Store, sys};
use super::{ctx::SslCtx, ktls::Kernel, pipe::Pipe, session::SslSession, verification::REFUSED, x509::X509};
use std::cell::{Cell, OnceCell};
use std::ffi::CStr;
use std::os::raw::{c_int, c_long, c_uint};
use std::ptr::{NonNull, null_mut};
use std::rc::Rc;
use std::sync::Arc;

/// A connection over two pipes.
pub struct Ssl {
    ssl: NonNull<sys::SSL>,
    /// In a Box because the SSL keeps a pointer to the Arc, which must not move.
    pub(super) handler: Box<Arc<dyn Handler>>,
    pub(super) end: Rc<End>,
    server: bool,
    /// In a Box for the same reason. Only of a connection whose identity is chosen when it is needed.
    interruptible: OnceCell<Box<Interruptible>>,
    /// There was no memory for a close_notify, which libssl counts as sent.
    pub(super) owes_goodbye: Cell<bool>,
}

// SAFETY: an SSL is not tied to a thread, and its end moves with it; the owner lets in one thread at a time.
unsafe impl Send for Ssl {}

/// The question that libssl waits for: only the program can answer it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// What becomes of a ClientHello.
    ClientHello,
    /// Which identity this side shows.
    Identity,
    /// Whether the peer is accepted.
    Verification,
    /// What proves that this side has its key.
    Signature,
}

/// The result of an I/O call.
pub type IoResult<T> = std::result::Result<T, Failure>;

const MODES: c_long = 0x2 | 0x4; // ACCEPT_MOVING_WRITE_BUFFER, AUTO_RETRY

impl Ssl {
    /// Makes a connection that reads from one pipe and writes to another.
    pub fn new(
        ctx: &SslCtx,
        server: bool,
        incoming: Arc<Pipe>,
        outgoing: Arc<Pipe>,
        handler: Arc<dyn Handler>,
    ) -> Result<Ssl> {
        // SAFETY: the context is alive; the SSL takes its own reference.
        let ssl = cvt_new(|| unsafe { sys::SSL_new(ctx.as_ptr()) })?;
        let ssl = Ssl {
            ssl,
            end: End::new(incoming, outgoing, server, Arc::clone(&handler)),
            handler: Box::new(handler),
            server,
            interruptible: OnceCell::new(),
            owes_goodbye: Cell::new(false),
        };
        let data = std::ptr::from_ref(&*ssl.handler).cast_mut().cast();
        let slot = slot::of_handler()?;
        // SAFETY: the handler lives as long as the SSL.
        cvt(|| unsafe { sys::SSL_set_ex_data(ssl.as_ptr(), slot, data) })?;
        // SAFETY: the SSL is ours, and the context alive.
        unsafe { settings::take_over(ssl.as_ptr(), ctx.as_ptr()) }?;
        ctx.tell_identities(ssl.as_ptr());
        ctx.limit(ssl.as_ptr())?;
        ssl.set_end()?;
        // SAFETY: the SSL is ours.
        unsafe { sys::SSL_set_mode(ssl.as_ptr(), MODES) };
        if !server && ctx.hooks().scts {
            // SAFETY: the SSL is ours.
            unsafe { backend::scts::ask(ssl.as_ptr()) };
        }
        let take_side = if server { sys::SSL_set_accept_state } else { sys::SSL_set_connect_state };
        // SAFETY: the SSL is ours.
        unsafe { take_side(ssl.as_ptr()) };
        // Since OpenSSL 3.2 this allocates, and has no result: after a failure the connection is in an error state.
        if ssl.in_before() { Ok(ssl) } else { Err(Cause::from(error::take()).or_memory()) }
    }

    fn set_end(&self) -> Result<()> {
        let bio = bio::over(Rc::clone(&self.end))?;
        // SAFETY: the SSL takes over the one reference: it has no BIO yet, and gets the same for both directions.
        unsafe { sys::SSL_set_bio(self.as_ptr(), bio, bio) };
        Ok(())
    }

    pub(super) fn as_ptr(&self) -> *mut sys::SSL {
        self.ssl.as_ptr()
    }

    pub(super) fn connection(&self) -> NonNull<sys::SSL> {
        self.ssl
    }

    pub(super) fn interruptible(&self) -> Option<&Interruptible> {
        self.interruptible.get().map(|interruptible| &**interruptible)
    }

    /// Makes it if it is not there yet.
    pub(super) fn make_interruptible(&self) -> &Interruptible {
        self.interruptible.get_or_init(Box::default)
    }

    /// Lets `work` read these bytes, after those of the pipe. Returns how many of them were used.
    pub fn lend<R>(&self, bytes: &[u8], work: impl FnOnce() -> R) -> (R, usize) {
        self.end.lend(bytes, work)
    }

    /// Lets `work` read from `source` once the pipe and the lent bytes are used up.
    pub fn lend_source<R>(&self, source: &mut Source<'_>, work: impl FnOnce() -> R) -> R {
        self.end.lend_source(source, work)
    }

    /// Lets `work` write to `sink` as long as the pipe is empty; the pipe takes what the sink does not.
    pub fn lend_sink<R>(&self, sink: &mut Sink<'_>, work: impl FnOnce() -> R) -> R {
        self.end.lend_sink(sink, work)
    }

    /// Lets the kernel make the records that are written, if the options ask for it.
    pub fn offload(&self, kernel: Box<dyn Kernel>) {
        self.end.ktls.install(kernel);
    }

    /// Tells whether the kernel makes the records that are written.
    pub fn kernel_sends(&self) -> bool {
        self.end.ktls.sends()
    }

    /// Tells whether there is no ciphertext now, but more may come.
    pub fn is_dry(&self) -> bool {
        self.end.is_dry()
    }

    /// Tells whether this is the server's side.
    pub fn is_server(&self) -> bool {
        self.server
    }

    /// The number of decrypted bytes that wait to be read.
    pub fn pending(&self) -> usize {
        // SAFETY: the SSL is alive.
        usize::try_from(unsafe { sys::SSL_pending(self.as_ptr()) }).unwrap_or(0)
    }

    /// Tells whether libssl holds bytes of the peer, decrypted or not.
    pub fn has_pending(&self) -> bool {
        // SAFETY: the SSL is alive.
        unsafe { sys::SSL_has_pending(self.as_ptr()) != 0 }
    }

    /// Frees libssl's buffers, if they are empty.
    pub fn free_buffers(&self) {
        // OpenSSL before 3.0.14 frees a buffer even if it holds the head of a record.
        if self.is_between_records() && !self.has_pending() && !self.is_left() {
            // SAFETY: no other thread is inside, and no record points into the buffers.
            unsafe { sys::SSL_free_buffers(self.as_ptr()) };
        }
    }

    /// Tells whether libssl is not in the middle of a record, with its head read and its body missing.
    fn is_between_records(&self) -> bool {
        // SAFETY: the SSL is alive.
        let state = unsafe { sys::SSL_rstate_string(self.as_ptr()) };
        // SAFETY: libssl returns a static text.
        let word = unsafe { CStr::from_ptr(state) };
        word == c"RH"
    }

    /// Tells whether the handshake is finished: that of libssl, and the program's decision about the client.
    pub fn is_init_finished(&self) -> bool {
        self.is_admitted() && self.has_shaken()
    }

    /// What the program has to answer before libssl can go on.
    pub fn open_question(&self) -> Option<Question> {
        const X509_LOOKUP: c_int = 4;
        const CLIENT_HELLO_CB: c_int = 7;
        const RETRY_VERIFY: c_int = 8;
        if self.is_left() {
            return Some(Question::Signature);
        }
        // SAFETY: the SSL is alive.
        match unsafe { sys::SSL_want(self.as_ptr()) } {
            _ if self.is_undecided() => Some(Question::Verification),
            X509_LOOKUP => Some(Question::Identity),
            CLIENT_HELLO_CB => Some(Question::ClientHello),
            RETRY_VERIFY => Some(Question::Verification),
            _ => None,
        }
    }

    /// Tells whether nothing has been sent or received yet.
    pub fn in_before(&self) -> bool {
        // SAFETY: the SSL is alive.
        unsafe { health::is_unbegun(self.as_ptr()) }
    }

    /// The version that was agreed on.
    pub fn version(&self) -> &'static CStr {
        // SAFETY: the SSL is alive.
        let version = unsafe { sys::SSL_get_version(self.as_ptr()) };
        // SAFETY: the text is static and never NULL.
        unsafe { CStr::from_ptr(version) }
    }

    /// OpenSSL's name of the group of the key exchange.
    pub fn group(&self) -> Option<String> {
        // SAFETY: the SSL is alive.
        error::text_of(unsafe { group::negotiated(self.as_ptr()) })
    }

    /// The application protocol that was agreed on; empty for none.
    pub fn alpn_selected(&self) -> Vec<u8> {
        let (mut data, mut len) = (std::ptr::null(), 0);
        // SAFETY: both are places of ours.
        unsafe { sys::SSL_get0_alpn_selected(self.as_ptr(), &mut data, &mut len) };
        if data.is_null() {
            return Vec::new();
        }
        // SAFETY: the bytes belong to the connection, which no one changes here.
        unsafe { std::slice::from_raw_parts(data, len as usize) }.to_vec()
    }

    /// Tells whether the handshake resumed a session.
    pub fn session_reused(&self) -> bool {
        // SAFETY: the SSL is alive.
        unsafe { sys::SSL_session_reused(self.as_ptr()) != 0 }
    }

    /// The current session.
    pub fn session(&self) -> Option<SslSession> {
        // SAFETY: the SSL is alive.
        let session = unsafe { backend::session::current(self.as_ptr()) };
        // SAFETY: the reference is ours.
        unsafe { SslSession::from_raw(session) }
    }

    /// Offers a session for resumption; None offers none.
    pub fn set_session(&self, session: Option<&SslSession>) -> Result<()> {
        let Some(session) = session else {
            // SAFETY: the SSL is alive; NULL withdraws an offered session.
            return cvt(|| unsafe { sys::SSL_set_session(self.as_ptr(), null_mut()) });
        };
        let copy = session.duplicate()?;
        // SAFETY: both are alive; the SSL takes its own reference.
        cvt(|| unsafe { sys::SSL_set_session(self.as_ptr(), copy.as_ptr()) })
    }

    /// The bytes of this side's Finished message, or the peer's if not `own`; empty before it was made.
    pub fn finished(&self, own: bool) -> Vec<u8> {
        const MOST: usize = 128;
        let mut bytes = vec![0; MOST];
        let get = if own { sys::SSL_get_finished } else { sys::SSL_get_peer_finished };
        // SAFETY: the buffer has the given size.
        let len = unsafe { get(self.as_ptr(), bytes.as_mut_ptr().cast(), MOST) };
        bytes.truncate(len);
        bytes
    }

    /// The connection as callbacks get it.
    pub fn lent(&self) -> Option<Lent<'_>> {
        // SAFETY: the SSL lives as long as this borrow, and no other thread is inside.
        unsafe { Lent::new(self.as_ptr()) }
    }

    /// Verifies against this store from now on, and builds an own chain from it that is not given.
    pub fn set_store(&self, store: &Store) {
        // SAFETY: both are alive; the SSL takes its own reference.
        unsafe { settings::set_store(self.as_ptr(), store.as_ptr()) };
    }

    /// Sets the protocols that a client offers by ALPN, in wire format.
    pub fn set_alpn(&self, protocols: &[u8]) -> Result<()> {
        let len = c_uint::try_from(protocols.len()).map_err(|_| Cause::Untold)?;
        // SAFETY: pointer and length are those of one slice; OpenSSL copies it.
        let set = || unsafe { sys::SSL_set_alpn_protos(self.as_ptr(), protocols.as_ptr(), len) };
        // Here 0 is success.
        attempt(set, |result| result == 0).map(|_| ())
    }

    /// Replaces the ciphers of TLS 1.2 and below.
    pub fn set_ciphers(&self, ciphers: &CStr) -> Result<()> {
        // SAFETY: the SSL is alive.
        unsafe { backend::cipher::set_list(self.as_ptr(), ciphers) }
    }

    /// Adds a bit to the verify mode.
    pub fn add_verify_mode(&self, bit: i32) {
        // SAFETY: the SSL is alive; a NULL callback keeps the present one.
        let mode = unsafe { sys::SSL_get_verify_mode(self.as_ptr()) };
        // SAFETY: the same.
        unsafe { sys::SSL_set_verify(self.as_ptr(), mode | bit, None) }
    }

    /// The verify mode bits of this connection.
    pub fn verify_mode(&self) -> i32 {
        // SAFETY: the SSL is alive.
        unsafe { sys::SSL_get_verify_mode(self.as_ptr()) }
    }

    /// Offers post-handshake authentication, as a client.
    pub fn set_post_handshake_auth(&self, on: bool) {
        // SAFETY: the SSL is alive.
        unsafe { settings::set_post_handshake_auth(self.as_ptr(), on) }
    }

    /// Schedules the request for a client's certificate.
    pub fn verify_client_post_handshake(&self) -> Result<()> {
        // SAFETY: the SSL is alive.
        cvt(|| unsafe { sys::SSL_verify_client_post_handshake(self.as_ptr()) })
    }

    /// The result of verification. A client about whom the program has not decided counts as refused.
    pub fn verify_result(&self) -> i32 {
        if !self.is_admitted() {
            return REFUSED;
        }
        // SAFETY: the SSL is alive.
        unsafe { backend::verify::result(self.as_ptr()) }
    }

    /// The peer's certificate.
    pub fn peer_certificate(&self) -> Option<X509> {
        // SAFETY: the SSL is alive.
        let x509 = unsafe { sys::SSL_get1_peer_certificate(self.as_ptr()) };
        // SAFETY: get1 gave us a reference.
        unsafe { X509::from_raw(x509) }
    }

    /// The certificates that the peer sent; on a server without the client's own.
    pub fn peer_chain(&self) -> Result<Vec<X509>> {
        // SAFETY: the SSL is alive.
        let stack = unsafe { sys::SSL_get_peer_cert_chain(self.as_ptr()) };
        // SAFETY: the connection's own list, or NULL.
        unsafe { X509::list(stack) }
    }

    /// The chain that verification built.
    pub fn verified_chain(&self) -> Result<Vec<X509>> {
        // SAFETY: the SSL is alive.
        let stack = unsafe { backend::verify::chain(self.as_ptr()) };
        // SAFETY: the connection's own list, or NULL.
        unsafe { X509::list(stack) }
    }

    /// Switches to another context's certificate and callbacks, and sets its trust store, which is not part of the `SSL_CTX`.
    pub fn set_ctx(&self, ctx: &SslCtx, store: &Store) -> Result<()> {
        // SAFETY: both are alive; the SSL takes its own reference.
        unsafe { settings::switch_context(self.as_ptr(), ctx.as_ptr()) }?;
        self.set_store(store);
        ctx.tell_identities(self.as_ptr());
        ctx.limit_switched(self.as_ptr())
    }
}

impl Drop for Ssl {
    fn drop(&mut self) {
        if self.has_lost_thread() {
            // A thread that this process does not have was inside: what it was at must not be touched.
            return;
        }
        if let Some(interruptible) = self.interruptible() {
            self.end.give_up();
            interruptible.cancel();
        }
        // SAFETY: the SSL is alive.
        let state = unsafe { sys::SSL_get_shutdown(self.as_ptr()) };
        // libssl makes the session of an SSL unusable that is freed without this flag.
        // SAFETY: the SSL is alive.
        unsafe { sys::SSL_set_shutdown(self.as_ptr(), state | sys::SSL_SENT_SHUTDOWN) };
        // SAFETY: the one reference we own.
        unsafe { sys::SSL_free(self.as_ptr()) }
    }
}

//! Callbacks from libssl: each finds the connection's handler and never lets a panic reach C.

mod alpn;
mod client_hello;
mod identity;
mod keylog;
mod message;
mod psk;
mod scts;
mod server_name;
mod session;
mod staple;
mod ticket;
mod verification;
mod verify;

pub use alpn::AlpnAnswer;
pub(super) use alpn::alpn_select;
pub(super) use client_hello::client_hello;
pub(super) use identity::choose_identity;
pub(super) use keylog::keylog;
pub(super) use message::message;
pub use psk::PskResult;
pub(super) use psk::{client as psk_client, server as psk_server};
use scts::scts_on_the_way;
pub(super) use scts::{free_scts, receive_scts, send_scts};
pub use server_name::Alert;
pub(super) use server_name::server_name;
pub(super) use session::{new_session, new_ticket, stored_session};
pub(super) use staple::staple;
pub(super) use ticket::ticket_key;
pub(super) use verification::verify_chain;
pub(super) use verify::verify;

use super::backend::{self, health};
use super::chain_cache::{ChainKey, VerifiedChain};
use super::queue::preserving_unless_cancelled;
use super::ticket::TicketKey;
use super::verification::LentVerification;
use super::{lent::Lent, session::SslSession, slot, store, sys, x509::X509};
use std::ffi::CStr;
use std::os::raw::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What a connection does when libssl asks or reports something. Called on the thread that drives the connection, inside
/// one of its I/O calls.
pub trait Handler: Send + Sync {
    /// A handshake has begun or finished.
    fn handshake(&self, step: Step, ssl: &Lent<'_>);
    /// An alert was sent (`written`) or received.
    fn alert(&self, written: bool, description: u8);
    /// A fatal alert was sent or received: the session must not be resumed.
    fn broken(&self, ssl: &Lent<'_>);
    /// Verification refused a certificate; `flag` is the verify flag without which it would have passed, or 0.
    fn verify_failed(&self, code: i32, depth: u32, certificate: Option<X509>, flag: u64);
    /// Chooses one of the client's protocols, given in wire format; the answer is part of `offered`.
    fn select_alpn<'a>(&self, offered: &'a [u8]) -> AlpnAnswer<'a>;
    /// Shows a ClientHello to the program, before anything is made of it.
    fn show_client_hello(&self, ssl: &Lent<'_>) -> Result<Reply, Alert>;
    /// Examines a ClientHello, which may name a server, before libssl looks up the session that it offers.
    fn client_hello(&self, name: Option<&[u8]>, ssl: &Lent<'_>) -> Result<(), Alert>;
    /// Has a connection verify against the store that its context has by now. Nothing of libssl is at work with the old one.
    fn follow_trust(&self, ssl: &Lent<'_>);
    /// Tells whether that may be another one than it has.
    fn may_trust_others(&self) -> bool;
    /// The answer to the server name: whether an SNI callback has seen it, or the alert to send.
    fn name_answer(&self) -> Result<bool, Alert>;
    /// Has a connection use the identity that is right for what its peer wants. `Err` ends the handshake.
    fn choose_identity(&self, ssl: &Lent<'_>) -> Result<Reply, ()>;
    /// Tells whether a signer of that identity may have no answer yet when it is asked.
    fn signer_may_wait(&self) -> bool;
    /// Gives a client's identity, NUL-terminated, and its key, for a server's hint.
    fn psk_client(
        &self,
        hint: Option<&CStr>,
        identity: &mut [u8],
        key: &mut [u8],
        ssl: &Lent<'_>,
    ) -> PskResult;
    /// Gives the key of a client's identity.
    fn psk_server(&self, identity: Option<&CStr>, key: &mut [u8]) -> PskResult;
    /// A protocol message was sent (`written`) or received.
    fn message(&self, written: bool, version: i32, content_type: i32, data: &[u8]);
    /// A line for the key log.
    fn keylog(&self, line: &CStr);
    /// A session that can be resumed.
    fn new_session(&self, session: SslSession, ssl: &Lent<'_>);
    /// Finds a session that was kept elsewhere, by its id.
    fn stored_session(&self, id: &[u8]) -> Option<SslSession>;
    /// A ticket is about to be made of the current session. False ends the connection.
    fn new_ticket(&self, ssl: &Lent<'_>) -> bool;
    /// The OCSP response that a server sends with its certificate, as DER.
    fn staple(&self, ssl: &Lent<'_>) -> Option<Vec<u8>>;
    /// Checks the OCSP response that a server has sent, if it has. False refuses the server.
    fn check_staple(&self, response: Option<&[u8]>, ssl: &Lent<'_>) -> bool;
    /// Tells whether a client asks for certificate timestamps.
    fn asks_for_scts(&self) -> bool;
    /// The timestamps that a server sends with its certificate.
    fn scts(&self, ssl: &Lent<'_>) -> Option<Arc<[u8]>>;
    /// Takes the timestamps that a server has sent.
    fn receive_scts(&self, list: &[u8]) -> Result<(), Alert>;
    /// The keys of session tickets: the first encrypts, all decrypt. None fails the ticket.
    fn ticket_keys(&self) -> Option<Arc<[TicketKey]>>;
    /// Tells whether verified chains are kept.
    fn keeps_chains(&self) -> bool;
    /// Tells whether the peer's certificate has to be for a name or an address.
    fn expects_names(&self) -> bool;
    /// Finds a chain that was verified before and is valid now.
    fn known_chain(&self, key: &ChainKey) -> Option<Arc<VerifiedChain>>;
    /// A chain was verified.
    fn keep_chain(&self, key: ChainKey, chain: VerifiedChain);
    /// OpenSSL has come to a verdict on the peer's chain. Tells what is to become of the peer.
    fn verified(&self, passed: bool, verification: &LentVerification) -> Verdict;
    /// A callback has ended the handshake: the connection sends and receives nothing more.
    fn has_aborted(&self) -> bool;
    /// What the program says of the client that a server has let in before it knew.
    fn admission(&self) -> Admission;
    /// A callback panicked, with this payload.
    fn panicked(&self, panic: Box<dyn std::any::Any + Send>);
}

/// Whether the program has answered what libssl asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It has.
    Given,
    /// It has not yet: libssl stops, and asks again when it is called again.
    Pending,
}

/// What is to become of a peer that has shown its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is accepted.
    Accepted,
    /// It is refused.
    Refused,
    /// That is not known yet. libssl stops, and verifies again when it is called again. OpenSSL's cannot on a server:
    /// it goes on as if the client were accepted, and gets nothing more of it before the program has decided.
    Open,
}

/// What the program says of a client that libssl has let in before the program had decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Nothing is against it: it was accepted, or nobody had to be asked.
    Given,
    /// It has not decided. libssl's handshake has stopped in the middle or is finished, which depends on how the client packs
    /// its messages; to everybody else it is not finished.
    Open,
    /// It has refused the client: the handshake will never be finished.
    Refused,
}

/// A step of a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It began.
    Started,
    /// It was finished.
    Finished {
        /// It resumed a session.
        resumed: bool,
    },
}

unsafe fn handler<'a>(ssl: *const sys::SSL) -> Option<&'a Arc<dyn Handler>> {
    let slot = slot::of_handler().ok()?;
    // SAFETY: libssl calls with a live SSL.
    let data = unsafe { sys::SSL_get_ex_data(ssl, slot) };
    // SAFETY: NULL or what `Ssl::new` put there, which lives as long as the SSL.
    unsafe { data.cast::<Arc<dyn Handler>>().cast_const().as_ref() }
}

/// What the program says of a connection's client.
pub(super) unsafe fn admission(ssl: *const sys::SSL) -> Admission {
    // SAFETY: the caller has a live SSL.
    unsafe { handler(ssl) }.map_or(Admission::Refused, |handler| handler.admission())
}

/// Calls the handler, which may use the error queue in any way. A panic gives `failed` and is kept for the call in
/// progress. While the connection is freed in the middle of a handshake nobody is asked or told anything.
unsafe fn guarded<T>(ssl: *const sys::SSL, failed: T, answer: impl FnOnce(&dyn Handler) -> T) -> T {
    // SAFETY: libssl calls with a live SSL.
    let Some(handler) = (unsafe { handler(ssl) }) else { return failed };
    let answered =
        preserving_unless_cancelled(|| match catch_unwind(AssertUnwindSafe(|| answer(&**handler))) {
            Ok(value) => Some(value),
            Err(panic) => {
                let _ = catch_unwind(AssertUnwindSafe(|| handler.panicked(panic)));
                None
            }
        });
    answered.flatten().unwrap_or(failed)
}

/// Has a connection verify against the store that its context has by now. This is asked at each step of each handshake: hardly ever
/// is there another store, and only then the error queue is touched.
unsafe fn follow_trust(lent: &Lent<'_>) {
    if !store::any_replaced() {
        return;
    }
    // SAFETY: the caller has a live SSL; so below.
    if unsafe { handler(lent.as_ptr()) }.is_some_and(|handler| handler.may_trust_others()) {
        // SAFETY: as above.
        unsafe { guarded(lent.as_ptr(), (), |handler| handler.follow_trust(lent)) }
    }
}

pub(super) unsafe extern "C" fn info(ssl: *const sys::SSL, place: c_int, value: c_int) {
    const ALERT: c_int = 0x4000;
    const WRITE: c_int = 0x08;
    const LOOP: c_int = 0x01;
    const STARTED: c_int = 0x10;
    const FINISHED: c_int = 0x20;
    /// A server has come to the next state of its handshake.
    const STEPPED: c_int = 0x2001;
    const FATAL: c_int = 2;
    // SAFETY: libssl calls with a live SSL.
    let Some(lent) = (unsafe { Lent::new(ssl.cast_mut()) }) else { return };
    let tell = |handler: &dyn Handler| match place {
        STARTED => handler.handshake(Step::Started, &lent),
        FINISHED => handler.handshake(Step::Finished { resumed: lent.is_resumed() }, &lent),
        place => {
            handler.alert(place & WRITE != 0, value as u8);
            if value >> 8 == FATAL {
                handler.broken(&lent);
            }
        }
    };
    if place == STEPPED {
        // SAFETY: libssl calls with a live SSL.
        unsafe { backend::ticket::has_stepped(lent.as_ptr(), new_ticket) }
    }
    if place & LOOP != 0 {
        // SAFETY: libssl calls with a live SSL.
        unsafe { scts_on_the_way(&lent) };
    }
    if place & LOOP != 0 || place == STARTED {
        // SAFETY: libssl calls with a live SSL.
        unsafe { follow_trust(&lent) }
    }
    let is_alert = place & ALERT != 0;
    // SAFETY: libssl calls with a live SSL.
    let is_told = is_alert && unsafe { health::has_alerted(lent.as_ptr(), place & WRITE != 0, value) };
    if matches!(place, STARTED | FINISHED) || is_told {
        // SAFETY: libssl calls with a live SSL.
        unsafe { guarded(ssl, (), tell) }
    }
}

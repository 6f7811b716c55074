//! The settings of a context that its `SSL_CTX` does not hold: each connection gets them by itself.

use super::names;
use crate::openssl::ctx::SslCtx;
use crate::openssl::flags::mode;
use crate::openssl::ssl::Ssl;
use crate::ssl::context::{Context, Ocsp, Snapshot};
use crate::ssl::error::Result;
use crate::ssl::events::Events;
use std::ffi::CStr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Sets on a new connection what its `SSL_CTX` does not hold.
pub(super) fn prepare(ssl: &Ssl, snapshot: &Snapshot, hostname: Option<&CStr>) -> Result<()> {
    if !ssl.is_server() && !snapshot.alpn.is_empty() {
        ssl.set_alpn(&snapshot.alpn)?;
    }
    if snapshot.post_handshake_auth {
        match ssl.is_server() {
            true if ssl.verify_mode() & mode::PEER != 0 => ssl.add_verify_mode(mode::POST_HANDSHAKE),
            true => {}
            false => ssl.set_post_handshake_auth(true),
        }
    }
    if !ssl.is_server() && snapshot.ocsp != Ocsp::Ignore {
        ssl.request_staple()?;
    }
    hostname.map_or(Ok(()), |name| names::ask_for(ssl, name, snapshot.check_hostname))
}

/// Makes libssl call exactly those callbacks that the context has: an unused one would already change what libssl does.
/// `ctx`: the one that it was made with, or has got since.
pub(super) fn follow(ssl: &Ssl, context: &Context, events: &Events, ctx: &Arc<SslCtx>) -> Result<()> {
    let (callbacks, may_wait) = (context.callbacks(), ctx.may_wait());
    let shows_hellos = ssl.is_server() && events.show_hellos(&callbacks);
    ssl.watch_messages(callbacks.message.is_some() || shows_hellos);
    events.may_wait.store(may_wait, Ordering::Relaxed);
    let needs_choice = ctx.needs_choice(ssl.is_server());
    ssl.set_identity_choice(callbacks.identity.is_some() || may_wait || needs_choice);
    if !ssl.is_server() {
        ssl.set_psk_client(callbacks.psk_client.is_some());
        return Ok(());
    }
    events.scts.send_those_of(ctx);
    ssl.set_psk_server(callbacks.psk_server.is_some());
    Ok(ssl.set_psk_identity_hint(callbacks.psk_hint.as_deref())?)
}

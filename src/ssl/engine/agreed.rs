//! What both sides agreed on, except version and cipher.

use super::Engine;
use crate::openssl::binding::server_end_point;
use crate::openssl::ssl::Ssl;
use crate::ssl::certificate::Certificate;
use crate::ssl::cipher::CipherList;
use crate::ssl::error::{Error, Result};
use std::ffi::CStr;

const NOT_UNIQUE: &str =
    "the channel binding tls-unique is not defined for TLS 1.3: use tls-exporter (RFC 9266)";
const NOT_LASTING: &str = "the channel binding tls-exporter needs TLS 1.3, or in TLS 1.2 the extended master secret and \
                           OP_NO_RENEGOTIATION (RFC 9266)";
const NOT_EXTENDED: &str = "keys cannot be exported from this connection: over TLS 1.2 and below that takes the extended \
                            master secret (RFC 7627), without which another connection could be made to have the same";
const NO_END_POINT: &str = "the channel binding tls-server-end-point is not known here: this server has resumed a \
                            session, no certificate was shown, or one that was signed without a digest";

/// Label and length of the keying material that identifies a connection of any version. RFC 9266, section 2
const EXPORTER: (&str, usize) = ("EXPORTER-Channel-Binding", 32);

/// The types of channel binding.
#[derive(Clone, Copy)]
enum Binding {
    /// The first Finished message of the handshake. RFC 5929, 3
    Unique,
    /// Keying material exported for this purpose. RFC 9266
    Exporter,
    /// The digest of the server's certificate. RFC 5929, 4
    ServerEndPoint,
}

impl Binding {
    /// None means "tls-unique"; `quote` is put around an unknown type in the message.
    fn find(kind: Option<&str>, quote: &str) -> Result<Binding> {
        match kind {
            None | Some("tls-unique") => Ok(Binding::Unique),
            Some("tls-exporter") => Ok(Binding::Exporter),
            Some("tls-server-end-point") => Ok(Binding::ServerEndPoint),
            Some(kind) => {
                Err(Error::value(format_args!("{quote}{kind}{quote} channel binding type not implemented")))
            }
        }
    }
}

/// Checks a type of channel binding; `quote` is put around an unknown type in the message.
pub(crate) fn check_binding_type(kind: Option<&str>, quote: &str) -> Result<()> {
    Binding::find(kind, quote).map(|_| ())
}

/// Checks that the length of the keying material is not 0.
pub(crate) fn check_count(count: usize) -> Result<()> {
    match count {
        0 => Err(Error::value("the output for keying material has no length: it takes 1 byte or more")),
        _ => Ok(()),
    }
}

impl Engine {
    /// Tells whether a handshake was finished, though another may have begun. What comes before that proves nothing.
    pub(crate) fn has_shaken_hands(&self) -> bool {
        self.core().is_ok_and(|core| is_finished(&core.ssl))
    }

    /// Python: `shared_ciphers()`. None on a client and before the handshake.
    pub fn shared_ciphers(&self) -> Option<CipherList> {
        let core = self.core().ok()?;
        let offered = core.ssl.client_ciphers()?;
        let mut own = core.ssl.enabled_ciphers();
        own.retain(|cipher| offered.iter().any(|other| other.id == cipher.id));
        Some(own.into())
    }

    /// Python: `compression()`
    pub fn compression(&self) -> Option<&'static CStr> {
        self.core().ok()?.ssl.compression()
    }

    /// Keying material derived from the connection's secrets (RFC 5705; RFC 8446, section 7.5). It is secret.
    pub fn export_keying_material(
        &self,
        label: &str,
        context: Option<&[u8]>,
        count: usize,
    ) -> Result<Vec<u8>> {
        check_count(count)?;
        let core = self.core()?;
        // During a further handshake of TLS 1.2 the connection already has the new secrets, or none.
        if !is_finished(&core.ssl) || !is_tls_1_3(&core.ssl) && !core.ssl.is_init_finished() {
            return Err(Error::value("handshake not done yet"));
        }
        if !is_tls_1_3(&core.ssl) && !core.ssl.has_extended_master_secret() {
            return Err(Error::value(NOT_EXTENDED));
        }
        export(&core.ssl, label, context, count)
    }

    /// Python 3.15: `client_sigalg()`: how the client has signed, by the name of TLS. None where it has not.
    pub fn client_sigalg(&self) -> Option<&'static CStr> {
        self.sigalg(false)
    }

    /// Python 3.15: `server_sigalg()`: how the server has signed, by the name of TLS. None where it has not.
    pub fn server_sigalg(&self) -> Option<&'static CStr> {
        self.sigalg(true)
    }

    /// The certificate that this side has shown in the handshake. None where it has shown none.
    pub fn own_certificate(&self) -> Result<Option<Certificate>> {
        let core = self.core()?;
        let ssl = &core.ssl;
        if !ssl.is_init_finished() {
            return Err(Error::value("handshake not done yet"));
        }
        let shown = if ssl.is_server() {
            self.events.shown.get()
        } else {
            // A client has one to show, and was perhaps not asked for it.
            ssl.own_certificate().filter(|own| ssl.own_sigalg(Some(own.clone())).is_some())
        };
        Ok(shown.map(|x509| Certificate::new(x509, false)))
    }

    fn sigalg(&self, of_server: bool) -> Option<&'static CStr> {
        let core = self.core().ok()?;
        let ssl = &core.ssl;
        if !is_finished(ssl) {
            return None;
        }
        match (of_server == ssl.is_server(), of_server) {
            (true, true) => ssl.own_sigalg(self.events.shown.get()),
            (true, false) => ssl.own_sigalg(ssl.own_certificate()),
            (false, _) => ssl.peer_sigalg(),
        }
    }

    /// Python: `get_channel_binding(cb_type)`; None means "tls-unique". Gives None before the handshake is finished. Beyond
    /// Python: "tls-exporter" and "tls-server-end-point". Ours: a type that is not defined for the connection is refused.
    pub fn get_channel_binding(&self, kind: Option<&str>) -> Result<Option<Vec<u8>>> {
        let kind = Binding::find(kind, "'")?;
        let core = self.core()?;
        let ssl = &core.ssl;
        if !is_finished(ssl) {
            return Ok(None);
        }
        match kind {
            Binding::Unique => unique(ssl),
            Binding::Exporter => exporter(ssl),
            Binding::ServerEndPoint => {
                let shown = if ssl.is_server() { self.events.shown.get() } else { ssl.peer_certificate() };
                server_end_point(shown)?.ok_or_else(|| Error::value(NO_END_POINT))
            }
        }
        .map(Some)
    }
}

/// Both Finished messages are known only once the handshake is finished.
fn is_finished(ssl: &Ssl) -> bool {
    ssl.is_admitted() && !ssl.finished(true).is_empty() && !ssl.finished(false).is_empty()
}

/// The first Finished message of the handshake: the client's, or the server's if a session was resumed.
fn unique(ssl: &Ssl) -> Result<Vec<u8>> {
    if is_tls_1_3(ssl) {
        return Err(Error::value(NOT_UNIQUE));
    }
    let ours_was_first = ssl.session_reused() == ssl.is_server();
    Ok(ssl.finished(ours_was_first))
}

/// In TLS 1.2 without the extended master secret an attacker could give two connections the same keys, and a renegotiation
/// would change the keys.
fn exporter(ssl: &Ssl) -> Result<Vec<u8>> {
    let lasting = || ssl.has_extended_master_secret() && ssl.refuses_renegotiation();
    if !is_tls_1_3(ssl) && !lasting() {
        return Err(Error::value(NOT_LASTING));
    }
    let (label, count) = EXPORTER;
    export(ssl, label, Some(&[]), count)
}

fn export(ssl: &Ssl, label: &str, context: Option<&[u8]>, count: usize) -> Result<Vec<u8>> {
    let mut keys = Vec::new();
    keys.try_reserve_exact(count)?;
    keys.resize(count, 0);
    ssl.export_keying_material(label.as_bytes(), context, &mut keys)?;
    Ok(keys)
}

fn is_tls_1_3(ssl: &Ssl) -> bool {
    ssl.version() == c"TLSv1.3"
}

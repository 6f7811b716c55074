//! The certificate of a server.

use super::context::{CERT_NONE, CERT_REQUIRED, Context};
use super::error::{Error, Result};
use super::module::pem::der_cert_to_pem_cert;
use super::socket::Timeout;
use std::path::Path;

/// Connects to a server and gives its certificate as PEM, verified against `ca_certs`, or not verified without them. The
/// name is never checked. One deadline covers everything. The environment variable SSLKEYLOGFILE is used.
/// Python: `get_server_certificate((host, port), ssl_version, ca_certs, timeout)`
pub fn get_server_certificate(
    host: &str,
    port: u16,
    ssl_version: i32,
    ca_certs: Option<&Path>,
    timeout: Timeout,
) -> Result<String> {
    let context = Context::new(ssl_version)?;
    context.set_check_hostname(false)?;
    match ca_certs.filter(|file| !file.as_os_str().is_empty()) {
        Some(file) => {
            context.set_verify_mode(CERT_REQUIRED)?;
            context.load_verify_locations(Some(file), None, None)?;
        }
        None => context.set_verify_mode(CERT_NONE)?,
    }
    context.log_keys_as_told()?;
    let socket = context.create_connection(host, port, timeout)?;
    let certificate = socket.connection()?.peer_certificate()?;
    let certificate = certificate.ok_or_else(|| Error::value("the server has no certificate"))?;
    der_cert_to_pem_cert(certificate.encoded()?)
}

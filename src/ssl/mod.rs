//! Python's `ssl` in safe Rust.
#![forbid(unsafe_code)]

pub mod bio;
mod bundle;
pub mod certificate;
pub mod cipher;
pub mod client_hello;
pub mod connection;
pub mod context;
pub mod ech;
pub mod engine;
pub mod error;
mod events;
mod file;
pub mod hostname;
pub mod identity;
pub(crate) mod interrupt;
pub(crate) mod json;
mod known;
mod nearest;
pub mod module;
pub mod object;
mod origin;
mod outcome;
pub mod server_certificate;
pub mod session;
pub mod socket;
pub(crate) mod text;
pub mod verification;
pub mod warning;
mod wrap;

pub use bio::MemoryBio;
pub use certificate::{Certificate, CertificateList};
pub use cipher::CipherList;
pub use client_hello::ClientHello;
pub use connection::Connection;
pub use context::{
    AlpnCallback, CertStoreStats, ClientHelloCallback, Context, IdentityCallback, KeylogCallback, Message,
    MessageCallback, Ocsp, OcspStatus, PskClientCallback, PskServerCallback, Refusal, SessionCache,
    SessionCallback, SessionStats, SniCallback, TicketKeyFormat, VerifyCallback, VerifyOverride,
};
pub use ech::{EchKeys, EchStatus, generate_ech_keys};
pub use error::{Error, Phase, Result, Status};
pub use identity::{
    CaName, Identity, IdentityRequest, Password, PasswordCallback, SignRequest, SignerCallback, SignerWait,
};
pub use interrupt::{InterruptHandler, set_interrupt_callback};
pub use module::environment::{environment_trusted, set_environment_trusted};
pub use module::info::{
    CHANNEL_BINDING_TYPES, VersionInfo, backend, get_protocol_name, has, openssl_version,
    openssl_version_info, openssl_version_number,
};
pub use module::oid::{Asn1Object, nid2obj, txt2obj};
pub use module::paths::{VerifyPaths, get_default_verify_paths};
pub use module::pem::{PEM_FOOTER, PEM_HEADER, der_cert_to_pem_cert, pem_cert_to_der_cert};
pub use module::rand::{rand_add, rand_bytes, rand_status};
pub use module::sigalgs::get_sigalgs;
pub use module::store::{StoreEntry, StoreList, enum_certificates, enum_crls};
pub use module::time::cert_time_to_seconds;
pub use object::{Object, Pump, PumpResult};
pub use server_certificate::get_server_certificate;
pub use session::Session;
pub use socket::{NotWrapped, Socket, Timeout, WrapFlags};
pub use verification::Verification;
pub use warning::{WarningHandler, set_warning_callback};

pub use crate::openssl::cipher::{Cipher, CipherInfo};

use std::any::Any;

/// Turns the payload of a panic into an error: the panic is a defect of ours, or of a callback.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Error {
    let words = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Error::new(Status::Panic, format_args!("internal error, please report it: {words}"))
}

/// The clock by which the validity of certificates is checked.
pub(crate) fn seconds_now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
}

/// Overwrites a secret before its memory is freed.
pub(crate) fn wipe(secret: &mut [u8]) {
    crate::openssl::cleanse(secret);
}

//! OpenSSL 3.0 and newer.

pub mod admission;
pub mod capability;
pub mod cipher;
pub mod feature;
pub mod group;
pub mod hello;
pub mod identity;
pub mod inner_hello;
pub mod io;
mod issuer;
pub mod library;
pub mod limits;
pub mod lookup;
pub mod names;
pub mod ocsp;
pub mod pkcs12;
pub mod provider;
pub mod queue;
pub mod reasons;
pub mod scts;
pub mod session;
pub mod settings;
pub mod sigalg;
pub mod signer;
pub mod ticket;
pub mod uri;
pub mod verify;

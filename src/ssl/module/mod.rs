//! Python's module-level functions.

pub mod environment;
pub mod info;
pub mod oid;
pub mod paths;
pub mod pem;
pub mod rand;
pub mod sigalgs;
pub mod store;
pub mod time;

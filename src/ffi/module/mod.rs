//! Python's module-level functions, and what the library tells of itself.

pub mod context;
pub mod ech;
pub mod environment;
pub mod server_certificate;
pub mod info;
pub mod interrupt;
pub mod oid;
pub mod paths;
pub mod pem;
pub mod rand;
pub mod sigalgs;
pub mod store;
pub mod time;
pub mod version;
pub mod warning;

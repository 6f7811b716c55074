//! The debug log of a build with the feature `checked`: each call, its handles and its status, on standard error, where the
//! environment has TLSOCK_DEBUG. Every other build has nothing of it and prints nothing.

#[cfg(feature = "checked")]
mod log;
#[cfg(not(feature = "checked"))]
mod silent;

#[cfg(feature = "checked")]
pub use log::{Call, note_handle};
#[cfg(not(feature = "checked"))]
pub use silent::Call;
#[cfg(all(debug_assertions, not(feature = "checked")))]
pub use silent::note_handle;

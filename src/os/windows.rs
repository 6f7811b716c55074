//! The parts that only Windows has, or that differ there.

pub mod errno;
mod environment;
mod file;
mod fork;
mod option;
mod signal;
mod socket;
pub mod store;

pub use environment::has_raised_privileges;
pub use file::{LentFile, append_private, borrow_file, file_identity, open_to_read, read_at, seek};
pub use fork::{Origin, Ownership, Process, close_copy, generation};
pub use option::{get_option, set_option};
pub use signal::{without_signals, without_sigpipe};
pub use socket::{
    accept, adopt, close, give_back, is_nonblocking, local_path, peek, recv, reuse_address, send,
    set_nonblocking, start_connect, tcp_socket,
};

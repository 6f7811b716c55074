//! Sockets over real descriptors, through the public Rust API: TCP on loopback and local socket pairs, TLS 1.2 and
//! 1.3, with peers in other threads.
#![allow(clippy::print_stdout, clippy::undocumented_unsafe_blocks)]

mod certs;

#[path = "socket/abi.rs"]
mod abi;
#[path = "socket/calls.rs"]
mod calls;
#[path = "socket/connect.rs"]
mod connect;
#[path = "socket/cut.rs"]
mod cut;
#[path = "socket/data.rs"]
mod data;
#[path = "socket/end.rs"]
mod end;
#[path = "socket/file.rs"]
mod file;
#[path = "socket/late.rs"]
mod late;
#[path = "socket/flags.rs"]
mod flags;
#[path = "socket/listen.rs"]
mod listen;
#[path = "socket/pair.rs"]
mod pair;
#[path = "socket/poll.rs"]
mod poll;
#[path = "socket/python.rs"]
mod python;
#[path = "socket/refused.rs"]
mod refused;
#[path = "socket/scenes.rs"]
mod scenes;
#[path = "socket/states.rs"]
mod states;
#[path = "socket/streams.rs"]
mod streams;
#[path = "socket/time.rs"]
mod time;
#[path = "socket/told.rs"]
mod told;
#[path = "socket/wake.rs"]
mod wake;
#[path = "socket/wrap.rs"]
mod wrap;

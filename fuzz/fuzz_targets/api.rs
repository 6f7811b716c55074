//! Any sequence of calls that a careful C program could make: see `api`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlsock_fuzz::api::{Program, run};

fuzz_target!(|program: Program| run(&program));

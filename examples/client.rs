//! Fetches a page: cargo run --example client -- HOST [PORT]
#![allow(clippy::print_stdout)]

use std::io::{Read, Write};
use tlsock::context::PURPOSE_SERVER_AUTH;
use tlsock::{Context, Timeout};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let host = arguments.next().ok_or("usage: client HOST [PORT]")?;
    let port = arguments.next().map_or(Ok(443), |port| port.parse())?;

    let context = Context::create_default(PURPOSE_SERVER_AUTH, None, None, None)?;
    let mut socket =
        context.create_connection(&host, port, Timeout::After(std::time::Duration::from_secs(10)))?;
    write!(socket, "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut page = Vec::new();
    socket.read_to_end(&mut page)?;
    println!("{}", String::from_utf8_lossy(&page));
    Ok(())
}

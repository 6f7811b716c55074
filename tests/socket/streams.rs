//! The traits of Rust's standard library over a socket.

use super::pair::{each, pair, seconds};
use std::io::{self, BufRead, BufReader, Read, Write};
use tlsock::{Status, Timeout};

#[test]
fn the_standard_library_reads_and_writes_through_tls() {
    each(|client, server| {
        let echo = std::thread::spawn(move || {
            let mut reader = BufReader::new(&server);
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            (&server).write_all(line.to_uppercase().as_bytes()).unwrap();
            server.unwrap().unwrap();
        });
        let mut answer = String::new();
        (&client).write_all(b"hello\n").unwrap();
        (&client).read_to_string(&mut answer).unwrap();
        assert_eq!(answer, "HELLO\n");
        let _ = client.unwrap();
        echo.join().unwrap();
    });
}

#[test]
fn large_data_is_copied_whole_in_both_directions_at_once() {
    let (client, server) = pair();
    let data: Vec<u8> = (0..3_000_000_u32).map(|number| (number * 7 % 253) as u8).collect();
    let echo = std::thread::spawn(move || {
        let (mut source, mut sink) = (&server, &server);
        let copied = io::copy(&mut source, &mut sink).unwrap();
        server.close_write().unwrap();
        copied
    });
    let (sent, writer) = (data.clone(), client.clone());
    let sending = std::thread::spawn(move || {
        (&writer).write_all(&sent).unwrap();
        writer.close_write().unwrap();
    });
    let mut back = Vec::new();
    (&client).read_to_end(&mut back).unwrap();
    sending.join().unwrap();
    assert_eq!((back == data, echo.join().unwrap()), (true, data.len() as u64));
}

#[test]
fn failures_have_a_kind_and_the_error_inside() {
    let (client, server) = pair();
    client.settimeout(Timeout::NonBlocking).unwrap();
    let error = Read::read(&mut &client, &mut [0; 8]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    client.settimeout(seconds(0.01)).unwrap();
    let error = Read::read(&mut &client, &mut [0; 8]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    let inside = error.get_ref().and_then(|inside| inside.downcast_ref::<tlsock::Error>());
    assert_eq!(inside.map(tlsock::Error::status), Some(Status::Timeout));
    client.close().unwrap();
    let error = Write::write(&mut &client, b"x").unwrap_err();
    assert_eq!(error.kind(), io::Error::from_raw_os_error(9).kind());
    drop(server);
}

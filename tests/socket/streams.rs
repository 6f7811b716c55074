//! The traits of Rust's standard library over a socket.

use super::pair::{TLS12, TLS13, drain, each, local, pair, pair_over, seconds, wrap_client};
use std::io::{self, BufRead, BufReader, Read, Write};
use tlsock::{Status, Timeout, WrapFlags};

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

/// By the rules of the standard library a write that ends with an error has taken nothing: a caller that then writes other
/// bytes, or continues after those that were counted, sends each byte once.
#[test]
fn what_a_write_could_not_send_is_counted() {
    for timeout in [Timeout::NonBlocking, seconds(0.01)] {
        each(|client, server| {
            client.settimeout(timeout).unwrap();
            let mut sent = Vec::new();
            let mut refused = || loop {
                let block = vec![sent.len() as u8; 1_000_000];
                match Write::write(&mut &client, &block) {
                    Ok(count) => sent.extend_from_slice(&block[..count]),
                    Err(error) => break error.kind(),
                }
            };
            // The system may find more room meanwhile, but not for ever.
            let (refused, left) = loop {
                let refused = refused();
                let left = client.pending_write();
                match Write::flush(&mut &client) {
                    Ok(()) => {}
                    Err(error) => break ([refused, error.kind()], left),
                }
            };
            assert!(matches!(refused[0], io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut), "{refused:?}");
            assert!(refused[1] == refused[0] && left > 0);
            let reader = std::thread::spawn(move || drain(&server));
            client.settimeout(Timeout::Never).unwrap();
            (&client).write_all(b"other words").unwrap();
            sent.extend_from_slice(b"other words");
            client.close_write().unwrap();
            assert!(reader.join().unwrap() == sent);
        });
    }
}

#[test]
fn flush_sends_what_writes_have_left() {
    let (client, server) = pair_over(local(), TLS13, WrapFlags::default());
    client.settimeout(Timeout::NonBlocking).unwrap();
    let mut sent = 0;
    while let Ok(count) = Write::write(&mut &client, &[7; 100_000]) {
        sent += count;
    }
    let left = client.pending_write();
    assert!(left > 0);
    client.settimeout(Timeout::Never).unwrap();
    let mut got = vec![0; sent];
    std::thread::scope(|threads| {
        threads.spawn(|| (&server).read_exact(&mut got).unwrap());
        Write::flush(&mut &client).unwrap();
        assert_eq!(client.pending_write(), 0);
    });
    assert!(got.iter().all(|byte| *byte == 7));
    Write::flush(&mut &client).unwrap();
}

/// What comes between the two parts of a send would be read in the middle of it.
#[test]
fn a_write_behind_an_interrupted_send_waits_for_its_rest() {
    let (client, server) = pair_over(local(), TLS13, WrapFlags::default());
    client.settimeout(Timeout::NonBlocking).unwrap();
    let data: Vec<u8> = (0..4_000_000_u32).map(|number| (number * 7 % 253) as u8).collect();
    assert_eq!(client.send(&data).unwrap_err().status(), Status::WantWrite);
    let refused = Write::write(&mut &client, b"between").unwrap_err();
    let inside = refused.get_ref().and_then(|inside| inside.downcast_ref::<tlsock::Error>()).unwrap();
    assert_eq!(inside.status(), Status::Value);
    let words = "bad write retry: a send that was not finished must be repeated first";
    assert_eq!(inside.message(), words);
    let reader = std::thread::spawn(move || drain(&server));
    client.settimeout(Timeout::Never).unwrap();
    client.sendall(&data).unwrap();
    (&client).write_all(b"behind").unwrap();
    client.close_write().unwrap();
    assert!(reader.join().unwrap() == [&data[..], b"behind"].concat());
}

/// `read_to_end` has no other way to tell.
#[test]
fn a_stream_that_was_cut_does_not_end_cleanly() {
    for flags in [WrapFlags::default(), WrapFlags::REPORT_RAGGED_EOFS] {
        let (client, server) = pair_over(local(), TLS13, flags);
        server.sendall(b"half of it").unwrap();
        server.close().unwrap();
        let mut read = Vec::new();
        let cut = (&client).read_to_end(&mut read).unwrap_err();
        assert_eq!((cut.kind(), &read[..]), (io::ErrorKind::UnexpectedEof, &b"half of it"[..]));
        let inside = cut.get_ref().and_then(|inside| inside.downcast_ref::<tlsock::Error>());
        assert_eq!(inside.map(tlsock::Error::status), Some(Status::Eof));
        assert_eq!(Read::read(&mut &client, &mut []).unwrap(), 0);
    }
}

/// A close_notify in the clear comes from anybody: nobody has proved to be the peer.
#[test]
fn an_end_before_the_end_of_the_handshake_is_no_end_of_the_stream() {
    const CLOSE_NOTIFY: [u8; 7] = [21, 3, 3, 0, 2, 1, 0];
    const HANDSHAKE_FAILURE: [u8; 7] = [21, 3, 3, 0, 2, 2, 40];
    for version in [TLS12, TLS13] {
        for (alert, expected) in [
            (CLOSE_NOTIFY, [io::ErrorKind::UnexpectedEof; 2]),
            (HANDSHAKE_FAILURE, [io::ErrorKind::Other, io::ErrorKind::ConnectionAborted]),
        ] {
            let (near, far) = local();
            let client = wrap_client(near, version, WrapFlags::NO_HANDSHAKE).unwrap();
            let mut raw = std::fs::File::from(far);
            raw.write_all(&alert).unwrap();
            let mut kinds = Vec::new();
            for _ in 0..2 {
                let mut got = Vec::new();
                kinds.push((&client).read_to_end(&mut got).unwrap_err().kind());
                assert_eq!(Read::read(&mut &client, &mut []).unwrap(), 0);
            }
            assert_eq!(kinds, expected);
            // As in Python, whose recv tells no end from another.
            assert_eq!(client.recv(&mut [0; 4]).unwrap(), 0);
        }
    }
}

//! Bytes in both directions.

use super::pair::*;
use tlsock::socket::Ready;
use tlsock::*;

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|index| (index * 7 + index / 251) as u8).collect()
}

#[test]
fn bytes_arrive_in_order_and_the_end_is_clean() {
    each(|client, server| {
        let data = pattern(3 << 20);
        let sent = data.clone();
        let writer = std::thread::spawn(move || {
            client.sendall(&sent[..1]).unwrap();
            assert_eq!(client.send(&sent[1..70_000]).unwrap(), 69_999);
            assert_eq!(client.write(&sent[70_000..]).unwrap(), sent.len() - 70_000);
            client.close_write().unwrap();
            client
        });
        assert_eq!(drain(&server), data);
        assert!(!server.ragged_eof());
        server.sendall(b"answer after the end").unwrap();
        let client = writer.join().unwrap();
        assert_eq!(receive(&client, 20), b"answer after the end");
        assert_eq!(message(client.send(b"more")), "[SSL: PROTOCOL_IS_SHUTDOWN] protocol is shutdown");
    });
}

#[test]
fn asking_for_kernel_tls_changes_nothing() {
    const ENABLE_KTLS: u64 = 1 << 3;
    for version in [TLS12, TLS13] {
        let (client, server) = (client(version), server(version));
        for context in [&client, &server] {
            context.set_options(context.options() | ENABLE_KTLS).unwrap();
            assert!(context.options() & ENABLE_KTLS != 0);
        }
        let (near, far) = tcp();
        let data = pattern(1 << 20);
        let sent = data.clone();
        let serving = std::thread::spawn(move || {
            let server = wrap(&server, far, WrapFlags::SERVER_SIDE, None).unwrap();
            server.sendall(&receive(&server, sent.len())).unwrap();
            server.unwrap().unwrap();
        });
        let client = wrap(&client, near, WrapFlags::default(), Some("localhost")).unwrap();
        client.sendall(&data).unwrap();
        assert_eq!(receive(&client, data.len()), data);
        client.unwrap().unwrap();
        serving.join().unwrap();
    }
}

#[test]
fn one_read_gives_one_record_at_most_and_pending_tells_the_rest() {
    each(|client, server| {
        client.sendall(&pattern(20_000)).unwrap();
        let mut buffer = vec![0; 40_000];
        assert_eq!(server.recv(&mut buffer[..10]).unwrap(), 10);
        assert_eq!(server.engine().unwrap().pending(), 16_374);
        assert_eq!(server.recv(&mut buffer).unwrap(), 16_374);
        assert_eq!(receive(&server, 3616).len(), 3616);
        assert_eq!(server.recv(&mut []).unwrap(), 0);
    });
}

#[test]
fn empty_writes_send_nothing_that_is_seen() {
    each(|client, server| {
        assert_eq!(client.send(b"").unwrap(), 0);
        client.sendall(b"").unwrap();
        assert_eq!(client.sendv(&[]).unwrap(), 0);
        assert_eq!(client.sendv(&[b"", b""]).unwrap(), 0);
        client.sendall(b"x").unwrap();
        assert_eq!(receive(&server, 1), b"x");
    });
}

/// Both send more than any buffer holds before either reads: if a writer held up the reader, or the reverse, this would
/// never end.
#[test]
fn both_directions_flow_at_once() {
    each(|client, server| {
        const SIZE: usize = 12 << 20;
        let writers = [&client, &server].map(|socket| {
            let socket = socket.clone();
            std::thread::spawn(move || socket.sendall(&pattern(SIZE)).unwrap())
        });
        let readers = [client, server].map(|socket| std::thread::spawn(move || receive(&socket, SIZE)));
        for reader in readers {
            assert!(reader.join().unwrap() == pattern(SIZE));
        }
        writers.into_iter().for_each(|writer| writer.join().unwrap());
    });
}

/// The reader's thread must get its bytes though the writer's ciphertext waits for room.
#[test]
fn a_reader_never_waits_for_a_blocked_writer() {
    each(|client, server| {
        let writer = client.clone();
        let writer = sleeper(move || writer.sendall(&pattern(32 << 20))).until_asleep();
        server.sendall(b"for the reader").unwrap();
        let reader = client.clone();
        assert_eq!(sleeper(move || receive(&reader, 14)).join(), b"for the reader");
        assert!(!writer.thread.is_finished());
        client.abort().unwrap();
        assert_ne!(status(writer.join()), Status::Ok);
    });
}

#[test]
fn many_writers_and_readers_queue_up() {
    let (client, server) = pair();
    let writers: Vec<_> = (0..8_u8)
        .map(|number| {
            let client = client.clone();
            std::thread::spawn(move || (0..200).for_each(|_| client.sendall(&[number; 1000]).unwrap()))
        })
        .collect();
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let server = server.clone();
            std::thread::spawn(move || {
                let mut counts = [0_usize; 8];
                let mut buffer = [0; 1000];
                loop {
                    match server.recv(&mut buffer).unwrap() {
                        0 => return counts,
                        count => buffer[..count].iter().for_each(|byte| counts[usize::from(*byte)] += 1),
                    }
                }
            })
        })
        .collect();
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    client.close_write().unwrap();
    let counts = readers.into_iter().map(|reader| reader.join().unwrap());
    let sum = counts.fold([0; 8], |sum, counts| std::array::from_fn(|index| sum[index] + counts[index]));
    assert_eq!(sum, [200_000; 8]);
}

#[test]
fn parts_arrive_as_one_piece_in_full_records() {
    each(|client, server| {
        let data = pattern(100_000);
        let parts: Vec<&[u8]> =
            vec![&data[..3], &[], &data[3..40_000], &data[40_000..40_001], &data[40_001..]];
        let sender = std::thread::spawn({
            let data = data.clone();
            let client = client.clone();
            move || {
                let small: Vec<&[u8]> = data.chunks(100).collect();
                client.sendv(&small).unwrap()
            }
        });
        let mut records = Vec::new();
        let mut all = Vec::new();
        let mut buffer = vec![0; 20_000];
        while all.len() < data.len() {
            records.push(server.recv(&mut buffer).unwrap());
            all.extend_from_slice(&buffer[..records[records.len() - 1]]);
        }
        assert_eq!(sender.join().unwrap(), data.len());
        assert!(all == data);
        assert_eq!(records, [16_384, 16_384, 16_384, 16_384, 16_384, 16_384, 1696]);
        assert_eq!(client.sendv(&parts).unwrap(), data.len());
        assert!(receive(&server, data.len()) == data);
    });
}

#[test]
fn an_interrupted_send_goes_on_with_the_same_bytes_and_with_no_others() {
    each(|client, server| {
        client.settimeout(Timeout::NonBlocking).unwrap();
        let data = pattern(8 << 20);
        let parts: Vec<&[u8]> = data.chunks(1 << 20).collect();
        assert_eq!(status(client.send(&data)), Status::WantWrite);
        assert_eq!(status(client.send(&data[1..])), Status::Value);
        assert_eq!(status(client.send(&vec![0; data.len()])), Status::Value);
        let reader = std::thread::spawn(move || receive(&server, 8 << 20));
        let copy = data.clone();
        // The parts are the same bytes too.
        let done = loop {
            match client.sendv(&parts) {
                Err(error) if error.is_want() => client.wait(Ready::Write, Timeout::Never).unwrap(),
                result => break result.unwrap(),
            }
        };
        assert_eq!(done, data.len());
        assert!(reader.join().unwrap() == copy);
    });
}

#[test]
fn a_socket_that_was_shut_reads_and_writes_no_tls() {
    let (one, other) = local();
    let flags = WrapFlags::NO_HANDSHAKE;
    let (client, server) = (wrap_client(one, TLS13, flags), wrap_server(other, TLS13, flags));
    let (client, server) = (client.unwrap(), server.unwrap());
    for socket in [&client, &server] {
        assert_eq!(socket.engine().unwrap().version(), None);
        socket.shutdown(socket::Half::Both).unwrap();
    }
    assert_eq!(message(client.read(&mut [0; 4])), "Read on closed or unwrapped SSL socket.");
    assert_eq!(message(client.write(b"x")), "Write on closed or unwrapped SSL socket.");
}

#[test]
fn what_was_received_ahead_is_pending_or_left_to_the_descriptor() {
    each(|client, server| {
        for timeout in [Timeout::Never, seconds(20.0), Timeout::NonBlocking] {
            server.sendall(b"first").unwrap();
            server.sendall(b"second").unwrap();
            client.wait(Ready::Read, seconds(20.0)).unwrap();
            client.settimeout(timeout).unwrap();
            for record in [b"first".as_slice(), b"second"] {
                let ready = client.pending() > 0 || client.wait(Ready::Read, seconds(20.0)).is_ok();
                assert!(ready, "{timeout:?}");
                let mut buffer = [0; 100];
                let got = loop {
                    match client.recv(&mut buffer) {
                        // A ticket is not data.
                        Err(error) if error.is_want() => client.wait(Ready::Read, seconds(20.0)).unwrap(),
                        result => break result.unwrap(),
                    }
                };
                assert_eq!(&buffer[..got], record);
            }
            assert_eq!(client.pending(), 0);
        }
    });
}

/// With and without TLS, a call that never waits tells what it would wait for.
#[test]
fn a_plain_send_without_room_wants_to_write() {
    let (client, server) = pair_over(local(), TLS13, WrapFlags::default());
    let other = std::thread::spawn(move || {
        server.unwrap().unwrap();
        server
    });
    client.unwrap().unwrap();
    let server = other.join().unwrap();
    client.settimeout(Timeout::NonBlocking).unwrap();
    let mut sent = 0;
    let error = loop {
        match client.send(&[7; 50_000]) {
            Ok(count) => sent += count,
            Err(error) => break error,
        }
    };
    assert_eq!((error.status(), client.pending_write()), (Status::WantWrite, 0));
    assert_eq!(error.message(), "The operation did not complete (write)");
    assert_eq!(status(client.sendall(b"no")), Status::WantWrite);
    assert_eq!(receive(&server, sent), vec![7; sent]);
    client.wait(Ready::Write, Timeout::Never).unwrap();
    assert_eq!(client.send(b"room").unwrap(), 4);
    assert_eq!(receive(&server, 4), b"room");
}

/// A read inside a callback of a write is refused, and takes nothing from the reads that follow.
#[test]
fn a_read_inside_a_callback_of_a_write_takes_nothing() {
    for version in [TLS12, TLS13] {
        let (context, told) = (client(version), std::sync::Arc::new(std::sync::Mutex::new(Vec::new())));
        let (one, other) = local();
        let server = std::thread::spawn(move || {
            let server = wrap_server(other, version, WrapFlags::default()).unwrap();
            server.sendall(b"!").unwrap();
            server
        });
        context.set_message_callback(Some(std::sync::Arc::new(|_, _| Ok(()))));
        let client = wrap(&context, one, WrapFlags::default(), Some("localhost")).unwrap();
        let server = server.join().unwrap();
        assert_eq!(receive(&client, 1), b"!");
        let (inside, place) = (client.clone(), std::sync::Arc::clone(&told));
        context.set_message_callback(Some(std::sync::Arc::new(move |_, _| {
            place.lock().unwrap().push(message(inside.recv(&mut [0; 10])));
            Ok(())
        })));
        client.settimeout(Timeout::NonBlocking).unwrap();
        server.sendall(b"answer").unwrap();
        client.sendall(b"question").unwrap();
        context.set_message_callback(Some(std::sync::Arc::new(|_, _| Ok(()))));
        let told = told.lock().unwrap();
        assert!(!told.is_empty(), "no callback in a write");
        assert!(told.iter().all(|words| words.contains("inside one of its own callbacks")), "{told:?}");
        client.wait(Ready::Read, Timeout::Never).unwrap();
        assert_eq!(receive(&client, 6), b"answer");
    }
}

/// The deadline is for waiting: what goes out at once is not late.
#[test]
fn a_send_that_finds_room_is_never_late() {
    each(|client, server| {
        for timeout in [1e-9, 1e-6] {
            client.settimeout(seconds(timeout)).unwrap();
            assert_eq!(client.send(b"one").unwrap(), 3);
            client.sendall(b"two").unwrap();
            assert_eq!(receive(&server, 6), b"onetwo");
        }
    });
}

/// The peer answers only when it has received everything.
#[test]
fn a_reader_that_waits_sends_what_a_writer_has_left() {
    for timeout in [Timeout::Never, seconds(60.0)] {
        let (client, server) = pair_over(local(), TLS13, WrapFlags::default());
        server.sendall(b"!").unwrap();
        assert_eq!(receive(&client, 1), b"!");
        client.settimeout(Timeout::NonBlocking).unwrap();
        let mut sent = 1000;
        while client.send(&[7; 1000]).is_ok() {
            sent += 1000;
        }
        assert!(client.pending_write() > 0);
        client.settimeout(timeout).unwrap();
        let answering = std::thread::spawn(move || {
            server.settimeout(seconds(10.0)).unwrap();
            assert_eq!(receive(&server, sent), vec![7; sent]);
            server.sendall(b"answer").unwrap();
            server
        });
        assert_eq!(receive(&client, 6), b"answer");
        answering.join().unwrap();
    }
}

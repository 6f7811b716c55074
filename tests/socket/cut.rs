//! Streams that are cut, against a model: no matter which calls come before and after the peer is gone, no byte
//! is lost or changed, and only an end by the peer is reported as a clean end.

use super::pair::*;
use rustix::net::sockopt::set_socket_linger;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;
use tlsock::*;

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

/// The records of a server that has done the handshake with this socket over the other end of its descriptor.
struct Records {
    data: Vec<u8>,
    bytes: Vec<u8>,
    /// Where the goodbye is complete; None without one.
    whole: Option<usize>,
}

/// The whole of the system's buffer; the socket's own calls are what never waits.
fn received(fd: &OwnedFd) -> Vec<u8> {
    let mut stream = UnixStream::from(fd.try_clone().unwrap());
    stream.set_nonblocking(true).unwrap();
    let mut bytes = vec![0; 1 << 20];
    let count = stream.read(&mut bytes).unwrap_or(0);
    stream.set_nonblocking(false).unwrap();
    bytes.truncate(count);
    bytes
}

fn send(fd: &OwnedFd, bytes: &[u8]) {
    UnixStream::from(fd.try_clone().unwrap()).write_all(bytes).unwrap();
}

fn take(bio: &MemoryBio) -> Vec<u8> {
    let mut bytes = vec![0; bio.pending()];
    bio.read(&mut bytes);
    bytes
}

fn records(client: &Socket, fd: &OwnedFd, version: i32, dice: &mut Dice) -> Records {
    let (up, down) = (MemoryBio::new(), MemoryBio::new());
    let context = server(version);
    let server = context.wrap_bio(Some((&up, &down)), WrapFlags::SERVER_SIDE, None, None).unwrap();
    while client.do_handshake().is_err() || server.do_handshake().is_err() {
        up.write(&received(fd)).unwrap();
        let _ = server.do_handshake();
        send(fd, &take(&down));
    }
    let data: Vec<u8> = (0..dice.roll(40_000)).map(|number| (number * 31 % 251) as u8).collect();
    let mut rest = &data[..];
    while !rest.is_empty() {
        let (record, behind) = rest.split_at((1 + dice.roll(9000)).min(rest.len()));
        server.write(record).unwrap();
        rest = behind;
    }
    let says_goodbye = dice.roll(3) > 0;
    if says_goodbye {
        server.close_write().unwrap();
    }
    let bytes = take(&down);
    Records { data, whole: says_goodbye.then_some(bytes.len()), bytes }
}

/// What the calls of one socket have told.
#[derive(Default)]
struct Told {
    got: Vec<u8>,
    ended: bool,
    clean: bool,
    /// Something was sent, or this side has ended: a reset may have thrown bytes away.
    spoke: bool,
    unwrapped: bool,
    log: Vec<String>,
}

impl Told {
    fn note<T: std::fmt::Debug>(&mut self, call: &str, result: Result<T>) -> Option<T> {
        self.log.push(format!("{call}: {result:?}"));
        self.clean |= result.as_ref().is_err_and(|error| error.status() == Status::ZeroReturn);
        result.ok()
    }

    fn call_any(&mut self, client: &Socket, dice: &mut Dice) {
        match dice.roll(16) {
            0..=5 => self.receive(client, 1 + dice.roll(20_000)),
            6..=8 => {
                self.spoke = true;
                let size = [10, 30_000][dice.roll(2)];
                self.note("sendall", client.sendall(&vec![7; size]));
            }
            9 => self.log.push(format!("pending: {}", client.pending())),
            10 => drop(self.note("handshake", client.do_handshake())),
            11 => {
                self.spoke = true;
                self.note("close_write", client.close_write());
            }
            12 => drop(self.note("wait", client.wait(socket::Ready::Read, seconds(0.0)))),
            13 if self.ended || dice.roll(3) == 0 => {
                self.spoke = true;
                self.unwrapped = self.note("unwrap", client.unwrap()).is_some();
                self.clean |= self.unwrapped;
            }
            _ => {}
        }
    }

    fn receive(&mut self, client: &Socket, size: usize) {
        let mut buffer = vec![0; size];
        let count = self.note("recv", client.recv(&mut buffer));
        if let Some(count) = count {
            assert!(count == 0 || !self.ended, "data behind the end: {:#?}", self.log);
            self.got.extend_from_slice(&buffer[..count]);
        }
        self.ended |= count == Some(0);
        self.clean |= count == Some(0) && !client.ragged_eof();
    }
}

/// Goes away in one of four ways: tells whether the system may throw away what was sent, and keeps what stays open.
fn leaves(fd: OwnedFd, dice: &mut Dice) -> (bool, Option<UnixStream>) {
    let stream = UnixStream::from(fd);
    match dice.roll(4) {
        0 => {
            stream.shutdown(Shutdown::Write).unwrap();
            return (false, Some(stream));
        }
        1 => set_socket_linger(stream.as_fd(), Some(Duration::ZERO)).unwrap(),
        2 => stream.shutdown(Shutdown::Both).unwrap(),
        // To close over bytes that nobody has read is a reset.
        _ => {}
    }
    (true, None)
}

fn is_told_as_it_was(seed: u64) {
    let mut dice = Dice(seed);
    let version = [TLS12, TLS13][dice.roll(2)];
    let (one, other) = [tcp, local][dice.roll(2)]();
    let flags = [WrapFlags::default(), WrapFlags::REPORT_RAGGED_EOFS][dice.roll(2)];
    let client = wrap_client(one, version, flags | WrapFlags::NO_HANDSHAKE).unwrap();
    client.settimeout(Timeout::NonBlocking).unwrap();
    let sent = records(&client, &other, version, &mut dice);
    let cut = if dice.roll(4) == 0 { dice.roll(sent.bytes.len() + 1) } else { sent.bytes.len() };
    let first = dice.roll(cut + 1);
    client.settimeout([Timeout::NonBlocking, seconds(0.005)][dice.roll(2)]).unwrap();
    let mut told = Told::default();
    send(&other, &sent.bytes[..first]);
    (0..dice.roll(6)).for_each(|_| told.call_any(&client, &mut dice));
    send(&other, &sent.bytes[first..cut]);
    let (resets, _open) = leaves(other, &mut dice);
    (0..30).for_each(|_| {
        if !told.unwrapped {
            told.call_any(&client, &mut dice)
        }
    });
    let lossless = !resets && !told.spoke;
    if lossless {
        (0..60).for_each(|_| told.receive(&client, 40_000));
    }
    let story =
        || format!("{seed}: {} of {} bytes, cut at {cut}: {:#?}", told.got.len(), sent.data.len(), told.log);
    assert!(sent.data.starts_with(&told.got), "other bytes: {}", story());
    assert!(!told.clean || sent.whole.is_some_and(|whole| whole <= cut), "a clean end: {}", story());
    let all = told.got.len() == sent.data.len();
    assert!(all || !(told.unwrapped || told.ended && told.clean), "an end before the data: {}", story());
    assert!(all || !lossless || cut < sent.bytes.len(), "lost data: {}", story());
}

#[test]
fn an_end_is_told_as_it_was() {
    (0..400).for_each(is_told_as_it_was);
}

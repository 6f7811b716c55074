//! A real conversation, of which one end is under attack: what its peer sends is delivered, changed, dropped,
//! repeated or made up record by record, as the input says.
//!
//! The input: what the peer shows, which versions and checks there are, how bytes are moved; then one step after
//! the other until it ends.

use crate::c::*;
use crate::certs;
use crate::end::End;
use crate::libcrypto::IS_AWS_LC;
use crate::object;
use crate::peer::{self, Shared};
use crate::reader::Reader;
use std::collections::VecDeque;

/// What a peer may show: a name of the test certificates, and whether an honest check accepts it.
type Shown = (&'static str, bool);

const SERVERS: [Shown; 8] = [
    ("ecdsa", true),
    ("rsa", true),
    ("ed25519", true),
    ("self-signed", false),
    ("wrong-name", false),
    ("expired", false),
    ("revoked", false),
    // AWS-LC shows no certificate whose key may not sign handshakes.
    (if IS_AWS_LC { "self-signed" } else { "unknown-ca" }, false),
];
/// Without a certificate a client is not verified; a server's is not for clients.
const CLIENTS: [Shown; 5] =
    [("client", true), ("", false), ("self-signed", false), ("ecdsa", false), ("revoked", false)];

/// One conversation.
struct Conversation {
    victim: End,
    peer: End,
    shown: Shown,
    /// The victim insists on a verified peer.
    insists: bool,
    /// Records on their way to the victim; the last may be incomplete.
    waiting: VecDeque<Vec<u8>>,
    delivered: usize,
    tampered: bool,
}

/// Plays the conversation of one input.
pub fn play(data: &[u8], attack_server: bool) {
    let mut script = Reader(data);
    let (shown, flags, sizes) = (script.byte(), script.byte(), script.byte());
    let make = if attack_server { attacked_server } else { attacked_client };
    let mut conversation = make(usize::from(shown), flags);
    let room = [20_000, 16_384, 1, 7, 700, 5_000, 0, 40_000];
    let (plain, cipher) = (usize::from(sizes & 7), usize::from(sizes >> 3 & 7));
    conversation.victim.room = (room[plain], room[cipher].max(usize::from(attack_server)).max(5));
    conversation.exchange();
    let mut steps = 0;
    while !script.is_empty() && steps < 64 {
        conversation.step(&mut script);
        conversation.check();
        steps += 1;
    }
    conversation.finish();
}

fn version_of(flags: u8) -> (&'static str, i64) {
    if flags & 1 == 0 { ("1.3", TLS_VERSION_TLSV1_3) } else { ("1.2", TLS_VERSION_TLSV1_2) }
}

/// A client that is attacked by what a server sends.
fn attacked_client(shown: usize, flags: u8) -> Conversation {
    let shown = SERVERS[shown % SERVERS.len()];
    let insists = flags & 2 == 0;
    let client = client_context("", flags, if insists { CERT_REQUIRED } else { CERT_NONE });
    let server = server_context(shown.0, flags, CERT_NONE);
    conversation(&client, &server, shown, insists, flags, false)
}

/// A server that is attacked by what a client sends.
fn attacked_server(shown: usize, flags: u8) -> Conversation {
    let shown = CLIENTS[shown % CLIENTS.len()];
    let mode = [CERT_REQUIRED, CERT_OPTIONAL, CERT_NONE, CERT_REQUIRED][usize::from(flags >> 1 & 3)];
    // With authentication after the handshake the handshake itself proves nothing.
    let post_handshake = flags & 16 != 0 && flags & 1 == 0;
    let insists = mode == CERT_REQUIRED && !post_handshake;
    let client = client_context(shown.0, flags, CERT_NONE);
    let server = server_context("ecdsa", flags, mode);
    conversation(&client, &server, shown, insists, flags, true)
}

fn conversation(
    client: &Shared,
    server: &Shared,
    shown: Shown,
    insists: bool,
    flags: u8,
    attack_server: bool,
) -> Conversation {
    let pumped = flags & 8 != 0;
    let end =
        |context: &Shared, flags, name, pumped| End::new(context, flags, name, None, pumped).expect("an end");
    let client = end(client, 0, Some(c"localhost"), pumped || attack_server);
    let server = end(server, WRAP_SERVER_SIDE, None, pumped || !attack_server);
    let (victim, peer) = if attack_server { (server, client) } else { (client, server) };
    Conversation { victim, peer, shown, insists, waiting: VecDeque::new(), delivered: 0, tampered: false }
}

fn client_context(shows: &str, flags: u8, mode: i64) -> Shared {
    let (name, version) = version_of(flags);
    let alpn = flags & 32 != 0;
    peer::cached(&format!("client {shows} {name} {mode} {alpn} {}", flags & 16), || {
        let context = peer::context(PROTOCOL_TLS_CLIENT);
        if !shows.is_empty() {
            peer::identify(&context, shows);
        }
        peer::trust(&context, certs::read("ca.pem")).expect("the root is good");
        match mode {
            CERT_REQUIRED => peer::check_crls(&context),
            _ => peer::verify(&context, mode),
        }
        common(&context, version, flags);
        context
    })
}

fn server_context(shows: &str, flags: u8, mode: i64) -> Shared {
    let (name, version) = version_of(flags);
    let alpn = flags & 32 != 0;
    peer::cached(&format!("server {shows} {name} {mode} {alpn} {}", flags & 16), || {
        let context = peer::context(PROTOCOL_TLS_SERVER);
        peer::identify(&context, shows);
        peer::trust(&context, certs::read("ca.pem")).expect("the root is good");
        peer::verify(&context, mode);
        if mode != CERT_NONE {
            peer::check_crls(&context);
        }
        common(&context, version, flags);
        context
    })
}

fn common(context: &crate::handle::Handle<tlsock_context>, version: i64, flags: u8) {
    peer::limit(context, version);
    if flags & 32 != 0 {
        peer::alpn(context, &[c"h2", c"http/1.1"]).expect("protocols");
    }
    if flags & 16 != 0 {
        // SAFETY: a live context.
        peer::set_if_there(HAS_PHA, "post_handshake_auth", context, |context, error| unsafe {
            tlsock_context_set_post_handshake_auth(context, true, error)
        });
    }
}

impl Conversation {
    /// Lets both ends go on; what the peer sends waits.
    fn exchange(&mut self) {
        let to_peer = self.victim.step();
        self.peer.deliver(&to_peer);
        let to_victim = self.peer.step();
        self.queue(&to_victim);
    }

    /// Cuts what the peer sent into records.
    fn queue(&mut self, mut stream: &[u8]) {
        while let [_, _, _, high, low, ..] = *stream {
            let len = (5 + usize::from(u16::from_be_bytes([high, low]))).min(stream.len());
            self.waiting.push_back(stream[..len].to_vec());
            stream = &stream[len..];
        }
    }

    fn send(&mut self, bytes: &[u8]) {
        self.delivered += bytes.len();
        self.victim.deliver(bytes);
        self.exchange();
    }

    fn pass(&mut self) {
        if let Some(record) = self.waiting.pop_front() {
            self.send(&record);
        }
    }

    /// Sends something that the peer did not.
    fn forge(&mut self, bytes: &[u8]) {
        self.tampered |= !bytes.is_empty();
        self.send(bytes);
    }

    /// Changes the next record before it goes on.
    fn tamper(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        let Some(mut record) = self.waiting.pop_front() else { return };
        let honest = record.clone();
        change(&mut record);
        self.tampered |= record != honest;
        self.send(&record);
    }

    fn step(&mut self, script: &mut Reader<'_>) {
        match script.byte() % 19 {
            0 => (0..=script.byte() % 8).for_each(|_| self.pass()),
            1 => {
                let (place, bits) = (script.short(), script.byte());
                self.tamper(|record| {
                    let place = place % record.len();
                    record[place] ^= bits;
                });
            }
            2 => self.tampered |= self.waiting.pop_front().is_some(),
            3 => {
                if let Some(record) = self.waiting.front().cloned() {
                    self.forge(&record);
                }
            }
            4 => {
                let len = script.short();
                self.tamper(|record| {
                    record.truncate(len.max(5));
                    if let [_, _, _, high, low, body @ ..] = &mut record[..] {
                        [*high, *low] = (body.len() as u16).to_be_bytes();
                    }
                });
            }
            5 => {
                let bytes = script.sized();
                self.forge(bytes);
            }
            6 => {
                let header = script.bytes(5).to_vec();
                self.tamper(|record| record.iter_mut().zip(&header).for_each(|(old, new)| *old = *new));
            }
            7 => {
                if self.waiting.len() > 1 {
                    self.tampered |= self.waiting[0] != self.waiting[1];
                    self.waiting.swap(0, 1);
                }
            }
            8 => {
                let kind = [20, 21, 22, 23, 24][usize::from(script.byte() % 5)];
                let body = script.sized();
                let len = (body.len() as u16).to_be_bytes();
                let record = [&[kind, 3, 3], &len[..], body].concat();
                self.forge(&record);
            }
            9 => {
                let data = self.plaintext(script);
                self.peer.write(&data);
                self.exchange();
            }
            10 => {
                let data = self.plaintext(script);
                self.victim.write(&data);
                self.exchange();
            }
            11 => {
                self.peer.close_write();
                self.exchange();
            }
            12 => {
                self.victim.close_write();
                self.exchange();
            }
            13 => {
                self.tampered = true;
                self.victim.end_of_transport();
                self.exchange();
            }
            14 => {
                let len = script.short();
                if let Some(mut record) = self.waiting.pop_front() {
                    let rest = record.split_off(len % record.len().max(1));
                    self.send(&record);
                    self.waiting.push_front(rest);
                }
            }
            // SAFETY: a live object.
            15 => drop(unsafe { object::inspect(self.victim.object.raw()) }),
            16 => {
                let (place, from) = (script.short(), script.sized());
                self.tamper(|record| {
                    let place = place % record.len();
                    let end = record.len().min(place + from.len());
                    record.splice(place..end, from.iter().copied());
                });
            }
            17 => self.ask_for_certificate(),
            // What follows arrives at once with the next.
            _ => {
                if let Some(mut first) = self.waiting.pop_front() {
                    first.extend(self.waiting.pop_front().unwrap_or_default());
                    self.waiting.push_front(first);
                }
            }
        }
    }

    /// What a server may ask of a client after the handshake.
    fn ask_for_certificate(&mut self) {
        let object = self.victim.object.raw();
        self.victim.asking = true;
        // SAFETY: a live object.
        let _ = crate::call::call("verify_client_post_handshake", |error| unsafe {
            tlsock_object_verify_client_post_handshake(object, error)
        });
        self.exchange();
    }

    /// What must be so after each step.
    fn check(&self) {
        let (victim, peer) = (&self.victim, &self.peer);
        assert!(peer.sent.starts_with(&victim.received), "the victim read what nobody wrote");
        assert!(victim.sent.starts_with(&peer.received), "the peer read what nobody wrote");
        assert!(victim.received.is_empty() || victim.done, "data before the handshake was done");
        assert!(!(victim.done && self.insists) || self.shown.1, "{} was accepted", self.shown.0);
        assert!(!victim.ended || peer.closed, "an end that nobody sent");
        assert!(!victim.ended || victim.received == peer.sent, "data is missing before a clean end");
        assert!(victim.taken <= self.delivered);
    }

    /// Goes on honestly to the end and looks back.
    fn finish(&mut self) {
        if self.victim.room.0 == 0 {
            self.victim.room.0 = 100;
        }
        for _ in 0..200 {
            self.exchange();
            if self.waiting.is_empty() {
                break;
            }
            self.pass();
        }
        self.check();
        if !self.tampered && (self.shown.1 || !self.insists) {
            let why = (&self.victim.failure, &self.peer.failure);
            let refused = self.shown.0 != "client" && self.victim.failure.is_some();
            assert!(self.victim.done || refused, "an honest handshake failed: {why:?}");
            if self.victim.failure.is_none() {
                // Behind the end of the stream nothing is read any more.
                let all = self.victim.ended || self.victim.taken == self.delivered;
                assert!(all, "of {} bytes of ciphertext {} were taken", self.delivered, self.victim.taken);
                assert!(self.victim.received == self.peer.sent, "plaintext was lost: {why:?}");
            }
        }
        // SAFETY: a live object.
        let Some(seen) = (unsafe { object::inspect(self.victim.object.raw()) }) else { return };
        assert!(!seen.verified || self.shown.1, "{} is called verified", self.shown.0);
        assert!(!self.insists || seen.verified, "done, but not verified");
        if let Some(der) = seen.der {
            let own =
                crate::certificate::load(certs::read(&format!("{}.pem", self.shown.0))).expect("it loads");
            // SAFETY: a live certificate.
            let own = unsafe { crate::certificate::slice(tlsock_certificate_der(own.raw())) };
            assert!(der == own, "another certificate than the peer's");
        }
    }

    /// Bytes to write, different from their neighbours; fewer where they go through one by one.
    fn plaintext(&self, script: &mut Reader<'_>) -> Vec<u8> {
        let slow = self.victim.room.0.min(self.victim.room.1) < 16;
        let len = script.short() % if slow { 500 } else { 40_000 };
        (0..len).map(|index| (index * 7 + index / 251) as u8).collect()
    }
}

//! One end of a conversation in memory, driven by the pump or over two buffers.

use crate::c::*;
use crate::call::{Failure, Outcome, call, fill};
use crate::handle::Handle;
use crate::peer;
use std::ffi::CStr;

/// One end.
pub struct End {
    /// The connection.
    pub object: Handle<tlsock_object>,
    /// Incoming and outgoing; none with the pump.
    bios: Option<(Handle<tlsock_bio>, Handle<tlsock_bio>)>,
    inbox: Vec<u8>,
    unsent: Vec<u8>,
    close: bool,
    eof: bool,
    /// Room for plaintext and for ciphertext in one call.
    pub room: (usize, usize),
    /// What this end was told to send, and has encrypted.
    pub sent: Vec<u8>,
    /// What came from the other end.
    pub received: Vec<u8>,
    /// Ciphertext in and out, for the sums.
    pub taken: usize,
    /// What ended it.
    pub failure: Option<Failure>,
    /// The handshake is finished.
    pub done: bool,
    /// The stream has ended cleanly.
    pub ended: bool,
    /// close_notify went out.
    pub closed: bool,
    /// The server may ask for a certificate after the handshake: until the answer is complete, libssl is in a
    /// handshake again.
    pub asking: bool,
}

impl End {
    /// Makes an end.
    pub fn new(
        context: &Handle<tlsock_context>,
        flags: u32,
        hostname: Option<&CStr>,
        session: Option<&Handle<tlsock_session>>,
        pumped: bool,
    ) -> Outcome<End> {
        let bios = (!pumped).then(|| (peer::bio(), peer::bio()));
        let both = bios.as_ref().map(|(incoming, outgoing)| (incoming, outgoing));
        let object = peer::wrap(context, both, flags, hostname, session)?;
        Ok(End {
            object,
            bios,
            inbox: Vec::new(),
            unsent: Vec::new(),
            close: false,
            eof: false,
            room: (20_000, 20_000),
            sent: Vec::new(),
            received: Vec::new(),
            taken: 0,
            failure: None,
            done: false,
            ended: false,
            closed: false,
            asking: false,
        })
    }

    /// Has bytes encrypted once that is possible.
    pub fn write(&mut self, data: &[u8]) {
        if !self.close {
            self.unsent.extend(data);
        }
    }

    /// Ends this end's data.
    pub fn close_write(&mut self) {
        self.close = true;
    }

    /// Hands over what the other end sent.
    pub fn deliver(&mut self, ciphertext: &[u8]) {
        if !self.eof {
            self.inbox.extend(ciphertext);
        }
    }

    /// Says that no more will come.
    pub fn end_of_transport(&mut self) {
        self.eof = true;
    }

    /// Goes on as far as it can; gives the ciphertext to send.
    pub fn step(&mut self) -> Vec<u8> {
        if self.bios.is_some() { self.step_bios() } else { self.step_pump() }
    }

    fn step_pump(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        for _ in 0..10_000 {
            let (status, done) = self.pump(&mut out);
            let moved = done.ciphertext_used + done.plaintext_used + done.plaintext_len + done.ciphertext_len;
            let failed = status.as_ref().is_err_and(|failure| !failure.is_want());
            let wants_write = status.as_ref().is_err_and(|failure| failure.status == TLSOCK_WANT_WRITE);
            if failed && self.failure.is_none() {
                self.failure = status.err();
                // The alert may need more room.
                if done.ciphertext_pending > 0 && self.room.1 > 0 {
                    continue;
                }
            }
            if moved == 0 || failed {
                assert!(!wants_write || self.room.1 == 0, "the pump wants to write and does not: {done:?}");
                return out;
            }
        }
        panic!("the pump never comes to rest");
    }

    /// Calls the pump once and checks what it says of itself.
    fn pump(&mut self, out: &mut Vec<u8>) -> (Outcome<()>, Pumped) {
        let (room, space) = self.room;
        let (mut plain, mut cipher) = (vec![0xA5_u8; room], vec![0xA5_u8; space]);
        let mut flags = if self.eof { PUMP_EOF } else { 0 };
        if self.close {
            flags |= PUMP_CLOSE_WRITE;
        }
        let mut done = Pumped::default();
        // SAFETY: a live object, buffers of the length given, and a place of the result's layout.
        let status = call("object_pump", |error| unsafe {
            let done = (&raw mut done).cast::<tlsock_pump_result>();
            tlsock_object_pump(
                self.object.raw(),
                flags,
                self.inbox.as_ptr().cast(),
                self.inbox.len(),
                self.unsent.as_ptr().cast(),
                self.unsent.len(),
                plain.as_mut_ptr().cast(),
                room,
                cipher.as_mut_ptr().cast(),
                space,
                done,
                error,
            )
        });
        self.check_pumped(&status, &done);
        assert!(plain[done.plaintext_len..].iter().all(|byte| *byte == 0xA5), "plaintext beyond its count");
        assert!(
            cipher[done.ciphertext_len..].iter().all(|byte| *byte == 0xA5),
            "ciphertext beyond its count"
        );
        let broken = self.failure.is_some();
        assert!(!broken || done.plaintext_len == 0, "data after a failure: {:?} {done:?}", self.failure);
        self.taken += done.ciphertext_used;
        self.inbox.drain(..done.ciphertext_used);
        self.sent.extend(self.unsent.drain(..done.plaintext_used));
        self.received.extend(&plain[..done.plaintext_len]);
        out.extend(&cipher[..done.ciphertext_len]);
        let undone = self.done && !done.handshake_done;
        assert!(!undone || status.is_err() || self.asking, "a handshake that was done is not");
        self.done |= done.handshake_done;
        self.ended |= done.peer_closed && done.handshake_done && status.is_ok();
        self.closed |= self.close && done.handshake_done && self.unsent.is_empty();
        (status, done)
    }

    /// Checks the result against the words of the header.
    fn check_pumped(&self, status: &Outcome<()>, done: &Pumped) {
        let say = || format!("{status:?} {done:?} of {} and {}", self.inbox.len(), self.unsent.len());
        assert!(done.ciphertext_used <= self.inbox.len() && done.plaintext_used <= self.unsent.len());
        assert!(done.plaintext_len <= self.room.0 && done.ciphertext_len <= self.room.1);
        let may_talk = done.handshake_done || self.asking;
        assert!(done.plaintext_len == 0 || may_talk, "early data: {}", say());
        assert!(done.plaintext_used == 0 || may_talk, "early data: {}", say());
        match status {
            Ok(()) => {
                assert!(done.handshake_done && done.plaintext_used == self.unsent.len(), "{}", say());
                assert!(self.room.0 == 0 || done.plaintext_len > 0 || done.peer_closed, "{}", say());
            }
            Err(failure) if failure.status == TLSOCK_WANT_WRITE => {
                let left = done.plaintext_used < self.unsent.len();
                assert!(done.ciphertext_pending > 0 || left, "{}", say());
            }
            Err(failure) if failure.status == TLSOCK_WANT_READ => {
                assert!(done.plaintext_len == 0, "{}", say());
                // In the middle of a message that the peer sends after the handshake nothing can be encrypted.
                let idle = done.handshake_done && !self.amid_handshake();
                assert!(!idle || done.plaintext_used == self.unsent.len(), "{}", say());
                assert!(done.ciphertext_used == self.inbox.len(), "{}", say());
            }
            Err(_) => {}
        }
    }

    /// Whether libssl is in a handshake, the first one or a later one.
    fn amid_handshake(&self) -> bool {
        // SAFETY: a live object.
        unsafe { tlsock_object_version(self.object.raw()) }.is_null()
    }

    fn step_bios(&mut self) -> Vec<u8> {
        let object = self.object.raw();
        let (incoming, outgoing) =
            self.bios.as_ref().map(|(one, two)| (one.raw(), two.raw())).expect("buffers");
        let inbox = std::mem::take(&mut self.inbox);
        if !inbox.is_empty() {
            // SAFETY: a live buffer and bytes of the length given.
            let written = call("bio_write", |error| unsafe {
                tlsock_bio_write(incoming, inbox.as_ptr().cast(), inbox.len(), error)
            });
            written.expect("a buffer takes all");
            self.taken += inbox.len();
        }
        if self.eof {
            // SAFETY: a live buffer.
            call("bio_write_eof", |error| unsafe { tlsock_bio_write_eof(incoming, error) }).expect("an end");
        }
        // SAFETY: a live object.
        let shaken = call("do_handshake", |error| unsafe { tlsock_object_do_handshake(object, error) });
        let repeated = shaken.is_ok() || self.failure.is_some() || self.asking;
        assert!(!self.done || repeated, "shaking hands again failed: {shaken:?}");
        if self.failure.is_none() {
            self.done |= shaken.is_ok();
        }
        self.note(shaken);
        if self.done {
            self.write_all(object);
            self.read_all(object);
        }
        let mut out = Vec::new();
        loop {
            // SAFETY: a live buffer and a place of the size given.
            let some = fill("bio_read", self.room.1.max(1), |buffer, size, len, error| unsafe {
                tlsock_bio_read(outgoing, buffer.cast(), size, len, error)
            });
            match some.expect("a buffer can be read") {
                none if none.is_empty() => return out,
                some => out.extend(some),
            }
        }
    }

    fn write_all(&mut self, object: *mut tlsock_object) {
        if !self.unsent.is_empty() && self.failure.is_none() {
            let (data, len) = (self.unsent.as_ptr(), self.unsent.len());
            let mut written = usize::MAX;
            // SAFETY: a live object and bytes of the length given.
            let outcome = call("object_write", |error| unsafe {
                tlsock_object_write(object, data.cast(), len, &mut written, error)
            });
            match outcome {
                Ok(()) => {
                    assert_eq!(written, len);
                    self.sent.append(&mut self.unsent);
                }
                Err(failure) => {
                    assert_eq!(written, usize::MAX, "a failed write counted");
                    self.note(Err(failure));
                }
            }
        }
        if self.close && !self.closed && self.unsent.is_empty() {
            // SAFETY: a live object.
            let closed = call("close_write", |error| unsafe { tlsock_object_close_write(object, error) });
            self.closed |= closed.is_ok();
            self.note(closed);
        }
    }

    fn read_all(&mut self, object: *mut tlsock_object) {
        while self.room.0 > 0 && !self.ended {
            // SAFETY: a live object and a place of the size given.
            let outcome = fill("object_read", self.room.0, |buffer, size, len, error| unsafe {
                tlsock_object_read(object, buffer.cast(), size, len, error)
            });
            match outcome {
                Ok(end) if end.is_empty() => self.ended = true,
                Ok(data) => {
                    assert!(self.failure.is_none(), "data after a failure: {:?}", self.failure);
                    self.received.extend(data);
                }
                Err(failure) => return self.note(Err(failure)),
            }
        }
    }

    fn note(&mut self, outcome: Outcome<()>) {
        if let Err(failure) = outcome {
            if !failure.is_want() && self.failure.is_none() {
                self.failure = Some(failure);
            }
        }
    }
}

/// `tlsock_pump_result`, printable.
#[repr(C)]
#[derive(Debug, Default)]
struct Pumped {
    ciphertext_used: usize,
    plaintext_used: usize,
    plaintext_len: usize,
    ciphertext_len: usize,
    ciphertext_pending: usize,
    plaintext_pending: usize,
    handshake_done: bool,
    peer_closed: bool,
}

const _: () = assert!(size_of::<Pumped>() == size_of::<tlsock_pump_result>());

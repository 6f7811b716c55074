//! What the callbacks of `waiting` answer, and what each has answered last.

use crate::c::*;
use std::cell::Cell;
use std::ffi::{c_int, c_void};

pub const REFUSED: c_int = 17;
/// Of a signer: it has signed something else.
pub const JUNK: c_int = -1;

/// What a callback is about.
pub const HELLO: usize = 0;
pub const SERVER_IDENTITY: usize = 1;
pub const CLIENT_IDENTITY: usize = 2;
pub const OF_SERVER: usize = 3;
pub const OF_CLIENT: usize = 4;
pub const SERVER_SIGNATURE: usize = 5;
pub const CLIENT_SIGNATURE: usize = 6;
pub const KINDS: usize = 7;

/// What the callbacks of one connection answer, and what they have answered last.
#[derive(Default)]
pub struct Answers {
    pub next: [Cell<u8>; KINDS],
    last: [Cell<c_int>; KINDS],
    /// A verdict was asked for.
    asked: [Cell<bool>; KINDS],
    /// The identity that is chosen on a side has a signer.
    pub signs: [bool; 2],
    /// A side has been freed.
    pub gone: [Cell<bool>; 2],
}

thread_local! {
    /// Those of the connections that this thread drives: what a signer asks belongs to an identity, which is kept from run to run.
    static PRESENT: Cell<*const Answers> = const { Cell::new(std::ptr::null()) };
}

/// The answers, for another thread: one thread at a time is at work.
struct Lent<'a>(&'a Answers);

// SAFETY: `elsewhere` waits for the thread that it lends them to.
unsafe impl Send for Lent<'_> {}

impl Answers {
    pub fn new(signs: [bool; 2]) -> Answers {
        Answers { signs, ..Answers::default() }
    }

    pub fn give(&self, about: usize) -> c_int {
        assert!(!self.is_refused(about), "a callback is asked again that has refused");
        let of_server = !matches!(about, CLIENT_IDENTITY | CLIENT_SIGNATURE | OF_SERVER);
        assert!(
            !self.gone[usize::from(of_server)].get(),
            "a callback is asked of a connection that was freed"
        );
        let signs = matches!(about, SERVER_SIGNATURE | CLIENT_SIGNATURE);
        let third = if signs { JUNK } else { TLSOCK_OK };
        let answers = [TLSOCK_WANT_CALLBACK, TLSOCK_OK, third, REFUSED];
        let answer = answers[usize::from(self.next[about].get() & 3)];
        self.last[about].set(answer);
        self.asked[about].set(true);
        answer
    }

    /// Tells whether the verdict on the client is open.
    pub fn is_open(&self) -> bool {
        self.asked[OF_CLIENT].get() && self.last[OF_CLIENT].get() == TLSOCK_WANT_CALLBACK
    }

    pub fn is_refused(&self, about: usize) -> bool {
        self.asked[about].get() && matches!(self.last[about].get(), REFUSED | JUNK)
    }

    /// Tells whether a side has ended its handshake for good.
    pub fn is_over(&self, server: bool) -> bool {
        let all: &[usize] =
            if server { &[OF_CLIENT, HELLO, SERVER_SIGNATURE] } else { &[OF_SERVER, CLIENT_SIGNATURE] };
        all.iter().any(|about| self.is_refused(*about))
    }

    /// Lets signers that are asked in this thread find these answers.
    pub fn while_present<R>(&self, work: impl FnOnce() -> R) -> R {
        let before = PRESENT.replace(self);
        let result = work();
        PRESENT.set(before);
        result
    }

    /// Does this in another thread, and waits for it.
    pub fn elsewhere<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        let lent = Lent(self);
        std::thread::scope(|scope| {
            let thread = scope.spawn(move || {
                let lent = lent;
                lent.0.while_present(work)
            });
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }
}

/// The callbacks' own view of what they answer.
///
/// # Safety
/// The pointer is that of the answers, which `run` keeps until the connections are gone.
pub unsafe fn of<'a>(userdata: *mut c_void) -> &'a Answers {
    // SAFETY: the caller's word.
    unsafe { &*userdata.cast::<Answers>() }
}

/// What a signer that is asked in this thread finds.
pub fn present<R>(ask: impl FnOnce(&Answers) -> R) -> R {
    // SAFETY: set by `while_present`, which has not come to its end: signers are asked during calls.
    ask(unsafe { PRESENT.get().as_ref() }.expect("a signer is asked during a call"))
}

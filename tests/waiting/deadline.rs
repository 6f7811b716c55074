//! The deadline of a call that has stopped.

use crate::answer::{KINDS, Kind, Later};
use crate::pair::TLS1_3;
use crate::sockets::{Ends, both, shake_until_it_waits};
use std::time::Duration;
use tlsock::*;

const SHORT: Duration = Duration::from_millis(50);

/// Waits until the time of a call is over that has just stopped.
fn let_it_pass() {
    std::thread::sleep(SHORT * 2);
}

#[test]
fn it_counts_until_the_call_is_repeated() {
    for kind in KINDS {
        let later = Later::default();
        let Ends { waits, other, .. } = both(kind, TLS1_3, &later);
        other.settimeout(Timeout::NonBlocking).unwrap();
        waits.settimeout(Timeout::After(SHORT)).unwrap();
        shake_until_it_waits(&waits, &other);
        let asked = later.asked();
        let_it_pass();
        later.give();
        let error = waits.do_handshake().expect_err("too late");
        assert_eq!((error.status(), later.asked()), (Status::Timeout, asked), "{kind:?}: {error}");
        // As after any timeout, a further call has its own time.
        waits.settimeout(Timeout::NonBlocking).unwrap();
        let _ = waits.do_handshake();
        assert_eq!(later.asked(), asked + 1);
    }
}

/// A call that is refused meanwhile, whatever is answered, repeats nothing.
#[test]
fn it_counts_across_calls_that_ask_nobody() {
    for kind in KINDS {
        let later = Later::default();
        let Ends { waits, other, .. } = both(kind, TLS1_3, &later);
        other.settimeout(Timeout::NonBlocking).unwrap();
        waits.settimeout(Timeout::NonBlocking).unwrap();
        shake_until_it_waits(&waits, &other);
        waits.settimeout(Timeout::After(SHORT)).unwrap();
        assert!(waits.do_handshake().is_err_and(|error| error.waits()));
        let asked = later.asked();
        let calls: [&dyn Fn() -> Result<()>; 3] =
            [&|| waits.unwrap().map(drop), &|| waits.close_write(), &|| waits.key_update(true)];
        let ended = calls.map(|call| call().expect_err("it waits"));
        assert!(ended.iter().all(|error| !error.is_want()), "{kind:?}: {ended:?}");
        if ended.iter().any(|error| error.status() == Status::Timeout) {
            // On a machine this slow one of them came too late itself, and has told it.
            continue;
        }
        let_it_pass();
        later.give();
        let error = waits.do_handshake().expect_err("too late");
        assert_eq!((error.status(), later.asked()), (Status::Timeout, asked), "{kind:?}: {error}");
    }
}

/// A call that does not wait has no time of its own, and leaves that of the one that it continues.
#[test]
fn it_counts_across_calls_that_do_not_wait() {
    for kind in KINDS {
        let later = Later::default();
        let Ends { waits, other, .. } = both(kind, TLS1_3, &later);
        other.settimeout(Timeout::NonBlocking).unwrap();
        waits.settimeout(Timeout::After(SHORT)).unwrap();
        shake_until_it_waits(&waits, &other);
        waits.settimeout(Timeout::NonBlocking).unwrap();
        assert!(waits.do_handshake().is_err_and(|error| error.waits()), "{kind:?}");
        waits.settimeout(Timeout::After(Duration::from_secs(60))).unwrap();
        let asked = later.asked();
        let_it_pass();
        later.give();
        let error = waits.do_handshake().expect_err("too late");
        assert_eq!((error.status(), later.asked()), (Status::Timeout, asked), "{kind:?}: {error}");
    }
}

#[test]
fn a_call_that_comes_back_in_time_goes_on() {
    let later = Later::default();
    let Ends { waits, other, .. } = both(Kind::ServerHello, TLS1_3, &later);
    other.settimeout(Timeout::NonBlocking).unwrap();
    waits.settimeout(Timeout::After(Duration::from_secs(60))).unwrap();
    shake_until_it_waits(&waits, &other);
    later.give();
    let other = std::thread::spawn(move || {
        other.settimeout(Timeout::Never).unwrap();
        other.do_handshake().unwrap();
        other
    });
    waits.do_handshake().unwrap();
    drop(other.join().unwrap());
}

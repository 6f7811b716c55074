//! A thread that reads and one that writes, which meet the same question.

use crate::answer::{Later, each};
use crate::sockets::{Ends, both};
use std::thread;
use tlsock::*;

#[test]
fn both_come_back_and_both_go_on() {
    each(|version, kind| {
        let later = Later::default();
        let Ends { waits, other } = both(kind, version, &later);
        let stopped = thread::scope(|scope| {
            let calls =
                [scope.spawn(|| waits.recv(&mut [0; 10]).map(drop)), scope.spawn(|| waits.sendall(b"mine"))];
            let far = scope.spawn(|| {
                other.do_handshake().unwrap();
                other.sendall(b"theirs").unwrap();
                let mut buffer = [0; 10];
                assert_eq!(other.recv(&mut buffer).unwrap(), 4);
            });
            let stopped = calls.map(|call| call.join().unwrap());
            later.give();
            let mut buffer = [0; 10];
            let write = scope.spawn(|| waits.sendall(b"mine"));
            assert_eq!(waits.recv(&mut buffer).unwrap(), 6);
            write.join().unwrap().unwrap();
            far.join().unwrap();
            stopped
        });
        for result in stopped {
            assert!(result.as_ref().is_err_and(Error::waits), "{result:?}");
        }
    });
}

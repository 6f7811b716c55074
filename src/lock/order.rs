//! Checks which locks a thread holds, and what it may take and run with them. A violation prints a message and aborts the
//! process: a panic would be caught at the C border or in a destructor, and no test would see it.

use super::{READING, TURN, WRAPPING, WRITING};
use std::cell::RefCell;
use std::io::Write;

thread_local! {
    /// The ranks of the locks that are held, in the order in which they were taken; [`USER`] marks where code of the program
    /// began.
    static HELD: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

const USER: u8 = 0;
/// The locks that a callback's thread may hold: those of its connection, which refuse that thread instead of waiting.
const OWN_TURNS: [u8; 4] = [WRAPPING, WRITING, READING, TURN];

/// A lock that is about to be waited for.
pub struct Taking(u8);

impl Taking {
    pub fn of(rank: u8) -> Taking {
        with_held(|held| {
            let highest = since_user(held).iter().max();
            if let Some(highest) = highest.filter(|highest| **highest >= rank) {
                broken(&format!("a lock of rank {rank} is waited for while one of rank {highest} is held"));
            }
        });
        Taking(rank)
    }

    pub fn taken(self) -> Held {
        Held::out_of_order(self.0)
    }
}

/// A lock that is held.
pub struct Held(u8);

impl Held {
    pub fn out_of_order(rank: u8) -> Held {
        with_held(|held| held.push(rank));
        Held(rank)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        with_held(|held| {
            if let Some(index) = held.iter().rposition(|rank| *rank == self.0) {
                held.remove(index);
            }
        });
    }
}

/// Runs code of the program, which may take any lock again, except those of its connection.
pub fn user_code<R>(run: impl FnOnce() -> R) -> R {
    with_held(|held| {
        let foreign = since_user(held).iter().find(|rank| !OWN_TURNS.contains(rank));
        if let Some(rank) = foreign {
            broken(&format!("code of others runs while a lock of rank {rank} is held"));
        }
    });
    let _user = Held::out_of_order(USER);
    run()
}

/// The ranks that were taken since code of the program began.
fn since_user(held: &[u8]) -> &[u8] {
    let start = held.iter().rposition(|rank| *rank == USER).map_or(0, |index| index + 1);
    &held[start..]
}

/// Does nothing while a thread ends, when its list is gone already.
fn with_held(change: impl FnOnce(&mut Vec<u8>)) {
    let _ = HELD.try_with(|held| change(&mut held.borrow_mut()));
}

fn broken(what: &str) -> ! {
    let trace = std::backtrace::Backtrace::force_capture();
    // Not `eprintln`: a test would capture its output.
    let _ = writeln!(std::io::stderr(), "tlsock: {what}; see docs/locks.md\n{trace}");
    std::process::abort()
}

#[cfg(test)]
mod tests {
    use super::super::{CONTEXT, LEAF, Mutex, ReentrantMutex, Slot, TURN, user_code};
    use std::process::Command;

    /// Runs one of the tests below in a separate process, and tells whether it succeeded.
    fn ends_well(test: &str) -> bool {
        let program = std::env::current_exe().unwrap();
        let test = format!("lock::order::tests::{test}");
        let mut command = Command::new(program);
        let output = command.args([&test, "--exact", "--include-ignored"]).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).contains("tlsock: ");
        assert!(String::from_utf8_lossy(&output.stdout).contains("running 1 test"), "{test}");
        assert_eq!(output.status.success(), !told, "{output:?}");
        output.status.success()
    }

    #[test]
    fn what_breaks_the_order_ends_the_process() {
        assert!(!ends_well("backwards"));
        assert!(!ends_well("two_leaves"));
        assert!(!ends_well("user_code_under_a_lock"));
    }

    #[test]
    fn what_keeps_the_order_goes_on() {
        let (turn, context) = (ReentrantMutex::<_, TURN>::new(()), Mutex::<_, CONTEXT>::new(()));
        let slot = Slot::new(1);
        let _turn = turn.lock();
        let _again = turn.lock();
        {
            let _context = context.lock();
            assert_eq!(slot.get(), 1);
        }
        user_code(|| {
            let _context = context.lock();
            slot.set(2);
        });
        let other = ReentrantMutex::<_, TURN>::new(());
        assert!(other.try_lock().is_some());
    }

    #[test]
    #[ignore = "ends the process"]
    fn backwards() {
        let (turn, context) = (ReentrantMutex::<_, TURN>::new(()), Mutex::<_, CONTEXT>::new(()));
        let _context = context.lock();
        let _turn = turn.lock();
    }

    #[test]
    #[ignore = "ends the process"]
    fn two_leaves() {
        let (one, other) = (Mutex::<_, LEAF>::new(()), Slot::new(()));
        let _one = one.lock();
        other.get();
    }

    #[test]
    #[ignore = "ends the process"]
    fn user_code_under_a_lock() {
        let context = Mutex::<_, CONTEXT>::new(());
        let _context = context.lock();
        user_code(|| ());
    }
}

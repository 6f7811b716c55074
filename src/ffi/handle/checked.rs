//! An account of all handles, so that one that was freed, or is of another kind, is told from one that lives.

use super::Kind;
use crate::ssl::module::warn;
use crate::ssl::module::warning::RUNTIME;
use crate::ssl::{Error, Result};
use std::alloc::{Layout, dealloc};
use std::collections::{HashMap, VecDeque};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// The memory of so many freed handles is kept, so that no new handle looks like one of them.
const KEPT: usize = 4096;

#[derive(Default)]
struct Account {
    entries: HashMap<usize, Entry>,
    freed: VecDeque<(usize, Layout)>,
}

struct Entry {
    kind: &'static str,
    state: State,
}

enum State {
    Owned,
    Freed,
    /// By the handle of this address.
    LentBy(usize),
    /// To so many callbacks that run now.
    LentTo(usize),
}

static ACCOUNT: LazyLock<Mutex<Account>> = LazyLock::new(Mutex::default);

/// This lock is the standard library's: handles may be freed at the end of a thread, where to wait for one of
/// parking_lot's leaves memory behind.
fn account() -> MutexGuard<'static, Account> {
    ACCOUNT.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Account {
    /// What is wrong with a pointer.
    fn fault(&self, address: usize, kind: &str) -> Option<String> {
        match self.entries.get(&address) {
            // Rust's own tests have handles that C was never given.
            None => cfg!(feature = "checked").then(|| "nobody was given it".to_string()),
            Some(Entry { state: State::Freed, .. }) => Some("it was freed already".to_string()),
            Some(entry) if entry.kind != kind => Some(format!("it is a {}", entry.kind)),
            Some(_) => None,
        }
    }

    /// What is wrong with freeing it.
    fn fault_of_free(&self, address: usize, kind: &str) -> Option<String> {
        let fault = self.fault(address, kind);
        fault.or_else(|| match self.entries.get(&address)?.state {
            State::LentBy(_) | State::LentTo(_) => Some("it is lent, not yours".to_string()),
            State::Owned | State::Freed => None,
        })
    }

    fn free(&mut self, address: usize) {
        self.entries.retain(|_, entry| !matches!(entry.state, State::LentBy(lender) if lender == address));
        if let Some(entry) = self.entries.get_mut(&address) {
            entry.state = State::Freed;
        }
    }
}

fn words<T: Kind>(argument: &str, fault: &str) -> String {
    format!("{argument} is not a live {}: {fault}", T::NAME)
}

fn report<T: Kind>(fault: &str) {
    // There is no call that could fail if the handler wants it to.
    let _ = warn(RUNTIME, &words::<T>("the handle", fault));
}

pub fn given<T: Kind>(address: usize) {
    account().entries.insert(address, Entry { kind: T::NAME, state: State::Owned });
}

pub fn taken<T: Kind>(address: usize) -> bool {
    let mut account = account();
    let fault = account.fault_of_free(address, T::NAME);
    let Some(fault) = fault else {
        account.free(address);
        return true;
    };
    drop(account);
    report::<T>(&fault);
    false
}

/// Leaves no trace of memory that is not kept.
pub fn forget(address: usize) {
    account().entries.remove(&address);
}

pub fn lent<T: Kind>(address: usize, lender: usize) {
    account().entries.insert(address, Entry { kind: T::NAME, state: State::LentBy(lender) });
}

pub fn check<T: Kind>(address: usize, argument: &str) -> Result<()> {
    let fault = account().fault(address, T::NAME);
    fault.map_or(Ok(()), |fault| Err(Error::value(words::<T>(argument, &fault))))
}

pub fn is_live<T: Kind>(address: usize) -> bool {
    let fault = account().fault(address, T::NAME);
    if let Some(fault) = &fault {
        report::<T>(fault);
    }
    fault.is_none()
}

/// Moves a value out of its box, whose memory is kept for a while.
pub unsafe fn unbox<T>(handle: *mut T) -> T {
    // SAFETY: a box of ours, which nobody reads again.
    let value = unsafe { handle.read() };
    let mut account = account();
    account.freed.push_back((handle.expose_provenance(), Layout::new::<T>()));
    if account.freed.len() > KEPT {
        if let Some((oldest, layout)) = account.freed.pop_front() {
            account.entries.remove(&oldest);
            if layout.size() > 0 {
                // SAFETY: the memory of a box whose value was moved out.
                unsafe { dealloc(std::ptr::with_exposed_provenance_mut(oldest), layout) };
            }
        }
    }
    value
}

/// Something that is lent to a callback, for as long as it runs.
pub struct Loan(usize);

impl Loan {
    pub fn new<T: Kind>(lent: Option<&T>) -> Loan {
        let Some(lent) = lent else { return Loan(0) };
        let address = std::ptr::from_ref(lent).addr();
        let mut account = account();
        let entry = account.entries.entry(address);
        let entry = entry.or_insert(Entry { kind: T::NAME, state: State::LentTo(0) });
        if let State::LentTo(count) = &mut entry.state {
            *count += 1;
        }
        Loan(address)
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let mut account = account();
        let Some(Entry { state: State::LentTo(count), .. }) = account.entries.get_mut(&self.0) else {
            return;
        };
        *count -= 1;
        if *count == 0 {
            account.entries.remove(&self.0);
        }
    }
}

//! A registry of all handles, which recognizes a pointer that was freed or is of another type.

use super::Kind;
use crate::ffi::debug::note_handle;
use crate::ssl::Error;
use crate::ssl::warning::RUNTIME;
use crate::ssl::warning::warn;
use std::alloc::{Layout, dealloc};
use std::collections::{HashMap, VecDeque};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// The memory of this many freed handles is kept, so that no new handle gets the address of one of them.
const KEPT: usize = 4096;

#[derive(Default)]
struct Account {
    entries: HashMap<usize, Entry>,
    freed: VecDeque<(usize, Layout)>,
}

struct Entry {
    kind: &'static str,
    state: State,
    /// How many calls use it now.
    calls: usize,
}

impl Entry {
    fn new<T: Kind>(state: State) -> Entry {
        Entry { kind: T::NAME, state, calls: 0 }
    }
}

enum State {
    Owned,
    Freed,
    /// Lent by the handle at this address.
    LentBy(usize),
    /// Lent to this many running callbacks.
    LentTo(usize),
}

static ACCOUNT: LazyLock<Mutex<Account>> = LazyLock::new(Mutex::default);

/// This is a lock of the standard library because handles may be freed at the end of a thread, when waiting for a lock of
/// parking_lot would leak memory.
fn account() -> MutexGuard<'static, Account> {
    ACCOUNT.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Account {
    /// What is wrong with a pointer, if anything.
    fn fault(&self, address: usize, kind: &str) -> Option<String> {
        match self.entries.get(&address) {
            // Rust's own tests use handles that were never given to C.
            None => cfg!(feature = "checked").then(|| "it is not a handle of this library".to_string()),
            Some(Entry { state: State::Freed, .. }) => Some("it was freed already".to_string()),
            Some(entry) if entry.kind != kind => Some(format!("it is a {}", entry.kind)),
            Some(_) => None,
        }
    }

    fn is_in_use(&self, address: usize) -> bool {
        self.entries.get(&address).is_some_and(|entry| entry.calls > 0)
    }

    /// What is wrong with freeing a pointer, if anything.
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

/// What is wrong with a handle.
pub struct Fault {
    kind: &'static str,
    words: String,
}

impl Fault {
    fn new<T: Kind>(words: impl Into<String>) -> Fault {
        Fault { kind: T::NAME, words: words.into() }
    }

    /// The failure of a call that got the handle as an argument.
    pub fn of_argument(self, name: &str) -> Error {
        Error::value(format_args!("{name} is not a live {}: {}", self.kind, self.words))
    }

    /// Reports it as a warning, because there is no call that could fail.
    pub fn report(&self) {
        let _ = warn(RUNTIME, &format!("the handle is not a live {}: {}", self.kind, self.words));
    }
}

/// Marks a handle as used by a call until it is dropped.
pub struct Use(usize);

impl Drop for Use {
    fn drop(&mut self) {
        if let Some(entry) = account().entries.get_mut(&self.0) {
            entry.calls = entry.calls.saturating_sub(1);
        }
    }
}

/// Copies the value behind a handle, while no other thread can free it.
pub fn hold<T: Kind>(address: usize, clone: impl FnOnce() -> T) -> Result<(T, Use), Fault> {
    note_handle(T::NAME, address);
    let mut account = account();
    if let Some(fault) = account.fault(address, T::NAME) {
        return Err(Fault::new::<T>(fault));
    }
    if let Some(entry) = account.entries.get_mut(&address) {
        entry.calls += 1;
    }
    let value = clone();
    drop(account);
    Ok((value, Use(address)))
}

pub fn given<T: Kind>(address: usize) {
    account().entries.insert(address, Entry::new::<T>(State::Owned));
}

pub fn taken<T: Kind>(address: usize) -> bool {
    note_handle(T::NAME, address);
    let mut account = account();
    let fault = account.fault_of_free(address, T::NAME);
    let Some(fault) = fault else {
        let in_use = account.is_in_use(address);
        account.free(address);
        drop(account);
        if in_use {
            // The call keeps its value to the end, but the handle is freed now.
            Fault::new::<T>("a call that uses it has not returned yet, and it is freed").report();
        }
        return true;
    };
    drop(account);
    Fault::new::<T>(fault).report();
    false
}

/// Removes the entry for memory that is not kept.
pub fn forget(address: usize) {
    account().entries.remove(&address);
}

pub fn lent<T: Kind>(address: usize, lender: usize) {
    account().entries.insert(address, Entry::new::<T>(State::LentBy(lender)));
}

pub fn check<T: Kind>(address: usize) -> Result<(), Fault> {
    note_handle(T::NAME, address);
    let fault = account().fault(address, T::NAME);
    fault.map_or(Ok(()), |fault| Err(Fault::new::<T>(fault)))
}

/// Moves a value out of its box; the memory is kept for a while.
pub unsafe fn unbox<T>(handle: *mut T) -> T {
    // SAFETY: a box of ours, which nothing reads again.
    let value = unsafe { handle.read() };
    let mut account = account();
    account.freed.push_back((handle.expose_provenance(), Layout::new::<T>()));
    if account.freed.len() > KEPT {
        let oldest = account.freed.iter().position(|(address, _)| !account.is_in_use(*address));
        if let Some((oldest, layout)) = oldest.and_then(|index| account.freed.remove(index)) {
            account.entries.remove(&oldest);
            if layout.size() > 0 {
                // SAFETY: the memory of a box whose value was moved out.
                unsafe { dealloc(std::ptr::with_exposed_provenance_mut(oldest), layout) };
            }
        }
    }
    value
}

/// Marks a value as lent to a callback until it is dropped.
pub struct Loan(usize);

impl Loan {
    pub fn new<T: Kind>(lent: Option<&T>) -> Loan {
        let Some(lent) = lent else { return Loan(0) };
        let address = std::ptr::from_ref(lent).addr();
        let mut account = account();
        let entry = account.entries.entry(address);
        let entry = entry.or_insert(Entry::new::<T>(State::LentTo(0)));
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
            // With what it has lent in its turn.
            account.free(self.0);
            account.entries.remove(&self.0);
        }
    }
}

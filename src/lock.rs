//! The locks of this library, each with a rank: who holds one may take only those of a higher rank, so that no two
//! threads can wait for each other. docs/locks.md has the table. Debug builds check the order, and that no code of
//! others runs under a lock that it could need; a release checks nothing and stores nothing for it.

#[cfg(debug_assertions)]
mod order;
#[cfg(not(debug_assertions))]
#[path = "lock/no_order.rs"]
mod order;

pub use order::user_code;
use order::{HeldLock, Taking};
use std::ops::{Deref, DerefMut};
use std::time::Duration;

/// The making of a socket, handshake included. Its owner waits for the network.
pub const WRAPPING: u8 = 5;
/// The turn to write to a socket. Its owner waits for the network.
pub const WRITING: u8 = 10;
/// The turn to read from a socket. Its owner waits for the network.
pub const READING: u8 = 20;
/// The turn with a connection: held while libssl works, and so while callbacks run.
pub const TURN: u8 = 30;
/// The settings of a context.
pub const CONTEXT: u8 = 40;
/// What a file of CAs holds: the first who needs it parses it.
pub const FILE: u8 = 50;
/// The turn to write a line to a key log. Its owner waits for the file.
pub const KEYLOG: u8 = 60;
/// Nothing else is taken, waited for or called while one of these is held.
pub const LEAF: u8 = 100;

/// A value that is read and replaced as a whole. Nobody gets at it under the lock, and what is replaced is dropped after
/// it: dropping may run code of others, such as `free_userdata`, which may ask for this very value.
#[derive(Default)]
pub struct Slot<T>(parking_lot::RwLock<T>);

impl<T> Slot<T> {
    pub const fn new(value: T) -> Slot<T> {
        Slot(parking_lot::RwLock::new(value))
    }

    /// Puts another value in its place and drops the old one.
    pub fn set(&self, value: T) {
        drop(self.replace(value));
    }

    /// Puts another value in its place and gives the old one.
    #[must_use = "`set` drops the old value"]
    pub fn replace(&self, value: T) -> T {
        let _held = Taking::of(LEAF).taken();
        std::mem::replace(&mut *self.0.write(), value)
    }

    /// Puts in its place what is made of it, and drops the old one. `make` must not call anybody.
    pub fn update(&self, make: impl FnOnce(&T) -> T) {
        let old = {
            let _held = Taking::of(LEAF).taken();
            let mut slot = self.0.write();
            let next = make(&slot);
            std::mem::replace(&mut *slot, next)
        };
        drop(old);
    }
}

impl<T: Clone> Slot<T> {
    /// The value as it is now.
    pub fn get(&self) -> T {
        let _held = Taking::of(LEAF).taken();
        self.0.read().clone()
    }
}

/// What is locked, for as long as this lives.
pub struct Guard<G> {
    inner: G,
    _held: HeldLock,
}

impl<G: Deref> Deref for Guard<G> {
    type Target = G::Target;
    fn deref(&self) -> &G::Target {
        &self.inner
    }
}

impl<G: DerefMut> DerefMut for Guard<G> {
    fn deref_mut(&mut self) -> &mut G::Target {
        &mut self.inner
    }
}

/// The guard of a [`Mutex`].
pub type MutexGuard<'a, T> = Guard<parking_lot::MutexGuard<'a, T>>;
/// The guard of a [`ReentrantMutex`].
pub type ReentrantMutexGuard<'a, T> = Guard<parking_lot::ReentrantMutexGuard<'a, T>>;

/// A lock for what has no part that belongs to others: for that there is [`Slot`].
#[derive(Default)]
pub struct Mutex<T, const RANK: u8 = LEAF>(parking_lot::Mutex<T>);

impl<T, const RANK: u8> Mutex<T, RANK> {
    pub const fn new(value: T) -> Mutex<T, RANK> {
        Mutex(parking_lot::Mutex::new(value))
    }

    pub fn lock(&self) -> MutexGuard<'_, T> {
        let taking = Taking::of(RANK);
        Guard { inner: self.0.lock(), _held: taking.taken() }
    }

    /// Takes the lock if it is free. Who does not wait may ask in any order.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.0.try_lock().map(|inner| Guard { inner, _held: HeldLock::out_of_order(RANK) })
    }

    pub fn try_lock_for(&self, time: Duration) -> Option<MutexGuard<'_, T>> {
        let taking = Taking::of(RANK);
        self.0.try_lock_for(time).map(|inner| Guard { inner, _held: taking.taken() })
    }

    pub fn is_locked(&self) -> bool {
        self.0.is_locked()
    }
}

/// A lock that its owner may take again.
pub struct ReentrantMutex<T, const RANK: u8>(parking_lot::ReentrantMutex<T>);

impl<T, const RANK: u8> ReentrantMutex<T, RANK> {
    pub const fn new(value: T) -> ReentrantMutex<T, RANK> {
        ReentrantMutex(parking_lot::ReentrantMutex::new(value))
    }

    pub fn lock(&self) -> ReentrantMutexGuard<'_, T> {
        if self.0.is_owned_by_current_thread() {
            return Guard { inner: self.0.lock(), _held: HeldLock::out_of_order(RANK) };
        }
        let taking = Taking::of(RANK);
        Guard { inner: self.0.lock(), _held: taking.taken() }
    }

    /// As [`Mutex::try_lock`].
    pub fn try_lock(&self) -> Option<ReentrantMutexGuard<'_, T>> {
        self.0.try_lock().map(|inner| Guard { inner, _held: HeldLock::out_of_order(RANK) })
    }

    pub fn is_owned_by_current_thread(&self) -> bool {
        self.0.is_owned_by_current_thread()
    }
}

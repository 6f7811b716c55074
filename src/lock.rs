//! The locks of this library, each with a rank: a thread that holds one may wait only for locks of a higher rank, so no
//! two threads can wait for each other. docs/locks.md has the table. Debug builds check the order, and that no code of the
//! program runs under a lock that it could need; a release build checks nothing and stores nothing for it.

#[cfg(debug_assertions)]
mod order;
#[cfg(not(debug_assertions))]
#[path = "lock/no_order.rs"]
mod order;

pub use order::user_code;
use order::{HeldLock, Taking};
use std::ops::{Deref, DerefMut};
use std::time::Duration;

/// Held while a socket is wrapped, including the handshake. Its owner waits for the network.
pub const WRAPPING: u8 = 5;
/// Held while a socket is written. Its owner waits for the network.
pub const WRITING: u8 = 10;
/// Held while a socket receives. Its owner waits for the network.
pub const READING: u8 = 20;
/// Held while libssl works on a connection, and so while callbacks run.
pub const TURN: u8 = 30;
/// The settings of a context.
pub const CONTEXT: u8 = 40;
/// The content of a CA file: the first thread that needs it parses it.
pub const FILE: u8 = 50;
/// Held while a line is written to a key log. Its owner waits for the file.
pub const KEYLOG: u8 = 60;
/// While one of these is held, no other lock is taken, nothing is waited for and no callback is called.
pub const LEAF: u8 = 100;

/// A value that is read and replaced as a whole. No code of the program runs under its lock, and the old value is dropped
/// after the lock was released: dropping may run such code, for example `free_userdata`, which may use this very value.
#[derive(Default)]
pub struct Slot<T>(parking_lot::RwLock<T>);

impl<T> Slot<T> {
    pub const fn new(value: T) -> Slot<T> {
        Slot(parking_lot::RwLock::new(value))
    }

    /// Replaces the value and drops the old one.
    pub fn set(&self, value: T) {
        drop(self.replace(value));
    }

    /// Replaces the value and returns the old one.
    #[must_use = "`set` drops the old value"]
    pub fn replace(&self, value: T) -> T {
        let _held = Taking::of(LEAF).taken();
        std::mem::replace(&mut *self.0.write(), value)
    }

    /// Replaces the value by one that `make` makes of it, and drops the old one. `make` must not call back.
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

impl<T> Slot<T> {
    /// What `look` finds out about the value as it is now. It must not call back.
    pub fn look<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        let _held = Taking::of(LEAF).taken();
        look(&self.0.read())
    }
}

impl<T: Clone> Slot<T> {
    /// The value as it is now.
    pub fn get(&self) -> T {
        let _held = Taking::of(LEAF).taken();
        self.0.read().clone()
    }
}

/// Access to the locked value; dropping it releases the lock.
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

/// A lock for a value that holds nothing of the program's; for such values there is [`Slot`].
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

    /// Takes the lock if it is free. As it does not wait, any order is allowed.
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

    /// Like [`Mutex::try_lock`].
    pub fn try_lock(&self) -> Option<ReentrantMutexGuard<'_, T>> {
        self.0.try_lock().map(|inner| Guard { inner, _held: HeldLock::out_of_order(RANK) })
    }

    /// Waits no longer than this, also where another lock would have to come first.
    pub fn try_lock_for(&self, time: Duration) -> Option<ReentrantMutexGuard<'_, T>> {
        self.0.try_lock_for(time).map(|inner| Guard { inner, _held: HeldLock::out_of_order(RANK) })
    }

    pub fn is_owned_by_current_thread(&self) -> bool {
        self.0.is_owned_by_current_thread()
    }
}

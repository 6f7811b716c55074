//! Everything a program has: a few slots of each kind of handle, and the userdata of its callbacks.

use super::op::{Does, Kind, SetCallback, Slot};
use crate::c::*;
use crate::handle::{Freed, Handle};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// How many handles of each kind there are.
pub const SLOTS: usize = 4;

/// Handles by number. Each user holds a reference: freeing empties the slot, and the last user frees the handle.
pub struct Slots<T: Freed> {
    all: [RefCell<Option<Arc<Handle<T>>>>; SLOTS],
    /// How many of the first slots never change.
    kept: Cell<usize>,
}

impl<T: Freed> Default for Slots<T> {
    fn default() -> Slots<T> {
        Slots { all: std::array::from_fn(|_| RefCell::default()), kept: Cell::new(0) }
    }
}

impl<T: Freed> Slots<T> {
    /// The handle, if there is one.
    pub fn get(&self, slot: Slot) -> Option<Arc<Handle<T>>> {
        self.all[usize::from(slot) % SLOTS].borrow().clone()
    }

    /// Puts a handle in; what was there is freed.
    pub fn put(&self, slot: Slot, handle: Option<Handle<T>>) {
        self.share(slot, handle.map(Arc::new));
    }

    /// Puts a handle in that another slot may have too.
    pub fn share(&self, slot: Slot, handle: Option<Arc<Handle<T>>>) {
        let index = usize::from(slot) % SLOTS;
        if index >= self.kept.get() {
            // Freeing may call back: not while the slot is borrowed.
            let old = self.all[index].replace(handle);
            drop(old);
        }
    }
}

/// One userdata. Callbacks of a context that programs have in common come in any of their threads.
pub struct Used {
    /// What it is for.
    pub kind: Kind,
    /// What its callback does.
    pub does: Does,
    /// What its callback does to OpenSSL's error queue.
    pub entries: u8,
    /// The context it was set on.
    pub slot: Slot,
    /// How often it was freed. Relaxed, as all of these: they must not order what else the threads do.
    pub freed: AtomicU32,
    /// How often it must be freed in the end.
    pub due: AtomicU32,
    /// Calls so far.
    pub calls: AtomicU32,
}

/// Everything.
#[derive(Default)]
pub struct World {
    pub seed: u8,
    /// Other programs use and change its first contexts meanwhile.
    pub shares: bool,
    pub contexts: Slots<tlsock_context>,
    pub objects: Slots<tlsock_object>,
    pub sockets: Slots<tlsock_socket>,
    pub bios: Slots<tlsock_bio>,
    pub sessions: Slots<tlsock_session>,
    pub certificates: Slots<tlsock_certificate>,
    used: RefCell<Vec<Arc<Used>>>,
    /// Objects whose peer must be verified, if it shows anything.
    insisting: RefCell<HashMap<*mut tlsock_object, bool>>,
    /// How deep in callbacks this is.
    pub depth: Cell<u32>,
}

thread_local!(static CURRENT: Cell<*const World> = const { Cell::new(std::ptr::null()) });

/// Makes a world known to callbacks while something runs.
pub fn enter(world: &World, body: impl FnOnce()) {
    CURRENT.set(world);
    body();
    CURRENT.set(std::ptr::null());
}

/// The world of the program that runs.
pub fn current<'a>() -> &'a World {
    let world = CURRENT.get();
    assert!(!world.is_null(), "called after the end");
    // SAFETY: `enter` keeps it alive while callbacks may come.
    unsafe { &*world }
}

impl World {
    /// An empty one.
    pub fn new(seed: u8) -> World {
        World { seed, ..World::default() }
    }

    /// One whose first contexts others have too, to its end.
    pub fn sharing(seed: u8, contexts: &[Arc<Handle<tlsock_context>>]) -> World {
        let world = World { seed, shares: true, ..World::default() };
        for (slot, context) in (0..).zip(contexts) {
            world.contexts.share(slot, Some(Arc::clone(context)));
        }
        world.contexts.kept.set(contexts.len());
        world
    }

    /// Lets the other programs go on, so that steps mix where there are fewer processors than threads.
    pub fn give_way(&self) {
        if self.shares {
            std::thread::yield_now();
        }
    }

    /// Makes userdata for a callback.
    pub fn userdata(&self, set: &SetCallback, slot: Slot) -> Arc<Used> {
        let (freed, due, calls) = (AtomicU32::new(0), AtomicU32::new(0), AtomicU32::new(0));
        let (kind, does, entries) = (set.kind, set.does, set.entries);
        let used = Arc::new(Used { kind, does, entries, slot, freed, due, calls });
        self.used.borrow_mut().push(Arc::clone(&used));
        used
    }

    /// Notes what a new object asks of its peer.
    pub fn note(&self, object: &Handle<tlsock_object>, context: &Handle<tlsock_context>) {
        // SAFETY: a live context.
        let mode = unsafe { tlsock_context_verify_mode(context.raw()) };
        // SAFETY: a live object.
        let server = unsafe { tlsock_object_server_side(object.raw()) };
        // Another program may have changed the context since.
        let insists = i64::from(mode) == CERT_REQUIRED && !server && !self.shares;
        self.insisting.borrow_mut().insert(object.raw(), insists);
    }

    /// Tells whether an object asked for a verified peer when it was made.
    pub fn insists(&self, object: *mut tlsock_object) -> bool {
        self.insisting.borrow().get(&object).copied().unwrap_or(false)
    }

    /// Frees all that is left, in one of several orders.
    pub fn clear(&self, order: u8) {
        self.contexts.kept.set(0);
        let frees: [&dyn Fn(Slot); 6] = [
            &|slot| self.contexts.put(slot, None),
            &|slot| self.objects.put(slot, None),
            &|slot| self.sockets.put(slot, None),
            &|slot| self.bios.put(slot, None),
            &|slot| self.sessions.put(slot, None),
            &|slot| self.certificates.put(slot, None),
        ];
        let step = [1, 5][usize::from(order >> 4 & 1)];
        for slot in 0..SLOTS as Slot {
            for index in 0..frees.len() {
                frees[(usize::from(order) + index * step) % frees.len()](slot);
            }
        }
        super::callback::silence();
    }

    /// All userdata that was made.
    pub fn into_used(self) -> Vec<Arc<Used>> {
        self.used.take()
    }
}

/// Tells whether nobody else changes what the program of this thread uses.
pub fn alone() -> bool {
    CURRENT.get().is_null() || !current().shares
}

/// Once nothing is left all handles are freed, and all userdata, once.
pub fn check(used: &[Arc<Used>]) {
    for used in used {
        let (freed, due) = (used.freed.load(Relaxed), used.due.load(Relaxed));
        assert_eq!(freed, due, "userdata of {:?} was freed {freed} times instead of {due}", used.kind);
    }
    // SAFETY: takes nothing.
    let left = unsafe { tlsock_handle_count() };
    assert_eq!(left, 0, "the library counts handles that are freed");
}

/// Frees a userdata, as a C program would.
pub unsafe extern "C" fn free_userdata(userdata: *mut c_void) {
    // SAFETY: made by `userdata`, and kept to the end of the program.
    let used = unsafe { &*userdata.cast::<Used>() };
    let before = used.freed.fetch_add(1, Relaxed);
    assert_eq!(before, 0, "userdata of {:?} was freed twice", used.kind);
}

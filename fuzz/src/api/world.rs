//! Everything a program has: a few slots of each kind of handle, and the userdata of its callbacks.

use super::op::{Does, Kind, Slot};
use crate::c::*;
use crate::handle::{Freed, Handle};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::c_void;
use std::rc::Rc;

/// How many handles of each kind there are.
pub const SLOTS: usize = 4;

/// Handles by number. Whoever uses one holds it: freeing empties the slot, and the last user frees.
pub struct Slots<T: Freed>([RefCell<Option<Rc<Handle<T>>>>; SLOTS]);

impl<T: Freed> Default for Slots<T> {
    fn default() -> Slots<T> {
        Slots(std::array::from_fn(|_| RefCell::default()))
    }
}

impl<T: Freed> Slots<T> {
    /// The handle, if there is one.
    pub fn get(&self, slot: Slot) -> Option<Rc<Handle<T>>> {
        self.0[usize::from(slot) % SLOTS].borrow().clone()
    }

    /// Puts a handle in; what was there is freed.
    pub fn put(&self, slot: Slot, handle: Option<Handle<T>>) {
        self.share(slot, handle.map(Rc::new));
    }

    /// Puts a handle in that another slot may have too.
    pub fn share(&self, slot: Slot, handle: Option<Rc<Handle<T>>>) {
        // Freeing may call back: not while the slot is borrowed.
        let old = self.0[usize::from(slot) % SLOTS].replace(handle);
        drop(old);
    }
}

/// One userdata.
pub struct Used {
    /// What it is for.
    pub kind: Kind,
    /// What its callback does.
    pub does: Does,
    /// The context it was set on.
    pub slot: Slot,
    /// How often it was freed.
    pub freed: Cell<u32>,
    /// How often it must be freed in the end.
    pub due: Cell<u32>,
    /// Calls so far.
    pub calls: Cell<u32>,
}

/// Everything.
#[derive(Default)]
pub struct World {
    pub seed: u8,
    pub contexts: Slots<tlsock_context>,
    pub objects: Slots<tlsock_object>,
    pub sockets: Slots<tlsock_socket>,
    pub bios: Slots<tlsock_bio>,
    pub sessions: Slots<tlsock_session>,
    pub certificates: Slots<tlsock_certificate>,
    used: RefCell<Vec<Rc<Used>>>,
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

    /// Makes userdata for a callback.
    pub fn userdata(&self, kind: Kind, does: Does, slot: Slot) -> Rc<Used> {
        let used = Used { kind, does, slot, freed: Cell::new(0), due: Cell::new(0), calls: Cell::new(0) };
        let used = Rc::new(used);
        self.used.borrow_mut().push(Rc::clone(&used));
        used
    }

    /// Notes what a new object asks of its peer.
    pub fn note(&self, object: &Handle<tlsock_object>, context: &Handle<tlsock_context>) {
        // SAFETY: a live context.
        let mode = unsafe { tlsock_context_verify_mode(context.raw()) };
        // SAFETY: a live object.
        let server = unsafe { tlsock_object_server_side(object.raw()) };
        let insists = i64::from(mode) == CERT_REQUIRED && !server;
        self.insisting.borrow_mut().insert(object.raw(), insists);
    }

    /// Tells whether an object asked for a verified peer when it was made.
    pub fn insists(&self, object: *mut tlsock_object) -> bool {
        self.insisting.borrow().get(&object).copied().unwrap_or(false)
    }

    /// Frees all that is left, in one of several orders.
    pub fn clear(&self, order: u8) {
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

    /// With all handles gone all userdata is freed, once.
    pub fn check_userdata(&self) {
        for used in self.used.borrow().iter() {
            let (freed, due) = (used.freed.get(), used.due.get());
            assert_eq!(freed, due, "userdata of {:?} was freed {freed} times instead of {due}", used.kind);
        }
    }
}

/// Frees a userdata, as a C program would.
pub unsafe extern "C" fn free_userdata(userdata: *mut c_void) {
    // SAFETY: made by `userdata`, and kept to the end of the program.
    let used = unsafe { &*userdata.cast::<Used>() };
    used.freed.set(used.freed.get() + 1);
    assert_eq!(used.freed.get(), 1, "userdata of {:?} was freed twice", used.kind);
}

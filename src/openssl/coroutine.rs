//! A coroutine: work that can be left in the middle, and gone on with later from any thread. It has a thread of its own for its
//! stack, which runs only while another thread resumes it and waits: of the two exactly one is at work at any time. What
//! belongs to the program, or to the thread that resumes, is called there ([`call`]).

use crate::os::{self, Origin};
use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::null;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};

/// As much as a thread of Windows has. Callbacks do not run on it.
const STACK: usize = 1024 * 1024;

/// Something that the resuming thread is to call while the coroutine waits.
struct Work(*mut (dyn FnMut() + 'static));

// SAFETY: only one of the two threads is at work, and the one that sends it waits until the other has called it.
unsafe impl Send for Work {}

/// What a coroutine tells the thread that resumes it. It ends by hanging up.
enum Told {
    Call(Work),
    Suspended,
}

/// What the thread that resumes tells the coroutine.
enum Order {
    GoOn,
    Cancel,
}

/// The coroutine's end of the two channels.
struct Link {
    told: Sender<Told>,
    orders: Receiver<Order>,
    cancelled: Cell<bool>,
}

thread_local! {
    /// The link of the coroutine that this thread is; NULL in any other thread.
    static LINK: Cell<*const Link> = const { Cell::new(null()) };
}

impl Link {
    fn of_this_thread<'a>() -> Option<&'a Link> {
        // SAFETY: NULL or the link on the stack of this thread, which takes it back before it ends.
        unsafe { LINK.with(Cell::get).as_ref() }
    }

    /// Waits until the coroutine is resumed; false if it is to come to its end.
    fn wait(&self) -> bool {
        if !matches!(self.orders.recv(), Ok(Order::GoOn)) {
            self.cancelled.set(true);
        }
        !self.cancelled.get()
    }

    /// Has the resuming thread call this. False if there is none.
    fn call(&self, work: &mut dyn FnMut()) -> bool {
        let work: *mut (dyn FnMut() + '_) = work;
        // SAFETY: only the lifetime changes, and this function does not return before the work is done.
        let work =
            unsafe { std::mem::transmute::<*mut (dyn FnMut() + '_), *mut (dyn FnMut() + 'static)>(work) };
        let sent = self.told.send(Told::Call(Work(work))).is_ok();
        if sent {
            self.wait();
        }
        sent
    }
}

/// Calls this in the thread that resumes the coroutine; outside of a coroutine at once.
pub(super) fn call<R>(work: impl FnOnce() -> R) -> R {
    let Some(link) = Link::of_this_thread() else { return work() };
    let (mut work, mut done) = (Some(work), None);
    let mut run = || done = work.take().map(|work| catch_unwind(AssertUnwindSafe(work)));
    if !link.call(&mut run) {
        run();
    }
    match done {
        Some(Ok(result)) => result,
        Some(Err(panic)) => resume_unwind(panic),
        None => unreachable!("the work was called or the thread that should was gone"),
    }
}

/// Leaves the coroutine until it is resumed. False outside of one, and once it is to come to its end.
pub(super) fn suspend() -> bool {
    let Some(link) = Link::of_this_thread().filter(|link| !link.cancelled.get()) else { return false };
    link.told.send(Told::Suspended).is_ok() && link.wait()
}

/// Tells whether this thread is a coroutine.
pub(super) fn is_inside() -> bool {
    Link::of_this_thread().is_some()
}

/// What this thread is in this respect.
pub(super) enum Presence {
    /// No coroutine.
    Outside,
    Inside,
    /// A coroutine that is to come to its end.
    Cancelled,
}

/// Tells what this thread is.
#[inline]
pub(super) fn presence() -> Presence {
    match Link::of_this_thread() {
        None => Presence::Outside,
        Some(link) if link.cancelled.get() => Presence::Cancelled,
        Some(_) => Presence::Inside,
    }
}

/// What has become of a coroutine that was resumed.
pub(super) enum Resumed<R> {
    /// It has suspended itself.
    Suspended,
    /// It has come to its end. None if it panicked.
    Ended(Option<R>),
    /// This process has forked from the one that has its thread.
    Lost,
}

/// The end of the thread that resumes. When it is dropped, the coroutine is resumed once more to come to its end.
pub(super) struct Coroutine<R> {
    /// Never dropped in a process that lacks the thread.
    caller: ManuallyDrop<Caller<R>>,
    origin: Origin,
}

struct Caller<R> {
    thread: Option<JoinHandle<R>>,
    told: Receiver<Told>,
    orders: Sender<Order>,
}

impl<R: Send + 'static> Coroutine<R> {
    /// Makes one that begins when it is resumed for the first time; the error is the system's.
    pub fn new(work: impl FnOnce() -> R + Send + 'static) -> std::io::Result<Coroutine<R>> {
        let (told, tellings) = channel();
        let (orders, received) = channel();
        let link = Link { told, orders: received, cancelled: Cell::new(false) };
        let origin = Origin::here();
        let body = move || {
            let link = link;
            let _ends = Ends;
            LINK.with(|own| own.set(&raw const link));
            link.wait();
            work()
        };
        let builder = Builder::new().name("tlsock-signer".into()).stack_size(STACK);
        let thread = os::without_signals(|| builder.spawn(body))?;
        let caller = Caller { thread: Some(thread), told: tellings, orders };
        Ok(Coroutine { caller: ManuallyDrop::new(caller), origin })
    }
}

/// Takes the link back when it is dropped, after the work is done.
struct Ends;

impl Drop for Ends {
    fn drop(&mut self) {
        LINK.with(|own| own.set(null()));
    }
}

impl<R> Coroutine<R> {
    /// Goes on until it suspends itself or ends, and does meanwhile what it has to be called here.
    pub fn resume(&mut self) -> Resumed<R> {
        self.order(Order::GoOn)
    }

    /// Tells whether its thread is one of another process.
    pub fn is_lost(&self) -> bool {
        !self.origin.is_here()
    }

    fn order(&mut self, mut order: Order) -> Resumed<R> {
        loop {
            // A callback may have forked.
            if self.is_lost() {
                return Resumed::Lost;
            }
            let _ = self.caller.orders.send(order);
            match self.caller.told.recv() {
                // SAFETY: the coroutine waits, and keeps it alive, until it is told to go on.
                Ok(Told::Call(work)) => unsafe { (*work.0)() },
                Ok(Told::Suspended) => return Resumed::Suspended,
                Err(_) => {
                    return Resumed::Ended(self.caller.thread.take().and_then(|thread| thread.join().ok()));
                }
            }
            order = Order::GoOn;
        }
    }
}

impl<R> Drop for Coroutine<R> {
    fn drop(&mut self) {
        if self.is_lost() {
            return;
        }
        if self.caller.thread.is_some() {
            self.order(Order::Cancel);
        }
        if !self.is_lost() {
            // SAFETY: dropped once, and not used afterwards.
            unsafe { ManuallyDrop::drop(&mut self.caller) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    fn is_cancelled() -> bool {
        matches!(presence(), Presence::Cancelled)
    }

    #[test]
    fn it_goes_on_where_it_was_left_and_calls_in_the_thread_that_resumes() {
        let mut one = Coroutine::new(|| {
            let own = thread::current().id();
            assert!(is_inside());
            let first = call(|| thread::current().id());
            assert!(suspend());
            let second = call(|| thread::current().id());
            (own, first, second)
        })
        .unwrap();
        assert!(matches!(one.resume(), Resumed::Suspended));
        let (here, there) =
            (thread::current().id(), thread::spawn(move || (thread::current().id(), one.resume())));
        let (there, ended) = there.join().unwrap();
        let Resumed::Ended(Some((own, first, second))) = ended else { panic!("it has not ended") };
        assert_eq!((first, second), (here, there));
        assert!(own != here && own != there);
        assert!(!is_inside());
    }

    #[test]
    fn calls_do_not_nest_and_are_direct_outside() {
        assert_eq!(call(|| 7), 7);
        assert!(!suspend() && !is_inside() && !is_cancelled());
        let mut one = Coroutine::new(|| call(|| (is_inside(), call(|| 5)))).unwrap();
        assert!(matches!(one.resume(), Resumed::Ended(Some((false, 5)))));
    }

    #[test]
    fn one_that_is_dropped_comes_to_its_end() {
        let told = Arc::new(AtomicUsize::new(0));
        let tells = Arc::clone(&told);
        let mut one = Coroutine::new(move || {
            let went_on = suspend();
            let wrong = went_on || suspend() || !is_cancelled();
            call(|| tells.fetch_add(1 + usize::from(wrong), Ordering::Relaxed));
        })
        .unwrap();
        assert!(matches!(one.resume(), Resumed::Suspended));
        drop(one);
        assert_eq!(told.load(Ordering::Relaxed), 1);
        assert_eq!(Arc::strong_count(&told), 1);
    }

    #[test]
    fn one_that_never_began_ends_too() {
        let told = Arc::new(AtomicUsize::new(0));
        let tells = Arc::clone(&told);
        drop(
            Coroutine::new(move || tells.fetch_add(usize::from(is_cancelled()), Ordering::Relaxed)).unwrap(),
        );
        assert_eq!((told.load(Ordering::Relaxed), Arc::strong_count(&told)), (1, 1));
    }

    #[test]
    fn a_panic_of_a_call_unwinds_the_coroutine() {
        let mut one = Coroutine::new(|| catch_unwind(|| call(|| panic!("on purpose"))).is_err()).unwrap();
        assert!(matches!(one.resume(), Resumed::Ended(Some(true))));
        let mut other = Coroutine::new(|| -> usize { panic!("on purpose") }).unwrap();
        assert!(matches!(other.resume(), Resumed::Ended(None)));
    }
}

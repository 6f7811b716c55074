//! A debug build notices handles that were freed and handles of another kind. All calls: tests/harden/misuse.py
#![cfg(debug_assertions)]
#![allow(clippy::undocumented_unsafe_blocks, clippy::multiple_unsafe_ops_per_block, improper_ctypes)]

use std::ffi::{CStr, c_char, c_int};
use std::ptr::null_mut;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tlsock::{Context, Error, MemoryBio, Status, set_warning_callback};

unsafe extern "C" {
    fn tlsock_context_new(protocol: c_int, context: *mut *mut Context, error: *mut *mut Error) -> Status;
    fn tlsock_context_free(context: *mut Context);
    fn tlsock_context_set_minimum_version(
        context: *mut Context,
        version: c_int,
        error: *mut *mut Error,
    ) -> Status;
    fn tlsock_context_protocol(context: *const Context) -> c_int;
    fn tlsock_context_set_verify_mode(context: *mut Context, mode: c_int, error: *mut *mut Error) -> Status;
    fn tlsock_bio_new(bio: *mut *mut MemoryBio, error: *mut *mut Error) -> Status;
    fn tlsock_bio_free(bio: *mut MemoryBio);
    fn tlsock_error_message(error: *const Error) -> *const c_char;
    fn tlsock_error_free(error: *mut Error);
    fn tlsock_handle_count() -> usize;
}

/// The handles are counted and the warnings seen for the whole process.
static ALONE: Mutex<()> = Mutex::new(());

fn context() -> *mut Context {
    let mut context = null_mut();
    assert_eq!(unsafe { tlsock_context_new(16, &mut context, null_mut()) }, Status::Ok);
    context
}

fn refusal(context: *mut Context) -> String {
    let mut error = null_mut();
    assert_eq!(unsafe { tlsock_context_set_verify_mode(context, 2, &mut error) }, Status::Value);
    let message = unsafe { CStr::from_ptr(tlsock_error_message(error)) }.to_string_lossy().into_owned();
    unsafe { tlsock_error_free(error) };
    message
}

#[test]
fn a_freed_handle_is_refused_and_not_freed_again() {
    static WARNINGS: AtomicUsize = AtomicUsize::new(0);
    let _alone = ALONE.lock().unwrap();
    let freed = context();
    unsafe { tlsock_context_free(freed) };
    let others: Vec<_> = (0..100).map(|_| context()).collect();
    assert!(!others.contains(&freed), "no new handle looks like it");
    assert_eq!(refusal(freed), "context is not a live tlsock_context: it was freed already");
    set_warning_callback(Some(std::sync::Arc::new(|category, message| {
        assert_eq!(category, "RuntimeWarning");
        assert_eq!(message, "the handle is not a live tlsock_context: it was freed already");
        WARNINGS.fetch_add(1, Ordering::SeqCst);
        Ok(())
    })));
    let count = unsafe { tlsock_handle_count() };
    assert_eq!(unsafe { tlsock_context_protocol(freed) }, 0);
    unsafe { tlsock_context_free(freed) };
    set_warning_callback(None);
    assert_eq!(WARNINGS.load(Ordering::SeqCst), 2);
    assert_eq!(unsafe { tlsock_handle_count() }, count);
    others.into_iter().for_each(|context| unsafe { tlsock_context_free(context) });
}

#[test]
fn a_handle_of_another_kind_is_refused() {
    let _alone = ALONE.lock().unwrap();
    let mut bio = null_mut();
    assert_eq!(unsafe { tlsock_bio_new(&mut bio, null_mut()) }, Status::Ok);
    assert_eq!(refusal(bio.cast()), "context is not a live tlsock_context: it is a tlsock_bio");
    let count = unsafe { tlsock_handle_count() };
    unsafe { tlsock_context_free(bio.cast()) };
    assert_eq!(unsafe { tlsock_handle_count() }, count);
    unsafe { tlsock_bio_free(bio) };
    assert_eq!(unsafe { tlsock_handle_count() }, count - 1);
}

#[test]
fn a_handle_freed_inside_its_own_call_is_told_and_lives_on() {
    static WARNINGS: AtomicUsize = AtomicUsize::new(0);
    static FREED: AtomicUsize = AtomicUsize::new(0);
    let _alone = ALONE.lock().unwrap();
    let freed = context();
    FREED.store(freed.expose_provenance(), Ordering::SeqCst);
    // The first warning is of the deprecated version, inside the call; the second of what this one does.
    set_warning_callback(Some(std::sync::Arc::new(|category, message| {
        match WARNINGS.fetch_add(1, Ordering::SeqCst) {
            0 => {
                assert_eq!(category, "DeprecationWarning");
                let context = std::ptr::with_exposed_provenance_mut(FREED.load(Ordering::SeqCst));
                unsafe { tlsock_context_free(context) };
            }
            _ => assert!(message.contains("a call that uses it has not returned yet"), "{message}"),
        }
        Ok(())
    })));
    let set = unsafe { tlsock_context_set_minimum_version(freed, 0x301, null_mut()) };
    set_warning_callback(None);
    assert_eq!((set, WARNINGS.load(Ordering::SeqCst)), (Status::Ok, 2));
    assert_eq!(refusal(freed), "context is not a live tlsock_context: it was freed already");
}

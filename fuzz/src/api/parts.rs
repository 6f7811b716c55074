//! Steps of buffers, sessions and certificates.

use super::callback::taken;
use super::op::{PartOp, Slot};
use super::world::World;
use crate::c::*;
use crate::call::{call, fill, owned};
use crate::{certificate, object, peer};

/// Does one step.
pub fn step(world: &World, slot: Slot, op: &PartOp) {
    match op {
        PartOp::NewBio => world.bios.put(slot, Some(peer::bio())),
        PartOp::FreeBio => world.bios.put(slot, None),
        PartOp::FreeSession => world.sessions.put(slot, None),
        PartOp::FreeCertificate => world.certificates.put(slot, None),
        PartOp::WriteBio(_) | PartOp::ReadBio(_) | PartOp::EndBio => bio(world, slot, op),
        PartOp::KeepSession { context, into } => keep(world, slot, *context, *into),
        PartOp::CompareSession(other) => compare(world, slot, *other),
        PartOp::InspectCertificate => {
            if let Some(certificate) = world.certificates.get(slot) {
                // SAFETY: a live certificate.
                unsafe { certificate::inspect(certificate.raw()) }
            }
        }
    }
}

fn bio(world: &World, slot: Slot, op: &PartOp) {
    let Some(bio) = world.bios.get(slot) else { return };
    let raw = bio.raw();
    // SAFETY: a live buffer, bytes of the length given and places of the size given.
    unsafe {
        let before = tlsock_bio_pending(raw);
        match op {
            PartOp::WriteBio(len) => {
                let data: Vec<u8> = (0..*len).collect();
                let written =
                    call("bio_write", |error| tlsock_bio_write(raw, data.as_ptr().cast(), data.len(), error));
                let added = if written.is_ok() { data.len() } else { 0 };
                assert_eq!(tlsock_bio_pending(raw), before + added);
            }
            PartOp::ReadBio(size) => {
                let read = fill("bio_read", usize::from(*size), |data, size, len, error| {
                    tlsock_bio_read(raw, data.cast(), size, len, error)
                });
                let read = read.expect("a buffer can be read").len();
                assert_eq!(read, before.min(usize::from(*size)));
                assert_eq!(tlsock_bio_pending(raw), before - read);
            }
            _ => {
                call("bio_write_eof", |error| tlsock_bio_write_eof(raw, error))
                    .expect("an end can be marked");
                assert_eq!(tlsock_bio_eof(raw), before == 0);
            }
        }
    }
}

/// Turns a session into bytes and back, perhaps for another context.
fn keep(world: &World, slot: Slot, context: Slot, into: Slot) {
    let (Some(session), Some(context)) = (world.sessions.get(slot), world.contexts.get(context)) else {
        return;
    };
    // SAFETY: live handles, places for the results and bytes of the length given.
    unsafe {
        let kept = owned("session_data", |out, error| tlsock_session_data(session.raw(), out, error));
        let Ok(Some(kept)) = kept else { return };
        let again = taken("session_new_data", |out, error| {
            tlsock_session_new_data(context.raw(), kept.as_ptr().cast(), kept.len(), out, error)
        });
        if let Some(again) = &again {
            assert!(tlsock_session_equal(session.raw(), again.raw()));
            assert_eq!(tlsock_session_time(session.raw()), tlsock_session_time(again.raw()));
        }
        world.sessions.put(into, again);
    }
}

fn compare(world: &World, slot: Slot, other: Slot) {
    let (Some(one), Some(other)) = (world.sessions.get(slot), world.sessions.get(other)) else { return };
    // SAFETY: live sessions.
    unsafe {
        object::inspect_session(one.raw());
        assert_eq!(
            tlsock_session_equal(one.raw(), other.raw()),
            tlsock_session_equal(other.raw(), one.raw())
        );
    }
}

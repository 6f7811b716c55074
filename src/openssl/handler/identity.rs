//! Choosing this side's certificate once it is known what the peer wants.

use super::{Reply, guarded};
use crate::openssl::backend::choice;
use crate::openssl::interruptible::Interruptible;
use crate::openssl::lent::Lent;
use crate::openssl::queue::preserving;
use crate::openssl::{coroutine, signer, sys};
use std::os::raw::{c_int, c_void};

const GO_ON: c_int = 1;
const NOT_YET: c_int = -1;
const FAILED: c_int = 0;

/// Has the handler choose. Where a signer of that identity may have no answer yet, and libssl cannot stop when it asks for the
/// signature, it stops here, and is called again in a coroutine: it can be left there.
pub(in crate::openssl) unsafe extern "C" fn choose_identity(
    ssl: *mut sys::SSL,
    interruptible: *mut c_void,
) -> c_int {
    // SAFETY: libssl calls with a live SSL.
    let Some(lent) = (unsafe { Lent::new(ssl) }) else { return FAILED };
    // SAFETY: what belongs to that SSL, and lives as long.
    let Some(interruptible) = (unsafe { interruptible.cast::<Interruptible>().as_ref() }) else {
        return FAILED;
    };
    if interruptible.has_chosen() {
        return GO_ON;
    }
    // SAFETY: libssl calls with a live SSL; so below.
    match unsafe { guarded(ssl, Err(()), |handler| handler.choose_identity(&lent)) } {
        // SAFETY: as above.
        Ok(Reply::Given) => match preserving(|| unsafe { choice::settle(ssl) }) {
            Ok(()) => {}
            Err(_) => return FAILED,
        },
        Ok(Reply::Pending) => return NOT_YET,
        Err(()) => return FAILED,
    }
    // SAFETY: as above.
    let may_wait = unsafe { guarded(ssl, false, |handler| handler.signer_may_wait()) };
    if !may_wait || !signer::NEEDS_THREAD || coroutine::is_inside() {
        return GO_ON;
    }
    interruptible.begin();
    NOT_YET
}

//! Whom a connection trusts while it lasts: whom its context trusts by then.

use super::Events;
use crate::openssl::lent::Lent;

impl Events {
    /// Has the connection verify against the store that its context has by now, as if all had one store. What a handshake proves in
    /// which the store changes is known by the number of its state. Without memory the connection ends: the old store may lack the list
    /// by which the peer is revoked.
    pub(super) fn trust_as_context(&self, ssl: &Lent<'_>) {
        if let Err(failure) = self.context.get().lend_trust(ssl) {
            self.abort(&failure);
            self.fail(failure);
        }
    }
}

//! Chooses one of the application protocols that a client offers.

use super::Events;
use crate::lock::user_code;
use crate::openssl::handler::AlpnAnswer;
use crate::ssl::context::{alpn_names, select_alpn};
use crate::ssl::error::{Error, Result};

impl Events {
    /// The protocol for a list in wire format: the callback's, or else the first of the context's own.
    pub(super) fn choose_protocol<'a>(&self, offered: &'a [u8]) -> AlpnAnswer<'a> {
        self.protocol_of(offered).unwrap_or_else(|failure| {
            self.fail(failure);
            AlpnAnswer::Refused
        })
    }

    fn protocol_of<'a>(&self, offered: &'a [u8]) -> Result<AlpnAnswer<'a>> {
        let context = self.context.get();
        let Some(callback) = context.callbacks().alpn.clone() else {
            let own = context.alpn();
            return Ok(match select_alpn(&own, offered) {
                Some(chosen) => AlpnAnswer::Chosen(chosen),
                None if context.alpn_strict() && !own.is_empty() => AlpnAnswer::Refused,
                None => AlpnAnswer::NoProtocol,
            });
        };
        if self.aborted.is_set() {
            return Ok(AlpnAnswer::Refused);
        }
        let mut names: Vec<&[u8]> = Vec::new();
        for name in alpn_names(offered) {
            names.try_reserve(1)?;
            names.push(name);
        }
        // libssl does not tell it where it resumes.
        let name = self.witness.asked_for(|| None);
        let asked = self.lend(|connection| user_code(|| callback(connection, name, &names)));
        match asked.unwrap_or_else(|| Err(Error::value("the connection is gone")))? {
            None if context.alpn_strict() => Ok(AlpnAnswer::Refused),
            None => Ok(AlpnAnswer::NoProtocol),
            Some(index) => names.get(index).map(|name| AlpnAnswer::Chosen(name)).ok_or_else(|| {
                let count = names.len();
                Error::value(format_args!(
                    "the ALPN callback chose the protocol of index {index} of {count} that the client offers"
                ))
            }),
        }
    }
}

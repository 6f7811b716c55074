//! Verification of the peer: verify mode, host name checks and verify flags.

use super::Context;
use crate::openssl::ctx::SslCtx;
use crate::openssl::flags::verify::{
    ALLOW_PROXY_CERTS, IGNORE_CRITICAL, NO_CHECK_TIME, PARTIAL_CHAIN, USE_CHECK_TIME,
};
use crate::openssl::flags::{mode, verify_flags_without_effect};
use crate::openssl::lent::{Demands, Lent};
use crate::ssl::error::{Error, Result};
use crate::ssl::session::Beyond;

pub(crate) const CERT_NONE: i32 = 0;
const CERT_OPTIONAL: i32 = 1;
pub(crate) const CERT_REQUIRED: i32 = 2;

pub(super) const NO_PARTIAL_WILDCARDS: u32 = 0x4;
const NEVER_CHECK_SUBJECT: u32 = 0x20;
/// RFC 8446, 4: its length has three bytes.
const LONGEST_MESSAGE: usize = 0xFF_FFFF;

pub(super) fn set_mode(ctx: &mut SslCtx, mode: i32) -> Result<()> {
    let bits = match mode {
        CERT_NONE => 0,
        CERT_OPTIONAL => mode::PEER,
        CERT_REQUIRED => mode::PEER | mode::FAIL_IF_NO_PEER_CERT,
        _ => return Err(Error::value("invalid value for verify_mode")),
    };
    ctx.set_verify_mode(bits);
    Ok(())
}

fn mode_of(ctx: &SslCtx) -> i32 {
    match ctx.verify_mode() & (mode::PEER | mode::FAIL_IF_NO_PEER_CERT) {
        mode::PEER => CERT_OPTIONAL,
        bits if bits & mode::PEER != 0 => CERT_REQUIRED,
        _ => CERT_NONE,
    }
}

/// The flags that make verification less strict.
const LENIENT: u64 = USE_CHECK_TIME | IGNORE_CRITICAL | ALLOW_PROXY_CERTS | PARTIAL_CHAIN | NO_CHECK_TIME;

/// The verify mode and flags that demand as much as either of two. The flags of one that does not verify are ignored.
fn stricter(one: &Demands, other: &Demands) -> (i32, u64) {
    let flags = match (one.verifies(), other.verifies()) {
        (true, false) => one.flags,
        (false, _) => other.flags,
        (true, true) => (one.flags | other.flags) & !LENIENT | one.flags & other.flags,
    };
    // Requesting the certificate only after the handshake is the weaker demand.
    let later = [one, other].iter().all(|each| !each.verifies() || each.mode & mode::POST_HANDSHAKE != 0);
    let mode = (one.mode | other.mode) & !mode::POST_HANDSHAKE;
    match later && mode & mode::PEER != 0 {
        true => (mode | mode::POST_HANDSHAKE, flags),
        false => (mode, flags),
    }
}

/// The depth that takes no longer chain than either of two. What does not verify has no say in it.
fn shallower(one: &Demands, other: &Demands) -> i32 {
    let limits = [one, other].into_iter().filter(|each| each.verifies() && each.depth >= 0);
    limits.map(|each| each.depth).min().unwrap_or(-1)
}

impl Context {
    /// Has a server's connection demand of its client at least what this context demands.
    pub(crate) fn demand_of(&self, ssl: &Lent<'_>) -> Result<()> {
        let own = {
            let state = self.0.state.lock();
            let mut own = state.ctx.demands();
            if own.verifies() && state.post_handshake_auth {
                own.mode |= mode::POST_HANDSHAKE;
            }
            own
        };
        let before = ssl.demands();
        let (mode, flags) = stricter(&before, &own);
        ssl.limit_depth(shallower(&before, &own));
        Ok(ssl.demand(mode, flags, own.verifies())?)
    }

    /// What is asked of peers beside what OpenSSL checks.
    pub(crate) fn beyond(&self) -> Beyond {
        Beyond {
            judged: self.is_judge(),
            pins: self.pins().into_iter().collect(),
            psk_required: self.psk_required(),
            ocsp: self.ocsp(),
            sigalgs: self.sigalgs(),
            ..Beyond::default()
        }
    }

    /// Python: `SSLContext.verify_mode`
    pub fn verify_mode(&self) -> i32 {
        mode_of(&self.0.state.lock().ctx)
    }

    /// Python: `SSLContext.verify_mode = mode`
    pub fn set_verify_mode(&self, mode: i32) -> Result<()> {
        let mut state = self.0.state.lock();
        if mode == CERT_NONE && state.check_hostname {
            return Err(Error::value("Cannot set verify_mode to CERT_NONE when check_hostname is enabled."));
        }
        if mode_of(&state.ctx) == mode {
            return Ok(());
        }
        if !(CERT_NONE..=CERT_REQUIRED).contains(&mode) {
            return Err(Error::value("invalid value for verify_mode"));
        }
        set_mode(state.edit()?, mode)
    }

    /// How many certificates may stand between a peer's own and the trust anchor; -1 for OpenSSL's own limit.
    pub fn verify_depth(&self) -> i32 {
        self.0.state.lock().ctx.verify_depth()
    }

    /// Sets it, for connections made from now on.
    pub fn set_verify_depth(&self, depth: i32) -> Result<()> {
        if depth < -1 {
            return Err(Error::value(format_args!(
                "verify depth {depth} is neither a number of certificates nor -1"
            )));
        }
        self.0.state.lock().edit()?.set_verify_depth(depth);
        Ok(())
    }

    /// How long a peer's chain may be, in bytes.
    pub fn max_cert_list(&self) -> usize {
        usize::try_from(self.0.state.lock().ctx.max_cert_list()).unwrap_or_default()
    }

    /// Sets it, for connections made from now on.
    pub fn set_max_cert_list(&self, bytes: usize) -> Result<()> {
        match bytes {
            1..=LONGEST_MESSAGE => self.0.state.lock().edit()?.set_max_cert_list(bytes as std::ffi::c_long),
            _ => {
                return Err(Error::value(format_args!(
                    "a chain of {bytes} bytes: a message of TLS has from 1 to {LONGEST_MESSAGE}"
                )));
            }
        }
        Ok(())
    }

    /// Python: `SSLContext.check_hostname`
    pub fn check_hostname(&self) -> bool {
        self.0.state.lock().check_hostname
    }

    /// Python: `SSLContext.check_hostname = check`
    pub fn set_check_hostname(&self, check: bool) -> Result<()> {
        let mut state = self.0.state.lock();
        if check && mode_of(&state.ctx) == CERT_NONE {
            set_mode(state.edit()?, CERT_REQUIRED)?;
        }
        state.check_hostname = check;
        Ok(())
    }

    /// Python: `SSLContext.hostname_checks_common_name`
    pub fn hostname_checks_common_name(&self) -> bool {
        self.0.state.lock().ctx.host_flags() & NEVER_CHECK_SUBJECT == 0
    }

    /// Python: `SSLContext.hostname_checks_common_name = check`
    pub fn set_hostname_checks_common_name(&self, check: bool) -> Result<()> {
        let mut state = self.0.state.lock();
        let old = state.ctx.host_flags();
        let new = if check { old & !NEVER_CHECK_SUBJECT } else { old | NEVER_CHECK_SUBJECT };
        if new != old {
            state.edit()?.set_host_flags(new);
        }
        Ok(())
    }

    /// Python: `SSLContext.verify_flags`
    pub fn verify_flags(&self) -> u64 {
        self.0.state.lock().ctx.verify_flags()
    }

    /// Python: `SSLContext.verify_flags = flags`
    pub fn set_verify_flags(&self, flags: u64) -> Result<()> {
        Error::unless_known("verify flags", verify_flags_without_effect(flags))?;
        let mut state = self.0.state.lock();
        if state.ctx.verify_flags() != flags {
            state.edit()?.set_verify_flags(flags)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openssl::flags::verify::{CRL_CHECK, STRICT};

    fn asks(mode: i32, flags: u64) -> Demands {
        Demands { mode, flags, host_flags: 0, depth: -1, level: 2 }
    }

    /// Whichever comes first, the result is the same.
    fn both(one: Demands, other: Demands) -> (i32, u64) {
        let result = stricter(&one, &other);
        assert_eq!(stricter(&other, &one), result);
        result
    }

    #[test]
    fn of_two_modes_the_stricter_counts() {
        let (optional, required) = (mode::PEER, mode::PEER | mode::FAIL_IF_NO_PEER_CERT);
        for (one, other, result) in
            [(0, required, required), (optional, required, required), (0, optional, optional)]
        {
            assert_eq!(both(asks(one, 0), asks(other, 0)).0, result);
        }
        let later = required | mode::POST_HANDSHAKE;
        assert_eq!(both(asks(later, 0), asks(0, 0)).0, later);
        assert_eq!(both(asks(later, 0), asks(later, 0)).0, later);
        assert_eq!(both(asks(later, 0), asks(optional, 0)).0, required);
        assert_eq!(both(asks(0, 0), asks(0, 0)).0, 0);
    }

    #[test]
    fn of_two_depths_the_lesser_counts() {
        let of = |mode, depth| Demands { depth, ..asks(mode, 0) };
        for (one, other, result) in [(-1, -1, -1), (-1, 3, 3), (2, 3, 2), (0, 9, 0)] {
            let (one, other) = (of(mode::PEER, one), of(mode::PEER, other));
            assert_eq!([shallower(&one, &other), shallower(&other, &one)], [result; 2]);
        }
        assert_eq!(shallower(&of(0, 1), &of(mode::PEER, 5)), 5);
    }

    #[test]
    fn of_two_sets_of_flags_the_stricter_count() {
        let verifies = |flags| asks(mode::PEER, flags);
        assert_eq!(both(verifies(CRL_CHECK), verifies(STRICT)).1, CRL_CHECK | STRICT);
        assert_eq!(both(verifies(PARTIAL_CHAIN | STRICT), verifies(0)).1, STRICT);
        assert_eq!(both(verifies(PARTIAL_CHAIN), verifies(PARTIAL_CHAIN)).1, PARTIAL_CHAIN);
        assert_eq!(both(verifies(PARTIAL_CHAIN), asks(0, STRICT)).1, PARTIAL_CHAIN);
    }
}

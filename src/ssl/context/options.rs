//! Options and protocol versions.

use super::{Context, PROTOCOL_TLS, PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER};
use crate::openssl::flags::options_without_effect;
use crate::openssl::{library, ticket};
use crate::ssl::error::{Error, Result, Status};
use crate::ssl::module::info::SSL3;
use crate::ssl::warning::warn;
use std::ffi::CStr;

pub(super) const TLS1: i32 = 0x301;
pub(super) const TLS1_1: i32 = 0x302;
pub(super) const TLS1_2: i32 = 0x303;
pub(super) const TLS1_3: i32 = 0x304;
pub(super) const TLS1_3_NAME: &CStr = c"TLSv1.3";
const MINIMUM_SUPPORTED: i32 = -2;
const MAXIMUM_SUPPORTED: i32 = -1;

const OP_NO_SSLV3: u64 = 1 << 25;
const OP_NO_COMPRESSION: u64 = 1 << 17;
const OP_CIPHER_SERVER_PREFERENCE: u64 = 1 << 22;
const OP_ALL: u64 = 1 << 31 | 1 << 6 | 1 << 4;
const OP_NO_VERSION: u64 = OP_NO_SSLV3 | 1 << 26 | 1 << 27 | 1 << 28 | 1 << 29;

/// The options that every new context has in addition to OpenSSL's own defaults.
pub(super) const DEFAULT: u64 = OP_ALL | OP_NO_SSLV3 | OP_NO_COMPRESSION | OP_CIPHER_SERVER_PREFERENCE;

/// One end of the range of versions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    Minimum,
    Maximum,
}

impl Context {
    /// Python: `SSLContext.options`
    pub fn options(&self) -> u64 {
        self.0.state.lock().ctx.options()
    }

    /// Python: `SSLContext.options = options`
    pub fn set_options(&self, options: u64) -> Result<()> {
        Error::unless_known("options", options_without_effect(options))?;
        let old = self.options();
        if options & !old & OP_NO_VERSION != 0 {
            warn("DeprecationWarning", "ssl.OP_NO_SSL*/ssl.OP_NO_TLS* options are deprecated")?;
        }
        let mut state = self.0.state.lock();
        if state.ctx.options() != options {
            state.edit()?.set_options(options);
        }
        Ok(())
    }

    /// Python: `SSLContext.minimum_version`
    pub fn minimum_version(&self) -> i32 {
        match self.0.state.lock().ctx.min_version() {
            bound if bound == 0 || self.has_fixed_version() => MINIMUM_SUPPORTED,
            bound => bound,
        }
    }

    /// Python: `SSLContext.maximum_version`
    pub fn maximum_version(&self) -> i32 {
        match self.0.state.lock().ctx.max_version() {
            bound if bound == 0 || self.has_fixed_version() => MAXIMUM_SUPPORTED,
            bound => bound,
        }
    }

    /// Python: `SSLContext.minimum_version = version`
    pub fn set_minimum_version(&self, version: i32) -> Result<()> {
        self.set_bound(Bound::Minimum, version)
    }

    /// Python: `SSLContext.maximum_version = version`
    pub fn set_maximum_version(&self, version: i32) -> Result<()> {
        self.set_bound(Bound::Maximum, version)
    }

    fn has_fixed_version(&self) -> bool {
        !matches!(self.protocol(), PROTOCOL_TLS | PROTOCOL_TLS_CLIENT | PROTOCOL_TLS_SERVER)
    }

    fn set_bound(&self, bound: Bound, version: i32) -> Result<()> {
        if bound == Bound::Minimum && version == SSL3 {
            self.set_options(self.options() & !OP_NO_SSLV3)?;
        }
        if self.has_fixed_version() {
            return Err(Error::value(
                "The context's protocol doesn't support modification of highest and lowest version.",
            ));
        }
        let deprecated = match version {
            SSL3 => Some("SSLv3"),
            TLS1 => Some("TLSv1"),
            TLS1_1 => Some("TLSv1_1"),
            TLS1_2 | TLS1_3 | MINIMUM_SUPPORTED | MAXIMUM_SUPPORTED => None,
            other => return Err(Error::value(format_args!("Unsupported TLS/SSL version {other:#x}"))),
        };
        if let Some(name) = deprecated {
            warn("DeprecationWarning", &format!("ssl.TLSVersion.{name} is deprecated"))?;
        }
        self.store_bound(bound, version).map_err(|error| match error.status() {
            Status::NoMemory => error,
            _ => Error::value(format_args!("Unsupported protocol version {version:#x}")),
        })
    }

    fn store_bound(&self, bound: Bound, version: i32) -> Result<()> {
        let wanted = match (bound, version) {
            (Bound::Minimum, MINIMUM_SUPPORTED) | (Bound::Maximum, MAXIMUM_SUPPORTED) => 0,
            (Bound::Minimum, MAXIMUM_SUPPORTED) => TLS1_3,
            (Bound::Maximum, MINIMUM_SUPPORTED) => TLS1,
            (_, other) => other,
        };
        let mut state = self.0.state.lock();
        match bound {
            Bound::Minimum if state.ctx.min_version() != wanted => state.edit()?.set_min_version(wanted)?,
            Bound::Maximum if state.ctx.max_version() != wanted => state.edit()?.set_max_version(wanted)?,
            _ => {}
        }
        Ok(())
    }

    /// Python: `SSLContext.num_tickets`
    pub fn num_tickets(&self) -> i32 {
        i32::try_from(self.0.state.lock().ctx.num_tickets()).unwrap_or(i32::MAX)
    }

    /// Python: `SSLContext.num_tickets = count`
    pub fn set_num_tickets(&self, count: i32) -> Result<()> {
        let count = usize::try_from(count).map_err(|_| Error::value("value must be non-negative"))?;
        if self.protocol() != PROTOCOL_TLS_SERVER {
            return Err(Error::value("SSLContext is not a server context."));
        }
        if let Some(most) = ticket::MOST.filter(|most| count > *most) {
            let name = library::NAME;
            return Err(Error::not_implemented(format_args!(
                "{name} sends no more than {most} tickets at once"
            )));
        }
        let mut state = self.0.state.lock();
        if state.ctx.num_tickets() != count {
            let set = state.edit()?.set_num_tickets(count);
            set.map_err(|cause| Error::or_memory(&cause, || Error::value("failed to set num tickets.")))?;
        }
        Ok(())
    }
}

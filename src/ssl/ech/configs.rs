//! Reads an ECHConfigList (RFC 9849, section 4) as far as it takes to tell its configurations apart.

use crate::openssl::ech::{EchStore, VERSION};
use crate::ssl::error::{Error, Result};

/// The size of the length before the list, and of one configuration without its content.
const LENGTH: usize = 2;
const HEAD: usize = 4;

/// One configuration, with its head.
pub struct Config<'a>(&'a [u8]);

impl<'a> Config<'a> {
    /// The version, whose format is known only for [`VERSION`].
    fn version(&self) -> u16 {
        u16::from_be_bytes([self.0[0], self.0[1]])
    }

    /// The number by which a client names it; None of another version.
    pub fn id(&self) -> Option<u8> {
        self.0.get(HEAD).copied().filter(|_| self.version() == VERSION)
    }

    /// The whole of it.
    pub fn bytes(&self) -> &'a [u8] {
        self.0
    }
}

/// The configurations of a list.
pub fn split<'a>(list: &'a [u8], argument: &str) -> Result<Vec<Config<'a>>> {
    let broken =
        |why: &str| Error::value(format_args!("{argument} is no ECHConfigList (RFC 9849, 4): {why}"));
    let (length, mut rest) = number(list).ok_or_else(|| broken("it is too short for its length"))?;
    if length != rest.len() {
        let why = format!("its length says {length} bytes, and {} follow", rest.len());
        return Err(broken(&why));
    }
    let mut configs = Vec::new();
    while !rest.is_empty() {
        let content = rest.get(LENGTH..).and_then(number).map(|(length, _)| length);
        let whole = content.and_then(|length| rest.split_at_checked(HEAD + length));
        let (config, behind) =
            whole.ok_or_else(|| broken(&format!("configuration {} is cut short", configs.len() + 1)))?;
        configs.try_reserve(1)?;
        configs.push(Config(config));
        rest = behind;
    }
    match configs.is_empty() {
        true => Err(broken("it has no configuration")),
        false => Ok(configs),
    }
}

/// Joins configurations to a list.
pub fn join<'a>(configs: impl Iterator<Item = &'a [u8]>) -> Result<Vec<u8>> {
    let mut list = vec![0; LENGTH];
    for config in configs {
        list.try_reserve(config.len())?;
        list.extend_from_slice(config);
    }
    let length = u16::try_from(list.len() - LENGTH);
    let length = length.map_err(|_| Error::value("the ECHConfigs together are longer than 65535 bytes"))?;
    list[..LENGTH].copy_from_slice(&length.to_be_bytes());
    Ok(list)
}

/// The configurations of a list that a client can use, in its order. The others are passed over, as RFC 9849 has it:
/// OpenSSL would refuse the list for the sake of one.
pub fn usable(list: &[u8]) -> Result<EchStore> {
    let configs = split(list, "configs")?;
    super::require()?;
    let mut store = EchStore::new()?;
    for config in configs {
        match store.add_configs(&join([config.bytes()].into_iter())?) {
            Err(cause) if cause.is_memory() => return Err(cause.into()),
            _ => {}
        }
    }
    match store.entries() {
        0 => Err(Error::value(
            "configs has no configuration that can be used: versions, algorithms or mandatory extensions are unknown, or a \
             public name is none",
        )),
        _ => Ok(store),
    }
}

fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u16::from_be_bytes(*number).into(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(list: &[u8]) -> String {
        split(list, "configs").err().map(|error| error.message().to_string()).unwrap_or_default()
    }

    #[test]
    fn a_list_is_split_into_its_configurations() {
        let list = [0, 12, 0xFE, 0x0D, 0, 1, 7, 0x12, 0x34, 0, 3, 1, 2, 3];
        let configs = split(&list, "configs").unwrap();
        assert_eq!(configs.iter().map(|config| config.bytes().len()).collect::<Vec<_>>(), [5, 7]);
        assert_eq!(configs.iter().map(Config::id).collect::<Vec<_>>(), [Some(7), None]);
        assert_eq!(join(configs.iter().map(Config::bytes)).unwrap(), list);
    }

    #[test]
    fn what_is_no_list_is_told_apart() {
        assert!(refusal(&[]).contains("too short"));
        assert!(refusal(&[0]).contains("too short"));
        assert!(refusal(&[0, 0]).contains("no configuration"));
        assert!(refusal(&[0, 5, 0xFE, 0x0D, 0, 0]).contains("says 5 bytes, and 4 follow"));
        assert!(refusal(&[0, 4, 0xFE, 0x0D, 0, 1]).contains("configuration 1 is cut short"));
        assert!(refusal(&[0, 7, 0xFE, 0x0D, 0, 0, 0xFE, 0x0D, 0]).contains("configuration 2 is cut short"));
    }

    #[test]
    fn too_much_for_one_list() {
        let half = [0; 40_000];
        assert!(join([&half[..], &half].into_iter()).is_err());
    }
}

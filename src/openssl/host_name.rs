//! The extension of a ClientHello with the name of the server (RFC 6066, section 3).

/// The number of the extension.
pub const SERVER_NAME: u16 = 0;

/// Parses the extension, which must hold exactly one host name, as strictly as libssl does.
pub fn host_name(extension: &[u8]) -> Option<&[u8]> {
    const HOST_NAME: u8 = 0;
    const LONGEST: usize = 255;
    let (kind, name) = counted(extension)?.split_first()?;
    let name = counted(name).filter(|_| *kind == HOST_NAME)?;
    (name.len() <= LONGEST && !name.contains(&0)).then_some(name)
}

/// The bytes after a 2-byte length, if they are exactly as many as it says.
fn counted(data: &[u8]) -> Option<&[u8]> {
    let (len, rest) = data.split_first_chunk::<2>()?;
    (usize::from(u16::from_be_bytes(*len)) == rest.len()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_whole_name_is_read() {
        assert_eq!(host_name(b"\0\x04\0\0\x01a"), Some(&b"a"[..]));
        assert_eq!(host_name(b"\0\x03\0\0\0"), Some(&b""[..]));
        let others: [&[u8]; 8] = [
            b"",
            b"\0\0",
            b"\0\x04\x01\0\x01a",
            b"\0\x04\0\0\x02a",
            b"\0\x05\0\0\x01a",
            b"\0\x05\0\0\x01ab",
            b"\0\x04\0\0\x01\0",
            b"\0\x04\0\0\x01a\0",
        ];
        for other in others {
            assert_eq!(host_name(other), None, "{other:?}");
        }
        let name = |len: u8| [&[0, len.saturating_add(3), 0, 0, len][..], &vec![b'a'; len.into()]].concat();
        assert!(host_name(&name(250)).is_some());
        let long = [&[1, 3, 0, 1, 0][..], &[b'a'; 256]].concat();
        assert_eq!(host_name(&long), None);
    }
}

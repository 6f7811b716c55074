//! What a session begins with as bytes. The rest is read by the library alone that has written it: another would refuse it
//! without a reason that helps anybody.

use crate::openssl::library::BACKEND;

/// All there are, by the name in the heading and by the one for people.
const BACKENDS: [(&str, &str); 2] = [("openssl", "OpenSSL"), ("aws-lc", "AWS-LC")];

/// A line: what the bytes are, with the library's version and the format's, and which library has written what follows.
pub struct Heading(pub &'static str);

/// What bytes begin with.
pub enum Headed<'a> {
    /// This heading; the rest follows.
    Ours(&'a [u8]),
    /// The heading of another library, whose session no other can read: the names of that one and of this one.
    Of(&'static str, &'static str),
    /// Something else.
    Unknown,
}

impl Heading {
    /// Puts it in front.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.line(&BACKEND.to_string_lossy()));
    }

    /// Looks for it.
    pub fn read<'a>(&self, bytes: &'a [u8]) -> Headed<'a> {
        let own = BACKEND.to_string_lossy();
        if let Some(rest) = bytes.strip_prefix(&*self.line(&own)) {
            return Headed::Ours(rest);
        }
        let other = BACKENDS.iter().find(|(name, _)| bytes.starts_with(&self.line(name)));
        let this = BACKENDS.iter().find(|(name, _)| *name == own);
        match (other, this) {
            (Some((_, other)), Some((_, this))) => Headed::Of(other, this),
            _ => Headed::Unknown,
        }
    }

    fn line(&self, backend: &str) -> Vec<u8> {
        format!("{} {backend}\n", self.0).into_bytes()
    }
}

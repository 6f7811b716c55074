//! Misspelt names: the known name that was probably meant.

/// Longer names are no misspelling of a known one.
const LONGEST: usize = 64;

/// The known name that is most like this one: the same letters in another case or with other signs between them, or
/// nearly the same.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let given = bare(name);
    let ranked = known.into_iter().map(|word| (distance(&given, &bare(word)), word));
    let (far, word) = ranked.min_by_key(|(far, _)| *far)?;
    (far <= given.len() / 3).then_some(word)
}

/// The letters and digits alone.
fn bare(name: &str) -> Vec<u8> {
    name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase()).collect()
}

/// How many letters are to be put in, left out or replaced (Levenshtein).
fn distance(one: &[u8], other: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, left) in one.iter().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], above + 1);
        for (at, right) in other.iter().enumerate() {
            let replaced = corner + usize::from(left != right);
            corner = row[at + 1];
            row[at + 1] = replaced.min(row[at] + 1).min(corner + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (one, other, far) in [
            ("", "", 0),
            ("abc", "", 3),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("ab", "ba", 2),
            ("same", "same", 0),
        ] {
            assert_eq!(distance(one.as_bytes(), other.as_bytes()), far, "{one} {other}");
        }
    }

    #[test]
    fn the_nearest_is_found_and_nothing_far() {
        let known = ["X25519", "P-256", "secp384r1"];
        for (name, near) in [
            ("x25519", Some("X25519")),
            ("X25518", Some("X25519")),
            ("P256", Some("P-256")),
            ("secp_384_r1", Some("secp384r1")),
            ("no-such-group", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known), near, "{name}");
        }
        assert_eq!(nearest("X25519", []), None);
        assert_eq!(nearest(&"x".repeat(65), [&*"x".repeat(66)]), None);
    }
}

//! Misspelt names: the known name that was probably meant.

/// Longer names are no misspelling of a known one.
const LONGEST: usize = 64;

/// The known name that is most like this one: the same letters in another case or with other signs between them, or
/// nearly the same. It allocates nothing.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = Bare::of(name)?;
    let ranked = known.into_iter().filter_map(|word| Some((distance(&given, &Bare::of(word)?), word)));
    let (far, word) = ranked.min_by_key(|(far, _)| *far)?;
    (far <= given.letters().len() / 3).then_some(word)
}

/// The letters and digits of a name alone.
struct Bare {
    letters: [u8; LONGEST],
    len: usize,
}

impl Bare {
    fn of(name: &str) -> Option<Bare> {
        let mut bare = Bare { letters: [0; LONGEST], len: 0 };
        for letter in name.bytes().filter(u8::is_ascii_alphanumeric) {
            *bare.letters.get_mut(bare.len)? = letter.to_ascii_lowercase();
            bare.len += 1;
        }
        Some(bare)
    }

    fn letters(&self) -> &[u8] {
        &self.letters[..self.len]
    }
}

/// How many letters are to be put in, left out or replaced (Levenshtein).
fn distance(one: &Bare, other: &Bare) -> usize {
    let mut row: [usize; LONGEST + 1] = std::array::from_fn(|column| column);
    for (above, left) in one.letters().iter().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], above + 1);
        for (at, right) in other.letters().iter().enumerate() {
            let replaced = corner + usize::from(left != right);
            corner = row[at + 1];
            row[at + 1] = replaced.min(row[at] + 1).min(corner + 1);
        }
    }
    row[other.len]
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
            let [left, right] = [one, other].map(|name| Bare::of(name).unwrap());
            assert_eq!(distance(&left, &right), far, "{one} {other}");
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

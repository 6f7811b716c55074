//! The header once more for FFIs that have no preprocessor, such as cffi and LuaJIT: the same declarations with the
//! same comments, and each constant as an enumerator.

const TITLE: &str = "\
// The declarations of tlsock.h for an FFI without preprocessor, such as cffi and LuaJIT. Made from
// tlsock.h, whose first page says how the calls are used; C programs include that. Constants are
// enumerators here. tlsock_fd is as on all systems but Windows, where it is uintptr_t. bool, size_t
// and the integers of stdint.h must be known; the FILE of stdio.h is only named.
";

/// Rewrites the header.
pub fn plain(header: &str) -> String {
    let (_, body) =
        header.split_once("// A socket of the system").expect("the preamble declares the descriptor");
    let (_, body) = body.split_once("// ====").expect("the handles have a banner");
    let mut text = format!("{TITLE}\ntypedef struct _IO_FILE FILE;\ntypedef int tlsock_fd;\n\n// ====");
    let (declarations, _) = body.rsplit_once("#ifdef __cplusplus").expect("the header closes its braces");
    let mut values = Values::default();
    for line in declarations.lines() {
        text += &match line.strip_prefix("#define ") {
            Some(constant) => values.enumerator(constant),
            None => line.strip_prefix("TLSOCK_API ").unwrap_or(line).to_string(),
        };
        text.push('\n');
    }
    text.trim_end().to_string() + "\n"
}

/// The constants seen so far, since one may be written in terms of another.
#[derive(Default)]
struct Values(Vec<(String, i64)>);

impl Values {
    fn enumerator(&mut self, constant: &str) -> String {
        let (name, expression) = constant.split_once(' ').expect("a constant has a value");
        let value = self.value(expression);
        self.0.push((name.to_string(), value));
        format!("enum {{ {name} = {value} }};")
    }

    /// Reads what cbindgen writes: numbers, names, `|`, `<<` and parentheses around the two.
    fn value(&self, expression: &str) -> i64 {
        let words = expression.replace(['(', ')'], " ");
        words.split('|').map(|term| self.term(term)).fold(0, |all, term| all | term)
    }

    fn term(&self, term: &str) -> i64 {
        match term.split_once("<<") {
            Some((number, places)) => self.number(number) << self.number(places),
            None => self.number(term),
        }
    }

    fn number(&self, word: &str) -> i64 {
        let word = word.trim();
        let known = self.0.iter().find(|(name, _)| name == word).map(|(_, value)| *value);
        let digits = word.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        known.or_else(|| digits.parse().ok()).unwrap_or_else(|| panic!("not a number: {word}"))
    }
}

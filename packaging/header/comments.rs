//! Breaks the comments of the header where a line is full: those of the sources may be wider.

use super::WIDTH;

/// Beginnings of a line that keep it a line of its own.
const STARTS: [&str; 11] = [
    "Order:",
    "Threads:",
    "Overlap:",
    "Returns:",
    "Python:",
    "Extension",
    "Ours:",
    "OpenSSL:",
    "Since ",
    "RFC ",
    "- ",
];

/// Wraps every comment. What does not fit on a line goes to the beginning of the next one.
pub fn wrap(header: &str) -> String {
    let mut lines = header.lines().map(str::to_string).collect::<std::collections::VecDeque<_>>();
    let mut wrapped = String::new();
    while let Some(line) = lines.pop_front() {
        let Some((kept, rest)) = split(&line) else {
            wrapped += &format!("{line}\n");
            continue;
        };
        wrapped += &format!("{kept}\n");
        let prefix = prefix_of(&line);
        let next = match lines.front().and_then(|next| continuation(next, prefix)) {
            Some(words) => {
                let joined = format!("{prefix}{rest} {words}");
                lines.pop_front();
                joined
            }
            None => format!("{prefix}{rest}"),
        };
        lines.push_front(next);
    }
    wrapped
}

/// Cuts a comment that is too wide at the last space that fits.
fn split(line: &str) -> Option<(&str, &str)> {
    let start = prefix_of(line).len();
    if start == 0 || line.chars().count() <= WIDTH {
        return None;
    }
    let end = line.char_indices().nth(WIDTH + 1).map_or(line.len(), |(index, _)| index);
    let space = start + line[start..end].rfind(' ')?;
    Some((&line[..space], line[space + 1..].trim_start()))
}

/// What stands in front of a comment's words; nothing in front of code.
fn prefix_of(line: &str) -> &str {
    let words = line.trim_start().strip_prefix("//").map(str::trim_start).unwrap_or(line);
    &line[..line.len() - words.len()]
}

/// The words of a line that goes on with the sentence above it.
fn continuation<'a>(line: &'a str, prefix: &str) -> Option<&'a str> {
    let words = line.strip_prefix(prefix)?;
    let goes_on =
        !words.is_empty() && !words.starts_with(' ') && !STARTS.iter().any(|start| words.starts_with(start));
    goes_on.then_some(words)
}

//! Generates `tlsock.h` into OUT_DIR: cbindgen prints what src/ffi declares, in the order of its `mod` lines, and
//! this file puts the functions in the order of `tasks` and adds the banners, which cbindgen cannot print.
//! `tlsock-ffi.h` is made from it.

mod comments;
mod plain;
mod tasks;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use tasks::Place;

/// How long a line of the header may be.
const WIDTH: usize = 100;

/// A banner and the name of the constant or function above which it goes.
struct Banner {
    name: String,
    text: String,
}

impl Banner {
    fn belongs_above(&self, paragraph: &str) -> bool {
        let code = paragraph.lines().filter(|line| !line.starts_with("//"));
        let mut words = code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
        words.any(|word| word == self.name)
    }
}

pub fn generate() {
    for input in ["cbindgen.toml", "packaging/header", "src/ffi", "src/ssl"] {
        println!("cargo:rerun-if-changed={input}");
    }
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets OUT_DIR"));

    let ffi = root.join("src/ffi");
    let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml is valid");
    rename_raw(&mut config);
    let preamble = config.after_includes.clone().expect("cbindgen.toml has the preamble");
    let builder = cbindgen::Builder::new().with_config(config);
    let builder =
        shared_types(&root.join("src/ssl")).iter().fold(builder, |builder, file| builder.with_src(file));
    let builder = builder.with_src(ffi.join("mod.rs"));
    let mut printed = Vec::new();
    builder.generate().expect("cbindgen reads src/ffi").write(&mut printed);
    let printed = String::from_utf8(printed).expect("the header is UTF-8");

    let header = comments::wrap(&tidy(&printed, preamble.trim_end(), &Sources::read(&ffi)));
    fs::write(out.join("tlsock-ffi.h"), plain::plain(&header)).expect("OUT_DIR is writable");
    fs::write(out.join("tlsock.h"), header).expect("OUT_DIR is writable");
}

/// Lists the files of src/ssl with types that C sees too, such as the statuses.
fn shared_types(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("src/ssl is readable").flatten();
    let mut paths = entries.map(|entry| entry.path()).collect::<Vec<_>>();
    paths.sort();
    let (folders, files): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.is_dir());
    let has_types = |file: &PathBuf| {
        !file.ends_with("mod.rs")
            && fs::read_to_string(file).is_ok_and(|source| source.contains("#[repr(C)]"))
    };
    let inner = folders.iter().flat_map(|folder| shared_types(folder)).collect::<Vec<_>>();
    files.into_iter().filter(has_types).chain(inner).collect()
}

/// A struct whose short name its Rust twin in src/ssl has is called Raw... in src/ffi; C does not see that.
fn rename_raw(config: &mut cbindgen::Config) {
    let names = config.export.rename.clone();
    config.export.rename.extend(names.into_iter().map(|(name, ours)| (format!("Raw{name}"), ours)));
}

/// Lists the files of a module in the order of its `mod` lines.
fn modules(folder: &Path, file: &Path) -> Vec<PathBuf> {
    let source = fs::read_to_string(file).expect("a module's file is readable");
    let names = source.lines().filter_map(|line| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        line.strip_prefix("mod ")?.strip_suffix(';')
    });
    let mut files = Vec::new();
    for name in names.filter(|name| *name != "tests") {
        let inner = folder.join(name);
        let (own, inner_folder) = match inner.with_extension("rs") {
            own if own.exists() => (own, inner),
            _ => (inner.join("mod.rs"), inner),
        };
        files.push(own.clone());
        files.extend(modules(&inner_folder, &own));
    }
    files
}

/// What the sources say beyond what cbindgen prints.
struct Sources {
    /// The `// ----` lines, each above the constant that follows it.
    banners: Vec<Banner>,
    /// The place of each function in the header.
    places: HashMap<String, Place>,
    /// The version that brought each function.
    since: HashMap<String, String>,
}

impl Sources {
    fn read(ffi: &Path) -> Sources {
        let since = read_since(&ffi.join("../../packaging/header/since.tsv"));
        let mut sources = Sources { banners: Vec::new(), places: HashMap::new(), since };
        for source in modules(ffi, &ffi.join("mod.rs")) {
            let inside = source.strip_prefix(ffi).expect("functions are in src/ffi");
            let text = fs::read_to_string(&source).expect("a source is readable");
            sources.add(&inside.to_string_lossy().replace('\\', "/"), &text);
        }
        tasks::check(|part| sources.places.contains_key(part) || ffi.join(part).is_file());
        for name in sources.since.keys() {
            assert!(
                sources.places.contains_key(name),
                "packaging/header/since.tsv has {name}, which src/ffi lacks"
            );
        }
        sources
    }

    fn add(&mut self, file: &str, text: &str) {
        let mut waiting = None;
        for line in text.lines() {
            if line.starts_with("// ----") {
                waiting = Some(line.to_string());
            } else if let Some(name) = declared(line, "pub const ") {
                let text = waiting.take();
                self.banners.extend(text.map(|text| Banner { name: name.to_string(), text }));
            } else if let Some(name) = declared(line, "pub unsafe extern \"C\" fn ") {
                self.places.insert(name.to_string(), tasks::place_of(name, file));
            }
        }
    }

    /// Where a prototype stands in the header.
    fn place_of(&self, prototype: &str) -> Place {
        *self.places.get(&name_of(prototype)).expect("a prototype is of a function in src/ffi")
    }

    /// A function with the version that brought it, as the last line of its comment.
    fn with_since(&self, prototype: &str) -> String {
        let name = name_of(prototype);
        let Some(since) = self.since.get(&name) else {
            panic!("packaging/header/since.tsv lacks {name}: add it with the next version")
        };
        let (comment, code) = prototype.split_at(prototype.find("TLSOCK_API").expect("a function has it"));
        format!("{comment}// Since {since}.\n{code}")
    }
}

/// The name of a prototype.
fn name_of(prototype: &str) -> String {
    let code = prototype.lines().filter(|line| !line.starts_with("//")).collect::<String>();
    let name = code.split('(').next().and_then(|head| head.rsplit([' ', '*']).next());
    name.unwrap_or_default().to_string()
}

fn read_since(file: &Path) -> HashMap<String, String> {
    let text = fs::read_to_string(file).expect("packaging/header/since.tsv is readable");
    let rows = text.lines().filter_map(|line| line.split_once('\t'));
    rows.map(|(name, version)| (name.to_string(), version.to_string())).collect()
}

/// The name that a line declares.
fn declared<'a>(line: &'a str, keyword: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(keyword)?;
    Some(&rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_')?])
}

/// A banner as wide as the others.
fn ruler(text: &str, dash: char) -> String {
    let left = 75_usize.saturating_sub(text.len()) / 2;
    let right = 75_usize.saturating_sub(text.len() + left);
    let dashes = |count| dash.to_string().repeat(count);
    format!("// {} {text} {}", dashes(left - 1), dashes(right - 1))
}

/// What a paragraph of cbindgen's output declares. The header has a part for each.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Constants,
    Types,
    Functions,
    End,
}

impl Part {
    fn of(paragraph: &str) -> Part {
        let begins = |word: &str| paragraph.lines().any(|line| line.starts_with(word));
        match () {
            () if begins("#define ") => Part::Constants,
            () if begins("typedef ") => Part::Types,
            () if begins("TLSOCK_API") => Part::Functions,
            () => Part::End,
        }
    }

    fn banner(self) -> String {
        match self {
            Part::Constants => ruler("CONSTANTS", '='),
            Part::Types => ruler("TYPES", '='),
            Part::Functions => ruler("FUNCTIONS", '='),
            Part::End => "#ifdef __cplusplus\n}\n#endif".to_string(),
        }
    }
}

/// Puts the functions in order and the banners in, the constants of a group on neighbouring lines, and gives statuses
/// their short names.
fn tidy(printed: &str, preamble: &str, sources: &Sources) -> String {
    let (_, declarations) = printed.split_once(preamble).expect("cbindgen prints the preamble");
    let mut header = printed[..printed.len() - declarations.len()].trim_end().to_string();
    let mut last = None;
    let mut last_task = None;
    let mut at_banner = false;
    for paragraph in in_order(declarations, sources) {
        let part = Part::of(paragraph);
        if last.replace(part) != Some(part) {
            header += &format!("\n\n{}", part.banner());
            at_banner = true;
        }
        let task = (part == Part::Functions).then(|| sources.place_of(paragraph).0);
        let banner = match task {
            Some(task) if last_task.replace(task) == Some(task) => None,
            Some(task) => Some(ruler(tasks::TASKS[task].name, '-')),
            None => {
                sources.banners.iter().find(|banner| banner.belongs_above(paragraph)).map(|b| b.text.clone())
            }
        };
        if let Some(banner) = banner {
            header += &format!("\n\n{banner}");
            at_banner = true;
        }
        let neighbours = part == Part::Constants && !at_banner;
        header += if neighbours { "\n" } else { "\n\n" };
        let paragraph = match part {
            Part::Functions => sources.with_since(paragraph),
            _ => paragraph.to_string(),
        };
        header += &reflow(&without_tags(&paragraph));
        at_banner = false;
    }
    header.replace("TLSOCK_STATUS_", "TLSOCK_") + "\n"
}

/// Lists cbindgen's paragraphs, the functions by task.
fn in_order<'a>(declarations: &'a str, sources: &Sources) -> Vec<&'a str> {
    let mut paragraphs =
        declarations.split("\n\n").map(str::trim).filter(|text| is_ours(text)).collect::<Vec<_>>();
    let is_function = |paragraph: &&str| Part::of(paragraph) == Part::Functions;
    let first = paragraphs.iter().position(is_function).expect("there are functions");
    let count = paragraphs[first..].iter().take_while(|paragraph| is_function(paragraph)).count();
    paragraphs[first..first + count].sort_by_key(|prototype| sources.place_of(prototype));
    paragraphs
}

/// Tells the header's own from what cbindgen found besides: constants of Rust's alone.
fn is_ours(paragraph: &str) -> bool {
    let mut constants = paragraph.lines().filter_map(|line| line.strip_prefix("#define "));
    !paragraph.is_empty() && constants.all(|name| name.starts_with("TLSOCK_"))
}

/// Spells types by their names alone; the tags are there for a program that prefers them.
fn without_tags(paragraph: &str) -> String {
    let untagged = paragraph.replace("struct tlsock_", "tlsock_").replace("enum tlsock_", "tlsock_");
    match paragraph.lines().find(|line| line.starts_with("typedef ") && line.ends_with('{')) {
        Some(head) => untagged.replacen(&head.replace("struct ", "").replace("enum ", ""), head, 1),
        None => untagged,
    }
}

/// Breaks the line of a prototype where it is full, below the opening parenthesis.
fn reflow(paragraph: &str) -> String {
    let is_code = |line: &&str| !line.starts_with("//");
    let code = paragraph.lines().filter(is_code).map(str::trim).collect::<Vec<_>>().join(" ");
    if !code.ends_with(");") {
        return paragraph.to_string();
    }
    let callback = if code.starts_with("typedef ") { 1 } else { 0 };
    let open = code.match_indices('(').nth(callback).expect("a prototype has parentheses").0 + 1;
    let (head, parameters) = code.split_at(open);
    let parameters = parameters.split_inclusive(", ").collect::<Vec<_>>();
    let widest = parameters.iter().map(|word| word.trim_end().len()).max().unwrap_or(0);
    // A name so long that nothing fits behind it stands alone.
    let fits = open + widest <= WIDTH;
    let indent = " ".repeat(if fits { open } else { 4 });
    let mut lines = vec![head.to_string()];
    for word in parameters {
        let full = lines.last().is_some_and(|line| line.len() + word.trim_end().len() > WIDTH);
        if full || (!fits && lines.len() == 1) {
            lines.push(indent.clone());
        }
        lines.last_mut().expect("there is a line").push_str(word);
    }
    let comment = paragraph.lines().filter(|line| !is_code(line)).map(str::to_string);
    comment.chain(lines.iter().map(|line| line.trim_end().to_string())).collect::<Vec<_>>().join("\n")
}

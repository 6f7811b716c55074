//! Makes Rust declarations of `include/tlsock.h`, so that the targets call what a C program would see.

use std::fmt::Write;
use std::path::PathBuf;

const HEADER: &str = "../include/tlsock.h";

fn main() {
    println!("cargo::rerun-if-changed={HEADER}");
    let header = std::fs::read_to_string(HEADER).expect("the header is there");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it")).join("tlsock.rs");
    std::fs::write(out, declarations(&header)).expect("cargo's folder can be written");
}

fn declarations(header: &str) -> String {
    let mut rust = String::new();
    let lines: Vec<&str> = header.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    for line in &lines {
        if let Some(rest) = line.strip_prefix("#define TLSOCK_") {
            constant(&mut rust, rest);
        }
    }
    let text: Vec<&str> = lines.into_iter().filter(|line| !line.starts_with('#')).collect();
    for statement in statements(&text.join(" ")) {
        declare(&mut rust, &statement);
    }
    rust
}

/// Cuts at each semicolon that is outside braces.
fn statements(text: &str) -> Vec<String> {
    let (mut depth, mut all) = (0, vec![String::new()]);
    for c in text.replace("extern \"C\" {", "").chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ';' if depth <= 0 => {
                all.push(String::new());
                continue;
            }
            _ => {}
        }
        all.last_mut().expect("one is there").push(c);
    }
    all.iter().map(|one| one.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn declare(rust: &mut String, statement: &str) {
    let body = || statement.split_once('{').and_then(|(_, rest)| rest.rsplit_once('}')).expect("a body");
    if let Some(function) = statement.split_once("TLSOCK_API ").map(|(_, rest)| rest) {
        let (name, arguments, result) = signature(function);
        writeln!(rust, "unsafe extern \"C\" {{ pub fn {name}({arguments}){result}; }}").unwrap();
    } else if statement.starts_with("typedef enum") {
        let (members, name) = body();
        writeln!(rust, "pub type {} = c_int;", name.trim()).unwrap();
        for member in members.split(',').filter_map(|member| member.split_once(" = ")) {
            writeln!(rust, "pub const {}: c_int = {};", member.0.trim(), member.1).unwrap();
        }
    } else if statement.starts_with("typedef struct") && statement.contains('{') {
        let (fields, name) = body();
        let fields = fields.split(';').filter(|field| !field.trim().is_empty()).map(typed);
        let fields: Vec<String> = fields.map(|(name, kind)| format!("pub {name}: {kind}")).collect();
        let name = name.trim();
        writeln!(rust, "#[repr(C)] #[derive(Clone, Copy)] pub struct {name} {{ {} }}", fields.join(", "))
            .unwrap();
    } else if let Some(opaque) = statement.strip_prefix("typedef struct ") {
        let name = opaque.split(' ').next().expect("a name");
        writeln!(rust, "#[repr(C)] pub struct {name} {{ _opaque: [u8; 0] }}").unwrap();
    } else if statement.starts_with("typedef") && statement.contains("(*") {
        let plain = statement["typedef ".len()..].replacen("(*", "", 1).replacen(')', "", 1);
        let (name, arguments, result) = signature(&plain);
        writeln!(rust, "pub type {name} = Option<unsafe extern \"C\" fn({arguments}){result}>;").unwrap();
    }
}

/// Gives the name, the arguments and the result of `type name(arguments)`.
fn signature(function: &str) -> (String, String, String) {
    let (head, rest) = function.split_once('(').expect("arguments");
    let arguments = rest.trim().trim_end_matches(')');
    let (name, result) = typed(head);
    let result = if result == "c_void" { String::new() } else { format!(" -> {result}") };
    let arguments = match arguments {
        "void" => String::new(),
        some => some.split(',').map(typed).map(|(n, k)| format!("{n}: {k}")).collect::<Vec<_>>().join(", "),
    };
    (name, arguments, result)
}

/// Gives name and Rust type of a declaration such as `const char *const *protocols`.
fn typed(declaration: &str) -> (String, String) {
    let spaced = declaration.replace('*', " * ").replace('[', " [ ").replace(']', "");
    let (mut name, mut kind, mut constant) = (String::new(), String::new(), false);
    let mut words = spaced.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "const" => constant = true,
            "*" => {
                kind = format!("*{} {kind}", if constant { "const" } else { "mut" });
                constant = false;
            }
            "[" => kind = format!("[{kind}; {}]", words.next().expect("a size")),
            base if kind.is_empty() => kind = base_type(base).to_string(),
            own => name = own.to_string(),
        }
    }
    (if name == "type" { "r#type".into() } else { name }, kind)
}

fn base_type(c: &str) -> &str {
    match c {
        "void" | "FILE" => "c_void",
        "char" => "c_char",
        "int" | "tlsock_fd" => "c_int",
        "double" => "f64",
        "size_t" => "usize",
        "uint8_t" => "u8",
        "uint32_t" => "u32",
        "uint64_t" => "u64",
        "int32_t" => "i32",
        "int64_t" => "i64",
        same => same,
    }
}

/// Takes those constants that are plain numbers or shifts of one.
fn constant(rust: &mut String, rest: &str) {
    let Some((name, value)) = rest.split_once(' ') else { return };
    let value = value.replace("1ull", "1u64").replace("1u ", "1u32 ");
    let number = value.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '(');
    if !number || name.contains('(') {
        return;
    }
    let kind = match (value.contains("u64"), value.contains("u32")) {
        (true, _) => "u64",
        (_, true) => "u32",
        _ => "i64",
    };
    if value.chars().all(|c| c.is_ascii_alphanumeric() || " ()<|-".contains(c)) {
        writeln!(rust, "pub const {name}: {kind} = {value};").unwrap();
    }
}

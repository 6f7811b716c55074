//! Host names: what they become, which are refused, and which are addresses.

mod reference;

use reference::Dice;
use serde_json::json;
use tlsock::Status;
use tlsock::hostname::{checked, encode, is_ip_literal};

fn ascii(name: &str) -> Option<String> {
    encode(name).ok().map(|ascii| ascii.into_string().expect("it is ASCII"))
}

fn refusal(name: &str) -> (Status, String) {
    let error = encode(name).expect_err(name);
    (error.status(), error.message().to_string())
}

/// Python's codec, followed by what ssl checks of its result.
const ENCODE: &str = "
import unicodedata
def encode(name):
    if any(unicodedata.category(c) == 'Cn' for c in name):
        return 'unknown to this Python'
    try:
        ascii = name.encode('idna').decode('ascii')
    except UnicodeError:
        return None
    return None if ascii.startswith('.') or not ascii or '\\0' in ascii else ascii
print(json.dumps([encode(name) for name in input]))
";

fn assert_agrees(names: &[String]) {
    let Some(theirs) = reference::ask(ENCODE, &json!(names)) else { return };
    for (name, theirs) in names.iter().zip(theirs.as_array().expect("a list")) {
        if theirs == "unknown to this Python" {
            continue;
        }
        assert_eq!(ascii(name).as_deref(), theirs.as_str(), "{name:?} ({})", name.escape_unicode());
    }
}

#[test]
fn ascii_names_keep_their_spelling() {
    for name in
        ["example.org", "ExAmple.ORG", "example.org.", "a_b.com", "*.x.com", "x.com ", "localhost:443"]
    {
        assert_eq!(ascii(name).as_deref(), Some(name));
    }
    for name in ["xn--bcher-kva.example", "XN--BCHER-KVA.example", "[::1]", "127.0.0.1", "fe80::1%lo"] {
        assert_eq!(ascii(name).as_deref(), Some(name));
    }
}

#[test]
fn other_names_become_a_labels() {
    for (name, expected) in [
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.Example", "xn--bcher-kva.Example"),
        ("straße.de", "strasse.de"),
        ("königsgäßchen", "xn--knigsgsschen-lcb0w"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("ｅｘａｍｐｌｅ．ｏｒｇ", "example.org"),
        ("ü。", "xn--tda."),
        // Letters that Unicode 3.2 does not have, or of which it does not have the small one, stay as they are.
        ("\u{1E9E}.de", "xn--kkg.de"),
        ("x\u{23A}y", "xn--xy-6cb"),
        ("\u{10A0}", "xn--7md"),
        ("пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f"),
    ] {
        assert_eq!(ascii(name).as_deref(), Some(expected), "{name}");
    }
}

#[test]
fn refusals_say_what_is_wrong() {
    for (name, reason) in [
        ("a..b", "label empty"),
        (".example.org", "label empty"),
        ("ü..b", "label empty"),
        ("\u{3002}ü", "label empty"),
        (&*format!("{}.org", "a".repeat(64)), "label too long"),
        (&*"a".repeat(64), "label too long"),
        (&*"ü".repeat(70), "label too long"),
        ("xn--ü", "label starts with ACE prefix"),
        ("a\u{A0}\u{FFFD}", "invalid character U+FFFD"),
        ("א1a", "violation of BIDI requirement 2"),
        ("אa1", "violation of BIDI requirement 2"),
        ("א1", "violation of BIDI requirement 3"),
    ] {
        let message = format!("server_hostname '{name}' is no host name: {reason}");
        assert_eq!(refusal(name), (Status::Value, message));
    }
}

#[test]
fn empty_names_leading_dots_and_nulls_are_refused() {
    let empty = "server_hostname cannot be an empty string or start with a leading dot.";
    assert_eq!(refusal(""), (Status::Value, empty.to_string()));
    // The one-dot leader becomes a full stop after the labels were told apart.
    assert_eq!(refusal("\u{2024}a"), (Status::Value, empty.to_string()));
    assert_eq!(refusal("a\0b").0, Status::Type);
}

#[test]
fn generated_names_agree_with_the_reference() {
    let pieces = [
        "a",
        "B",
        "0",
        "-",
        "_",
        "xn--",
        "XN--",
        "*",
        " ",
        "%",
        ".",
        ".",
        ".",
        "\u{3002}",
        "\u{FF0E}",
        "\u{FF61}",
        "ü",
        "Ü",
        "ß",
        "ſ",
        "İ",
        "ı",
        "ς",
        "Σ",
        "é",
        "e\u{301}",
        "中",
        "文",
        "א",
        "ب",
        "١",
        "\u{200D}",
        "\u{AD}",
        "\u{2024}",
        "½",
        "ﬁ",
        "Ａ",
        "𝔸",
        "😀",
        "\u{FFFD}",
        "\u{E000}",
        "\u{202E}",
        "ᚠ",
        "ẞ",
        "Ɐ",
        "ꙮ",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "üüüüüüüüüüüüüüü",
        "\u{323}\u{307}",
        "\u{1100}\u{1161}",
        "\u{2126}",
        "\u{AC00}",
    ];
    let mut dice = Dice(0x1DE5_71FE);
    let names: Vec<String> =
        (0..4000).map(|_| (0..dice.roll(9)).map(|_| *dice.pick(&pieces)).collect::<String>()).collect();
    assert!(names.iter().filter(|name| ascii(name).is_some()).count() > 500);
    assert_agrees(&names);
}

#[test]
fn every_character_of_the_first_plane_agrees_with_the_reference() {
    // Beyond it only five Chinese characters differ, whose decomposition Unicode corrected after 3.2.
    let others = (0x1D400..0x1D800).chain(0x1F100..0x1F200).chain(0x2F875..0x2F91F).chain(0xE0000..0xE0080);
    let names: Vec<String> =
        (1..0x1_0000).chain(others).filter_map(char::from_u32).map(|c| format!("x{c}y")).collect();
    assert_agrees(&names);
}

#[test]
fn addresses_are_told_from_names() {
    for (text, address) in [
        ("127.0.0.1", "127.0.0.1"),
        ("::", "::"),
        ("::1", "::1"),
        ("2001:DB8::a", "2001:db8::a"),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
        // The zone says where to dial.
        ("fe80::1%lo", "fe80::1"),
        ("fe80::1%2", "fe80::1"),
    ] {
        assert_eq!(is_ip_literal(text), Some(address.parse().expect(address)), "{text}");
        assert_eq!(checked("host", text).expect(text).to_str(), Ok(text));
    }
    for text in [
        "",
        "1.2.3.4.5",
        "1.2.3.-4",
        "1.2.3.+4",
        " 1.2.3.4",
        "1.2..4",
        "[::1]",
        "fe80::1%",
        "1.2.3.4%lo",
        "1:2:3:4:5:6:7",
        "1::2::3",
        ":1",
        "::12345",
        "example.org",
        "::g",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4::5:6:7:8",
        "١.1.1.1",
        ":1.2.3.4",
    ] {
        assert_eq!(is_ip_literal(text), None, "{text}");
    }
}

#[test]
fn what_only_looks_like_an_address_is_refused() {
    for text in [
        "127.0.0.010",
        "010.0.0.1",
        "000.00.0.0",
        "1.2.3.0255",
        "1.2.3.256",
        "127.1",
        "1.2.3",
        "2130706433",
        "0",
        "017700000001",
        "0x7f000001",
        "0X7f.1",
        "0x7f.0.0.1",
        "0x.1",
        "1.2.3.4.",
        "1.2.3.4 ",
        "127.1 and more",
        "1.2.3.99999999999999999999",
        "::ffff:127.00.0.01",
        "::ffff:127.1",
        // The codec makes ASCII of them.
        "１２７.1",
        "127。1",
    ] {
        let error = checked("host", text).expect_err(text);
        assert_eq!(error.status(), Status::Value, "{text}");
        assert!(error.message().starts_with("host '"), "{error}");
        assert!(error.message().contains("is no IPv4 address, and no name"), "{error}");
        assert_eq!(is_ip_literal(text), None, "{text}");
    }
    for name in [
        "localhost",
        "1.example",
        "1.2.3.4.example",
        "0xyz",
        "x.1",
        "1-2",
        "1_2",
        "1.2.3.4.5",
        "localhost:443",
    ] {
        assert_eq!(checked("host", name).expect(name).to_str(), Ok(name));
    }
    assert!(
        checked("host", "a..b")
            .expect_err("an empty label")
            .message()
            .starts_with("host 'a..b' is no host name")
    );
}

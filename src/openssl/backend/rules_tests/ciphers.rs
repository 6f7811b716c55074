//! Cipher strings.

use super::{Dice, reference};
use crate::openssl::backend::rules::cipher_string::{CipherChoice, NoCipherMatch};
use crate::openssl::backend::rules::level::Level;
use crate::openssl::backend::rules::suite::SUITES;
use crate::openssl::ctx::{Method, SslCtx};
use std::ffi::CString;

/// What a string comes to: the ciphers of those that AWS-LC has, and the level.
type Come = (Vec<String>, i32);

fn by_openssl(string: &str) -> Option<Come> {
    let mut ctx = SslCtx::new(Method::Both).expect("memory");
    ctx.set_security_level(0);
    ctx.set_ciphers(&CString::new(string).expect("no NUL")).ok()?;
    let names = ctx.enabled_names().filter_map(|cipher| Some(cipher.name?.to_str().ok()?.to_string()));
    let ours = names.filter(|name| SUITES.iter().any(|suite| suite.name == *name)).collect();
    Some((ours, ctx.security_level()))
}

fn here(string: &str) -> Option<Come> {
    let choice = CipherChoice::of(string).ok()?;
    let names = choice.suites.iter().map(|suite| suite.name.to_string()).collect();
    Some((names, choice.level.map_or(0, Level::number)))
}

/// Compares, where OpenSSL chooses anything that AWS-LC has.
fn compare(string: &str) {
    match by_openssl(string) {
        Some((names, _)) if names.is_empty() => assert_eq!(here(string), None, "{string}"),
        theirs => assert_eq!(here(string), theirs, "{string}"),
    }
}

/// All words of ciphers(1), and some that it does not have.
const WORDS: &str = "ALL COMPLEMENTOFALL COMPLEMENTOFDEFAULT HIGH MEDIUM LOW eNULL NULL aNULL kRSA aRSA RSA kDHr kDHd kDH kDHE kEDH DH DHE EDH \
     ADH kEECDH kECDHE ECDH ECDHE EECDH AECDH aDSS DSS aDH aECDSA ECDSA SSLv3 TLSv1 TLSv1.0 TLSv1.1 TLSv1.2 TLSv1.3 AES128 AES256 AES AESGCM AESCCM \
     AESCCM8 ARIA ARIA128 ARIA256 ARIAGCM CAMELLIA128 CAMELLIA256 CAMELLIA CHACHA20 CBC 3DES DES RC4 RC2 IDEA SEED MD5 SHA1 SHA SHA256 SHA384 aGOST \
     aGOST01 aGOST12 kGOST kGOST18 GOST94 GOST89MAC GOST2012 PSK kPSK kECDHEPSK kDHEPSK kRSAPSK aPSK SRP kSRP aSRP FIPS EXP EXPORT STRENGTH aECDH \
     kECDHr kECDHe kECDH nonsense high DEFAULT AEAD TLS_AES_128_GCM_SHA256 CHACHA20-POLY1305";

fn words() -> impl Iterator<Item = &'static str> {
    // OpenSSL 4 has no SSL 3.0 any more, so what came with it counts to TLS 1.0 there, and no FIPS; capitals
    // do not matter to it.
    let is_old = |word: &&str| {
        reference::major() >= 4 && matches!(*word, "SSLv3" | "TLSv1" | "TLSv1.0" | "FIPS" | "kECDHe" | "high")
    };
    let known = WORDS.split_whitespace().filter(move |word| !is_old(word));
    known.chain(SUITES.iter().map(|suite| suite.name))
}

#[test]
fn every_word_chooses_what_it_does_in_openssl() {
    for word in words() {
        compare(word);
        compare(&format!("ALL:!{word}"));
        compare(&format!("ALL:COMPLEMENTOFALL:-{word}:ALL"));
        compare(&format!("ALL:+{word}"));
    }
    for suite in &SUITES {
        let standard = here(suite.standard_name);
        assert_eq!(standard, here(suite.name));
        // OpenSSL knows these names since 3.2.
        if reference::version() >= 0x3020_0000 {
            assert_eq!(standard, by_openssl(suite.standard_name));
        }
    }
}

/// Python's default, and more that programs have.
const STRINGS: &[&str] = &[
    "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM",
    "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:ECDH+AESGCM:DH+AESGCM:ECDH+AES:DH+AES:RSA+AESGCM:RSA+AES:!aNULL:!eNULL:!MD5:!DSS",
    "HIGH:!aNULL:!MD5",
    "HIGH:MEDIUM:+3DES:!aNULL",
    "DEFAULT:@SECLEVEL=1",
    "DEFAULT@SECLEVEL=3",
    "DEFAULT:!kRSA:+AES",
    "ALL:@STRENGTH",
    "AES128:AES256:@STRENGTH",
    "kRSA:ALL:@STRENGTH",
    "-ALL:AES",
    "!ALL:AES",
    "ALL:-AES:CHACHA20:AES128+ECDHE",
    "ALL:-RSA:RSA",
    "ALL:-AES128:-AES256:AES",
    "",
    ":::",
    " , ;",
    "nonsense",
    "HIGH:nonsense",
    "nonsense:HIGH",
    "HIGH:DEFAULT",
    "DEFAULTX",
    "DEFAULT+AES",
    "DEFAULT",
    "DEFAULT,AES",
    "@SECLEVEL=3",
    "ALL:@SECLEVEL=0",
    "@SECLEVEL=3:ALL:@SECLEVEL=1",
    "@SECLEVEL=6:ALL",
    "ALL:@SECLEVEL=22",
    "ALL:@SECLEVEL",
    "ALL:@SECLEVEL=",
    "HIGH:$",
    "$:HIGH",
    "HIGH:@FOO",
    "@FOO:HIGH",
    "HIGH:@ STRENGTH",
    "HIGH:!",
    "HIGH:!:",
    "HIGH+",
    "HIGH++AES",
    "+HIGH",
    "-HIGH",
    "HIGH:!HIGH:HIGH",
    "HIGH:-HIGH:HIGH",
    "HIGH\tAES",
    "@SECLEVEL=1 ALL",
    "ALL:@SECLEVEL=1@STRENGTH",
    "ALL:@SECLEVEL=2@SECLEVEL=1",
    "ALL:!@SECLEVEL=1",
    "ALL:@SECLEVEL=1+AES128",
    "ALL@SECLEVEL=1",
    "@SECLEVEL=9:@SECLEVEL=1:ALL",
    "\u{e9}:HIGH",
    "HIGH:\u{e9}",
    "AES=x:HIGH",
    "AES:nonsense$:HIGH",
    "ECDHE-RSA-AES128-GCM-SHA256+TLSv1.2",
    "ECDHE-RSA-AES128-GCM-SHA256+TLSv1.0",
    "ALL:SUITEB128",
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256",
    "AES,AES128;AES256 CHACHA20",
    "@STRENGTH",
    "@STRENGTH:ALL",
    "ALL:!ECDHE-PSK-CHACHA20-POLY1305",
    "aRSA+ECDHE+AES256",
    "ECDHE:nonsense+AES:AES256-SHA",
    "CAMELLIA:AES",
];

#[test]
fn strings_come_to_what_they_do_in_openssl() {
    STRINGS.iter().for_each(|string| compare(string));
}

/// Strings of words, signs and separators by chance.
fn any_string(dice: &mut Dice, words: &[&'static str]) -> String {
    const SIGNS: [&str; 8] = ["", "", "", "", "!", "-", "+", "@"];
    const SEPARATORS: [&str; 7] = [":", ":", ":", ",", " ", ";", "::"];
    const COMMANDS: [&str; 5] = ["STRENGTH", "SECLEVEL=1", "SECLEVEL=5", "SECLEVEL=7", "nonsense"];
    let mut string = String::new();
    for _ in 0..dice.below(8) {
        match *dice.pick(&SIGNS) {
            "@" => string += &format!("@{}", dice.pick(&COMMANDS)),
            sign => string += &format!("{sign}{}", dice.pick(words)),
        }
        for _ in 0..[0, 0, 0, 1, 2][dice.below(5)] {
            string += &format!("+{}", dice.pick(words));
        }
        string += *dice.pick(&SEPARATORS[..]);
    }
    string
}

#[test]
fn any_string_comes_to_what_it_does_in_openssl() {
    // Before a `+` OpenSSL forgets it, if a word like HIGH or a name follows. Here it chooses nothing there either.
    let words: Vec<_> = words().filter(|word| *word != "COMPLEMENTOFDEFAULT").collect();
    let mut dice = Dice(0xFEED_F00D_1234_5678);
    for _ in 0..1500 {
        compare(&any_string(&mut dice, &words));
    }
}

/// What is no list at all: never more than OpenSSL takes, and no panic.
#[test]
fn no_string_comes_to_more_than_in_openssl() {
    const LETTERS: [&str; 15] = [
        "ALL",
        "AES",
        "ECDHE",
        ":",
        "+",
        "-",
        "!",
        "@",
        "=",
        "$",
        "SECLEVEL=",
        "\u{e9}",
        "2",
        ".",
        "DEFAULT",
    ];
    let mut dice = Dice(0xABCD_EF01_2345_6789);
    for _ in 0..2500 {
        let string: String = (0..dice.below(9)).map(|_| *dice.pick(&LETTERS)).collect();
        let Some((names, level)) = here(&string) else { continue };
        let (theirs, their_level) =
            by_openssl(&string).unwrap_or_else(|| panic!("OpenSSL refuses {string:?}"));
        assert!(names.iter().all(|name| theirs.contains(name)), "{string:?}");
        assert_eq!(level, their_level, "{string:?}");
    }
}

/// The ciphers that a level leaves.
fn names_at(choice: &CipherChoice, level: Level) -> Vec<&'static str> {
    choice.suites.iter().map(|suite| suite.name).filter(|name| level.allows_cipher(name)).collect()
}

#[test]
fn default_lists_have_no_psk_with_ecdhe() {
    let choice = CipherChoice::of(STRINGS[0]).expect("Python's default");
    let names = names_at(&choice, choice.level.expect("a level"));
    assert!(names.len() >= 8 && !names.iter().any(|name| name.contains("PSK")), "{names:?}");
}

#[test]
fn a_level_takes_ciphers_away() {
    let choice = CipherChoice::of("ALL").expect("ciphers");
    assert!(names_at(&choice, Level::new(2)).contains(&"AES128-SHA"));
    assert!(!names_at(&choice, Level::new(3)).contains(&"AES128-GCM-SHA256"), "it has no forward secrecy");
    assert!(!names_at(&choice, Level::new(4)).contains(&"ECDHE-RSA-AES256-SHA"), "HMAC of SHA-1");
    assert_eq!(names_at(&CipherChoice::of("AES128").expect("ciphers"), Level::new(5)), Vec::<&str>::new());
}

/// These also choose curves and signatures, which AWS-LC does not.
#[test]
fn suite_b_is_refused() {
    for string in ["SUITEB128", "SUITEB128ONLY", "SUITEB128C2", "SUITEB192", "SUITEB128:ALL"] {
        assert_eq!(CipherChoice::of(string), Err(NoCipherMatch));
        assert!(by_openssl(string).is_some());
    }
}

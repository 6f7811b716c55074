//! Inputs of those targets that take text.

use crate::Corpus;

const HOSTNAMES: [&str; 24] = [
    "localhost",
    "example.org",
    "example.org.",
    ".example.org",
    "a..b",
    "*.example.org",
    "xn--pythn-mua.org",
    "pyth\u{f6}n.org",
    "stra\u{df}e.example",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd}.example",
    "\u{3002}example\u{ff0e}org\u{ff61}",
    "e\u{301}xample.org",
    "\u{1f600}.example",
    "127.0.0.1",
    "127.0.0.01",
    "127.1",
    "256.0.0.1",
    "::1",
    "[::1]",
    "fe80::1%eth0",
    "::ffff:127.0.0.1",
    "::ffff:127.0.0.001",
    "123456789012345678901234567890123456789012345678901234567890123.example",
    "1234567890123456789012345678901234567890123456789012345678901234.example",
];

const TIMES: [&str; 12] = [
    "Jan  5 09:34:43 2018 GMT",
    "feb 29 23:59:61 2000 GMT",
    "Feb 30 00:00:00 1900 GMT",
    "Dec 31 23:59:59 9999 GMT",
    "Jan  1 00:00:00 0001 GMT",
    "Jan  1 00:00:00 0000 GMT",
    "Jan 05 09:34:43.5 2018 GMT",
    "Jan  5 09:34:43 2018",
    "Mai  5 09:34:43 2018 GMT",
    "Jan\u{a0}5 09:34:43 2018 GMT",
    "Jan  0 24:60:62 18 GMT",
    "\u{130}an 5",
];

const CIPHERS: [&str; 14] = [
    "DEFAULT",
    "ALL:!aNULL:!eNULL",
    "HIGH:@STRENGTH",
    "ECDHE+AESGCM:!PSK",
    "ALL:@SECLEVEL=0",
    "ALL:@SECLEVEL=6",
    "NULL",
    "@SECLEVEL=5",
    "!ALL:@SECLEVEL=4",
    "-ALL",
    "PSK",
    "AES128-SHA,AES256-SHA;DES",
    "TLS_AES_128_GCM_SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256:kRSA:+SHA1",
];

const GROUPS: [&str; 8] =
    ["prime256v1", "secp384r1", "secp521r1", "X25519", "X448", "ffdhe2048", "RSA", "brainpoolP256r1"];

const OIDS: [&str; 7] = [
    "1.3.6.1.5.5.7.3.1",
    "serverAuth",
    "TLS Web Server Authentication",
    "2.5.29.17",
    "0.0",
    "1.2.3.4.5",
    "99.1",
];

/// Adds them all.
pub fn all(corpus: &Corpus) {
    let each = |target: &str, kinds: &[u8], words: &[&str]| {
        for (index, word) in words.iter().enumerate() {
            for kind in kinds {
                corpus.add(target, &format!("{kind}-{index}"), &[&[*kind], word.as_bytes()]);
            }
        }
    };
    for (index, name) in HOSTNAMES.iter().enumerate() {
        corpus.add("hostname", &index.to_string(), &[name.as_bytes()]);
    }
    each("cert_time", &[0], &TIMES);
    each("cert_time", &[3], &["", "a", "ab", "abc"]);
    let pems =
        ["-----BEGIN CERTIFICATE----------END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\nAA==\n"];
    each("cert_time", &[2], &pems);
    each("ciphers", &[0, 16, 32], &CIPHERS);
    each("ciphers", &[7], &GROUPS);
    each("ciphers", &[9, 73], &OIDS);
    each("ciphers", &[5, 21, 69], &["h2\0http/1.1", "h2", "", "h2\0\0", "\u{e9}"]);
    for kind in 10..16 {
        for protocol in 0..3 {
            for (index, number) in
                [[63, 0, 0], [63, 3, 3], [63, 4, 3], [62, 0, 0], [63, 129, 0], [2, 0, 0]].iter().enumerate()
            {
                let kind = kind | protocol << 4;
                corpus.add("ciphers", &format!("{kind}-number-{index}"), &[&[kind], number]);
            }
        }
    }
}

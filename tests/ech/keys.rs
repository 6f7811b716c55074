//! Lists of configurations and keys, good and bad.

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The offset of the number by which a client names a configuration, in a list of one.
const ID: usize = 6;

fn refused(result: Result<()>, words: &str) {
    let error = result.expect_err(words);
    assert_eq!(error.status(), Status::Value, "{error}");
    assert!(error.message().contains(words), "{error}, not {words}");
}

fn text(pem: &[u8]) -> &str {
    std::str::from_utf8(pem).unwrap()
}

/// The blocks of a key: the private one and that of its configurations.
fn blocks(keys: &EchKeys) -> (String, String) {
    let (private, configs) = text(&keys.pem).split_once("-----BEGIN ECHCONFIG").expect("two blocks");
    (private.to_owned(), format!("-----BEGIN ECHCONFIG{configs}"))
}

fn with_configs(private: &str, list: &[u8]) -> String {
    let body = STANDARD.encode(list);
    format!("{private}-----BEGIN ECHCONFIG-----\n{body}\n-----END ECHCONFIG-----\n")
}

fn list(configs: &[&[u8]]) -> Vec<u8> {
    let all = configs.concat();
    [&u16::try_from(all.len()).unwrap().to_be_bytes()[..], &all].concat()
}

#[test]
fn a_list_that_is_none_changes_nothing() {
    if !is_there() {
        return;
    }
    let keys = keys();
    let context = encrypting(&keys.configs);
    let whole = &keys.configs;
    for len in 0..whole.len() {
        refused(context.set_ech_configs(Some(&whole[..len])), "configs is no ECHConfigList");
    }
    refused(context.set_ech_configs(Some(&[&whole[..], b"x"].concat())), "configs is no ECHConfigList");
    refused(context.set_ech_configs(Some(STANDARD.encode(whole).as_bytes())), "configs is no ECHConfigList");
    refused(context.set_ech_configs(Some(&vec![0; 1 << 20])), "configs is no ECHConfigList");
    let unknown: &[u8] = &[0xFE, 0x0A, 0, 1, 7];
    refused(context.set_ech_configs(Some(&list(&[unknown]))), "no configuration that can be used");
    let mut algorithm = whole.clone();
    algorithm[ID + 1] = 0x77;
    refused(context.set_ech_configs(Some(&algorithm)), "no configuration that can be used");
    let pair = Pair::connected(&context, &decrypting(&keys), None);
    assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
}

#[test]
fn configurations_that_cannot_be_used_are_passed_over() {
    if !is_there() {
        return;
    }
    let keys = keys();
    let good = &keys.configs[2..];
    let unknown: &[u8] = &[0xFE, 0x0A, 0, 1, 7];
    let mut algorithm = good.to_vec();
    algorithm[ID - 1] = 0x77;
    let long = [&[0xFE, 0x0A, 0x10, 0][..], &[0; 0x1000]].concat();
    for others in
        [vec![unknown], vec![&algorithm], vec![&long[..]], vec![unknown, &algorithm, &long, unknown]]
    {
        let all = list(&[&others[..], &[good]].concat());
        let pair = Pair::connected(&encrypting(&all), &decrypting(&keys), None);
        assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
    }
}

/// Whatever is wrong with a configuration: either it is refused, or nothing is sent, or the name is encrypted.
#[test]
fn the_name_is_never_sent_in_clear() {
    if !is_there() {
        return;
    }
    let keys = keys();
    let (mut refused, mut silent, mut hidden) = (0, 0, 0);
    for place in 0..keys.configs.len() {
        for change in [1, 0x80, 0xFF] {
            let mut configs = keys.configs.clone();
            configs[place] ^= change;
            let context = client();
            if context.set_ech_configs(Some(&configs)).is_err() {
                refused += 1;
                continue;
            }
            let (up, down) = (MemoryBio::new(), MemoryBio::new());
            let object = context.wrap_bio(Some((&down, &up)), WrapFlags::default(), Some("localhost"), None);
            let error = object.expect("a client").do_handshake().unwrap_err();
            let mut sent = vec![0; up.pending()];
            up.read(&mut sent);
            assert!(!contains(&sent, "localhost"), "byte {place} ^ {change}");
            if error.is_want() {
                hidden += 1;
            } else {
                silent += 1;
            }
        }
    }
    assert!(refused > 0 && hidden > 0, "{refused} refused, {silent} silent, {hidden} hidden");
}

#[test]
fn a_connection_made_since_has_the_keys_that_were_loaded_since() {
    if !is_there() {
        return;
    }
    let keys = keys();
    let server = server("ecdsa");
    show_by_name(&server);
    let connect = || Pair::new(&encrypting(&keys.configs), &server, None).shake();
    rejected::check(&connect().unwrap_err(), false);
    server.load_ech_keys(&keys.pem, &[]).unwrap();
    connect().unwrap();
    server.load_ech_keys(&[], &[]).unwrap();
    rejected::check(&connect().unwrap_err(), false);
    assert_eq!(Pair::connected(&client(), &server, None).server.ech_status(), EchStatus::None);
}

/// A list of one configuration of this public key, which is what stands in the other one, with these suites and extensions.
fn changed(configs: &[u8], suites: &[u8], extensions: &[u8]) -> Vec<u8> {
    const KEY: std::ops::Range<usize> = ID..ID + 1 + 2 + 2 + 32;
    const NAME: usize = KEY.end + 2 + 4;
    let counted = |bytes: &[u8]| [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat();
    let name = &configs[NAME..configs.len() - 2];
    let content = [&configs[KEY], &counted(suites), name, &counted(extensions)].concat();
    list(&[&[&[0xFE, 0x0D][..], &counted(&content)].concat()])
}

/// A server has to understand all that it offers, a client only what it takes of that.
#[test]
fn what_one_side_may_pass_over_the_other_may_not_offer() {
    if !is_aws_lc() {
        return;
    }
    let keys = keys();
    let (private, _) = blocks(&keys);
    let server = server("ecdsa");
    let (known, unknown) = ([0, 1, 0, 3], [0, 2, 0, 1]);
    let load = |list: &[u8]| server.load_ech_keys(with_configs(&private, list).as_bytes(), &[]);
    let chacha = changed(&keys.configs, &known, &[]);
    load(&chacha).unwrap();
    let pair = Pair::connected(&encrypting(&chacha), &server, None);
    assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
    for more in [
        changed(&keys.configs, &[unknown, known].concat(), &[]),
        changed(&keys.configs, &known, &[0x12, 0x34, 0, 0]),
    ] {
        assert!(!contains(&first_flight(&encrypting(&more), Some("localhost")), "localhost"));
        refused(load(&more), "ECHCONFIG 1 of keys is not one that can be used");
    }
    for none in [changed(&keys.configs, &unknown, &[]), changed(&keys.configs, &known, &[0x92, 0x34, 0, 0])] {
        refused(client().set_ech_configs(Some(&none)), "no configuration that can be used");
    }
}

/// Of an ECHCONFIG with configurations of several keys those of the one before it count.
#[test]
fn a_key_has_the_configurations_that_are_its_own() {
    if !is_aws_lc() {
        return;
    }
    let (own, other) = (keys(), keys());
    let both = list(&[&other.configs[2..], &own.configs[2..]]);
    let server = decrypting(&own);
    server.load_ech_keys(with_configs(&blocks(&own).0, &both).as_bytes(), &[]).unwrap();
    Pair::connected(&encrypting(&own.configs), &server, None);
    let error = Pair::new(&encrypting(&other.configs), &server, None).shake().unwrap_err();
    rejected::check(&error, true);
    let told = error.detail().and_then(|detail| detail.ech_retry_configs.clone());
    assert_eq!(told, Some(own.configs));
}

#[test]
fn keys_that_are_none_change_nothing() {
    if !is_there() {
        return;
    }
    let (keys, other) = (keys(), keys());
    let (private, configs) = blocks(&keys);
    let (foreign, _) = blocks(&other);
    let certificate = String::from_utf8(certs::read("ecdsa.pem")).unwrap();
    let encrypted = String::from_utf8(certs::read("rsa-encrypted.key")).unwrap();
    let rsa = String::from_utf8(certs::read("rsa.key")).unwrap();
    let server = decrypting(&keys);
    let mut broken = keys.configs.clone();
    broken[ID + 1] = 0x77;
    let bad = [
        ("nothing".to_owned(), "has no key for Encrypted ClientHello"),
        (certificate.clone(), "has no key for Encrypted ClientHello"),
        (private.clone(), "private key 1 of keys has no ECHCONFIG after it"),
        (configs.clone(), "ECHCONFIG 1 of keys has no private key before it"),
        (format!("{private}{private}{configs}"), "private key 1 of keys has no ECHCONFIG after it"),
        (format!("{private}{configs}{configs}"), "ECHCONFIG 2 of keys has no private key before it"),
        (format!("{foreign}{configs}"), "private key 1 of keys is not that of the ECHCONFIG after it"),
        (format!("{rsa}{configs}"), "private key 1 of keys is not that of the ECHCONFIG after it"),
        (format!("{encrypted}{configs}"), "private key 1 of keys is encrypted"),
        (format!("{private}{configs}{private}{}", blocks(&other).1), "private key 2 of keys is not that of"),
        (with_configs(&private, &broken), "ECHCONFIG 1 of keys is not one that can be used"),
        (with_configs(&private, &keys.configs[1..]), "ECHCONFIG 1 of keys is no ECHConfigList"),
        (format!("{private}-----BEGIN ECHCONFIG-----\n!\n-----END ECHCONFIG-----\n"), "is not base64"),
        (configs.replace("ECHCONFIG", "PRIVATE KEY"), "private key 1 of keys cannot be read"),
    ];
    for (pem, words) in bad {
        refused(server.load_ech_keys(pem.as_bytes(), &[]), words);
        let former = words.replace("of keys", "of former");
        refused(server.load_ech_keys(&keys.pem, pem.as_bytes()), &former);
    }
    for len in (1..keys.pem.len() - 1).step_by(7) {
        assert_eq!(server.load_ech_keys(&keys.pem[..len], &[]).unwrap_err().status(), Status::Value);
    }
    refused(server.load_ech_keys(&[], &keys.pem), "keys is empty, and former is not");
    let pair = Pair::connected(&encrypting(&keys.configs), &server, None);
    assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
    // What stands between the blocks does not matter.
    let loose = format!("a comment\n{private}{certificate}\n{configs}the end");
    server.load_ech_keys(loose.as_bytes(), &[]).unwrap();
    Pair::connected(&encrypting(&keys.configs), &server, None);
}

#[test]
fn former_keys_decrypt_and_are_not_told() {
    if !is_there() {
        return;
    }
    let all = [keys(), keys(), keys(), keys()];
    let [first, second, former, unknown] = &all;
    let server = decrypting(first);
    let pem = [&first.pem[..], &second.pem].concat();
    server.load_ech_keys(&pem, &former.pem).unwrap();
    for keys in [first, second, former] {
        let pair = Pair::connected(&encrypting(&keys.configs), &server, None);
        assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
    }
    let error = Pair::new(&encrypting(&unknown.configs), &server, None).shake().unwrap_err();
    let told = error.detail().and_then(|detail| detail.ech_retry_configs.clone());
    assert_eq!(told, Some(list(&[&first.configs[2..], &second.configs[2..]])));
}

/// A server could tell them to nobody.
#[test]
fn configurations_that_are_too_long_for_one_list_are_refused() {
    if !is_there() {
        return;
    }
    let (keys, server) = (keys(), server("ecdsa"));
    let half = list(&vec![&keys.configs[2..]; 600]);
    let pem = with_configs(&blocks(&keys).0, &half).into_bytes();
    refused(server.load_ech_keys(&[&pem[..], &pem].concat(), &[]), "longer than 65535 bytes");
    if is_aws_lc() {
        // Those that nobody is told may be longer.
        server.load_ech_keys(&keys.pem, &[&pem[..], &pem].concat()).unwrap();
    }
}

#[test]
fn two_keys_of_one_number_are_both_tried() {
    if !is_there() {
        return;
    }
    let mut all = [keys(), keys()];
    for keys in &mut all {
        keys.configs[ID] = 7;
        keys.pem = with_configs(&blocks(keys).0, &keys.configs).into_bytes();
    }
    let [first, second] = &all;
    let server = decrypting(first);
    server.load_ech_keys(&first.pem, &second.pem).unwrap();
    for keys in [first, second] {
        let pair = Pair::connected(&encrypting(&keys.configs), &server, None);
        assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
    }
}

#[test]
fn a_key_is_made_for_a_name() {
    if !is_there() {
        return;
    }
    for (name, len) in [(PUBLIC, 0), ("b\u{fc}cher.example", 64), ("a.bc", 255), ("other.example.", 1)] {
        let keys = generate_ech_keys(name, len).unwrap();
        assert!(keys.pem.starts_with(b"-----BEGIN PRIVATE KEY-----\n"));
        assert!(text(&keys.pem).contains(&STANDARD.encode(&keys.configs)[..60]));
        assert!(!contains(&keys.configs, "example.") && keys.configs.contains(&(len as u8)));
        server("ecdsa").load_ech_keys(&keys.pem, &[]).unwrap();
        client().set_ech_configs(Some(&keys.configs)).unwrap();
    }
    assert_ne!(generate_ech_keys(PUBLIC, 0).unwrap().configs, generate_ech_keys(PUBLIC, 0).unwrap().configs);
    let long = format!("{}.example", vec!["a".repeat(60); 5].join("."));
    let bad = [
        "",
        ".example",
        "127.0.0.1",
        "::1",
        "a.b",
        "x",
        "*.example",
        "a b.example",
        "host.123",
        "1.2.3",
        &long,
    ];
    for name in bad {
        refused(generate_ech_keys(name, 0).map(drop), "public_name");
    }
    for len in [-1, 256, i32::MAX] {
        refused(generate_ech_keys(PUBLIC, len).map(drop), "max_name_length");
    }
}

#[test]
fn padding_hides_the_length_of_a_name() {
    if !is_there() {
        return;
    }
    let lengths = |padded| {
        let context = encrypting(&generate_ech_keys(PUBLIC, padded).unwrap().configs);
        let length = |name: &str| first_flight(&context, Some(name)).len();
        (length("a.example"), length(&format!("{}.example", "a".repeat(60))))
    };
    let (short, long) = lengths(100);
    assert_eq!(short, long);
    let (short, long) = lengths(0);
    assert!(short < long);
}

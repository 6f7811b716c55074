//! The keys of session tickets: servers that share them resume each other's sessions, and no others do.

mod certs;
mod pair;

use pair::{Pair, TLS1_2, TLS1_3, server};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use tlsock::{Context, Session, Status, TicketKeyFormat};

const VERSIONS: [i32; 2] = [TLS1_2, TLS1_3];
const LENGTHS: [usize; 2] = [48, 80];

/// A key whose bytes all differ from those of other seeds.
fn key(seed: u8, len: usize) -> Vec<u8> {
    (0..len).map(|index| seed.wrapping_add((index * 7) as u8)).collect()
}

fn keyed(version: i32, keys: &[&[u8]]) -> Context {
    let server = server("ecdsa");
    server.set_maximum_version(version).expect("a version");
    server.set_ticket_keys(keys).expect("keys");
    server
}

/// A client without checks, so that what decides is the server's side.
fn client() -> Context {
    let client = pair::client();
    client.set_check_hostname(false).expect("a change");
    client.set_verify_mode(0).expect("a change");
    client
}

fn session(client: &Context, server: &Context) -> Session {
    Pair::connected(client, server, None).client.session().expect("no failure").expect("a session")
}

fn resumes(client: &Context, server: &Context, session: &Session) -> bool {
    Pair::connected(client, server, Some(session)).client.session_reused()
}

#[test]
fn servers_that_share_keys_resume_each_others_sessions() {
    for (version, len) in VERSIONS.into_iter().flat_map(|version| LENGTHS.map(|len| (version, len))) {
        let (shared, other) = (key(1, len), key(2, len));
        let (one, two) = (keyed(version, &[&shared]), keyed(version, &[&shared]));
        let client = client();
        let session = session(&client, &one);
        assert!(resumes(&client, &two, &session), "{version:x} {len}");
        assert!(!resumes(&client, &keyed(version, &[&other]), &session), "{version:x} {len}: another key");
        assert!(!resumes(&client, &keyed(version, &[]), &session), "{version:x} {len}: no given key");
    }
}

/// A key of the same name and another secret: the ticket's MAC is wrong, and the handshake is a full one.
#[test]
fn a_name_alone_opens_no_ticket() {
    for (version, len) in VERSIONS.into_iter().flat_map(|version| LENGTHS.map(|len| (version, len))) {
        let own = key(1, len);
        let mut other = own.clone();
        other[if len == 48 { 32 } else { 16 }] ^= 1;
        let client = client();
        let session = session(&client, &keyed(version, &[&own]));
        assert!(!resumes(&client, &keyed(version, &[&other]), &session), "{version:x} {len}");
    }
}

#[test]
fn keys_are_rotated_without_a_full_handshake() {
    for version in VERSIONS {
        let (old, new) = (key(1, 80), key(2, 48));
        let server = keyed(version, &[&old]);
        let client = client();
        let first = session(&client, &server);
        server.set_ticket_keys(&[&old, &new]).expect("the next key is known everywhere");
        assert!(resumes(&client, &server, &first));
        server.set_ticket_keys(&[&new, &old]).expect("and is the first");
        let renewing = Pair::connected(&client, &server, Some(&first));
        assert!(renewing.client.session_reused());
        let renewed = renewing.client.session().expect("no failure").expect("a session");
        server.set_ticket_keys(&[&new]).expect("the old one goes");
        assert!(resumes(&client, &server, &renewed), "{version:x}: the ticket was renewed");
        assert!(!resumes(&client, &server, &first), "{version:x}: its key is gone");
    }
}

/// A client of TLS 1.3 uses each ticket once: without another one, its next handshake would be a full one.
#[test]
fn who_resumes_in_tls_1_3_gets_another_ticket() {
    let (old, new) = (key(1, 80), key(2, 80));
    for keys in [vec![&old[..]], vec![&new[..], &old[..]]] {
        let server = keyed(TLS1_3, &[&old]);
        let client = client();
        let mut kept = session(&client, &server);
        server.set_ticket_keys(&keys).expect("keys");
        for round in 0..3 {
            let pair = Pair::connected(&client, &server, Some(&kept));
            assert!(pair.client.session_reused(), "round {round}");
            let next = pair.client.session().expect("no failure").expect("a session");
            assert!(!next.equal(&kept), "round {round}: another one");
            kept = next;
        }
    }
}

/// A ticket by the newest key stays as it is in TLS 1.2, where a server that renews sends another.
#[test]
fn only_what_is_old_is_renewed() {
    let (old, new) = (key(1, 80), key(2, 80));
    for (keys, renewed) in [([&old[..], &new[..]], false), ([&new[..], &old[..]], true)] {
        let server = keyed(TLS1_2, &[&old]);
        let client = client();
        let first = session(&client, &server);
        let tickets = watch_tickets(&server);
        server.set_ticket_keys(&keys).expect("keys");
        assert!(resumes(&client, &server, &first));
        assert_eq!(!tickets.lock().unwrap().is_empty(), renewed);
    }
}

#[test]
fn without_given_keys_a_context_has_its_own_again() {
    for version in VERSIONS {
        let shared = key(1, 80);
        let (one, two) = (keyed(version, &[&shared]), keyed(version, &[&shared]));
        let client = client();
        let before = session(&client, &one);
        one.set_ticket_keys(&[]).expect("no keys");
        two.set_ticket_keys(&[]).expect("no keys");
        assert!(!resumes(&client, &one, &before), "{version:x}: a given key is forgotten");
        let own = session(&client, &one);
        assert!(resumes(&client, &one, &own), "{version:x}");
        assert!(!resumes(&client, &two, &own), "{version:x}: each has its own");
    }
}

/// A file of HAProxy's has the two parts of a long key in the other order, and encrypts with the last but one.
#[test]
fn files_give_the_keys_that_their_form_has() {
    for (version, len) in VERSIONS.into_iter().flat_map(|version| LENGTHS.map(|len| (version, len))) {
        let folder = certs::scratch();
        let (raw, text) =
            (folder.join(format!("raw.{version:x}.{len}")), folder.join(format!("text.{version:x}.{len}")));
        std::fs::write(&raw, key(3, len)).expect("scratch can be written");
        let lines = (1..5).map(|seed| openssl(&["base64", "-A"], &key(seed, len))).collect::<Vec<_>>();
        std::fs::write(&text, lines.join(&b'\n')).expect("scratch can be written");
        let loaded = |format, file: &std::path::Path| {
            let server = keyed(version, &[]);
            server.load_ticket_keys(format, &[file]).expect("keys");
            server
        };
        let turned = |seed| match key(seed, len) {
            long if len == 80 => [&long[..16], &long[48..], &long[16..48]].concat(),
            short => short,
        };
        let client = client();
        let of_nginx = session(&client, &loaded(TicketKeyFormat::Nginx, &raw));
        assert!(resumes(&client, &keyed(version, &[&key(3, len)]), &of_nginx), "{version:x} {len}");
        let haproxy = loaded(TicketKeyFormat::HaProxy, &text);
        assert!(
            resumes(&client, &keyed(version, &[&turned(3)]), &session(&client, &haproxy)),
            "{version:x} {len}"
        );
        for (seed, known) in [(1, false), (2, true), (3, true), (4, true)] {
            let session = session(&client, &keyed(version, &[&turned(seed)]));
            assert_eq!(resumes(&client, &haproxy, &session), known, "{version:x} {len} {seed}");
        }
    }
}

/// Sharing keys is not trust: a server that asks for a certificate resumes no session of one that does not.
#[test]
fn as_many_tickets_are_sent_as_were_set_or_the_number_is_refused() {
    const MANY: i32 = 17;
    let server = server("ecdsa");
    server.set_num_tickets(16).expect("both libraries send that many");
    match server.set_num_tickets(MANY) {
        Ok(()) => assert_eq!(server.num_tickets(), MANY),
        Err(error) => {
            assert_eq!((error.status(), server.num_tickets()), (Status::NotImplemented, 16), "{error}")
        }
    }
    let client = client();
    let came = Arc::new(Mutex::new(0));
    let count = Arc::clone(&came);
    client
        .set_session_callback(Some(Arc::new(move |_, _| {
            *count.lock().unwrap() += 1;
            Ok(())
        })))
        .expect("a client");
    let pair = Pair::connected(&client, &server, None);
    assert_eq!(pair.server.write(b"x").unwrap(), 1);
    assert_eq!(pair.client.read(&mut [0]).unwrap(), 1);
    assert_eq!(*came.lock().unwrap(), server.num_tickets());
}

#[test]
fn who_asks_for_more_takes_no_session_of_who_asks_for_less() {
    for version in VERSIONS {
        let shared = key(1, 80);
        let (lax, strict) = (keyed(version, &[&shared]), keyed(version, &[&shared]));
        strict.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).expect("a CA");
        strict.set_verify_mode(2).expect("a mode");
        let client = client();
        let stolen = session(&client, &lax);
        let pair = Pair::new(&client, &strict, Some(&stolen));
        let ended = pair.shake().and_then(|()| pair.server.write(b"!").map(drop));
        assert!(ended.is_err() || !pair.server.session_reused(), "{version:x}");
        assert!(!pair.server.session_reused(), "{version:x}");
        pair::identify(&client, "client");
        let proved = session(&client, &strict);
        assert!(resumes(&client, &strict, &proved), "{version:x}");
        let same = keyed(version, &[&shared]);
        same.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).expect("a CA");
        same.set_verify_mode(2).expect("a mode");
        let resumed = Pair::connected(&client, &same, Some(&proved));
        assert!(resumed.server.session_reused(), "{version:x}: who asks the same");
        assert!(resumed.server.peer_certificate().expect("no failure").is_some(), "{version:x}");
    }
}

#[test]
fn bad_keys_leave_the_old_ones() {
    let good = key(1, 48);
    let server = keyed(TLS1_3, &[&good]);
    let client = client();
    let session = session(&client, &server);
    let same_name = [&good[..16], &key(9, 64)[..]].concat();
    let cases: [(&[&[u8]], &str); 6] = [
        (&[&[]], "keys[0] is 0 bytes long: a ticket key has 48 bytes (AES-128) or 80 (AES-256)"),
        (&[&good[..47]], "keys[0] is 47 bytes long: a ticket key has 48 bytes (AES-128) or 80 (AES-256)"),
        (&[&good, &[1; 64]], "keys[1] is 64 bytes long: a ticket key has 48 bytes (AES-128) or 80 (AES-256)"),
        (&[&good, &[0; 80]], "keys[1] is nothing but zeros"),
        (
            &[&good, &same_name],
            "keys[1] has the same name as keys[0]: its first 16 bytes, by which tickets name it",
        ),
        (
            &[&good, &good],
            "keys[1] has the same name as keys[0]: its first 16 bytes, by which tickets name it",
        ),
    ];
    for (keys, text) in cases {
        let error = server.set_ticket_keys(keys).expect_err(text);
        assert_eq!((error.status(), error.message()), (Status::Value, text));
        assert!(resumes(&client, &server, &session), "{text}");
    }
    let error = client.set_ticket_keys(&[&good]).expect_err("a client");
    assert_eq!(error.message(), "keys are for a server, and this is a PROTOCOL_TLS_CLIENT context");
}

/// The bytes of each ticket that servers of this context send in TLS 1.2.
fn watch_tickets(server: &Context) -> Arc<Mutex<Vec<Vec<u8>>>> {
    const NEW_SESSION_TICKET: u8 = 4;
    /// The kind, the length, the lifetime and the ticket's length.
    const HEAD: usize = 1 + 3 + 4 + 2;
    let tickets = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&tickets);
    server.set_message_callback(Some(Arc::new(move |_, message| {
        if message.content_type == 22 && message.data.first() == Some(&NEW_SESSION_TICKET) {
            seen.lock().unwrap().push(message.data[HEAD..].to_vec());
        }
        Ok(())
    })));
    tickets
}

/// Runs openssl over some bytes.
fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new("openssl");
    let mut child =
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("openssl");
    child.stdin.take().expect("a pipe").write_all(input).expect("openssl reads");
    let output = child.wait_with_output().expect("openssl ends");
    assert!(output.status.success(), "openssl {arguments:?}");
    output.stdout
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Tickets are of the form that RFC 5077 recommends, by the parts of the key where nginx has them.
#[test]
fn the_parts_of_a_key_are_where_nginx_has_them() {
    const MAC: usize = 32;
    for (len, cipher, cipher_key, mac_key) in
        [(48, "-aes-128-cbc", 16..32, 32..48), (80, "-aes-256-cbc", 48..80, 16..48)]
    {
        let key = key(3, len);
        let server = keyed(TLS1_2, &[&key]);
        let tickets = watch_tickets(&server);
        session(&client(), &server);
        let tickets = tickets.lock().unwrap();
        let (body, mac) = tickets.first().expect("a ticket").split_at(tickets[0].len() - MAC);
        assert_eq!(body[..16], key[..16], "its name");
        let hmac = format!("hexkey:{}", hex(&key[mac_key]));
        assert_eq!(openssl(&["dgst", "-sha256", "-mac", "HMAC", "-macopt", &hmac, "-binary"], body), mac);
        let (iv, text) = (hex(&body[16..32]), &body[32..]);
        let plain = openssl(&["enc", "-d", cipher, "-K", &hex(&key[cipher_key]), "-iv", &iv], text);
        assert_eq!(plain[0], 0x30, "a session in DER");
    }
}

/// Two tickets of one session never have the same IV.
#[test]
fn each_ticket_has_an_iv_of_its_own() {
    let server = keyed(TLS1_2, &[&key(3, 80)]);
    let (tickets, client) = (watch_tickets(&server), client());
    (0..4).for_each(|_| drop(session(&client, &server)));
    let mut ivs: Vec<Vec<u8>> =
        tickets.lock().unwrap().iter().map(|ticket| ticket[16..32].to_vec()).collect();
    ivs.sort();
    ivs.dedup();
    assert_eq!(ivs.len(), 4);
}

/// A connection that an SNI callback gives another context resumes with a server that does the same.
#[test]
fn chosen_contexts_share_by_the_keys_of_the_first() {
    for version in VERSIONS {
        let shared = key(1, 80);
        let fleet = || {
            let (first, chosen) = (keyed(version, &[&shared]), server("ecdsa"));
            chosen.set_maximum_version(version).expect("a version");
            first
                .set_sni_callback(Some(Arc::new(move |connection, _, _| {
                    connection.set_context(&chosen).map_err(tlsock::Refusal::from)
                })))
                .expect("a callback");
            first
        };
        let client = client();
        let session = session(&client, &fleet());
        assert!(resumes(&client, &fleet(), &session), "{version:x}");
    }
}

/// In TLS 1.2 a session brings its cipher along: what one server allows and another does not is no way into that one.
#[test]
fn a_session_brings_no_cipher_that_the_server_does_not_allow() {
    const OLD: &str = "ECDHE-ECDSA-AES128-SHA";
    const NEW: &str = "ECDHE-ECDSA-AES256-GCM-SHA384";
    let allowing = |ciphers| {
        let server = keyed(TLS1_2, &[&key(1, 80)]);
        server.set_ciphers(ciphers).expect("ciphers");
        server
    };
    let client = client();
    client.set_ciphers(&format!("{OLD}:{NEW}")).expect("ciphers");
    let session = session(&client, &allowing(OLD));
    assert!(resumes(&client, &allowing(OLD), &session));
    let pair = Pair::connected(&client, &allowing(NEW), Some(&session));
    assert!(!pair.server.session_reused());
    assert_eq!(pair.server.cipher().expect("a cipher").name.expect("a name").to_str(), Ok(NEW));
}

/// A client without a pre-shared key does not get to a server that asks for one by a session of another server.
#[test]
fn who_asks_for_a_pre_shared_key_takes_no_session_of_another_server() {
    for version in VERSIONS {
        let shared = key(1, 80);
        let asks = |server: Context| {
            let know: tlsock::context::PskServerCallback = Arc::new(|_, _, _| Ok(0));
            server.set_psk_server_callback(Some(know), None).expect("a callback");
            server
        };
        let (open, closed) = (keyed(version, &[&shared]), asks(keyed(version, &[&shared])));
        let client = client();
        let session = session(&client, &open);
        assert!(resumes(&client, &keyed(version, &[&shared]), &session), "{version:x}");
        assert!(!resumes(&client, &closed, &session), "{version:x}");
        let known = self::session(&client, &closed);
        assert!(
            !resumes(&client, &asks(keyed(version, &[&shared])), &known),
            "{version:x}: it knows other keys"
        );
        closed.set_ticket_keys(&[]).expect("no keys");
        let own = self::session(&client, &closed);
        assert!(resumes(&client, &closed, &own), "{version:x}: its own, which it shares with nobody");
    }
}

//! Inputs made of real conversations: what one end said, to be said again, whole or changed.

use crate::{Corpus, sized};
use tlsock_fuzz::c::*;
use tlsock_fuzz::call::{give, owned};
use tlsock_fuzz::end::End;
use tlsock_fuzz::handle::Handle;
use tlsock_fuzz::{certs, peer};

/// Steps of a conversation's script, by their numbers there.
const PASS: u8 = 0;
const FLIP: u8 = 1;
const RAW: u8 = 5;
const PEER_WRITES: u8 = 9;
const VICTIM_WRITES: u8 = 10;
const PEER_CLOSES: u8 = 11;
const VICTIM_CLOSES: u8 = 12;
const END: u8 = 13;
const SPLIT: u8 = 14;
const ASK: u8 = 15;
const AUTHENTICATE: u8 = 17;
const JOIN: u8 = 18;

/// Adds them all.
pub fn all(corpus: &Corpus) {
    for target in ["client_records", "server_records"] {
        scripts(corpus, target);
    }
    for (name, version) in [("1.2", TLS_VERSION_TLSV1_2), ("1.3", TLS_VERSION_TLSV1_3)] {
        let flag = u8::from(version == TLS_VERSION_TLSV1_2);
        let (up, down, client) = overhear(version);
        for (index, said) in down.iter().enumerate() {
            corpus.add(
                "client_records",
                &format!("said-{name}-{index}"),
                &[&[0, flag, 0, RAW], &sized(said)],
            );
        }
        for (index, said) in up.iter().enumerate() {
            corpus.add(
                "server_records",
                &format!("said-{name}-{index}"),
                &[&[0, flag, 0, RAW], &sized(said)],
            );
        }
        let all = [&[0, flag, 0][..], &raw(&up)].concat();
        corpus.add("server_records", &format!("said-{name}"), &[&all]);
        let all = [&[0, flag, 0][..], &raw(&down)].concat();
        corpus.add("client_records", &format!("said-{name}"), &[&all]);
        session(corpus, name, &client);
    }
}

fn raw(said: &[Vec<u8>]) -> Vec<u8> {
    said.iter().flat_map(|said| [&[RAW][..], &sized(said)].concat()).collect()
}

/// Whole conversations of every kind, honest but for one bit.
fn scripts(corpus: &Corpus, target: &str) {
    let talk: [u8; 18] = [
        PASS,
        7,
        PASS,
        7,
        VICTIM_WRITES,
        0,
        3,
        PEER_WRITES,
        0,
        50,
        PASS,
        7,
        ASK,
        PEER_CLOSES,
        PASS,
        7,
        VICTIM_CLOSES,
        PASS,
    ];
    let cut = [PASS, 0, SPLIT, 3, 0, PASS, 0, PASS, 7, PASS, 7, END, ASK];
    let behind = [
        [PASS, 7, PASS, 7, PASS, 7, PEER_WRITES, 50, 0, PEER_WRITES, 50, 0, JOIN],
        [FLIP, 100, 0, 1, ASK, PASS, 7, ASK, PASS, 7, ASK, PASS, 7],
    ]
    .concat();
    let asked = [PASS, 7, PASS, 7, AUTHENTICATE, PEER_WRITES, 5, 0, PASS, 7, PASS, 7];
    for shown in 0..8 {
        for flags in [0, 1, 2, 3, 6, 8, 9, 16, 24, 40, 41] {
            let name = format!("{shown}-{flags}");
            corpus.add(target, &name, &[&[shown, flags, 0], &talk]);
            if shown == 0 {
                corpus.add(target, &format!("{name}-cut"), &[&[shown, flags, 0], &cut]);
                corpus.add(target, &format!("{name}-asked"), &[&[shown, flags, 0], &asked]);
                corpus.add(target, &format!("{name}-behind"), &[&[shown, flags, 0], &behind]);
                corpus.add(target, &format!("{name}-small"), &[&[shown, flags, 0x13], &talk]);
            }
            for place in [0_u8, 1, 3, 5, 9, 11, 43, 80] {
                if shown == 0 {
                    let bad = [&[shown, flags, 0, PASS, 0, FLIP, place, 0, 1][..], &talk].concat();
                    corpus.add(target, &format!("{name}-flip-{place}"), &[&bad]);
                }
            }
        }
    }
}

/// What both ends of a conversation said, turn by turn, and the client.
fn overhear(version: i64) -> (Vec<Vec<u8>>, Vec<Vec<u8>>, End) {
    let (client, server) = (peer::context(PROTOCOL_TLS_CLIENT), peer::context(PROTOCOL_TLS_SERVER));
    peer::trust(&client, certs::read("ca.pem")).expect("the root is good");
    peer::limit(&client, version);
    peer::identify(&server, "ecdsa");
    peer::alpn(&client, &[c"h2"]).expect("protocols");
    let mut client = End::new(&client, 0, Some(c"localhost"), None, true).expect("a client");
    let mut server = End::new(&server, WRAP_SERVER_SIDE, None, None, true).expect("a server");
    client.write(b"hello");
    server.write(b"welcome");
    let (mut up, mut down) = (Vec::new(), Vec::new());
    for _ in 0..6 {
        up.push(client.step());
        server.deliver(up.last().expect("one"));
        down.push(server.step());
        client.deliver(down.last().expect("one"));
    }
    assert!(client.done && server.done);
    up.retain(|said| !said.is_empty());
    down.retain(|said| !said.is_empty());
    (up, down, client)
}

/// The session as it is kept.
fn session(corpus: &Corpus, name: &str, client: &End) {
    // SAFETY: a live object and a place for a handle.
    let session = give("object_session", |out, error| unsafe {
        tlsock_object_session(client.object.raw(), out, error)
    });
    // SAFETY: ours.
    let session: Handle<tlsock_session> =
        unsafe { Handle::new(session.expect("an answer")) }.expect("a session");
    // SAFETY: a live session and a place for bytes.
    let kept = owned("session_data", |out, error| unsafe { tlsock_session_data(session.raw(), out, error) });
    let kept = kept.expect("a session can be kept").expect("bytes");
    let mark = kept.iter().position(|byte| *byte == b'\n').expect("a mark") + 1;
    let body = &kept[..kept.len() - 32];
    corpus.add("session", &format!("{name}-raw"), &[&[0], &kept]);
    corpus.add("session", &format!("{name}-after-mark"), &[&[2], &body[mark..]]);
    for flags in [4, 12, 5, 13] {
        corpus.add("session", &format!("{name}-{flags}"), &[&[flags], &body[mark + 32..]]);
    }
    corpus.add("session", &format!("{name}-changed"), &[&[14, 100, 0, 1, 200, 0, 2]]);
}

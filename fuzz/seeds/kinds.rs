//! Inputs for the targets of one kind of fault each: `callbacks`, `vouching`, `waiting` and `unconnected`.

use crate::{Corpus, sized};

/// Adds them all.
pub fn all(corpus: &Corpus) {
    callbacks(corpus);
    vouching(corpus);
    unconnected(corpus);
    waiting(corpus);
    client_hello(corpus);
}

/// Each fault, in each version, with each deed in every callback.
fn callbacks(corpus: &Corpus) {
    for fault in 0..10_u8 {
        for flags in 0..4_u8 {
            for (number, does) in [1, 2, 4, 8, 16, 63].into_iter().enumerate() {
                let entries = [1, 2, 3, 0x11, 0x21, 0x31, 4, 5][(number + usize::from(fault + flags)) % 8];
                let deeds = [does, entries].repeat(10);
                // Some faults come at the first move, some later.
                let head = [fault, flags | (does & 12), does % 5];
                corpus.add("callbacks", &format!("{fault}-{flags}-{does}"), &[&head, &deeds]);
            }
        }
    }
}

/// A change of a client's (0) or a server's (1) context.
fn change(side: u8, what: u8, how: u8) -> [u8; 5] {
    [side, 0, what, how, 0]
}

const OFFER: u8 = 4;
const AT_WRAP: u8 = 8;

/// A session of one handshake is offered in the next, after a change or with one in the middle.
fn vouching(corpus: &Corpus) {
    let make: [u8; 5] = [2, 0, 0, 0x30, 0];
    let again: [u8; 5] = [2, 0, OFFER, 0x30, 0];
    let at_wrap: [u8; 5] = [2, 0, OFFER | AT_WRAP, 0x30, 0];
    for version in 0..2_u8 {
        let begin = [change(0, 6, version), change(0, 5, 0)].concat();
        let add = |name: String, steps: &[[u8; 5]]| {
            corpus.add("vouching", &format!("{version}-{name}"), &[&begin, &steps.concat()]);
        };
        add("same".into(), &[make, again, at_wrap]);
        for side in 0..2_u8 {
            for what in 0..10_u8 {
                for how in 0..5_u8 {
                    let changed = change(side, what, how);
                    add(format!("after-{side}-{what}-{how}"), &[make, changed, again, at_wrap]);
                    add(format!("before-{side}-{what}-{how}"), &[changed, make, again, at_wrap]);
                }
                // A session of a client that does not verify, or of a server that does not; then both do.
                let (off, on) = (change(0, 4, 1), change(0, 4, 0));
                add(
                    format!("careless-{side}-{what}"),
                    &[off, make, on, change(side, what, 1), again, at_wrap],
                );
                let mutual = [change(1, 0, 0), change(1, 4, 1)];
                add(
                    format!("mutual-{side}-{what}"),
                    &[mutual[0], make, mutual[1], again, change(side, what, 1), again],
                );
            }
        }
        // A key shared before proves no certificate.
        let shared = [change(0, 7, 1), change(1, 7, 1), make, change(0, 7, 0)];
        add("shared-key".into(), &[&shared[..], &[again, change(1, 7, 0), again, at_wrap]].concat());
        // Names that no server hears: it cannot tell the sessions apart, the client must.
        for (one, other) in [(2, 3), (3, 2)] {
            let (first, second) = ([2, one << 2, 0, 0x30, 0], [2, other << 2, OFFER, 0x30, 0]);
            add(format!("unheard-{one}"), &[first, second, [2, other << 2, OFFER | AT_WRAP, 0x30, 0]]);
        }
        // Another name, another context, bytes.
        for who in 1..16_u8 {
            add(format!("who-{who}"), &[make, [2, who, OFFER, 0x30, 0], [2, who, OFFER | AT_WRAP, 0x30, 0]]);
        }
        for when in 1..=255_u8 {
            if when.count_ones() <= 2 {
                add(format!("when-{when}"), &[make, [2, 0, OFFER, when, when], again]);
            }
        }
        for what in 0..5_u8 {
            let bytes: [u8; 5] = [4, 0, 1 | 1 << 1, 0, 0];
            let other: [u8; 5] = [2, 1, OFFER | 1, 0x30, 0];
            let changed = [0, 1, what, 1, 0];
            add(format!("bytes-{what}"), &[make, changed, bytes, other]);
            add(format!("bytes-later-{what}"), &[make, bytes, changed, other]);
        }
    }
}

/// Each way to connect, with each call before, between and after.
fn unconnected(corpus: &Corpus) {
    let talk: [[u8; 2]; 4] = [[14, 9], [9, 0], [14, 9], [9, 0]];
    for flags in 0..32_u8 {
        for (number, way) in [[0, 0], [1, 0], [1, 4], [1, 3]].into_iter().enumerate() {
            let mut steps: Vec<[u8; 2]> = Vec::new();
            // Everything before.
            steps.extend([
                [5, 3],
                [6, 1],
                [7, 2],
                [8, 0],
                [2, 60],
                [3, 60],
                [15, 0],
                [15, 1],
                [16, 0],
                [10, 0],
            ]);
            steps.push(way);
            steps.extend([[5, 1], [13, 0], [3, 100], [15, 0]]);
            corpus.add("unconnected", &format!("raw-{flags}-{number}"), &[&[flags], &steps.concat()]);
            let mut steps = vec![way];
            steps.extend(talk);
            steps.extend([
                [6, 4],
                [3, 60],
                [14, 73],
                [3, 60],
                [10, 0],
                [14, 64],
                [10, 1],
                [5, 2],
                [13, 0],
                [3, 90],
            ]);
            corpus.add("unconnected", &format!("talk-{flags}-{number}"), &[&[flags], &steps.concat()]);
            for last in
                [[11, 0], [12, 0], [12, 1], [12, 2], [19, 0], [19, 1], [19, 3], [17, 0], [17, 1], [17, 2]]
            {
                let after = [[5, 0], way, [5, 1], [13, 0], [3, 40], [15, 2]];
                let steps = [&[last][..], &after].concat().concat();
                corpus.add(
                    "unconnected",
                    &format!("after-{}-{}-{flags}-{number}", last[0], last[1]),
                    &[&[flags], &steps],
                );
            }
        }
    }
}

/// Each callback waits, then answers, with a deed in between of the side that waits.
fn waiting(corpus: &Corpus) {
    const KINDS: u8 = 7;
    const OF_CLIENT: [u8; 3] = [2, 3, 6];
    const SIGNERS: u8 = 16 | 32;
    const SOCKETS: u8 = 64;
    const SHAKE: [[u8; 2]; 2] = [[0, 0], [0x80, 0]];
    let shakes = SHAKE.repeat(3).concat();
    for (settings, about) in (0..8_u8).flat_map(|settings| (0..KINDS).map(move |about| (settings, about))) {
        let side = if OF_CLIENT.contains(&about) { 0 } else { 0x80 };
        let answer =
            |other: u8, what: u8| [7, (what << 5) | (u8::from(what == 0 && other != about) << 5) | other];
        let waits: Vec<u8> = (0..KINDS).flat_map(|other| answer(other, 0)).collect();
        for (number, (name, deed)) in [
            ("nothing", [0, 0]),
            ("elsewhere", [3, 0]),
            ("reads", [4, 0]),
            ("reads-elsewhere", [5, 0]),
            ("writes", [6, 3]),
            ("writes-elsewhere", [6, 35]),
            ("context", [10, 1]),
            ("callbacks", [11, 0]),
            ("ends", [13, 0]),
            ("closes", [13, 0xFB]),
            ("aborts", [13, 0xFF]),
            ("looks", [14, 0]),
            ("goes", [15, 0xFF]),
            ("goes-elsewhere", [15, 0xFE]),
        ]
        .into_iter()
        .enumerate()
        {
            let sockets = if (number + usize::from(settings + about)) % 2 == 0 { SOCKETS } else { 0 };
            let signers = if about > 4 || settings & 1 != 0 { SIGNERS } else { 0 };
            for (word, last) in [("yes", 1), ("other", 2), ("no", 3)] {
                let head = [settings | signers | sockets, 0xFF];
                let deed = [deed[0] | side, deed[1]];
                let after = [4, 0, 0x84, 0, 0x86, 5, 4, 0];
                corpus.add(
                    "waiting",
                    &format!("{settings}-{about}-{name}-{word}"),
                    &[&head, &waits, &shakes, &deed, &answer(about, last), &shakes, &after],
                );
            }
        }
    }
}

/// ClientHellos with one extension each that the callback reads, and with all of them.
fn client_hello(corpus: &Corpus) {
    let extensions: [(&str, u16, &[u8]); 8] = [
        ("name", 0, b"\x00\x0c\x00\x00\x09localhost"),
        ("groups", 10, &[0, 4, 0, 23, 0x11, 0xEC]),
        ("formats", 11, &[1, 0]),
        ("sigalgs", 13, &[0, 4, 4, 3, 8, 4]),
        ("alpn", 16, b"\x00\x0c\x02h2\x08http/1.1"),
        ("versions", 43, &[4, 3, 4, 3, 3]),
        ("grease", 0x0A0A, &[]),
        ("made-up", 0xFE0D, &[1, 2, 3]),
    ];
    let head = [&[0, 3, 3, 2, 9, 9][..], &sized(&[0x13, 1, 0xC0, 0x2B, 0x0A, 0x0A]), &[1, 0]].concat();
    let one = |(_, kind, data): &(&str, u16, &[u8])| [&kind.to_le_bytes()[..], &sized(data)].concat();
    for extension in &extensions {
        corpus.add("client_hello", extension.0, &[&head, &one(extension)]);
    }
    let all: Vec<u8> = extensions.iter().flat_map(one).collect();
    corpus.add("client_hello", "all", &[&head, &all]);
    corpus.add("client_hello", "none", &[&[1, 3, 3, 0], &sized(&[]), &[1, 0]]);
}

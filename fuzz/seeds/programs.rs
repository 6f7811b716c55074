//! Programs for the `api` target: whole stories with each callback doing each thing, and plain noise.

use crate::Corpus;
use arbitrary::{Arbitrary, Unstructured};
use tlsock_fuzz::api::Program;
use tlsock_fuzz::noise::next;

/// How many variants the enums of `api::op` have; `all` checks these numbers.
const OPS: u64 = 7;
const OBJECT_OPS: u64 = 17;
const SOCKET_OPS: u64 = 21;
const CONTEXT_OPS: u64 = 21;
const KINDS: u64 = 9;
const DOES: u64 = 15;

/// The four bytes from which `arbitrary` makes variant `index` of `count`.
fn variant(index: u64, count: u64) -> Vec<u8> {
    let number = (index << 32).div_ceil(count) as u32;
    number.to_le_bytes().to_vec()
}

fn op(index: u64, slot: u8, own: u64, count: u64, fields: &[u8]) -> Vec<u8> {
    [variant(index, OPS), vec![slot], variant(own, count), fields.to_vec()].concat()
}

fn context(slot: u8, own: u64, fields: &[u8]) -> Vec<u8> {
    op(0, slot, own, CONTEXT_OPS, fields)
}

fn object(slot: u8, own: u64, fields: &[u8]) -> Vec<u8> {
    op(2, slot, own, OBJECT_OPS, fields)
}

fn socket(slot: u8, own: u64, fields: &[u8]) -> Vec<u8> {
    op(5, slot, own, SOCKET_OPS, fields)
}

fn callback(slot: u8, kind: u64, does: u64) -> Vec<u8> {
    let payload: &[u8] = match does {
        5 => &[40, 0, 0, 0],
        7 | 8 | 10 => &[2],
        12..=14 => &[0],
        _ => &[],
    };
    // It is freed; the entries are of each sort.
    let last = [1, (kind + does) as u8 | (does as u8) << 4];
    op(1, slot, kind, KINDS, &[&[0], &variant(does, DOES)[..], payload, &last].concat())
}

/// Ends 0 and 1 over buffers (3) or sockets (4).
fn pair(way: u64, flags: u8) -> Vec<u8> {
    [variant(way, OPS), vec![0, 1, 0, 0, 0, flags, 7]].concat()
}

/// Data both ways, questions, and the end.
fn talk(way: u64) -> Vec<Vec<u8>> {
    match way {
        3 => vec![
            object(1, 4, &[100, 0]),
            object(0, 3, &[60]),
            object(0, 3, &[60]),
            object(0, 4, &[9, 0]),
            object(1, 3, &[60]),
            object(0, 10, &[]),
            object(1, 10, &[]),
            object(0, 15, &[0]),
            op(6, 0, 9, 10, &[]),
            object(0, 14, &[0]),
            op(6, 0, 6, 10, &[0, 1]),
        ],
        _ => vec![
            socket(1, 3, &[100, 0]),
            socket(0, 2, &[60]),
            socket(0, 2, &[60]),
            socket(0, 4, &[20]),
            socket(1, 2, &[60]),
            socket(0, 14, &[]),
            socket(1, 14, &[]),
            socket(0, 17, &[0]),
        ],
    }
}

fn end(way: u64) -> Vec<Vec<u8>> {
    match way {
        3 => vec![object(0, 5, &[]), object(1, 5, &[]), object(0, 5, &[]), object(0, 1, &[])],
        _ => vec![socket(0, 5, &[1]), socket(1, 5, &[0]), socket(0, 5, &[1]), socket(1, 9, &[])],
    }
}

/// Adds them all.
pub fn all(corpus: &Corpus) {
    for way in [3, 4] {
        for kind in 0..KINDS {
            for does in 0..DOES {
                let steps = story(way, kind, does);
                add(corpus, &format!("{way}-{kind}-{does}"), &steps);
            }
        }
    }
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for index in 0..100 {
        let noise: Vec<u8> = (0..200 + index * 5).map(|_| next(&mut state) as u8).collect();
        corpus.add("api", &format!("noise-{index}"), &[&noise]);
    }
}

fn story(way: u64, kind: u64, does: u64) -> Vec<Vec<u8>> {
    // Those of the client's side are set there, the message and key log callbacks on either.
    let slot = u8::from(![2, 4, 6].contains(&kind));
    let mut steps = Vec::new();
    match kind {
        // Keys shared before, in TLS 1.2 and without certificates.
        2 | 3 => {
            for slot in [0, 1] {
                steps.extend([context(slot, 7, &[0]), context(slot, 6, &[0])]);
                steps.extend([context(slot, 12, &[0]), context(slot, 13, &[1])]);
            }
            steps.push(callback(if kind == 2 { 1 } else { 0 }, 5 - kind, 0));
        }
        7 => steps.extend([callback(slot, kind, does), context(1, 4, &[255])]),
        8 => steps.extend([callback(slot, kind, does), context(2, 0, &[2]), context(1, 11, &[2])]),
        _ => steps.push(context(2, 1, &[0])),
    }
    steps.push(callback(slot, kind, does));
    steps.push(pair(way, 4));
    steps.extend(talk(way));
    steps.push(pair(way, 5));
    steps.extend(talk(way));
    steps.extend(end(way));
    steps
}

fn add(corpus: &Corpus, name: &str, steps: &[Vec<u8>]) {
    let bytes = [vec![0, name.len() as u8], steps.concat()].concat();
    // An enum that has grown would make nonsense of it.
    let program = Program::arbitrary(&mut Unstructured::new(&bytes)).expect("bytes make a program");
    assert_eq!(
        program.ops.len(),
        steps.len().min(60),
        "the numbers in seeds/programs.rs are old: {program:?}"
    );
    corpus.add("api", name, &[&bytes]);
}

//! Plays programs of the `api` target without libFuzzer, for tools that it does not work with: inputs of files and
//! folders, and COUNT made-up ones. With more than one thread that many are played at once. Inputs in a folder named
//! `callbacks`, `client_hello`, `vouching`, `waiting` or `unconnected` are played as inputs of that target.
//! usage: replay THREADS SEED COUNT [PATH...]

use arbitrary::{Arbitrary, Unstructured};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tlsock_fuzz::api::{Program, run, run_together};
use tlsock_fuzz::noise::next;
use tlsock_fuzz::{client_hello, disturbance, unconnected, vouching, waiting};

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let mut number = || -> u64 {
        let number = arguments.next().and_then(|text| text.to_str()?.parse().ok());
        number.expect("usage: replay THREADS SEED COUNT [PATH...]")
    };
    let (threads, seed, count) = (number(), number(), number());
    let mut inputs: Vec<(String, Vec<u8>)> = arguments.flat_map(|path| files(Path::new(&path))).collect();
    let mut state = 0x9E37_79B9_7F4A_7C15 ^ seed;
    inputs.extend((0..count).map(|index| (format!("made-up {index} of {seed}"), noise(&mut state))));
    let played: usize = inputs.chunks(threads.max(1) as usize).map(|some| play(some, threads > 1)).sum();
    assert!(played > 0, "there was nothing to play");
    println!("replayed programs: {played} passed");
    let counts = COUNTS.lock().expect("no thread panicked");
    if counts.finished > 0 {
        println!("handshakes that may resume: {counts:?}");
    }
}

/// The inputs of one file, or of a folder in the order of their names.
fn files(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut paths = vec![path.to_path_buf()];
    if path.is_dir() {
        let entries = std::fs::read_dir(path).expect("a folder can be read");
        paths = entries.map(|entry| entry.expect("a folder can be read").path()).collect::<Vec<PathBuf>>();
        paths.sort();
    }
    let read = |path: PathBuf| {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, bytes)
    };
    paths.into_iter().map(read).collect()
}

/// Bytes from which a program comes.
fn noise(state: &mut u64) -> Vec<u8> {
    let len = 100 + next(state) % 900;
    (0..len).map(|_| next(state) as u8).collect()
}

/// What became of the handshakes of `vouching`: a model that never sees a resumed session says nothing.
static COUNTS: Mutex<vouching::Counts> =
    Mutex::new(vouching::Counts { finished: 0, resumed: 0, resumed_by_server: 0 });

/// What plays the inputs of a target that is not `api`.
type Play = fn(&[u8]);

/// The target of an input, by the folder it is in.
fn other_target(name: &str) -> Option<Play> {
    let folder = Path::new(name).parent()?.file_name()?.to_str()?;
    let play: Play = match folder {
        "callbacks" => disturbance::run,
        "client_hello" => client_hello::run,
        "unconnected" => unconnected::run,
        "waiting" => waiting::run,
        "vouching" => |input| {
            let counted = vouching::run(input);
            let mut all = COUNTS.lock().expect("no thread panicked");
            all.finished += counted.finished;
            all.resumed += counted.resumed;
            all.resumed_by_server += counted.resumed_by_server;
        },
        _ => return None,
    };
    Some(play)
}

/// Plays what shall be played at once. The names come first, so that a report is behind those it is about.
fn play(inputs: &[(String, Vec<u8>)], threads: bool) -> usize {
    inputs.iter().for_each(|(name, _)| eprintln!("playing {name}"));
    let (others, own): (Vec<_>, Vec<_>) = inputs.iter().partition(|(name, _)| other_target(name).is_some());
    play_others(&others, threads);
    let program = |input: &&(String, Vec<u8>)| {
        // As libFuzzer's targets do; what makes no program is none of theirs either.
        Program::arbitrary_take_rest(Unstructured::new(&input.1)).ok()
    };
    let programs: Vec<Program> = own.iter().filter_map(program).collect();
    match threads {
        true if !programs.is_empty() => run_together(&programs),
        _ => programs.iter().for_each(run),
    }
    others.len() + programs.len()
}

fn play_others(inputs: &[&(String, Vec<u8>)], threads: bool) {
    let plays = inputs.iter().filter_map(|(name, bytes)| Some((other_target(name)?, bytes)));
    if !threads {
        plays.for_each(|(play, bytes)| play(bytes));
        return;
    }
    std::thread::scope(|scope| {
        for (play, bytes) in plays {
            scope.spawn(move || play(bytes));
        }
    });
}

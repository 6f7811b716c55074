//! Asks Python's ssl what it does, so that tests can compare.
#![allow(dead_code, clippy::print_stdout)]

use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};

const UPSTREAM: &str = include_str!("upstream.py");

/// Runs a script that reads JSON from its input and prints JSON. None, with a printed reason, where there is
/// no Python.
pub fn ask(script: &str, input: &Value) -> Option<Value> {
    let Some(python) = python() else {
        println!("not compared with the reference: neither python3.13 nor python3 is in PATH");
        return None;
    };
    let script = format!("{UPSTREAM}import json, ssl, sys\ninput = json.load(sys.stdin)\n{script}");
    let mut child = Command::new(python)
        .args(["-I", "-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the interpreter starts");
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    let input = input.to_string();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("the interpreter ends");
    assert!(output.status.success(), "the reference script failed");
    writer.join().expect("the writer ends").expect("the script reads its input");
    Some(serde_json::from_slice(&output.stdout).expect("the script prints JSON"))
}

fn python() -> Option<&'static str> {
    ["python3.13", "python3"].into_iter().find(|name| {
        Command::new(name)
            .args(["-I", "-c", "import ssl"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    })
}

/// Numbers that look random and are the same in every run.
pub struct Dice(pub u64);

impl Dice {
    /// A number below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % sides
    }

    /// One of the choices.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.roll(choices.len())]
    }
}

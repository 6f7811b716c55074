//! How many system calls are made.

use super::certs;
use super::pair::*;
use std::process::Command;
use tlsock::Timeout;

const ROUNDS: usize = 200;

/// Both ends in one thread. The test below runs this one in a process of its own and counts its calls.
#[test]
fn plays_ping_pong() {
    let timeout = std::env::var("PING_PONG_TIMEOUT").map_or(-1.0, |text| text.parse().unwrap());
    let rounds = std::env::var("PING_PONG_ROUNDS").map_or(1, |text| text.parse().unwrap());
    let (client, server) = pair();
    // Reads the tickets that TLS 1.3 sends after its handshake.
    server.sendall(b"first").unwrap();
    receive(&client, 5);
    for socket in [&client, &server] {
        socket.settimeout(seconds(timeout)).unwrap();
        socket.set_read_ahead(std::env::var("PING_PONG_AHEAD").is_ok_and(|ahead| ahead == "true"));
    }
    assert_eq!(client.gettimeout() == Timeout::Never, timeout < 0.0);
    let mut buffer = [0; 64];
    for _ in 0..rounds {
        client.sendall(&[1; 64]).unwrap();
        assert_eq!(server.recv(&mut buffer).unwrap(), 64);
        server.sendall(&buffer).unwrap();
        assert_eq!(client.recv(&mut buffer).unwrap(), 64);
    }
}

/// How many system calls of all kinds the process above makes; None where they cannot be counted.
fn count(timeout: &str, ahead: bool, rounds: usize) -> Option<usize> {
    let trace = certs::scratch().join(format!("trace{timeout}-{ahead}-{rounds}"));
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-qq", "-e", "trace=network,poll,ppoll,read,write,readv,writev,fcntl", "-o"])
        .arg(&trace);
    strace.arg(std::env::current_exe().unwrap());
    strace.args(["--exact", "calls::plays_ping_pong", "--test-threads=1"]);
    strace.env("PING_PONG_TIMEOUT", timeout).env("PING_PONG_ROUNDS", rounds.to_string());
    strace.env("PING_PONG_AHEAD", ahead.to_string());
    let output = match strace.output() {
        Ok(output) if output.status.success() => output,
        Ok(output) => {
            let reason = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(reason.contains("ptrace") || reason.contains("strace:"), "{reason}");
            println!("system calls are not counted: {}", reason.trim());
            return None;
        }
        Err(error) => {
            println!("system calls are not counted: strace: {error}");
            return None;
        }
    };
    drop(output);
    let lines = std::fs::read_to_string(&trace).unwrap();
    std::fs::remove_file(trace).unwrap();
    // Of the round trips only: the difference of two runs leaves the rest of the process out.
    Some(lines.lines().filter(|line| !line.contains("resumed>")).count())
}

#[test]
fn a_round_trip_is_six_system_calls_and_four_with_read_ahead() {
    // Both ends are here: two sends, and two receives of a head and a body, or of whatever has arrived. With a timeout
    // each receive waits first.
    for (timeout, ahead, calls) in [("-1", false, 6), ("10", false, 8), ("-1", true, 4), ("10", true, 6)] {
        let Some(few) = count(timeout, ahead, 0) else { return };
        let Some(many) = count(timeout, ahead, ROUNDS) else { return };
        // Two handshakes, whose threads meet in another order each time, differ by a few calls.
        let each = (many as f64 - few as f64) / ROUNDS as f64;
        assert!((each - f64::from(calls)).abs() < 0.2, "{each} calls with timeout {timeout}, ahead {ahead}");
    }
}

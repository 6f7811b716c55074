//! `openssl s_server`, which sends whatever it is given.
#![allow(dead_code)]

use super::certs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tlsock::{Context, Result, Socket, Timeout};

/// One with a certificate of the tests, for two connections. It answers lines.
pub struct SServer {
    child: Child,
    port: u16,
}

impl SServer {
    pub fn start(options: &[&str]) -> SServer {
        let basics = "s_server -accept 127.0.0.1:0 -naccept 2 -rev -cert ecdsa.pem -key ecdsa.key -cert_chain inter.pem";
        let mut child = Command::new("openssl")
            .args(basics.split_whitespace())
            .args(options)
            .current_dir(certs::folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let port = lines
            .find_map(|line| line.ok()?.strip_prefix("ACCEPT ")?.rsplit(':').next()?.parse().ok())
            .expect("the port that it listens on");
        std::thread::spawn(move || lines.for_each(drop));
        SServer { child, port }
    }

    pub fn connect(&self, client: &Context) -> Result<Socket> {
        client.create_connection("localhost", self.port, Timeout::After(Duration::from_secs(20)))
    }

    /// What `openssl s_client` prints of a connection, which counts as one of the two.
    pub fn seen_by_s_client(&self, options: &[&str]) -> String {
        let seen = Command::new("openssl")
            .args(["s_client", "-connect", &format!("127.0.0.1:{}", self.port)])
            .args(options)
            .stdin(Stdio::null())
            .output()
            .expect("openssl");
        String::from_utf8_lossy(&seen.stdout).into_owned()
    }

    pub fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

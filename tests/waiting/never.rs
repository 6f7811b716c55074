//! Callbacks that cannot wait.

use crate::certs;
use crate::pair::{self, Pair};
use std::sync::Arc;
use tlsock::*;

const WORDS: &str = "this callback cannot wait: only those for a ClientHello";

/// The failure of a handshake, on whichever side.
fn failed(client: &Context, server: &Context) -> Error {
    Pair::new(client, server, None).shake().expect_err("a callback has failed")
}

#[track_caller]
fn assert_told(error: &Error) {
    let cause = error.detail().and_then(|detail| detail.cause.as_ref());
    let told =
        cause.is_some_and(|cause| cause.status() == Status::Value && cause.message().starts_with(WORDS));
    assert!(told && !error.is_want() && error.message().contains(WORDS), "{error}: {cause:?}");
}

#[test]
fn the_server_name() {
    let (client, server) = (pair::client(), pair::server("rsa"));
    server.set_sni_callback(Some(Arc::new(|_, _, _| Err(Error::want_callback().into())))).unwrap();
    assert_told(&failed(&client, &server));
}

#[test]
fn messages_and_the_key_log() {
    let (client, server) = (pair::client(), pair::server("rsa"));
    client.set_message_callback(Some(Arc::new(|_, _| Err(Error::want_callback()))));
    assert_told_somewhere(&failed(&client, &server));
    let client = pair::client();
    client.set_keylog_callback(Some(Arc::new(|_, _| Err(Error::want_callback())))).unwrap();
    assert_told_somewhere(&failed(&client, &server));
}

/// These end the connection with their own status.
#[track_caller]
fn assert_told_somewhere(error: &Error) {
    assert!(error.status() == Status::Value && error.message().starts_with(WORDS), "{error}");
}

#[test]
fn a_password() {
    let folder = certs::folder();
    let ask = |_: &mut [u8]| -> Result<usize> { Err(Error::want_callback()) };
    let error = Identity::from_files(
        &folder.join("rsa.pem"),
        Some(&folder.join("rsa-encrypted.key")),
        Password::Asked(&ask),
    )
    .map(drop)
    .expect_err("no password");
    assert_told_somewhere(&error);
}

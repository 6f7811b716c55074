//! Asking for a certificate after the handshake.

use crate::certs;
use crate::pair::{Pair, TLS1_2, client, load, reason, server};
use tlsock::{Context, Status};

const OPTIONAL: i32 = 1;
const REQUIRED: i32 = 2;

/// A client that has a certificate and a server that asks for it, later.
fn contexts() -> (Context, Context) {
    let (client, server) = (client(), server());
    load(&client, "client");
    server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
    server.set_verify_mode(REQUIRED).unwrap();
    client.set_post_handshake_auth(true).unwrap();
    server.set_post_handshake_auth(true).unwrap();
    (client, server)
}

/// A client without a certificate.
fn bare() -> Context {
    let client = client();
    client.set_post_handshake_auth(true).unwrap();
    client
}

/// Sends the request and the client's answer; what the server's read then says is left to the caller.
fn ask(pair: &Pair) {
    pair.server.verify_client_post_handshake().unwrap();
    pair.pass(&pair.server, &pair.client);
    pair.client.write(b"x").unwrap();
}

#[test]
fn the_certificate_comes_when_it_is_asked_for() {
    let (client, server) = contexts();
    let pair = Pair::new(&client, &server).connect();
    assert!(pair.server.getpeercert().unwrap().is_none());
    pair.server.verify_client_post_handshake().unwrap();
    // Until the request is sent the handshake counts as unfinished.
    assert_eq!(pair.server.version(), None);
    let error = pair.server.getpeercert().unwrap_err();
    assert_eq!((error.status(), error.message()), (Status::Value, "handshake not done yet"));
    pair.server.write(b"x").unwrap();
    assert_eq!(pair.server.version(), Some(c"TLSv1.3"));
    assert!(pair.server.getpeercert().unwrap().is_none());
    assert_eq!(pair.client.read(&mut [0; 8]).unwrap(), 1);
    assert!(pair.server.getpeercert().unwrap().is_none());
    pair.pass(&pair.client, &pair.server);
    let certificate = pair.server.getpeercert().unwrap().expect("the client's certificate");
    assert!(certificate.json().unwrap().to_str().unwrap().contains("\"client\""));
    // A certificate may be requested again.
    ask(&pair);
    assert_eq!(pair.server.read(&mut [0; 8]).unwrap(), 1);
}

#[test]
fn refusals_are_those_of_openssl() {
    let (client, server) = contexts();
    let pair = Pair::new(&client, &server);
    let early = pair.server.verify_client_post_handshake().unwrap_err();
    let pair = pair.connect();
    let on_client = pair.client.verify_client_post_handshake().unwrap_err();
    pair.server.verify_client_post_handshake().unwrap();
    let twice = pair.server.verify_client_post_handshake().unwrap_err();

    let silent = crate::pair::client();
    let pair = Pair::new(&silent, &server).connect();
    let not_offered = pair.server.verify_client_post_handshake().unwrap_err();

    client.set_maximum_version(TLS1_2).unwrap();
    let old = contexts();
    old.0.set_maximum_version(TLS1_2).unwrap();
    let (client_result, server_result) = {
        let pair = Pair::new(&old.0, &old.1);
        let results = pair.shake();
        (results, pair.server.verify_client_post_handshake().unwrap_err())
    };
    client_result.0.unwrap();
    client_result.1.unwrap();

    let (client, server) = contexts();
    server.set_verify_mode(0).unwrap();
    let pair = Pair::new(&client, &server).connect();
    let unwanted = pair.server.verify_client_post_handshake().unwrap_err();

    let found = [early, on_client, twice, not_offered, server_result, unwanted].map(|error| {
        assert_eq!(error.status(), Status::Ssl);
        (error.detail().unwrap().code, reason(&error).to_string())
    });
    let expected = [
        (266, "WRONG_SSL_VERSION"),
        (284, "NOT_SERVER"),
        (121, "STILL_IN_INIT"),
        (279, "EXTENSION_NOT_RECEIVED"),
        (266, "WRONG_SSL_VERSION"),
        (283, "INVALID_CONFIG"),
    ];
    assert_eq!(found, expected.map(|(code, reason)| (code, reason.to_string())));
}

#[test]
fn a_client_without_a_certificate() {
    let (_, server) = contexts();
    let pair = Pair::new(&bare(), &server).connect();
    ask(&pair);
    let error = pair.server.read(&mut [0; 8]).unwrap_err();
    assert_eq!(reason(&error), "PEER_DID_NOT_RETURN_A_CERTIFICATE");
    assert_eq!(pair.server.getpeercert().unwrap_err().message(), "handshake not done yet");
    let error = pair.client.read(&mut [0; 8]).unwrap_err();
    assert_eq!(reason(&error), "TLSV13_ALERT_CERTIFICATE_REQUIRED");

    server.set_verify_mode(OPTIONAL).unwrap();
    let pair = Pair::new(&bare(), &server).connect();
    ask(&pair);
    assert_eq!(pair.server.read(&mut [0; 8]).unwrap(), 1);
    assert!(pair.server.getpeercert().unwrap().is_none());
}

#[test]
fn a_server_that_does_not_wait_asks_in_the_handshake() {
    let (client, server) = contexts();
    server.set_post_handshake_auth(false).unwrap();
    let pair = Pair::new(&client, &server).connect();
    assert!(pair.server.getpeercert().unwrap().is_some());
    ask(&pair);
    assert_eq!(pair.server.read(&mut [0; 8]).unwrap(), 1);
}

//! How long a peer's chain may be.

use crate::certs;
use crate::pair::{Pair, client, identify, server};
use crate::{VERSIONS, at_most, read};
use std::sync::{Arc, Mutex};
use tlsock::{Context, Error, Status};

#[test]
fn a_chain_that_is_too_long_is_refused() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        assert_eq!(client.max_cert_list(), 102_400);
        client.set_max_cert_list(500).unwrap();
        let error = Pair::new(&client, &server, None).shake().unwrap_err();
        let reason = error.detail().unwrap().reason.clone();
        assert_eq!(reason.as_deref(), Some(c"EXCESSIVE_MESSAGE_SIZE"), "{error}");
        for bad in [0, 1 << 24, usize::MAX] {
            assert_eq!(client.set_max_cert_list(bad).unwrap_err().status(), Status::Value);
        }
        assert_eq!(client.max_cert_list(), 500);
        // More than OpenSSL takes by itself.
        let chain = [read("ecdsa.pem"), read("inter.pem").repeat(250)].concat();
        server.load_cert_chain_data(&chain, Some(&read("ecdsa.key")), None).unwrap();
        client.set_max_cert_list(102_400).unwrap();
        assert!(Pair::new(&client, &server, None).shake().is_err());
        client.set_max_cert_list(1 << 20).unwrap();
        Pair::connected(&client, &server, None);
    }
}

const BAD_CERTIFICATE: u8 = 42;
const ILLEGAL_PARAMETER: u8 = 47;

/// A message with certificates.
#[derive(Debug, PartialEq)]
enum Chain {
    Plain(usize),
    /// Its length once decompressed, as the message says (RFC 8879, 4). Some OpenSSL compress by themselves.
    Compressed(usize),
}

/// Has a context note the messages with certificates that it is shown.
fn note_chains(context: &Context) -> Arc<Mutex<Vec<Chain>>> {
    const CERTIFICATE: i32 = 11;
    const COMPRESSED_CERTIFICATE: i32 = 25;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&seen);
    context.set_message_callback(Some(Arc::new(move |_, message| {
        if message.written || message.content_type != 22 {
            return Ok(());
        }
        let body = message.data.get(4..).unwrap_or_default();
        kept.lock().unwrap().extend(match message.msg_type {
            CERTIFICATE => Some(Chain::Plain(body.len())),
            COMPRESSED_CERTIFICATE => {
                let length = [0, body[2], body[3], body[4]];
                Some(Chain::Compressed(u32::from_be_bytes(length) as usize))
            }
            _ => None,
        });
        Ok(())
    })));
    seen
}

/// What each end of a handshake fails with that cannot end well. A client may have done its part before.
fn failures(pair: &Pair) -> [Error; 2] {
    let mut told = [None, None];
    for _ in 0..20 {
        for (end, told) in [&pair.client, &pair.server].into_iter().zip(&mut told) {
            let result = end.do_handshake().and_then(|()| end.read(&mut [0]).map(drop));
            *told = told.take().or(result.err().filter(|error| !error.is_want()));
        }
    }
    told.map(|error| error.expect("a failure"))
}

#[test]
fn a_chain_may_be_as_long_as_the_limit_and_not_a_byte_longer() {
    let alert = |error: &Error| error.detail().map(|detail| (detail.alert_sent, detail.alert_received));
    for (version, by_client, verifies, watches) in VERSIONS.into_iter().flat_map(|version| {
        let clients = [(true, true), (true, false), (false, true)];
        clients.into_iter().flat_map(move |(by_client, verifies)| {
            [true, false].map(|watches| (version, by_client, verifies, watches))
        })
    }) {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        identify(&client, "client");
        for ca in ["ca.pem", "inter.pem"] {
            server.load_verify_locations(Some(&certs::folder().join(ca)), None, None).unwrap();
        }
        if !by_client {
            server.set_verify_mode(2).unwrap();
        } else if !verifies {
            client.set_check_hostname(false).unwrap();
            client.set_verify_mode(0).unwrap();
        }
        let limited = if by_client { &client } else { &server };
        let seen = note_chains(limited);
        Pair::connected(&client, &server, None);
        let (long, expected) = match *std::mem::take(&mut *seen.lock().unwrap()) {
            [Chain::Plain(long)] => (long, ILLEGAL_PARAMETER),
            [Chain::Compressed(long)] => (long, BAD_CERTIFICATE),
            ref other => panic!("{other:?}"),
        };
        if !watches {
            limited.set_message_callback(None);
        }
        limited.set_max_cert_list(long).unwrap();
        Pair::connected(&client, &server, None);
        seen.lock().unwrap().clear();
        limited.set_max_cert_list(long - 1).unwrap();
        let pair = Pair::new(&client, &server, None);
        let mut told = failures(&pair);
        if !by_client {
            told.reverse();
        }
        let [refused, told] = told;
        let reason = refused.detail().unwrap().reason.clone();
        assert_eq!(reason.as_deref(), Some(c"EXCESSIVE_MESSAGE_SIZE"), "{refused}");
        assert_eq!((refused.status(), alert(&refused)), (Status::Ssl, Some((Some(expected), None))));
        assert_eq!(alert(&told), Some((None, Some(expected))), "{told}");
        let shown = std::mem::take(&mut *seen.lock().unwrap());
        let compressed = shown.iter().all(|chain| matches!(chain, Chain::Compressed(_)));
        assert!(compressed, "nobody is shown what is refused before it is read: {shown:?}");
    }
}

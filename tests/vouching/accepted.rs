//! A certificate that was accepted although it had failed is accepted by that connection, and by no other.

use crate::{ALL, Keeping, OP_NO_TICKET, certs, pair};
use pair::{Pair, TLS1_2, TLS1_3};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tlsock::{Connection, Context, MemoryBio, Result, SessionCache, VerifyOverride, WrapFlags};

const CERT_NONE: i32 = 0;
const CERT_OPTIONAL: i32 = 1;
const CERT_REQUIRED: i32 = 2;

#[derive(Default)]
struct Store(Mutex<HashMap<Vec<u8>, Vec<u8>>>);

impl SessionCache for Store {
    fn put(&self, _: &dyn Connection, id: &[u8], data: &[u8], _: i64) -> Result<()> {
        self.0.lock().unwrap().insert(id.to_vec(), data.to_vec());
        Ok(())
    }

    fn get(&self, _: &dyn Connection, id: &[u8], data: &mut [u8]) -> Result<usize> {
        let kept = self.0.lock().unwrap();
        let found = kept.get(id).map_or(&[][..], |found| found);
        data[..found.len()].copy_from_slice(found);
        Ok(found.len())
    }

    fn remove(&self, _: &dyn Connection, id: &[u8]) -> Result<()> {
        self.0.lock().unwrap().remove(id);
        Ok(())
    }
}

/// Servers that keep sessions in each of the ways there are.
fn servers() -> Vec<(String, Context)> {
    let trusting = |server: Context| {
        server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
        server
    };
    let mut all: Vec<(String, Context)> =
        ALL.iter().map(|keeping| (format!("{keeping:?}"), trusting(keeping.server("ecdsa")))).collect();
    for version in [TLS1_2, TLS1_3] {
        let keyed = trusting(Keeping { version, tickets: true }.server("ecdsa"));
        keyed.set_ticket_keys(&[&[7; 80]]).unwrap();
        all.push((format!("{version:x} with given keys"), keyed));
        let stored = trusting(Keeping { version, tickets: false }.server("ecdsa"));
        assert_ne!(stored.options() & OP_NO_TICKET, 0);
        stored.set_session_cache(Some(Arc::new(Store::default()))).unwrap();
        all.push((format!("{version:x} with a store"), stored));
    }
    all
}

/// A client that no server trusts, and that verifies nothing.
fn stranger() -> Context {
    let client = pair::client();
    client.set_check_hostname(false).unwrap();
    client.set_verify_mode(CERT_NONE).unwrap();
    pair::identify(&client, "self-signed");
    client
}

/// The handshake, then a byte of the server after its tickets.
fn finish(pair: &Pair) -> Result<()> {
    pair.shake()?;
    pair.server.write(b"!")?;
    pair.client.read(&mut [0]).map(drop)
}

/// A callback that allows all is set while the handshake is under way, and gone at its end.
#[test]
fn what_a_callback_has_allowed_it_has_allowed_once() {
    for (what, server) in servers() {
        server.set_verify_mode(CERT_REQUIRED).unwrap();
        let client = stranger();
        let pair = Pair::new(&client, &server, None);
        let _ = pair.client.do_handshake();
        let _ = pair.server.do_handshake();
        server.set_verify_callback(VerifyOverride::Insecure, Some(Arc::new(|_, _| Ok(()))));
        finish(&pair).unwrap();
        assert!(pair.server.verify_overridden(), "{what}");
        server.set_verify_callback(VerifyOverride::Never, None);
        let session = pair.client.session().unwrap().unwrap();
        let again = Pair::new(&client, &server, Some(&session));
        assert!(finish(&again).is_err() && !again.server.session_reused(), "{what}");
    }
}

fn reported(client: &Context, server: &Context, session: Option<&tlsock::Session>) -> Pair {
    let (up, down) = (MemoryBio::new(), MemoryBio::new());
    let flags = WrapFlags::SERVER_SIDE | WrapFlags::REPORT_VERIFICATION;
    let pair = Pair {
        client: client
            .wrap_bio(Some((&down, &up)), WrapFlags::default(), Some("localhost"), session)
            .unwrap(),
        server: server.wrap_bio(Some((&up, &down)), flags, None, None).unwrap(),
    };
    finish(&pair).unwrap();
    pair
}

/// What a server has only reported is a reason to refuse the client where a certificate need not be shown but has to pass.
#[test]
fn what_was_reported_is_reported_again_and_never_taken_for_good() {
    for (what, server) in servers() {
        let client = stranger();
        let first = reported(&client, &server, None);
        let wrong = first.server.verify_result().unwrap();
        assert_ne!(wrong, 0, "{what}");
        let session = first.client.session().unwrap().unwrap();
        let again = reported(&client, &server, Some(&session));
        assert!(again.server.session_reused(), "{what}");
        assert_eq!(again.server.verify_result().unwrap(), wrong, "{what}");
        let session = again.client.session().unwrap().unwrap();
        server.set_verify_mode(CERT_OPTIONAL).unwrap();
        let pair = Pair::new(&client, &server, Some(&session));
        assert!(finish(&pair).is_err() && !pair.server.session_reused(), "{what}");
    }
}

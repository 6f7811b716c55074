//! A server whose callback has no verdict on its client yet. OpenSSL verifies a client once and goes on, so this library keeps
//! the client waiting by itself.

use crate::answer::{Kind, Later, until_it_waits};
use crate::certs;
use crate::pair::{self, Pair, TLS1_2, TLS1_3};
use std::sync::Arc;
use std::sync::Mutex;
use tlsock::context::SessionCache;
use tlsock::*;

const HANDSHAKE_FAILURE: Option<u8> = Some(40);
/// `X509_V_ERR_INVALID_PURPOSE`: that of a server.
const UNSUITABLE: i32 = 26;

/// For each version: a server that waits, whose client has sent all that it can.
fn each(test: impl Fn(i32, &Pair, &Later)) {
    for version in [TLS1_2, TLS1_3] {
        let later = Later::default();
        let (client, server) = Kind::ServerVerification.contexts(version, &later);
        let pair = Pair::new(&client, &server, None);
        until_it_waits(&pair);
        let done = pair.client.do_handshake();
        // The last word of TLS 1.3 is the client's: it is done, and may send. In TLS 1.2 it waits for the server's.
        assert_eq!(done.is_ok(), version == TLS1_3, "{done:?}");
        if version == TLS1_3 {
            pair.client.write(b"early").unwrap();
        }
        test(version, &pair, &later);
    }
}

pub fn assert_nothing_is_known(server: &Object) {
    let unknown = [
        server.verify_result().map(drop),
        server.getpeercert().map(drop),
        server.peer_certificate().map(drop),
        server.info_json().map(drop),
        server.export_keying_material("EXPORTER-test", None, 32).map(drop),
        server.own_certificate().map(drop),
        server.key_update(false),
        server.verify_client_post_handshake(),
    ];
    for told in unknown {
        assert_eq!(told.expect_err("no verdict").message(), "handshake not done yet");
    }
    assert!(server.session().unwrap().is_none() && server.finished(true).is_none());
    assert!(server.version().is_none() && !server.is_handshake_done() && !server.verify_overridden());
    assert!(server.verify_again().unwrap().as_slice().is_empty());
    assert!(server.get_verified_chain().unwrap().as_slice().iter().all(|one| !one.verified()));
    assert!(server.client_sigalg().is_none() && server.get_channel_binding(None).unwrap().is_none());
    assert_eq!(server.pending(), 0);
}

#[test]
fn nothing_is_known_of_it_and_nothing_is_read() {
    each(|version, pair, later| {
        let mut buffer = [0; 10];
        for _ in 0..3 {
            assert_nothing_is_known(&pair.server);
            assert!(pair.server.read(&mut buffer).is_err_and(|error| error.waits()));
            assert!(pair.server.write(b"secret").is_err_and(|error| error.waits()));
        }
        assert!(pair.client.read(&mut buffer).is_err_and(|error| error.status() == Status::WantRead));
        later.give();
        pair.shake().unwrap();
        if version == TLS1_3 {
            assert_eq!(pair.server.read(&mut buffer).unwrap(), 5);
        }
        assert_eq!(pair.server.verify_result().unwrap(), 0);
        assert!(pair.server.getpeercert().unwrap().is_some() && pair.server.session().unwrap().is_some());
        assert!(pair.server.get_verified_chain().unwrap().as_slice()[0].verified());
        pair.server.write(b"answer").unwrap();
        assert_eq!(pair.client.read(&mut buffer).unwrap(), 6);
    });
}

#[test]
fn one_that_is_refused_is_told_and_gets_nothing() {
    each(|version, pair, later| {
        later.refuse();
        let error = pair.server.read(&mut [0; 10]).expect_err("refused");
        let detail = error.detail().unwrap();
        assert_eq!((error.status(), detail.verify_code), (Status::CertVerification, 50), "{error}");
        assert_eq!((detail.alert_sent, detail.phase), (HANDSHAKE_FAILURE, Phase::Read));
        assert_eq!(detail.reason.as_deref(), Some(c"CERTIFICATE_VERIFY_FAILED"));
        assert_eq!(detail.depth, Some(0));
        assert!(error.message().ends_with("not on the list"), "{error}");
        let leaf = Certificate::from_data(&certs::read("client.pem")).unwrap();
        assert!(detail.certificate.as_ref().unwrap().equal(&leaf));
        // It is over for good.
        assert_nothing_is_known(&pair.server);
        for over in [
            pair.server.do_handshake(),
            pair.server.read(&mut [0; 10]).map(drop),
            pair.server.write(b"secret").map(drop),
            pair.server.unwrap(),
        ] {
            let error = over.expect_err("over");
            assert_eq!(error.status(), Status::CertVerification);
            assert!(error.message().contains("has ended this connection"), "{error}");
        }
        // The client of TLS 1.3 has taken its handshake for done; it reads the alert in place of data.
        let told = match version {
            TLS1_2 => pair.client.do_handshake(),
            _ => pair.client.read(&mut [0; 10]).map(drop),
        };
        let told = told.expect_err("an alert");
        assert_eq!(told.detail().unwrap().alert_received, HANDSHAKE_FAILURE, "{told}");
        assert!(later.asked() == 2);
    });
}

/// What was seen of a connection's sessions.
#[derive(Default)]
struct Kept(Mutex<Vec<&'static str>>);

impl Kept {
    fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    fn note(&self, word: &'static str) -> Result<()> {
        self.0.lock().unwrap().push(word);
        Ok(())
    }
}

impl SessionCache for Kept {
    fn put(&self, _: &dyn Connection, _: &[u8], _: &[u8], _: i64) -> Result<()> {
        self.note("put")
    }

    fn get(&self, _: &dyn Connection, _: &[u8], _: &mut [u8]) -> Result<usize> {
        Ok(0)
    }

    fn remove(&self, _: &dyn Connection, _: &[u8]) -> Result<()> {
        self.note("remove")
    }
}

/// What server and client are told of sessions before the verdict, and in the end.
fn sessions(version: i32, options: u64, later: &Later) -> [Vec<&'static str>; 2] {
    let (client, server) = Kind::ServerVerification.contexts(version, later);
    let (kept, got) = (Arc::new(Kept::default()), Arc::new(Kept::default()));
    server.set_options(server.options() | options).unwrap();
    server.set_session_cache(Some(Arc::<Kept>::clone(&kept))).unwrap();
    let notes = Arc::clone(&kept);
    server.set_session_callback(Some(Arc::new(move |_, _| notes.note("told")))).unwrap();
    let notes = Arc::clone(&got);
    client.set_session_callback(Some(Arc::new(move |_, _| notes.note("got")))).unwrap();
    let pair = Pair::new(&client, &server, None);
    let take = || {
        let _ = pair.client.do_handshake();
        let _ = pair.client.read(&mut [0; 10]);
        [kept.take(), got.take()].concat()
    };
    let mut before = Vec::new();
    for _ in 0..5 {
        before.extend(take());
        if pair.server.do_handshake().is_err_and(|error| error.waits()) {
            before.extend(take());
            assert!(pair.server.do_handshake().is_err_and(|error| error.waits()));
            break;
        }
    }
    // One that answers at once is told what there is before anything else happens.
    if later.asked() == 1 {
        return [Vec::new(), before];
    }
    later.give();
    let done = pair.shake().is_ok() && pair.server.write(b"x").is_ok();
    let after = take();
    assert!(done || !after.contains(&"put") && !after.contains(&"got"));
    [before, after]
}

/// Neither the client nor anybody else has a session of it before the verdict.
#[test]
fn no_session_vouches_for_it() {
    const NO_TICKET: u64 = 1 << 14;
    for version in [TLS1_2, TLS1_3] {
        for options in [0, NO_TICKET] {
            let [at_once, waits, refused] = [(); 3].map(|()| Later::default());
            at_once.give();
            let [_, expected] = sessions(version, options, &at_once);
            assert_eq!(
                sessions(version, options, &waits),
                [vec![], expected.clone()],
                "{version:#x} {options}"
            );
            assert!(expected.contains(&"got"));
            refused.refuse();
            refused.take_back();
            let [before, _] = sessions(version, options, &refused);
            assert!(before.is_empty());
        }
    }
}

/// A session of a judged client is resumed by nobody, the same as if the callback had answered at once.
#[test]
fn it_is_judged_each_time() {
    for version in [TLS1_2, TLS1_3] {
        let later = Later::default();
        let (client, server) = Kind::ServerVerification.contexts(version, &later);
        let pair = Pair::new(&client, &server, None);
        until_it_waits(&pair);
        later.give();
        pair.shake().unwrap();
        pair.server.write(b"x").unwrap();
        assert_eq!(pair.client.read(&mut [0; 10]).unwrap(), 1);
        let session = pair.client.session().unwrap().expect("a session");
        later.take_back();
        let pair = Pair::new(&client, &server, Some(&session));
        until_it_waits(&pair);
        later.refuse();
        assert!(pair.server.do_handshake().is_err_and(|error| error.status() == Status::CertVerification));
        server.set_verify_callback(VerifyOverride::Never, None);
        let pair = Pair::connected(&client, &server, Some(&session));
        assert!(!pair.server.session_reused());
    }
}

/// One whose certificate is not good, where a callback may accept that.
#[test]
fn an_override_may_wait_and_may_refuse() {
    for version in [TLS1_2, TLS1_3] {
        for refuses in [false, true] {
            let later = Later::default();
            let (client, server) = Kind::ServerVerification.contexts(version, &later);
            pair::identify(&client, "ecdsa");
            let ask = later.clone();
            server.set_verify_callback(
                VerifyOverride::Insecure,
                Some(Arc::new(move |_, seen| {
                    assert_eq!((seen.code(), seen.depth()), (UNSUITABLE, Some(0)));
                    assert!(!seen.sent_chain().as_slice().is_empty());
                    ask.ask()
                })),
            );
            let pair = Pair::new(&client, &server, None);
            until_it_waits(&pair);
            assert!(!pair.server.verify_overridden());
            if refuses {
                later.refuse();
                let error = pair.server.do_handshake().expect_err("refused");
                let detail = error.detail().unwrap();
                assert_eq!(
                    (error.status(), detail.verify_code),
                    (Status::CertVerification, UNSUITABLE),
                    "{error}"
                );
                assert!(detail.alert_sent.is_some() && detail.depth == Some(0));
                continue;
            }
            later.give();
            pair.shake().unwrap();
            assert!(pair.server.verify_overridden());
            assert_eq!(pair.server.verify_result().unwrap(), UNSUITABLE);
            assert!(pair.server.getpeercert().unwrap().is_none());
        }
    }
}

/// What the context asks that a connection has got meanwhile counts as well.
#[test]
fn another_context_asks_too() {
    const OTHER_PIN: &str = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    each(|_, pair, later| {
        let (_, other) = Kind::ServerVerification.contexts(TLS1_3, &Later::default());
        let others = Later::default();
        let ask = others.clone();
        other.set_verify_callback(VerifyOverride::Never, Some(Arc::new(move |_, _| ask.ask())));
        pair.server.set_context(&other).unwrap();
        later.give();
        for _ in 0..2 {
            assert!(pair.server.do_handshake().is_err_and(|error| error.waits()));
        }
        others.give();
        pair.shake().unwrap();
        assert!(others.asked() == 3);
    });
    each(|_, pair, later| {
        let (_, other) = Kind::ServerVerification.contexts(TLS1_3, &Later::default());
        other.set_verify_callback(VerifyOverride::Never, None);
        other.set_pins(&[OTHER_PIN]).unwrap();
        pair.server.set_context(&other).unwrap();
        later.give();
        let error = pair.server.do_handshake().expect_err("no pinned key");
        assert_eq!(error.status(), Status::CertVerification, "{error}");
    });
}

/// The check is made again when the verdict comes: the certificate may have expired, or another store is asked by now.
#[test]
fn what_does_not_pass_any_more_is_refused() {
    each(|_, pair, later| {
        pair.server.set_context(&pair::server("ecdsa")).unwrap();
        assert!(pair.server.do_handshake().is_err_and(|error| error.waits()));
        later.give();
        let error = pair.server.do_handshake().expect_err("not trusted");
        assert_eq!(error.status(), Status::CertVerification, "{error}");
        assert!(error.message().contains("does not pass the check any more"), "{error}");
        assert_nothing_is_known(&pair.server);
    });
}

/// Where the context that a connection has got does not allow what the check has refused, the callback's answer is not
/// wanted any more.
#[test]
fn another_context_may_not_override() {
    for version in [TLS1_2, TLS1_3] {
        let later = Later::default();
        let (client, server) = Kind::ServerVerification.contexts(version, &later);
        pair::identify(&client, "ecdsa");
        let ask = later.clone();
        server.set_verify_callback(VerifyOverride::Insecure, Some(Arc::new(move |_, _| ask.ask())));
        let pair = Pair::new(&client, &server, None);
        until_it_waits(&pair);
        let other = pair::server("ecdsa");
        other.set_verify_mode(2).unwrap();
        pair.server.set_context(&other).unwrap();
        later.give();
        let error = pair.server.do_handshake().expect_err("unsuitable");
        assert_eq!((error.detail().unwrap().verify_code, later.asked()), (UNSUITABLE, 1));
    }
}

#[test]
fn where_nothing_is_demanded_the_verdict_counts() {
    for version in [TLS1_2, TLS1_3] {
        for (mode, flags) in
            [(1, WrapFlags::SERVER_SIDE), (0, WrapFlags::SERVER_SIDE | WrapFlags::REPORT_VERIFICATION)]
        {
            for refuses in [false, true] {
                let later = Later::default();
                let (client, server) = Kind::ServerVerification.contexts(version, &later);
                server.set_verify_mode(mode).unwrap();
                let (up, down) = (MemoryBio::new(), MemoryBio::new());
                let pair = Pair {
                    client: client
                        .wrap_bio(Some((&down, &up)), WrapFlags::default(), Some("localhost"), None)
                        .unwrap(),
                    server: server.wrap_bio(Some((&up, &down)), flags, None, None).unwrap(),
                };
                until_it_waits(&pair);
                assert_nothing_is_known(&pair.server);
                if refuses {
                    later.refuse();
                    let error = pair.server.do_handshake().expect_err("refused");
                    assert_eq!(error.detail().unwrap().verify_code, 50, "{error}");
                } else {
                    later.give();
                    pair.shake().unwrap();
                    assert_eq!(pair.server.verify_result().unwrap(), 0);
                }
            }
        }
    }
}

/// A client that is asked after the handshake: what it has sent before is read, what it sends behind its certificate waits.
#[test]
fn one_that_is_asked_later_waits_then() {
    for refuses in [false, true] {
        let later = Later::default();
        let (client, server) = Kind::ServerVerification.contexts(TLS1_3, &later);
        server.set_verify_mode(1).unwrap();
        for context in [&client, &server] {
            context.set_post_handshake_auth(true).unwrap();
        }
        let pair = Pair::new(&client, &server, None);
        pair.shake().unwrap();
        assert_eq!(later.asked(), 0);
        pair.server.verify_client_post_handshake().unwrap();
        pair.server.write(b"who?").unwrap();
        pair.client.write(b"before").unwrap();
        let mut buffer = [0; 10];
        assert_eq!(pair.client.read(&mut buffer).unwrap(), 4);
        pair.client.write(b"after").unwrap();
        assert_eq!(pair.server.read(&mut buffer).unwrap(), 6);
        for _ in 0..3 {
            assert!(pair.server.read(&mut buffer).is_err_and(|error| error.waits()));
            assert!(pair.server.write(b"secret").is_err_and(|error| error.waits()));
            assert_nothing_is_known(&pair.server);
        }
        if refuses {
            later.refuse();
            let error = pair.server.read(&mut buffer).expect_err("refused");
            assert_eq!(error.detail().unwrap().alert_sent, HANDSHAKE_FAILURE, "{error}");
            let told = pair.client.read(&mut buffer).expect_err("an alert");
            assert_eq!(told.detail().unwrap().alert_received, HANDSHAKE_FAILURE, "{told}");
            continue;
        }
        later.give();
        assert_eq!(pair.server.read(&mut buffer).unwrap(), 5);
        assert!(pair.server.getpeercert().unwrap().is_some());
        pair.server.write(b"in").unwrap();
        assert_eq!(pair.client.read(&mut buffer).unwrap(), 2);
    }
}

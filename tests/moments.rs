//! When a change of a context counts: for connections that are made later, for those whose handshake begins later, or at
//! once. The header says it of each setter.

mod certs;
mod pair;

use pair::{Pair, TLS1_2, TLS1_3};
use std::sync::{Arc, Mutex};
use tlsock::*;

/// How far a connection is when its context is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// It is not made yet.
    Before,
    /// It is made, and its handshake has not begun.
    Made,
    /// Its handshake has begun: the client has sent its ClientHello, the server waits for it.
    Begun,
}

/// The first moment at which a change has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counts {
    ForThoseMadeLater,
    ForHandshakesThatBeginLater,
    AtOnce,
}

/// Makes the change at each moment of another connection and tells for which of them `obeys` holds after its handshake.
fn counts(
    contexts: impl Fn() -> (Context, Context),
    change: impl Fn(&Context, &Context),
    obeys: impl Fn(&Pair, Result<()>) -> bool,
) -> Counts {
    let at = |moment: Moment| {
        let (client, server) = contexts();
        if moment == Moment::Before {
            change(&client, &server);
        }
        let pair = Pair::new(&client, &server, None);
        if moment == Moment::Begun {
            for end in [&pair.server, &pair.client] {
                assert!(end.do_handshake().is_err_and(|error| error.is_want()));
            }
        }
        if moment != Moment::Before {
            change(&client, &server);
        }
        let result = finish(&pair);
        obeys(&pair, result)
    };
    match [Moment::Before, Moment::Made, Moment::Begun].map(at) {
        [true, false, false] => Counts::ForThoseMadeLater,
        [true, true, false] => Counts::ForHandshakesThatBeginLater,
        [true, true, true] => Counts::AtOnce,
        other => panic!("no class has these: {other:?}"),
    }
}

/// The handshake, then a byte of the server after its tickets.
fn finish(pair: &Pair) -> Result<()> {
    pair.shake()?;
    pair.server.write(b"!")?;
    pair.client.read(&mut [0]).map(drop)
}

fn at_most(version: i32) -> (Context, Context) {
    let server = pair::server("ecdsa");
    server.set_maximum_version(version).unwrap();
    // It asks its clients for certificates, and does without.
    server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
    server.set_verify_mode(1).unwrap();
    let client = pair::client();
    client.set_alpn_protocols(&["a"]).unwrap();
    if version == TLS1_3 {
        let key: PskClientCallback = Arc::new(|_, _, _| Ok((b"somebody".to_vec(), 16)));
        client.set_psk_client_callback(Some(key)).unwrap();
    }
    (client, server)
}

fn failed(_: &Pair, result: Result<()>) -> bool {
    result.is_err()
}

/// Texts that callbacks have left.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<&'static str>>>);

impl Notes {
    fn add(&self, note: &'static str) {
        self.0.lock().unwrap().push(note);
    }

    fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// A callback of a context, told by the note that it leaves. None takes it away.
type Setter = fn(&Context, &Context, Option<&'static str>, &Notes);

/// When a callback counts that is the first, that replaces one, and when it counts that one is taken away.
fn callback(version: i32, set: Setter) -> [Counts; 3] {
    let notes = Notes::default();
    let told = |expected: &'static [&'static str]| {
        let notes = notes.clone();
        move |_: &Pair, result: Result<()>| {
            result.unwrap();
            let mut seen = notes.take();
            seen.dedup();
            seen == expected
        }
    };
    let with = |old: Option<&'static str>| {
        let notes = notes.clone();
        move || {
            let (client, server) = at_most(version);
            if old.is_some() {
                set(&client, &server, old, &notes);
            }
            (client, server)
        }
    };
    let change = |new: Option<&'static str>| {
        let notes = notes.clone();
        move |client: &Context, server: &Context| set(client, server, new, &notes)
    };
    [
        counts(with(None), change(Some("new")), told(&["new"])),
        counts(with(Some("old")), change(Some("new")), told(&["new"])),
        counts(with(Some("old")), change(None), told(&[])),
    ]
}

#[test]
fn what_a_connection_keeps_that_was_made_before() {
    for version in [TLS1_2, TLS1_3] {
        let when = |change: fn(&Context, &Context)| {
            assert_eq!(counts(|| at_most(version), change, failed), Counts::ForThoseMadeLater, "{version:x}");
        };
        when(|_, server| pair::identify(server, "expired"));
        when(|client, _| client.set_verify_depth(0).unwrap());
        when(|client, _| client.set_max_cert_list(1).unwrap());
        when(|client, _| client.set_ocsp(Ocsp::Require).unwrap());
    }
}

#[test]
fn what_is_asked_of_a_peer_counts_until_it_has_been_checked() {
    const NOBODY: &str = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for version in [TLS1_2, TLS1_3] {
        let when = |change: fn(&Context, &Context)| {
            assert_eq!(counts(|| at_most(version), change, failed), Counts::AtOnce, "{version:x}");
        };
        when(|client, _| client.set_pins(&[NOBODY]).unwrap());
        when(|client, _| client.set_psk_required(true).unwrap());
        when(|_, server| server.set_psk_required(true).unwrap());
        when(|client, _| {
            let refuse = |_: &dyn Connection, _: &Verification| Err(Error::value("refused"));
            client.set_verify_callback(VerifyOverride::Never, Some(Arc::new(refuse)));
        });
    }
}

#[test]
fn callbacks_that_replace_others_count_at_once() {
    use Counts::{AtOnce, ForHandshakesThatBeginLater as Later, ForThoseMadeLater as Made};
    let setters: [(&str, [Counts; 3], Setter); 10] = [
        ("client_hello", [Later, AtOnce, AtOnce], set_client_hello),
        ("identity of a server", [Later, AtOnce, AtOnce], |_, server, note, notes| {
            set_identity(server, "ecdsa", note, notes);
        }),
        ("identity of a client", [Later, AtOnce, AtOnce], |client, _, note, notes| {
            set_identity(client, "client", note, notes);
        }),
        ("sni", [AtOnce; 3], set_sni),
        ("keylog of a server", [Later, AtOnce, AtOnce], |_, server, note, notes| {
            set_keylog(server, note, notes);
        }),
        ("message of a server", [Later, AtOnce, AtOnce], |_, server, note, notes| {
            set_message(server, note, notes);
        }),
        ("verify", [AtOnce; 3], set_verify),
        ("alpn", [AtOnce; 3], set_alpn),
        ("session", [Made, AtOnce, AtOnce], set_session),
        ("session_cache", [Made, AtOnce, AtOnce], set_session_cache),
    ];
    for (version, (what, expected, set)) in
        [TLS1_2, TLS1_3].into_iter().flat_map(|version| setters.map(|case| (version, case)))
    {
        assert_eq!(callback(version, set), expected, "{what} {version:x}");
    }
}

/// In TLS 1.2 the ciphers would have to be chosen for it.
#[test]
fn a_callback_for_keys_that_replaces_another_counts_at_once() {
    use Counts::{AtOnce, ForHandshakesThatBeginLater as Later};
    assert_eq!(callback(TLS1_3, set_psk_server), [Later, AtOnce, AtOnce]);
}

fn set_client_hello(_: &Context, server: &Context, note: Option<&'static str>, notes: &Notes) {
    let notes = notes.clone();
    let callback = note.map(|note| -> ClientHelloCallback {
        Arc::new(move |_, _| {
            notes.add(note);
            Ok(())
        })
    });
    server.set_client_hello_callback(callback).unwrap();
}

fn set_identity(context: &Context, name: &'static str, note: Option<&'static str>, notes: &Notes) {
    let notes = notes.clone();
    context.set_identity_callback(note.map(|note| -> IdentityCallback {
        Arc::new(move |_, request| {
            notes.add(note);
            let file = |end: &str| certs::folder().join(format!("{name}.{end}"));
            request.answer(Some(Identity::from_files(&file("pem"), Some(&file("key")), None)?));
            Ok(())
        })
    }));
}

fn set_sni(_: &Context, server: &Context, note: Option<&'static str>, notes: &Notes) {
    let notes = notes.clone();
    let callback = note.map(|note| -> SniCallback {
        Arc::new(move |_, _, _| {
            notes.add(note);
            Ok(())
        })
    });
    server.set_sni_callback(callback).unwrap();
}

fn set_keylog(context: &Context, note: Option<&'static str>, notes: &Notes) {
    let notes = notes.clone();
    let callback = note.map(|note| -> KeylogCallback {
        Arc::new(move |_, _| {
            notes.add(note);
            Ok(())
        })
    });
    context.set_keylog_callback(callback).unwrap();
}

fn set_message(context: &Context, note: Option<&'static str>, notes: &Notes) {
    let notes = notes.clone();
    context.set_message_callback(note.map(|note| -> MessageCallback {
        Arc::new(move |_, _| {
            notes.add(note);
            Ok(())
        })
    }));
}

fn set_psk_server(_: &Context, server: &Context, note: Option<&'static str>, notes: &Notes) {
    let notes = notes.clone();
    let callback = note.map(|note| -> PskServerCallback {
        Arc::new(move |_, _, _| {
            notes.add(note);
            Ok(0)
        })
    });
    server.set_psk_server_callback(callback, None).unwrap();
}

fn set_verify(client: &Context, _: &Context, note: Option<&'static str>, notes: &Notes) {
    let notes = notes.clone();
    let callback = note.map(|note| -> VerifyCallback {
        Arc::new(move |_, _| {
            notes.add(note);
            Ok(())
        })
    });
    client.set_verify_callback(VerifyOverride::Never, callback);
}

fn set_alpn(_: &Context, server: &Context, note: Option<&'static str>, notes: &Notes) {
    let notes = notes.clone();
    let callback = note.map(|note| -> AlpnCallback {
        Arc::new(move |_, _, _| {
            notes.add(note);
            Ok(Some(0))
        })
    });
    server.set_alpn_callback(callback).unwrap();
}

fn set_session(client: &Context, _: &Context, note: Option<&'static str>, notes: &Notes) {
    let notes = notes.clone();
    let callback = note.map(|note| -> SessionCallback {
        Arc::new(move |_, _| {
            notes.add(note);
            Ok(())
        })
    });
    client.set_session_callback(callback).unwrap();
}

/// Tells that it keeps a session, and keeps none.
struct Telling(&'static str, Notes);

impl SessionCache for Telling {
    fn put(&self, _: &dyn Connection, _: &[u8], _: &[u8], _: i64) -> Result<()> {
        self.1.add(self.0);
        Ok(())
    }

    fn get(&self, _: &dyn Connection, _: &[u8], _: &mut [u8]) -> Result<usize> {
        Ok(0)
    }

    fn remove(&self, _: &dyn Connection, _: &[u8]) -> Result<()> {
        Ok(())
    }
}

fn set_session_cache(_: &Context, server: &Context, note: Option<&'static str>, notes: &Notes) {
    const OP_NO_TICKET: u64 = 1 << 14;
    if server.options() & OP_NO_TICKET == 0 {
        server.set_options(server.options() | OP_NO_TICKET).unwrap();
    }
    let cache = note.map(|note| -> Arc<dyn SessionCache> { Arc::new(Telling(note, notes.clone())) });
    server.set_session_cache(cache).unwrap();
}

/// The first keys of tickets are those of the next generation of the context; others replace them where they are.
#[test]
fn ticket_keys_that_replace_others_count_at_once() {
    for version in [TLS1_2, TLS1_3] {
        let keyed = |keys: &[u8]| {
            let (_, server) = at_most(version);
            server.set_ticket_keys(&[keys]).unwrap();
            server
        };
        let is_new = |pair: &Pair, result: Result<()>| {
            result.unwrap();
            let session = pair.client.session().unwrap().unwrap();
            Pair::connected(&pair.client.context(), &keyed(&[2; 80]), Some(&session)).client.session_reused()
        };
        let change = |_: &Context, server: &Context| server.set_ticket_keys(&[&[2; 80]]).unwrap();
        assert_eq!(counts(|| at_most(version), change, is_new), Counts::ForThoseMadeLater);
        assert_eq!(counts(|| (pair::client(), keyed(&[1; 80])), change, is_new), Counts::AtOnce);
    }
}

#[test]
fn chains_are_kept_of_connections_that_were_made_before_too() {
    let is_kept = |pair: &Pair, result: Result<()>| {
        result.unwrap();
        let client = pair.client.context();
        Pair::connected(&client, &pair.server.context(), None);
        client.chain_cache_hits() == 1
    };
    let change = |client: &Context, _: &Context| client.set_chain_cache(true);
    assert_eq!(counts(|| at_most(TLS1_3), change, is_kept), Counts::AtOnce);
}

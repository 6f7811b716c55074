//! A cache outside of the process for the sessions of servers: each server that shares it resumes the others' sessions.

#[path = "session_cache/broken.rs"]
mod broken;
mod certs;
mod pair;

use pair::{Pair, TLS1_2, TLS1_3, server};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tlsock::{
    Connection, Context, Error, MemoryBio, Result, Session, SessionCache, Status, WrapFlags, backend,
};

const OP_NO_TICKET: u64 = 1 << 14;
const VERSIONS: [i32; 2] = [TLS1_2, TLS1_3];

/// What a store is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Put,
    Get,
    Remove,
}

#[derive(Default)]
struct Store {
    kept: Mutex<HashMap<Vec<u8>, Vec<u8>>>,
    asked: Mutex<Vec<Asked>>,
    seconds: Mutex<i64>,
    failing: Mutex<Option<Asked>>,
}

impl Store {
    fn note(&self, asked: Asked) -> Result<()> {
        self.asked.lock().unwrap().push(asked);
        match *self.failing.lock().unwrap() {
            Some(failing) if failing == asked => Err(Error::new(Status::Value, "the store has failed")),
            _ => Ok(()),
        }
    }

    fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    fn count(&self) -> usize {
        self.kept.lock().unwrap().len()
    }

    fn change(&self, change: impl FnMut(&mut Vec<u8>)) {
        self.kept.lock().unwrap().values_mut().for_each(change);
    }
}

impl SessionCache for Store {
    fn put(&self, _: &dyn Connection, id: &[u8], data: &[u8], seconds: i64) -> Result<()> {
        self.note(Asked::Put)?;
        *self.seconds.lock().unwrap() = seconds;
        self.kept.lock().unwrap().insert(id.to_vec(), data.to_vec());
        Ok(())
    }

    fn get(&self, _: &dyn Connection, id: &[u8], data: &mut [u8]) -> Result<usize> {
        self.note(Asked::Get)?;
        let kept = self.kept.lock().unwrap();
        let Some(found) = kept.get(id) else { return Ok(0) };
        let fits = found.len().min(data.len());
        data[..fits].copy_from_slice(&found[..fits]);
        Ok(found.len())
    }

    fn remove(&self, _: &dyn Connection, id: &[u8]) -> Result<()> {
        self.note(Asked::Remove)?;
        self.kept.lock().unwrap().remove(id);
        Ok(())
    }
}

fn keeping(version: i32, store: &Arc<Store>) -> Context {
    let server = server("ecdsa");
    server.set_maximum_version(version).expect("a version");
    server.set_options(server.options() | OP_NO_TICKET).expect("options");
    let store: Arc<dyn SessionCache> = Arc::clone(store) as _;
    server.set_session_cache(Some(store)).expect("a cache");
    server
}

fn client() -> Context {
    let client = pair::client();
    client.set_check_hostname(false).expect("a change");
    client.set_verify_mode(0).expect("a change");
    client
}

fn session(client: &Context, server: &Context) -> Session {
    Pair::connected(client, server, None).client.session().expect("no failure").expect("a session")
}

fn resumes(client: &Context, server: &Context, session: &Session) -> bool {
    Pair::connected(client, server, Some(session)).client.session_reused()
}

#[test]
fn servers_that_share_a_store_resume_each_others_sessions() {
    for version in VERSIONS {
        let (store, client) = (Arc::new(Store::default()), client());
        let (one, two) = (keeping(version, &store), keeping(version, &store));
        let session = session(&client, &one);
        assert!(store.count() > 0 && store.asked().contains(&Asked::Put), "{version:x}");
        assert!((7100..=7200).contains(&*store.seconds.lock().unwrap()), "{version:x}");
        assert!(resumes(&client, &two, &session), "{version:x}");
        assert!(store.asked().contains(&Asked::Get), "{version:x}");
        assert!(resumes(&client, &one, &session), "{version:x}: out of the store too");
        let other = Arc::new(Store::default());
        assert!(!resumes(&client, &keeping(version, &other), &session), "{version:x}: another store");
        store.kept.lock().unwrap().clear();
        assert!(!resumes(&client, &one, &session), "{version:x}: nothing is kept in the context");
    }
}

#[test]
fn tickets_are_kept_nowhere() {
    for version in VERSIONS {
        let (store, client) = (Arc::new(Store::default()), client());
        let server = keeping(version, &store);
        server.set_options(server.options() & !OP_NO_TICKET).expect("options");
        let session = session(&client, &server);
        assert!(resumes(&client, &server, &session), "{version:x}");
        // Clients of TLS 1.2 may show a random id, which the store is asked for.
        assert!(!store.asked().contains(&Asked::Put), "{version:x}");
    }
}

#[test]
fn what_is_damaged_or_anothers_is_forgotten_and_not_resumed() {
    type Change = fn(&mut Vec<u8>);
    let changes: [(&str, Change); 6] = [
        ("a bit", |data| data[60] ^= 1),
        ("the digest", |data| *data.last_mut().unwrap() ^= 1),
        ("the mark", |data| data[0] ^= 1),
        ("cut", |data| data.truncate(data.len() - 1)),
        ("short", |data| data.truncate(10)),
        ("longer", |data| data.push(0)),
    ];
    for (version, (what, change)) in VERSIONS.into_iter().flat_map(|v| changes.map(|change| (v, change))) {
        let (store, client) = (Arc::new(Store::default()), client());
        let server = keeping(version, &store);
        let session = session(&client, &server);
        store.change(change);
        store.asked();
        assert!(!resumes(&client, &server, &session), "{version:x} {what}");
        assert!(store.asked().contains(&Asked::Remove), "{version:x} {what}");
    }
}

/// The store answers with the session of another id.
#[test]
fn one_session_is_not_given_for_another() {
    for version in VERSIONS {
        let (store, client) = (Arc::new(Store::default()), client());
        let server = keeping(version, &store);
        let (first, _) = (session(&client, &server), session(&client, &server));
        {
            let mut kept = store.kept.lock().unwrap();
            let other = kept.iter().find(|(id, _)| id.as_slice() != first.id()).unwrap().1.clone();
            kept.values_mut().for_each(|data| data.clone_from(&other));
        }
        let pair = Pair::connected(&client, &server, Some(&first));
        assert!(version == TLS1_3 || !pair.client.session_reused(), "{version:x}");
    }
}

#[test]
fn a_store_that_fails_ends_the_handshake() {
    for (version, failing) in VERSIONS.into_iter().flat_map(|v| [(v, Asked::Put), (v, Asked::Get)]) {
        let (store, client) = (Arc::new(Store::default()), client());
        let server = keeping(version, &store);
        let session = session(&client, &server);
        *store.failing.lock().unwrap() = Some(failing);
        let pair = Pair::new(&client, &server, Some(&session).filter(|_| failing == Asked::Get));
        let failure = (0..20).find_map(|_| {
            let _ = pair.client.do_handshake();
            pair.server.do_handshake().err().filter(|error| !error.is_want())
        });
        let failure = failure.unwrap_or_else(|| panic!("{version:x} {failing:?}"));
        assert!(failure.message().contains("the store has failed"), "{version:x} {failing:?}: {failure}");
    }
}

#[test]
fn an_answer_longer_than_its_room_is_refused() {
    struct TooLong;
    impl SessionCache for TooLong {
        fn put(&self, _: &dyn Connection, _: &[u8], _: &[u8], _: i64) -> Result<()> {
            Ok(())
        }
        fn get(&self, _: &dyn Connection, _: &[u8], data: &mut [u8]) -> Result<usize> {
            Ok(data.len() + 1)
        }
        fn remove(&self, _: &dyn Connection, _: &[u8]) -> Result<()> {
            Ok(())
        }
    }
    for version in VERSIONS {
        let client = client();
        let server = keeping(version, &Arc::new(Store::default()));
        let session = session(&client, &server);
        server.set_session_cache(Some(Arc::new(TooLong))).expect("a cache");
        let pair = Pair::new(&client, &server, Some(&session));
        pair.client.do_handshake().expect_err("the server has not answered");
        let error = pair.server.do_handshake().expect_err("too long");
        assert!(error.message().contains("a session cannot be longer than 65536 bytes"), "{error}");
    }
}

#[test]
fn without_a_cache_the_context_keeps_sessions_again() {
    for version in VERSIONS {
        let (store, client) = (Arc::new(Store::default()), client());
        let server = keeping(version, &store);
        server.set_session_cache(None).expect("no cache");
        let session = session(&client, &server);
        assert!(resumes(&client, &server, &session), "{version:x}");
        assert_eq!((store.count(), store.asked()), (0, Vec::new()), "{version:x}");
    }
}

/// A strict server does not take a session that a lax server has put into the same store.
#[test]
fn who_asks_for_more_takes_no_session_of_who_asks_for_less() {
    for version in VERSIONS {
        let (store, client) = (Arc::new(Store::default()), client());
        let (lax, strict) = (keeping(version, &store), keeping(version, &store));
        strict.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).expect("a CA");
        strict.set_verify_mode(2).expect("a mode");
        let stolen = session(&client, &lax);
        let pair = Pair::new(&client, &strict, Some(&stolen));
        let _ = pair.shake();
        assert!(!pair.server.session_reused(), "{version:x}");
        pair::identify(&client, "client");
        let proved = session(&client, &strict);
        assert!(resumes(&client, &strict, &proved), "{version:x}");
    }
}

/// The tags of the fields of a session in DER, in stored bytes.
fn fields(data: &[u8]) -> Vec<u8> {
    let start = data.iter().position(|byte| *byte == b'\n').expect("the mark's end") + 1;
    let mut rest = &data[start..data.len() - 32];
    let mut tags = Vec::new();
    while let [tag, len, content @ ..] = rest {
        let more = if *len < 0x80 { 0 } else { usize::from(len & 0x7F) };
        let long = content[..more].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        let len = if more == 0 { usize::from(*len) } else { long };
        // What all the fields are in.
        let skipped = if tags.is_empty() { more } else { more + len };
        tags.push(*tag);
        rest = &content[skipped..];
    }
    tags
}

/// AWS-LC hands on to each further session of TLS 1.3 when the peer has to prove itself again, if that is not at the session's own end.
#[test]
fn a_proof_is_not_handed_on_beyond_its_session() {
    const FURTHER_END: u8 = 0xB9;
    let has_further_end = |version, verifies| {
        let (store, client) = (Arc::new(Store::default()), client());
        let server = keeping(version, &store);
        if verifies {
            server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).expect("a CA");
            server.set_verify_mode(2).expect("a mode");
            pair::identify(&client, "client");
        }
        let first = session(&client, &server);
        assert!(resumes(&client, &server, &first));
        let kept = store.kept.lock().unwrap();
        assert!(!kept.is_empty());
        kept.values().any(|data| fields(data).contains(&FURTHER_END))
    };
    for version in VERSIONS {
        assert!(!has_further_end(version, true), "{version:x}");
    }
    assert_eq!(has_further_end(TLS1_3, false), backend() == c"aws-lc");
}

/// Puts another number in the place of a field of a session in DER, and the digest of it all at the end.
fn forge(data: &mut Vec<u8>, tag: u8, number: [u8; 8]) {
    data.truncate(data.len() - 32);
    let start = data.iter().position(|byte| *byte == b'\n').expect("the mark's end") + 1;
    let head = 2 + usize::from(data[start + 1] & 0x7F);
    let mut body = data.split_off(start).split_off(head);
    let field = body.windows(4).position(|at| at[0] == tag && at[2] == 2 && at[1] == at[3].wrapping_add(2));
    let field = field.expect("the field");
    let len = usize::from(body[field + 1]);
    body.splice(field..field + 2 + len, [&[tag, 10, 2, 8][..], &number].concat());
    data.extend([0x30, 0x82]);
    data.extend((body.len() as u16).to_be_bytes());
    data.extend(body);
    data.extend(pair::sha256(data));
}

/// A program that writes to the store chooses when a session was made and how long it lasts.
#[test]
fn no_time_of_a_stored_session_is_too_large() {
    const TIME: u8 = 0xA1;
    const TIMEOUT: u8 = 0xA2;
    let (most, least) = (i64::MAX.to_be_bytes(), i64::MIN.to_be_bytes());
    for (version, (time, timeout)) in
        VERSIONS.into_iter().flat_map(|v| [(v, (most, most)), (v, (least, least)), (v, (most, least))])
    {
        let (store, client) = (Arc::new(Store::default()), client());
        let server = keeping(version, &store);
        let session = session(&client, &server);
        store.change(|data| forge(data, TIME, time));
        store.change(|data| forge(data, TIMEOUT, timeout));
        Pair::connected(&client, &server, Some(&session));
        assert!(store.asked().contains(&Asked::Get), "{version:x}");
    }
}

/// A ClientHello of TLS 1.2 that offers the session of an id.
fn hello(id: &[u8]) -> Vec<u8> {
    let extensions = b"\0\x0A\0\x04\0\x02\0\x17\0\x0B\0\x02\x01\0\0\x0D\0\x04\0\x02\x04\x03";
    let mut hello = [&[3, 3][..], &[7; 32], &[id.len() as u8], id, b"\0\x02\xC0\x2B\x01\0"].concat();
    hello.extend((extensions.len() as u16).to_be_bytes());
    hello.extend(extensions);
    let message = [&[1, 0, 0, hello.len() as u8], &hello[..]].concat();
    [&[22, 3, 1, 0, message.len() as u8], &message[..]].concat()
}

/// All ids that the store is given have 32 bytes, and so have those that it is asked for: a client can show shorter ones.
#[test]
fn only_ids_as_this_library_gives_them_are_asked_for() {
    for (len, asked) in [(1, false), (31, false), (32, true)] {
        let store = Arc::new(Store::default());
        let server = keeping(TLS1_2, &store);
        let (up, down) = (MemoryBio::new(), MemoryBio::new());
        let end = server.wrap_bio(Some((&up, &down)), WrapFlags::SERVER_SIDE, None, None).expect("a server");
        up.write(&hello(&vec![5; len])).expect("room");
        assert_eq!(end.do_handshake().expect_err("the client says no more").status(), Status::WantRead);
        assert_eq!(store.asked().contains(&Asked::Get), asked, "{len}");
    }
}

/// In TLS 1.2 a session brings its cipher along, also out of a store.
#[test]
fn a_session_brings_no_cipher_that_the_server_does_not_allow() {
    let store = Arc::new(Store::default());
    let allowing = |ciphers| {
        let server = keeping(TLS1_2, &store);
        server.set_ciphers(ciphers).expect("ciphers");
        server
    };
    let client = client();
    client.set_ciphers("ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-GCM-SHA384").expect("ciphers");
    let session = session(&client, &allowing("ECDHE-ECDSA-AES128-SHA"));
    assert!(resumes(&client, &allowing("ECDHE-ECDSA-AES128-SHA"), &session));
    assert!(!resumes(&client, &allowing("ECDHE-ECDSA-AES256-GCM-SHA384"), &session));
}

/// A copy has its own sessions, and shares none with the original.
#[test]
fn a_copy_has_no_part_in_the_store() {
    for version in VERSIONS {
        let (store, client) = (Arc::new(Store::default()), client());
        let server = keeping(version, &store);
        let copy = server.copy().expect("a copy");
        let of_the_server = session(&client, &server);
        store.asked();
        assert!(!resumes(&client, &copy, &of_the_server), "{version:x}");
        let of_the_copy = session(&client, &copy);
        assert!(resumes(&client, &copy, &of_the_copy), "{version:x}");
        assert_eq!(store.asked(), [], "{version:x}");
        assert!(!resumes(&client, &server, &of_the_copy), "{version:x}");
    }
}

#[test]
fn only_servers_have_one() {
    let error = client().set_session_cache(None).expect_err("a client");
    assert_eq!(error.message(), "a session cache is for a server, and this is a PROTOCOL_TLS_CLIENT context");
}

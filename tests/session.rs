//! Sessions: the counters of their context, and sessions as bytes.
#![allow(clippy::print_stdout)]

mod certs;
mod pair;
mod reference;

use pair::{Pair, TLS1_2, TLS1_3, client, server};
use reference::Dice;
use serde_json::{Value, json};
use std::process::Command;
use tlsock::context::PROTOCOL_TLS_CLIENT;
use tlsock::*;

const DIGEST: usize = 32;

fn up_to(version: i32) -> Context {
    let context = client();
    context.set_maximum_version(version).expect("a version");
    context
}

/// A session that can be resumed.
fn session(client: &Context, server: &Context) -> Session {
    Pair::connected(client, server, None).client.session().unwrap().expect("a session")
}

fn counters(context: &Context) -> Value {
    let stats = context.session_stats();
    json!({
        "number": stats.number,
        "connect": stats.connect,
        "connect_good": stats.connect_good,
        "connect_renegotiate": stats.connect_renegotiate,
        "accept": stats.accept,
        "accept_good": stats.accept_good,
        "accept_renegotiate": stats.accept_renegotiate,
        "hits": stats.hits,
        "misses": stats.misses,
        "timeouts": stats.timeouts,
        "cache_full": stats.cache_full,
    })
}

fn refusal(result: Result<Session>) -> String {
    let Err(error) = result else { panic!("accepted") };
    assert_eq!(error.status(), Status::Value, "{error}");
    error.message().to_string()
}

#[test]
fn counters_are_those_of_the_reference() {
    let script = "
def shake(client, server):
    while True:
        done = 0
        for end in client, server:
            try:
                end.do_handshake()
                done += 1
            except ssl.SSLWantReadError:
                pass
        if done == 2:
            server.write(b'!')
            client.read(1)
            return
def stats(version):
    client = ssl.create_default_context(cafile=input['ca'])
    client.maximum_version = version
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(input['cert'], input['key'])
    session = None
    for _ in range(3):
        up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
        one = client.wrap_bio(down, up, server_hostname='localhost', session=session)
        shake(one, server.wrap_bio(up, down, server_side=True))
        session = one.session
    return [client.session_stats(), server.session_stats()]
print(json.dumps([stats(version) for version in input['versions']]))";
    let path = |name: &str| certs::folder().join(name).to_str().expect("UTF-8").to_string();
    let versions = [TLS1_2, TLS1_3];
    let input = json!({
        "ca": path("ca.pem"), "cert": path("ecdsa.pem"), "key": path("ecdsa.key"), "versions": versions
    });
    let ours = versions.map(|version| {
        let (client, server) = (up_to(version), server("ecdsa"));
        assert_eq!(client.session_stats(), SessionStats::default());
        let mut last = None;
        for _ in 0..3 {
            last = Pair::connected(&client, &server, last.as_ref()).client.session().unwrap();
        }
        assert_eq!((client.session_stats().connect_good, server.session_stats().hits), (3, 2));
        [counters(&client), counters(&server)]
    });
    let Some(theirs) = reference::ask(script, &input) else { return };
    assert_eq!(json!(ours), theirs);
}

#[test]
fn counters_survive_changes_of_the_context() {
    let (client, server) = (client(), server("ecdsa"));
    let mut alive = Vec::new();
    for round in 1..=4 {
        alive.push(Pair::connected(&client, &server, None));
        client.set_options(client.options() ^ 1 << 14).expect("options");
        server.set_options(server.options() ^ 1 << 14).expect("options");
        if round == 3 {
            alive.clear();
        }
        let (ours, theirs) = (client.session_stats(), server.session_stats());
        assert_eq!((ours.connect, ours.connect_good, ours.accept), (round, round, 0));
        assert_eq!((theirs.accept, theirs.accept_good, theirs.connect), (round, round, 0));
    }
}

#[test]
fn counters_add_up_while_threads_change_the_context() {
    const ROUNDS: usize = 20;
    let (client, server) = (client(), server("ecdsa"));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    Pair::connected(&client, &server, None);
                    server.set_options(server.options() ^ 1 << 14).expect("options");
                }
            });
        }
        let mut last = 0;
        while last < 2 * ROUNDS as i64 {
            let now = server.session_stats().accept;
            assert!(now >= last, "{now} after {last}");
            last = now;
        }
    });
}

#[test]
fn bytes_resume_in_the_same_context_and_in_an_equal_one() {
    for version in [TLS1_2, TLS1_3] {
        let (first, server) = (up_to(version), server("ecdsa"));
        let session = session(&first, &server);
        let data = session.data().expect("bytes");
        for context in [first, up_to(version)] {
            let again = Session::from_data(&context, &data).expect("a session");
            assert!(again.equal(&session));
            assert_eq!((again.time(), again.timeout()), (session.time(), session.timeout()));
            assert_eq!(again.has_ticket(), session.has_ticket());
            let pair = Pair::connected(&context, &server, Some(&again));
            assert!(pair.client.session_reused() && pair.server.session_reused());
            assert!(pair.client.getpeercert().expect("a finished handshake").is_some());
        }
    }
}

#[test]
fn a_session_of_bytes_is_bound_to_its_context_and_name() {
    let (first, server) = (client(), server("ecdsa"));
    let data = session(&first, &server).data().expect("bytes");
    let again = Session::from_data(&first, &data).expect("a session");
    let refuse = |context: &Context, name| {
        let wrapped = context.wrap_bio(None, WrapFlags::default(), Some(name), Some(&again));
        let Err(error) = wrapped else { panic!("accepted") };
        assert_eq!(error.status(), Status::Value);
        error.message().to_string()
    };
    assert_eq!(refuse(&first, "other.example"), "session was made for another server_hostname");
    assert_eq!(refuse(&client(), "localhost"), "Session refers to a different SSLContext.");
}

#[test]
fn bytes_are_refused_by_a_context_of_other_trust() {
    let data = session(&client(), &server("ecdsa")).data().expect("bytes");
    let folder = certs::folder();
    let changed = |change: &dyn Fn(&Context) -> Result<()>| {
        let context = client();
        change(&context).expect("a change");
        context
    };
    let others = [
        Context::new(PROTOCOL_TLS_CLIENT).expect("a context"),
        Context::create_default(129, Some(&folder.join("unknown-ca.pem")), None, None).expect("a context"),
        changed(&|context| context.load_verify_locations(Some(&folder.join("unknown-ca.pem")), None, None)),
        changed(&|context| context.load_verify_locations(None, Some(folder), None)),
        changed(&|context| context.set_verify_flags(context.verify_flags() & !0x20)),
        changed(&|context| context.set_check_hostname(false)),
        changed(&|context| context.set_hostname_checks_common_name(false)),
        changed(&|context| context.set_check_hostname(false).and_then(|()| context.set_verify_mode(0))),
    ];
    for (index, context) in others.iter().enumerate() {
        let words = refusal(Session::from_data(context, &data));
        assert!(words.contains("trusts or checks other than this one"), "{index}: {words}");
    }
    // Trust is the same if a CA was loaded twice, or from another place.
    let same = changed(&|context| {
        context.load_verify_locations(None, None, Some(&certs::read("ca.pem")))?;
        context.set_ciphers("ECDHE+AESGCM")
    });
    Session::from_data(&same, &data).expect("a session");
}

#[test]
fn trust_in_a_session_made_without_verifying_is_not_gained() {
    let unchecked = client();
    unchecked.set_check_hostname(false).expect("a change");
    unchecked.set_verify_mode(0).expect("a change");
    let data = session(&unchecked, &server("self-signed")).data().expect("bytes");
    let again = Session::from_data(&unchecked, &data).expect("a session");
    unchecked.set_verify_mode(2).expect("a change");
    let wrapped = unchecked.wrap_bio(None, WrapFlags::default(), Some("localhost"), Some(&again));
    assert_eq!(wrapped.map(|_| ()).map_err(|error| error.status()), Err(Status::Value));
    assert!(refusal(Session::from_data(&unchecked, &data)).contains("other than this one"));
}

#[test]
fn bytes_of_anything_else_are_refused() {
    let context = client();
    let data = session(&context, &server("ecdsa")).data().expect("bytes");
    let foreign = "data is not a session of this version of the library";
    assert_eq!(refusal(Session::from_data(&context, b"")), foreign);
    assert_eq!(refusal(Session::from_data(&context, b"-----BEGIN SSL SESSION PARAMETERS-----")), foreign);
    let end = data.iter().position(|byte| *byte == b'\n').expect("a mark");
    let mut other_version = data.clone();
    other_version[end - 1] ^= 1;
    assert_eq!(refusal(Session::from_data(&context, &other_version)), foreign);
    for len in end + 1..data.len() {
        assert_eq!(refusal(Session::from_data(&context, &data[..len])), "data is damaged", "{len}");
    }
    let longer = [&data[..], b"\0"].concat();
    assert_eq!(refusal(Session::from_data(&context, &longer)), "data is damaged");
    for index in end + 1..data.len() {
        let mut damaged = data.clone();
        damaged[index] ^= 0x40;
        assert_eq!(refusal(Session::from_data(&context, &damaged)), "data is damaged", "{index}");
    }
}

/// Whatever follows: no library reads what another has written.
#[test]
fn bytes_of_another_backend_are_refused_by_its_name() {
    let context = client();
    let data = session(&context, &server("ecdsa")).data().expect("bytes");
    let own = backend().to_str().expect("text");
    let (other, words) = match own {
        "openssl" => ("aws-lc", "data is a session of AWS-LC, which OpenSSL cannot read"),
        _ => ("openssl", "data is a session of OpenSSL, which AWS-LC cannot read"),
    };
    let end = data.iter().position(|byte| *byte == b'\n').expect("a mark");
    let begin = end - own.len();
    assert_eq!(&data[begin..end], own.as_bytes());
    let foreign = [&data[..begin], other.as_bytes(), &data[end..]].concat();
    assert_eq!(refusal(Session::from_data(&context, &foreign)), words);
}

/// Gives each the digest it must end with.
fn seal(bodies: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let folder = certs::scratch().join("bodies");
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut command = Command::new("openssl");
    command.args(["dgst", "-sha256", "-r"]).current_dir(&folder);
    for (index, body) in bodies.iter().enumerate() {
        std::fs::write(folder.join(index.to_string()), body).expect("a file");
        command.arg(index.to_string());
    }
    let printed = String::from_utf8(certs::run(&mut command)).expect("text");
    let digests = printed.lines().map(|line| {
        let digit = |at: usize| u8::from_str_radix(&line[at..at + 2], 16).expect("hexadecimal");
        (0..2 * DIGEST).step_by(2).map(digit).collect::<Vec<u8>>()
    });
    bodies.into_iter().zip(digests).map(|(body, digest)| [body, digest].concat()).collect()
}

#[test]
fn hostile_bytes_with_the_right_digest_do_no_harm() {
    let mut dice = Dice(0x7153);
    for version in [TLS1_2, TLS1_3] {
        let (context, server) = (up_to(version), server("ecdsa"));
        let data = session(&context, &server).data().expect("bytes");
        let body = &data[..data.len() - DIGEST];
        let mark = data.iter().position(|byte| *byte == b'\n').expect("a mark") + 1;
        let mut bodies = vec![body.to_vec()];
        for _ in 0..300 {
            let mut hostile = body.to_vec();
            for _ in 0..=dice.roll(3) {
                let at = mark + dice.roll(hostile.len() - mark);
                match dice.roll(4) {
                    0 => hostile[at] = dice.roll(256) as u8,
                    1 => hostile[at] ^= 1 << dice.roll(8),
                    2 => hostile.insert(at, dice.roll(256) as u8),
                    _ => hostile.truncate(at.max(mark + 1)),
                }
            }
            bodies.push(hostile);
        }
        // Proved, not proved, or until when something that is neither: the rest is as it was.
        for (proved, until) in [(2, 0), (0, 1), (255, 255)] {
            let mut odd = body.to_vec();
            (odd[mark + DIGEST], odd[mark + DIGEST + 8]) = (proved, until);
            let sealed = seal(vec![odd]).remove(0);
            if (proved, until) != (0, 1) || body[mark + DIGEST + 1..][..8] != [0; 8] {
                assert!(refusal(Session::from_data(&context, &sealed)).contains("data"), "{proved} {until}");
            }
        }
        let (mut accepted, mut refused) = (0, 0);
        for hostile in seal(bodies) {
            let Ok(session) = Session::from_data(&context, &hostile) else {
                refused += 1;
                continue;
            };
            accepted += 1;
            let _ = (session.id().len(), session.time(), session.timeout(), session.has_ticket());
            let (up, down) = (MemoryBio::new(), MemoryBio::new());
            let (plain, name) = (WrapFlags::default(), Some("localhost"));
            let Ok(client) = context.wrap_bio(Some((&down, &up)), plain, name, Some(&session)) else {
                continue;
            };
            let server = server.wrap_bio(Some((&up, &down)), WrapFlags::SERVER_SIDE, None, None);
            // It may fail; it may not end otherwise than with a verified server.
            let pair = Pair { client, server: server.expect("a server") };
            if pair.shake().is_ok() && !pair.client.session_reused() {
                assert!(pair.client.getpeercert().expect("a finished handshake").is_some());
            }
        }
        println!("TLS {version:#x}: {accepted} harmless, {refused} refused");
        assert!(accepted > 0 && refused > 100);
    }
}

#[test]
fn a_session_resumes_as_often_as_it_is_offered() {
    for version in [TLS1_2, TLS1_3] {
        for asked in [false, true] {
            let (client, server) = (up_to(version), server("ecdsa"));
            if asked {
                client.set_session_callback(Some(std::sync::Arc::new(|_, _| Ok(())))).expect("a client");
            }
            let session = session(&client, &server);
            for round in 0..3 {
                let pair = Pair::connected(&client, &server, Some(&session));
                assert!(pair.client.session_reused(), "{version:#x}, callback {asked}, round {round}");
            }
        }
    }
}

#[test]
fn a_handshake_that_cannot_begin_takes_no_session() {
    let (client, server) = (client(), server("ecdsa"));
    let session = session(&client, &server);
    client.set_maximum_version(TLS1_2).expect("a version");
    client.set_minimum_version(TLS1_3).expect("a version");
    let pair = Pair::new(&client, &server, None);
    assert!(pair.client.do_handshake().is_err(), "there is no version");
    let told = pair.client.set_session(&session).expect_err("it is over");
    assert_eq!(told.status(), Status::Value, "{told}");
}

#[test]
fn an_alert_is_not_a_peer_that_closed() {
    let (client, refused, accepted) = (client(), server("expired"), server("ecdsa"));
    let pair = Pair::new(&client, &refused, None);
    assert!(pair.shake().is_err());
    let _ = pair.server.read(&mut [0]);
    assert!(!pair.server.is_peer_closed(), "an alert refused the certificate");

    let pair = Pair::connected(&client, &accepted, None);
    assert!(!pair.server.is_peer_closed());
    pair.client.close_write().expect("close_notify");
    assert_eq!(pair.server.read(&mut [0]).expect("the end"), 0);
    assert!(pair.server.is_peer_closed());
}

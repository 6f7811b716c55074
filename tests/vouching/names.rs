//! One server, several names.

use crate::{ALL, CRL_CHECK_LEAF, Keeping, careless, certs, pair, session_of, visit};
use std::sync::Arc;
use tlsock::{Context, Session};

const REQUIRED: i32 = 2;
/// The front context has it too, and does not insist.
const PARTIAL_CHAIN: u64 = 0x80000;

/// A server that lets in clients of one authority.
fn requiring(keeping: Keeping, authority: &str) -> Context {
    let server = keeping.server("ecdsa");
    server.load_verify_locations(Some(&certs::folder().join(authority)), None, None).expect("authorities");
    server.set_verify_mode(REQUIRED).expect("a mode");
    server
}

/// Serves b.example by the second context and all other names by the first.
fn front(keeping: Keeping, first: &Context, second: &Context) -> Context {
    let front = requiring(keeping, "ca.pem");
    let (first, second) = (first.clone(), second.clone());
    let choose = move |connection: &dyn tlsock::Connection, name: Option<&str>, _: &Context| {
        let named = name.is_some_and(|name| name.eq_ignore_ascii_case("b.example"));
        Ok(connection.set_context(if named { &second } else { &first })?)
    };
    front.set_sni_callback(Some(Arc::new(choose))).expect("a callback");
    front
}

/// A client with a certificate that trusts every server.
fn visitor() -> Context {
    let client = careless();
    pair::identify(&client, "client");
    client
}

/// Visits a name that lets it in, and tells whether it resumed the session.
fn resumes(client: &Context, server: &Context, name: &str, session: &Session) -> bool {
    visit(client, server, name, Some(session)).expect("a handshake").server.session_reused()
}

fn session_at(client: &Context, server: &Context, name: &str) -> Session {
    session_of(&visit(client, server, name, None).expect("a handshake"))
}

#[test]
fn a_session_of_one_name_opens_no_other() {
    for keeping in ALL {
        let (first, second) = (requiring(keeping, "ca.pem"), requiring(keeping, "unknown-ca.pem"));
        let (server, client) = (front(keeping, &first, &second), visitor());
        visit(&client, &server, "b.example", None).map(|_| ()).expect_err("a client of another authority");
        let kept = session_at(&client, &server, "a.example");
        assert!(resumes(&client, &server, "a.example", &kept), "{keeping:?}");
        visit(&client, &server, "b.example", Some(&kept)).map(|_| ()).expect_err("still another authority");
        assert!(resumes(&client, &server, "A.Example", &kept), "{keeping:?}: names have no case");
        assert!(!resumes(&client, &server, "c.example", &kept), "{keeping:?}: another name");
    }
}

#[test]
fn contexts_that_are_alike_share_no_sessions() {
    for keeping in ALL {
        let (first, second) = (requiring(keeping, "ca.pem"), requiring(keeping, "ca.pem"));
        let (server, client) = (front(keeping, &first, &second), visitor());
        let kept = session_at(&client, &server, "b.example");
        assert!(resumes(&client, &server, "b.example", &kept), "{keeping:?}");
        // The same name, with another context.
        let other = first.clone();
        let choose = move |connection: &dyn tlsock::Connection, _: Option<&str>, _: &Context| {
            Ok(connection.set_context(&other)?)
        };
        server.set_sni_callback(Some(Arc::new(choose))).expect("a callback");
        assert!(!resumes(&client, &server, "b.example", &kept), "{keeping:?}");
    }
}

#[test]
fn names_are_told_apart_without_a_callback_too() {
    for keeping in ALL {
        let (server, client) = (keeping.server("ecdsa"), careless());
        let kept = session_at(&client, &server, "a.example");
        assert!(resumes(&client, &server, "a.example", &kept), "{keeping:?}");
        assert!(!resumes(&client, &server, "b.example", &kept), "{keeping:?}");
        assert!(!resumes(&client, &server, "127.0.0.1", &kept), "{keeping:?}: no name");
    }
}

/// What the server trusts changes, of the context that was chosen.
#[test]
fn a_change_of_trust_ends_the_sessions_of_a_server() {
    type Change = fn(&Context) -> tlsock::Result<()>;
    let changes: [Change; 3] = [
        |context| context.load_verify_locations(Some(&certs::folder().join("unknown-ca.pem")), None, None),
        |context| context.set_verify_flags(context.verify_flags() & !PARTIAL_CHAIN),
        |context| {
            context.load_crl_data(&certs::read("crl.pem"))?;
            context.set_verify_flags(context.verify_flags() | CRL_CHECK_LEAF)
        },
    ];
    for keeping in ALL {
        for (index, change) in changes.iter().enumerate() {
            let (first, second) = (requiring(keeping, "ca.pem"), requiring(keeping, "ca.pem"));
            let (server, client) = (front(keeping, &first, &second), visitor());
            let kept = session_at(&client, &server, "b.example");
            change(&second).expect("a change");
            assert!(!resumes(&client, &server, "b.example", &kept), "{keeping:?}, change {index}");
            let kept = session_at(&client, &server, "b.example");
            assert!(resumes(&client, &server, "b.example", &kept), "{keeping:?}, change {index}, after it");
        }
    }
}

#[test]
fn a_list_that_is_added_ends_the_sessions_of_a_server() {
    for keeping in ALL {
        let (server, client) = (requiring(keeping, "ca.pem"), visitor());
        server.load_crl_data(&certs::read("crl.pem")).expect("a list");
        server.set_verify_flags(server.verify_flags() | CRL_CHECK_LEAF).expect("flags");
        let kept = session_at(&client, &server, "a.example");
        assert!(resumes(&client, &server, "a.example", &kept), "{keeping:?}");
        let shop = crate::made::Workshop::new(&format!("added-{:x}-{}", keeping.version, keeping.tickets));
        shop.empty_crl_until("list", crate::made::seconds_now() + 1000);
        server.load_crl_data(&std::fs::read(shop.file("list")).expect("a list")).expect("a list");
        assert!(!resumes(&client, &server, "a.example", &kept), "{keeping:?}");
    }
}

/// The server's context is changed while its handshake waits for the client's certificate.
#[test]
fn a_handshake_of_two_contexts_makes_no_session() {
    for keeping in ALL {
        let (server, other) = (requiring(keeping, "unknown-ca.pem"), requiring(keeping, "ca.pem"));
        let client = visitor();
        let pair = crate::ends(&client, &server, "a.example", None).expect("two ends");
        pair.client.do_handshake().expect_err("a hello");
        pair.server.do_handshake().expect_err("an answer");
        pair.server.set_context(&other).expect("another context");
        pair.shake().expect("a client of the other's");
        crate::talk(&pair).expect("two bytes");
        let kept = session_of(&pair);
        visit(&client, &server, "a.example", Some(&kept)).map(|_| ()).expect_err("a stranger");
    }
}

/// It is unknown by which authorities the client was verified, and so until when that is valid, although the new ones are equal.
#[test]
fn authorities_that_came_during_the_handshake_make_no_session() {
    for keeping in ALL {
        let (server, client) = (requiring(keeping, "ca.pem"), visitor());
        let pair = crate::ends(&client, &server, "a.example", None).expect("two ends");
        pair.client.do_handshake().expect_err("a hello");
        pair.server.do_handshake().expect_err("an answer");
        let again = certs::folder().join("ca.pem");
        server.load_verify_locations(Some(&again), None, None).expect("the same authorities");
        pair.shake().expect("a client that is known");
        crate::talk(&pair).expect("two bytes");
        assert!(!resumes(&client, &server, "a.example", &session_of(&pair)), "{keeping:?}");
    }
}

/// When the lists in a directory end is unknown, and so no session is resumed.
#[test]
fn a_server_that_looks_for_lists_in_a_directory_resumes_nothing() {
    let folder = certs::scratch().join("lists-of-servers");
    std::fs::create_dir_all(&folder).expect("a folder");
    for keeping in ALL {
        let (server, client) = (requiring(keeping, "ca.pem"), visitor());
        server.load_crl_data(&certs::read("crl.pem")).expect("a list");
        server.set_verify_flags(server.verify_flags() | CRL_CHECK_LEAF).expect("flags");
        let before = session_at(&client, &server, "a.example");
        assert!(resumes(&client, &server, "a.example", &before), "{keeping:?}");
        server.load_verify_locations(None, Some(&folder), None).expect("a directory");
        assert!(!resumes(&client, &server, "a.example", &before), "{keeping:?}");
        let kept = session_at(&client, &server, "a.example");
        assert!(!resumes(&client, &server, "a.example", &kept), "{keeping:?}");
    }
}

/// A resumed session keeps what its server has written into it, and can be resumed again.
#[test]
fn what_a_server_has_resumed_it_resumes_again() {
    for keeping in ALL {
        let (server, client) = (requiring(keeping, "ca.pem"), visitor());
        let mut kept = session_at(&client, &server, "a.example");
        for round in 0..3 {
            let pair = visit(&client, &server, "a.example", Some(&kept)).expect("a handshake");
            assert!(pair.server.session_reused(), "{keeping:?}, {round}");
            assert!(pair.server.getpeercert().expect("a handshake").is_some());
            kept = session_of(&pair);
        }
    }
}

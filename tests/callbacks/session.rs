//! Sessions handed over as they become resumable.

use crate::pair::{Pair, TLS1_2, cause, client, server};
use std::sync::{Arc, Mutex};
use tlsock::context::{PROTOCOL_TLS, PROTOCOL_TLS_CLIENT};
use tlsock::{Context, Error, Object, Session, Status};

type Kept = Arc<Mutex<Vec<Session>>>;

fn keep(context: &Context) -> Kept {
    let sessions = Kept::default();
    let kept = Arc::clone(&sessions);
    context
        .set_session_callback(Some(Arc::new(move |connection, session| {
            assert!(Object::of(connection).is_some());
            kept.lock().unwrap().push(session);
            Ok(())
        })))
        .unwrap();
    sessions
}

fn resumes(client: &Context, server: &Context, session: &Session) -> bool {
    Pair::with(client, server, Some("localhost"), Some(session)).connect().client.session_reused()
}

#[test]
fn every_ticket_of_tls_1_3_is_handed_over_and_resumes() {
    let (client, server) = (client(), server());
    let sessions = keep(&client);
    let pair = Pair::new(&client, &server);
    let (client_result, server_result) = pair.shake();
    client_result.unwrap();
    server_result.unwrap();
    assert!(sessions.lock().unwrap().is_empty(), "tickets come with a read");
    pair.pass(&pair.server, &pair.client);
    let kept = sessions.lock().unwrap().clone();
    assert_eq!(kept.len(), 2);
    assert!(!kept[0].equal(&kept[1]));
    for session in &kept {
        assert!(session.has_ticket() && session.timeout() > 0);
        assert!(resumes(&client, &server, session));
    }
    assert!(sessions.lock().unwrap().len() > 2, "resuming brings tickets too");
}

#[test]
fn a_session_of_tls_1_2_comes_with_the_handshake() {
    let (client, server) = (client(), server());
    client.set_maximum_version(TLS1_2).unwrap();
    let sessions = keep(&client);
    let (result, _) = Pair::new(&client, &server).shake();
    result.unwrap();
    let session = sessions.lock().unwrap().pop().expect("a session");
    assert!(resumes(&client, &server, &session));
    assert!(sessions.lock().unwrap().is_empty(), "the same session is not new again");
}

#[test]
fn a_context_of_both_kinds_hands_over_sessions() {
    let context = Context::new(PROTOCOL_TLS).unwrap();
    let sessions = keep(&context);
    Pair::new(&context, &server()).connect();
    assert_eq!(sessions.lock().unwrap().len(), 2);
}

#[test]
fn a_session_vouches_for_what_was_checked() {
    let (trusting, server) = (Context::new(PROTOCOL_TLS_CLIENT).unwrap(), server());
    trusting.set_check_hostname(false).unwrap();
    trusting.set_verify_mode(0).unwrap();
    let sessions = keep(&trusting);
    Pair::new(&trusting, &server).connect();
    let session = sessions.lock().unwrap().pop().expect("a session");
    trusting.set_verify_mode(2).unwrap();
    let pair = Pair::new(&trusting, &server);
    assert_eq!(pair.client.set_session(&session).unwrap_err().status(), Status::Value);
    // A session of another context is refused even if its context demanded more.
    let careful = client();
    let sessions = keep(&careful);
    Pair::new(&careful, &server).connect();
    let session = sessions.lock().unwrap().pop().expect("a session");
    let error = pair.client.set_session(&session).unwrap_err();
    assert_eq!(error.message(), "Session refers to a different SSLContext.");
}

#[test]
fn a_callback_that_keeps_sessions_keeps_no_context() {
    let (client, server) = (client(), server());
    let (owned, kept) = (Arc::new(()), Kept::default());
    let held = Arc::clone(&owned);
    client
        .set_session_callback(Some(Arc::new(move |_, session| {
            let _ = &held;
            kept.lock().unwrap().push(session);
            Ok(())
        })))
        .unwrap();
    drop(Pair::new(&client, &server).connect());
    assert_eq!(Arc::strong_count(&owned), 2);
    drop(client);
    assert_eq!(Arc::strong_count(&owned), 1);
}

#[test]
fn a_failure_is_returned_by_the_next_read_and_no_byte_is_lost() {
    let (client, server) = (client(), server());
    client.set_session_callback(Some(Arc::new(|_, _| Err(Error::new(Status::NoMemory, "no room"))))).unwrap();
    let pair = Pair::new(&client, &server);
    let (client_result, server_result) = pair.shake();
    client_result.unwrap();
    server_result.unwrap();
    pair.server.write(b"x").unwrap();
    let mut buffer = [0; 8];
    assert_eq!(pair.client.read(&mut buffer).unwrap(), 1);
    assert_eq!(buffer[0], b'x');
    let error = pair.client.read(&mut buffer).unwrap_err();
    assert_eq!((error.status(), error.message()), (Status::NoMemory, "no room"));
    client.set_session_callback(None).unwrap();
    pair.pass(&pair.server, &pair.client);
}

#[test]
fn a_failure_within_the_handshake_ends_it() {
    // In TLS 1.2 a session can be resumed before the handshake is done; in 1.3 tickets come after it.
    for (version, ends) in [(TLS1_2, true), (0x304, false)] {
        let (client, server) = (client(), server());
        client.set_maximum_version(version).unwrap();
        client
            .set_session_callback(Some(Arc::new(|_, _| Err(Error::new(Status::NoMemory, "no room")))))
            .unwrap();
        let pair = Pair::new(&client, &server);
        let (result, _) = pair.shake();
        assert_eq!(result.is_err(), ends);
        let Err(error) = result else {
            pair.pass(&pair.client, &pair.server);
            continue;
        };
        assert_eq!((error.status(), error.message()), (Status::NoMemory, "no room"));
        assert_eq!(cause(&error), Some((Status::NoMemory, "no room")));
        let error = pair.client.write(b"secret").unwrap_err();
        assert_eq!(error.message(), "a callback that failed has ended this connection: no room");
    }
}

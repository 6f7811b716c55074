//! Watching the protocol.

use crate::pair::{Pair, TLS1_2, cause, client, server};
use crate::{certs, reference};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tlsock::{Connection, Context, Error, Message, MessageCallback, Object, Pump, Refusal, Result, Status};

const HEADER: i32 = 256;
const HANDSHAKE: i32 = 22;
const CLIENT_HELLO: i32 = 1;

type Seen = Arc<Mutex<Vec<Value>>>;

/// Keeps what identifies each message.
fn watch(context: &Context) -> Seen {
    let seen = Seen::default();
    let kept = Arc::clone(&seen);
    let callback: MessageCallback =
        Arc::new(move |_: &dyn Connection, message: &Message<'_>| -> Result<()> {
            let direction = if message.written { "write" } else { "read" };
            let Message { version, content_type, msg_type, .. } = *message;
            kept.lock().unwrap().push(json!([direction, version, content_type, msg_type]));
            Ok(())
        });
    context.set_message_callback(Some(callback));
    seen
}

fn failing(words: &'static str) -> Option<MessageCallback> {
    Some(Arc::new(move |_, _| Err(Error::type_error(words))))
}

#[test]
fn the_first_messages_of_a_client() {
    let client = client();
    let messages = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&messages);
    client.set_message_callback(Some(Arc::new(move |connection, message| {
        assert!(Object::of(connection).is_some());
        kept.lock().unwrap().push((
            message.written,
            message.content_type,
            message.msg_type,
            message.data.len(),
        ));
        Ok(())
    })));
    let pair = Pair::new(&client, &server());
    assert!(pair.client.do_handshake().unwrap_err().is_want());
    let messages = messages.lock().unwrap();
    assert_eq!(messages[0], (true, HEADER, HANDSHAKE, 5));
    let (written, content_type, msg_type, len) = messages[1];
    assert_eq!((written, content_type, msg_type), (true, HANDSHAKE, CLIENT_HELLO));
    assert_eq!(len + 5, pair.to_server.pending());
}

#[test]
fn messages_are_those_of_python() {
    if !crate::version::is_openssl_3_0("the order of messages") {
        return;
    }
    let file = |name| certs::folder().join(name);
    for version in [TLS1_2, 0x304] {
        let input = json!({"cert": file("ecdsa.pem"), "key": file("ecdsa.key"), "version": version});
        let Some(theirs) = reference::ask(PYTHON, &input) else { return };
        let (client, server) = (client(), server());
        client.set_check_hostname(false).unwrap();
        client.set_verify_mode(0).unwrap();
        client.set_maximum_version(version).unwrap();
        let (ours, servers) = (watch(&client), watch(&server));
        let pair = Pair::with(&client, &server, None, None);
        let (client, server) = pair.shake();
        client.unwrap();
        server.unwrap();
        assert_eq!(json!([*ours.lock().unwrap(), *servers.lock().unwrap()]), theirs, "{version:#x}");
    }
}

const PYTHON: &str = r#"
def watch(context):
    seen = []
    context._msg_callback = lambda connection, direction, version, content_type, msg_type, data: seen.append(
        [direction, int(version), int(content_type), int(msg_type)])
    return seen

server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
server.load_cert_chain(input["cert"], input["key"])
client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
client.maximum_version = input["version"]
seen = [watch(client), watch(server)]
there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
ends = [client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True)]
while ends:
    for end in list(ends):
        try:
            end.do_handshake()
            ends.remove(end)
        except ssl.SSLWantReadError:
            pass
print(json.dumps(seen))
"#;

/// Fails at the message of this number, of those that this side sends or receives, and counts the calls.
fn failing_at(context: &Context, number: usize) -> Arc<AtomicUsize> {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    context.set_message_callback(Some(Arc::new(move |_, _| match counted.fetch_add(1, Ordering::Relaxed) {
        call if call < number => Ok(()),
        _ => Err(Error::type_error("it watches badly")),
    })));
    calls
}

/// How many messages a context sees in a handshake that is done.
fn messages_of(context: &Context, client: &Context, server: &Context) -> usize {
    let calls = failing_at(context, usize::MAX);
    let (clients, servers) = Pair::new(client, server).shake();
    clients.and(servers).unwrap();
    calls.load(Ordering::Relaxed)
}

#[test]
fn a_failure_ends_the_handshake_whenever_it_comes() {
    for version in [TLS1_2, 0x304] {
        for by_client in [true, false] {
            let (client, server) = (client(), server());
            client.set_maximum_version(version).unwrap();
            let failing = if by_client { &client } else { &server };
            // The tickets of TLS 1.3 follow in the same call, but do not belong to the handshake.
            let tickets = if version == TLS1_2 || by_client { 0 } else { 6 };
            for number in 0..messages_of(failing, &client, &server) - tickets {
                let calls = failing_at(failing, number);
                let pair = Pair::new(&client, &server);
                let (clients, servers) = pair.shake();
                let own = if by_client { &pair.client } else { &pair.server };
                let error = if by_client { clients } else { servers }.unwrap_err();
                assert_eq!((error.status(), error.message()), (Status::Type, "it watches badly"));
                assert_eq!(cause(&error), Some((Status::Type, "it watches badly")));
                assert_eq!(calls.load(Ordering::Relaxed), number + 1, "it is not called again");
                goes_no_further(&pair, own);
            }
        }
    }
}

/// After that nothing is sent or accepted, and no call reports an end of the peer.
fn goes_no_further(pair: &Pair, own: &Object) {
    let waiting = (pair.to_server.pending(), pair.to_client.pending());
    let results = [
        own.do_handshake(),
        own.write(b"secret").map(|_| ()),
        own.read(&mut [0; 8]).map(|_| ()),
        own.close_write(),
        own.unwrap(),
    ];
    for result in results {
        let error = result.unwrap_err();
        let message = "a callback that failed has ended this connection: it watches badly";
        assert_eq!((error.status(), error.message()), (Status::Type, message));
    }
    assert_eq!((pair.to_server.pending(), pair.to_client.pending()), waiting);
}

#[test]
fn a_failure_after_the_handshake_is_told_and_the_connection_goes_on() {
    for version in [TLS1_2, 0x304] {
        let (client, server) = (client(), server());
        client.set_maximum_version(version).unwrap();
        // A connection asks for messages from its start on.
        failing_at(&client, usize::MAX);
        let pair = Pair::new(&client, &server).connect();
        client.set_message_callback(failing("it watches badly"));
        let error = pair.client.write(b"x").unwrap_err();
        assert_eq!((error.status(), error.message()), (Status::Type, "it watches badly"));
        assert_eq!(pair.server.read(&mut [0; 8]).unwrap(), 1);
        client.set_message_callback(None);
        pair.pass(&pair.client, &pair.server);
        pair.pass(&pair.server, &pair.client);
    }
}

#[test]
fn the_pump_tells_what_it_took_while_a_callback_failed() {
    let (client, server) = (client(), server());
    failing_at(&client, usize::MAX);
    let pair = Pair::new(&client, &server).connect();
    let (_, done) = pair.client.pump(Pump::default());
    done.unwrap();
    client.set_message_callback(failing("it watches badly"));
    let mut records = [0; 1000];
    let (took, result) =
        pair.client.pump(Pump { plaintext_in: b"once", ciphertext_out: &mut records, ..Pump::default() });
    assert_eq!(result.unwrap_err().message(), "it watches badly");
    assert_eq!(took.plaintext_used, 4);
    pair.to_server.write(&records[..took.ciphertext_len]).unwrap();
    assert_eq!(pair.server.read(&mut [0; 8]).unwrap(), 4);
}

#[test]
fn a_failure_is_never_not_done_yet() {
    let (client, server) = (client(), server());
    client.set_message_callback(Some(Arc::new(|_, _| Err(Error::want_read()))));
    assert_eq!(Pair::new(&client, &server).shake().0.unwrap_err().status(), Status::Value);
}

#[test]
fn a_switch_of_context_switches_the_callback() {
    let (first, second) = (server(), server());
    let (before, after) = (watch(&first), watch(&second));
    let other = second.clone();
    first
        .set_sni_callback(Some(Arc::new(move |connection, _, _| {
            connection.set_context(&other).map_err(Refusal::from)
        })))
        .unwrap();
    Pair::new(&client(), &first).connect();
    assert_eq!(before.lock().unwrap().last(), Some(&json!(["read", 0x304, HANDSHAKE, CLIENT_HELLO])));
    assert!(after.lock().unwrap().len() > 10);

    // To one without a callback, then to one with.
    let bare = server();
    let pair = Pair::new(&client(), &first);
    before.lock().unwrap().clear();
    pair.server.set_context(&bare).unwrap();
    let pair = pair.connect();
    assert!(before.lock().unwrap().is_empty());
    after.lock().unwrap().clear();
    pair.server.set_context(&second).unwrap();
    pair.pass(&pair.client, &pair.server);
    assert!(!after.lock().unwrap().is_empty());
}

/// The ClientHello is told before a server looks at it.
#[test]
fn no_name_is_chosen_for_once_the_hello_has_failed() {
    for version in [TLS1_2, 0x304] {
        let (client, server) = (client(), server());
        client.set_maximum_version(version).unwrap();
        server.set_message_callback(Some(Arc::new(|_, message| {
            let is_hello = (message.content_type, message.msg_type) == (HANDSHAKE, CLIENT_HELLO);
            if is_hello { Err(Error::type_error("it watches badly")) } else { Ok(()) }
        })));
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let choose =
            move |_: &dyn Connection, _: Option<&str>, _: &Context| -> std::result::Result<(), Refusal> {
                count.fetch_add(1, Ordering::Relaxed);
                Ok(())
            };
        server.set_sni_callback(Some(Arc::new(choose))).unwrap();
        let error = Pair::new(&client, &server).shake().1.unwrap_err();
        assert_eq!((error.status(), error.message()), (Status::Type, "it watches badly"));
        assert_eq!(asked.load(Ordering::Relaxed), 0);
    }
}

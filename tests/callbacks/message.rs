//! Watching the protocol.

use crate::pair::{Pair, TLS1_2, alert_sent, cause, client, server, server_of};
use crate::{certs, reference};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tlsock::{Connection, Context, Error, Message, MessageCallback, Refusal, Result, Status};

const HEADER: i32 = 256;
const HANDSHAKE: i32 = 22;
const CLIENT_HELLO: i32 = 1;

type Seen = Arc<Mutex<Vec<Value>>>;

/// Keeps what identifies each message.
fn watch(context: &Context) -> Seen {
    let seen = Seen::default();
    let kept = Arc::clone(&seen);
    let callback: MessageCallback = Arc::new(move |_: &Connection, message: &Message<'_>| -> Result<()> {
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
        assert!(connection.object().is_some());
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

#[test]
fn a_failure_waits_for_the_end_of_the_operation() {
    let (client, server) = (client(), server());
    client.set_message_callback(failing("it watches badly"));
    let pair = Pair::new(&client, &server);
    let (client_result, server_result) = pair.shake();
    let error = client_result.unwrap_err();
    assert_eq!((error.status(), error.message()), (Status::Type, "it watches badly"));
    server_result.unwrap();
    assert!(pair.client.is_handshake_done());
    client.set_message_callback(None);
    pair.pass(&pair.client, &pair.server);
    pair.pass(&pair.server, &pair.client);

    client.set_message_callback(failing("it watches badly"));
    let (error, _) = Pair::new(&client, &server_of("wrong-name")).fail();
    assert_eq!((error.status(), alert_sent(&error)), (Status::CertVerification, Some(42)));
    assert_eq!(cause(&error), Some((Status::Type, "it watches badly")));
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

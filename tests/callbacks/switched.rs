//! Which context is asked about the name once the connection has another one, by a client that has to send a second
//! ClientHello.

use crate::pair::{Pair, client, server};
use crate::{certs, reference};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use tlsock::Context;

/// A server that takes no key share that clients offer at first. Its callback tells its name and chooses a context.
fn asked(context: &Context, name: &'static str, sender: &Sender<&'static str>, choice: Option<&Context>) {
    let (sender, choice) = (sender.clone(), choice.cloned());
    let callback = Arc::new(move |connection: &dyn tlsock::Connection, _: Option<&str>, _: &Context| {
        sender.send(name).unwrap();
        choice.as_ref().map_or(Ok(()), |choice| Ok(connection.set_context(choice)?))
    });
    context.set_sni_callback(Some(callback)).unwrap();
}

/// The contexts whose callbacks are asked, in this order. The other context has a callback of its own, or none; the connection gets it before the
/// handshake, or from the callback of the first.
fn ours(own: bool, early: bool) -> Vec<&'static str> {
    let (first, other) = (server(), server());
    for context in [&first, &other] {
        context.set_ecdh_curve("secp384r1").unwrap();
    }
    let (sender, seen) = channel();
    asked(&first, "first", &sender, Some(&other));
    if own {
        asked(&other, "other", &sender, None);
    }
    let pair = Pair::new(&client(), &first);
    if early {
        pair.server.set_context(&other).unwrap();
    }
    pair.connect();
    seen.try_iter().collect()
}

#[test]
fn the_context_that_was_chosen_is_asked_and_otherwise_the_first() {
    let first_alone = [ours(false, false), ours(false, true)];
    let both = [ours(true, false), ours(true, true)];
    assert_eq!(first_alone, [["first", "first"], ["first", "first"]]);
    assert_eq!(both, [["first", "other"], ["other", "other"]]);

    let file = |name| certs::folder().join(name);
    let files = json!({"cert": file("ecdsa.pem"), "key": file("ecdsa.key")});
    let Some(theirs) = reference::ask(SCRIPT, &files) else { return };
    // Since the fix of CVE-2026-19445 (3.14.8, and Debian 12's 3.11.2-6+deb12u9) Python asks nobody in place of the other
    // context. The first may be gone there; a connection of ours keeps it.
    let is_fixed = theirs[0][1] == json!([]);
    let expected: Value = if is_fixed { json!([["first"], []]) } else { json!(first_alone) };
    assert_eq!(theirs, json!([expected, both]));
}

const SCRIPT: &str = r#"
def asked(own, early):
    names, first, other = [], ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for context in first, other:
        context.load_cert_chain(input["cert"], input["key"])
        context.set_ecdh_curve("secp384r1")

    def switch(connection, name, context):
        names.append("first")
        connection.context = other
    first.sni_callback = switch
    if own:
        other.sni_callback = lambda connection, name, context: names.append("other")
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = client.wrap_bio(back, there), first.wrap_bio(there, back, server_side=True)
    if early:
        ends[1].context = other
    for _ in range(5):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                pass
    assert ends[1].version() == "TLSv1.3"
    return names
print(json.dumps([[asked(own, early) for early in (False, True)] for own in (False, True)]))
"#;

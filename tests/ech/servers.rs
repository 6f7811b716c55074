//! What servers decrypt by, and what their callbacks see.

use super::*;

#[test]
fn the_callback_for_a_hello_sees_the_inner_one() {
    if !is_there() {
        return;
    }
    let keys = keys();
    let server = decrypting(&keys);
    let shown: Arc<Mutex<Vec<_>>> = Arc::default();
    let notes = Arc::clone(&shown);
    let note: ClientHelloCallback = Arc::new(move |_, hello: &ClientHello| {
        let alpn = hello.alpn_at(0).map(<[u8]>::to_vec);
        let name = hello.server_name().map(ToOwned::to_owned);
        notes.lock().unwrap().push((name, hello.versions().to_vec(), alpn, hello.is_second()));
        Ok(())
    });
    server.set_client_hello_callback(Some(note)).unwrap();
    server.set_groups("P-384").unwrap();
    let context = encrypting(&keys.configs);
    context.set_groups("X25519:P-384").unwrap();
    context.set_alpn_protocols(&["one", "two"]).unwrap();
    server.set_alpn_protocols(&["two"]).unwrap();
    let pair = Pair::connected(&context, &server, None);
    assert_eq!(pair.client.selected_alpn_protocol(), Some(c"two"));
    let seen = std::mem::take(&mut *shown.lock().unwrap());
    let inner = |second| (Some(c"localhost".to_owned()), vec![0x304], Some(b"one".to_vec()), second);
    // AWS-LC shows the first one of a handshake alone.
    let all = if is_aws_lc() { vec![inner(false)] } else { vec![inner(false), inner(true)] };
    assert_eq!(seen, all);
    // One that cannot be decrypted is the outer one.
    let context = encrypting(&self::keys().configs);
    assert!(Pair::new(&context, &server, None).shake().is_err());
    let seen = std::mem::take(&mut *shown.lock().unwrap());
    assert_eq!(seen[0].0.as_deref(), Some(c"other.example"));
}

/// While the callback has no answer, the connection keeps what it has decrypted and what it decrypts by.
#[test]
fn a_callback_that_needs_time_sees_the_same_hello_again() {
    if !is_there() {
        return;
    }
    let (own, other) = (keys(), keys());
    let (server, elsewhere) = (decrypting(&own), decrypting(&other));
    let shown: Arc<Mutex<Vec<Option<String>>>> = Arc::default();
    let notes = Arc::clone(&shown);
    let third_time: ClientHelloCallback = Arc::new(move |_, hello: &ClientHello| {
        let mut notes = notes.lock().unwrap();
        notes.push(hello.server_name().map(|name| name.to_string_lossy().into_owned()));
        if notes.len() < 3 { Err(Error::want_callback().into()) } else { Ok(()) }
    });
    server.set_client_hello_callback(Some(third_time)).unwrap();
    let pair = Pair::new(&encrypting(&own.configs), &server, None);
    assert!(pair.client.do_handshake().unwrap_err().is_want());
    for _ in 0..2 {
        assert!(pair.server.do_handshake().unwrap_err().waits());
        assert_eq!(pair.server.ech_status(), EchStatus::Accepted);
        pair.server.set_context(&elsewhere).unwrap();
    }
    pair.shake().unwrap();
    assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
    assert_eq!(pair.server.server_name(), Some(c"localhost"));
    assert_eq!(pair.server.ech_outer_name(), Some(c"other.example"));
    assert_eq!(*shown.lock().unwrap(), [(); 3].map(|()| Some("localhost".to_owned())));
}

/// The keys that count are those that it was made with, whatever it gets before a client has said anything.
#[test]
fn a_server_that_gets_another_context_decrypts_by_its_own_keys() {
    if !is_there() {
        return;
    }
    let (own, other) = (keys(), keys());
    let (with, without) = (decrypting(&own), server("ecdsa"));
    let elsewhere = decrypting(&other);
    for next in [&without, &elsewhere] {
        let pair = Pair::new(&encrypting(&own.configs), &with, None);
        pair.server.set_context(next).unwrap();
        pair.shake().unwrap();
        assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
        assert_eq!(pair.server.server_name(), Some(c"localhost"));
    }
    let pair = Pair::new(&encrypting(&other.configs), &with, None);
    pair.server.set_context(&elsewhere).unwrap();
    let error = pair.shake().unwrap_err();
    rejected::check(&error, true);
    let told = error.detail().and_then(|detail| detail.ech_retry_configs.clone());
    assert_eq!(told.as_ref(), Some(&own.configs));
    // One without keys gets none.
    let public = server("ecdsa");
    show_by_name(&public);
    let pair = Pair::new(&encrypting(&other.configs), &public, None);
    pair.server.set_context(&elsewhere).unwrap();
    rejected::check(&pair.shake().unwrap_err(), false);
    assert_eq!(pair.server.ech_status(), EchStatus::None);
    // Nor does it keep those of its context that were taken away since.
    let pair = Pair::new(&encrypting(&own.configs), &with, None);
    with.load_ech_keys(&[], &[]).unwrap();
    pair.server.set_context(&with).unwrap();
    pair.shake().unwrap();
    assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
    rejected::check(&Pair::new(&encrypting(&own.configs), &with, None).shake().unwrap_err(), false);
}

/// The other context comes with keys that are not its own, and still without its ciphers.
#[test]
fn a_server_that_gets_another_context_keeps_its_ciphers() {
    if !is_there() {
        return;
    }
    let (with, next) = (decrypting(&keys()), server("ecdsa"));
    with.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384").unwrap();
    let old = client();
    old.set_maximum_version(TLS1_2).unwrap();
    old.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256").unwrap();
    let pair = Pair::new(&old, &with, None);
    pair.server.set_context(&next).unwrap();
    let error = pair.shake().unwrap_err();
    assert_eq!(
        error.detail().and_then(|detail| detail.reason.as_deref()),
        Some(c"NO_SHARED_CIPHER"),
        "{error}"
    );
}

/// What a message callback was shown: the content type and the bytes.
type Shown = (i32, Vec<u8>);

/// Message callbacks see what is sent, not what is in it.
#[test]
fn messages_are_shown_as_they_are_sent() {
    if !is_there() {
        return;
    }
    let keys = keys();
    let (context, server) = (encrypting(&keys.configs), decrypting(&keys));
    let shown: Arc<Mutex<Vec<Shown>>> = Arc::default();
    for side in [&context, &server] {
        let notes = Arc::clone(&shown);
        let note: MessageCallback = Arc::new(move |_, message| {
            notes.lock().unwrap().push((message.content_type, message.data.to_vec()));
            Ok(())
        });
        side.set_message_callback(Some(note));
    }
    let pair = Pair::connected(&context, &server, None);
    assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
    let shown = shown.lock().unwrap();
    assert!(shown.iter().all(|(kind, _)| *kind <= 0x100), "none of a kind of its own");
    let hellos: Vec<_> = shown.iter().filter(|(kind, data)| *kind == 22 && data[0] == 1).collect();
    assert_eq!(hellos.len(), 2);
    assert!(hellos.iter().all(|(_, data)| contains(data, PUBLIC) && !contains(data, "localhost")));
}

//! Sessions and pre-shared keys in an encrypted ClientHello.

use super::*;
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;
use tlsock::module::info::HAS_PSK_TLS13;

/// Serves one connection that has to be decrypted, and tells the name that it has asked for.
fn serve(listener: &TcpListener, context: &Context) -> JoinHandle<Option<String>> {
    let (listener, context) = (listener.try_clone().unwrap(), context.clone());
    std::thread::spawn(move || {
        let plain = listener.accept().unwrap().0;
        let socket = context.wrap_socket(plain.into(), WrapFlags::SERVER_SIDE, None, None).ok()?;
        if socket.ech_status() == EchStatus::Grease {
            // A client of AWS-LC finishes its handshake before it refuses.
            return None;
        }
        assert_eq!(socket.ech_status(), EchStatus::Accepted);
        socket.send(b"!").unwrap();
        let _ = socket.recv(&mut [0; 16]);
        socket.server_name().map(|name| name.to_str().unwrap().to_owned())
    })
}

/// Connects for a name; gives the name that the server has seen, and whether a session was resumed.
fn visit(
    client: &Context,
    server: &Context,
    listener: &TcpListener,
    name: &str,
) -> Result<(Option<String>, bool)> {
    let serving = serve(listener, server);
    let plain = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let connected = client.wrap_socket(plain.into(), WrapFlags::default(), Some(name), None);
    let reused = connected.map_err(|refused| refused.error).map(|socket| {
        assert_eq!(socket.ech_status(), EchStatus::Accepted);
        assert_eq!(socket.recv(&mut [0; 16]).expect("a byte"), 1);
        socket.connection().expect("TLS").session_reused()
    });
    let seen = serving.join().unwrap();
    reused.map(|reused| (seen, reused))
}

/// OpenSSL would say outside that there is one, in a way that servers refuse.
#[test]
fn a_client_offers_none_of_those_that_it_keeps() {
    if !is_there() {
        return;
    }
    let (old, new) = (keys(), generate_ech_keys(PUBLIC, 100).unwrap());
    let (client, server) = (encrypting(&old.configs), decrypting(&old));
    server.load_ech_keys(&new.pem, &old.pem).unwrap();
    client.set_client_session_cache(8).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let go = |name: &str| visit(&client, &server, &listener, name).unwrap();
    let full = |name: Option<&str>| (name.map(ToOwned::to_owned), false);
    for _ in 0..2 {
        assert_eq!(go("localhost"), full(Some("localhost")));
        // Another name behind the same public one, of which the certificate is good for both.
        assert_eq!(go("127.0.0.1"), full(None));
    }
    // The same name by another configuration, also by one that a rejection has brought.
    client.set_ech_configs(Some(&new.configs)).unwrap();
    assert_eq!(go("localhost"), full(Some("localhost")));
    client.set_ech_configs(Some(&keys().configs)).unwrap();
    let error = visit(&client, &server, &listener, "localhost").unwrap_err();
    rejected::check(&error, true);
    client.set_ech_configs(error.detail().and_then(|detail| detail.ech_retry_configs.as_deref())).unwrap();
    assert_eq!(go("localhost"), full(Some("localhost")));
}

/// Tells whether 32 bytes of one are in the other.
fn share(one: &[u8], other: &[u8]) -> bool {
    let parts: std::collections::HashSet<&[u8]> = one.windows(32).collect();
    other.windows(32).any(|part| parts.contains(part))
}

#[test]
fn one_that_is_set_is_not_offered_and_counts_where_nothing_is_hidden() {
    if !is_there() {
        return;
    }
    let keys = keys();
    let (context, server) = (encrypting(&keys.configs), decrypting(&keys));
    let session = Pair::connected(&context, &server, None).client.session().unwrap().expect("a session");
    let hidden = first_flight_with(&context, Some("localhost"), Some(&session));
    for groups in ["X25519", "P-384"] {
        server.set_groups(groups).unwrap();
        context.set_groups("X25519:P-384").unwrap();
        let pair = Pair::connected(&context, &server, Some(&session));
        assert!(!pair.client.session_reused() && !pair.server.session_reused());
        assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
        assert_eq!(pair.server.server_name(), Some(c"localhost"));
    }
    let error = Pair::new(&context, &decrypting(&self::keys()), Some(&session)).shake().unwrap_err();
    rejected::check(&error, true);
    context.set_ech_configs(None).unwrap();
    let plain = first_flight_with(&context, Some("localhost"), Some(&session));
    let data = session.data().unwrap();
    assert!(share(&data, &plain), "otherwise this test sees nothing");
    assert!(!share(&data, &hidden));
    assert!(Pair::connected(&context, &server, Some(&session)).client.session_reused());
}

#[test]
fn grease_leaves_them_as_they_are() {
    if !is_there() {
        return;
    }
    for decrypts in [false, true] {
        let server = if decrypts { decrypting(&keys()) } else { server("ecdsa") };
        let seen = if decrypts { EchStatus::Grease } else { EchStatus::None };
        let greasing = client();
        greasing.set_ech_grease(true).unwrap();
        greasing.set_groups("X25519:P-384").unwrap();
        let mut session = None;
        for groups in ["X25519", "X25519", "P-384"] {
            server.set_groups(groups).unwrap();
            let pair = Pair::connected(&greasing, &server, session.as_ref());
            assert_eq!(pair.client.session_reused(), session.is_some(), "{groups}");
            assert_eq!(statuses(&pair), (EchStatus::Grease, seen), "{groups}");
            session = pair.client.session().unwrap();
        }
    }
}

fn offer(context: &Context, len: usize) {
    let answer: PskClientCallback = Arc::new(move |_, _, buffer| {
        buffer[..len].fill(7);
        Ok((b"who I am".to_vec(), len))
    });
    context.set_psk_client_callback(Some(answer)).unwrap();
}

/// OpenSSL would offer it, and then refuse the server that takes it.
#[test]
fn a_pre_shared_key_is_not_offered() {
    if !is_there() {
        return;
    }
    let keys = keys();
    let (context, server) = (encrypting(&keys.configs), decrypting(&keys));
    offer(&context, 32);
    if !has(HAS_PSK_TLS13) {
        // Nobody asks for one.
        let pair = Pair::connected(&context, &server, None);
        assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
        assert!(pair.client.getpeercert().unwrap().is_some());
        return;
    }
    let (up, down) = (MemoryBio::new(), MemoryBio::new());
    let object = context.wrap_bio(Some((&down, &up)), WrapFlags::default(), Some("localhost"), None).unwrap();
    let error = object.do_handshake().unwrap_err();
    let cause = error.detail().and_then(|detail| detail.cause.as_ref()).expect("a cause");
    assert_eq!((error.status(), cause.status()), (Status::Ssl, Status::NotImplemented), "{error}");
    // A header and an alert.
    assert!(up.pending() <= 7, "nothing else is sent");
    // A callback that has none for this server declines.
    offer(&context, 0);
    let pair = Pair::connected(&context, &server, None);
    assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
    // Where nothing is hidden it is offered.
    context.set_ech_configs(None).unwrap();
    context.set_ech_grease(true).unwrap();
    context.set_ciphersuites("TLS_AES_128_GCM_SHA256").unwrap();
    offer(&context, 32);
    let know: PskServerCallback = Arc::new(|_, identity, buffer| {
        assert_eq!(identity, Some("who I am"));
        buffer[..32].fill(7);
        Ok(32)
    });
    server.set_psk_server_callback(Some(know), None).unwrap();
    let pair = Pair::connected(&context, &server, None);
    assert!(pair.client.getpeercert().unwrap().is_none(), "the key is proof enough");
    assert_eq!(pair.client.ech_status(), EchStatus::Grease);
}

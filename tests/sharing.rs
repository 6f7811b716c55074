//! Contexts that nobody has changed share what OpenSSL makes for them, but nothing that a program could notice.

mod certs;
mod pair;

use pair::{Pair, TLS1_2, TLS1_3, server};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tlsock::context::{PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER, PURPOSE_CLIENT_AUTH, PURPOSE_SERVER_AUTH};
use tlsock::*;

const OP_NO_TICKET: u64 = 1 << 14;

/// A client like all others, which trusts nobody.
fn bare() -> Context {
    Context::new(PROTOCOL_TLS_CLIENT).expect("a context")
}

fn trust(context: &Context) {
    context.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).expect("the root");
}

/// A client like all others but for its trust.
fn shared() -> Context {
    let context = bare();
    trust(&context);
    context
}

/// The same client, after a change that was taken back.
fn own() -> Context {
    let context = shared();
    let options = context.options();
    context.set_options(options ^ OP_NO_TICKET).expect("a change");
    context.set_options(options).expect("the way back");
    context
}

fn up_to(version: i32) -> Context {
    let context = server("ecdsa");
    context.set_maximum_version(version).expect("a version");
    context
}

fn refused(client: &Context, server: &Context) {
    let error = Pair::new(client, server, None).shake().expect_err("trust in nobody");
    assert_eq!(error.status(), Status::CertVerification, "{error}");
}

/// Handshakes of many kinds, and what the client has counted then.
fn counted(client: &Context, version: i32) -> SessionStats {
    let server = up_to(version);
    let mut session = None;
    for _ in 0..3 {
        session = Pair::connected(client, &server, session.as_ref()).client.session().expect("no failure");
    }
    let unfinished = Pair::new(client, &server, None);
    assert!(unfinished.client.do_handshake().is_err_and(|error| error.is_want()));
    drop(Pair::new(client, &server, None));
    let cut = Pair::new(client, &server, None);
    cut.client.do_handshake().expect_err("no answer yet");
    let stranger = up_to(version);
    pair::identify(&stranger, "wrong-name");
    let error = Pair::new(client, &stranger, None).shake().expect_err("the wrong name");
    assert_eq!(error.status(), Status::CertVerification, "{error}");
    client.session_stats()
}

#[test]
fn clients_count_their_handshakes_alone_and_as_libssl_does() {
    for version in [TLS1_2, TLS1_3] {
        let bystander = shared();
        let counts = counted(&shared(), version);
        assert_eq!(counts, counted(&own(), version), "{version:#x}");
        assert_eq!((counts.connect, counts.connect_good, counts.hits), (6, 3, 2), "{version:#x}");
        assert_eq!(bystander.session_stats(), SessionStats::default());
    }
}

#[test]
fn counts_go_on_when_a_context_gets_its_own() {
    let (client, server) = (shared(), server("ecdsa"));
    let early = Pair::new(&client, &server, None);
    Pair::connected(&client, &server, None);
    client.set_options(client.options() ^ OP_NO_TICKET).expect("a change");
    Pair::connected(&client, &server, None);
    early.shake().expect("a handshake");
    let counts = client.session_stats();
    assert_eq!((counts.connect, counts.connect_good), (3, 3));
}

#[test]
fn trust_is_nobody_elses() {
    let server = server("ecdsa");
    let (before, trusting, after) = (bare(), shared(), bare());
    Pair::connected(&trusting, &server, None);
    refused(&before, &server);
    refused(&after, &server);
    assert_eq!(after.cert_store_stats().expect("no failure"), CertStoreStats::default());
    trust(&before);
    Pair::connected(&before, &server, None);
    refused(&after, &server);
}

#[test]
fn a_connection_takes_its_trust_from_the_context_it_is_given() {
    let server = server("ecdsa");
    for (first, second, accepted) in [(bare(), shared(), true), (shared(), bare(), false)] {
        let pair = Pair::new(&first, &server, None);
        pair.client.set_context(&second).expect("another context");
        match accepted {
            true => pair.shake().expect("the trust of the second"),
            false => assert_eq!(pair.shake().expect_err("none").status(), Status::CertVerification),
        }
    }
}

#[test]
fn trust_that_comes_before_the_handshake_counts() {
    let (one, other, server) = (bare(), bare(), server("ecdsa"));
    let (pair, hopeless) = (Pair::new(&one, &server, None), Pair::new(&other, &server, None));
    // With a directory the context gets another store.
    one.load_verify_locations(None, Some(certs::folder()), None).expect("a directory");
    trust(&one);
    pair.shake().expect("a handshake");
    assert_eq!(hopeless.shake().expect_err("none").status(), Status::CertVerification);
}

#[test]
fn protocols_are_nobody_elses() {
    let server = server("ecdsa");
    server.set_alpn_protocols(&["h2", "http/1.1"]).expect("protocols");
    let (silent, newer, older) = (shared(), shared(), shared());
    newer.set_alpn_protocols(&["h2"]).expect("protocols");
    older.set_alpn_protocols(&["http/1.1"]).expect("protocols");
    for (client, protocol) in [(&silent, None), (&newer, Some(c"h2")), (&older, Some(c"http/1.1"))] {
        let pair = Pair::connected(client, &server, None);
        assert_eq!(pair.client.selected_alpn_protocol(), protocol);
    }
    newer.set_alpn_protocols(&[]).expect("none");
    assert_eq!(Pair::connected(&newer, &server, None).client.selected_alpn_protocol(), None);
}

#[test]
fn what_is_set_stays_with_one() {
    let (changed, other) = (bare(), bare());
    changed.set_check_hostname(false).expect("no check");
    changed.set_verify_mode(0).expect("no verification");
    changed.set_minimum_version(TLS1_3).expect("a version");
    changed.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256").expect("a cipher");
    changed.set_verify_flags(0).expect("no flags");
    let later = bare();
    for context in [&other, &later] {
        assert!(context.check_hostname());
        assert_eq!((context.verify_mode(), context.minimum_version()), (2, TLS1_2));
        assert_ne!(context.verify_flags(), 0);
        assert_ne!(context.get_ciphers().as_slice().len(), changed.get_ciphers().as_slice().len());
    }
    refused(&other, &server("ecdsa"));
}

#[test]
fn sessions_are_refused_by_a_context_that_is_only_alike() {
    let (one, two, server) = (shared(), shared(), server("ecdsa"));
    let session =
        Pair::connected(&one, &server, None).client.session().expect("no failure").expect("a session");
    let error = two.wrap_bio(None, WrapFlags::default(), Some("localhost"), Some(&session)).err();
    let error = error.expect("a refusal");
    assert_eq!(error.message(), "Session refers to a different SSLContext.");
}

#[test]
fn servers_complete_their_chain_from_their_own_trust() {
    let chain = String::from_utf8(certs::read("ecdsa.pem")).expect("PEM");
    let end = chain.find("-----END").expect("a certificate") + "-----END CERTIFICATE-----\n".len();
    let key = certs::read("ecdsa.key");
    let bare = [(); 2].map(|()| {
        let context = Context::create_default(PURPOSE_CLIENT_AUTH, None, None, None).expect("a context");
        context
            .load_cert_chain_data(&chain.as_bytes()[..end], Some(&key), None)
            .expect("a certificate alone");
        context
    });
    let [knowing, ignorant] = &bare;
    knowing
        .load_verify_locations(Some(&certs::folder().join("inter.pem")), None, None)
        .expect("the intermediate");
    Pair::connected(&shared(), knowing, None);
    refused(&shared(), ignorant);
    let switched = server("rsa");
    let other = knowing.clone();
    switched
        .set_sni_callback(Some(Arc::new(move |connection, _, _| {
            Ok(Object::of(connection).expect("an object").set_context(&other)?)
        })))
        .expect("a callback");
    Pair::connected(&shared(), &switched, None);
}

/// What connects without certificates: contexts that nobody has changed, but for their callbacks.
const KEY: &[u8] = b"a key of both";

#[test]
fn servers_share_no_keys_of_tickets() {
    let know: PskServerCallback = Arc::new(|_, identity, key| {
        if identity != Some("me") {
            return Ok(0);
        }
        key[..KEY.len()].copy_from_slice(KEY);
        Ok(KEY.len())
    });
    let gives = Arc::new(AtomicBool::new(true));
    let giving = Arc::clone(&gives);
    let answer: PskClientCallback = Arc::new(move |_, _, key| {
        key[..KEY.len()].copy_from_slice(KEY);
        Ok((b"me".to_vec(), if giving.load(Ordering::Relaxed) { KEY.len() } else { 0 }))
    });
    let servers = [(); 2].map(|()| {
        let context = Context::new(PROTOCOL_TLS_SERVER).expect("a context");
        context.set_psk_server_callback(Some(Arc::clone(&know)), None).expect("a key");
        context
    });
    // A server that verifies resumes no session whose client showed no certificate.
    let client = bare();
    client.set_check_hostname(false).expect("no check");
    client.set_verify_mode(0).expect("no check");
    client.set_psk_client_callback(Some(answer)).expect("a key");
    let session = Pair::connected(&client, &servers[0], None).client.session().expect("no failure");
    gives.store(false, Ordering::Relaxed);
    Pair::connected(&client, &servers[0], session.as_ref());
    let error = Pair::new(&client, &servers[1], session.as_ref()).shake().expect_err("a ticket of another's");
    assert!(error.message().contains("no suitable signature algorithm"), "{error}");
}

#[test]
fn default_contexts_are_not_those_without_flags() {
    let strict = Context::create_default(PURPOSE_SERVER_AUTH, None, None, None).expect("a context");
    assert_eq!(strict.verify_flags() & !bare().verify_flags(), 0x80020);
}

/// All that a setter of a context may have changed.
fn settings(context: &Context) -> Vec<String> {
    let ciphers = context.get_ciphers();
    let names = ciphers.as_slice().iter().map(|info| format!("{:?}", info.name));
    vec![
        format!("options {:#x}", context.options()),
        format!("mode {}, flags {:#x}", context.verify_mode(), context.verify_flags()),
        format!("common name {}", context.hostname_checks_common_name()),
        format!("versions {:#x} to {:#x}", context.minimum_version(), context.maximum_version()),
        format!("tickets {}, level {}", context.num_tickets(), context.security_level()),
        format!("ciphers {:?}", names.collect::<Vec<_>>()),
    ]
}

/// What a connection comes to by these contexts.
fn agreed(client: &Context, server: &Context) -> Vec<String> {
    let pair = Pair::connected(client, server, None);
    let cipher = pair.client.cipher().expect("a cipher").name;
    vec![
        format!("{:?} {cipher:?} {:?}", pair.client.version(), pair.client.group()),
        format!("{:?}", pair.client.getpeercert().expect("a handshake").map(|x509| x509.der().to_vec())),
        format!("{:?}", pair.server.peer_certificate().expect("a handshake").map(|x509| x509.der().to_vec())),
    ]
}

/// A change makes another generation of a context that connections use: no other setting may be lost.
#[test]
fn a_change_leaves_all_else_as_it_was() {
    const ALLOW_PROXY_CERTS: u64 = 0x40;
    const OPTIONAL: i32 = 1;
    let (client, server) = (shared(), server("ecdsa"));
    for context in [&client, &server] {
        context.set_options(context.options() ^ (OP_NO_TICKET | 1 << 22)).expect("options");
        context.set_ecdh_curve("prime256v1").expect("a curve");
        context.set_verify_mode(OPTIONAL).expect("a mode");
        context.set_verify_flags(context.verify_flags() | ALLOW_PROXY_CERTS).expect("flags");
        context.set_hostname_checks_common_name(false).expect("a flag");
        context
            .set_ciphers("DHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=1")
            .expect("ciphers");
    }
    pair::identify(&client, "client");
    pair::identify(&server, "rsa");
    server.load_dh_params(&dh_parameters()).expect("parameters");
    server.set_num_tickets(7).expect("tickets");
    trust(&server);
    server.set_minimum_version(TLS1_2).expect("a version");
    client.set_maximum_version(TLS1_2).expect("a version");
    let with_cipher = |cipher: &str| {
        let only = shared();
        only.set_ciphers(cipher).expect("a cipher");
        // Without the named groups of DH, of which OpenSSL 4 would want one that the server has.
        only.set_ecdh_curve("prime256v1").expect("a curve");
        only.set_maximum_version(TLS1_2).expect("a version");
        agreed(&only, &server)
    };
    let each = || {
        // By each of the server's keys, and by its parameters.
        let kinds = ["DHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"].map(with_cipher);
        [settings(&client), settings(&server), agreed(&client, &server), kinds.concat()]
    };
    let before = each();
    assert_ne!(before[0], settings(&bare()), "what all contexts have");
    for context in [&client, &server] {
        for _ in 0..2 {
            let _uses_it = Pair::new(&client, &server, None);
            context.set_verify_flags(context.verify_flags() ^ 0x20).expect("flags");
        }
    }
    assert_eq!(each(), before);
    // Another bound, for both have none but one of the two.
    for context in [&client, &server] {
        let _uses_it = Pair::new(&client, &server, None);
        context.set_maximum_version(TLS1_2).expect("a version");
        context.set_minimum_version(TLS1_2).expect("a version");
        let _uses_it = Pair::new(&client, &server, None);
        let bounds = (context.minimum_version(), context.maximum_version());
        context.set_options(context.options() ^ OP_NO_TICKET).expect("options");
        assert_eq!((context.minimum_version(), context.maximum_version()), bounds);
    }
}

fn dh_parameters() -> std::path::PathBuf {
    let path = certs::scratch().join("dh.pem");
    let group = ["genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048", "-out"];
    certs::run(std::process::Command::new("openssl").args(group).arg(&path));
    path
}

/// If a level demands more than a key has, handshakes fail, not changes of the context.
#[test]
fn what_was_loaded_stays_though_the_level_was_raised_since() {
    let server = server("rsa");
    server.set_ciphers("DEFAULT:@SECLEVEL=3").expect("ciphers");
    let _uses_it = Pair::new(&shared(), &server, None);
    server.set_options(server.options() ^ OP_NO_TICKET).expect("options");
    assert_eq!(server.security_level(), 3);
    Pair::new(&shared(), &server, None).shake().expect_err("a key of 2048 bits");
    server.set_ciphers("DEFAULT:@SECLEVEL=2").expect("ciphers");
    Pair::connected(&shared(), &server, None);
}

/// A thread has a page that children of the process share, for the connections it makes: that goes with the last of them.
#[cfg(target_os = "linux")]
#[test]
fn threads_that_have_ended_leave_no_pages() {
    const THREADS: usize = 200;
    let pages = || {
        let maps = std::fs::read_to_string("/proc/self/maps").expect("a list");
        maps.lines().filter(|line| line.contains("/dev/zero")).count()
    };
    let connect = || {
        let made =
            || drop(bare().wrap_bio(None, WrapFlags::INSECURE_NO_HOSTNAME, None, None).expect("an object"));
        std::thread::spawn(made).join().expect("an end");
    };
    let kept = bare().wrap_bio(None, WrapFlags::INSECURE_NO_HOSTNAME, None, None).expect("an object");
    let before = pages();
    assert!(before > 0, "this connection has one");
    (0..THREADS).for_each(|_| connect());
    // Other tests have some meanwhile.
    assert!(pages() < before + THREADS / 2);
    drop(kept);
}

#[test]
fn a_context_names_its_protocol_and_nothing_secret() {
    assert_eq!(format!("{:?}", bare()), "Context { protocol: 16, .. }");
}

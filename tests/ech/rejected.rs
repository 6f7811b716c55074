//! Servers that do not decrypt the ClientHello.

use super::*;
use tlsock::context::PURPOSE_CLIENT_AUTH;

const ECH_REQUIRED: u8 = 121;

/// Checks the error of a server that has proved to be the one with the public name.
pub fn check(error: &Error, has_configs: bool) {
    assert_eq!(error.status(), Status::Ssl, "{error}");
    let detail = error.detail().expect("details");
    assert_eq!(detail.reason.as_deref(), Some(c"ECH_REQUIRED"));
    assert_eq!(detail.alert_sent, Some(ECH_REQUIRED));
    let configs = detail.ech_retry_configs.as_ref().expect("configurations, or that there are none");
    assert_eq!(!configs.is_empty(), has_configs, "{error}");
    let words = match has_configs {
        true => "'other.example' has given configurations to connect again with",
        false => "'other.example' has given no configurations: it does without",
    };
    assert!(error.message().ends_with(words), "{error}");
}

/// A server of the public name that knows nothing of it.
fn plain() -> Context {
    let context = server("ecdsa");
    show_by_name(&context);
    context
}

#[test]
fn what_the_server_gives_is_good_for_one_more_try() {
    if !is_there() {
        return;
    }
    let (old, new) = (keys(), keys());
    let server = decrypting(&new);
    let context = encrypting(&old.configs);
    let pair = Pair::new(&context, &server, None);
    let wants = |result: Result<()>| assert!(result.unwrap_err().is_want());
    wants(pair.client.do_handshake());
    wants(pair.server.do_handshake());
    let error = pair.client.do_handshake().unwrap_err();
    check(&error, true);
    assert_eq!(pair.client.ech_status(), EchStatus::Rejected);
    assert!(pair.client.read(&mut [0]).is_err() && pair.client.write(b"secret").is_err());
    // A client of AWS-LC finishes its handshake before it refuses.
    let refused = pair.server.do_handshake().and_then(|()| pair.server.read(&mut [0])).unwrap_err();
    assert_eq!(refused.detail().expect("details").alert_received, Some(ECH_REQUIRED));
    let retry = error.detail().and_then(|detail| detail.ech_retry_configs.clone()).expect("configurations");
    assert_eq!(retry, new.configs);
    context.set_ech_configs(Some(&retry)).unwrap();
    let pair = Pair::connected(&context, &server, None);
    assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
}

#[test]
fn a_server_without_keys_has_nothing_to_give() {
    if !is_there() {
        return;
    }
    check(&Pair::new(&encrypting(&keys().configs), &plain(), None).shake().unwrap_err(), false);
}

/// It has passed for the public name, which is not whom the program asked for.
#[test]
fn no_certificate_counts_as_verified() {
    if !is_there() {
        return;
    }
    let keys = keys();
    let verified = |server: &Context| {
        let pair = Pair::new(&encrypting(&keys.configs), server, None);
        let done = pair.shake();
        let chain = pair.client.get_verified_chain().unwrap();
        (done, chain.as_slice().iter().map(Certificate::verified).collect::<Vec<_>>())
    };
    let (done, chain) = verified(&decrypting(&keys));
    done.unwrap();
    assert!(!chain.is_empty() && chain.iter().all(|verified| *verified));
    let (done, chain) = verified(&plain());
    check(&done.unwrap_err(), false);
    assert!(chain.iter().all(|verified| !verified), "{chain:?}");
}

#[test]
fn who_is_not_the_public_name_is_not_believed() {
    if !is_there() {
        return;
    }
    // It has a certificate of the inner name, and no other.
    let server = server("ecdsa");
    server.load_ech_keys(&keys().pem, &[]).unwrap();
    let context = encrypting(&keys().configs);
    let error = Pair::new(&context, &server, None).shake().unwrap_err();
    assert_eq!(error.status(), Status::CertVerification, "{error}");
    assert!(error.message().contains("is not valid for 'other.example'"), "{error}");
    assert!(error.message().contains("has rejected the Encrypted ClientHello"), "{error}");
    let detail = error.detail().expect("details");
    assert_eq!(detail.expected_name.as_deref(), Some(c"other.example"));
    assert_eq!((detail.verify_code, &detail.ech_retry_configs), (62, &None));
}

#[test]
fn what_was_not_verified_gives_nothing_away() {
    if !is_there() {
        return;
    }
    let server = server("ecdsa");
    server.load_ech_keys(&keys().pem, &[]).unwrap();
    for callback in [false, true] {
        let context = encrypting(&keys().configs);
        if callback {
            context.set_verify_callback(VerifyOverride::Insecure, Some(Arc::new(|_, _| Ok(()))));
        } else {
            context.set_check_hostname(false).unwrap();
            context.set_verify_mode(0).unwrap();
        }
        let pair = Pair::new(&context, &server, None);
        let error = pair.shake().unwrap_err();
        assert_eq!(error.status(), Status::CertVerification, "{error}");
        let detail = error.detail().expect("details");
        assert_eq!(detail.ech_retry_configs, None);
        let reason = if callback { c"CERTIFICATE_VERIFY_FAILED" } else { c"ECH_REQUIRED" };
        assert_eq!(detail.reason.as_deref(), Some(reason), "{error}");
        assert_ne!(detail.verify_code, 0);
        assert_eq!(pair.client.ech_status(), EchStatus::Rejected);
    }
}

/// What the chain cache knows of the certificate is that it is good for another name.
#[test]
fn a_chain_that_is_known_for_the_inner_name_is_none_for_the_public_one() {
    if !is_there() {
        return;
    }
    let own = keys();
    let context = encrypting(&own.configs);
    context.set_chain_cache(true);
    let server = server("ecdsa");
    server.load_ech_keys(&own.pem, &[]).unwrap();
    for _ in 0..2 {
        Pair::connected(&context, &server, None);
    }
    server.load_ech_keys(&keys().pem, &[]).unwrap();
    let error = Pair::new(&context, &server, None).shake().unwrap_err();
    assert_eq!(error.status(), Status::CertVerification, "{error}");
    assert_eq!(error.detail().and_then(|detail| detail.ech_retry_configs.as_ref()), None);
}

#[test]
fn nobody_is_asked_about_the_public_name_but_openssl() {
    if !is_there() {
        return;
    }
    let context = encrypting(&keys().configs);
    let asked: Arc<Mutex<u32>> = Arc::default();
    let count = Arc::clone(&asked);
    let judge: VerifyCallback = Arc::new(move |_, _| {
        *count.lock().unwrap() += 1;
        Err(Error::value("not that one"))
    });
    context.set_verify_callback(VerifyOverride::Never, Some(judge));
    context.set_pins(&["sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]).unwrap();
    check(&Pair::new(&context, &decrypting(&keys()), None).shake().unwrap_err(), true);
    assert_eq!(*asked.lock().unwrap(), 0);
}

#[test]
fn no_certificate_of_the_client_is_shown() {
    if !is_there() {
        return;
    }
    let demanding =
        Context::create_default(PURPOSE_CLIENT_AUTH, Some(&certs::folder().join("ca.pem")), None, None);
    let demanding = demanding.unwrap();
    identify(&demanding, "wrong-name");
    demanding.set_verify_mode(2).unwrap();
    let context = encrypting(&keys().configs);
    identify(&context, "client");
    let asked: Arc<Mutex<u32>> = Arc::default();
    let count = Arc::clone(&asked);
    let choose: IdentityCallback = Arc::new(move |_, _| {
        *count.lock().unwrap() += 1;
        Ok(())
    });
    context.set_identity_callback(Some(choose));
    check(&Pair::new(&context, &demanding, None).shake().unwrap_err(), false);
    assert_eq!(*asked.lock().unwrap(), 0);
}

#[test]
fn no_session_is_left_of_it() {
    if !is_there() {
        return;
    }
    let keys = keys();
    let (context, server) = (encrypting(&keys.configs), decrypting(&keys));
    let session = Pair::connected(&context, &server, None).client.session().unwrap().expect("a session");
    let other = decrypting(&self::keys());
    let pair = Pair::new(&context, &other, Some(&session));
    check(&pair.shake().unwrap_err(), true);
    assert!(!pair.client.session_reused());
    assert!(!matches!(pair.client.session(), Ok(Some(_))));
}

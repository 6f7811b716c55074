//! Bad parts of files, and warnings: a test that listens to warnings is alone in its process.

use super::*;

/// What a warning callback heard while `work` ran.
fn heard(work: impl FnOnce()) -> Vec<(String, String)> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    set_warning_callback(Some(Arc::new(move |category, message| {
        hears.lock().expect("no panic").push((category.to_string(), message.to_string()));
        Ok(())
    })));
    work();
    set_warning_callback(None);
    let heard = heard.lock().expect("no panic");
    heard.clone()
}

const NO_CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n";
const NO_BASE64: &[u8] = b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";
const NO_LIST: &[u8] = b"-----BEGIN X509 CRL-----\nMAMCAQU=\n-----END X509 CRL-----\n";
const NO_END: &[u8] = b"-----BEGIN CERTIFICATE-----\nMAMCAQU=\n";

#[test]
fn one_bad_certificate_of_the_file_takes_no_other_with_it() {
    let defaults = Defaults::new();
    let (root, other, server) = (certs::read("ca.pem"), certs::read("unknown-ca.pem"), server("ecdsa"));
    for bad in [NO_CERTIFICATE, NO_BASE64, NO_LIST, NO_END] {
        for looked_up in [true, false] {
            defaults.are(&[
                b"# words\n",
                &other,
                b"-----BEGIN NOTHING-----\n-----END NOTHING-----\n",
                bad,
                &root,
            ]);
            let heard = heard(|| {
                let client = client();
                if looked_up {
                    Pair::connected(&client, &server, None);
                }
                assert_eq!(stats(&client), (2, 0, 2));
                Pair::connected(&client, &server, None);
            });
            let line = 1 + other.iter().filter(|byte| **byte == b'\n').count() + 2 + 1;
            let place =
                format!("CA file '{}': entry 2 (line {line}) cannot be read", defaults.file.display());
            assert_eq!(heard.len(), 1, "{heard:?}");
            assert_eq!(heard[0].0, "RuntimeWarning");
            assert!(heard[0].1.starts_with(&place) && heard[0].1.ends_with("it is left out"), "{heard:?}");
        }
    }
    // Too many of them end it.
    defaults.are(&[&root, &NO_CERTIFICATE.repeat(101), &other]);
    let heard_of_many = heard(|| assert_eq!(stats(&client()), (1, 0, 1)));
    assert!(
        heard_of_many[0].1.contains("nor can 99 more, and what follows was not tried"),
        "{heard_of_many:?}"
    );
    // No CA at all: nobody is trusted, and a warning says so.
    defaults.are(&[b"words\n"]);
    let heard = heard(|| assert_eq!(stats(&client()), (0, 0, 0)));
    assert!(heard[0].1.contains("there is no certificate"), "{heard:?}");
}

#[test]
fn a_bad_certificate_of_a_file_that_was_asked_for_is_an_error_that_names_it() {
    let defaults = Defaults::new();
    let (root, other) = (certs::read("ca.pem"), certs::read("unknown-ca.pem"));
    defaults.are(&[&root, NO_CERTIFICATE, NO_BASE64]);
    let context = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
    for _ in 0..2 {
        let error =
            context.load_verify_locations(Some(&defaults.file), None, Some(&other)).expect_err("a bad one");
        assert_eq!((error.status(), error.message()), (Status::Ssl, "[X509] PEM lib"));
        let detail = error.detail().expect("details");
        let file = defaults.file.to_str().expect("text");
        assert_eq!(detail.filename.as_deref().and_then(|name| name.to_str().ok()), Some(file));
        let cause = detail.cause.as_ref().expect("a cause").message();
        let line = root.iter().filter(|byte| **byte == b'\n').count() + 1;
        assert!(
            cause.starts_with(&format!("CA file '{file}': entry 2 (line {line}) cannot be read: [PEM")),
            "{cause}"
        );
        assert!(cause.ends_with("; nor can 1 more"), "{cause}");
        assert_eq!(stats(&context), (1, 0, 1), "what came before it stays, and nothing of it is added");
    }
    let error = context.load_verify_locations(None, None, Some(&[&root[..], NO_CERTIFICATE].concat()));
    let error = error.expect_err("a bad one");
    let cause = error.detail().and_then(|detail| detail.cause.as_ref()).expect("a cause");
    assert_eq!(cause.message(), "certificate 2 of cadata cannot be read");
    assert_eq!(stats(&context), (2, 0, 2));
}

/// Versions are chosen by the two bounds.
#[test]
fn options_that_forbid_versions_are_deprecated() {
    let _alone = Defaults::new();
    let context = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
    let plain = context.options();
    for option in 25..30 {
        context.set_options(plain & !(1 << option)).expect("options");
        let told = heard(|| context.set_options(context.options() | 1 << option).expect("options"));
        let words = "ssl.OP_NO_SSL*/ssl.OP_NO_TLS* options are deprecated";
        assert_eq!(told, [("DeprecationWarning".to_string(), words.to_string())], "{option}");
        assert_eq!(heard(|| context.set_options(context.options()).expect("options")), []);
    }
}

//! The name in a ClientHello decides which session a server resumes: a hello with an invalid name, or one that is
//! repeated with another name, resumes none.

use crate::{ALL, careless, pair, session, session_of, visit};
use tlsock::{Context, MemoryBio, Object, Session, Status, WrapFlags};

const OP_ENABLE_MIDDLEBOX_COMPAT: u64 = 1 << 20;

/// One end, what it reads and what it writes.
struct End {
    object: Object,
    incoming: MemoryBio,
    outgoing: MemoryBio,
}

impl End {
    fn new(context: &Context, name: Option<&str>, session: Option<&Session>) -> End {
        let (incoming, outgoing) = (MemoryBio::new(), MemoryBio::new());
        let flags = if name.is_none() { WrapFlags::SERVER_SIDE } else { WrapFlags::default() };
        let object = context.wrap_bio(Some((&incoming, &outgoing)), flags, name, session).expect("an end");
        End { object, incoming, outgoing }
    }

    /// Goes on with these bytes as far as it can, and gives what it says; an error if it fails.
    fn answers(&self, bytes: &[u8]) -> Result<Vec<u8>, tlsock::Error> {
        self.incoming.write(bytes).expect("room");
        match self.object.do_handshake() {
            Err(error) if error.status() != Status::WantRead => return Err(error),
            _ => {}
        }
        let mut said = vec![0; 20_000];
        let len = self.outgoing.read(&mut said);
        said.truncate(len);
        Ok(said)
    }
}

/// The extension stays as long as it is, but what is in it is no name of a host.
fn misnamed(mut hello: Vec<u8>) -> Vec<u8> {
    let name = b"localhost";
    let at = hello.windows(name.len()).position(|bytes| bytes == name).expect("a name");
    assert_eq!(hello[at - 3], 0, "the type of a host's name");
    hello[at - 3] = 1;
    hello
}

#[test]
fn a_name_that_cannot_be_read_takes_up_no_session() {
    for keeping in ALL {
        let (client, server) = (pair::client(), keeping.server("ecdsa"));
        let kept = session(&client, &server);
        // A session without a name: a name that cannot be read is not the same as no name.
        let anyone = careless();
        let nameless = session_of(&visit(&anyone, &server, "127.0.0.1", None).expect("a handshake"));
        for (client, offered) in [(&client, None), (&client, Some(&kept)), (&anyone, Some(&nameless))] {
            let hello = End::new(client, Some("localhost"), offered).answers(b"").expect("a hello");
            let (good, bad) = (End::new(&server, None, None), End::new(&server, None, None));
            assert!(!good.answers(&hello).expect("an answer").is_empty());
            let refused = bad.answers(&misnamed(hello)).expect_err("no name");
            assert_eq!(refused.status(), Status::Ssl, "{keeping:?}: {refused}");
            assert!(!bad.object.session_reused());
        }
        // Clients with a correct name can still resume.
        assert!(
            visit(&client, &server, "localhost", Some(&kept)).expect("a handshake").client.session_reused()
        );
    }
}

#[test]
fn a_second_hello_names_the_server_of_the_first() {
    let (client, server) = (careless(), pair::server("ecdsa"));
    client.set_groups("X25519:P-256").expect("groups");
    server.set_groups("P-256").expect("groups");
    for context in [&client, &server] {
        // Without it a hello has no session ID, which the answer would have to repeat.
        context.set_options(context.options() & !OP_ENABLE_MIDDLEBOX_COMPAT).expect("options");
    }
    for (second, fits) in [("a.example", true), ("b.example", false)] {
        let serving = End::new(&server, None, None);
        let first = End::new(&client, Some("a.example"), None).answers(b"").expect("a hello");
        let retry = serving.answers(&first).expect("a wish for another hello");
        let other = End::new(&client, Some(second), None);
        other.answers(b"").expect("a hello");
        let again = other.answers(&retry).expect("a second hello");
        match serving.answers(&again) {
            // The two hellos are of two clients, which shows at the end; the name is what counts before.
            Ok(answer) => assert!(fits && !answer.is_empty()),
            Err(error) => {
                assert!(!fits, "{error}");
                let words = "the second ClientHello names another server than the first";
                assert!(error.status() == Status::Ssl && error.message().ends_with(words), "{error}");
                assert_eq!(
                    error.detail().and_then(|detail| detail.alert_sent),
                    Some(47),
                    "illegal_parameter"
                );
            }
        }
    }
}

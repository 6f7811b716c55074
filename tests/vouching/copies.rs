//! A store keeps the first copy of a certificate, and that says for what it is trusted: what is loaded later changes nothing.

use crate::{ALL, certs, pair, session, visit};
use std::path::{Path, PathBuf};
use tlsock::context::PURPOSE_SERVER_AUTH;
use tlsock::{Context, Session};

/// A folder with the tests' CA in three forms: as it is, as one that is rejected for servers beside another certificate, and
/// in a directory of hashed names.
struct Forms {
    plain: PathBuf,
    rejecting: PathBuf,
    directory: PathBuf,
}

impl Forms {
    fn new() -> Forms {
        let folder = certs::scratch();
        let plain = certs::folder().join("ca.pem");
        let mut openssl = std::process::Command::new("openssl");
        let rejected = folder.join("rejected.pem");
        let options = ["x509", "-trustout", "-addreject", "serverAuth", "-in"];
        certs::run(openssl.args(options).arg(&plain).arg("-out").arg(&rejected));
        let rejecting = folder.join("rejecting.pem");
        let both = [std::fs::read(&rejected).expect("a file"), certs::read("unknown-ca.pem")].concat();
        std::fs::write(&rejecting, both).expect("a file");
        let directory = folder.join("hashed");
        std::fs::create_dir_all(&directory).expect("a folder");
        std::fs::copy(&plain, directory.join("ca.pem")).expect("a copy");
        certs::run(std::process::Command::new("openssl").arg("rehash").arg(&directory));
        Forms { plain, rejecting, directory }
    }
}

fn trusting(file: &Path) -> Context {
    Context::create_default(PURPOSE_SERVER_AUTH, Some(file), None, None).expect("a context")
}

fn looking_in(directory: &Path) -> Context {
    Context::create_default(PURPOSE_SERVER_AUTH, None, Some(directory), None).expect("a context")
}

fn load(client: &Context, file: &Path) {
    client.load_verify_locations(Some(file), None, None).expect("certificates");
}

/// The bytes of a session that the client has made do not count for one that would refuse the server.
fn counts_for_itself_only(client: &Context, refusing: &Context, alike: &Context) {
    for keeping in ALL {
        let server = keeping.server("ecdsa");
        let data = session(client, &server).data().expect("bytes");
        assert!(visit(refusing, &server, "localhost", None).is_err(), "the CA is no good for servers");
        assert!(Session::from_data(refusing, &data).is_err(), "{keeping:?}");
        Session::from_data(alike, &data).expect("the same trust");
    }
}

#[test]
fn the_order_of_files_counts() {
    let forms = Forms::new();
    let [client, alike] = [(); 2].map(|()| {
        let client = trusting(&forms.plain);
        load(&client, &forms.rejecting);
        client
    });
    let refusing = trusting(&forms.rejecting);
    load(&refusing, &forms.plain);
    counts_for_itself_only(&client, &refusing, &alike);
}

#[test]
fn a_copy_that_was_found_in_a_directory_counts() {
    let forms = Forms::new();
    let [client, alike] = [(); 2].map(|()| {
        let client = looking_in(&forms.directory);
        visit(&client, &pair::server("ecdsa"), "localhost", None).expect("a handshake");
        load(&client, &forms.rejecting);
        client
    });
    let refusing = looking_in(&forms.directory);
    load(&refusing, &forms.rejecting);
    counts_for_itself_only(&client, &refusing, &alike);
}

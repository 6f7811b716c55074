//! Alerts in the place of a ClientHello, or before it: a server cannot know of which version they would be.

use crate::pair;
use crate::raw::Raw;
use crate::{VERSIONS, at_most, sent, taken, watch};
use tlsock::*;

const UNEXPECTED_MESSAGE: u8 = 10;

fn alert(level: u8, number: u8) -> Vec<u8> {
    vec![21, 3, 3, 0, 2, level, number]
}

#[test]
fn nothing_is_taken_from_who_has_not_said_hello() {
    let hello = Raw::of_browser().record();
    let cases = [
        alert(1, 0),
        alert(1, 90),
        [alert(1, 90), alert(1, 0)].concat(),
        [alert(1, 90), hello.clone()].concat(),
        [alert(1, 112), hello].concat(),
        alert(2, 0),
        alert(2, 40),
    ];
    for (version, bytes) in
        VERSIONS.into_iter().flat_map(|version| cases.clone().map(|bytes| (version, bytes)))
    {
        let server = at_most(pair::server("ecdsa"), version);
        let shown = watch(&server, |_| ());
        let (done, answer) = sent(&server, &bytes);
        let error = done.unwrap_err();
        let detail = error.detail().expect("a detail");
        assert_eq!(detail.reason.as_deref(), Some(c"UNEXPECTED_MESSAGE"), "{version:x} {bytes:?}: {error}");
        assert_eq!((error.status(), detail.phase), (Status::Ssl, Phase::Handshake));
        assert_eq!((detail.alert_sent, detail.alert_received), (Some(UNEXPECTED_MESSAGE), None));
        assert_eq!(answer[5..], [2, UNEXPECTED_MESSAGE]);
        assert!(taken(&shown).is_empty(), "what follows is not looked at");
    }
}

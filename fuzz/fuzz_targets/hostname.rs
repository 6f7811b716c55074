//! Host names and addresses: what a client takes, what it sends, and what a server hears.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::net::{IpAddr, Ipv6Addr};
use tlsock_fuzz::c::*;
use tlsock_fuzz::call::{Out, text};
use tlsock_fuzz::end::End;
use tlsock_fuzz::peer;

thread_local!(static HEARD: RefCell<Option<Option<String>>> = const { RefCell::new(None) });

fuzz_target!(|data: &[u8]| {
    let name = CString::new(data.split(|byte| *byte == 0).next().unwrap_or(b"")).expect("no NUL");
    let client = peer::cached("hostname client", || peer::context(PROTOCOL_TLS_CLIENT));
    let Ok(mut end) = End::new(&client, 0, Some(&name), None, true) else { return };
    // SAFETY: a live object lends its text.
    let encoded =
        unsafe { text(tlsock_object_server_hostname(end.object.raw())) }.expect("a name").to_string();
    assert!(encoded.is_ascii() && !encoded.is_empty(), "{name:?} became {encoded:?}");
    let address = is_address(&encoded);
    let labels = encoded.strip_suffix('.').unwrap_or(&encoded).split('.');
    // Python's codec looks for full stops before it normalises, which can make more of them ("\u{2026}").
    let made_dots = data.iter().any(|byte| !byte.is_ascii()) && encoded.contains("..");
    if made_dots {
        return;
    }
    assert!(address || labels.into_iter().all(|label| (1..=63).contains(&label.len())), "{encoded:?}");
    again(&encoded);
    let heard = hear(&mut end);
    // An address is no name, and stays at home.
    if let Some(heard) = heard {
        let own = encoded.strip_suffix('.').unwrap_or(&encoded);
        let equal = heard.as_deref().is_some_and(|heard| heard.strip_suffix('.').unwrap_or(heard) == own);
        assert!(if address { heard.is_none() } else { equal }, "{encoded:?} was heard as {heard:?}");
    }
});

/// As the standard library, but zeros in front of a decimal number are fine, and a zone behind an address of version 6.
fn is_address(text: &str) -> bool {
    if let Some((address, zone)) = text.split_once('%') {
        return !zone.is_empty() && address.parse::<Ipv6Addr>().is_ok();
    }
    let (head, tail) = text.rsplit_once(':').map_or(("", text), |(head, _)| text.split_at(head.len() + 1));
    let short = |part: &str| match part.trim_start_matches('0') {
        "" if !part.is_empty() => "0".to_string(),
        rest => rest.to_string(),
    };
    let quad = tail.contains('.').then(|| tail.split('.').map(short).collect::<Vec<_>>().join("."));
    format!("{head}{}", quad.unwrap_or(tail.to_string())).parse::<IpAddr>().is_ok()
}

/// What is encoded stays as it is.
fn again(encoded: &str) {
    let client = peer::cached("hostname client", || peer::context(PROTOCOL_TLS_CLIENT));
    let name = CString::new(encoded).expect("no NUL");
    let end = End::new(&client, 0, Some(&name), None, true);
    let end = end.unwrap_or_else(|failure| panic!("{encoded:?} is not taken again: {failure:?}"));
    // SAFETY: a live object lends its text.
    let twice = unsafe { text(tlsock_object_server_hostname(end.object.raw())) };
    assert_eq!(twice, Some(encoded));
}

/// What a server's callback hears; None if it was not asked.
fn hear(client: &mut End) -> Option<Option<String>> {
    let server = peer::cached("hostname server", || {
        let server = peer::context(PROTOCOL_TLS_SERVER);
        peer::identify(&server, "ecdsa");
        // SAFETY: a live context and no userdata.
        peer::set("sni_callback", &server, |server, error| unsafe {
            tlsock_context_set_sni_callback(server, Some(on_name), std::ptr::null_mut(), None, error)
        });
        server
    });
    let mut server = End::new(&server, WRAP_SERVER_SIDE, None, None, true).expect("a server");
    HEARD.set(None);
    server.deliver(&client.step());
    server.step();
    HEARD.take()
}

unsafe extern "C" fn on_name(
    _: *mut c_void,
    _: *const tlsock_connection,
    name: *const c_char,
    _: *mut tlsock_context,
    _: Out,
) -> c_int {
    // SAFETY: NULL or text, by the header.
    let name = (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) });
    HEARD.set(Some(name.map(|name| name.to_str().expect("ASCII").to_string())));
    // No more is needed.
    80
}

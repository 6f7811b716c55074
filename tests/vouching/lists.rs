//! Revocation lists end, and so do sessions that were judged by them.

use crate::ends::{requiring, wait_past};
use crate::made::{Workshop, before_the_end};
use crate::{ALL, CRL_CHECK_LEAF, Keeping, careless, certs, pair, session_of, visit};
use tlsock::{Context, Session};

/// Has a context ask lists: the tests' own, and an older one that may end before them.
fn asking(context: Context, shop: &Workshop, list: &str) -> Context {
    for list in [certs::read("crl.pem"), std::fs::read(shop.file(list)).expect("a list")] {
        context.load_crl_data(&list).expect("lists");
    }
    context.set_verify_flags(context.verify_flags() | CRL_CHECK_LEAF).expect("flags");
    context
}

fn visitor() -> Context {
    let client = careless();
    pair::identify(&client, "client");
    client
}

/// Sessions by a list that the client asks, and by one that the server asks.
fn kept_by(keeping: Keeping, shop: &Workshop, list: &str) -> [(Keeping, Context, Context, [Session; 2]); 2] {
    let strict = asking(requiring(keeping.server("ecdsa")), shop, list);
    let careful = asking(pair::client(), shop, list);
    [(careful, keeping.server("ecdsa")), (visitor(), strict)].map(|(client, server)| {
        let kept = session_of(&visit(&client, &server, "localhost", None).expect("a handshake"));
        let copy = Session::from_data(&client, &kept.data().expect("bytes")).expect("a session");
        (keeping, client, server, [kept, copy])
    })
}

/// The session ends with the first list that ends, although another one is still valid.
#[test]
fn a_list_that_has_ended_since_is_not_vouched_for() {
    let (end, cases) = before_the_end(|end| {
        let shop = Workshop::new("lists");
        shop.empty_crl_until("short", end);
        shop.empty_crl_until("long", end + 1000);
        ["short", "long"].map(|list| (list, ALL.map(|keeping| kept_by(keeping, &shop, list))))
    });
    wait_past(end);
    for (list, cases) in cases {
        for (keeping, client, server, sessions) in cases.into_iter().flatten() {
            for kept in sessions {
                let pair = visit(&client, &server, "localhost", Some(&kept)).expect("a handshake");
                assert_eq!(pair.server.session_reused(), list == "long", "{keeping:?}");
            }
        }
    }
}

use super::*;
use crate::os::{listen, local_address, peer_address};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpStream};
use std::time::Instant;

fn at(host: [u8; 4], port: u16) -> SocketAddr {
    SocketAddr::from((host, port))
}

fn listener(host: [u8; 4], port: u16) -> (OwnedSocket, u16) {
    let fd = listen(&at(host, port), 1, false).expect("it listens");
    let port = local_address(lend(&fd)).expect("it has an address").port;
    (fd, u16::try_from(port).expect("a port"))
}

/// A host that does not answer, because its queue is full, for as long as the result lives.
fn silent(host: [u8; 4], port: u16) -> (OwnedSocket, Vec<TcpStream>) {
    let (fd, _) = listener(host, port);
    let more = || TcpStream::connect_timeout(&at(host, port), Duration::from_millis(100)).ok();
    (fd, std::iter::from_fn(more).collect())
}

fn five_seconds() -> Deadline {
    Deadline::after(Duration::from_secs(5))
}

#[test]
fn a_silent_address_costs_a_quarter_of_a_second() {
    let (_good, port) = listener([127, 0, 0, 1], 0);
    let _silent = (silent([127, 0, 0, 2], port), silent([127, 0, 0, 3], port));
    let addresses = [at([127, 0, 0, 2], port), at([127, 0, 0, 3], port), at([127, 0, 0, 1], port)];
    let from = Instant::now();
    let winner = dial(&addresses, five_seconds(), || false).expect("the third one answers");
    assert!(from.elapsed() >= HEAD_START * 2 && from.elapsed() < HEAD_START * 8, "{:?}", from.elapsed());
    assert_eq!(peer_address(lend(&winner)).expect("it is connected").host, "127.0.0.1");
}

#[test]
fn a_refusal_costs_nothing() {
    let (_good, port) = listener([127, 0, 0, 1], 0);
    let addresses: Vec<_> =
        (2..12).map(|last| at([127, 0, 0, last], port)).chain([at([127, 0, 0, 1], port)]).collect();
    let from = Instant::now();
    dial(&addresses, five_seconds(), || false).expect("the last one answers");
    assert!(from.elapsed() < HEAD_START * 4, "{:?}", from.elapsed());
}

#[test]
fn one_deadline_is_for_all_and_every_outcome_is_told() {
    let (good, port) = listener([127, 0, 0, 1], 0);
    drop(good);
    let _silent = silent([127, 0, 0, 2], port);
    let addresses = [at([127, 0, 0, 2], port), at([127, 0, 0, 1], port)];
    let from = Instant::now();
    let lost =
        dial(&addresses, Deadline::after(Duration::from_millis(600)), || false).expect_err("none answers");
    assert!(lost.timed_out && from.elapsed() < Duration::from_secs(3), "{lost:?}");
    let refused = Errno::CONNREFUSED.raw_os_error();
    assert_eq!(lost.attempts, [(addresses[1], Some(refused)), (addresses[0], None)]);
    let lost = dial(&addresses[1..], five_seconds(), || false).expect_err("it refuses");
    assert!(!lost.timed_out);
    assert_eq!(lost.attempts, [(addresses[1], Some(refused))]);
    assert!(dial(&[], five_seconds(), || false).is_err_and(|lost| lost.attempts.is_empty()));
}

#[test]
fn families_take_turns() {
    let v4 = |last| SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, last)), 1);
    let v6 = |last| SocketAddr::new(IpAddr::V6(Ipv6Addr::new(1, 0, 0, 0, 0, 0, 0, last)), 1);
    assert_eq!(interleaved(&[v6(1), v6(2), v6(3), v4(1), v4(2)]), [v6(1), v4(1), v6(2), v4(2), v6(3)]);
    assert_eq!(interleaved(&[v4(1), v6(1), v6(2)]), [v4(1), v6(1), v6(2)]);
    assert_eq!(interleaved(&[]), []);
}

#[test]
fn no_way_to_an_address_is_told_from_a_refusal() {
    assert!(is_no_route(Errno::NETUNREACH.raw_os_error()));
    assert!(!is_no_route(Errno::CONNREFUSED.raw_os_error()));
}

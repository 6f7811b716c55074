//! Every entry of a socket in every state: what it gives, and that no plain byte leaves before `unwrap`.

use super::certs;
use super::pair::*;
use super::scenes::*;
use socket::{Endpoint, File, Half, Ready};
use std::os::fd::AsFd;
use tlsock::module::info::HAS_PHA;
use tlsock::*;

unsafe extern "C" {
    fn fgetc(stream: *mut File) -> i32;
    fn fputs(text: *const std::ffi::c_char, stream: *mut File) -> i32;
    fn fclose(stream: *mut File) -> i32;
}

/// What a stream over the socket makes of reading or writing.
fn through_a_stream(socket: &Socket, mode: &str) -> Result<String> {
    let stream = socket.makefile(mode)?;
    // SAFETY: the stream is open until it is closed.
    let told = match mode {
        "r" => unsafe { fgetc(stream) },
        _ => unsafe { fputs(c"the password of somebody".as_ptr(), stream) }.min(0),
    };
    // SAFETY: closed once.
    let closed = unsafe { fclose(stream) };
    Ok((told + closed).to_string())
}

fn send_file(socket: &Socket, time: f64) -> Result<String> {
    let path = certs::scratch().join(format!("secret-{:?}", std::thread::current().id()));
    std::fs::write(&path, SECRET).unwrap();
    let _ = socket.settimeout(seconds(time));
    let (sent, result) = socket.sendfile(std::fs::File::open(path).unwrap().as_fd(), 0, 0);
    let _ = socket.settimeout(Timeout::NonBlocking);
    result.map(|()| sent.to_string())
}

fn some<T>(value: Option<T>) -> String {
    if value.is_some() { "some" } else { "none" }.to_string()
}

fn ok<T>(result: Result<T>) -> Result<String> {
    result.map(|_| "ok".to_string())
}

fn number(result: Result<usize>) -> Result<String> {
    result.map(|number| number.to_string())
}

/// The entries, by the heads of the rows.
fn call(entry: &str, socket: &Socket, context: &Context, session: &Session) -> Result<String> {
    let mut buffer = [0; 100];
    let engine = socket.engine();
    match entry {
        "send" => number(socket.send(SECRET)),
        "send_nothing" => number(socket.send(b"")),
        "sendall" => ok(socket.sendall(SECRET)),
        "sendv" => number(socket.sendv(&[&SECRET[..5], &SECRET[5..]])),
        "write" => number(socket.write(SECRET)),
        "sendfile" => send_file(socket, 0.5),
        "write_stream" => through_a_stream(socket, "w"),
        "recv" => number(socket.recv(&mut buffer)),
        "recv_nothing" => number(socket.recv(&mut [])),
        "read" => number(socket.read(&mut buffer)),
        "read_stream" => through_a_stream(socket, "r"),
        "pending" => Ok(socket.pending().to_string()),
        "do_handshake" => ok(socket.do_handshake()),
        "unwrap" => ok(socket.unwrap()),
        "close_write" => ok(socket.close_write()),
        "shutdown_read" => ok(socket.shutdown(Half::Read)),
        "shutdown_write" => ok(socket.shutdown(Half::Write)),
        "shutdown" => ok(socket.shutdown(Half::Both)),
        "detach" => Ok(some(socket.detach())),
        "close" => ok(socket.close()),
        "abort" => ok(socket.abort()),
        "wait_read" => ok(socket.wait(Ready::Read, seconds(0.0))),
        "wait_write" => ok(socket.wait(Ready::Write, seconds(0.0))),
        "accept" => ok(socket.accept()),
        "connect" => ok(socket.connect(&Endpoint::from(FULL.1))),
        "connect_ex" => socket.connect_ex(&Endpoint::from(FULL.1)).map(|errno| format!("{errno}")),
        "listen" => ok(socket.listen(1)),
        "bind" => ok(socket.bind_host(Some("127.0.0.1"), 0)),
        "getpeercert" => Ok(some(socket.connection()?.getpeercert()?)),
        "chain" => ok(socket.connection().map(|engine| engine.get_unverified_chain().unwrap())),
        "verify_client" => ok(socket.verify_client_post_handshake()),
        "session" => Ok(some(engine.and_then(|engine| engine.session().unwrap()))),
        "set_session" => ok(socket.set_session(session)),
        "set_context" => ok(socket.set_context(context)),
        "version" => Ok(some(engine.and_then(|engine| engine.version()))),
        "group" => Ok(some(socket.group())),
        "binding" => Ok(some(socket.get_channel_binding(Some("tls-server-end-point"))?)),
        "fileno" => Ok(some(socket.fileno())),
        "settimeout" => ok(socket.settimeout(Timeout::NonBlocking)),
        "getpeername" => ok(socket.getpeername()),
        "getsockname" => ok(socket.getsockname()),
        "getsockopt" => number(socket.getsockopt(1, 3, &mut [0; 4])),
        _ => panic!("{entry}"),
    }
}

/// An outcome in one word.
fn word(outcome: Result<String>) -> String {
    let error = match outcome {
        Ok(value) => return value,
        Err(error) => error,
    };
    match (error.status(), error.os_errno()) {
        (Status::Os, 9) => "BADF".to_string(),
        (Status::Os, 22) => "INVAL".to_string(),
        (Status::Os, 32) => "PIPE".to_string(),
        (Status::Os, 95) => "NOTSUP".to_string(),
        (Status::Os, 106) => "ISCONN".to_string(),
        (Status::Os, 107) => "NOTCONN".to_string(),
        (Status::Os, errno) => errno.to_string(),
        (status, _) => format!("{status:?}"),
    }
}

/// Sends by every way there is.
fn send_everywhere(socket: &Socket) {
    let _ = socket.send(SECRET);
    let _ = socket.sendall(SECRET);
    let _ = socket.write(SECRET);
    let _ = through_a_stream(socket, "w");
    let _ = send_file(socket, 0.001);
}

/// What versions of OpenSSL make of a call after a handshake that failed. To a reader an end without close_notify is 0.
const FAILURES: [&str; 3] = ["Eof", "Ssl", "0"];

/// What each entry gives, in the words of `word`. Where a server differs it has a row of its own.
const TABLE: &str = "
entry              unconnected connecting late     connected failed tls      ended   unwrapped shut  detached closed listening
send               NOTCONN     WantWrite  WantRead WantRead  fails  24       24      24        PIPE  Ssl      BADF   NOTCONN
send_nothing       NOTCONN     WantWrite  WantRead WantRead  fails  0        0       0         PIPE  0        BADF   NOTCONN
sendall            NOTCONN     WantWrite  WantRead WantRead  fails  ok       ok      ok        PIPE  Ssl      BADF   NOTCONN
sendv              NOTCONN     WantWrite  WantRead WantRead  fails  24       24      24        PIPE  Ssl      BADF   NOTCONN
write              NOTCONN     WantWrite  WantRead WantRead  fails  24       24      Value     Value Ssl      Value  NOTCONN
sendfile           NOTCONN     Timeout    Timeout  Timeout   fails  24       24      24        PIPE  Ssl      BADF   NOTCONN
write_stream       -1          -1         -1       -1        -1     0        0       0         -1    BADF     BADF   -1
recv               NOTCONN     WantWrite  WantRead WantRead  fails  WantRead 0       WantRead  0     Ssl      BADF   NOTCONN
recv_nothing       NOTCONN     WantWrite  0        0         0      0        0       0         0     0        BADF   NOTCONN
read               NOTCONN     WantWrite  WantRead WantRead  fails  WantRead 0       Value     Value Ssl      Value  NOTCONN
read_stream        -1          -1         -1       -1        -1     -1       -1      -1        -1    BADF     BADF   -1
pending            0           0          0        0         0      0        0       0         0     0        0      0
do_handshake       NOTCONN     WantWrite  WantRead WantRead  fails  ok       ok      Value     Value BADF     BADF   NOTCONN
unwrap             NOTCONN     WantWrite  Ssl      Ssl       Ssl    WantRead ok      Value     Value Ssl      Value  NOTCONN
close_write        NOTCONN     WantWrite  Ssl      Ssl       Ssl    ok       ok      Value     Value Ssl      Value  NOTCONN
shutdown_read      NOTCONN     ok         ok       ok        ok     ok       ok      ok        ok    BADF     BADF   ok
shutdown_write     NOTCONN     ok         ok       ok        ok     ok       ok      ok        ok    BADF     BADF   ok
shutdown           NOTCONN     ok         ok       ok        ok     ok       ok      ok        ok    BADF     BADF   ok
detach             some        some       some     some      some   some     some    some      some  none     none   some
close              ok          ok         ok       ok        ok     ok       ok      ok        ok    ok       ok     ok
abort              ok          ok         ok       ok        ok     ok       ok      ok        ok    ok       ok     ok
wait_read          ok          Timeout    Timeout  Timeout   ok     Timeout  ok      Timeout   ok    BADF     BADF   Timeout
wait_write         ok          Timeout    ok       ok        ok     ok       ok      ok        ok    BADF     BADF   Timeout
accept             INVAL       INVAL      INVAL    INVAL     INVAL  INVAL    INVAL   INVAL     INVAL BADF     BADF   WantRead
connect            WantWrite   WantWrite  ok       Value     Value  Value    Value   Value     Value Value    Value  ISCONN
server:connect     Value       Value      Value    Value     Value  Value    Value   Value     Value Value    Value  Value
connect_ex         115         114        106      Value     Value  Value    Value   Value     Value Value    Value  ISCONN
server:connect_ex  Value       Value      Value    Value     Value  Value    Value   Value     Value Value    Value  Value
listen             ok          INVAL      INVAL    INVAL     INVAL  INVAL    INVAL   INVAL     INVAL BADF     BADF   ok
bind               ok          INVAL      INVAL    INVAL     INVAL  INVAL    INVAL   INVAL     INVAL BADF     BADF   INVAL
getpeercert        NOTCONN     NOTCONN    Value    Value     Value  some     some    Value     Value some     Value  NOTCONN
server:getpeercert NOTCONN     NOTCONN    Value    Value     Value  none     none    Value     Value none     Value  NOTCONN
chain              NOTCONN     NOTCONN    Value    ok        ok     ok       ok      Value     Value ok       Value  NOTCONN
verify_client      Value       Value      Value    Ssl       Ssl    Ssl      Ssl     Value     Value Ssl      Value  Value
session            none        none       none     none      none   some     some    none      none  some     none   none
server:session     none        none       none     none      none   some     some    none      none  some     none   none
set_session        ok          ok         ok       Value     Value  Value    Value   ok        ok    Value    ok     ok
set_context        ok          ok         ok       ok        ok     ok       ok      ok        ok    ok       ok     ok
version            none        none       none     none      none   some     some    none      none  some     none   none
group              none        none       none     none      none   some     some    none      none  some     none   none
binding            none        none       none     none      none   some     some    none      none  some     none   none
fileno             some        some       some     some      some   some     some    some      some  none     none   some
settimeout         ok          ok         ok       ok        ok     ok       ok      ok        ok    BADF     BADF   ok
getpeername        NOTCONN     NOTCONN    ok       ok        ok     ok       ok      ok        ok    BADF     BADF   NOTCONN
getsockname        ok          ok         ok       ok        ok     ok       ok      ok        ok    BADF     BADF   ok
getsockopt         4           4          4        4         4      4        4       4         4     BADF     BADF   4
";

/// The outcomes of an entry by state.
fn row(role: Role, entry: &str) -> Option<Vec<&'static str>> {
    let lines = TABLE.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let own = format!("server:{entry}");
    let mut rows = lines.filter(|cells| cells.first().is_some_and(|head| *head == entry || *head == own));
    let first = rows.next()?;
    let row = rows.next().filter(|_| matches!(role, Role::Server(_))).unwrap_or(first);
    Some(row[1..].to_vec())
}

/// Plays every cell of the table, and has each socket send by every way afterwards: somebody in between sees nothing
/// of it, whatever the entry has done to the socket, unless TLS was unwrapped.
fn every_entry_in_every_state(role: Role) {
    let states = row(role, "entry").unwrap();
    let entries = TABLE.lines().filter_map(|line| line.split_whitespace().next());
    // A session of another context.
    let (other, _peer) = pair_over(local(), TLS12, WrapFlags::default());
    let session = other.engine().unwrap().session().unwrap().unwrap();
    let context = client(TLS12);
    let mut wrong = Vec::new();
    for entry in entries.filter(|entry| *entry != "entry" && !entry.contains(':')) {
        for (state, expected) in states.iter().zip(row(role, entry).unwrap()) {
            let scene = scene(state, role);
            let told = word(call(entry, &scene.socket, &context, &session));
            let is_plain = *state == "unwrapped" || (entry == "unwrap" && told == "ok");
            send_everywhere(&scene.socket);
            let leaks = shows_the_secret(&scene.seen()) && !is_plain;
            let expected = match (entry, expected) {
                ("verify_client", "Ssl") if !has(HAS_PHA) => "NotImplemented",
                (_, expected) => expected,
            };
            let right = match expected {
                "fails" => FAILURES.contains(&told.as_str()),
                _ => told == expected,
            };
            if !right || leaks {
                wrong.push(format!("{entry} when {state}: {told}, not {expected}; leaks: {leaks}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{role:?}: {wrong:#?}");
}

#[test]
fn every_entry_of_a_client_in_every_state() {
    every_entry_in_every_state(Role::Client(TLS12));
    every_entry_in_every_state(Role::Client(TLS13));
}

#[test]
fn every_entry_of_a_server_in_every_state() {
    every_entry_in_every_state(Role::Server(TLS12));
    every_entry_in_every_state(Role::Server(TLS13));
}

/// The tap sees plaintext: otherwise the tests above could not fail.
#[test]
fn what_is_sent_after_unwrap_is_seen() {
    let scene = scene("unwrapped", Role::Client(TLS13));
    scene.socket.send(SECRET).unwrap();
    assert!(shows_the_secret(&scene.seen()));
}

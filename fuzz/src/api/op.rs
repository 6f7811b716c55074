//! What a program consists of. Numbers are taken modulo what there is.

use arbitrary::{Arbitrary, Unstructured};

/// A program.
#[derive(Debug)]
pub struct Program {
    /// Chooses what callbacks do.
    pub seed: u8,
    /// In which order the handles are freed at the end.
    pub order: u8,
    /// The steps.
    pub ops: Vec<Op>,
}

impl<'a> Arbitrary<'a> for Program {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Program> {
        let (seed, order, mut ops) = (u.arbitrary()?, u.arbitrary()?, Vec::new());
        while !u.is_empty() && ops.len() < 60 {
            ops.push(u.arbitrary()?);
        }
        Ok(Program { seed, order, ops })
    }
}

/// One of a few handles.
pub type Slot = u8;

/// One step.
#[derive(Arbitrary, Debug)]
#[allow(missing_docs)]
pub enum Op {
    Context(Slot, ContextOp),
    Callback(Slot, SetCallback),
    Object(Slot, ObjectOp),
    Pair(Pair),
    Sockets(Pair),
    Socket(Slot, SocketOp),
    Part(Slot, PartOp),
}

/// A step of a context.
#[derive(Arbitrary, Debug)]
#[allow(missing_docs)]
pub enum ContextOp {
    New(u8),
    Default(bool),
    Free,
    Copy(Slot),
    Identify(u8),
    Trust(u8),
    Verify(u8),
    CheckHostname(bool),
    CommonName(bool),
    VerifyFlags(u8),
    Options(u8),
    Minimum(u8),
    Maximum(u8),
    Ciphers(u8),
    Curve(u8),
    Alpn(u8),
    Tickets(u8),
    PostHandshake(bool),
    Keylog(u8),
    Defaults,
    Inspect(Slot),
}

/// Which callbacks are set, and what they do.
#[derive(Arbitrary, Debug)]
#[allow(missing_docs)]
pub struct SetCallback {
    pub kind: Kind,
    pub clear: bool,
    pub does: Does,
    pub frees: bool,
    /// What it does to OpenSSL's error queue in the end.
    pub entries: u8,
}

/// What a callback is for.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Sni,
    ServerName,
    PskClient,
    PskServer,
    Message,
    Keylog,
    Session,
    Password,
    Warning,
}

/// What a callback does.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Does {
    Well,
    Decline,
    Fail,
    FailSilently,
    Want,
    Garbage(i32),
    UseConnection,
    ChangeContexts(Slot),
    SwitchContext(Slot),
    ReplaceItself,
    FreeOthers(Slot),
    KeepErrorAndSucceed,
    ShakeHands(Slot),
    OfferSession(Slot),
    OfferSessionElsewhere(Slot),
}

/// Two ends.
#[derive(Arbitrary, Debug)]
#[allow(missing_docs)]
pub struct Pair {
    pub client: Slot,
    pub server: Slot,
    pub ends: Slot,
    pub session: Slot,
    pub hostname: u8,
    pub flags: u8,
    pub turns: u8,
}

/// A step of an object.
#[derive(Arbitrary, Debug)]
#[allow(missing_docs)]
pub enum ObjectOp {
    Wrap { context: Slot, session: Slot, bios: u8, hostname: u8, flags: u8 },
    Free,
    Handshake,
    Read(u8),
    Write(u16),
    Unwrap,
    CloseWrite,
    Pump { flags: u8, plain: u8, room: u8, space: u8, noise: u8 },
    Exchange { other: Slot, turns: u8 },
    Authenticate,
    Inspect,
    SetContext(Slot),
    TakeContext(Slot),
    SetSession(Slot),
    TakeSession(Slot),
    TakeCertificate(Slot),
    Userdata(u8),
}

/// A step of a socket.
#[derive(Arbitrary, Debug)]
#[allow(missing_docs)]
pub enum SocketOp {
    Free,
    Handshake,
    Recv(u8),
    Send(u16),
    Sendv(u8),
    Unwrap(bool),
    CloseWrite,
    Shutdown(u8),
    Close,
    Abort,
    Detach,
    Timeout(u8),
    Exchange { other: Slot, turns: u8 },
    Authenticate,
    Inspect,
    SetContext(Slot),
    SetSession(Slot),
    TakeSession(Slot),
    Connect,
    Accept(Slot),
    Listen(Slot),
}

/// A step of what connections are made of and give.
#[derive(Arbitrary, Debug)]
#[allow(missing_docs)]
pub enum PartOp {
    NewBio,
    FreeBio,
    WriteBio(u8),
    ReadBio(u8),
    EndBio,
    FreeSession,
    KeepSession { context: Slot, into: Slot },
    CompareSession(Slot),
    FreeCertificate,
    InspectCertificate,
}

// Package tlsock speaks TLS through OpenSSL with the rules of Python's ssl module.
//
// A [Context] holds settings, certificates and trust; a [Conn] is a net.Conn made from a context and any other
// net.Conn. Client, Server, Dial, Listen and the rest work like those of crypto/tls, so a Conn can be used
// wherever a *tls.Conn is used as a net.Conn: net/http, golang.org/x/net/http2, SMTP, database drivers.
//
//	context, err := tlsock.CreateDefaultContext(tlsock.PurposeServerAuth, tlsock.VerifyLocations{})
//	conn, err := tlsock.Dial("tcp", "example.org:443", context)
//
// Go's network poller does all the waiting: no thread waits in C, and deadlines work as usual. A network
// read costs one call into C, and so does each batch of records written.
//
// # Errors
//
// Every failure of TLS is an *[Error]. errors.Is compares with ErrCertVerification, ErrSSL, ErrTimeout and so on;
// errors.As finds a *[CertVerificationError]. A stream that ends with close_notify gives io.EOF, one that is truncated
// gives io.ErrUnexpectedEOF. Errors of the underlying net.Conn are returned unchanged. A call interrupted by Close fails
// with net.ErrClosed.
//
// # Deadlines
//
// A deadline of a Conn limits everything that a Read or a Write does: the handshake that it begins, and waiting for another
// goroutine that does it. After a timeout, whether it is an error of the net.Conn below or another whose Timeout is true,
// every call may be repeated; in crypto/tls a Write may not. HandshakeContext ends with its context, and closes
// the connection.
//
// # State
//
// [Conn.ConnectionState] returns the type of crypto/tls, whose ExportKeyingMaterial no other package can provide: there it
// returns an error. [Conn.State] returns a type with the same fields where it works, and [ConnectionState.TLS] converts it.
//
// # Sessions
//
// A [Dialer] resumes by itself, with sessions that the context keeps or a [SessionCache]. A session proves only what its
// handshake has proved: if the context demands more or something else by now, the handshake is a full one. It is so where a callback
// chooses the client's certificate or pre-shared key: nothing could tell for whom a session was made.
//
// # Callbacks
//
// A callback runs in a goroutine of its own, with an [Object] that stands for the connection during that time. Its
// HandshakeContext is the context that was given to the handshake, and ends with it, and with Close.
//
// [Context.SetIdentityCallback] chooses a certificate for each handshake, as GetCertificate and GetClientCertificate of
// crypto/tls do; [NewIdentitySigner] and [NewIdentityTLS] take a key that is a crypto.Signer. [Context.SetVerifyCallback] adds to the
// verification of peers, and cannot weaken it; [VerifyPeerCertificate] and [VerifyConnection] make a callback for it of what a
// tls.Config has under these names. Such callbacks and signers may wait for something: that delays their own connection and
// no other, and ends with their context, after which nobody waits for the answer.
//
// # Names
//
// Names are Python's in Go's case: SSLContext.load_cert_chain is [Context.LoadCertChain]. Attributes are a getter
// and a setter: [Context.VerifyMode] and [Context.SetVerifyMode].
//
// # Freeing
//
// Close frees what C holds; a finalizer frees what was not closed. Everything may be closed in any order and
// used from many goroutines.
//
// # Building
//
// cgo finds the library by pkg-config under the name tlsock. The build tag tlsock_static links libtlsock.a.
package tlsock

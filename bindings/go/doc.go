// Package tlsock speaks TLS through OpenSSL with the rules of Python's ssl module.
//
// A [Context] holds settings, certificates and trust; a [Conn] is a net.Conn made from a context and any other
// net.Conn. Client, Server, Dial, Listen and the rest work as their namesakes in crypto/tls, so a Conn goes
// wherever a *tls.Conn goes as a net.Conn: net/http, golang.org/x/net/http2, SMTP, database drivers.
//
//	context, err := tlsock.CreateDefaultContext(tlsock.PurposeServerAuth, tlsock.VerifyLocations{})
//	conn, err := tlsock.Dial("tcp", "example.org:443", context)
//
// The bytes travel through Go's own network poller: no thread waits in C, and a deadline is a deadline. A network
// read costs one call into C, and so does each batch of records written.
//
// # Errors
//
// Every failure of TLS is an *[Error]. errors.Is compares with ErrCertVerification, ErrSSL, ErrTimeout and so on;
// errors.As finds a *[CertVerificationError]. A stream that ends with close_notify gives io.EOF, one that is cut
// gives io.ErrUnexpectedEOF. Errors of the underlying net.Conn come through unchanged. What meets Close fails with
// net.ErrClosed.
//
// # Deadlines
//
// A deadline of a Conn bounds all that a Read or a Write does: the handshake it has to begin, and waiting for another
// goroutine that is at it. After a timeout, of the net.Conn below or of one that has errors of its own for it (Timeout is
// true), everything may be tried again; in crypto/tls a Write may not. HandshakeContext ends with its context, and closes
// the connection.
//
// # State
//
// [Conn.ConnectionState] gives the type of crypto/tls, whose ExportKeyingMaterial no other package can provide: there it
// gives an error. [Conn.State] gives a type with the same fields where it works, and [ConnectionState.TLS] converts it.
//
// # Sessions
//
// A [Dialer] resumes by itself, with sessions that the context keeps or a [SessionCache]. A session vouches for what its
// handshake has proved: where the context asks more, or other, by now, the handshake is a full one.
//
// # Callbacks
//
// A callback runs in a goroutine of its own, with an [Object] that is the connection for that time. Its HandshakeContext
// is the context that was given to the handshake.
//
// What crypto/tls has more of will come under its names, as setters of the Context: VerifyConnection and
// VerifyPeerCertificate (which add to the check and cannot weaken it), GetCertificate, GetClientCertificate and
// GetConfigForClient, each with the object first; a key that is a crypto.Signer comes with a loading call of its own. Until
// then: the SNI callback chooses a server's certificate, and State is asked after the handshake.
//
// # Names
//
// Names are Python's in Go's case: SSLContext.load_cert_chain is [Context.LoadCertChain]. Attributes are a getter
// and a setter: [Context.VerifyMode] and [Context.SetVerifyMode].
//
// # Freeing
//
// Close frees what C holds; what is forgotten is freed by a finalizer. Everything may be closed in any order and
// used from many goroutines.
//
// # Building
//
// cgo finds the library by pkg-config under the name tlsock. The build tag tlsock_static links libtlsock.a.
package tlsock

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
// gives io.ErrUnexpectedEOF. Errors of the underlying net.Conn come through unchanged.
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

//go:build cgo

package tlsockhttp

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"tlsock"
)

// Serve serves HTTP over the TLS connections of a listener until the server is closed or shut down, like
// http.Server.ServeTLS: requests have their TLS field, handlers find a client's certificate in it, and a client
// that speaks plain HTTP gets an error message.
//
// The listener must not have accepted anything yet. These of its fields are set if they are empty: HandshakeTimeout,
// as net/http derives it from the server's timeouts; HandshakeFailed, which logs to the server's ErrorLog; NotTLS. Its
// context gets the ALPN protocols that the server speaks: see http.Server.Protocols.
//
// Before it serves, it fails if the server holds settings for crypto/tls, which would have no effect: a TLSConfig with more than
// NextProtos, or a TLSNextProto with more than "h2". What TLSConfig said belongs on the listener's context.
//
// The server is prepared as by Configure, unless it was: a server that serves other listeners too is to be configured before.
func Serve(server *http.Server, listener *tlsock.Listener) error {
	prepared, err := prepare(server)
	if err != nil {
		return err
	}
	if err := listener.Context().SetALPNProtocols(prepared.protocols...); err != nil {
		return err
	}
	if listener.HandshakeTimeout == 0 {
		listener.HandshakeTimeout = handshakeTimeout(server)
	}
	if listener.HandshakeFailed == nil {
		listener.HandshakeFailed = func(failure *tlsock.HandshakeError) {
			logTo(server.ErrorLog, "http: TLS handshake error from %v: %v", failure.RemoteAddr, failure.Err)
		}
	}
	if listener.NotTLS == nil {
		listener.NotTLS = answerPlain
	}
	return server.Serve(accepting{listener})
}

// Configure prepares a server for Serve, which does it by itself: its Handler, BaseContext, ConnContext, ConnState and Protocols are
// replaced by ones that call the originals. HTTP/2 without TLS stays refused on other listeners of the server, unless its Protocols
// allowed it. net/http reads these fields as it serves, so that a server that serves listeners of others as well is configured before
// the first of them is served, and after its Handler was set. It fails as Serve does.
func Configure(server *http.Server) error {
	_, err := prepare(server)
	return err
}

// handshakeTimeout is the shortest of the timeouts that net/http applies to a handshake; 0 if there is none.
func handshakeTimeout(server *http.Server) (shortest time.Duration) {
	for _, timeout := range []time.Duration{server.ReadHeaderTimeout, server.ReadTimeout, server.WriteTimeout} {
		if timeout > 0 && (shortest == 0 || timeout < shortest) {
			shortest = timeout
		}
	}
	return shortest
}

func logTo(logger *log.Logger, format string, args ...any) {
	if logger == nil {
		logger = log.Default()
	}
	logger.Printf(format, args...)
}

var errPlainHTTP = errors.New("client sent an HTTP request to an HTTPS server")

// answerPlain answers as net/http does.
func answerPlain(conn net.Conn, start []byte) error {
	if len(start) < 5 {
		return nil
	}
	switch string(start[:5]) {
	case "GET /", "HEAD ", "POST ", "PUT /", "OPTIO":
		_, _ = io.WriteString(conn, "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")
		return errPlainHTTP
	}
	return nil
}

// accepting gives net/http its connections.
type accepting struct{ *tlsock.Listener }

func (a accepting) Accept() (net.Conn, error) {
	conn, err := a.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if conn.(*tlsock.Conn).SelectedALPNProtocol() == "h2" {
		return newDiscreet(conn), nil
	}
	return conn, nil
}

// discreet hides that the connection is TLS: net/http speaks HTTP/2 only over a *tls.Conn and over connections that are not
// TLS. The handler corrects that. For a client that has agreed on HTTP/2 and does not begin with it, net/http would wait for ever where it
// has no timeouts, other than over a *tls.Conn: such a connection is closed.
type discreet struct {
	net.Conn
	left int // of the bytes that HTTP/2 begins with
	late *time.Timer
}

// prefaceSize is the length of what a client begins HTTP/2 with (RFC 9113, 3.4).
const prefaceSize = 24

// prefaceTimeout is how long that may take in nanoseconds, as in net/http; tests set another time.
var prefaceTimeout atomic.Int64

func init() { prefaceTimeout.Store(int64(10 * time.Second)) }

func newDiscreet(conn net.Conn) *discreet {
	late := time.AfterFunc(time.Duration(prefaceTimeout.Load()), func() { _ = conn.Close() })
	return &discreet{conn, prefaceSize, late}
}

// Read reads, and counts how the client begins.
func (d *discreet) Read(p []byte) (int, error) {
	n, err := d.Conn.Read(p)
	if d.left > 0 {
		if d.left -= n; d.left <= 0 {
			d.late.Stop()
		}
	}
	return n, err
}

// Close closes.
func (d *discreet) Close() error {
	d.late.Stop()
	return d.Conn.Close()
}

// reveal gives the *tlsock.Conn, nil if it is a connection of another listener.
func reveal(conn net.Conn) *tlsock.Conn {
	if hidden, ok := conn.(*discreet); ok {
		conn = hidden.Conn
	}
	ours, _ := conn.(*tlsock.Conn)
	return ours
}

// handler completes requests.
type handler struct {
	given       http.Handler // nil for http.DefaultServeMux
	protocols   []string     // for ALPN
	unencrypted bool         // HTTP/2 without TLS was allowed
}

type connectionKey struct{}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	negotiated := ""
	if conn, ours := r.Context().Value(connectionKey{}).(*tlsock.Conn); ours {
		// Each request asks: the client may have shown a certificate since the last, if the program has asked for one.
		state := conn.ConnectionState()
		r.TLS = &state
		negotiated = r.TLS.NegotiatedProtocol
	}
	switch {
	case r.ProtoMajor == 2 && negotiated != "h2" && (r.TLS != nil || !h.unencrypted):
		refuse(w, "HTTP/2 was not negotiated")
	case r.ProtoMajor < 2 && negotiated == "h2":
		refuse(w, "HTTP/2 was negotiated")
	case negotiated == "h2" && !adequate(r.TLS):
		refuse(w, "HTTP/2 is not for this TLS version or cipher")
	case h.given != nil:
		h.given.ServeHTTP(w, r)
	default:
		http.DefaultServeMux.ServeHTTP(w, r)
	}
}

// adequate tells whether HTTP/2 is allowed (RFC 9113, 9.2): from TLS 1.3 on, or with a cipher of TLS 1.2 that is an AEAD and
// has new keys for each connection.
func adequate(state *tls.ConnectionState) bool {
	if state.Version != tls.VersionTLS12 {
		return state.Version > tls.VersionTLS12
	}
	switch state.CipherSuite {
	case tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
		// crypto/tls has no names for these: the same with finite fields.
		0x009e, 0x009f, 0xccaa:
		return true
	}
	return false
}

func refuse(w http.ResponseWriter, reason string) {
	w.Header().Set("Connection", "close")
	http.Error(w, reason, http.StatusHTTPVersionNotSupported)
}

// preparing lets a server be served on several listeners at once.
var preparing sync.Mutex

// prepare puts our handler before the server's, once.
func prepare(server *http.Server) (*handler, error) {
	preparing.Lock()
	defer preparing.Unlock()
	if err := checkConfig("http.Server.TLSConfig", server.TLSConfig); err != nil {
		return nil, err
	}
	if err := checkNextProto("http.Server.TLSNextProto", server.TLSNextProto); err != nil {
		return nil, err
	}
	if prepared, ok := server.Handler.(*handler); ok {
		return prepared, nil
	}
	h := &handler{given: server.Handler}
	h.protocols, h.unencrypted = speak(server)
	server.Handler = h
	if base := server.BaseContext; base != nil {
		server.BaseContext = func(listener net.Listener) context.Context {
			switch one := listener.(type) {
			case nowhere:
				return context.Background()
			case accepting:
				listener = one.Listener
			}
			return base(listener)
		}
	}
	connContext := server.ConnContext
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		if ours := reveal(conn); ours != nil {
			ctx, conn = context.WithValue(ctx, connectionKey{}, ours), ours
		}
		if connContext != nil {
			ctx = connContext(ctx, conn)
		}
		return ctx
	}
	if connState := server.ConnState; connState != nil {
		server.ConnState = func(conn net.Conn, state http.ConnState) {
			if ours := reveal(conn); ours != nil {
				conn = ours
			}
			connState(conn, state)
		}
	}
	return h, settle(server)
}

// settle has net/http set the server up for HTTP/2, as its first Serve does: that writes to TLSConfig and TLSNextProto, which each Serve
// here checks, while another listener may be served.
func settle(server *http.Server) error {
	if err := server.Serve(nowhere{}); err != errNowhere && err != http.ErrServerClosed {
		return err
	}
	return nil
}

// nowhere is a listener that nobody can reach.
type nowhere struct{}

var errNowhere = errors.New("tlsockhttp: this listener accepts nothing")

// Accept fails.
func (nowhere) Accept() (net.Conn, error) { return nil, errNowhere }

// Close does nothing.
func (nowhere) Close() error { return nil }

// Addr is the zero address.
func (nowhere) Addr() net.Addr { return &net.TCPAddr{} }

//go:build cgo

package tlsock

import (
	"context"
	"net"
	"strings"
)

// Dialer connects and does the handshake. It resumes sessions by itself: those of earlier connections with the same context
// to the same name and address, if they prove everything that the context demands, and not after a setting of the context
// was changed. A ticket of TLS 1.3 is used once. While the context has an identity callback, or one for a client's pre-shared
// key, which decide for each connection who the client is, every handshake is a full one and no session is kept.
type Dialer struct {
	NetDialer  *net.Dialer // nil for a plain one
	Context    *Context
	ServerName string   // empty: the host of the address; an address of a unix socket has none
	Session    *Session // one to resume: the cache is then not used

	SessionCache     SessionCache // nil: one of the context's own, with 64 sessions
	SessionsDisabled bool         // every handshake is a full one, and no session is kept
}

// Dial connects to an address and does the handshake. The peer must prove to be the host of the address. That of a unix socket has
// none: a context that checks host names then needs a Dialer with a ServerName.
func Dial(network, address string, context *Context) (*Conn, error) {
	return DialWithDialer(new(net.Dialer), network, address, context)
}

// DialWithDialer is like Dial; the dialer's timeout covers the handshake too.
func DialWithDialer(dialer *net.Dialer, network, address string, tlsContext *Context) (*Conn, error) {
	d := &Dialer{NetDialer: dialer, Context: tlsContext}
	return d.dial(context.Background(), network, address)
}

// DialContext is like Dial, but ends with ctx. A Dialer with this context has a method of the form that
// http.Transport.DialTLSContext and database drivers need.
func DialContext(ctx context.Context, network, address string, tlsContext *Context) (*Conn, error) {
	d := &Dialer{Context: tlsContext}
	return d.dial(ctx, network, address)
}

// Dial connects to an address and does the handshake; the net.Conn is a *Conn.
func (d *Dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialContext connects to an address and does the handshake; the net.Conn is a *Conn.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.dial(ctx, network, address)
	if err != nil {
		// Never a nil *Conn in a net.Conn.
		return nil, err
	}
	return conn, nil
}

func (d *Dialer) dial(ctx context.Context, network, address string) (*Conn, error) {
	dialer := d.NetDialer
	if dialer == nil {
		dialer = new(net.Dialer)
	}
	if dialer.Timeout != 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, dialer.Timeout)
		defer cancel()
	}
	if !dialer.Deadline.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, dialer.Deadline)
		defer cancel()
	}
	name := d.ServerName
	if name == "" && !strings.HasPrefix(network, "unix") {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		name, _, _ = strings.Cut(host, "%")
	}
	raw, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	conn := d.client(raw, name, d.keeper(network, address, name))
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	conn.keep.shaken(conn)
	return conn, nil
}

// client makes the client's side, with a kept session if there is one that the library accepts.
func (d *Dialer) client(raw net.Conn, name string, keep *keeper) *Conn {
	if session := keep.offer(); session != nil {
		conn := wrap(raw, d.Context, WrapOptions{ServerHostname: name, Session: session})
		if conn.setup == nil && keep.current() {
			keep.offered, conn.keep = session, keep
			return conn
		}
		conn.ref.close()
		_ = session.Close()
	}
	conn := wrap(raw, d.Context, WrapOptions{ServerHostname: name, Session: d.Session})
	conn.keep = keep
	return conn
}

// GetServerCertificate connects to a server and returns its certificate as PEM. caCerts is a CA file to verify it with,
// or "" for no verification. The host name is never checked.
// Python: get_server_certificate(addr, ssl_version, ca_certs, timeout)
func GetServerCertificate(ctx context.Context, address string, protocol Protocol, caCerts string) (string, error) {
	tlsContext, err := NewContext(protocol)
	if err != nil {
		return "", err
	}
	defer tlsContext.Close()
	if err := tlsContext.SetCheckHostname(false); err != nil {
		return "", err
	}
	mode := CertNone
	if caCerts != "" {
		mode = CertRequired
		if err := tlsContext.LoadVerifyLocations(VerifyLocations{CAFile: caCerts}); err != nil {
			return "", err
		}
	}
	if err := tlsContext.SetVerifyMode(mode); err != nil {
		return "", err
	}
	conn, err := DialContext(ctx, "tcp", address, tlsContext)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	certificate, err := conn.PeerCertificate()
	if err != nil || certificate == nil {
		return "", err
	}
	return certificate.PEM(), nil
}

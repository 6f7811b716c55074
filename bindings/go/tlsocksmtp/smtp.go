//go:build cgo

// Package tlsocksmtp is net/smtp over TLS of tlsock. net/smtp's own StartTLS accepts only a *tls.Config.
package tlsocksmtp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"

	"tlsock"
	"tlsock/internal/until"
)

var (
	errNotOffered = errors.New("tlsocksmtp: the server does not offer STARTTLS")
	errEarlyBytes = errors.New("tlsocksmtp: the server sent more than its answer to STARTTLS")
	errAlready    = errors.New("tlsocksmtp: the connection is TLS already")
)

// Client is an smtp.Client whose connection is TLS.
type Client struct {
	*smtp.Client
	conn *tlsock.Conn
}

// Dial connects to a mail server, such as "mail.example.org:587", and begins TLS with STARTTLS, all until
// ctx ends. A server that does not offer STARTTLS is refused.
func Dial(ctx context.Context, address string, tlsContext *tlsock.Context) (*Client, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return StartTLS(ctx, conn, host, tlsContext)
}

// DialTLS connects to a mail server that begins with TLS, such as "mail.example.org:465".
func DialTLS(ctx context.Context, address string, tlsContext *tlsock.Context) (*Client, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	conn, err := tlsock.DialContext(ctx, "tcp", address, tlsContext)
	if err != nil {
		return nil, err
	}
	return greet(ctx, conn, conn, host)
}

// StartTLS begins TLS with STARTTLS on a connection that nothing was read from or written to yet. If it fails, the connection
// is closed. The server must prove to be host.
func StartTLS(ctx context.Context, plain net.Conn, host string, tlsContext *tlsock.Context) (*Client, error) {
	err := until.Done(ctx, plain, func() error { return ask(plain) })
	if err != nil {
		_ = plain.Close()
		return nil, err
	}
	conn := tlsock.Client(plain, tlsContext, host)
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	// net/smtp expects a greeting, and a server sends none after STARTTLS.
	return greet(ctx, conn, &greeted{conn, []byte("220 " + host + "\r\n")}, host)
}

// ask requests STARTTLS.
func ask(conn net.Conn) error {
	text := textproto.NewConn(conn)
	if _, _, err := text.ReadResponse(220); err != nil {
		return err
	}
	if err := text.PrintfLine("EHLO localhost"); err != nil {
		return err
	}
	_, extensions, err := text.ReadResponse(250)
	if err != nil {
		return err
	}
	if !offers(extensions, "STARTTLS") {
		return errNotOffered
	}
	if err := text.PrintfLine("STARTTLS"); err != nil {
		return err
	}
	if _, _, err := text.ReadResponse(220); err != nil {
		return err
	}
	// An attacker in between could have added these bytes, which would be taken for the server's after the handshake.
	if text.R.Buffered() > 0 {
		return errEarlyBytes
	}
	return nil
}

func offers(extensions, wanted string) bool {
	for _, line := range strings.Split(extensions, "\n")[1:] {
		if name, _, _ := strings.Cut(line, " "); strings.EqualFold(name, wanted) {
			return true
		}
	}
	return false
}

// greet makes a client for conn that reads and writes through the other connection.
func greet(ctx context.Context, conn *tlsock.Conn, through net.Conn, host string) (*Client, error) {
	c := &Client{conn: conn}
	err := until.Done(ctx, conn, func() (err error) {
		c.Client, err = smtp.NewClient(through, host)
		return err
	})
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return c, nil
}

// greeted is a connection that begins with a greeting.
type greeted struct {
	*tlsock.Conn
	greeting []byte
}

// Read returns the greeting, then what the server sends.
func (g *greeted) Read(p []byte) (int, error) {
	if len(g.greeting) > 0 {
		n := copy(p, g.greeting)
		g.greeting = g.greeting[n:]
		return n, nil
	}
	return g.Conn.Read(p)
}

// Auth logs in. It tells the mechanism that the connection is TLS, which smtp.PlainAuth requires.
func (c *Client) Auth(mechanism smtp.Auth) error { return c.Client.Auth(secured{mechanism}) }

type secured struct{ smtp.Auth }

// Start begins the login.
func (s secured) Start(server *smtp.ServerInfo) (string, []byte, error) {
	over := *server
	over.TLS = true
	return s.Auth.Start(&over)
}

// StartTLS fails: the connection is TLS.
func (c *Client) StartTLS(*tls.Config) error { return errAlready }

// TLSConnectionState is what the handshake has agreed on.
func (c *Client) TLSConnectionState() (tls.ConnectionState, bool) {
	return c.conn.ConnectionState(), true
}

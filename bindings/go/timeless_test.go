package tlsock_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"tlsock"
	"tlsock/internal/fixture"
)

// silence is a connection without deadlines whose peer says nothing.
func silence(t *testing.T) *fixture.Timeless {
	near, far := loopback(t)
	t.Cleanup(func() { near.Close(); far.Close() })
	return fixture.NewTimeless(near)
}

// A function that is given a context obeys it, whether the connection has deadlines or not.
func TestContextsWithoutDeadlines(t *testing.T) {
	for name, wait := range map[string]func(context.Context) error{
		"client": func(ctx context.Context) error {
			return tlsock.Client(silence(t), clientContext(t), "localhost").HandshakeContext(ctx)
		},
		"server": func(ctx context.Context) error {
			return tlsock.Server(silence(t), serverContext(t, "ecdsa")).HandshakeContext(ctx)
		},
	} {
		name, wait := name, wait
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
			defer cancel()
			within(t, name, func() { equal(t, "error", wait(ctx), context.DeadlineExceeded) })
		})
	}
}

// timeless is a listener whose connections have no deadlines.
type timeless struct{ net.Listener }

func (l timeless) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return fixture.NewTimeless(conn), nil
}

// The time of a listener is that of connections without deadlines too, in whatever they say nothing.
func TestListenerWithoutDeadlines(t *testing.T) {
	for name, notTLS := range map[string]func(net.Conn, []byte) error{
		"handshake": nil, "look": func(net.Conn, []byte) error { return nil },
		"answer": func(conn net.Conn, _ []byte) error { _, err := io.Copy(io.Discard, conn); return err },
	} {
		inner, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		listener := tlsock.NewListener(timeless{inner}, serverContext(t, "ecdsa"))
		defer listener.Close()
		failed := make(chan error, 1)
		listener.HandshakeTimeout, listener.MaxHandshakes, listener.NotTLS = 20*time.Millisecond, 1, notTLS
		listener.HandshakeFailed = func(failure *tlsock.HandshakeError) { failed <- failure }
		go listener.Accept()
		conn, err := net.Dial("tcp", inner.Addr().String())
		must(t, err)
		defer conn.Close()
		if name == "answer" {
			_, err = io.WriteString(conn, "hello, in the clear")
			must(t, err)
		}
		within(t, name, func() {
			if err := <-failed; !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "not done after 20ms") {
				t.Errorf("%s: %v", name, err)
			}
		})
		within(t, "the end of the connection", func() { _, _ = io.Copy(io.Discard, conn) })
	}
}

// What is sent last has its time also where there are no deadlines: close_notify in Close, the alert of a failure.
func TestLastWordsWithoutDeadlines(t *testing.T) {
	defer tlsock.SetLastWords(20 * time.Millisecond)()
	for name, end := range map[string]func(client *tlsock.Conn, far net.Conn){
		"Close": func(client *tlsock.Conn, _ net.Conn) { _ = client.Close() },
		"a deadline that could not be set": func(client *tlsock.Conn, _ net.Conn) {
			equal(t, "no deadlines", client.SetDeadline(time.Now().Add(10*time.Millisecond)) != nil, true)
			_ = client.Close()
		},
		"alert": func(client *tlsock.Conn, far net.Conn) {
			_, err := far.Write(append([]byte{23, 3, 3, 0, 40}, make([]byte, 40)...))
			must(t, err)
			_, err = client.Read(make([]byte, 1))
			equal(t, "failed", errors.Is(err, tlsock.ErrSSL), true)
		},
	} {
		near, far := loopback(t)
		low := fixture.NewTimeless(near)
		below := &odd{Conn: low}
		client, server := tlsock.Client(below, clientContext(t), "localhost"), tlsock.Server(far, serverContext(t, "ecdsa"))
		t.Cleanup(func() { low.Close(); far.Close(); server.Close() })
		clientErr, serverErr := shakeHands(client, server)
		must(t, clientErr)
		must(t, serverErr)
		below.write = func([]byte) (int, error) { <-low.Closed; return 0, net.ErrClosed }
		within(t, name, func() { end(client, far) })
	}
}

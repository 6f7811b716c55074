package tlsock_test

import (
	"errors"
	"io"
	"net"
	"testing"

	"tlsock"
)

// interruption is what anybody in between can send before the end of the handshake, and then the end of the stream.
type interruption struct {
	name  string
	bytes []byte
}

var interruptions = []interruption{
	{"close_notify", []byte{21, 3, 3, 0, 2, 1, 0}},
	{"a fatal close_notify", []byte{21, 3, 3, 0, 2, 2, 0}},
	{"user_canceled", []byte{21, 3, 3, 0, 2, 1, 90}},
	{"user_canceled and close_notify", []byte{21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0}},
	{"a fatal alert", []byte{21, 3, 3, 0, 2, 2, 40}},
	{"half a record", []byte{21, 3, 3, 0}},
	{"nothing", nil},
}

// interrupted is a connection whose peer sends this to a client once it has asked, to a server at once.
func interrupted(t *testing.T, version tlsock.TLSVersion, server bool, sent []byte) *tlsock.Conn {
	t.Helper()
	near, far := loopback(t)
	limit(t, near, far)
	go func() {
		defer far.Close()
		if !server {
			_, _ = far.Read(make([]byte, 4096))
		}
		_, _ = far.Write(sent)
		_ = far.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, far)
	}()
	context := clientContext(t)
	if server {
		context = serverContext(t, "ecdsa")
	}
	must(t, context.SetMaximumVersion(version))
	conn := tlsock.Client(near, context, "localhost")
	if server {
		conn = tlsock.Server(near, context)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// An end before there was a handshake is a failure of each call, and no end of data: nobody has proved to be the peer.
func TestAnEndBeforeTheHandshakeIsNoEndOfData(t *testing.T) {
	calls := map[string]func(*tlsock.Conn) error{
		"Handshake": (*tlsock.Conn).Handshake,
		"Read":      func(c *tlsock.Conn) error { _, err := c.Read(make([]byte, 10)); return err },
		"ReadAll":   func(c *tlsock.Conn) error { _, err := io.ReadAll(c); return err },
		"Copy":      func(c *tlsock.Conn) error { _, err := io.Copy(io.Discard, c); return err },
		"Write":     func(c *tlsock.Conn) error { _, err := c.Write([]byte("x")); return err },
		"Unwrap":    func(c *tlsock.Conn) error { _, err := c.Unwrap(); return err },
	}
	for _, version := range []tlsock.TLSVersion{tlsock.TLSVersionTLSv12, tlsock.TLSVersionTLSv13} {
		for _, one := range interruptions {
			for _, server := range []bool{false, true} {
				for name, call := range calls {
					conn := interrupted(t, version, server, one.bytes)
					err := call(conn)
					again := conn.Handshake()
					if err == nil || errors.Is(err, io.EOF) || again == nil || errors.Is(again, io.EOF) {
						t.Errorf("%v, %s, server %t, %s: %v, then %v", version, one.name, server, name, err, again)
					}
					if one.name == "close_notify" && !server && name != "Unwrap" {
						equal(t, "as Python", errors.Is(err, tlsock.ErrZeroReturn), true)
						equal(t, "unexpected", errors.Is(err, io.ErrUnexpectedEOF), true)
					}
					if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
						t.Errorf("%v, %s, server %t, a read after %s: %v", version, one.name, server, name, err)
					}
				}
			}
		}
	}
}

// The same in memory, where it may be read again and again, and the pump.
func TestAnEndBeforeTheHandshakeOfAnObject(t *testing.T) {
	for _, one := range interruptions {
		incoming, err := tlsock.NewMemoryBIO()
		must(t, err)
		outgoing, err := tlsock.NewMemoryBIO()
		must(t, err)
		object, err := clientContext(t).WrapBIO(incoming, outgoing, tlsock.WrapOptions{ServerHostname: "localhost"})
		must(t, err)
		_, err = incoming.Write(one.bytes)
		must(t, err)
		must(t, incoming.WriteEOF())
		for range [3]int{} {
			got, err := io.ReadAll(object)
			if err == nil || errors.Is(err, io.EOF) || len(got) > 0 {
				t.Errorf("%s: %q, %v", one.name, got, err)
			}
			if one.name == "close_notify" {
				equal(t, "as without close_notify", errors.Is(err, tlsock.ErrEOF), true)
			}
		}
		must(t, object.Close())

		client, server := pumpPair(t)
		client.inbox = one.bytes
		for i := 0; i < 3; i++ {
			done, err := client.step(t, server, nil, tlsock.Pump{EOF: true}, 20000)
			if err == nil || errors.Is(err, io.EOF) || done.HandshakeDone {
				t.Errorf("the pump, %s: %+v, %v", one.name, done, err)
			}
		}
	}
}

// A listener gives no connection for it, and tells it.
func TestListenerTellsAnEndBeforeTheHandshake(t *testing.T) {
	failures := make(chan *tlsock.HandshakeError, 1)
	listener, err := tlsock.Listen("tcp", "127.0.0.1:0", serverContext(t, "ecdsa"))
	must(t, err)
	defer listener.Close()
	listener.HandshakeTimeout = testLimit
	listener.HandshakeFailed = func(failure *tlsock.HandshakeError) { failures <- failure }
	go func() {
		if conn, err := listener.Accept(); err == nil {
			t.Errorf("%v was accepted", conn.RemoteAddr())
		}
	}()
	for _, one := range interruptions {
		conn, err := net.Dial("tcp", listener.Addr().String())
		must(t, err)
		limit(t, conn)
		_, err = conn.Write(one.bytes)
		must(t, err)
		must(t, conn.(*net.TCPConn).CloseWrite())
		if failure := <-failures; errors.Is(failure, io.EOF) {
			t.Errorf("%s: %v", one.name, failure)
		}
		conn.Close()
	}
}

package tlsock_test

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"tlsock"
)

// unwrapBoth ends TLS on both sides at the same time.
func unwrapBoth(t *testing.T, client, server *tlsock.Conn) (near, far net.Conn) {
	t.Helper()
	var err, farErr error
	done := make(chan bool)
	go func() { far, farErr = server.Unwrap(); done <- true }()
	near, err = client.Unwrap()
	must(t, err)
	<-done
	must(t, farErr)
	return near, far
}

func TestUnwrapGoesOnInTheClear(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			trusting := clientContext(t)
			must(t, trusting.SetMaximumVersion(version.ours))
			client, server := pair(t, trusting, serverContext(t, "ecdsa"))
			_, err := client.Write([]byte("secret"))
			must(t, err)
			_, err = io.ReadFull(server, make([]byte, 6))
			must(t, err)
			near, far := unwrapBoth(t, client, server)
			equal(t, "the same net.Conn", near == client.NetConn(), true)
			go func() { io.WriteString(far, "in the clear") }()
			got := make([]byte, 12)
			_, err = io.ReadFull(near, got)
			must(t, err)
			equal(t, "text", string(got), "in the clear")
			// The Conn is closed, the net.Conn below is not.
			equal(t, "close", client.Close(), net.ErrClosed)
			_, err = client.Write([]byte("x"))
			equal(t, "write", err, net.ErrClosed)
			_, err = client.Unwrap()
			equal(t, "unwrap", err, net.ErrClosed)
			go func() { io.WriteString(near, "still") }()
			_, err = io.ReadFull(far, got[:5])
			must(t, err)
			equal(t, "text", string(got[:5]), "still")
		})
	}
}

// Bytes received together with the peer's close_notify are plaintext, and are read first.
func TestUnwrapGivesWhatWasReadAhead(t *testing.T) {
	client, server := pair(t, clientContext(t), serverContext(t, "ecdsa"))
	// The server's side: close_notify is caught, and sent with plain bytes behind it.
	must(t, client.CloseWrite())
	_, err := server.Read(make([]byte, 1))
	equal(t, "end", err, io.EOF)
	caught := &catching{Conn: server.NetConn()}
	server.Below(caught)
	plainServer, err := server.Unwrap()
	must(t, err)
	_, err = caught.Conn.Write(append(caught.written, "plain bytes"...))
	must(t, err)
	plain, err := client.Unwrap()
	must(t, err)
	got := make([]byte, 100)
	n, err := plain.Read(got[:5])
	must(t, err)
	equal(t, "first", string(got[:n]), "plain")
	n, err = plain.Read(got)
	must(t, err)
	equal(t, "then", string(got[:n]), " bytes")
	_, err = plainServer.(*catching).Conn.Write([]byte("more"))
	must(t, err)
	n, err = plain.Read(got)
	must(t, err)
	equal(t, "more", string(got[:n]), "more")
	equal(t, "below", plain.(interface{ NetConn() net.Conn }).NetConn() == client.NetConn(), true)
}

// catching stores what is written.
type catching struct {
	net.Conn
	written []byte
}

func (c *catching) Write(b []byte) (int, error) {
	c.written = append(c.written, b...)
	return len(b), nil
}

// Unread data is not thrown away.
func TestUnwrapDoesNotLoseData(t *testing.T) {
	client, server := pair(t, clientContext(t), serverContext(t, "ecdsa"))
	_, err := server.Write([]byte("unread"))
	must(t, err)
	plain, err := client.Unwrap()
	if plain != nil || !errors.Is(err, tlsock.ErrSSL) {
		t.Fatalf("unwrapped over data: %v", err)
	}
	if _, again := client.Unwrap(); again != err {
		t.Errorf("and again: %v", again)
	}
	got := make([]byte, 6)
	_, err = io.ReadFull(client, got)
	must(t, err)
	equal(t, "text", string(got), "unread")
	unwrapBoth(t, client, server)
}

func TestUnwrapTimesOutAndGoesOn(t *testing.T) {
	client, server := pair(t, clientContext(t), serverContext(t, "ecdsa"))
	must(t, client.SetReadDeadline(time.Now().Add(soon)))
	_, err := client.Unwrap()
	isDeadline(t, "unwrap", err)
	must(t, client.SetReadDeadline(time.Time{}))
	unwrapBoth(t, client, server)
}

func TestUnwrapOfWhatIsCut(t *testing.T) {
	client, server := pair(t, clientContext(t), serverContext(t, "ecdsa"))
	must(t, server.NetConn().(*net.TCPConn).CloseWrite())
	_, err := client.Unwrap()
	equal(t, "error", err, io.ErrUnexpectedEOF)
	near, far := loopback(t)
	defer far.Close()
	early := tlsock.Client(near, clientContext(t), "localhost")
	defer early.Close()
	if _, err := early.Unwrap(); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("before the handshake: %v", err)
	}
}

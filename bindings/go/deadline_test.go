package tlsock_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"tlsock"
)

// soon is a deadline that a test waits for. On a machine that is busy enough it passes before anything else happens: no test may
// need more time than it has, nor come to another end.
const soon = 50 * time.Millisecond

// silent gives a client whose server never sends anything.
func silent(t *testing.T) *tlsock.Conn {
	t.Helper()
	near, far := loopback(t)
	client := tlsock.Client(near, clientContext(t), "localhost")
	t.Cleanup(func() { client.Close(); far.Close() })
	return client
}

// busy begins a Read, and returns when it does the handshake.
func busy(t *testing.T, conn *tlsock.Conn) (ended <-chan error) {
	t.Helper()
	result := make(chan error, 1)
	go func() { _, err := conn.Read(make([]byte, 1)); result <- err }()
	eventually(t, "the handshake begins", conn.Shaking)
	return result
}

func isDeadline(t *testing.T, what string, err error) {
	t.Helper()
	var timeout net.Error
	if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("%s: %v", what, err)
	}
}

func TestContextEndsBehindAnotherHandshake(t *testing.T) {
	client := silent(t)
	reader := busy(t, client)
	ctx, cancel := context.WithTimeout(context.Background(), soon)
	defer cancel()
	within(t, "HandshakeContext", func() { equal(t, "error", client.HandshakeContext(ctx), context.DeadlineExceeded) })
	within(t, "the Read", func() {
		if err := <-reader; err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the read, whose connection is closed: %v", err)
		}
	})
}

func TestWriteDeadlineBoundsTheHandshakeOfAWrite(t *testing.T) {
	client := silent(t)
	must(t, client.SetWriteDeadline(time.Now().Add(soon)))
	within(t, "Write", func() {
		_, err := client.Write([]byte("x"))
		isDeadline(t, "write", err)
	})
	// A deadline that is set during the wait takes effect too.
	must(t, client.SetWriteDeadline(time.Time{}))
	within(t, "Write", func() {
		ended := make(chan error, 1)
		go func() { _, err := client.Write([]byte("x")); ended <- err }()
		eventually(t, "the handshake begins", client.Shaking)
		must(t, client.SetWriteDeadline(time.Now()))
		isDeadline(t, "write", <-ended)
	})
}

func TestReadDeadlineBoundsTheHandshakeOfARead(t *testing.T) {
	// A pipe takes a write only when it is read, so the ClientHello is not sent.
	near, far := net.Pipe()
	defer far.Close()
	client := tlsock.Client(near, clientContext(t), "localhost")
	defer client.Close()
	must(t, client.SetReadDeadline(time.Now().Add(soon)))
	within(t, "Read", func() {
		_, err := client.Read(make([]byte, 1))
		isDeadline(t, "read", err)
	})
}

func TestADeadlineBoundsWhoWaitsForAnotherHandshake(t *testing.T) {
	client := silent(t)
	reader := busy(t, client)
	must(t, client.SetWriteDeadline(time.Now().Add(soon)))
	within(t, "Write", func() {
		_, err := client.Write([]byte("x"))
		isDeadline(t, "write", err)
	})
	// The reader is not affected: it has no deadline yet.
	select {
	case err := <-reader:
		t.Fatalf("the read ended with %v", err)
	default:
	}
	must(t, client.SetReadDeadline(time.Now()))
	within(t, "Read", func() { isDeadline(t, "read", <-reader) })
}

// A handshake that a deadline stopped can go on, and only the user's deadlines are left.
func TestHandshakeGoesOnAfterTheDeadlineOfAWrite(t *testing.T) {
	near, far := loopback(t)
	client, server := tlsock.Client(near, clientContext(t), "localhost"), tlsock.Server(far, serverContext(t, "ecdsa"))
	defer client.Close()
	defer server.Close()
	must(t, client.SetWriteDeadline(time.Now().Add(soon)))
	_, err := client.Write([]byte("x"))
	isDeadline(t, "write", err)
	must(t, client.SetWriteDeadline(time.Time{}))
	go echo(server)
	exchange(t, client, "it goes on")
}

func TestCloseWakesWhoWaitsForAHandshake(t *testing.T) {
	client := silent(t)
	ended := make(chan error, 8)
	reader := busy(t, client)
	for i := 0; i < cap(ended); i++ {
		i := i
		go func() {
			var err error
			if i%2 == 0 {
				_, err = client.Write([]byte("x"))
			} else {
				err = client.Handshake()
			}
			ended <- err
		}()
	}
	must(t, client.Close())
	within(t, "a waiter", func() {
		for i := 0; i < cap(ended); i++ {
			equal(t, "error", <-ended, net.ErrClosed)
		}
		equal(t, "error of the read", <-reader, net.ErrClosed)
	})
}

func TestCloseWriteBeforeTheHandshake(t *testing.T) {
	client := silent(t)
	busy(t, client)
	within(t, "CloseWrite", func() {
		if err := client.CloseWrite(); !errors.Is(err, tlsock.ErrValue) {
			t.Errorf("before the handshake: %v", err)
		}
	})
	must(t, client.Close())
	equal(t, "after Close", client.CloseWrite(), net.ErrClosed)
}

// ownTimeout is the error of net.Conns with their own deadlines, such as those of stream multiplexers.
type ownTimeout struct{}

func (ownTimeout) Error() string   { return "stream deadline" }
func (ownTimeout) Timeout() bool   { return true }
func (ownTimeout) Temporary() bool { return true }

type muxed struct{ net.Conn }

func muxedError(n int, err error) (int, error) {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = ownTimeout{}
	}
	return n, err
}

func (m muxed) Write(b []byte) (int, error) { return muxedError(m.Conn.Write(b)) }
func (m muxed) Read(b []byte) (int, error)  { return muxedError(m.Conn.Read(b)) }

func TestTimeoutsOfOthersLeaveTheConnectionUsable(t *testing.T) {
	near, far := loopback(t)
	client := tlsock.Client(muxed{near}, clientContext(t), "localhost")
	server := tlsock.Server(far, serverContext(t, "ecdsa"))
	t.Cleanup(func() { client.Close(); server.Close() })
	must(t, client.SetDeadline(time.Now().Add(soon)))
	var timeout net.Error
	if err := client.Handshake(); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Fatalf("the handshake: %v", err)
	}
	must(t, client.SetDeadline(time.Time{}))
	clientErr, serverErr := shakeHands(client, server)
	must(t, clientErr)
	must(t, serverErr)
	must(t, client.SetWriteDeadline(time.Now().Add(soon)))
	written, err := 0, error(nil)
	for n := 0; err == nil; written += n {
		n, err = client.Write(make([]byte, 1<<20))
	}
	if !timedOut(err) {
		t.Fatalf("the write: %v", err)
	}
	must(t, client.SetWriteDeadline(time.Time{}))
	read := make(chan int64)
	go func() { n, _ := io.Copy(io.Discard, server); read <- n }()
	n, err := client.Write([]byte("and on"))
	must(t, err)
	must(t, client.CloseWrite())
	equal(t, "bytes", <-read, int64(written+n))
}

// Close waits for a peer that does not read no longer than the user's deadline.
func TestCloseObeysTheWriteDeadline(t *testing.T) {
	defer tlsock.SetLastWords(time.Hour)()
	for name, set := range map[string]func(*tlsock.Conn, time.Time) error{
		"write": (*tlsock.Conn).SetWriteDeadline, "both": (*tlsock.Conn).SetDeadline,
	} {
		set := set
		t.Run(name, func(t *testing.T) {
			near, far := net.Pipe()
			defer far.Close()
			client, server := tlsock.Client(near, clientContext(t), "localhost"), tlsock.Server(far, serverContext(t, "ecdsa"))
			clientErr, serverErr := shakeHands(client, server)
			must(t, clientErr)
			must(t, serverErr)
			must(t, set(client, time.Now().Add(soon)))
			within(t, "Close", func() { must(t, client.Close()) })
		})
	}
}

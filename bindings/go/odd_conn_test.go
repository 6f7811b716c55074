package tlsock_test

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"tlsock"
)

// odd is a net.Conn whose reads and writes do what tests say, once they say something.
type odd struct {
	net.Conn
	read, write func([]byte) (int, error)
}

func (o *odd) Read(b []byte) (int, error) {
	if o.read != nil {
		return o.read(b)
	}
	return o.Conn.Read(b)
}

func (o *odd) Write(b []byte) (int, error) {
	if o.write != nil {
		return o.write(b)
	}
	return o.Conn.Write(b)
}

// oddPair gives a client over an odd net.Conn and a server that echoes, hands shaken.
func oddPair(t *testing.T) (*odd, *tlsock.Conn, *tlsock.Conn) {
	t.Helper()
	near, far := loopback(t)
	below := &odd{Conn: near}
	client, server := tlsock.Client(below, clientContext(t), "localhost"), tlsock.Server(far, serverContext(t, "ecdsa"))
	t.Cleanup(func() { client.Close(); server.Close() })
	limit(t, client, server)
	clientErr, serverErr := shakeHands(client, server)
	must(t, clientErr)
	must(t, serverErr)
	return below, client, server
}

// A write that is short without an error is one, for good: the peer could not read what comes next.
func TestShortWrites(t *testing.T) {
	below, client, _ := oddPair(t)
	below.write = func(b []byte) (int, error) { return below.Conn.Write(b[:len(b)-1]) }
	if _, err := client.Write([]byte("hello")); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a short write: %v", err)
	}
	below.write = nil
	if _, err := client.Write([]byte("hello")); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("the next write: %v", err)
	}
}

// An error of the network that looks like a timeout but is another one is permanent.
func TestNetworkErrorsAreForGood(t *testing.T) {
	below, client, _ := oddPair(t)
	broken := &net.OpError{Op: "write", Err: syscall.ECONNRESET}
	below.write = func([]byte) (int, error) { return 0, broken }
	for round := 0; round < 2; round++ {
		if _, err := client.Write([]byte("hello")); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("write %d: %v", round, err)
		}
		below.write = nil
	}
}

// A net.Conn that gives nothing for ever ends the read; one that gives nothing now and then does not.
func TestReadsOfNothing(t *testing.T) {
	below, client, server := oddPair(t)
	go echo(server)
	left := 0
	below.read = func(b []byte) (int, error) {
		if left++; left%90 != 0 {
			return 0, nil
		}
		return below.Conn.Read(b[:7])
	}
	exchange(t, client, "hello, with nothing in between")
	calls := 0
	below.read = func([]byte) (int, error) { calls++; return 0, nil }
	within(t, "Read", func() {
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, io.ErrNoProgress) {
			t.Errorf("nothing for ever: %v", err)
		}
	})
	if calls > 100 {
		t.Errorf("%d calls gave nothing before that was told", calls)
	}
}

// A net.Conn that says it has read more than there was room for is not believed.
func TestReadsOfTooMuch(t *testing.T) {
	below, client, _ := oddPair(t)
	below.read = func(b []byte) (int, error) { return len(b) + 1, nil }
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("more than there was room for: %v", err)
	}
}

// After a write that ran into its deadline Close does not wait for the peer again; once the rest went out, it says goodbye.
func TestCloseAfterAWriteThatWasStuck(t *testing.T) {
	defer tlsock.SetLastWords(time.Hour)()
	never := make(chan struct{})
	defer close(never)
	stuck := func() (*odd, *tlsock.Conn, *tlsock.Conn) {
		below, client, server := oddPair(t)
		below.write = func([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }
		if _, err := client.Write([]byte("hello")); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("a write whose time is up: %v", err)
		}
		return below, client, server
	}
	below, client, _ := stuck()
	below.write = func([]byte) (int, error) { <-never; return 0, io.ErrClosedPipe }
	within(t, "Close", func() { client.Close() })
	below, client, server := stuck()
	below.write = nil
	read := make(chan error, 1)
	go func() {
		data, err := io.ReadAll(server)
		if err == nil && string(data) != "hello, again" {
			err = errors.New("got " + string(data))
		}
		read <- err
	}()
	_, err := client.Write([]byte(", again"))
	must(t, err)
	within(t, "Close", func() { client.Close() })
	must(t, <-read)
}

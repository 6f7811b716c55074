package tlsock_test

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tlsock"
)

// overPipe gives a client whose hands are shaken and that has read all there was, and the server with the end of the pipe below.
func overPipe(t *testing.T) (client, server *tlsock.Conn, far net.Conn) {
	t.Helper()
	near, far := net.Pipe()
	client, server = tlsock.Client(near, clientContext(t), "localhost"), tlsock.Server(far, serverContext(t, "ecdsa"))
	t.Cleanup(func() { near.Close(); far.Close() })
	wrote := make(chan error, 1)
	go func() {
		_, err := server.Write([]byte("x"))
		wrote <- err
	}()
	_, err := io.ReadFull(client, make([]byte, 1))
	must(t, err)
	must(t, <-wrote)
	return client, server, far
}

// Whatever deadline the user has set, or none, a peer that does not read holds nobody up who has only to say goodbye to it, or to tell
// why.
func TestLastWordsAreBounded(t *testing.T) {
	defer tlsock.SetLastWords(30 * time.Millisecond)()
	for name, deadline := range map[string]time.Time{"none": {}, "far": time.Now().Add(time.Hour)} {
		t.Run("close, "+name, func(t *testing.T) {
			client, _, _ := overPipe(t)
			must(t, client.SetDeadline(deadline))
			within(t, "Close", func() { client.Close() })
		})
		t.Run("read, "+name, func(t *testing.T) {
			client, _, far := overPipe(t)
			must(t, client.SetDeadline(deadline))
			go far.Write([]byte{23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
			within(t, "Read", func() {
				if _, err := client.Read(make([]byte, 1)); err == nil {
					t.Error("what is no record was read")
				}
			})
		})
		t.Run("handshake, "+name, func(t *testing.T) {
			near, far := net.Pipe()
			defer near.Close()
			client := tlsock.Client(near, distrusting(t), "localhost")
			must(t, client.SetDeadline(deadline))
			serving := serverContext(t, "ecdsa")
			go answerOnce(t, far, serving)
			within(t, "Handshake", func() {
				if err := client.Handshake(); !errors.Is(err, tlsock.ErrCertVerification) {
					t.Errorf("without trust: %v", err)
				}
			})
		})
		t.Run("tickets, "+name, func(t *testing.T) {
			near, far := net.Pipe()
			defer near.Close()
			client, server := tlsock.Client(near, clientContext(t), "localhost"), tlsock.Server(far, serverContext(t, "ecdsa"))
			must(t, server.SetDeadline(deadline))
			clientErr, serverErr := shakeHands(client, server)
			must(t, clientErr)
			must(t, serverErr)
			within(t, "Close with tickets under way", func() { server.Close() })
		})
	}
}

// answerOnce sends a server's first flight, and reads nothing more.
func answerOnce(t *testing.T, conn net.Conn, serving *tlsock.Context) {
	incoming, err := tlsock.NewMemoryBIO()
	if err != nil {
		t.Error(err)
		return
	}
	outgoing, err := tlsock.NewMemoryBIO()
	if err != nil {
		t.Error(err)
		return
	}
	server, err := serving.WrapBIO(incoming, outgoing, tlsock.WrapOptions{ServerSide: true})
	if err != nil {
		t.Error(err)
		return
	}
	defer server.Close()
	buffer := make([]byte, 20000)
	n, err := conn.Read(buffer)
	if err == nil {
		_, err = incoming.Write(buffer[:n])
	}
	if err != nil || !errors.Is(server.DoHandshake(), tlsock.ErrWantRead) {
		t.Error("no ClientHello came: ", err)
		return
	}
	n, _ = outgoing.Read(buffer)
	if _, err := conn.Write(buffer[:n]); err != nil {
		t.Error(err)
	}
}

// cutting is a net.Conn that obeys no deadline. It tells when it is read, and when both its deadlines are set to the past: so a
// handshake is ended whose time is up. Its reads end when they are told to.
type cutting struct {
	net.Conn
	reading chan bool
	cut     chan struct{}
	goOn    chan struct{}
	once    sync.Once
	during  atomic.Int32 // deadlines that are set after the cut
}

func newCutting(conn net.Conn) *cutting {
	return &cutting{Conn: conn, reading: make(chan bool, 10), cut: make(chan struct{}), goOn: make(chan struct{})}
}

func (c *cutting) note(time.Time) error {
	select {
	case <-c.cut:
		c.during.Add(1)
	default:
	}
	return nil
}

func (c *cutting) SetDeadline(t time.Time) error {
	if !t.IsZero() && t.Before(time.Now()) {
		c.once.Do(func() { close(c.cut) })
		return nil
	}
	return c.note(t)
}

func (c *cutting) SetReadDeadline(t time.Time) error  { return c.note(t) }
func (c *cutting) SetWriteDeadline(t time.Time) error { return c.note(t) }

func (c *cutting) Read([]byte) (int, error) {
	c.reading <- true
	<-c.goOn
	return 0, errRough
}

// runOut begins a Write, and sets its deadline to the past once it reads for the handshake.
func runOut(t *testing.T, client *tlsock.Conn, below *cutting) (ended <-chan error) {
	t.Helper()
	result := make(chan error, 1)
	go func() {
		_, err := client.Write([]byte("x"))
		result <- err
	}()
	<-below.reading
	must(t, client.SetWriteDeadline(time.Unix(1, 0)))
	return result
}

// A deadline that is set while a handshake whose time is up still ends does not revive it; it counts afterwards.
func TestNewDeadlineDoesNotReviveAHandshake(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	go io.Copy(io.Discard, far)
	below := newCutting(near)
	client := tlsock.Client(below, clientContext(t), "localhost")
	ended := runOut(t, client, below)
	<-below.cut
	must(t, client.SetDeadline(time.Now().Add(time.Hour)))
	equal(t, "deadlines set below while the handshake ends", below.during.Load(), int32(0))
	close(below.goOn)
	if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a write whose time was up: %v", err)
	}
	equal(t, "deadlines set below afterwards", below.during.Load(), int32(2))
}

// late is one whose reads begin after the cut.
type late struct{ *cutting }

func (l late) Read(b []byte) (int, error) {
	l.reading <- true
	<-l.cut
	return l.Conn.Read(b)
}

// A handshake that succeeds as its time is up has succeeded.
func TestHandshakeThatEndsWithItsTime(t *testing.T) {
	near, far := loopback(t)
	below := late{newCutting(near)}
	client, server := tlsock.Client(below, clientContext(t), "localhost"), tlsock.Server(far, serverContext(t, "ecdsa"))
	defer client.Close()
	defer server.Close()
	limit(t, far)
	go server.Handshake()
	ended := runOut(t, client, below.cutting)
	if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a write whose time is up: %v", err)
	}
	equal(t, "hands shaken", client.State().HandshakeComplete, true)
}

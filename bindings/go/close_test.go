package tlsock_test

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"tlsock"
)

// A Write ends with net.ErrClosed wherever it is when its Conn is closed.
func TestWritesThatMeetClose(t *testing.T) {
	trusting, serving := clientContext(t), serverContext(t, "ecdsa")
	const rounds, writers = 60, 4
	for round := 0; round < rounds; round++ {
		client, server := pair(t, trusting, serving)
		go io.Copy(io.Discard, server)
		ended, begun := make(chan error, writers), make(chan bool, writers)
		for i := 0; i < writers; i++ {
			data := make([]byte, 100<<(4*i%12))
			go func() {
				begun <- true
				for {
					if _, err := client.Write(data); err != nil {
						ended <- err
						return
					}
				}
			}()
		}
		for i := 0; i < writers; i++ {
			<-begun
		}
		for i := 0; i < round; i++ {
			runtime.Gosched()
		}
		must(t, client.Close())
		for i := 0; i < writers; i++ {
			if err := <-ended; err != net.ErrClosed {
				t.Fatalf("round %d: %v", round, err)
			}
		}
		server.Close()
	}
}

func TestWriteAfterCloseWriteIsRefusedHere(t *testing.T) {
	client, _ := pair(t, clientContext(t), serverContext(t, "ecdsa"))
	must(t, client.CloseWrite())
	for name, write := range map[string]func() error{
		"Write":        func() error { _, err := client.Write([]byte("more")); return err },
		"Write none":   func() error { _, err := client.Write(nil); return err },
		"WriteBuffers": func() error { _, err := client.WriteBuffers([][]byte{{1}}); return err },
	} {
		if err := write(); err == nil || err.Error() != "tlsock: write after CloseWrite" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// ReadFrom reads nothing from its source before the handshake is done.
func TestReadFromReadsNothingBeforeTheHandshake(t *testing.T) {
	near, far := loopback(t)
	far.Close()
	client := tlsock.Client(near, clientContext(t), "localhost")
	defer client.Close()
	source := &countingReader{}
	n, err := client.ReadFrom(source)
	equal(t, "written", n, int64(0))
	equal(t, "failed", err != nil, true)
	equal(t, "reads", source.reads, 0)
}

type countingReader struct{ reads int }

func (r *countingReader) Read(b []byte) (int, error) { r.reads++; return len(b), nil }

// A Close inside a callback of a read does not wait for that read, which waits for the callback.
func TestCloseInACallback(t *testing.T) {
	client := clientContext(t)
	var conn *tlsock.Conn
	must(t, client.SetSessionCallback(func(*tlsock.Object, *tlsock.Session) error {
		_ = conn.Close()
		return nil
	}))
	near, far := loopback(t)
	conn = tlsock.Client(near, client, "localhost")
	peer := tlsock.Server(far, serverContext(t, "ecdsa"))
	defer peer.Close()
	go func() {
		if _, err := io.WriteString(peer, "hello"); err == nil {
			_, _ = io.Copy(io.Discard, peer)
		}
	}()
	within(t, "closing", func() {
		if err := conn.Handshake(); err != nil {
			t.Error(err)
		}
		_, _ = conn.Read(make([]byte, 5))
		if _, err := conn.Read(make([]byte, 5)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("reading after Close: %v", err)
		}
	})
}

// A handshake that was reported as done is done, and one reported as ended is not, however close both events are.
func TestCancelMeetsSuccess(t *testing.T) {
	client, server := clientContext(t), serverContext(t, "ecdsa")
	for i := 0; i < 100; i++ {
		near, far := loopback(t)
		conn, peer := tlsock.Client(near, client, "localhost"), tlsock.Server(far, server)
		ended := make(chan error)
		go func() { ended <- echo(peer) }()
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i)*50*time.Microsecond)
		err := conn.HandshakeContext(ctx)
		cancel()
		_, wrote := io.WriteString(conn, "x")
		equal(t, "complete", conn.State().HandshakeComplete, err == nil)
		equal(t, "writes", wrote == nil, err == nil)
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		conn.Close()
		<-ended
	}
}

// parting has its peer end the connection too, and its reader see that, before it lets a goodbye through.
type parting struct {
	net.Conn
	reading chan bool
	goodbye func()
	once    sync.Once
}

func (p *parting) Read(b []byte) (int, error) {
	p.reading <- true
	return p.Conn.Read(b)
}

func (p *parting) Write(b []byte) (int, error) {
	p.once.Do(p.goodbye)
	return p.Conn.Write(b)
}

// A stream that has ended while Close was at work has ended, and was not cut.
func TestTheEndThatMeetsClose(t *testing.T) {
	client, server := pair(t, clientContext(t), serverContext(t, "ecdsa"))
	read := make(chan error, 1)
	_, err := server.Write([]byte("!"))
	must(t, err)
	_, err = client.Read(make([]byte, 1))
	must(t, err)
	ended, below := make(chan error, 1), &parting{Conn: client.NetConn(), reading: make(chan bool, 10)}
	below.goodbye = func() {
		must(t, server.CloseWrite())
		ended <- <-read
	}
	client.Below(below)
	go func() { _, err := client.Read(make([]byte, 1)); read <- err }()
	<-below.reading
	must(t, client.Close())
	equal(t, "error", <-ended, io.EOF)
}

package tlsock_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/nettest"
	"tlsock"
)

// Go's own tests of a net.Conn.
func TestNetConn(t *testing.T) {
	ways := map[string]func(testing.TB) (net.Conn, net.Conn){
		"loopback": loopback,
		"pipe":     func(testing.TB) (net.Conn, net.Conn) { return net.Pipe() },
	}
	for name, connect := range ways {
		name, connect := name, connect
		t.Run(name, func(t *testing.T) {
			trusting, serving := clientContext(t), serverContext(t, "ecdsa")
			nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
				near, far := connect(t)
				client := tlsock.Client(near, trusting, "localhost")
				server := tlsock.Server(far, serving)
				clientErr, serverErr := shakeHands(client, server)
				if clientErr != nil {
					return nil, nil, nil, clientErr
				}
				stop := func() {
					// A pipe takes no last words that nobody reads. A socket does, and must not be closed under a Close in progress.
					if name == "pipe" {
						near.Close()
						far.Close()
					}
					client.Close()
					server.Close()
				}
				return client, server, stop, serverErr
			})
		})
	}
}

func TestManySizes(t *testing.T) {
	client, server := pair(t, clientContext(t), serverContext(t, "ecdsa"))
	go echo(server)
	for _, size := range []int{1, 63, 3583, 3584, 3585, 4096, 16383, 16384, 16385, 65536, 65537, 1 << 20} {
		sent := make([]byte, size)
		rand.Read(sent)
		go client.Write(sent)
		got := make([]byte, size)
		if _, err := io.ReadFull(client, got); err != nil || !bytes.Equal(got, sent) {
			t.Fatalf("%d bytes: %v", size, err)
		}
	}
}

func TestCloseNotifyIsEOF(t *testing.T) {
	client, server := pair(t, clientContext(t), serverContext(t, "ecdsa"))
	_, err := client.Write([]byte("last words"))
	must(t, err)
	must(t, client.Close())
	got, err := io.ReadAll(server)
	must(t, err)
	equal(t, "text", string(got), "last words")
	for i := 0; i < 2; i++ {
		_, err = server.Read(make([]byte, 1))
		equal(t, "error", err, io.EOF)
	}
}

func TestCutIsUnexpectedEOF(t *testing.T) {
	client, server := pair(t, clientContext(t), serverContext(t, "ecdsa"))
	_, err := client.Write([]byte("cut"))
	must(t, err)
	must(t, client.NetConn().(*net.TCPConn).CloseWrite())
	got, err := io.ReadAll(server)
	equal(t, "text", string(got), "cut")
	equal(t, "error", err, io.ErrUnexpectedEOF)
}

func TestCloseWrite(t *testing.T) {
	client, server := pair(t, clientContext(t), serverContext(t, "ecdsa"))
	go func() {
		question, _ := io.ReadAll(server)
		server.Write(append(question, " heard"...))
		server.Close()
	}()
	_, err := client.Write([]byte("question"))
	must(t, err)
	must(t, client.CloseWrite())
	must(t, client.CloseWrite())
	if _, err := client.Write([]byte("more")); !errors.Is(err, tlsock.ErrSSL) {
		t.Errorf("write after CloseWrite: %v", err)
	}
	got, err := io.ReadAll(client)
	must(t, err)
	equal(t, "answer", string(got), "question heard")
}

func TestGarbageEndsBothDirections(t *testing.T) {
	client, server := pair(t, clientContext(t), serverContext(t, "ecdsa"))
	_, err := client.NetConn().Write([]byte("this is no record of TLS, by no means"))
	must(t, err)
	_, readErr := server.Read(make([]byte, 10))
	if !errors.Is(readErr, tlsock.ErrSSL) {
		t.Fatalf("read: %v", readErr)
	}
	if _, err := server.Write([]byte("x")); !errors.Is(err, tlsock.ErrSSL) {
		t.Errorf("write: %v", err)
	}
	// The peer gets an alert.
	_, err = client.Read(make([]byte, 10))
	var failure *tlsock.Error
	if !errors.As(err, &failure) || failure.AlertReceived < 0 {
		t.Errorf("the peer saw %v", err)
	}
}

func TestDeadlineThenGoOn(t *testing.T) {
	client, server := pair(t, clientContext(t), serverContext(t, "ecdsa"))
	must(t, client.SetReadDeadline(time.Now().Add(20*time.Millisecond)))
	_, err := client.Read(make([]byte, 1))
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("read past the deadline: %v", err)
	}
	limit(t, client)
	go echo(server)
	exchange(t, client, "still there")
}

// A write that a deadline stops reports how much was taken; all of that arrives, and the rest can follow.
func TestWriteDeadlineThenGoOn(t *testing.T) {
	below, client, server := oddPair(t)
	data := make([]byte, 32<<20)
	rand.Read(data)
	begun := make(chan bool, 1)
	below.write = func(b []byte) (int, error) {
		n, err := below.Conn.Write(b)
		select {
		case begun <- true:
		default:
		}
		return n, err
	}
	// The rest is more than any system takes that nobody reads.
	go func() {
		<-begun
		_ = client.SetWriteDeadline(time.Unix(1, 0))
	}()
	n, err := client.Write(data)
	if !errors.Is(err, os.ErrDeadlineExceeded) || n == 0 || n == len(data) {
		t.Fatalf("wrote %d: %v", n, err)
	}
	limit(t, client)
	go func() {
		if _, err := client.Write(data[n:]); err != nil {
			t.Error(err)
		}
		client.CloseWrite()
	}()
	got, err := io.ReadAll(server)
	must(t, err)
	if !bytes.Equal(got, data) {
		t.Errorf("%d of %d bytes arrived, or others", len(got), len(data))
	}
}

func TestHandshakeDeadlineThenGoOn(t *testing.T) {
	near, far := loopback(t)
	client := tlsock.Client(near, clientContext(t), "localhost")
	server := tlsock.Server(far, serverContext(t, "ecdsa"))
	defer client.Close()
	defer server.Close()
	must(t, client.SetDeadline(time.Now().Add(20*time.Millisecond)))
	if err := client.Handshake(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("handshake with nobody: %v", err)
	}
	limit(t, client, server)
	clientErr, serverErr := shakeHands(client, server)
	must(t, clientErr)
	must(t, serverErr)
}

func TestHandshakeContextCancelled(t *testing.T) {
	near, far := loopback(t)
	defer far.Close()
	client := tlsock.Client(near, clientContext(t), "localhost")
	defer client.Close()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		// The first bytes have arrived: the handshake is in progress.
		io.ReadFull(far, make([]byte, 5))
		cancel()
	}()
	equal(t, "error", client.HandshakeContext(ctx), context.Canceled)
	equal(t, "error again", client.Handshake(), context.Canceled)
}

func TestCloseWakesEverybody(t *testing.T) {
	client, _ := pair(t, clientContext(t), serverContext(t, "ecdsa"))
	var group sync.WaitGroup
	for i := 0; i < 4; i++ {
		group.Add(2)
		go func() {
			defer group.Done()
			if _, err := client.Read(make([]byte, 10)); err == nil {
				t.Error("read went well")
			}
		}()
		go func() {
			defer group.Done()
			for data := make([]byte, 1<<20); ; {
				if _, err := client.Write(data); err != nil {
					return
				}
			}
		}()
	}
	time.AfterFunc(50*time.Millisecond, func() { client.Close() })
	group.Wait()
	if err := client.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed again: %v", err)
	}
	if _, err := client.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("write when closed: %v", err)
	}
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("read when closed: %v", err)
	}
}

// Many goroutines write whole messages: none is split.
func TestConcurrentWriters(t *testing.T) {
	client, server := pair(t, clientContext(t), serverContext(t, "ecdsa"))
	const writers, messages, size = 8, 50, 3000
	var group sync.WaitGroup
	for i := 0; i < writers; i++ {
		group.Add(1)
		go func(mark byte) {
			defer group.Done()
			for j := 0; j < messages; j++ {
				if _, err := client.Write(bytes.Repeat([]byte{mark}, size)); err != nil {
					t.Error(err)
				}
			}
		}(byte('a' + i))
	}
	go func() { group.Wait(); client.CloseWrite() }()
	message := make([]byte, size)
	for i := 0; i < writers*messages; i++ {
		_, err := io.ReadFull(server, message)
		must(t, err)
		if !bytes.Equal(message, bytes.Repeat(message[:1], size)) {
			t.Fatal("two messages are mixed")
		}
	}
	_, err := server.Read(message)
	equal(t, "end", err, io.EOF)
}

type shortWriter struct{}

func (shortWriter) Write(b []byte) (int, error) { return len(b) / 2, nil }

// As with every other net.Conn: otherwise bytes would be lost without a word.
func TestCopyToAWriterThatTakesLess(t *testing.T) {
	client, server := pair(t, clientContext(t), serverContext(t, "ecdsa"))
	go server.Write([]byte("ten bytes."))
	if n, err := io.Copy(shortWriter{}, client); n != 5 || !errors.Is(err, io.ErrShortWrite) {
		t.Fatal(n, err)
	}
}

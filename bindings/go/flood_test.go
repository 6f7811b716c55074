package tlsock_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"tlsock"
)

// fed is a net.Conn whose Read and Write can be replaced.
type fed struct {
	net.Conn
	reader io.Reader
	writer io.Writer
}

func (f *fed) Read(b []byte) (int, error) {
	if f.reader != nil {
		return f.reader.Read(b)
	}
	return f.Conn.Read(b)
}

func (f *fed) Write(b []byte) (int, error) {
	if f.writer != nil {
		return f.writer.Write(b)
	}
	return f.Conn.Write(b)
}

// flooded gives a server that will read more requests for new keys than it may keep answers, and the pipe from which nobody has
// read an answer yet.
func flooded(t *testing.T, withData bool) (server *tlsock.Conn, answers net.Conn) {
	t.Helper()
	const (
		kept    = 256 << 10
		updates = kept/27 + 1000
	)
	near, far := net.Pipe()
	t.Cleanup(func() { near.Close(); far.Close() })
	limit(t, near, far)
	below, above := &fed{Conn: near}, &fed{Conn: far}
	client := tlsock.Client(below, clientContext(t), "localhost")
	server = tlsock.Server(above, serverContext(t, "ecdsa"))
	t.Cleanup(func() { client.Close(); server.Close() })
	greeted := make(chan error, 1)
	// A pipe keeps nothing: the tickets have to be read.
	go func() {
		_, err := io.ReadFull(client, make([]byte, 2))
		greeted <- err
	}()
	_, err := io.WriteString(server, "hi")
	must(t, err)
	must(t, <-greeted)
	var flood bytes.Buffer
	below.writer = &flood
	for i := 0; i < updates; i++ {
		must(t, client.KeyUpdate(true))
		if withData {
			_, err := client.Write([]byte{1})
			must(t, err)
		}
	}
	above.reader = &flood
	must(t, server.SetReadDeadline(time.Now()))
	_, err = io.Copy(io.Discard, server)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("read on until %d bytes were left: %v", flood.Len(), err)
	}
	must(t, server.SetReadDeadline(time.Time{}))
	return server, near
}

// A peer that asks for new keys again and again and reads no answer is read no further, whatever else it sends.
func TestKeyUpdatesWithoutAReader(t *testing.T) {
	for _, withData := range []bool{false, true} {
		server, answers := flooded(t, withData)
		go io.Copy(io.Discard, answers)
		if _, err := io.Copy(io.Discard, server); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("once the answers are read: %v", err)
		}
	}
}

func TestCloseEndsAReadThatWaitsForAnswers(t *testing.T) {
	defer tlsock.SetLastWords(10 * time.Millisecond)()
	server, _ := flooded(t, false)
	ended := make(chan error)
	go func() {
		_, err := server.Read(make([]byte, 1))
		ended <- err
	}()
	must(t, server.Close())
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Fatal(err)
	}
}

func TestWriteDeadlineIsNoneOfAReadThatWaitsForAnswers(t *testing.T) {
	server, answers := flooded(t, false)
	must(t, server.SetWriteDeadline(time.Now()))
	by := time.Now().Add(soon)
	must(t, server.SetReadDeadline(by))
	if _, err := server.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Now().Before(by) {
		t.Fatalf("%v before the deadline: %v", time.Until(by), err)
	}
	must(t, server.SetDeadline(time.Time{}))
	go io.Copy(io.Discard, answers)
	if _, err := io.Copy(io.Discard, server); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("once the answers are read: %v", err)
	}
}

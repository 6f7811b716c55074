package tlsock_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"tlsock"
)

// renegotiation is a client of TLS 1.2 in the middle of one: it has answered the server's HelloRequest, and the server has not got
// that, until it goesOn.
type renegotiation struct {
	client   *tlsock.Conn
	read     <-chan error // how the reader ends, of the client that has one
	goesOn   func()
	commands io.Writer // of the server
	shown    <-chan string
}

// inRenegotiation has somebody read on the client, or nobody.
func inRenegotiation(t *testing.T, reader bool) *renegotiation {
	t.Helper()
	if !tlsock.Has(tlsock.HasRenegotiation) {
		t.Fatal("this library has no renegotiation: it would be waited for in vain")
	}
	address, commands, shown := opensslServer(t, "-tls1_2")
	far, err := net.Dial("tcp", address)
	must(t, err)
	near, between := loopback(t)
	t.Cleanup(func() { far.Close(); between.Close() })
	hold, held, resume := make(chan struct{}), make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(resume) })
	go io.Copy(between, far)
	go func() {
		buffer := make([]byte, 1<<16)
		for first := true; ; {
			n, err := between.Read(buffer)
			if err != nil {
				return
			}
			select {
			case <-hold:
				if first {
					close(held)
					<-resume
				}
				first = false
			default:
			}
			_, _ = far.Write(buffer[:n])
		}
	}()
	r := &renegotiation{client: tlsock.Client(near, clientContext(t), "localhost"), commands: commands, shown: shown}
	r.goesOn = func() { resume <- struct{}{} }
	t.Cleanup(func() { r.client.Close() })
	must(t, r.client.Handshake())
	_, err = io.WriteString(r.client, "first\n")
	must(t, err)
	until(t, shown, "first")
	r.read = reading(r.client)
	close(hold)
	_, err = io.WriteString(commands, "r\n")
	must(t, err)
	<-held
	if !reader {
		must(t, r.client.SetReadDeadline(time.Unix(1, 0)))
		isDeadline(t, "the read", <-r.read)
		must(t, r.client.SetReadDeadline(time.Time{}))
	}
	return r
}

// reading reads until it fails.
func reading(conn net.Conn) <-chan error {
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, conn)
		ended <- err
	}()
	return ended
}

func begun(f func() error) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- f() }()
	return ended
}

// turning waits until a writer waits for the peer's part.
func (r *renegotiation) turning(t *testing.T, alone bool) {
	t.Helper()
	eventually(t, "the writer waits", func() bool {
		is, reads := r.client.Turning()
		return is && reads == alone
	})
}

// ended fails the test if the call goes on for ever.
func ended(t *testing.T, what string, call <-chan error) (err error) {
	t.Helper()
	within(t, what, func() { err = <-call })
	return err
}

var writes = map[string]func(*tlsock.Conn) error{
	"Write":        func(c *tlsock.Conn) error { _, err := c.Write([]byte("after\n")); return err },
	"WriteBuffers": func(c *tlsock.Conn) error { _, err := c.WriteBuffers([][]byte{[]byte("after\n")}); return err },
	"ReadFrom":     func(c *tlsock.Conn) error { _, err := c.ReadFrom(strings.NewReader("after\n")); return err },
}

var readers = map[string]bool{"while another reads": true, "while nobody reads": false}

// A server that asks for a renegotiation and then says nothing holds a writer no longer than its deadline, or Close, nor the writers
// behind that; the deadline for reading does not end it.
func TestAWriteInARenegotiationEnds(t *testing.T) {
	for name, reader := range readers {
		for what, write := range writes {
			reader, write := reader, write
			t.Run(name+"/"+what, func(t *testing.T) {
				r := inRenegotiation(t, reader)
				first := begun(func() error { return write(r.client) })
				r.turning(t, !reader)
				behind := begun(func() error { _, err := r.client.Write([]byte("x")); return err })
				closing := begun(r.client.CloseWrite)
				must(t, r.client.SetWriteDeadline(time.Now().Add(soon)))
				for _, call := range []<-chan error{first, behind, closing} {
					isDeadline(t, "the time is up", ended(t, "a writer", call))
				}
				must(t, r.client.SetWriteDeadline(time.Time{}))
				first = begun(func() error { return write(r.client) })
				r.turning(t, !reader)
				if !reader {
					// Another reader has a deadline of its own, and does not wait for the writer that reads in its place.
					must(t, r.client.SetReadDeadline(time.Now().Add(soon)))
					isDeadline(t, "a read behind the writer", ended(t, "a read", reading(r.client)))
				}
				must(t, r.client.Close())
				equal(t, "closed", ended(t, "a writer", first), net.ErrClosed)
			})
		}
	}
}

// It goes on by itself: with a reader, without one, and with one whose time was up meanwhile.
func TestAWriteInARenegotiationGoesOn(t *testing.T) {
	for name, reader := range readers {
		for _, interrupted := range []bool{false, true} {
			reader, interrupted := reader, interrupted
			t.Run(name+map[bool]string{true: ", and is interrupted"}[interrupted], func(t *testing.T) {
				r := inRenegotiation(t, reader)
				limit(t, r.client)
				written := begun(func() error { return writes["Write"](r.client) })
				r.turning(t, !reader)
				if interrupted {
					must(t, r.client.SetReadDeadline(time.Unix(1, 0)))
					if reader {
						isDeadline(t, "the reader", <-r.read)
					}
					eventually(t, "the writer knows", func() bool { _, reads := r.client.Turning(); return !reads })
					must(t, r.client.SetReadDeadline(time.Time{}))
					r.turning(t, true)
				}
				r.goesOn()
				must(t, ended(t, "the write", written))
				until(t, r.shown, "after")
			})
		}
	}
}

// The peer's data comes before its part of the handshake: a reader gets all of it, however little at a time, and then the writer
// goes on.
func TestDataInARenegotiation(t *testing.T) {
	for name, reader := range readers {
		reader := reader
		t.Run(name, func(t *testing.T) {
			r := inRenegotiation(t, false)
			limit(t, r.client)
			got := make([]byte, len("some data\n"))
			read := func() error { _, err := io.ReadFull(iotest.OneByteReader(r.client), got); return err }
			var done <-chan error
			if reader {
				done = begun(read)
				eventually(t, "the reader waits", r.client.Reading)
			}
			written := begun(func() error { return writes["Write"](r.client) })
			r.turning(t, !reader)
			_, err := io.WriteString(r.commands, "some data\n")
			must(t, err)
			if !reader {
				eventually(t, "the writer needs a reader", func() bool {
					select {
					case err := <-written:
						t.Fatalf("the write: %v", err)
					default:
					}
					return r.client.Unread()
				})
				done = begun(read)
			}
			must(t, ended(t, "the read", done))
			equal(t, "data", string(got), "some data\n")
			r.turning(t, true)
			r.goesOn()
			must(t, ended(t, "the write", written))
			until(t, r.shown, "after")
		})
	}
}

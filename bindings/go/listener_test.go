package tlsock_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tlsock"
)

// listening gives a listener to be tested; adjust may be nil.
func listening(t testing.TB, context *tlsock.Context, adjust func(*tlsock.Listener)) *tlsock.Listener {
	t.Helper()
	listener, err := tlsock.Listen("tcp", "127.0.0.1:0", context)
	must(t, err)
	listener.HandshakeTimeout = time.Hour
	if adjust != nil {
		adjust(listener)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

func connect(t testing.TB, listener net.Listener) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", listener.Addr().String())
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	limit(t, conn)
	return conn
}

// dialCryptoTLS connects and does the handshake.
func dialCryptoTLS(t testing.TB, listener net.Listener) *tls.Conn {
	t.Helper()
	dialer := &net.Dialer{Timeout: testLimit}
	conn, err := tls.DialWithDialer(dialer, "tcp", listener.Addr().String(), &tls.Config{RootCAs: goPool(t)})
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	return conn
}

// The handshake of an accepted connection is done, and silent clients before it do not delay it.
func TestListenerShakesHands(t *testing.T) {
	listener := listening(t, serverContext(t, "ecdsa"), nil)
	accepted := make(chan net.Conn)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- conn
	}()
	for i := 0; i < 100; i++ {
		connect(t, listener)
	}
	dialCryptoTLS(t, listener)
	conn := <-accepted
	defer conn.Close()
	state := conn.(*tlsock.Conn).ConnectionState()
	equal(t, "handshake complete", state.HandshakeComplete, true)
	equal(t, "version", state.Version, uint16(tls.VersionTLS13))
}

func TestListenerTellsFailures(t *testing.T) {
	failures := make(chan *tlsock.HandshakeError, 10)
	for name, c := range map[string]struct {
		sent string
		time time.Duration
		want error
	}{
		"silent": {"", soon, context.DeadlineExceeded}, "part of a record": {"\x16\x03", soon, context.DeadlineExceeded},
		"no TLS": {"EHLO localhost\r\n", time.Hour, tlsock.ErrSSL},
	} {
		listener := listening(t, serverContext(t, "ecdsa"), func(l *tlsock.Listener) {
			l.HandshakeFailed = func(failure *tlsock.HandshakeError) { failures <- failure }
			l.HandshakeTimeout = c.time
		})
		go listener.Accept()
		conn := connect(t, listener)
		_, err := io.WriteString(conn, c.sent)
		must(t, err)
		failure := <-failures
		equal(t, name, failure.RemoteAddr.String(), conn.LocalAddr().String())
		if !errors.Is(failure, c.want) {
			t.Errorf("%s: %v", name, failure)
		}
		if !strings.Contains(failure.Error(), conn.LocalAddr().String()) ||
			!strings.Contains(failure.Error(), strings.TrimPrefix(failure.Err.Error(), "tlsock: ")) ||
			strings.Count(failure.Error(), "tlsock: ") != 1 {
			t.Errorf("%s: the text is %q", name, failure)
		}
		if _, err := io.Copy(io.Discard, conn); err != nil && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%s: the connection is left open: %v", name, err)
		}
	}
}

// No more connections are accepted than may be in their handshake; finished ones make room.
func TestListenerMaxHandshakes(t *testing.T) {
	failures := make(chan *tlsock.HandshakeError, 10)
	listener := listening(t, serverContext(t, "ecdsa"), func(l *tlsock.Listener) {
		l.MaxHandshakes = 2
		l.HandshakeFailed = func(failure *tlsock.HandshakeError) { failures <- failure }
		l.NotTLS = func(conn net.Conn, start []byte) error {
			_, err := conn.Write(start)
			must(t, err)
			return errors.New("told in the clear")
		}
	})
	accepted := make(chan net.Conn)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				close(accepted)
				return
			}
			accepted <- conn
		}
	}()
	first, second := connect(t, listener), connect(t, listener)
	third := connect(t, listener)
	_, err := io.WriteString(third, "hello")
	must(t, err)
	must(t, third.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	if _, err := third.Read(make([]byte, 9)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a third handshake is under way: %v", err)
	}
	limit(t, third)
	must(t, first.Close())
	equal(t, "the first", (<-failures).RemoteAddr.String(), first.LocalAddr().String())
	answer, err := io.ReadAll(third)
	must(t, err)
	equal(t, "the third's answer", string(answer), "hello")
	equal(t, "the third", (<-failures).Err.Error(), "told in the clear")
	for i := 0; i < 5; i++ {
		dialCryptoTLS(t, listener)
		(<-accepted).Close()
	}
	must(t, second.Close())
	must(t, listener.Close())
	if _, open := <-accepted; open {
		t.Error("a closed listener accepts")
	}
}

// Close ends Accept and the handshakes in progress, and does not report them; accepted connections stay open.
func TestListenerClose(t *testing.T) {
	before := settled()
	listener := listening(t, serverContext(t, "ecdsa"), func(l *tlsock.Listener) {
		l.HandshakeFailed = func(failure *tlsock.HandshakeError) { t.Error(failure) }
	})
	accepted := make(chan net.Conn)
	var group sync.WaitGroup
	for i := 0; i < 3; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				conn, err := listener.Accept()
				if err != nil {
					if !errors.Is(err, net.ErrClosed) {
						t.Errorf("Accept: %v", err)
					}
					return
				}
				accepted <- conn
			}
		}()
	}
	silent := connect(t, listener)
	client := dialCryptoTLS(t, listener)
	conn := <-accepted
	must(t, listener.Close())
	if _, err := silent.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a handshake under way: %v", err)
	}
	group.Wait()
	go echo(conn)
	exchange(t, client, "still here")
	must(t, client.Close())
	const contexts = 1
	settle(t, "handles", before+contexts, tlsock.HandleCount)
	unused := listening(t, serverContext(t, "ecdsa"), nil)
	must(t, unused.Close())
	if _, err := unused.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept after Close: %v", err)
	}
}

// faltering fails at first.
type faltering struct {
	net.Listener
	errors []error
}

func (f *faltering) Accept() (net.Conn, error) {
	if len(f.errors) > 0 {
		err := f.errors[0]
		f.errors = f.errors[1:]
		return nil, err
	}
	return f.Listener.Accept()
}

// Failures of the listener below are returned by Accept, and do not end the listener.
func TestListenerErrorsBelow(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	below := &faltering{inner, []error{syscall.EMFILE, syscall.ECONNABORTED}}
	listener := tlsock.NewListener(below, serverContext(t, "ecdsa"))
	listener.HandshakeTimeout = testLimit
	defer listener.Close()
	for _, want := range []error{syscall.EMFILE, syscall.ECONNABORTED} {
		if _, err := listener.Accept(); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	go dialCryptoTLS(t, listener)
	conn, err := listener.Accept()
	must(t, err)
	must(t, conn.Close())
	must(t, inner.Close())
	if _, err := listener.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the listener below is closed: %v", err)
	}
}

// A function of the user that ends its goroutine, as t.FailNow does, keeps no slot and leaves no connection open.
func TestListenerOutlivesGoexit(t *testing.T) {
	for name, adjust := range map[string]func(*tlsock.Listener){
		"HandshakeFailed": func(l *tlsock.Listener) { l.HandshakeFailed = func(*tlsock.HandshakeError) { runtime.Goexit() } },
		"NotTLS": func(l *tlsock.Listener) {
			l.NotTLS = func(net.Conn, []byte) error { runtime.Goexit(); return nil }
		},
	} {
		t.Run(name, func(t *testing.T) {
			listener := listening(t, serverContext(t, "ecdsa"), adjust)
			listener.MaxHandshakes = 1
			go func() {
				if conn, err := listener.Accept(); err == nil {
					conn.Close()
				}
			}()
			conn := connect(t, listener)
			_, err := io.WriteString(conn, "hello")
			must(t, err)
			if _, err := io.Copy(io.Discard, conn); err != nil && !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("the connection is left open: %v", err)
			}
			dialCryptoTLS(t, listener)
		})
	}
}

// Negative values select the default too.
func TestListenerNegativeLimits(t *testing.T) {
	listener := listening(t, serverContext(t, "ecdsa"), func(l *tlsock.Listener) { l.MaxHandshakes, l.HandshakeTimeout = -1, -1 })
	go func() {
		if conn, err := listener.Accept(); err == nil {
			conn.Close()
		}
	}()
	dialCryptoTLS(t, listener)
}

// A client that sends a byte at a time gets no more time than a silent one.
func TestListenerEndsTricklers(t *testing.T) {
	failures := make(chan *tlsock.HandshakeError, 1)
	listener := listening(t, serverContext(t, "ecdsa"), func(l *tlsock.Listener) {
		l.HandshakeTimeout = 50 * time.Millisecond
		l.HandshakeFailed = func(failure *tlsock.HandshakeError) { failures <- failure }
	})
	go listener.Accept()
	conn := connect(t, listener)
	_, err := io.WriteString(conn, "\x16\x03\x01\x3f\xff\x01\x00\x3f\xfb")
	must(t, err)
	go func() {
		for err := error(nil); err == nil; {
			_, err = io.WriteString(conn, "a")
			runtime.Gosched()
		}
	}()
	failure := <-failures
	if !errors.Is(failure, context.DeadlineExceeded) && !errors.Is(failure, tlsock.ErrSSL) {
		t.Error(failure)
	}
}

// piped is a net.Listener of one end of a pipe.
type piped struct {
	conns chan net.Conn
	net.Listener
}

func (p piped) Accept() (net.Conn, error) {
	conn, ok := <-p.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

// NotTLS gets enough to judge by, however it came.
func TestNotTLSInPieces(t *testing.T) {
	below, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	near, far := net.Pipe()
	limit(t, near)
	conns := make(chan net.Conn, 1)
	conns <- far
	listener := tlsock.NewListener(piped{conns, below}, serverContext(t, "ecdsa"))
	listener.HandshakeTimeout = testLimit
	defer listener.Close()
	defer close(conns)
	seen := make(chan string, 1)
	listener.NotTLS = func(_ net.Conn, start []byte) error {
		seen <- string(start)
		return errRough
	}
	go listener.Accept()
	for _, piece := range []string{"G", "ET", " /"} {
		_, err := io.WriteString(near, piece)
		must(t, err)
	}
	equal(t, "what came", <-seen, "GET /")
}

// The time that a listener gives to a handshake is named where it has ended one, and nowhere else.
func TestListenerNamesItsTimeout(t *testing.T) {
	failures := make(chan *tlsock.HandshakeError, 2)
	listener := listening(t, serverContext(t, "ecdsa"), func(l *tlsock.Listener) {
		l.HandshakeTimeout = 2 * soon
		l.HandshakeFailed = func(failure *tlsock.HandshakeError) { failures <- failure }
	})
	go listener.Accept()
	connect(t, listener)
	silent := <-failures
	equal(t, "slow", strings.Contains(silent.Error(), "not done after 100ms"), true)
	equal(t, "timeout", errors.Is(silent, context.DeadlineExceeded), true)
	listener = listening(t, serverContext(t, "ecdsa"), func(l *tlsock.Listener) {
		l.HandshakeFailed = func(failure *tlsock.HandshakeError) { failures <- failure }
	})
	go listener.Accept()
	_, err := connect(t, listener).Write([]byte("GET / HTTP/1.0\r\n\r\n"))
	must(t, err)
	wrong := <-failures
	equal(t, "wrong", strings.Contains(wrong.Error(), "not done"), false)
}

// A context that cannot serve is told at once: NotTLS is not asked, for which the client would have to say something.
func TestNotTLSWithoutAnEngine(t *testing.T) {
	closed := serverContext(t, "ecdsa")
	must(t, closed.Close())
	for name, serving := range map[string]*tlsock.Context{"closed": closed, "none": nil} {
		failures := make(chan *tlsock.HandshakeError, 1)
		listener := listening(t, serving, func(l *tlsock.Listener) {
			l.HandshakeTimeout = time.Hour
			l.HandshakeFailed = func(failure *tlsock.HandshakeError) { failures <- failure }
			l.NotTLS = func(net.Conn, []byte) error { t.Errorf("%s: NotTLS was asked", name); return nil }
		})
		go listener.Accept()
		connect(t, listener)
		within(t, "the failure", func() {
			if err := <-failures; !errors.Is(err, tlsock.ErrValue) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

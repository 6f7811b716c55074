//go:build cgo

package tlsock

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"tlsock/internal/until"
)

const (
	defaultHandshakeTimeout = 10 * time.Second
	defaultMaxHandshakes    = 4096
	// recordHeaderSize is how much of a connection tells whether it is TLS.
	recordHeaderSize = 5
	// recordHandshake is what a TLS connection begins with.
	recordHandshake = 22
)

// Listener accepts connections and does the server's end of their handshakes. Accept gives those that succeeded: code
// which asks a connection for its state, as net/http does, finds it settled. Handshakes happen beside each other, so
// that a slow client holds up nobody else.
//
// It begins with the first Accept; set the fields before. A server that does handshakes by itself takes its
// connections from a net.Listener and calls Server.
type Listener struct {
	net.Listener

	// HandshakeTimeout is how long a client has for its handshake; 0 or less for 10 seconds.
	HandshakeTimeout time.Duration
	// MaxHandshakes is how many connections may be in their handshake, or wait for Accept after it; 0 or less for 4096.
	// Further clients wait in the queue of the system meanwhile.
	MaxHandshakes int
	// HandshakeFailed is told why a handshake failed and whose it was, but not about those that Close ends. Many
	// goroutines may call it at once.
	HandshakeFailed func(*HandshakeError)
	// NotTLS is asked about a connection that does not begin as TLS does. It may answer in the clear, and gives the
	// reason for which the connection is to be closed, or nil for one that goes on to fail in its handshake.
	NotTLS func(conn net.Conn, start []byte) error

	context *Context
	running context.Context // ends with Close
	stop    context.CancelFunc
	start   sync.Once
	slots   chan struct{} // one for each connection that MaxHandshakes counts
	ready   chan *Conn    // hands shaken
	failed  chan error    // what Accept of the listener below failed with
}

// HandshakeError tells whose handshake failed.
type HandshakeError struct {
	RemoteAddr net.Addr
	Err        error
}

// Error is the address and the reason.
func (e *HandshakeError) Error() string {
	return fmt.Sprintf("%shandshake with %v: %s", prefix, e.RemoteAddr, textOf(e.Err))
}

// Unwrap gives the reason.
func (e *HandshakeError) Unwrap() error { return e.Err }

// NewListener makes a listener whose connections are *Conn, the server's ends with the context.
func NewListener(inner net.Listener, tlsContext *Context) *Listener {
	l := &Listener{Listener: inner, context: tlsContext, ready: make(chan *Conn), failed: make(chan error)}
	l.running, l.stop = context.WithCancel(context.Background())
	return l
}

// Listen listens for TLS connections, as net.Listen does for plain ones.
func Listen(network, address string, context *Context) (*Listener, error) {
	inner, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	return NewListener(inner, context), nil
}

// Context gives the context of the connections to come.
func (l *Listener) Context() *Context { return l.context }

// Accept gives the next *Conn whose handshake succeeded.
func (l *Listener) Accept() (net.Conn, error) {
	l.start.Do(l.begin)
	if l.running.Err() != nil {
		return nil, net.ErrClosed
	}
	select {
	case conn := <-l.ready:
		<-l.slots
		return conn, nil
	case err := <-l.failed:
		return nil, err
	case <-l.running.Done():
		return nil, net.ErrClosed
	}
}

// Close stops listening and ends the handshakes under way. Connections that Accept gave go on.
func (l *Listener) Close() error {
	l.stop()
	return l.Listener.Close()
}

func (l *Listener) begin() {
	if l.HandshakeTimeout <= 0 {
		l.HandshakeTimeout = defaultHandshakeTimeout
	}
	if l.MaxHandshakes <= 0 {
		l.MaxHandshakes = defaultMaxHandshakes
	}
	l.slots = make(chan struct{}, l.MaxHandshakes)
	go l.acceptAll()
}

func (l *Listener) acceptAll() {
	for {
		select {
		case l.slots <- struct{}{}:
		case <-l.running.Done():
			return
		}
		conn, err := l.Listener.Accept()
		if err == nil {
			go l.serve(conn)
			continue
		}
		<-l.slots
		if errors.Is(err, net.ErrClosed) {
			l.stop()
			return
		}
		// Such as too many open files: whoever accepts knows how long to wait.
		select {
		case l.failed <- err:
		case <-l.running.Done():
			return
		}
	}
}

// serve does one handshake and hands the connection over.
func (l *Listener) serve(inner net.Conn) {
	conn := Server(inner, l.context)
	handed := false
	// Also where HandshakeFailed or NotTLS ends the goroutine.
	defer func() {
		if !handed {
			_ = conn.Close()
			<-l.slots
		}
	}()
	if err := l.shake(conn); err != nil {
		_ = conn.Close()
		if l.HandshakeFailed != nil && l.running.Err() == nil {
			l.HandshakeFailed(&HandshakeError{inner.RemoteAddr(), err})
		}
		return
	}
	select {
	case l.ready <- conn:
		handed = true
	case <-l.running.Done():
	}
}

func (l *Listener) shake(conn *Conn) error {
	ctx, cancel := context.WithTimeout(l.running, l.HandshakeTimeout)
	defer cancel()
	err := l.look(ctx, conn)
	if err == nil {
		err = conn.HandshakeContext(ctx)
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && err != nil {
		return fmt.Errorf("not done after %v: %w", l.HandshakeTimeout, err)
	}
	return err
}

// look asks NotTLS about what does not begin as TLS.
func (l *Listener) look(ctx context.Context, conn *Conn) error {
	if l.NotTLS == nil || conn.setup != nil {
		return nil
	}
	return until.Done(ctx, conn.conn, func() error {
		conn.in.Lock()
		defer conn.in.Unlock()
		for len(conn.in.rest) < recordHeaderSize && !conn.in.ended {
			if err := conn.fill(); err != nil {
				return err
			}
		}
		start := conn.in.rest
		if len(start) == 0 || start[0] == recordHandshake {
			return nil
		}
		return l.NotTLS(conn.conn, append([]byte(nil), start...))
	})
}

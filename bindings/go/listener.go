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
	// recordHeaderSize is how many bytes of a connection show whether it is TLS.
	recordHeaderSize = 5
	// recordHandshake is what a TLS connection begins with.
	recordHandshake = 22
)

// Listener accepts connections and does the server's side of their handshakes. Accept returns those that succeeded: code
// that asks a connection for its state, as net/http does, finds it complete. Handshakes run concurrently, so
// a slow client does not delay the others.
//
// It begins with the first Accept; set the fields before. A server that does handshakes by itself takes its
// connections from a net.Listener and calls Server.
type Listener struct {
	net.Listener

	// HandshakeTimeout is how long a client's handshake may take; 0 or less means 10 seconds.
	HandshakeTimeout time.Duration
	// MaxHandshakes is how many connections may be in their handshake, or wait for Accept after it; 0 or less means 4096.
	// Further clients wait in the system's queue.
	MaxHandshakes int
	// HandshakeFailed gets the error and address of each failed handshake, except those that Close ends. It may be called
	// by many goroutines at once.
	HandshakeFailed func(*HandshakeError)
	// NotTLS gets each connection that does not begin like TLS. It may answer in plain text, and returns the
	// reason for which the connection is to be closed, or nil to let its handshake fail.
	NotTLS func(conn net.Conn, start []byte) error

	context *Context
	running context.Context // ends with Close
	stop    context.CancelFunc
	start   sync.Once
	slots   chan struct{} // one for each connection that MaxHandshakes counts
	ready   chan *Conn    // handshake done
	failed  chan error    // from Accept of the listener below
}

// HandshakeError is a failed handshake, with the address of its peer.
type HandshakeError struct {
	RemoteAddr net.Addr
	Err        error
}

// Error is the address and the reason.
func (e *HandshakeError) Error() string {
	return fmt.Sprintf("%shandshake with %v: %s", prefix, e.RemoteAddr, textOf(e.Err))
}

// Unwrap returns the reason.
func (e *HandshakeError) Unwrap() error { return e.Err }

// NewListener makes a listener whose connections are *Conn, the server's side with the context.
func NewListener(inner net.Listener, tlsContext *Context) *Listener {
	l := &Listener{Listener: inner, context: tlsContext, ready: make(chan *Conn), failed: make(chan error)}
	l.running, l.stop = context.WithCancel(context.Background())
	return l
}

// Listen listens for TLS connections, like net.Listen for plain ones.
func Listen(network, address string, context *Context) (*Listener, error) {
	inner, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	return NewListener(inner, context), nil
}

// Context returns the context of future connections.
func (l *Listener) Context() *Context { return l.context }

// Accept returns the next *Conn whose handshake succeeded.
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

// Close stops listening and ends the handshakes in progress. Connections that Accept has returned stay open.
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
		// Such as too many open files: the caller of Accept decides how long to wait.
		select {
		case l.failed <- err:
		case <-l.running.Done():
			return
		}
	}
}

// serve does one handshake and passes the connection to Accept.
func (l *Listener) serve(inner net.Conn) {
	conn := Server(inner, l.context)
	handed := false
	// Also if HandshakeFailed or NotTLS ends the goroutine.
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

// look calls NotTLS if the connection does not begin like TLS.
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

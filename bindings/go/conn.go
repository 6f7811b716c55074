package tlsock

// #include <tlsock.h>
import "C"

import (
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// closeNotifyTimeout is how long Close tries to tell the peer.
const closeNotifyTimeout = 5 * time.Second

// Conn is a TLS connection over another net.Conn. Python: ssl.SSLSocket
//
// Any number of goroutines may use it at once: one reads while another writes, more queue up, and Close wakes them
// all. The handshake happens with the first Read or Write, or in HandshakeContext.
type Conn struct {
	connection
	conn  net.Conn
	setup error // why there is no engine

	handshakeMutex sync.Mutex
	handshakeDone  atomic.Bool
	handshakeErr   error // guarded by handshakeMutex
	state          state // what ConnectionState gives

	in  input
	out output

	fatal         atomic.Pointer[fatalError] // what ended both directions
	writeDeadline atomic.Int64               // in nanoseconds since 1970; 0 for none
}

type fatalError struct{ err error }

var (
	_ net.Conn      = (*Conn)(nil)
	_ io.ReaderFrom = (*Conn)(nil)
	_ io.WriterTo   = (*Conn)(nil)
)

// Client makes the client's end over a net.Conn that is connected. The peer must prove to be serverName, if the
// context checks host names. What is wrong with the arguments is told by the handshake.
func Client(conn net.Conn, context *Context, serverName string) *Conn {
	return wrap(conn, context, WrapOptions{ServerHostname: serverName})
}

// Server makes the server's end over a net.Conn that was accepted.
func Server(conn net.Conn, context *Context) *Conn {
	return wrap(conn, context, WrapOptions{ServerSide: true})
}

// WrapConn makes either end over a net.Conn. Python: SSLContext.wrap_socket
//
// The Conn owns the net.Conn from success on.
func (c *Context) WrapConn(conn net.Conn, options WrapOptions) (*Conn, error) {
	wrapped := wrap(conn, c, options)
	if wrapped.setup != nil {
		return nil, wrapped.setup
	}
	return wrapped, nil
}

func wrap(conn net.Conn, context *Context, options WrapOptions) *Conn {
	c := &Conn{conn: conn}
	lower := options.lower()
	lower.conn = conn
	c.setup = c.open("connection", context, nil, nil, lower)
	runtime.SetFinalizer(c, func(c *Conn) { c.ref.close() })
	return c
}

// NetConn gives the net.Conn below. Reading from it or writing to it breaks the TLS connection.
func (c *Conn) NetConn() net.Conn { return c.conn }

// LocalAddr is the address of this end.
func (c *Conn) LocalAddr() net.Addr { return c.conn.LocalAddr() }

// RemoteAddr is the address of the peer.
func (c *Conn) RemoteAddr() net.Addr { return c.conn.RemoteAddr() }

// SetDeadline sets when reads and writes fail with a timeout; the zero time is never. The connection stays usable:
// what a write had encrypted by then goes out with the next one.
func (c *Conn) SetDeadline(t time.Time) error {
	c.noteWriteDeadline(t)
	return c.conn.SetDeadline(t)
}

// SetReadDeadline sets when reads fail with a timeout.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.conn.SetReadDeadline(t) }

// SetWriteDeadline sets when writes fail with a timeout.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.noteWriteDeadline(t)
	return c.conn.SetWriteDeadline(t)
}

func (c *Conn) noteWriteDeadline(t time.Time) {
	if t.IsZero() {
		c.writeDeadline.Store(0)
	} else {
		c.writeDeadline.Store(t.UnixNano())
	}
}

// CloseWrite sends close_notify: the peer sees the end of our data, and its answer can still be read.
func (c *Conn) CloseWrite() error {
	if err := c.Handshake(); err != nil {
		return err
	}
	if !c.ref.enter() {
		return net.ErrClosed
	}
	defer c.ref.leave()
	c.out.Lock()
	defer c.out.Unlock()
	return c.closeWrite()
}

func (c *Conn) closeWrite() error {
	if c.out.closed {
		return nil
	}
	if _, err := c.write(nil, pumpCloseWrite); err != nil {
		return err
	}
	c.out.closed = true
	return nil
}

// Close tells the peer by close_notify, as far as it listens, closes the net.Conn below and frees the engine.
// Reads and writes under way fail.
func (c *Conn) Close() error {
	if c.setup != nil {
		return c.conn.Close()
	}
	if !c.ref.enter() {
		return net.ErrClosed
	}
	defer c.ref.leave()
	if !c.ref.close() {
		return net.ErrClosed
	}
	runtime.SetFinalizer(c, nil)
	if c.handshakeDone.Load() && c.lockToClose() {
		if !c.out.stuck {
			_ = c.SetWriteDeadline(time.Now().Add(closeNotifyTimeout))
			c.sendLast()
		}
		c.out.Unlock()
	}
	if c.in.TryLock() {
		_ = c.conn.SetReadDeadline(time.Time{})
		drain(c.conn)
		c.in.free()
		c.in.Unlock()
	}
	return c.conn.Close()
}

// sendLast sends close_notify or, after a failure, the alert if that still waits.
func (c *Conn) sendLast() {
	if c.fatal.Load() != nil {
		_ = c.flush()
	} else {
		_ = c.closeWrite()
	}
}

// lockToClose takes the writer's lock. A write of the user's is not waited for, one of our own is, for a time.
func (c *Conn) lockToClose() bool {
	if c.out.TryLock() {
		return true
	}
	if !c.out.own.Load() {
		return false
	}
	_ = c.SetWriteDeadline(time.Now().Add(closeNotifyTimeout))
	c.out.Lock()
	return true
}

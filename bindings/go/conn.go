package tlsock

// #include <tlsock.h>
import "C"

import (
	"io"
	"net"
	"runtime"
	"sync/atomic"
	"time"
)

// lastWords is for how many nanoseconds Close and a failure try to send close_notify or the alert; tests set another time.
var lastWords atomic.Int64

func init() { lastWords.Store(int64(5 * time.Second)) }

// Conn is a TLS connection over another net.Conn. Python: ssl.SSLSocket
//
// Any number of goroutines may use it at once: one reads while another writes, more queue up, and Close wakes them
// all. The handshake happens with the first Read or Write, or in HandshakeContext.
type Conn struct {
	connection
	conn  net.Conn
	setup error // why there is no engine

	handshakeDone atomic.Bool
	handshakeErr  error // used only with the token
	state         state // what ConnectionState returns
	deadlines     deadlines

	in  input
	out output

	fatal atomic.Pointer[fatalError] // what ended both directions
	keep  *keeper                    // of sessions; nil if they are not kept
}

type fatalError struct{ err error }

var (
	_ net.Conn      = (*Conn)(nil)
	_ io.ReaderFrom = (*Conn)(nil)
	_ io.WriterTo   = (*Conn)(nil)
)

// Client makes the client's side over a net.Conn that is connected. The peer must prove to be serverName, if the
// context checks host names. Invalid arguments are reported by the handshake.
func Client(conn net.Conn, context *Context, serverName string) *Conn {
	return wrap(conn, context, WrapOptions{ServerHostname: serverName})
}

// Server makes the server's side over a net.Conn that was accepted.
func Server(conn net.Conn, context *Context) *Conn {
	return wrap(conn, context, WrapOptions{ServerSide: true})
}

// WrapConn makes either side over a net.Conn. Python: SSLContext.wrap_socket
//
// On success the Conn owns the net.Conn.
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
	c.in.told = &c.deadlines
	c.setup = c.open(kindConnection, context, nil, nil, lower)
	runtime.SetFinalizer(c, func(c *Conn) {
		c.ref.close()
		if c.record != nil {
			c.record.life.close()
		}
	})
	return c
}

// NetConn returns the net.Conn below. Reading from it or writing to it breaks the TLS connection.
func (c *Conn) NetConn() net.Conn { return c.conn }

// LocalAddr is the address of this side.
func (c *Conn) LocalAddr() net.Addr { return c.conn.LocalAddr() }

// RemoteAddr is the address of the peer.
func (c *Conn) RemoteAddr() net.Addr { return c.conn.RemoteAddr() }

// SetDeadline sets when reads and writes fail with a timeout; the zero time means never. The connection stays usable:
// what a write had encrypted by then is sent with the next one.
func (c *Conn) SetDeadline(t time.Time) error {
	return c.deadlines.set(t, c.conn.SetDeadline, reading, writing)
}

// SetReadDeadline sets when reads fail with a timeout. It also limits the handshake of a first Read.
func (c *Conn) SetReadDeadline(t time.Time) error {
	return c.deadlines.set(t, c.conn.SetReadDeadline, reading)
}

// SetWriteDeadline sets when writes fail with a timeout. It also limits the handshake of a first Write, and Close.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	return c.deadlines.set(t, c.conn.SetWriteDeadline, writing)
}

// errEarly is the error of calls that are possible only after the handshake.
var errEarly = connError(StatusValue, PhaseShutdown, "handshake not done yet")

// CloseWrite sends close_notify: the peer sees the end of our data, and its answer can still be read. Before the end of
// the handshake it fails.
func (c *Conn) CloseWrite() error { return c.alone(c.closeWrite) }

// alone has nobody write meanwhile; before the end of the handshake it fails.
func (c *Conn) alone(f func() error) error {
	if !c.handshakeDone.Load() {
		return c.early()
	}
	if !c.ref.enter() {
		return net.ErrClosed
	}
	defer c.ref.leave()
	c.out.Lock()
	defer c.out.Unlock()
	return c.closedOr(f())
}

// KeyUpdate changes the keys by which this side encrypts, in TLS 1.3 (RFC 8446, 4.6.3), for a connection that lasts long, and
// tells the peer; with requestPeer the peer is asked to change its own, which it does when it reads that. It waits for writes
// under way, and counts as one for the deadline: what a deadline has kept from being sent goes with the next write. ErrValue
// before the end of the handshake and below TLS 1.3.
func (c *Conn) KeyUpdate(requestPeer bool) error {
	return c.alone(func() error {
		if fatal := c.fatal.Load(); fatal != nil {
			return fatal.err
		}
		if err := c.keyUpdate(requestPeer); err != nil {
			return err
		}
		return c.flush()
	})
}

// early tells why there is no handshake yet.
func (c *Conn) early() error {
	switch {
	case c.setup != nil:
		return c.setup
	case c.ref.closed():
		return net.ErrClosed
	}
	return errEarly
}

// closedOr is net.ErrClosed for any error that Close has caused in a call in progress.
func (c *Conn) closedOr(err error) error {
	if err != nil && err != io.EOF && c.ref.closed() {
		return net.ErrClosed
	}
	return err
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

// Session returns the current session, nil if there is none. In TLS 1.3 a client's session can be resumed only after it has
// read something.
func (c *Conn) Session() (*Session, error) {
	session, err := c.connection.Session()
	if session != nil {
		session.proof = c.state.proof()
	}
	return session, err
}

// Close sends close_notify, for which it takes at most 5 seconds or until the deadline for writing, closes
// the net.Conn below and frees the engine. Calls in progress fail with net.ErrClosed.
func (c *Conn) Close() error {
	if c.setup != nil {
		return c.conn.Close()
	}
	if !c.ref.enter() {
		return net.ErrClosed
	}
	defer c.ref.leave()
	c.keep.last(c)
	// Callers of State find all of it later. A callback of the program, which may take for ever, is not waited for.
	if c.handshakeDone.Load() && c.record.serving.Load() == nil {
		c.state.build(&c.connection)
	}
	if !c.ref.close() {
		return net.ErrClosed
	}
	runtime.SetFinalizer(c, nil)
	c.record.life.close()
	c.deadlines.wake()
	if c.handshakeDone.Load() && c.lockToClose() {
		if !c.out.stuck {
			c.boundLastWords()
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

// boundLastWords gives what is sent last the time for it, unless the user has set less.
func (c *Conn) boundLastWords() {
	end, err := c.deadlines.writeBy(c.conn, time.Now().Add(time.Duration(lastWords.Load())))
	if err == nil {
		return
	}
	// A net.Conn without deadlines, as through SSH, is closed if it still writes by then. Afterwards nobody else can write.
	time.AfterFunc(time.Until(end), func() {
		if !c.out.TryLock() {
			_ = c.conn.Close()
			return
		}
		c.out.Unlock()
	})
}

// sendLast sends close_notify or, after a failure, the alert if it was not sent yet.
func (c *Conn) sendLast() {
	if c.fatal.Load() != nil {
		_ = c.flush()
	} else {
		_ = c.closeWrite()
	}
}

// lockToClose takes the writer's lock. It does not wait for a write of the user, and only for a limited time for one of ours.
// It does not wait for a callback either, which may be the caller of Close: nothing can be written before it ends.
func (c *Conn) lockToClose() bool {
	if c.record.serving.Load() != nil || c.record.life.asking() {
		return false
	}
	if c.out.TryLock() {
		return true
	}
	if !c.out.own.Load() {
		return false
	}
	c.boundLastWords()
	c.out.Lock()
	return true
}

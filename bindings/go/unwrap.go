//go:build cgo

package tlsock

import (
	"io"
	"net"
	"runtime"
)

// errUnread is the error of Unwrap before the end of the peer's data.
var errUnread = connError(StatusSSL, PhaseShutdown, "application data that nobody has read: Read to io.EOF before Unwrap")

// Unwrap ends TLS on both sides: it sends close_notify, waits for the peer's, and returns the net.Conn below for use without
// TLS. Bytes that were received after close_notify are read from that first. The Conn is then closed, and the net.Conn belongs
// to the caller. After an error only close_notify was sent: Unwrap can be repeated after a timeout, and after reading data
// that the peer sent before its close_notify. No other goroutine may read or write meanwhile.
// Python: SSLSocket.unwrap()
func (c *Conn) Unwrap() (net.Conn, error) {
	if !c.handshakeDone.Load() {
		return nil, c.early()
	}
	if !c.ref.enter() {
		return nil, net.ErrClosed
	}
	defer c.ref.leave()
	if err := c.CloseWrite(); err != nil {
		return nil, err
	}
	c.in.Lock()
	defer c.in.Unlock()
	if err := c.readEnd(); err != nil {
		return nil, c.closedOr(err)
	}
	c.keep.last(c)
	c.state.complete(&c.connection)
	if !c.ref.close() {
		return nil, net.ErrClosed
	}
	runtime.SetFinalizer(c, nil)
	c.record.life.close()
	plain := c.conn
	if len(c.in.rest) > 0 {
		plain = &readAhead{c.conn, append([]byte(nil), c.in.rest...)}
	}
	c.in.free()
	return plain, nil
}

// readEnd reads the peer's close_notify. It needs the lock.
func (c *Conn) readEnd() error {
	in := &c.in
	for in.err == nil && !in.held {
		var look [1]byte
		n, err := c.decrypt(look[:], reading)
		switch {
		case n > 0:
			in.held, in.first = true, look[0]
		case err == nil && in.starved:
			err = c.fill()
		}
		if err != nil && err != io.EOF {
			return err
		}
	}
	switch {
	case in.held:
		return errUnread
	case in.err != io.EOF:
		return in.err
	}
	return nil
}

// readAhead is a net.Conn from which some bytes were already read.
type readAhead struct {
	net.Conn
	rest []byte
}

// Read returns the bytes read ahead first.
func (r *readAhead) Read(b []byte) (int, error) {
	if len(r.rest) == 0 {
		return r.Conn.Read(b)
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// NetConn returns the net.Conn below, without the bytes read ahead.
func (r *readAhead) NetConn() net.Conn { return r.Conn }

package tlsock

// #include <tlsock.h>
import "C"

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
)

// output is the writing half of a Conn.
type output struct {
	mutex  sync.Mutex
	line   line
	unsent []byte      // ciphertext that must be sent first
	stuck  bool        // because a deadline kept it from being sent
	queued atomic.Bool // a flush will follow
	own    atomic.Bool // the lock is held by such a flush
	// how the last of them has ended
	flushed atomic.Pointer[flushed]
	closed  bool // close_notify was sent
	err     error
}

type flushed struct{ err error }

func (o *output) Lock() { o.mutex.Lock() }

func (o *output) TryLock() bool { return o.mutex.TryLock() }

func (o *output) Unlock() {
	o.mutex.Unlock()
	o.line.next()
}

var (
	errWriteAfterClose = connError(StatusSSL, PhaseWrite, "write after CloseWrite")
	// errAbandoned is the error of writers whose bytes another goroutine was to write, which panicked.
	errAbandoned = connError(StatusSSL, PhaseWrite, "the net.Conn panicked")
)

// connError is an error that this binding makes itself.
func connError(status Status, phase Phase, message string) *Error {
	return &Error{Status: status, Message: message, AlertSent: -1, AlertReceived: -1, Phase: phase}
}

// Write encrypts and sends all of b, or fails. After a timeout, n bytes were taken and the rest may be written
// again. Small writes that wait for another goroutine's are sent together.
func (c *Conn) Write(b []byte) (int, error) {
	if err := c.shaken(writing); err != nil {
		return 0, err
	}
	if !c.ref.enter() {
		return 0, net.ErrClosed
	}
	defer c.ref.leave()
	n, err := c.writeOrWait(b)
	return n, c.closedOr(err)
}

func (c *Conn) writeOrWait(b []byte) (int, error) {
	if c.out.line.concerns(b) || !c.out.TryLock() {
		return c.writeInLine(b)
	}
	defer c.out.Unlock()
	return c.writeLocked(b)
}

// writeLocked is called with the lock held.
func (c *Conn) writeLocked(b []byte) (int, error) {
	if c.out.closed {
		return 0, errWriteAfterClose
	}
	return c.write(b, 0)
}

// WriteBuffers writes pieces in order, in as few records and network calls as possible:
// net.Buffers would write each separately.
func (c *Conn) WriteBuffers(pieces [][]byte) (total int64, err error) {
	if err := c.shaken(writing); err != nil {
		return 0, err
	}
	if !c.ref.enter() {
		return 0, net.ErrClosed
	}
	defer c.ref.leave()
	c.out.Lock()
	defer c.out.Unlock()
	buf := buffer(batch * recordSize)
	defer release(buf)
	for len(pieces) > 0 && err == nil {
		var joined []byte
		var n int
		joined, pieces = gather(pieces, (*buf)[:batch*recordSize])
		n, err = c.writeLocked(joined)
		total += int64(n)
	}
	return total, c.closedOr(err)
}

// gather copies as many of the first pieces into a buffer as fit; a larger one is returned as it is.
func gather(pieces [][]byte, buf []byte) (joined []byte, rest [][]byte) {
	if len(pieces[0]) > len(buf) {
		return pieces[0], pieces[1:]
	}
	n := 0
	for len(pieces) > 0 && len(pieces[0]) <= len(buf)-n {
		n += copy(buf[n:], pieces[0])
		pieces = pieces[1:]
	}
	return buf[:n], pieces
}

// ReadFrom writes everything that r returns until its end. It makes io.Copy move a batch of records at a time. Nothing is read
// before the handshake is done: it would be lost if the handshake fails.
func (c *Conn) ReadFrom(r io.Reader) (total int64, err error) {
	if err := c.shaken(writing); err != nil {
		return 0, err
	}
	buf := buffer(batch * recordSize)
	defer release(buf)
	for {
		n, err := r.Read((*buf)[:batch*recordSize])
		if n > 0 {
			written, err := c.Write((*buf)[:n])
			total += int64(written)
			if err != nil {
				return total, err
			}
		}
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

// write encrypts and sends; it is called with the lock held. Each batch is one call of C, and several of them are one of the
// network: a longer call of C would occupy one of Go's threads.
func (c *Conn) write(b []byte, flags cFlags) (n int, err error) {
	if fatal := c.fatal.Load(); fatal != nil {
		return 0, fatal.err
	}
	if err := c.ready(); err != nil {
		return 0, err
	}
	buf := buffer(len(b))
	defer release(buf)
	filled := 0
	for ended := false; ; {
		turns := c.in.turns.Load()
		p := c.pump(flags, nil, b, nil, room((*buf)[filled:]))
		n, b, filled = n+p.taken, b[p.taken:], filled+p.ciphertext
		if p.status == C.TLSOCK_WANT_WRITE && len(*buf)-filled >= batch*fullRecord {
			continue
		}
		if err := c.send((*buf)[:filled]); err != nil {
			C.tlsock_error_free(p.err)
			return n, err
		}
		filled = 0
		switch {
		case p.status == C.TLSOCK_OK:
			return n, nil
		case p.status == C.TLSOCK_EOF && p.pending > 0:
			// Which libssl says of a renegotiation that meets data where it is not a reader that continues it.
			C.tlsock_error_free(p.err)
			err = c.turn(turns)
		case p.status == C.TLSOCK_EOF && !ended:
			// The reader will be told again, and reports it.
			C.tlsock_error_free(p.err)
			ended = true
		case p.status == C.TLSOCK_WANT_READ:
			err = c.turn(turns)
		case p.stopped():
			err = c.answered(context.Background(), writing)
		case p.fatal():
			err = c.fail(c.record.explain(p.failure()))
		}
		if err != nil {
			return n, err
		}
	}
}

// room is the part of a buffer that one call of C may fill.
func room(buf []byte) []byte {
	if len(buf) > batch*fullRecord {
		return buf[:batch*fullRecord]
	}
	return buf
}

// ready tells whether data can be written, and sends what still waits.
func (c *Conn) ready() error {
	if c.out.err != nil {
		return c.out.err
	}
	if c.deadlines.passed() {
		return os.ErrDeadlineExceeded
	}
	unsent := c.out.unsent
	c.out.unsent = nil
	return c.send(unsent)
}

// send writes ciphertext to the network and keeps what a deadline stopped: without it the peer could not read anything more.
func (c *Conn) send(ciphertext []byte) error {
	if len(ciphertext) == 0 {
		return nil
	}
	n, err := c.conn.Write(ciphertext)
	if err == nil && n == len(ciphertext) {
		c.out.stuck = false
		return nil
	}
	err = checked("written", n, len(ciphertext), err)
	if isTimeout(err) {
		c.out.unsent = append(c.out.unsent, ciphertext[n:]...)
		c.out.stuck = true
		return err
	}
	if err == nil {
		err = io.ErrShortWrite
	}
	c.out.err = err
	return err
}

// checked refuses a count that a net.Conn must not return.
func checked(done string, n, size int, err error) error {
	if n < 0 || n > size {
		return connError(StatusValue, PhaseNone, fmt.Sprintf("the net.Conn says it has %s %d of %d bytes", done, n, size))
	}
	return err
}

// flush sends what waits inside, even after a failure: then it is the alert.
func (c *Conn) flush() error {
	if err := c.ready(); err != nil {
		return err
	}
	buf := buffer(0)
	defer release(buf)
	for {
		p := c.pump(0, nil, nil, nil, *buf)
		if p.fatal() {
			c.fail(c.record.explain(p.failure()))
		}
		if err := c.send((*buf)[:p.ciphertext]); err != nil || p.waiting == 0 {
			return err
		}
	}
}

// flushLater flushes in the background. After Close it does nothing.
func (c *Conn) flushLater() {
	if !c.out.queued.CompareAndSwap(false, true) || !c.ref.enter() {
		return
	}
	go func() {
		defer c.ref.leave()
		c.out.Lock()
		defer c.out.Unlock()
		c.out.queued.Store(false)
		c.out.own.Store(true)
		defer c.out.own.Store(false)
		c.out.flushed.Store(&flushed{c.flush()})
		c.deadlines.wake()
	}()
}

// fail makes an error end both directions; the first one stays.
func (c *Conn) fail(err error) error {
	c.fatal.CompareAndSwap(nil, &fatalError{err})
	return c.fatal.Load().err
}

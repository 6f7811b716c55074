package tlsock

// #include <tlsock.h>
import "C"

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"syscall"
)

// Handshake does the handshake, unless it is done. Read and Write do it by themselves.
func (c *Conn) Handshake() error { return c.HandshakeContext(context.Background()) }

// HandshakeContext does the handshake, unless it is done. If ctx ends first, the connection is closed, even if another
// goroutine does the handshake. A handshake that was stopped by a deadline continues with the next call; a failed one stays
// failed.
func (c *Conn) HandshakeContext(ctx context.Context) error {
	if c.handshakeDone.Load() {
		return nil
	}
	return c.shakeHands(ctx, neither)
}

// shaken does the handshake for a Read or a Write, whose deadline limits all of it.
func (c *Conn) shaken(by direction) error {
	if c.handshakeDone.Load() {
		return nil
	}
	return c.shakeHands(context.Background(), by)
}

func (c *Conn) shakeHands(ctx context.Context, by direction) error {
	if c.setup != nil {
		return c.setup
	}
	if err := c.deadlines.beginShaking(ctx, by, c.ref.closed); err != nil {
		if ctx.Err() != nil {
			_ = c.conn.Close()
		}
		return err
	}
	defer c.deadlines.endShaking()
	if c.handshakeErr != nil || c.handshakeDone.Load() {
		return c.handshakeErr
	}
	if !c.ref.enter() {
		return net.ErrClosed
	}
	defer c.ref.leave()
	c.handshakeErr = errAbandoned // if the net.Conn panics: what it was to send is lost
	ours, err := c.bounded(ctx, by)
	err = c.closedOr(err)
	if ours && isTimeout(err) && ctx.Err() == nil {
		c.handshakeErr = nil
		return err
	}
	c.record.life.endHandshake()
	c.handshakeErr = err
	c.handshakeDone.Store(err == nil)
	return err
}

// bounded does the handshake until ctx ends, which closes the net.Conn below, or the deadline of a direction passes. It tells of an
// error what handshake tells.
func (c *Conn) bounded(ctx context.Context, by direction) (ours bool, err error) {
	if ctx.Done() == nil && by == neither {
		return c.handshake(ctx, either)
	}
	during := by
	if by == neither {
		during = either
	}
	watched := c.watch(ctx, by)
	var early error
	func() {
		// Also if the net.Conn panics.
		defer func() { early = watched.stop() }()
		ours, err = c.handshake(ctx, during)
	}()
	switch early {
	case nil, net.ErrClosed:
		// A callback may have noticed the end of ctx first.
		if cause := ctx.Err(); cause != nil && errors.Is(err, cause) {
			_ = c.conn.Close()
			return true, cause
		}
		return ours, err
	case os.ErrDeadlineExceeded:
		if err != nil && ours {
			err = early
		}
		return ours, err
	default:
		return true, early
	}
}

// watch ends what the net.Conn below does once the time of a handshake is up.
type watch struct {
	conn  *Conn
	done  atomic.Bool
	ended chan error
}

func (c *Conn) watch(ctx context.Context, by direction) *watch {
	w := &watch{conn: c, ended: make(chan error, 1)}
	go w.run(ctx, by)
	return w
}

func (w *watch) run(ctx context.Context, by direction) {
	early := w.conn.deadlines.wait(ctx, by, nil, w.done.Load, w.conn.ref.closed)
	switch early {
	case nil, net.ErrClosed:
	case os.ErrDeadlineExceeded:
		w.conn.deadlines.cutOff(w.conn.conn)
	default:
		_ = w.conn.conn.Close()
	}
	w.ended <- early
}

// stop ends it, and tells what had come before that.
func (w *watch) stop() error {
	w.done.Store(true)
	w.conn.deadlines.wake()
	early := <-w.ended
	if early == os.ErrDeadlineExceeded {
		w.conn.deadlines.restore(w.conn.conn)
	}
	return early
}

// handshake does the handshake; callbacks get a context that ends with it. Those that may wait are waited for until the deadline
// of a direction. It tells whether an error is of the net.Conn below or of a deadline of ours, and not of C: to a callback a timeout
// may be one of its own affairs.
func (c *Conn) handshake(ctx context.Context, by direction) (ours bool, err error) {
	c.in.Lock()
	defer c.in.Unlock()
	c.out.Lock()
	defer c.out.Unlock()
	c.record.life.beginHandshake(ctx)
	if err := c.ready(); err != nil {
		return true, err
	}
	buf := buffer(recordSize)
	defer release(buf)
	for {
		p, err := c.shake(ctx, by, *buf)
		if err != nil {
			return true, err
		}
		c.in.rest = c.in.rest[p.used:]
		if p.status == C.TLSOCK_OK {
			return true, c.finish((*buf)[:p.ciphertext])
		}
		if p.fatal() {
			// The alert is not waited for longer than a close would be: the peer may be writing itself.
			c.boundLastWords()
			_ = c.send((*buf)[:p.ciphertext])
			return false, c.record.explain(p.failure())
		}
		if err := c.send((*buf)[:p.ciphertext]); err != nil {
			return true, err
		}
		switch {
		case p.status == C.TLSOCK_WANT_READ:
			err = c.fill()
		case p.stopped():
			if err = c.answered(ctx, by); ctx.Err() != nil {
				_ = c.conn.Close()
			}
		}
		if err != nil {
			return true, err
		}
	}
}

// finish sends the last flight. A server's in TLS 1.3 consists of tickets, which the client may read late: the handshake
// does not wait for that. A socket normally has room for them; if sending fails, the next write reports it.
func (c *Conn) finish(last []byte) error {
	c.state.note(&c.connection)
	if c.state.version != tls.VersionTLS13 || !c.state.server {
		return c.send(last)
	}
	if _, socket := c.conn.(syscall.Conn); socket {
		_ = c.send(last)
	} else if len(last) > 0 {
		c.out.unsent = append(c.out.unsent, last...)
		c.flushLater()
	}
	return nil
}

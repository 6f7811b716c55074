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
	err := c.closedOr(c.bounded(ctx, by))
	if isTimeout(err) && ctx.Err() == nil {
		return err
	}
	c.record.life.endHandshake()
	c.handshakeErr = err
	c.handshakeDone.Store(err == nil)
	return err
}

// bounded does the handshake until ctx ends, which closes the net.Conn below, or the deadline of a direction passes.
func (c *Conn) bounded(ctx context.Context, by direction) error {
	if ctx.Done() == nil && by == neither {
		return c.handshake(ctx, either)
	}
	var done atomic.Bool
	ended := make(chan error, 1)
	go func() {
		early := c.deadlines.wait(ctx, by, nil, done.Load, c.ref.closed)
		switch early {
		case nil, net.ErrClosed:
		case os.ErrDeadlineExceeded:
			c.deadlines.cutOff(c.conn)
		default:
			_ = c.conn.Close()
		}
		ended <- early
	}()
	during := by
	if by == neither {
		during = either
	}
	err := c.handshake(ctx, during)
	done.Store(true)
	c.deadlines.wake()
	switch early := <-ended; early {
	case nil, net.ErrClosed:
		// A callback may have noticed the end of ctx first.
		if cause := ctx.Err(); cause != nil && errors.Is(err, cause) {
			_ = c.conn.Close()
			return cause
		}
		return err
	case os.ErrDeadlineExceeded:
		c.deadlines.restore(c.conn)
		if err != nil {
			err = early
		}
		return err
	default:
		return early
	}
}

// handshake does the handshake; callbacks get a context that ends with it. Those that may wait are waited for until the deadline
// of a direction.
func (c *Conn) handshake(ctx context.Context, by direction) error {
	c.in.Lock()
	defer c.in.Unlock()
	c.out.Lock()
	defer c.out.Unlock()
	c.record.life.beginHandshake(ctx)
	if err := c.ready(); err != nil {
		return err
	}
	buf := buffer(recordSize)
	defer release(buf)
	for {
		p, err := c.shake(ctx, by, *buf)
		if err != nil {
			return err
		}
		c.in.rest = c.in.rest[p.used:]
		if p.status == C.TLSOCK_OK {
			return c.finish((*buf)[:p.ciphertext])
		}
		if p.fatal() {
			// The alert is not waited for longer than a close would be: the peer may be writing itself.
			c.boundLastWords()
			_ = c.send((*buf)[:p.ciphertext])
			return c.record.explain(p.failure())
		}
		if err := c.send((*buf)[:p.ciphertext]); err != nil {
			return err
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
			return err
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

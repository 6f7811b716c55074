package tlsock

// #include <tlsock.h>
import "C"

import (
	"context"
	"crypto/tls"
	"net"
	"runtime"
	"syscall"
)

// Handshake does the handshake, unless it is done. Read and Write do it unasked.
func (c *Conn) Handshake() error {
	if c.handshakeDone.Load() {
		return nil
	}
	return c.HandshakeContext(context.Background())
}

// HandshakeContext does the handshake, unless it is done. When ctx ends first, the connection is closed. A handshake
// that ran into a deadline goes on with the next call; one that failed stays failed.
func (c *Conn) HandshakeContext(ctx context.Context) (err error) {
	if c.setup != nil {
		return c.setup
	}
	if c.handshakeDone.Load() {
		return nil
	}
	c.handshakeMutex.Lock()
	defer c.handshakeMutex.Unlock()
	if c.handshakeErr != nil || c.handshakeDone.Load() {
		return c.handshakeErr
	}
	if !c.ref.enter() {
		return net.ErrClosed
	}
	defer c.ref.leave()
	err = c.watched(ctx, c.handshake)
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() && ctx.Err() == nil {
		return err
	}
	c.handshakeErr = err
	c.handshakeDone.Store(err == nil)
	return err
}

// watched runs f and closes the net.Conn below it when ctx ends.
func (c *Conn) watched(ctx context.Context, f func() error) error {
	if ctx.Done() == nil {
		return f()
	}
	done, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		select {
		case <-ctx.Done():
			_ = c.conn.Close()
			ended <- ctx.Err()
		case <-done:
			ended <- nil
		}
	}()
	err := f()
	close(done)
	if ctxErr := <-ended; ctxErr != nil {
		return ctxErr
	}
	return err
}

func (c *Conn) handshake() error {
	c.in.Lock()
	defer c.in.Unlock()
	c.out.Lock()
	defer c.out.Unlock()
	if err := c.ready(); err != nil {
		return err
	}
	buf := buffer(recordSize)
	defer release(buf)
	for {
		p := c.shake(*buf)
		c.in.rest = c.in.rest[p.used:]
		if p.status == C.TLSOCK_OK {
			return c.finish((*buf)[:p.ciphertext])
		}
		err := c.send((*buf)[:p.ciphertext])
		if p.fatal() {
			return c.record.explain(p.failure())
		}
		if err != nil {
			return err
		}
		if p.status == C.TLSOCK_WANT_READ {
			if err := c.fill(); err != nil {
				return err
			}
		}
	}
}

// slots bound how many handshakes compute in C at once. A call of C that takes long costs a thread of Go's, so that a
// thousand clients at once would else cost as many.
var slots = make(chan struct{}, runtime.GOMAXPROCS(0))

func (c *Conn) shake(out []byte) pumped {
	slots <- struct{}{}
	c.record.slotted = true
	defer func() {
		c.record.slotted = false
		<-slots
	}()
	return c.pump(c.in.flags(), c.in.rest, nil, nil, out)
}

// finish sends the last flight. A server's in TLS 1.3 is tickets, which the client reads when it pleases: the handshake
// does not wait for that. A socket has room for them by itself; whether it fails is the business of the next write.
func (c *Conn) finish(last []byte) error {
	c.state.note(&c.connection)
	if c.state.facts.Version != tls.VersionTLS13 || !c.state.server {
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

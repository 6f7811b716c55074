//go:build cgo

package tlsock

import (
	"context"
	"io"
)

// turn lets a writer wait for the peer's part in a renegotiation: until a reader has given C more than the writer had seen when C
// wanted that or, where nobody reads, until the writer has. The writer's lock is held, so nothing here may outlast what ends every
// wait of a writer: its deadline, and Close.
func (c *Conn) turn(seen int64) error {
	// All is sent. A reader may wait until its answers have left: see unburdened.
	c.out.flushed.Store(&flushed{})
	c.deadlines.wake()
	c.in.awaited.Add(1)
	defer c.in.awaited.Add(-1)
	own, late := false, 0
	ready := func() bool {
		switch {
		case c.in.unread.Load():
			return false
		case c.in.turns.Load() != seen:
			return true
		case late > 0 && c.deadlines.left(reading) == 0, !c.in.TryLock():
			return false
		case c.in.held:
			// A reader has to take it first, as that which is unread. Without telling those who wait: that is this one.
			c.in.mutex.Unlock()
			return false
		}
		own = true
		return true
	}
	for {
		err := c.deadlines.wait(context.Background(), writing, nil, ready, c.ref.closed)
		if err != nil || !own {
			return err
		}
		own = false
		if err = c.readForWriter(); !isTimeout(err) || c.deadlines.passed() {
			return err
		}
		// The deadline for reading: a writer does not obey it, but waits until it is another one. Or the net.Conn has its own.
		if late++; late > 1 && c.deadlines.readable() {
			return err
		}
	}
}

// readForWriter reads once in the place of a reader, and releases the reader's lock. Both deadlines end it: a reader may wait for
// the lock, which has one too.
func (c *Conn) readForWriter() error {
	defer c.in.Unlock()
	if c.in.starved {
		if err := c.fillForWriter(); err != nil {
			return err
		}
	}
	var first [1]byte
	var n int
	err := c.in.err
	if err == nil && !c.in.starved {
		n, err = c.decrypt(first[:], writing)
	}
	switch {
	case n > 0:
		c.in.held, c.in.first = true, first[0]
	case err == io.EOF:
		// In the middle of a handshake, to a writer.
		return io.ErrUnexpectedEOF
	}
	return err
}

func (c *Conn) fillForWriter() error {
	c.deadlines.share(c.conn)
	defer c.deadlines.unshare()
	return c.fill()
}

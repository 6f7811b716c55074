package tlsock

// #include <tlsock.h>
import "C"

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"
)

// slots limit how many handshakes compute in C at once. A long call of C occupies one of Go's threads, so a thousand
// simultaneous clients would otherwise need as many threads. One is taken by receiving it.
//
// That saves threads and guards nothing. A handshake may stay in C for ever, as with a key log on a full pipe or a key in a device
// that hangs: where no slot has come back for as long as slotWait, others go on without one.
var slots = func() chan struct{} {
	all := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := 0; i < cap(all); i++ {
		all <- struct{}{}
	}
	return all
}()

// slotWait is for how many nanoseconds no slot may come back before a handshake goes on without one; tests set another time.
var slotWait atomic.Int64

// slotsBack counts the slots that came back.
var slotsBack atomic.Int64

func init() { slotWait.Store(int64(50 * time.Millisecond)) }

// trySlot takes a slot if there is one.
func trySlot() bool {
	select {
	case <-slots:
		return true
	default:
		return false
	}
}

// waitForSlot takes a slot if there is one in time. What ends the handshake ends this too: the end of ctx, the deadline of a
// direction, Close.
func (c *Conn) waitForSlot(ctx context.Context, by direction) (held bool, err error) {
	if trySlot() {
		return true, nil
	}
	for {
		before := slotsBack.Load()
		held, late, err := c.waitOnceForSlot(ctx, by)
		if !late || slotsBack.Load() == before {
			return held, err
		}
	}
}

// waitOnceForSlot tells also whether the time for it was up.
func (c *Conn) waitOnceForSlot(ctx context.Context, by direction) (held, late bool, err error) {
	patience, cancel := context.WithTimeout(ctx, time.Duration(slotWait.Load()))
	defer cancel()
	err = c.deadlines.wait(patience, by, slots, func() bool { return false }, c.ref.closed)
	if err != nil && err == patience.Err() && ctx.Err() == nil {
		return false, true, nil
	}
	return err == nil, false, err
}

// shake is one call of the pump for the handshake, with a slot if there is one.
func (c *Conn) shake(ctx context.Context, by direction, out []byte) (pumped, error) {
	held, err := c.waitForSlot(ctx, by)
	if err != nil {
		return pumped{}, err
	}
	c.record.slotted = held
	defer c.record.giveSlotBack()
	return c.pump(c.in.flags(), c.in.rest, nil, nil, out), nil
}

// giveSlotBack gives the slot back that the call holds, if it does.
func (r *record) giveSlotBack() {
	if r.slotted {
		r.slotted = false
		slotsBack.Add(1)
		slots <- struct{}{}
	}
}

// withoutSlot runs code of the program, which may take long, or do a handshake itself. The call is in C and has its thread: it does
// not wait for another slot.
func (r *record) withoutSlot(f func() error) error {
	if r.slotted {
		r.giveSlotBack()
		defer func() { r.slotted = trySlot() }()
	}
	return f()
}

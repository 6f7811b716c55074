package tlsock

import (
	"context"
	"net"
	"sync"
	"time"
)

// InLine is the number of writers that wait for another one.
func (c *Conn) InLine() int { return int(c.out.line.length.Load()) }

// Writing tells whether a write is in progress.
func (c *Conn) Writing() bool {
	free := c.out.TryLock()
	if free {
		c.out.Unlock()
	}
	return !free
}

// InHurry tells whether writers no longer wait for others to join.
func (c *Conn) InHurry() bool { return c.out.line.hurry.Load() > 0 }

// Shaking tells whether somebody is at the handshake.
func (c *Conn) Shaking() bool {
	c.deadlines.mutex.Lock()
	defer c.deadlines.mutex.Unlock()
	return c.deadlines.shaking && !c.handshakeDone.Load()
}

// Serving tells whether a callback of the connection is running.
func (c *Conn) Serving() bool { return c.record.serving.Load() != nil }

// Below replaces the net.Conn below, for data sent from now on.
func (c *Conn) Below(conn net.Conn) { c.conn = conn }

// SetLastWords sets how long a close or a failure tries to notify the peer, until it is restored.
func SetLastWords(d time.Duration) (restore func()) {
	before := lastWords.Swap(int64(d))
	return func() { lastWords.Store(before) }
}

// TakeSlots waits for all slots of handshakes, and gives them back once.
func TakeSlots() (giveBack func()) {
	for i := 0; i < cap(slots); i++ {
		<-slots
	}
	var once sync.Once
	return func() {
		once.Do(func() {
			for i := 0; i < cap(slots); i++ {
				slots <- struct{}{}
			}
		})
	}
}

// CountSlotBack is a slot that came back, and that another one has taken.
func CountSlotBack() { slotsBack.Add(1) }

// SetSlotWait sets how long a handshake waits for a slot, until it is restored.
func SetSlotWait(d time.Duration) (restore func()) {
	before := slotWait.Swap(int64(d))
	return func() { slotWait.Store(before) }
}

// FreeSlots is how many slots of handshakes are free.
func FreeSlots() int { return len(slots) }

// Reading tells whether a read is in progress.
func (c *Conn) Reading() bool {
	free := c.in.TryLock()
	if free {
		c.in.Unlock()
	}
	return !free
}

// Unread tells whether there is data that a reader has to take before a renegotiation goes on.
func (c *Conn) Unread() bool { return c.in.unread.Load() }

// Turning tells whether a writer waits for the peer's part in a renegotiation, and whether it is the one who reads meanwhile.
func (c *Conn) Turning() (is, reads bool) {
	c.deadlines.mutex.Lock()
	defer c.deadlines.mutex.Unlock()
	return c.in.awaited.Load() > 0, c.deadlines.shared != nil
}

// BePatient makes writers wait for others without a limit, so that the counts of a test depend on no clock. Call it before the
// first write on the connection.
func (c *Conn) BePatient() { c.out.line.patient = true }

// SetNow sets what time it is for sessions, until it is restored.
func SetNow(tell func() time.Time) (restore func()) {
	clock.Store(&tell)
	return func() { clock.Store(nil) }
}

// SessionKey is under what a Dialer keeps a session.
func SessionKey(d *Dialer, network, address, name string) string {
	return d.keeper(network, address, name).key
}

// AskVerdict asks about a peer of which this was found, as the library does: judge gives the answer in a goroutine of its own. It
// tells whether there is an answer by now, and waits for one to come otherwise.
func (c *Conn) AskVerdict(found string, judge func() error) (answered bool, verdict error) {
	q := c.record.ask(aboutVerification, 1, found, func() finder {
		return func(context.Context, *Object) (any, error) { return nil, judge() }
	})
	if q != nil {
		return true, q.err
	}
	<-c.record.life.over()
	return false, nil
}

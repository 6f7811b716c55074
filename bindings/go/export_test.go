package tlsock

import (
	"net"
	"time"
)

// InLine is how many writers wait for another's to end.
func (c *Conn) InLine() int { return int(c.out.line.length.Load()) }

// Writing tells whether a writer is at work.
func (c *Conn) Writing() bool {
	free := c.out.TryLock()
	if free {
		c.out.Unlock()
	}
	return !free
}

// InHurry tells whether writers no longer let others go first.
func (c *Conn) InHurry() bool { return c.out.line.hurry.Load() > 0 }

// Shaking tells whether somebody is at the handshake.
func (c *Conn) Shaking() bool {
	c.deadlines.mutex.Lock()
	defer c.deadlines.mutex.Unlock()
	return c.deadlines.shaking && !c.handshakeDone.Load()
}

// Serving tells whether a callback of the connection is under way.
func (c *Conn) Serving() bool { return c.record.serving.Load() != nil }

// Below puts another net.Conn below, for what is sent from now on.
func (c *Conn) Below(conn net.Conn) { c.conn = conn }

// SetLastWords sets for how long a close or a failure tries to tell the peer, until it is restored.
func SetLastWords(d time.Duration) (restore func()) {
	before := lastWords
	lastWords = d
	return func() { lastWords = before }
}

// BePatient has writers let others go first however long that takes: what a test counts then depends on no clock. It is for a
// connection that nobody writes on yet.
func (c *Conn) BePatient() { c.out.line.patient = true }

// SetNow sets what time it is for sessions, until it is restored.
func SetNow(tell func() time.Time) (restore func()) {
	now = tell
	return func() { now = time.Now }
}

// SessionKey is under what a Dialer keeps a session.
func SessionKey(d *Dialer, network, address, name string) string {
	return d.keeper(network, address, name).key
}

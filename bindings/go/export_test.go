package tlsock

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

// BePatient has writers let others go first however long that takes: what a test counts then depends on no clock. It is for a
// connection that nobody writes on yet.
func (c *Conn) BePatient() { c.out.line.patient = true }

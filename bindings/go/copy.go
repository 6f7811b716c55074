package tlsock

// #include <tlsock.h>
import "C"

// Copy makes a context with the same settings, and a life of its own: neither follows the other from then on. Ticket keys,
// sessions and the key log are not copied.
func (c *Context) Copy() (*Context, error) {
	if c.sessions != nil {
		// The callbacks that decide who this side is are copied: none may be set between them and the note that they are there.
		c.sessions.deciding.Lock()
		defer c.sessions.deciding.Unlock()
	}
	var pointer *C.tlsock_context
	err := c.use(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_copy(p, &pointer, e)
	})
	other, err := ownContext(pointer, err)
	if err == nil {
		other.password.Store(c.password.Load())
		other.sessions.deciders.Store(c.sessions.deciders.Load())
	}
	return other, err
}

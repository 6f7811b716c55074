package tlsock

// #include <tlsock.h>
import "C"

import "net"

type wrapOptions struct {
	flags    C.uint32_t
	hostname string
	session  *Session
	conn     net.Conn
}

// open makes the engine.
func (c *connection) open(kind kind, context *Context, incoming, outgoing *MemoryBIO, o wrapOptions) error {
	var text texts
	defer text.free()
	hostname := text.maybe("server name", o.hostname)
	if text.err != nil {
		return text.err
	}
	if context == nil {
		return closedError("no context was given: it")
	}
	var bios [2]*C.tlsock_bio
	for i, bio := range []*MemoryBIO{incoming, outgoing} {
		if bio == nil {
			continue
		}
		pointer, err := bio.ref.lend()
		if err != nil {
			return err
		}
		defer bio.ref.leave()
		bios[i] = pointer
	}
	var resumed *C.tlsock_session
	if o.session != nil {
		lent, err := o.session.ref.lend()
		if err != nil {
			return err
		}
		defer o.session.ref.leave()
		resumed = lent
	}
	var pointer *C.tlsock_object
	err := context.use(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_wrap_bio(p, bios[0], bios[1], o.flags, hostname, resumed, &pointer, e)
	})
	if err != nil {
		return err
	}
	c.own(kind, pointer, &record{conn: o.conn})
	c.record.sessions.Store(context.sessions)
	c.record.offer(o.session)
	return nil
}

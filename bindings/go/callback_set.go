package tlsock

// #include "callback.h"
import "C"

import "runtime/cgo"

// passwordAsked is a password callback, and its failure if it was called for one load.
type passwordAsked struct {
	callback PasswordCallback
	record   record
}

// hand gives C a handle on a callback, which the library frees when it no longer needs it. A nil callback clears.
func hand(callback any, absent bool, set func(C.uintptr_t) error) error {
	if absent {
		return set(0)
	}
	handle := cgo.NewHandle(callback)
	err := set(C.uintptr_t(handle))
	if err != nil {
		handle.Delete()
	}
	return err
}

// A callback that uses its own Context, and not the object's, keeps it from being collected: call Close then.

// SetSNICallback sets the callback that answers a ClientHello, even if the client named no server. nil clears.
func (c *Context) SetSNICallback(callback SNICallback) error { return c.setSNI(callback, false) }

// SetServernameCallback is like SetSNICallback, but a name that is not a valid host name fails the handshake.
func (c *Context) SetServernameCallback(callback SNICallback) error { return c.setSNI(callback, true) }

func (c *Context) setSNI(callback SNICallback, strict bool) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_sni(p, handle, C.bool(strict), e)
		})
	})
}

// SetPasswordCallback sets the callback that gives the password of an encrypted key when LoadCertChain gets none.
func (c *Context) SetPasswordCallback(callback PasswordCallback) error {
	err := hand(&passwordAsked{callback: callback}, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_password(p, handle, e)
		})
	})
	if err == nil {
		c.password.Store(&callback)
	}
	return err
}

// asking gives load a handle on the password callback for one call, which keeps its failure; 0 without a callback.
func (c *Context) asking(load func(C.uintptr_t) error) error {
	callback := c.password.Load()
	if callback == nil || *callback == nil {
		return load(0)
	}
	asked := &passwordAsked{callback: *callback}
	handle := cgo.NewHandle(asked)
	defer handle.Delete()
	return asked.record.explain(load(C.uintptr_t(handle)))
}

// SetPSKClientCallback sets the callback that gives a client its pre-shared key. With CertNone, a server that declines the
// key in TLS 1.3 is not authenticated at all.
func (c *Context) SetPSKClientCallback(callback PSKClientCallback) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_psk_client(p, handle, e)
		})
	})
}

// SetPSKServerCallback sets the callback that gives a server the key of an identity, and the hint for clients of TLS 1.2.
func (c *Context) SetPSKServerCallback(callback PSKServerCallback, identityHint string) error {
	var text texts
	defer text.free()
	hint := text.maybe("identityHint", identityHint)
	if text.err != nil {
		return text.err
	}
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_psk_server(p, handle, hint, e)
		})
	})
}

// SetMessageCallback passes every protocol message to a callback, for debugging. Python: _msg_callback
func (c *Context) SetMessageCallback(callback MessageCallback) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_message(p, handle, e)
		})
	})
}

// SetKeylogCallback passes each line of the key log to a callback.
func (c *Context) SetKeylogCallback(callback KeylogCallback) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_keylog(p, handle, e)
		})
	})
}

// SetSessionCallback passes each session that can be resumed to a callback as it arrives; in TLS 1.3 the only reliable way
// to get one. The first callback that is set takes effect for connections made after that.
func (c *Context) SetSessionCallback(callback SessionCallback) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_session(p, handle, e)
		})
	})
}

// SetWarningCallback sets the callback that sees warnings (deprecated protocols and options, ...), for the whole process.
func SetWarningCallback(callback WarningCallback) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return call(func(e **C.tlsock_error) C.tlsock_status { return C.tlsock_go_set_warning(handle, e) })
	})
}

package tlsock

// #include "callback.h"
import "C"

import "runtime/cgo"

// passwordAsked is a password callback, and what it failed with if it is asked for one call.
type passwordAsked struct {
	callback PasswordCallback
	record   record
}

// hand gives C a handle on a callback, which the library frees when it needs it no more. A nil callback clears.
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

// A callback that uses its own Context, and not the object's, keeps it from being collected: Close it then.

// SetSNICallback sets who answers a ClientHello, also when the client named no server. nil clears.
func (c *Context) SetSNICallback(callback SNICallback) error { return c.setSNI(callback, false) }

// SetServernameCallback does what SetSNICallback does; a name that is no valid host name fails the handshake.
func (c *Context) SetServernameCallback(callback SNICallback) error { return c.setSNI(callback, true) }

func (c *Context) setSNI(callback SNICallback, strict bool) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_sni(p, handle, C.bool(strict), e)
		})
	})
}

// SetPasswordCallback sets who is asked for the password of an encrypted key when LoadCertChain is given none.
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

// asking gives load a handle on the password callback for one call, which knows what it failed with; 0 without one.
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

// SetPSKClientCallback sets who gives a client its pre-shared key. With CertNone, a server that declines the key in
// TLS 1.3 is not authenticated at all.
func (c *Context) SetPSKClientCallback(callback PSKClientCallback) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_psk_client(p, handle, e)
		})
	})
}

// SetPSKServerCallback sets who gives a server the key of an identity, and the hint sent to clients of TLS 1.2.
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

// SetMessageCallback shows every protocol message to a callback, for debugging. Python: _msg_callback
func (c *Context) SetMessageCallback(callback MessageCallback) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_message(p, handle, e)
		})
	})
}

// SetKeylogCallback hands each line of key log to a callback.
func (c *Context) SetKeylogCallback(callback KeylogCallback) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_keylog(p, handle, e)
		})
	})
}

// SetSessionCallback hands over each session that can be resumed as it arrives: the way to resume TLS 1.3 without
// guessing when. The first callback counts for connections made after it was set.
func (c *Context) SetSessionCallback(callback SessionCallback) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_session(p, handle, e)
		})
	})
}

// SetWarningCallback sets who sees warnings (deprecated protocols and options, ...), for the whole process.
func SetWarningCallback(callback WarningCallback) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return call(func(e **C.tlsock_error) C.tlsock_status { return C.tlsock_go_set_warning(handle, e) })
	})
}

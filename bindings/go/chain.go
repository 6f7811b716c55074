package tlsock

// #include "bytes.h"
// #include "callback.h"
import "C"

import "runtime/cgo"

// passwordAsked is a password callback, and what it failed with if it is asked for one call.
type passwordAsked struct {
	callback PasswordCallback
	record   record
}

// LoadCertChain loads this side's certificate chain and private key from PEM files. If keyfile is empty, the key is in
// certfile. If password is empty, the password callback is called. Call it once for each type of key (RSA, ECDSA) to serve both.
func (c *Context) LoadCertChain(certfile, keyfile, password string) error {
	var text texts
	defer text.free()
	cert, key := text.add("certfile", certfile), text.maybe("keyfile", keyfile)
	secret := text.maybe("password", password)
	if text.err != nil {
		return text.err
	}
	return c.load(password, func(p *C.tlsock_context, asked C.uintptr_t, e **C.tlsock_error) C.tlsock_status {
		if asked != 0 {
			return C.tlsock_go_load_cert_chain(p, cert, key, asked, e)
		}
		return C.tlsock_context_load_cert_chain(p, cert, key, secret, e)
	})
}

// LoadCertChainData loads chain and key from memory, PEM or DER. If key is empty, it is in cert.
func (c *Context) LoadCertChainData(cert, key []byte, password string) error {
	var text texts
	defer text.free()
	secret := text.maybe("password", password)
	if text.err != nil {
		return text.err
	}
	return c.load(password, func(p *C.tlsock_context, asked C.uintptr_t, e **C.tlsock_error) C.tlsock_status {
		if asked != 0 {
			return C.tlsock_go_load_cert_chain_data(p, start(cert), C.size_t(len(cert)), start(key),
				C.size_t(len(key)), asked, e)
		}
		return C.tlsock_go_context_load_cert_chain_data(p, start(cert), C.size_t(len(cert)), start(key),
			C.size_t(len(key)), secret, e)
	})
}

// load runs a call that may ask for a password, with an answer for this call only.
func (c *Context) load(password string, f func(*C.tlsock_context, C.uintptr_t, **C.tlsock_error) C.tlsock_status) error {
	load := func(asked C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status { return f(p, asked, e) })
	}
	if password != "" {
		return load(0)
	}
	return c.asking(load)
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

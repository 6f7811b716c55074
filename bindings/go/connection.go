package tlsock

// #include "callback.h"
import "C"

import (
	"net"
	"runtime/cgo"
)

// connection is the common part of Conn and Object.
type connection struct {
	ref    ref[*C.tlsock_object]
	record *record
}

// Cipher is the cipher in use: OpenSSL's name, the protocol that defined it and the strength.
type Cipher struct {
	Name       string
	Protocol   string
	SecretBits int
}

type wrapOptions struct {
	flags    C.uint32_t
	hostname string
	session  *Session
	conn     net.Conn
}

// open makes the engine.
func (c *connection) open(name string, context *Context, incoming, outgoing *MemoryBIO, o wrapOptions) error {
	var text texts
	defer text.free()
	hostname := text.maybe("server name", o.hostname)
	if text.err != nil {
		return text.err
	}
	if context == nil {
		return closedError("no context was given: it")
	}
	var session ref[*C.tlsock_session]
	lentSession := &session
	if o.session != nil {
		lentSession = &o.session.ref
	}
	var bios [2]*C.tlsock_bio
	for i, bio := range []*MemoryBIO{incoming, outgoing} {
		if bio == nil {
			continue
		}
		pointer, giveBack, err := lend(&bio.ref, false)
		if err != nil {
			return err
		}
		defer giveBack()
		bios[i] = pointer
	}
	resumed, giveBack, err := lend(lentSession, o.session == nil)
	if err != nil {
		return err
	}
	defer giveBack()
	var pointer *C.tlsock_object
	err = context.use(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_wrap_bio(p, bios[0], bios[1], o.flags, hostname, resumed, &pointer, e)
	})
	if err != nil {
		return err
	}
	c.record = &record{conn: o.conn}
	c.record.sessions.Store(context.sessions)
	handle := cgo.NewHandle(c.record)
	C.tlsock_go_set_userdata(pointer, C.uintptr_t(handle))
	c.ref.set(name, pointer, func(p *C.tlsock_object) {
		C.tlsock_object_free(p)
		handle.Delete()
	})
	return nil
}

// call runs one fallible call of the library, and returns a callback's error as it was.
func (c *connection) call(f func(*C.tlsock_object, **C.tlsock_error) C.tlsock_status) error {
	var err error
	c.there(func() { err = c.ref.call(f) })
	return c.record.explain(err)
}

// there runs f where the library allows it: while a callback of the connection runs, that is the call that waits for it.
func (c *connection) there(f func()) {
	if c.record != nil {
		if serving := c.record.serving.Load(); serving != nil && serving.run(f) {
			return
		}
	}
	f()
}

// inquire runs a getter of a connection, which returns the zero value after Close.
func inquire[T any](c *connection, f func(*C.tlsock_object) T) (answer T) {
	c.there(func() { answer = ask(&c.ref, f) })
	return answer
}

// GetPeerCert returns the peer's certificate if it was verified, otherwise nil. Python: getpeercert()
func (c *connection) GetPeerCert() (*Certificate, error) {
	var pointer *C.tlsock_certificate
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_getpeercert(p, &pointer, e)
	})
	return takeCertificate(pointer), err
}

// PeerCertificate returns the peer's certificate, verified or not: check Verified. nil if the peer sent none.
// Python: getpeercert(binary_form=True)
func (c *connection) PeerCertificate() (*Certificate, error) {
	var pointer *C.tlsock_certificate
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_peer_certificate(p, &pointer, e)
	})
	return takeCertificate(pointer), err
}

// GetVerifiedChain lists the chain that verification built, the peer first; empty if the session was resumed.
func (c *connection) GetVerifiedChain() ([]*Certificate, error) {
	var list *C.tlsock_certificate_list
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_get_verified_chain(p, &list, e)
	})
	return takeCertificates(list), err
}

// GetUnverifiedChain lists the certificates as the peer sent them; empty if the session was resumed.
func (c *connection) GetUnverifiedChain() ([]*Certificate, error) {
	var list *C.tlsock_certificate_list
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_get_unverified_chain(p, &list, e)
	})
	return takeCertificates(list), err
}

// Cipher returns the cipher in use; false if there is none yet.
func (c *connection) Cipher() (cipher Cipher, ok bool) {
	ok = inquire(c, func(p *C.tlsock_object) bool {
		var used C.tlsock_cipher
		if !C.tlsock_object_cipher(p, &used) {
			return false
		}
		cipher = goCipher(&used)
		return true
	})
	return cipher, ok
}

// text runs a getter of text; NULL gives "".
func (c *connection) text(f func(*C.tlsock_object) *C.char) string {
	return inquire(c, func(p *C.tlsock_object) string { return C.GoString(f(p)) })
}

// Version is "TLSv1.3", "TLSv1.2", ...; "" before the end of the handshake.
func (c *connection) Version() string {
	return c.text(func(p *C.tlsock_object) *C.char { return C.tlsock_object_version(p) })
}

// Group is the group of the key exchange, such as "x25519"; "" if there was none.
func (c *connection) Group() string {
	return c.text(func(p *C.tlsock_object) *C.char { return C.tlsock_object_group(p) })
}

// Compression is the compression in use; "" for none, which is the default.
func (c *connection) Compression() string {
	return c.text(func(p *C.tlsock_object) *C.char { return C.tlsock_object_compression(p) })
}

// SelectedALPNProtocol is the application protocol that was agreed on; "" for none.
func (c *connection) SelectedALPNProtocol() string {
	return c.text(func(p *C.tlsock_object) *C.char { return C.tlsock_object_selected_alpn_protocol(p) })
}

// SelectedNPNProtocol is "": NPN was removed from TLS.
func (c *connection) SelectedNPNProtocol() string {
	return c.text(func(p *C.tlsock_object) *C.char { return C.tlsock_object_selected_npn_protocol(p) })
}

// ServerHostname is the name that the peer must prove, as ASCII; "" for none.
func (c *connection) ServerHostname() string {
	return c.text(func(p *C.tlsock_object) *C.char { return C.tlsock_object_server_hostname(p) })
}

// ServerSide tells whether this is the server's side.
func (c *connection) ServerSide() bool {
	return inquire(c, func(p *C.tlsock_object) bool { return bool(C.tlsock_object_server_side(p)) })
}

// Context returns a new handle on the context in use: see Context.Same.
func (c *connection) Context() (*Context, error) {
	var pointer *C.tlsock_context
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_context(p, &pointer, e)
	})
	own, err := ownContext(pointer, err)
	if err == nil {
		own.sessions = c.record.sessions.Load()
	}
	return own, err
}

// SetContext switches to another context's certificate and callbacks, as a server does once it knows the name.
// Options, versions, ciphers and verification stay.
func (c *connection) SetContext(context *Context) error {
	if context == nil {
		return closedError("no context was given: it")
	}
	other, giveBack, err := lend(&context.ref, false)
	if err != nil {
		return err
	}
	defer giveBack()
	err = c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_set_context(p, other, e)
	})
	if err == nil {
		c.record.sessions.Store(context.sessions)
	}
	return err
}

// Session returns the current session, nil if there is none. In TLS 1.3 a client's session can be resumed only after it has
// read something.
func (c *connection) Session() (*Session, error) {
	var pointer *C.tlsock_session
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_session(p, &pointer, e)
	})
	return ownSession(pointer), err
}

// SetSession offers a session for resumption, before the handshake; it must come from the same context.
func (c *connection) SetSession(session *Session) error {
	if session == nil {
		return closedError("no session was given: it")
	}
	offered, giveBack, err := lend(&session.ref, false)
	if err != nil {
		return err
	}
	defer giveBack()
	return c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_set_session(p, offered, e)
	})
}

// SessionReused tells whether the handshake resumed a session, or used a pre-shared key.
func (c *connection) SessionReused() bool {
	return inquire(c, func(p *C.tlsock_object) bool { return bool(C.tlsock_object_session_reused(p)) })
}

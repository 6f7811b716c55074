package tlsock

/*
#include <stdlib.h>
#include "bytes.h"

static void set_text(const char **list, size_t at, const char *text) { list[at] = text; }
*/
import "C"

import (
	"runtime"
	"sync/atomic"
	"unsafe"
)

// Context holds the settings, certificates and trust of connections. Python: ssl.SSLContext
//
// Everything may be changed at any time, even while connections use it: a connection keeps the certificate, verify
// mode and flags, versions and options that it was made with. A callback that replaces another counts at once, and so does
// nil. The first of its kind counts for handshakes that begin later (a session callback or cache for connections made later);
// an SNI, ALPN or verify callback counts at once.
type Context struct {
	ref      ref[*C.tlsock_context]
	password atomic.Pointer[PasswordCallback]
	sessions *contextSessions // one for all handles on a context
}

// VerifyLocations names CAs to trust: a PEM file, a hashed directory, PEM or DER in memory, or some of them.
type VerifyLocations struct {
	CAFile string
	CAPath string
	CAData []byte // empty and not nil: ErrValue in LoadVerifyLocations, as in Python
}

// SessionStats are the counters of handshakes and resumptions. Python: SSLContext.session_stats()
type SessionStats struct {
	Number                                   int64
	Connect, ConnectGood, ConnectRenegotiate int64
	Accept, AcceptGood, AcceptRenegotiate    int64
	Hits, Misses, Timeouts, CacheFull        int64
}

// NewContext makes a context. Python: SSLContext(protocol)
//
// A context of ProtocolTLSClient requires and verifies certificates and checks host names, but trusts no CA until some are
// loaded; CreateDefaultContext makes one and loads CAs.
func NewContext(protocol Protocol) (*Context, error) {
	var pointer *C.tlsock_context
	err := call(func(e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_new(C.int(protocol), &pointer, e)
	})
	return ownContext(pointer, err)
}

// CreateDefaultContext makes a context with Python's recommended settings.
// Python: create_default_context(purpose, cafile, capath, cadata)
//
// PurposeServerAuth is for clients: certificates and host names are verified with the given CAs or, if there are
// none, the system's. PurposeClientAuth is for servers: add LoadCertChain.
func CreateDefaultContext(purpose Purpose, locations VerifyLocations) (*Context, error) {
	var text texts
	defer text.free()
	file, path := text.maybe("CAFile", locations.CAFile), text.maybe("CAPath", locations.CAPath)
	if text.err != nil {
		return nil, text.err
	}
	var pointer *C.tlsock_context
	err := call(func(e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_create_default_context(C.int(purpose), file, path, given(locations.CAData),
			C.size_t(len(locations.CAData)), &pointer, e)
	})
	return ownContext(pointer, err)
}

func ownContext(pointer *C.tlsock_context, err error) (*Context, error) {
	if err != nil {
		return nil, err
	}
	c := &Context{sessions: (&contextSessions{}).handle()}
	c.ref.set(kindContext, pointer, func(p *C.tlsock_context) { C.tlsock_context_free(p) })
	runtime.SetFinalizer(c, (*Context).Close)
	return c, nil
}

// Close frees the context; connections made from it go on. With the last handle on it go the sessions that it keeps for its Dialers:
// see Same.
func (c *Context) Close() error {
	runtime.SetFinalizer(c, nil)
	if c.ref.close() {
		c.sessions.leave()
	}
	return nil
}

// set runs a setter. Sessions made before it are no longer offered: see contextSessions.
func (c *Context) set(f func(*C.tlsock_context, **C.tlsock_error) C.tlsock_status) error {
	return c.sessions.change(func() error { return c.ref.call(f) })
}

// setDecider is set for a callback that decides for each connection who this side is: see contextSessions.
func (c *Context) setDecider(by decider, absent bool, f func(*C.tlsock_context, **C.tlsock_error) C.tlsock_status) error {
	return c.sessions.decide(by, absent, func() error { return c.ref.call(f) })
}

// use runs a call that changes no setting.
func (c *Context) use(f func(*C.tlsock_context, **C.tlsock_error) C.tlsock_status) error {
	return c.ref.call(f)
}

// Same tells whether two handles refer to one context: an object's Context returns a new handle. Python: a is b
func (c *Context) Same(other *Context) bool {
	return other != nil && ask(&c.ref, func(p *C.tlsock_context) bool {
		return ask(&other.ref, func(q *C.tlsock_context) bool { return bool(C.tlsock_context_same(p, q)) })
	})
}

// Protocol is what the context was made with.
func (c *Context) Protocol() Protocol {
	return ask(&c.ref, func(p *C.tlsock_context) Protocol { return Protocol(C.tlsock_context_protocol(p)) })
}

// SecurityLevel is OpenSSL's; "@SECLEVEL=n" in SetCiphers changes it.
func (c *Context) SecurityLevel() int {
	return ask(&c.ref, func(p *C.tlsock_context) int { return int(C.tlsock_context_security_level(p)) })
}

// PostHandshakeAuth tells whether TLS 1.3 post-handshake authentication is on.
func (c *Context) PostHandshakeAuth() bool {
	return ask(&c.ref, func(p *C.tlsock_context) bool { return bool(C.tlsock_context_post_handshake_auth(p)) })
}

// SetPostHandshakeAuth sets whether a client offers, and a server uses, post-handshake authentication.
func (c *Context) SetPostHandshakeAuth(on bool) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_post_handshake_auth(p, C.bool(on), e)
	})
}

// SetALPNProtocols sets the application protocols to offer (client), or to choose from in this order (server).
func (c *Context) SetALPNProtocols(protocols ...string) error {
	return c.setProtocols(protocols, func(p *C.tlsock_context, list **C.char, count C.size_t,
		e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_alpn_protocols(p, list, count, e)
	})
}

// ALPNStrict tells what SetALPNStrict has set.
func (c *Context) ALPNStrict() bool {
	return ask(&c.ref, func(p *C.tlsock_context) bool { return bool(C.tlsock_context_alpn_strict(p)) })
}

// SetALPNStrict sets whether a server that has protocols, or an ALPNCallback, refuses a client that offers others only, with
// no_application_protocol, as crypto/tls does. A client that offers none at all is not refused.
func (c *Context) SetALPNStrict(strict bool) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_alpn_strict(p, C.bool(strict), e)
	})
}

// SetNPNProtocols checks its arguments and fails with ErrNotImplemented: NPN was removed from TLS.
func (c *Context) SetNPNProtocols(protocols ...string) error {
	return c.setProtocols(protocols, func(p *C.tlsock_context, list **C.char, count C.size_t,
		e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_npn_protocols(p, list, count, e)
	})
}

func (c *Context) setProtocols(protocols []string,
	set func(*C.tlsock_context, **C.char, C.size_t, **C.tlsock_error) C.tlsock_status) error {
	return withTexts("protocol", protocols, func(list **C.char) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return set(p, list, C.size_t(len(protocols)), e)
		})
	})
}

// withTexts gives C a list of strings for the time of a call.
func withTexts(name string, values []string, call func(list **C.char) error) error {
	var text texts
	defer text.free()
	size := C.size_t(len(values)+1) * C.size_t(unsafe.Sizeof(uintptr(0)))
	list := (**C.char)(C.malloc(size))
	defer C.free(unsafe.Pointer(list))
	for i, value := range values {
		C.set_text(list, C.size_t(i), text.add(name, value))
	}
	if text.err != nil {
		return text.err
	}
	return call(list)
}

func (c *Context) setText(name, value string,
	set func(*C.tlsock_context, *C.char, **C.tlsock_error) C.tlsock_status) error {
	var text texts
	defer text.free()
	given := text.add(name, value)
	if text.err != nil {
		return text.err
	}
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status { return set(p, given, e) })
}

// Options are the options in effect, including unknown bits.
func (c *Context) Options() Options {
	return ask(&c.ref, func(p *C.tlsock_context) Options { return Options(C.tlsock_context_options(p)) })
}

// SetOptions sets exactly these: start from Options to add one.
func (c *Context) SetOptions(options Options) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_options(p, C.uint64_t(options), e)
	})
}

// MinimumVersion is the lowest version that is accepted; TLSVersionMinimumSupported if there is no limit.
func (c *Context) MinimumVersion() TLSVersion {
	return ask(&c.ref, func(p *C.tlsock_context) TLSVersion {
		return TLSVersion(C.tlsock_context_minimum_version(p))
	})
}

// SetMinimumVersion sets the lowest version to accept. The default is TLS 1.2.
func (c *Context) SetMinimumVersion(version TLSVersion) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_minimum_version(p, C.int(version), e)
	})
}

// MaximumVersion is the highest version that is accepted; TLSVersionMaximumSupported if there is no limit.
func (c *Context) MaximumVersion() TLSVersion {
	return ask(&c.ref, func(p *C.tlsock_context) TLSVersion {
		return TLSVersion(C.tlsock_context_maximum_version(p))
	})
}

// SetMaximumVersion sets the highest version to accept.
func (c *Context) SetMaximumVersion(version TLSVersion) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_maximum_version(p, C.int(version), e)
	})
}

// NumTickets is the number of TLS 1.3 tickets that a server sends after a handshake.
func (c *Context) NumTickets() int {
	return ask(&c.ref, func(p *C.tlsock_context) int { return int(C.tlsock_context_num_tickets(p)) })
}

// SetNumTickets sets the number of TLS 1.3 tickets that a server sends after a handshake.
func (c *Context) SetNumTickets(count int) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_num_tickets(p, C.int(count), e)
	})
}

// KeylogFilename is the file the secrets go to, "" for none.
func (c *Context) KeylogFilename() string {
	var name C.tlsock_bytes
	_ = c.use(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_keylog_filename(p, &name, e)
	})
	return string(goBytes(&name))
}

// SetKeylogFilename appends the secrets of all connections to a file, for debugging; "" stops it.
func (c *Context) SetKeylogFilename(filename string) error {
	if filename == "" {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_context_set_keylog_filename(p, nil, e)
		})
	}
	return c.setText("filename", filename, func(p *C.tlsock_context, name *C.char, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_keylog_filename(p, name, e)
	})
}

// SessionStats counts handshakes and resumptions.
func (c *Context) SessionStats() SessionStats {
	return ask(&c.ref, func(p *C.tlsock_context) SessionStats {
		s := C.tlsock_context_session_stats(p)
		return SessionStats{
			Number:  int64(s.number),
			Connect: int64(s.connect), ConnectGood: int64(s.connect_good),
			ConnectRenegotiate: int64(s.connect_renegotiate),
			Accept:             int64(s.accept), AcceptGood: int64(s.accept_good),
			AcceptRenegotiate: int64(s.accept_renegotiate),
			Hits:              int64(s.hits), Misses: int64(s.misses), Timeouts: int64(s.timeouts),
			CacheFull: int64(s.cache_full),
		}
	})
}

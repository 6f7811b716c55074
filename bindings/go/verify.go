package tlsock

// #include "callback.h"
import "C"

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"runtime/cgo"
)

// VerifyCallback judges a peer whose certificate was checked; an error refuses it, and is the Cause of the handshake's. ctx is
// the handshake's context: the callback may wait, until ctx ends. Then nobody waits for the answer any more, and the object is
// closed: the callback should return. No thread waits. Where the answer comes late the check is made again before it counts.
type VerifyCallback func(ctx context.Context, object *Object, verification *Verification) error

// SetVerifyCallback adds a callback to the check of peers: of servers, and of clients that show a certificate. It is called
// when the check has passed, the host name included, and may refuse; with CertNone, which demands nothing, it is called
// whatever the check has found. No session is resumed by handshakes that begin from now on, as it would not be judged. A peer
// that proves itself by a pre-shared key, or shows no certificate, is not judged. On a server whose SNI callback chooses
// another context the callbacks of both are asked. nil clears.
func (c *Context) SetVerifyCallback(callback VerifyCallback) error { return c.setVerify(callback, 0) }

// SetVerifyCallbackInsecureOverride sets a VerifyCallback that is also asked about peers that the check has refused, and
// accepts them by returning nil: see Verification.Code and VerifyOverridden. The check stops at the first thing that is
// wrong: of a chain that could not be built, say, neither the name nor the dates were looked at.
func (c *Context) SetVerifyCallbackInsecureOverride(callback VerifyCallback) error {
	return c.setVerify(callback, C.TLSOCK_VERIFY_CALLBACK_INSECURE_OVERRIDE)
}

func (c *Context) setVerify(callback VerifyCallback, flags C.uint32_t) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_verify(p, flags, handle, e)
		})
	})
}

// VerifyPeerCertificate makes a VerifyCallback of a function that was written for the field of this name in tls.Config; nil of
// nil. It gets no chains of a peer that has not passed the check. What crypto/x509 cannot parse is refused. It is not called
// for a client without a certificate.
func VerifyPeerCertificate(f func(rawCerts [][]byte, verifiedChains [][]*x509.Certificate) error) VerifyCallback {
	if f == nil {
		return nil
	}
	return func(_ context.Context, _ *Object, v *Verification) error {
		if _, err := parseAll(v.SentChain); err != nil {
			return err
		}
		chains, err := v.chains()
		if err != nil {
			return err
		}
		var raw [][]byte
		for _, certificate := range v.SentChain {
			raw = append(raw, certificate.DER())
		}
		return f(raw, chains)
	}
}

// VerifyConnection makes a VerifyCallback of a function that was written for the field of this name in tls.Config; nil of nil.
// The state is that of the middle of a handshake, as there, except that CipherSuite is known in TLS 1.3 only, and Version is 0
// below that if the context allows versions below 1.2. What crypto/x509 cannot parse is refused. It is not called for a client
// without a certificate.
func VerifyConnection(f func(tls.ConnectionState) error) VerifyCallback {
	if f == nil {
		return nil
	}
	return func(_ context.Context, object *Object, v *Verification) error {
		state, err := v.state(object)
		if err != nil {
			return err
		}
		return f(state.TLS())
	}
}

//export tlsock_go_verify
func tlsock_go_verify(handle C.uintptr_t, object *C.tlsock_object, owner C.uintptr_t, verification *C.tlsock_verification,
	e **C.tlsock_error) C.int {
	callback, seen := cgo.Handle(handle).Value().(VerifyCallback), newVerification(verification)
	return wait(aboutVerification, handle, owner, seen.found(), e, func() finder {
		return func(ctx context.Context, object *Object) (any, error) { return nil, callback(ctx, object, seen) }
	}, func(any) error { return nil })
}

// VerifyMode tells whether the peer must have a valid certificate.
func (c *Context) VerifyMode() VerifyMode {
	return ask(&c.ref, func(p *C.tlsock_context) VerifyMode { return VerifyMode(C.tlsock_context_verify_mode(p)) })
}

// SetVerifyMode sets whether the peer must have a valid certificate.
func (c *Context) SetVerifyMode(mode VerifyMode) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_verify_mode(p, C.int(mode), e)
	})
}

// CheckHostname tells whether the peer's certificate must be for the server name.
func (c *Context) CheckHostname() bool {
	return ask(&c.ref, func(p *C.tlsock_context) bool { return bool(C.tlsock_context_check_hostname(p)) })
}

// SetCheckHostname sets whether host names are checked. On raises a verify mode of CertNone to CertRequired.
func (c *Context) SetCheckHostname(check bool) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_check_hostname(p, C.bool(check), e)
	})
}

// HostnameChecksCommonName tells whether the common name is compared if a certificate has no DNS name.
func (c *Context) HostnameChecksCommonName() bool {
	return ask(&c.ref, func(p *C.tlsock_context) bool {
		return bool(C.tlsock_context_hostname_checks_common_name(p))
	})
}

// SetHostnameChecksCommonName sets whether the common name is compared if a certificate has no DNS name.
func (c *Context) SetHostnameChecksCommonName(check bool) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_hostname_checks_common_name(p, C.bool(check), e)
	})
}

// VerifyFlags are the flags in effect, including unknown bits.
func (c *Context) VerifyFlags() VerifyFlags {
	return ask(&c.ref, func(p *C.tlsock_context) VerifyFlags {
		return VerifyFlags(C.tlsock_context_verify_flags(p))
	})
}

// SetVerifyFlags sets exactly these: start from VerifyFlags to add one.
func (c *Context) SetVerifyFlags(flags VerifyFlags) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_verify_flags(p, C.uint64_t(flags), e)
	})
}

// VerifyDepth is how many certificates may stand between a peer's own and its trust anchor; -1 for OpenSSL's own limit.
func (c *Context) VerifyDepth() int {
	return ask(&c.ref, func(p *C.tlsock_context) int { return int(C.tlsock_context_verify_depth(p)) })
}

// SetVerifyDepth sets VerifyDepth, for connections made from now on.
func (c *Context) SetVerifyDepth(depth int) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_verify_depth(p, C.int(depth), e)
	})
}

// MaxCertList is how many bytes a peer's chain may have.
func (c *Context) MaxCertList() int {
	return ask(&c.ref, func(p *C.tlsock_context) int { return int(C.tlsock_context_max_cert_list(p)) })
}

// SetMaxCertList sets MaxCertList, for connections made from now on.
func (c *Context) SetMaxCertList(bytes int) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_max_cert_list(p, C.size_t(bytes), e)
	})
}

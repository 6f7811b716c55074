package tlsock

// #include "bytes.h"
// #include "callback.h"
import "C"

import (
	"bytes"
	"context"
	"crypto"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"runtime"
	"runtime/cgo"
)

// Identity is a certificate chain with its private key, made once and used by any number of contexts. It never changes.
type Identity struct {
	ref ref[*C.tlsock_identity]
}

// NewIdentity makes an identity from PEM files. If keyfile is empty, the key is in certfile; password is for an encrypted key.
func NewIdentity(certfile, keyfile, password string) (*Identity, error) {
	var text texts
	defer text.free()
	cert, key := text.add("certfile", certfile), text.maybe("keyfile", keyfile)
	secret := text.maybe("password", password)
	return newIdentity(&text, func(p **C.tlsock_identity, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_identity_new_files(cert, key, secret, p, e)
	})
}

// NewIdentityData makes an identity from memory, PEM or DER. If key is empty, it is in cert.
func NewIdentityData(cert, key []byte, password string) (*Identity, error) {
	var text texts
	defer text.free()
	secret := text.maybe("password", password)
	return newIdentity(&text, func(p **C.tlsock_identity, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_identity_new_data(start(cert), C.size_t(len(cert)), start(key), C.size_t(len(key)), secret, p, e)
	})
}

// NewIdentityPKCS12 makes an identity from a PKCS#12 file in memory. A file that asks for endless work is refused.
func NewIdentityPKCS12(data []byte, password string) (*Identity, error) {
	var text texts
	defer text.free()
	secret := text.maybe("password", password)
	return newIdentity(&text, func(p **C.tlsock_identity, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_identity_new_pkcs12(start(data), C.size_t(len(data)), secret, p, e)
	})
}

// NewIdentityURI makes an identity from what OpenSSL's stores serve: file: with an absolute path, and what the providers of
// the process add, such as pkcs11:. If keyURI is empty, the key is under certURI too. password is for an encrypted file, or a
// PIN.
func NewIdentityURI(certURI, keyURI, password string) (*Identity, error) {
	var text texts
	defer text.free()
	cert, key := text.add("certURI", certURI), text.maybe("keyURI", keyURI)
	secret := text.maybe("password", password)
	return newIdentity(&text, func(p **C.tlsock_identity, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_identity_new_uri(cert, key, secret, p, e)
	})
}

// NewIdentitySigner makes an identity whose private key stays elsewhere: signer signs for the key of the first certificate of
// chain, PEM (any number) or DER (one). Keys are RSA (also RSA-PSS), ECDSA with P-256, P-384 or P-521, or Ed25519. The signer
// runs in a goroutine of its own, several times at once if there are several handshakes; a slow one delays only its own
// connection, and is not waited for once its handshake's context has ended or its connection was closed. Its signatures are
// verified before they are sent. Ciphers that have RSA decrypt, of which the defaults have none, fail.
func NewIdentitySigner(chain []byte, signer crypto.Signer) (*Identity, error) {
	if signer == nil {
		return nil, connError(StatusValue, PhaseConfigure, "signer is nil")
	}
	var identity *Identity
	err := hand(signer, false, func(handle C.uintptr_t) (err error) {
		identity, err = newIdentity(&texts{}, func(p **C.tlsock_identity, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_new_signer(start(chain), C.size_t(len(chain)), handle, p, e)
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := identity.fits(signer); err != nil {
		_ = identity.Close()
		return nil, err
	}
	return identity, nil
}

// NewIdentityTLS makes an identity of a certificate for crypto/tls, whose PrivateKey must be a crypto.Signer, which signs. Of
// its other fields only Certificate and SignedCertificateTimestamps are used.
func NewIdentityTLS(certificate *tls.Certificate) (*Identity, error) {
	if certificate == nil {
		return nil, connError(StatusValue, PhaseConfigure, "certificate is nil")
	}
	signer, ok := certificate.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, connError(StatusValue, PhaseConfigure,
			fmt.Sprintf("PrivateKey of certificate must be a crypto.Signer, and is a %T", certificate.PrivateKey))
	}
	var chain bytes.Buffer
	for _, der := range certificate.Certificate {
		_ = pem.Encode(&chain, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	identity, err := NewIdentitySigner(chain.Bytes(), signer)
	if err != nil || len(certificate.SignedCertificateTimestamps) == 0 {
		return identity, err
	}
	defer identity.Close()
	return identity.WithSCTs(certificate.SignedCertificateTimestamps)
}

func newIdentity(text *texts, f func(**C.tlsock_identity, **C.tlsock_error) C.tlsock_status) (*Identity, error) {
	if text.err != nil {
		return nil, text.err
	}
	var pointer *C.tlsock_identity
	if err := call(func(e **C.tlsock_error) C.tlsock_status { return f(&pointer, e) }); err != nil {
		return nil, err
	}
	return ownIdentity(pointer), nil
}

func ownIdentity(pointer *C.tlsock_identity) *Identity {
	i := &Identity{}
	i.ref.set(kindIdentity, pointer, func(p *C.tlsock_identity) { C.tlsock_identity_free(p) })
	runtime.SetFinalizer(i, (*Identity).Close)
	return i
}

// WithOCSPResponse makes an identity of the same certificates and key with an OCSP response, in DER, which a server sends with
// them to clients that ask for it, until it ends. The response has to be valid now, and for the first certificate. The given
// identity does not change.
func (i *Identity) WithOCSPResponse(response []byte) (*Identity, error) {
	var pointer *C.tlsock_identity
	err := i.ref.call(func(p *C.tlsock_identity, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_identity_with_ocsp_response(p, start(response), C.size_t(len(response)), &pointer, e)
	})
	if err != nil {
		return nil, err
	}
	return ownIdentity(pointer), nil
}

// WithSCTs makes an identity of the same certificates and key with signed certificate timestamps (RFC 6962), which a server
// sends with the first certificate to clients that ask for them. None are sent with none. The given identity does not change.
func (i *Identity) WithSCTs(scts [][]byte) (*Identity, error) {
	list, err := sctList(scts)
	if err != nil {
		return nil, err
	}
	var pointer *C.tlsock_identity
	err = i.ref.call(func(p *C.tlsock_identity, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_identity_with_scts(p, start(list), C.size_t(len(list)), &pointer, e)
	})
	if err != nil {
		return nil, err
	}
	return ownIdentity(pointer), nil
}

// Close frees the identity; contexts that use it keep it.
func (i *Identity) Close() error {
	runtime.SetFinalizer(i, nil)
	i.ref.close()
	return nil
}

// Certificates lists this side's own certificate, then the chain as peers get it.
func (i *Identity) Certificates() ([]*Certificate, error) {
	var list *C.tlsock_certificate_list
	err := i.ref.call(func(p *C.tlsock_identity, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_identity_certificates(p, &list, e)
	})
	return takeCertificates(list), err
}

// UseIdentity uses an identity for connections made from now on, in place of the one of the same key type: a running server
// takes up a renewed certificate by it. On failure the old one stays.
func (c *Context) UseIdentity(identity *Identity) error {
	if identity == nil {
		return closedError("no identity was given: it")
	}
	pointer, err := identity.ref.lend()
	if err != nil {
		return err
	}
	defer identity.ref.leave()
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_use_identity(p, pointer, e)
	})
}

// SetClientCANames sets the authorities that a server names when it asks its clients for certificates: the subjects of these,
// PEM or DER (any number). They tell a client which of its certificates to show, and change nothing about whom the context
// trusts. nil names none, as at first, which is any. At most 64,000 bytes of names can be sent.
func (c *Context) SetClientCANames(certificates []byte) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_context_set_client_ca_names(p, given(certificates), C.size_t(len(certificates)), e)
	})
}

// IdentityCallback chooses this side's identity for one handshake, as GetCertificate and GetClientCertificate of crypto/tls
// do: on a server when the ClientHello is there, on a client when the server asks for a certificate. nil shows none, with
// which a server fails; an error ends the handshake, and is the Cause of its error. ctx is the handshake's context: the
// callback may wait, and no thread does, until ctx ends. Then nobody waits for the answer any more, and the object is closed: the
// callback should return. The identity may be closed once the handshake is over.
type IdentityCallback func(ctx context.Context, object *Object, request *IdentityRequest) (*Identity, error)

// SetIdentityCallback sets who chooses the identity for each handshake, in place of those that the context has. It is not called
// where a session is resumed, which goes on as the one that it was made as: a Dialer keeps and offers none while such a callback is set,
// and who passes a Session has to know whose it is. On a server it comes after the SNI callback, and is the one of the context that
// this has chosen. nil clears.
func (c *Context) SetIdentityCallback(callback IdentityCallback) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.setDecider(identityDecides, callback == nil, func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_identity(p, handle, e)
		})
	})
}

//export tlsock_go_identity
func tlsock_go_identity(handle C.uintptr_t, object *C.tlsock_object, owner C.uintptr_t, request *C.tlsock_identity_request,
	e **C.tlsock_error) C.int {
	return wait(aboutIdentity, handle, owner, "", e, func() finder {
		callback, wanted := cgo.Handle(handle).Value().(IdentityCallback), newIdentityRequest(request)
		return func(ctx context.Context, object *Object) (any, error) { return callback(ctx, object, wanted) }
	}, func(chosen any) error {
		if identity := chosen.(*Identity); identity != nil {
			return answer(request, identity)
		}
		return nil
	})
}

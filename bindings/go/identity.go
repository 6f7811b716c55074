package tlsock

// #include <tlsock.h>
import "C"

import "runtime"

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
		return C.tlsock_identity_new_data(startOf(cert), C.size_t(len(cert)), startOf(key), C.size_t(len(key)), secret, p, e)
	})
}

// NewIdentityPKCS12 makes an identity from a PKCS#12 file in memory. A file that asks for endless work is refused.
func NewIdentityPKCS12(data []byte, password string) (*Identity, error) {
	var text texts
	defer text.free()
	secret := text.maybe("password", password)
	return newIdentity(&text, func(p **C.tlsock_identity, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_identity_new_pkcs12(startOf(data), C.size_t(len(data)), secret, p, e)
	})
}

// NewIdentityURI makes an identity from what OpenSSL's stores serve: file: with an absolute path, and what the providers of the
// process add, such as pkcs11:. If keyURI is empty, the key is under certURI too. password is for an encrypted file, or a PIN.
func NewIdentityURI(certURI, keyURI, password string) (*Identity, error) {
	var text texts
	defer text.free()
	cert, key := text.add("certURI", certURI), text.maybe("keyURI", keyURI)
	secret := text.maybe("password", password)
	return newIdentity(&text, func(p **C.tlsock_identity, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_identity_new_uri(cert, key, secret, p, e)
	})
}

func newIdentity(text *texts, f func(**C.tlsock_identity, **C.tlsock_error) C.tlsock_status) (*Identity, error) {
	if text.err != nil {
		return nil, text.err
	}
	var pointer *C.tlsock_identity
	if err := call(func(e **C.tlsock_error) C.tlsock_status { return f(&pointer, e) }); err != nil {
		return nil, err
	}
	i := &Identity{}
	i.ref.set(kindIdentity, pointer, func(p *C.tlsock_identity) { C.tlsock_identity_free(p) })
	runtime.SetFinalizer(i, (*Identity).Close)
	return i, nil
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

// UseIdentity uses an identity for connections made from now on, in place of the one of the same key type: a running server takes
// up a renewed certificate by it. On failure the old one stays.
func (c *Context) UseIdentity(identity *Identity) error {
	if identity == nil {
		return closedError("no identity was given: it")
	}
	pointer, giveBack, err := lend(&identity.ref, false)
	if err != nil {
		return err
	}
	defer giveBack()
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_use_identity(p, pointer, e)
	})
}

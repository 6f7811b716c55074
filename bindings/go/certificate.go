package tlsock

// #include "bytes.h"
import "C"

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"unsafe"
)

// Certificate is one X.509 certificate. It is a copy outside C: there is nothing to close.
type Certificate struct {
	der      []byte
	verified bool
}

// NewCertificateData reads a certificate from DER, or the first one in a PEM text. It is not verified.
func NewCertificateData(data []byte) (*Certificate, error) {
	var pointer *C.tlsock_certificate
	err := call(func(e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_certificate_new_data(start(data), C.size_t(len(data)), &pointer, e)
	})
	return takeCertificate(pointer), err
}

// copyCertificate copies a certificate that is lent; nil for NULL.
func copyCertificate(pointer *C.tlsock_certificate) *Certificate {
	if pointer == nil {
		return nil
	}
	der := C.tlsock_certificate_der(pointer)
	return &Certificate{
		der:      C.GoBytes(unsafe.Pointer(der.data), C.int(der.len)),
		verified: bool(C.tlsock_certificate_verified(pointer)),
	}
}

// takeCertificate copies a certificate and frees the original.
func takeCertificate(pointer *C.tlsock_certificate) *Certificate {
	defer C.tlsock_certificate_free(pointer)
	return copyCertificate(pointer)
}

// takeCertificates copies a list and frees the original.
func takeCertificates(list *C.tlsock_certificate_list) []*Certificate {
	defer C.tlsock_certificate_list_free(list)
	return copyCertificates(list)
}

// copyCertificates copies a list that is lent.
func copyCertificates(list *C.tlsock_certificate_list) []*Certificate {
	var all []*Certificate
	for i := C.size_t(0); i < C.tlsock_certificate_list_count(list); i++ {
		all = append(all, copyCertificate(C.tlsock_certificate_list_at(list, i)))
	}
	return all
}

// DER is the certificate's bytes, which must not be changed.
func (c *Certificate) DER() []byte { return c.der }

// PEM is the certificate as text.
func (c *Certificate) PEM() string {
	pem, _ := DERCertToPEMCert(c.der)
	return pem
}

// Verified tells whether the connection it came from had verified it, and the host name if that was to be checked.
func (c *Certificate) Verified() bool { return c.verified }

// Equal tells whether both have the same bytes; nil equals nothing.
func (c *Certificate) Equal(other *Certificate) bool {
	return c != nil && other != nil && bytes.Equal(c.der, other.der)
}

// X509 is the certificate as a type of crypto/x509, which supports fewer kinds of keys than OpenSSL.
func (c *Certificate) X509() (*x509.Certificate, error) { return x509.ParseCertificate(c.der) }

// Info is the dict that Python's getpeercert returns, decoded from JSON: tuples are []any, bytes are hex.
func (c *Certificate) Info() (map[string]any, error) {
	var info map[string]any
	err := c.borrow(func(p *C.tlsock_certificate) error {
		var text *C.char
		err := call(func(e **C.tlsock_error) C.tlsock_status { return C.tlsock_certificate_json(p, &text, e) })
		if err != nil {
			return err
		}
		return json.Unmarshal([]byte(C.GoString(text)), &info)
	})
	return info, err
}

// Fingerprint is the digest of the bytes; an empty digest means "sha256".
func (c *Certificate) Fingerprint(digest string) ([]byte, error) {
	var text texts
	defer text.free()
	name := text.maybe("digest", digest)
	if text.err != nil {
		return nil, text.err
	}
	var sum C.tlsock_bytes
	err := c.borrow(func(p *C.tlsock_certificate) error {
		return call(func(e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_certificate_fingerprint(p, name, &sum, e)
		})
	})
	return goBytes(&sum), err
}

// Subject is the subject in one line (RFC 2253), for people to read, not to compare.
func (c *Certificate) Subject() string {
	return c.text(func(p *C.tlsock_certificate) *C.char { return C.tlsock_certificate_subject_text(p) })
}

// Issuer is the issuer in one line (RFC 2253), for people to read, not to compare.
func (c *Certificate) Issuer() string {
	return c.text(func(p *C.tlsock_certificate) *C.char { return C.tlsock_certificate_issuer_text(p) })
}

// SerialNumber is the serial number in upper-case hex.
func (c *Certificate) SerialNumber() string {
	return c.text(func(p *C.tlsock_certificate) *C.char { return C.tlsock_certificate_serial_number(p) })
}

// NotBefore is the start of validity as Python spells it: see CertTimeToSeconds.
func (c *Certificate) NotBefore() string {
	return c.text(func(p *C.tlsock_certificate) *C.char { return C.tlsock_certificate_not_before(p) })
}

// NotAfter is the end of validity as Python spells it: see CertTimeToSeconds.
func (c *Certificate) NotAfter() string {
	return c.text(func(p *C.tlsock_certificate) *C.char { return C.tlsock_certificate_not_after(p) })
}

// String is the subject.
func (c *Certificate) String() string { return c.Subject() }

func (c *Certificate) text(get func(*C.tlsock_certificate) *C.char) (text string) {
	_ = c.borrow(func(p *C.tlsock_certificate) error {
		text = C.GoString(get(p))
		return nil
	})
	return text
}

// borrow gives a handle while f runs.
func (c *Certificate) borrow(f func(*C.tlsock_certificate) error) error {
	var pointer *C.tlsock_certificate
	err := call(func(e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_certificate_new_data(start(c.der), C.size_t(len(c.der)), &pointer, e)
	})
	if err != nil {
		return err
	}
	defer C.tlsock_certificate_free(pointer)
	return f(pointer)
}

package tlsock

// #include <tlsock.h>
import "C"

import (
	"crypto/tls"
	"unsafe"
)

// IdentityRequest is what the peer of a handshake wants of this side's certificate.
type IdentityRequest struct {
	ServerSide bool
	ServerName string // that the client has sent; "" for none
	// SignatureAlgorithms are those that the peer takes, in its order.
	SignatureAlgorithms []tls.SignatureScheme
	// CANames are the authorities of which the peer wants certificates; empty for any.
	CANames []CAName
}

// CAName is the name of an authority.
type CAName struct {
	DER  []byte
	Text string // in one line (RFC 2253), for people to read
}

// newIdentityRequest copies a request that is lent.
func newIdentityRequest(p *C.tlsock_identity_request) *IdentityRequest {
	r := &IdentityRequest{
		ServerSide: bool(C.tlsock_identity_request_server_side(p)),
		ServerName: C.GoString(C.tlsock_identity_request_server_name(p)),
	}
	for i := C.size_t(0); i < C.tlsock_identity_request_signature_algorithm_count(p); i++ {
		algorithm := C.tlsock_identity_request_signature_algorithm_at(p, i)
		r.SignatureAlgorithms = append(r.SignatureAlgorithms, tls.SignatureScheme(algorithm))
	}
	for i := C.size_t(0); i < C.tlsock_identity_request_ca_name_count(p); i++ {
		der := C.tlsock_identity_request_ca_name_at(p, i)
		r.CANames = append(r.CANames, CAName{
			DER:  C.GoBytes(unsafe.Pointer(der.data), C.int(der.len)),
			Text: C.GoString(C.tlsock_identity_request_ca_name_text_at(p, i)),
		})
	}
	return r
}

// answer gives an identity to the library, in the thread that it has asked in.
func answer(request *C.tlsock_identity_request, identity *Identity) error {
	return identity.ref.call(func(p *C.tlsock_identity, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_identity_request_use(request, p, e)
	})
}

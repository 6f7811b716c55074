package tlsock

// #include <tlsock.h>
import "C"

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"
)

// Verification is what a VerifyCallback sees of a check: a copy, which may be kept.
type Verification struct {
	Code    int    // 0 if the check has passed, otherwise OpenSSL's X509_V_ERR_* number
	Message string // OpenSSL's text for it; "" if the check has passed
	Depth   int    // how deep in the chain the certificate is that has failed; -1 if the check has passed

	Certificate *Certificate   // the peer's own
	Chain       []*Certificate // as it was built, the peer first and the trust anchor last; if the check has failed, as far as it was built
	SentChain   []*Certificate // as the peer has sent it, its own first

	ExpectedNames []string // of which the certificate must be for one; empty where no name is checked
	OfferedNames  []string // that the certificate is for
}

// found is what a verdict is about: the result of the check, and the certificates that it was about.
func (v *Verification) found() string {
	var text strings.Builder
	fmt.Fprint(&text, v.Code, v.Depth)
	for _, certificate := range append([]*Certificate{v.Certificate}, v.Chain...) {
		if certificate != nil {
			text.Write(certificate.DER())
		}
	}
	return text.String()
}

// newVerification copies a verification that is lent.
func newVerification(p *C.tlsock_verification) *Verification {
	v := &Verification{
		Code:        int(C.tlsock_verification_code(p)),
		Message:     C.GoString(C.tlsock_verification_message(p)),
		Depth:       int(C.tlsock_verification_depth(p)),
		Certificate: copyCertificate(C.tlsock_verification_certificate(p)),
		Chain:       copyCertificates(C.tlsock_verification_chain(p)),
		SentChain:   copyCertificates(C.tlsock_verification_sent_chain(p)),
	}
	for i := C.size_t(0); i < C.tlsock_verification_expected_name_count(p); i++ {
		v.ExpectedNames = append(v.ExpectedNames, C.GoString(C.tlsock_verification_expected_name_at(p, i)))
	}
	for i := C.size_t(0); i < C.tlsock_verification_offered_name_count(p); i++ {
		v.OfferedNames = append(v.OfferedNames, goText(C.tlsock_verification_offered_name_at(p, i)))
	}
	return v
}

// chains are VerifiedChains of crypto/tls: none of a peer that has not passed.
func (v *Verification) chains() ([][]*x509.Certificate, error) {
	if v.Code != 0 || len(v.Chain) == 0 {
		return nil, nil
	}
	chain, err := parseAll(v.Chain)
	if err != nil {
		return nil, err
	}
	return [][]*x509.Certificate{chain}, nil
}

// state is that of a handshake in which the peer is judged.
func (v *Verification) state(object *Object) (*ConnectionState, error) {
	sent, err := parseAll(v.SentChain)
	if err != nil {
		return nil, err
	}
	chains, err := v.chains()
	if err != nil {
		return nil, err
	}
	cipher, _ := object.Cipher()
	response, err := object.OCSPResponse()
	if err != nil {
		return nil, err
	}
	scts, err := object.SCTs()
	return &ConnectionState{
		Version:                     object.versionUnderWay(cipher),
		CipherSuite:                 cipherSuites[cipher.Name],
		NegotiatedProtocol:          object.SelectedALPNProtocol(),
		NegotiatedProtocolIsMutual:  true,
		ServerName:                  object.ServerName(),
		PeerCertificates:            sent,
		VerifiedChains:              chains,
		SignedCertificateTimestamps: scts,
		OCSPResponse:                response,
	}, err
}

// versionUnderWay is the version of a handshake in which the cipher is known if it is one of TLS 1.3, and no other. 0 where
// what the context allows does not tell the rest.
func (o *Object) versionUnderWay(cipher Cipher) uint16 {
	if version := versions[cipher.Protocol]; version == tls.VersionTLS13 {
		return version
	}
	context, err := o.Context()
	if err != nil {
		return 0
	}
	defer context.Close()
	if context.MinimumVersion() < TLSVersionTLSv12 {
		return 0
	}
	return tls.VersionTLS12
}

// parseAll gives all certificates of a chain as those of crypto/x509, or says which one it cannot parse.
func parseAll(chain []*Certificate) ([]*x509.Certificate, error) {
	var parsed []*x509.Certificate
	for _, certificate := range chain {
		x, err := certificate.X509()
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, x)
	}
	return parsed, nil
}

//go:build cgo

package tlsock

/*
#include <tlsock.h>

typedef struct tlsock_go_facts {
  const char *version, *alpn, *server_hostname;
  tlsock_cipher cipher;
  bool ciphered, reused, server_side;
} tlsock_go_facts;

// All in one call.
static tlsock_go_facts tlsock_go_ask(const tlsock_object *object) {
  tlsock_go_facts facts = {0};
  facts.version = tlsock_object_version(object);
  facts.alpn = tlsock_object_selected_alpn_protocol(object);
  facts.server_hostname = tlsock_object_server_hostname(object);
  facts.ciphered = tlsock_object_cipher(object, &facts.cipher);
  facts.reused = tlsock_object_session_reused(object);
  facts.server_side = tlsock_object_server_side(object);
  return facts;
}
*/
import "C"

import (
	"crypto/tls"
	"crypto/x509"
	"sync"
)

// state is what ConnectionState gives. The facts are noted when the handshake ends; certificates cost more and are
// asked for when wanted.
type state struct {
	once   sync.Once
	facts  tls.ConnectionState
	server bool
}

func (s *state) note(c *connection) {
	facts := C.tlsock_go_ask(c.ref.pointer)
	s.server = bool(facts.server_side)
	s.facts = tls.ConnectionState{
		//lint:ignore SA1019 always true, and older code asks for it
		NegotiatedProtocolIsMutual: true,
		Version:                    versions[C.GoString(facts.version)],
		HandshakeComplete:          true,
		DidResume:                  bool(facts.reused),
		NegotiatedProtocol:         C.GoString(facts.alpn),
		ServerName:                 C.GoString(facts.server_hostname),
	}
	if facts.ciphered {
		s.facts.CipherSuite = cipherSuites[C.GoString(facts.cipher.name)]
	}
}

// ConnectionState tells what the handshake settled, as crypto/tls does, so that code which asks a *tls.Conn can ask
// this one. It is empty before the handshake. Certificates must first be asked for before Close; those that
// crypto/x509 cannot parse are left out: see PeerCertificate. ServerName is empty on servers, CipherSuite is 0 for
// suites that crypto/tls does not know, and ExportKeyingMaterial is not there.
func (c *Conn) ConnectionState() tls.ConnectionState {
	if !c.handshakeDone.Load() {
		return tls.ConnectionState{}
	}
	c.state.once.Do(func() { c.state.certificates(&c.connection) })
	return c.state.facts
}

func (s *state) certificates(c *connection) {
	sent, _ := c.GetUnverifiedChain()
	if own, _ := c.PeerCertificate(); len(sent) == 0 && own != nil {
		sent = []*Certificate{own}
	}
	s.facts.PeerCertificates = parse(sent)
	if verified, _ := c.GetVerifiedChain(); len(verified) > 0 && verified[0].Verified() {
		if chain := parse(verified); chain != nil {
			s.facts.VerifiedChains = [][]*x509.Certificate{chain}
		}
	}
}

// parse gives what crypto/x509 understands of a chain, nil if not its first.
func parse(chain []*Certificate) (parsed []*x509.Certificate) {
	for i, certificate := range chain {
		x, err := certificate.X509()
		if err != nil && i == 0 {
			return nil
		}
		if err == nil {
			parsed = append(parsed, x)
		}
	}
	return parsed
}

var versions = map[string]uint16{
	"TLSv1": tls.VersionTLS10, "TLSv1.1": tls.VersionTLS11, "TLSv1.2": tls.VersionTLS12, "TLSv1.3": tls.VersionTLS13,
}

// cipherSuites gives the numbers of OpenSSL's names.
var cipherSuites = map[string]uint16{
	"TLS_AES_128_GCM_SHA256":        tls.TLS_AES_128_GCM_SHA256,
	"TLS_AES_256_GCM_SHA384":        tls.TLS_AES_256_GCM_SHA384,
	"TLS_CHACHA20_POLY1305_SHA256":  tls.TLS_CHACHA20_POLY1305_SHA256,
	"AES128-SHA":                    tls.TLS_RSA_WITH_AES_128_CBC_SHA,
	"AES256-SHA":                    tls.TLS_RSA_WITH_AES_256_CBC_SHA,
	"AES128-SHA256":                 tls.TLS_RSA_WITH_AES_128_CBC_SHA256,
	"AES128-GCM-SHA256":             tls.TLS_RSA_WITH_AES_128_GCM_SHA256,
	"AES256-GCM-SHA384":             tls.TLS_RSA_WITH_AES_256_GCM_SHA384,
	"ECDHE-ECDSA-AES128-SHA":        tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
	"ECDHE-ECDSA-AES256-SHA":        tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
	"ECDHE-RSA-AES128-SHA":          tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
	"ECDHE-RSA-AES256-SHA":          tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
	"ECDHE-ECDSA-AES128-SHA256":     tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
	"ECDHE-RSA-AES128-SHA256":       tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
	"ECDHE-ECDSA-AES128-GCM-SHA256": tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	"ECDHE-ECDSA-AES256-GCM-SHA384": tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	"ECDHE-RSA-AES128-GCM-SHA256":   tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	"ECDHE-RSA-AES256-GCM-SHA384":   tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	"ECDHE-RSA-CHACHA20-POLY1305":   tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	"ECDHE-ECDSA-CHACHA20-POLY1305": tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	// Those with a finite-field key exchange crypto/tls has no names for.
	"DHE-RSA-AES128-GCM-SHA256":   0x009e,
	"DHE-RSA-AES256-GCM-SHA384":   0x009f,
	"DHE-RSA-CHACHA20-POLY1305":   0xccaa,
	"DHE-RSA-AES128-SHA":          0x0033,
	"DHE-RSA-AES256-SHA":          0x0039,
	"DHE-RSA-AES128-SHA256":       0x0067,
	"DHE-RSA-AES256-SHA256":       0x006b,
	"AES256-SHA256":               0x003d,
	"ECDHE-RSA-AES256-SHA384":     0xc028,
	"ECDHE-ECDSA-AES256-SHA384":   0xc024,
	"TLS_AES_128_CCM_SHA256":      0x1304,
	"PSK-AES128-GCM-SHA256":       0x00a8,
	"PSK-AES256-GCM-SHA384":       0x00a9,
	"PSK-CHACHA20-POLY1305":       0xccab,
	"ECDHE-PSK-CHACHA20-POLY1305": 0xccac,
}

//go:build cgo

package tlsock

/*
#include <tlsock.h>

typedef struct tlsock_go_facts {
  const char *version, *alpn, *server_name, *group;
  tlsock_cipher cipher;
  bool ciphered, reused, server_side;
} tlsock_go_facts;

// All facts in one call.
static tlsock_go_facts tlsock_go_ask(const tlsock_object *object) {
  tlsock_go_facts facts = {0};
  facts.version = tlsock_object_version(object);
  facts.alpn = tlsock_object_selected_alpn_protocol(object);
  facts.server_name = tlsock_object_server_name(object);
  facts.group = tlsock_object_group(object);
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

// ConnectionState tells what the handshake has agreed on: it has the fields and methods of the type of this name in crypto/tls,
// whose ExportKeyingMaterial no other package can provide. Facts that this package does not know are zero: certificate
// timestamps, for which OpenSSL would have to ask in the ClientHello and is not told to, and whether there was a HelloRetryRequest.
type ConnectionState struct {
	Version                     uint16
	HandshakeComplete           bool
	DidResume                   bool        // a session, or with a pre-shared key
	CipherSuite                 uint16      // 0 for suites without a number here: see Conn.Cipher
	CurveID                     tls.CurveID // 0 for none, and for groups without a number here: see Conn.Group
	NegotiatedProtocol          string
	NegotiatedProtocolIsMutual  bool   // true
	ServerName                  string // that the client has sent, on both sides
	PeerCertificates            []*x509.Certificate
	VerifiedChains              [][]*x509.Certificate
	SignedCertificateTimestamps [][]byte
	OCSPResponse                []byte
	TLSUnique                   []byte
	ECHAccepted                 bool
	HelloRetryRequest           bool

	exporter      func(label string, context []byte, length int) ([]byte, error)
	cipher, group string
}

// ExportKeyingMaterial gives keying material derived from the connection's secrets: see Conn.ExportKeyingMaterial.
func (s *ConnectionState) ExportKeyingMaterial(label string, context []byte, length int) ([]byte, error) {
	if s.exporter == nil {
		return nil, connError(StatusValue, PhaseNone, "handshake not done yet")
	}
	return s.exporter(label, context, length)
}

// peer is the name of the peer; "" if unknown.
func (s *ConnectionState) peer() string {
	if len(s.PeerCertificates) == 0 {
		return ""
	}
	return s.PeerCertificates[0].Subject.String()
}

// withoutExporter is a state of crypto/tls whose ExportKeyingMaterial fails; that of a zero one panics.
var withoutExporter = tls.Client(nil, &tls.Config{Renegotiation: tls.RenegotiateFreelyAsClient}).ConnectionState()

// TLS converts the state to crypto/tls. ExportKeyingMaterial of the result always fails: use this one's, or the Conn's.
func (s *ConnectionState) TLS() tls.ConnectionState {
	converted := withoutExporter
	converted.Version = s.Version
	converted.HandshakeComplete = s.HandshakeComplete
	converted.DidResume = s.DidResume
	converted.CipherSuite = s.CipherSuite
	converted.NegotiatedProtocol = s.NegotiatedProtocol
	//lint:ignore SA1019 always true, and older code asks for it
	converted.NegotiatedProtocolIsMutual = s.NegotiatedProtocolIsMutual
	converted.ServerName = s.ServerName
	converted.PeerCertificates = s.PeerCertificates
	converted.VerifiedChains = s.VerifiedChains
	converted.SignedCertificateTimestamps = s.SignedCertificateTimestamps
	converted.OCSPResponse = s.OCSPResponse
	converted.TLSUnique = s.TLSUnique
	s.newer(&converted)
	return converted
}

// state is what State gives. The facts are noted when the handshake ends, in little room, as each connection has them;
// certificates cost more and are asked for when wanted.
type state struct {
	version         uint16
	resumed, server bool
	cipher, group   *sharedName
	alpn, name      string
	asked           sync.Once
	full            *ConnectionState // once it was asked for
}

func (s *state) note(c *connection) {
	facts := C.tlsock_go_ask(c.ref.pointer)
	s.version = versions[string(lent(facts.version))]
	s.resumed, s.server = bool(facts.reused), bool(facts.server_side)
	s.alpn, s.name = C.GoString(facts.alpn), C.GoString(facts.server_name)
	var cipher *C.char
	if facts.ciphered {
		cipher = facts.cipher.name
	}
	s.cipher, s.group = shared(lent(cipher)), shared(lent(facts.group))
}

// State tells what the handshake has agreed on; before that it is empty. Certificates must be requested for the first time
// before Close; those that crypto/x509 cannot parse are left out: see PeerCertificate. After a session was resumed, the peer's
// certificate is that of the handshake which made it, and its chain is verified again with what is trusted now: VerifiedChains
// is empty if it does not verify, and on a server that lacks the intermediate certificates, as a ticket has no room for
// them. PeerCertificates are then those of the chain without the root.
func (c *Conn) State() ConnectionState {
	if !c.handshakeDone.Load() {
		return ConnectionState{}
	}
	c.state.asked.Do(func() { c.state.full = c.state.ask(&c.connection) })
	state := *c.state.full
	state.exporter = c.ExportKeyingMaterial
	return state
}

// ConnectionState is State as a type of crypto/tls, for code that expects a *tls.Conn. Its
// ExportKeyingMaterial always fails, as no other package can provide it: those of State and of the Conn work.
func (c *Conn) ConnectionState() tls.ConnectionState {
	state := c.State()
	return state.TLS()
}

func (s *state) ask(c *connection) *ConnectionState {
	full := &ConnectionState{
		Version:                    s.version,
		HandshakeComplete:          true,
		DidResume:                  s.resumed,
		CipherSuite:                s.cipher.suite,
		CurveID:                    s.group.curve,
		NegotiatedProtocol:         s.alpn,
		NegotiatedProtocolIsMutual: true,
		ServerName:                 s.name,
		cipher:                     s.cipher.text,
		group:                      s.group.text,
	}
	chain := s.chain(c)
	full.PeerCertificates = parse(s.shown(c, chain))
	if len(chain) > 0 && chain[0].Verified() {
		if parsed := parse(chain); parsed != nil {
			full.VerifiedChains = [][]*x509.Certificate{parsed}
		}
	}
	full.OCSPResponse, _ = c.OCSPResponse()
	full.ECHAccepted = c.ECHStatus() == ECHAccepted
	if s.version < tls.VersionTLS13 && (!s.resumed || c.bindsResumed()) {
		full.TLSUnique, _ = c.GetChannelBinding("tls-unique")
	}
	return full
}

// chain is the one that verification has built, or builds again for a resumed session.
func (s *state) chain(c *connection) []*Certificate {
	if s.resumed {
		chain, _ := c.VerifyAgain()
		return chain
	}
	chain, _ := c.GetVerifiedChain()
	return chain
}

// shown is what the peer has sent, now or in the handshake that made the session, as far as that is known.
func (s *state) shown(c *connection, chain []*Certificate) []*Certificate {
	if sent, _ := c.GetUnverifiedChain(); len(sent) > 0 {
		return sent
	}
	if last := len(chain) - 1; last > 0 {
		if root, err := chain[last].X509(); err == nil && root.CheckSignatureFrom(root) == nil {
			return chain[:last]
		}
		return chain
	}
	if own, _ := c.PeerCertificate(); own != nil {
		return []*Certificate{own}
	}
	return nil
}

// bindsResumed tells whether a resumed session of TLS 1.2 has the extended master secret, without which tls-unique does not
// identify the connection (RFC 7627).
func (c *connection) bindsResumed() bool {
	_, err := c.ExportKeyingMaterial("EXPORTER-tlsock-extended-master-secret", nil, 1)
	return err == nil
}

// parse gives the certificates of a chain that crypto/x509 can parse, nil if the first is not one of them.
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

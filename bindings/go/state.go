//go:build cgo

package tlsock

import (
	"crypto/tls"
	"crypto/x509"
)

// ConnectionState tells what the handshake has agreed on: it has the fields and methods of the type of this name in crypto/tls,
// whose ExportKeyingMaterial no other package can provide. Facts that are not asked for or not known are zero: certificate
// timestamps without SetSCTsRequested and after a resumption, and whether there was a HelloRetryRequest.
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

// State tells what the last handshake has agreed on that has ended; before that it is empty. After a failure, Close and Unwrap it is
// what it was before. Certificates that crypto/x509 cannot parse are left out: see PeerCertificate. After a session was resumed, the
// peer's certificate is that of the handshake which made it, and its chain is verified again: on a server at the end of the
// handshake, on a client when it is first asked for, or in Close. VerifiedChains is empty if it does not verify, and on a server that
// lacks the intermediate certificates, as a ticket has no room for them. PeerCertificates are then those of the chain without the root.
func (c *Conn) State() ConnectionState {
	if !c.handshakeDone.Load() {
		return ConnectionState{}
	}
	state := *c.state.complete(&c.connection).whole()
	state.exporter = c.ExportKeyingMaterial
	return state
}

// ConnectionState is State as a type of crypto/tls, for code that expects a *tls.Conn. Its
// ExportKeyingMaterial always fails, as no other package can provide it: those of State and of the Conn work.
func (c *Conn) ConnectionState() tls.ConnectionState {
	state := c.State()
	return state.TLS()
}

// bindsResumed tells whether a resumed session of TLS 1.2 has the extended master secret, without which tls-unique does not
// identify the connection (RFC 7627).
func (c *connection) bindsResumed() bool {
	_, err := c.ExportKeyingMaterial("EXPORTER-tlsock-extended-master-secret", nil, 1)
	return err == nil
}

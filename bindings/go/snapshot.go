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
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"sync"
	"sync/atomic"
)

// state is what State gives. It belongs to the Conn and not to the engine, which Close frees and a failure spoils: what an end of a
// handshake has left behind is copied at once, so that the answer depends on no later event.
type state struct {
	version  uint16
	server   bool
	renewing bool // there may be another handshake of TLS 1.2 under way; the lock of the input guards it
	last     atomic.Pointer[snapshot]
}

// snapshot is what one handshake has agreed on. It does not change. Certificates are parsed when they are asked for.
type snapshot struct {
	mark            string // of the handshake: see markOf
	version         uint16
	resumed, server bool
	cipher, group   *sharedName
	alpn, name      string

	sent     [][]byte // by the peer; nil after a resumption
	leaf     []byte   // of the session that was resumed
	good     bool     // the leaf has passed, as the library says
	chain    [][]byte // that verification has built
	verified bool     // the chain has passed
	pending  bool     // the chain of a resumed session was not built again yet, which takes long
	ocsp     []byte
	scts     [][]byte
	ech      bool
	unique   []byte

	parsing sync.Once
	parsed  *ConnectionState
}

// markOf tells handshakes of a connection apart: by the Finished messages of both sides, which no other has. "" while one is under
// way, and after a failure.
func markOf(c *connection) string {
	own, err := c.Finished(true)
	if err != nil || len(own) == 0 {
		return ""
	}
	peers, err := c.Finished(false)
	if err != nil || len(peers) == 0 {
		return ""
	}
	return string(own) + string(peers)
}

// note takes the first snapshot, at the end of the handshake. What was resumed is looked into at once on a server, whose clients may
// end the connection before anybody asks. A client has it from the handshake that made the session: the library resumes what was
// proved to a connection that demands the same, and as long as that is valid.
func (s *state) note(c *connection) {
	c = c.held()
	taken, err := take(c, markOf(c))
	if err != nil {
		taken.mark, taken.pending = "", true
	}
	if known := c.record.proof.Load(); err == nil && taken.pending && known.provesAs(taken) {
		taken.chain, taken.verified, taken.pending = known.chain, known.verified, false
	}
	s.version, s.server = taken.version, taken.server
	s.last.Store(taken)
	if taken.server {
		s.complete(c)
	}
}

// follow takes another snapshot if the bytes that were read have ended another handshake: one of TLS 1.2, or of a client that was
// asked for its certificate. answered tells that reading has made something to send, without which there is none of TLS 1.2. It
// needs the lock of the input.
func (s *state) follow(c *connection, answered bool) {
	s.renewing = s.renewing || answered && s.version < tls.VersionTLS13
	asked := c.record.asked.Load()
	if !s.renewing && asked == 0 {
		return
	}
	c = c.held()
	mark := markOf(c)
	if mark == "" || mark == s.last.Load().mark {
		return
	}
	if taken, err := take(c, mark); err == nil && markOf(c) == mark {
		s.last.Store(taken)
		s.renewing = false
		c.record.asked.CompareAndSwap(asked, 0)
	}
}

// complete has the chain of a resumed session built again, unless that was done. What an engine says that is closed, has failed or
// does a handshake counts for nothing.
func (s *state) complete(c *connection) *snapshot {
	if !s.last.Load().pending || !c.ref.enter() {
		return s.last.Load()
	}
	defer c.ref.leave()
	return s.build(c)
}

// build is complete for a caller that has entered. There is no lock: a callback that runs in the engine may ask for the state while
// another goroutine waits for the engine. Of several that build one is kept, and none in place of a later handshake.
func (s *state) build(c *connection) *snapshot {
	c = c.held()
	last := s.last.Load()
	if !last.pending {
		return last
	}
	mark := markOf(c)
	if mark == "" {
		return last
	}
	whole := last
	if last.mark == "" {
		taken, err := take(c, mark)
		if err != nil {
			return last
		}
		whole = taken
	}
	if whole.mark != mark {
		return last
	}
	if whole.pending {
		chain, err := c.VerifyAgain()
		if err != nil || markOf(c) != mark {
			return last
		}
		whole = whole.withChain(chain)
	}
	s.last.CompareAndSwap(last, whole)
	return s.last.Load()
}

// held is the connection for a caller that has entered: its calls reach the engine though Close has begun meanwhile.
func (c *connection) held() *connection {
	view := &connection{record: c.record}
	view.ref.set(kindConnection, c.ref.pointer, func(*C.tlsock_object) {})
	return view
}

// take copies what the engine knows. After an error the snapshot lacks something.
func take(c *connection, mark string) (*snapshot, error) {
	s := inquire(c, func(p *C.tlsock_object) *snapshot {
		facts := C.tlsock_go_ask(p)
		var cipher *C.char
		if facts.ciphered {
			cipher = facts.cipher.name
		}
		return &snapshot{
			version: versions[string(lent(facts.version))], resumed: bool(facts.reused), server: bool(facts.server_side),
			alpn: C.GoString(facts.alpn), name: C.GoString(facts.server_name),
			cipher: shared(lent(cipher)), group: shared(lent(facts.group)), mark: mark,
		}
	})
	failed := s.takePeer(c)
	var err error
	if s.ocsp, err = c.OCSPResponse(); err != nil {
		failed = err
	}
	if s.scts, err = c.SCTs(); err != nil {
		failed = err
	}
	s.ech = c.ECHStatus() == ECHAccepted
	if s.version < tls.VersionTLS13 && (!s.resumed || c.bindsResumed()) {
		s.unique, _ = c.GetChannelBinding("tls-unique")
	}
	return s, failed
}

func (s *snapshot) takePeer(c *connection) error {
	if s.resumed {
		own, err := c.PeerCertificate()
		if own != nil {
			s.leaf, s.good, s.pending = own.DER(), own.Verified(), true
		}
		return err
	}
	sent, err := c.GetUnverifiedChain()
	if err != nil {
		return err
	}
	chain, err := c.GetVerifiedChain()
	s.sent = bytesOf(sent, nil)
	s.chain, s.verified = bytesOf(chain, s.sent), len(chain) > 0 && chain[0].Verified()
	return err
}

// withChain is the snapshot of a resumed session with the chain that was built again.
func (s *snapshot) withChain(chain []*Certificate) *snapshot {
	return &snapshot{
		mark: s.mark, version: s.version, resumed: s.resumed, server: s.server, cipher: s.cipher, group: s.group,
		alpn: s.alpn, name: s.name, leaf: s.leaf, chain: bytesOf(chain, nil),
		verified: len(chain) > 0 && chain[0].Verified(), ocsp: s.ocsp, scts: s.scts, ech: s.ech, unique: s.unique,
	}
}

// proof is what a session of this handshake stands for; nil as long as that is not known.
func (s *state) proof() *snapshot {
	if last := s.last.Load(); last != nil && last.mark != "" && !last.pending {
		return last
	}
	return nil
}

// provesAs tells whether the chain that it knows is the one of a resumed session.
func (s *snapshot) provesAs(resumed *snapshot) bool {
	if s == nil || s.verified != resumed.good {
		return false
	}
	for _, certificates := range [][][]byte{s.sent, s.chain} {
		if len(certificates) > 0 {
			return bytes.Equal(certificates[0], resumed.leaf)
		}
	}
	return bytes.Equal(s.leaf, resumed.leaf)
}

// bytesOf gives the DER of certificates. Those that are among the known ones take no memory of their own.
func bytesOf(certificates []*Certificate, known [][]byte) (all [][]byte) {
	for _, certificate := range certificates {
		der := certificate.DER()
		for _, other := range known {
			if bytes.Equal(der, other) {
				der = other
			}
		}
		all = append(all, der)
	}
	return all
}

// whole is the state with certificates of crypto/x509.
func (s *snapshot) whole() *ConnectionState {
	s.parsing.Do(func() {
		s.parsed = &ConnectionState{
			Version:                     s.version,
			HandshakeComplete:           true,
			DidResume:                   s.resumed,
			CipherSuite:                 s.cipher.suite,
			CurveID:                     s.group.curve,
			NegotiatedProtocol:          s.alpn,
			NegotiatedProtocolIsMutual:  true,
			ServerName:                  s.name,
			SignedCertificateTimestamps: s.scts,
			OCSPResponse:                s.ocsp,
			ECHAccepted:                 s.ech,
			TLSUnique:                   s.unique,
			PeerCertificates:            parse(s.shown()),
			cipher:                      s.cipher.text,
			group:                       s.group.text,
		}
		if s.verified {
			if parsed := parse(s.chain); parsed != nil {
				s.parsed.VerifiedChains = [][]*x509.Certificate{parsed}
			}
		}
	})
	return s.parsed
}

// shown is what the peer has sent, now or in the handshake that made the session, as far as that is known.
func (s *snapshot) shown() [][]byte {
	if len(s.sent) > 0 {
		return s.sent
	}
	if last := len(s.chain) - 1; last > 0 {
		if root, err := x509.ParseCertificate(s.chain[last]); err == nil && root.CheckSignatureFrom(root) == nil {
			return s.chain[:last]
		}
		return s.chain
	}
	if s.leaf != nil {
		return [][]byte{s.leaf}
	}
	return nil
}

// parse gives the certificates of a chain that crypto/x509 can parse, nil if the first is not one of them.
func parse(chain [][]byte) (parsed []*x509.Certificate) {
	for i, der := range chain {
		x, err := x509.ParseCertificate(der)
		if err != nil && i == 0 {
			return nil
		}
		if err == nil {
			parsed = append(parsed, x)
		}
	}
	return parsed
}

package tlsock_test

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"tlsock"
)

// tableSteps are the steps that are more, or other, than a method with the arguments of the header. One whose method
// is missing stands here only if there is one of another name or shape.
var tableSteps = map[string]func(*scene) error{
	"client": func(s *scene) error {
		return s.made(tlsock.CreateDefaultContext(tlsock.PurposeServerAuth, tlsock.VerifyLocations{CAFile: file("ca.pem")}))
	},
	"server": func(s *scene) error {
		context, err := tlsock.CreateDefaultContext(tlsock.PurposeClientAuth, tlsock.VerifyLocations{})
		if err == nil && len(s.said.words) > 1 {
			must(s.t, context.LoadCertChain(file(s.word(1)+".pem"), file(s.word(1)+".key"), ""))
		}
		return s.made(context, err)
	},
	"context_new": func(s *scene) error { return s.made(tlsock.NewContext(tlsock.Protocol(s.number(1)))) },
	"wrap":        (*scene).wrap,
	"handshake":   (*scene).handshake,
	"interrupt":   (*scene).interrupt,
	"connect": func(s *scene) error {
		if err := s.wrap(); err != nil {
			return err
		}
		return s.handshake()
	},
	"say": func(s *scene) error {
		from, to := s.object(1), s.server
		if from == s.server {
			to = s.client
		}
		if _, err := from.Write([]byte("!")); err != nil {
			return err
		}
		return readOne(to)
	},
	"read": func(s *scene) error { return readOne(s.object(1)) },
	"finished": func(s *scene) error {
		finished, err := s.object(1).Finished(s.word(2) == "own")
		if err == nil {
			s.tell(finished)
		}
		return err
	},
	"same": func(s *scene) error {
		s.tell(string(s.bytes(1)) == string(s.bytes(2)))
		return nil
	},
	"load_cert_chain": func(s *scene) error { return s.context(1).LoadCertChain(s.path(2), s.path(3), s.text(4)) },
	"load_verify_locations": func(s *scene) error {
		return s.context(1).LoadVerifyLocations(tlsock.VerifyLocations{CAFile: s.path(2), CAPath: s.path(3), CAData: s.bytes(4)})
	},
	"cert_store_stats": func(s *scene) error {
		stats, err := s.context(1).CertStoreStats()
		if err != nil {
			return err
		}
		s.told.tell("ok", "")
		s.told.tellNumber("x509", int64(stats.X509), 0)
		s.told.tellNumber("crl", int64(stats.CRL), 0)
		s.told.tellNumber("x509_ca", int64(stats.X509CA), 0)
		return nil
	},
	"load_ticket_keys": func(s *scene) error {
		var files []string
		for at := 3; at < len(s.said.words); at++ {
			files = append(files, s.path(at))
		}
		return s.context(1).LoadTicketKeys(tlsock.TicketKeyFormat(s.number(2)), files...)
	},
	"identity_new_files": func(s *scene) error {
		return s.got(tlsock.NewIdentity(s.path(1), s.path(2), s.text(3)))
	},
	"identity_new_data": func(s *scene) error {
		return s.got(tlsock.NewIdentityData(s.bytes(1), s.bytes(2), s.text(3)))
	},
	"identity_new_pkcs12": func(s *scene) error { return s.got(tlsock.NewIdentityPKCS12(s.bytes(1), s.text(2))) },
	"identity_new_uri":    func(s *scene) error { return s.got(tlsock.NewIdentityURI(s.uri(1), s.uri(2), s.text(3))) },
	"set_psk_client_callback": func(s *scene) error {
		name, key := s.text(2), s.bytes(3)
		return s.context(1).SetPSKClientCallback(func(*tlsock.Object, string) (string, []byte, error) { return name, key, nil })
	},
	"set_psk_server_callback": func(s *scene) error {
		key := s.bytes(2)
		return s.context(1).SetPSKServerCallback(func(*tlsock.Object, string) ([]byte, error) { return key, nil }, s.text(3))
	},
	"identity_with_ocsp_response": func(s *scene) error { return s.got(s.subject(1).(*tlsock.Identity).WithOCSPResponse(s.bytes(2))) },
	"identity_with_scts":          func(s *scene) error { return s.got(s.subject(1).(*tlsock.Identity).WithSCTs(split(s.bytes(2)))) },
	"scts": func(s *scene) error {
		scts, err := s.object(1).SCTs()
		if err == nil {
			s.tell(joined(scts))
		}
		return err
	},
	"identity_new_signer": func(s *scene) error {
		return s.got(tlsock.NewIdentitySigner(s.bytes(1), fakeSigner{s.bytes(1), s.refusal(2)}))
	},
	"set_identity_callback": func(s *scene) error {
		var chosen *tlsock.Identity
		refused := s.refusal(2)
		if s.given(2) && refused == nil {
			chosen = s.subject(2).(*tlsock.Identity)
		}
		return s.context(1).SetIdentityCallback(func(context.Context, *tlsock.Object, *tlsock.IdentityRequest) (*tlsock.Identity, error) {
			return chosen, refused
		})
	},
	"set_verify_callback": func(s *scene) error {
		refused, waits := s.refusal(2), strings.HasPrefix(s.word(2), "wait")
		if s.word(2) == "wait_refuse" {
			refused = errors.New("refused")
		}
		judge := func(context.Context, *tlsock.Object, *tlsock.Verification) error {
			if waits {
				answered := make(chan struct{})
				go close(answered)
				<-answered
			}
			return refused
		}
		if s.given(3) {
			return s.context(1).SetVerifyCallbackInsecureOverride(judge)
		}
		return s.context(1).SetVerifyCallback(judge)
	},
	"set_alpn_callback": func(s *scene) error {
		name, refused := s.text(2), s.refusal(2)
		return s.context(1).SetALPNCallback(func(*tlsock.Object, string, []string) (string, error) { return name, refused })
	},
	"get_sigalgs": func(s *scene) error {
		names, err := tlsock.GetSigalgs()
		if err == nil {
			s.tell(names)
		}
		return err
	},
	"generate_ech_keys": func(s *scene) error {
		_, _, err := tlsock.GenerateECHKeys(s.text(1), int(s.number(2)))
		return err
	},
	"ech_status": func(s *scene) error {
		s.tell([]string{"none", "grease", "accepted", "rejected", "backend"}[s.object(1).ECHStatus()])
		return nil
	},
	"identity_certificates": func(s *scene) error {
		list, err := s.subject(1).(*tlsock.Identity).Certificates()
		if err == nil {
			s.tell(len(list))
		}
		return err
	},
	"session": func(s *scene) error {
		session, err := s.object(1).Session()
		if err != nil || session == nil {
			s.tell("")
			return err
		}
		s.keep(session)
		s.told.tell("ok", "a session")
		return nil
	},
	"session_new_data": func(s *scene) error {
		session, err := s.context(1).NewSessionData(s.bytes(2))
		if err == nil {
			s.tell(session)
		}
		return err
	},
	"session_data": func(s *scene) error {
		data, err := s.subject(1).(*tlsock.Session).Data()
		if err == nil {
			s.keep(data)
			s.told.tell("ok", "bytes")
		}
		return err
	},
	"ocsp_status": func(s *scene) error {
		status := s.object(1).OCSPStatus()
		s.tell([]string{"none", "good", "revoked", "unknown"}[status.Status])
		s.told.tellNumber("reason", int64(status.Reason), 0)
		s.told.tellText("revocation_time", seconds(status.RevocationTime))
		s.told.tellText("this_update", seconds(status.ThisUpdate))
		s.told.tellText("next_update", seconds(status.NextUpdate))
		return nil
	},
}

// refusal is the error of a callback that fails.
func (s *scene) refusal(at int) error {
	if s.word(at) == "refuse" {
		return errors.New("refused")
	}
	return nil
}

// fakeSigner says that it has the key of a chain, and signs with zeros or fails.
type fakeSigner struct {
	chain   []byte
	refused error
}

func (f fakeSigner) Public() crypto.PublicKey {
	if block, _ := pem.Decode(f.chain); block != nil {
		if certificate, err := x509.ParseCertificate(block.Bytes); err == nil {
			return certificate.PublicKey
		}
	}
	return nil
}

func (f fakeSigner) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return make([]byte, 64), f.refused
}

func seconds(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.Unix(), 10)
}

// made keeps a context, which gets the version of the case.
func (s *scene) made(context *tlsock.Context, err error) error {
	if err != nil {
		return err
	}
	if s.version != 0 {
		must(s.t, context.SetMaximumVersion(tlsock.TLSVersionMaximumSupported))
		must(s.t, context.SetMinimumVersion(s.version))
		must(s.t, context.SetMaximumVersion(s.version))
	}
	s.tell(context)
	return nil
}

func (s *scene) got(identity *tlsock.Identity, err error) error {
	if err == nil {
		s.tell(identity)
	}
	return err
}

func readOne(from *tlsock.Object) error {
	_, err := from.Read(make([]byte, 1))
	return err
}

// wrap makes the two ends, called client and server; no byte moves.
func (s *scene) wrap() error {
	client, server := s.context(1), s.context(2)
	options := tlsock.WrapOptions{ServerHostname: "localhost"}
	for at := 3; at < len(s.said.words); at++ {
		switch text := s.word(at); {
		case len(text) > 5 && text[:5] == "host=":
			options.ServerHostname = text[5:]
		case len(text) > 8 && text[:8] == "session=":
			options.Session, _ = s.values[text[8:]].(*tlsock.Session)
			if options.Session == nil {
				s.broken("there is no session of this name")
			}
		default:
			s.broken("an unknown option")
		}
	}
	s.endPair()
	up, err := tlsock.NewMemoryBIO()
	must(s.t, err)
	down, err := tlsock.NewMemoryBIO()
	must(s.t, err)
	s.up, s.down = up, down
	if s.client, err = client.WrapBIO(down, up, options); err != nil {
		return err
	}
	s.server, err = server.WrapBIO(up, down, tlsock.WrapOptions{ServerSide: true})
	return err
}

// interrupt gives bytes once a client has asked, nothing from the peer, and then the end of the stream.
func (s *scene) interrupt() error {
	side, incoming := s.object(1), s.up
	if side == s.client {
		incoming = s.down
		equal(s.t, "asked", side.DoHandshake(), tlsock.ErrWantRead)
	}
	_, err := incoming.Write(s.bytes(2))
	must(s.t, err)
	must(s.t, incoming.WriteEOF())
	return side.DoHandshake()
}

// failed tells that one side has failed, and then what the other meets.
func (s *scene) failed(atClient bool, err error, otherDone bool) error {
	at, other := "server", s.client
	if atClient {
		at, other = "client", s.server
	}
	s.told.tellError("", err)
	s.told.tell("at", at)
	if otherDone {
		err = readOne(other)
	} else {
		err = other.DoHandshake()
	}
	if err == nil {
		s.told.tell("then.ok", "")
	} else {
		s.told.tellError("then.", err)
	}
	return nil
}

// handshake does that of both sides in turn, the client first, then a byte each way.
func (s *scene) handshake() error {
	sides, done := []*tlsock.Object{s.client, s.server}, []bool{false, false}
	for turn := 0; turn < 40 && !(done[0] && done[1]); turn++ {
		side := turn % 2
		if done[side] {
			continue
		}
		err := sides[side].DoHandshake()
		done[side] = err == nil
		if err != nil && !errors.Is(err, tlsock.ErrWantRead) {
			return s.failed(side == 0, err, done[1-side])
		}
	}
	for from, to := 1, 0; from >= 0; from, to = from-1, to+1 {
		if _, err := sides[from].Write([]byte("!")); err != nil {
			return s.failed(from == 0, err, true)
		}
		if err := readOne(sides[to]); err != nil {
			return s.failed(to == 0, err, true)
		}
	}
	equal(s.t, "both resume", s.client.SessionReused(), s.server.SessionReused())
	if s.client.SessionReused() {
		s.tell("resumed")
	} else {
		s.tell("full")
	}
	return nil
}

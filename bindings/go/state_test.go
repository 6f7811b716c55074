package tlsock_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"testing"

	"tlsock"
)

const label = "EXPORTER-tlsock-go"

// mixed makes a connection with crypto/tls on one side.
func mixed(t *testing.T, version uint16, clientIsOurs bool) (ours *tlsock.Conn, theirs *tls.Conn) {
	t.Helper()
	near, far := loopback(t)
	config := &tls.Config{RootCAs: goPool(t), ServerName: "localhost", MinVersion: version, MaxVersion: version,
		Certificates: []tls.Certificate{goPair(t, "ecdsa")}}
	if clientIsOurs {
		ours, theirs = tlsock.Client(near, clientContext(t), "localhost"), tls.Server(far, config)
	} else {
		ours, theirs = tlsock.Server(far, serverContext(t, "ecdsa")), tls.Client(near, config)
	}
	t.Cleanup(func() { ours.Close(); theirs.Close() })
	limit(t, ours, theirs)
	ourErr, theirErr := shakeHands(ours, theirs)
	must(t, ourErr)
	must(t, theirErr)
	return ours, theirs
}

// everyMix runs a test with each version, as client and as server of crypto/tls.
func everyMix(t *testing.T, f func(t *testing.T, ours *tlsock.Conn, theirs *tls.Conn)) {
	for name, version := range bothVersions {
		for end, clientIsOurs := range map[string]bool{"client": true, "server": false} {
			version, clientIsOurs := version, clientIsOurs
			t.Run(name+" "+end, func(t *testing.T) {
				ours, theirs := mixed(t, version.gos, clientIsOurs)
				f(t, ours, theirs)
			})
		}
	}
}

func TestStateIsThatOfCryptoTLS(t *testing.T) {
	everyMix(t, func(t *testing.T, ours *tlsock.Conn, theirs *tls.Conn) {
		for _, got := range []tls.ConnectionState{ours.ConnectionState(), func() tls.ConnectionState {
			state := ours.State()
			return state.TLS()
		}()} {
			want := theirs.ConnectionState()
			equal(t, "version", got.Version, want.Version)
			equal(t, "complete", got.HandshakeComplete, true)
			equal(t, "resumed", got.DidResume, false)
			equal(t, "cipher", got.CipherSuite, want.CipherSuite)
			equal(t, "protocol", got.NegotiatedProtocol, want.NegotiatedProtocol)
			equal(t, "name", got.ServerName, "localhost")
			equal(t, "their name", want.ServerName, "localhost")
			if !bytes.Equal(got.TLSUnique, want.TLSUnique) {
				t.Errorf("tls-unique: %x, theirs %x", got.TLSUnique, want.TLSUnique)
			}
		}
		equal(t, "curve known", ours.State().CurveID != 0, true)
	})
}

func TestExportersAgreeWithCryptoTLS(t *testing.T) {
	everyMix(t, func(t *testing.T, ours *tlsock.Conn, theirs *tls.Conn) {
		state, theirState := ours.State(), theirs.ConnectionState()
		for _, context := range [][]byte{nil, {}, []byte("context")} {
			want, err := theirState.ExportKeyingMaterial(label, context, 40)
			must(t, err)
			for _, export := range []func(string, []byte, int) ([]byte, error){ours.ExportKeyingMaterial, state.ExportKeyingMaterial} {
				got, err := export(label, context, 40)
				if !bindsToCryptoTLS(theirState.Version) {
					equal(t, "refused", errors.Is(err, tlsock.ErrValue), true)
					continue
				}
				must(t, err)
				if !bytes.Equal(got, want) {
					t.Errorf("context %v: %x, theirs %x", context, got, want)
				}
			}
		}
		// Only crypto/tls itself can provide it there; it must not panic.
		converted := ours.ConnectionState()
		if keys, err := converted.ExportKeyingMaterial(label, nil, 40); err == nil || keys != nil {
			t.Errorf("crypto/tls's type exported %x", keys)
		}
		must(t, ours.Close())
		if _, err := state.ExportKeyingMaterial(label, nil, 40); !errors.Is(err, net.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestNothingIsExportedBeforeTheHandshake(t *testing.T) {
	near, far := loopback(t)
	defer far.Close()
	client := tlsock.Client(near, clientContext(t), "localhost")
	defer client.Close()
	state, converted := client.State(), client.ConnectionState()
	for _, export := range []func(string, []byte, int) ([]byte, error){
		client.ExportKeyingMaterial, state.ExportKeyingMaterial,
	} {
		if _, err := export(label, nil, 32); !errors.Is(err, tlsock.ErrValue) {
			t.Errorf("before the handshake: %v", err)
		}
	}
	if _, err := converted.ExportKeyingMaterial(label, nil, 32); err == nil {
		t.Error("crypto/tls's type exported something")
	}
	equal(t, "complete", state.HandshakeComplete || converted.HandshakeComplete, false)
	if _, err := client.ExportKeyingMaterial(label, nil, -1); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("less than nothing: %v", err)
	}
	if _, err := client.ExportKeyingMaterial("nul\x00", nil, 1); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("a label that is no text: %v", err)
	}
}

// noExtendedMasterSecret is OpenSSL's option.
const noExtendedMasterSecret = tlsock.Options(1)

// RFC 7627: without it another connection could be given the same secrets, so a resumed one has no tls-unique.
func TestWithoutExtendedMasterSecret(t *testing.T) {
	for name, plain := range map[string]bool{"with": false, "without": true} {
		plain := plain
		t.Run(name, func(t *testing.T) {
			trusting, serving := clientContext(t), serverContext(t, "ecdsa")
			must(t, trusting.SetMaximumVersion(tlsock.TLSVersionTLSv12))
			if plain {
				must(t, trusting.SetOptions(trusting.Options()|noExtendedMasterSecret))
			}
			first, _ := pair(t, trusting, serving)
			_, err := first.ExportKeyingMaterial(label, nil, 32)
			equal(t, "refused", errors.Is(err, tlsock.ErrValue), plain)
			equal(t, "tls-unique", len(first.State().TLSUnique), 12)
			session, err := first.Session()
			must(t, err)
			near, far := loopback(t)
			second, err := trusting.WrapConn(near, tlsock.WrapOptions{ServerHostname: "localhost", Session: session})
			must(t, err)
			defer second.Close()
			server := tlsock.Server(far, serving)
			defer server.Close()
			limit(t, second, server)
			clientErr, serverErr := shakeHands(second, server)
			must(t, clientErr)
			must(t, serverErr)
			equal(t, "resumed", second.State().DidResume, true)
			equal(t, "none on a resumed one", second.State().TLSUnique == nil, plain)
			equal(t, "name on a resumed one", server.State().ServerName, "localhost")
		})
	}
}

func TestCurves(t *testing.T) {
	for group, want := range map[string]tls.CurveID{
		"prime256v1": tls.CurveP256, "secp384r1": tls.CurveP384, "secp521r1": tls.CurveP521, "X25519": tls.X25519,
	} {
		serving := serverContext(t, "ecdsa")
		must(t, serving.SetECDHCurve(group))
		client, server := pair(t, clientContext(t), serving)
		equal(t, group, client.State().CurveID, want)
		equal(t, group+" at the server", server.State().CurveID, want)
	}
	trusting, serving := clientContext(t), serverContext(t, "rsa")
	must(t, trusting.SetMaximumVersion(tlsock.TLSVersionTLSv12))
	must(t, trusting.SetCiphers("AES128-GCM-SHA256"))
	must(t, serving.SetCiphers("AES128-GCM-SHA256"))
	client, _ := pair(t, trusting, serving)
	equal(t, "without an exchange", client.State().CurveID, tls.CurveID(0))
}

// A server that authorizes by VerifiedChains sees the same client after a resumption, and none if the chain would not verify now.
func TestChainsOfResumedClients(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			serving := serverContext(t, "ecdsa")
			must(t, serving.SetVerifyMode(tlsock.CertRequired))
			must(t, serving.LoadVerifyLocations(tlsock.VerifyLocations{CAFile: file("ca.pem")}))
			must(t, serving.LoadVerifyLocations(tlsock.VerifyLocations{CAFile: file("inter.pem")}))
			config := &tls.Config{RootCAs: goPool(t), ServerName: "localhost", MinVersion: version.gos, MaxVersion: version.gos,
				Certificates: []tls.Certificate{goPair(t, "client")}, ClientSessionCache: tls.NewLRUClientSessionCache(1)}
			var chains [2][][]*x509.Certificate
			for round := range chains {
				near, far := loopback(t)
				server, client := tlsock.Server(far, serving), tls.Client(near, config)
				limit(t, server, client)
				done := make(chan error, 1)
				go func() { _, err := server.Write([]byte("x")); done <- err }()
				_, err := client.Read(make([]byte, 1))
				must(t, err)
				must(t, <-done)
				state := server.ConnectionState()
				equal(t, "resumed", state.DidResume, round == 1)
				equal(t, "leaf", state.PeerCertificates[0].Subject.CommonName, "client")
				equal(t, "more than the leaf", len(state.PeerCertificates) > 1, true)
				chains[round] = state.VerifiedChains
				client.Close()
				server.Close()
			}
			equal(t, "chains", len(chains[1]), 1)
			equal(t, "length", len(chains[1][0]), len(chains[0][0]))
			for i, certificate := range chains[0][0] {
				equal(t, "certificate", certificate.Equal(chains[1][0][i]), true)
			}
		})
	}
}

// again connects with a session, and does a round trip.
func again(t *testing.T, trusting, serving *tlsock.Context, session *tlsock.Session) *tlsock.Conn {
	t.Helper()
	near, far := loopback(t)
	conn, err := trusting.WrapConn(near, tlsock.WrapOptions{ServerHostname: "localhost", Session: session})
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	limit(t, conn)
	go echo(tlsock.Server(far, serving))
	exchange(t, conn, "again")
	return conn
}

// A client that resumes also knows the server's chain, until it no longer trusts it.
func TestChainOfAResumedServer(t *testing.T) {
	trusting, serving := clientContext(t), serverContext(t, "ecdsa")
	first, server := pair(t, trusting, serving)
	go echo(server)
	exchange(t, first, "a ticket")
	session, err := first.Session()
	must(t, err)
	second := again(t, trusting, serving, session)
	full, resumed := first.State(), second.State()
	equal(t, "resumed", resumed.DidResume, true)
	equal(t, "chains", len(resumed.VerifiedChains), 1)
	equal(t, "length", len(resumed.VerifiedChains[0]), len(full.VerifiedChains[0]))
	equal(t, "shown", len(resumed.PeerCertificates), len(full.PeerCertificates))
	again, err := second.VerifyAgain()
	must(t, err)
	equal(t, "again", len(again), len(full.VerifiedChains[0]))
	stranger, err := tlsock.CreateDefaultContext(tlsock.PurposeServerAuth, tlsock.VerifyLocations{CAFile: file("unknown-ca.pem")})
	must(t, err)
	must(t, second.SetContext(stranger))
	again, err = second.VerifyAgain()
	must(t, err)
	equal(t, "by a stranger", len(again), 0)
}

// A session carries the chain of its handshake, but for one that has come as bytes, which have no intermediates. A client that asks
// for no proof has none.
func TestChainOfASession(t *testing.T) {
	for name, version := range bothVersions {
		trusting, serving := clientContext(t), serverContext(t, "ecdsa")
		must(t, trusting.SetMaximumVersion(version.ours))
		must(t, trusting.SetCheckHostname(false))
		first, server := pair(t, trusting, serving)
		go echo(server)
		exchange(t, first, "a ticket")
		session, err := first.Session()
		must(t, err)
		data, err := session.Data()
		must(t, err)
		restored, err := trusting.NewSessionData(data)
		must(t, err)
		full := first.State()
		resume := func(what string, session *tlsock.Session, verified bool) tlsock.ConnectionState {
			state := again(t, trusting, serving, session).State()
			equal(t, name+what+" resumed", state.DidResume, true)
			equal(t, name+what+" verified", len(state.VerifiedChains) == 1, verified)
			equal(t, name+what+" peer", state.PeerCertificates[0].Equal(full.PeerCertificates[0]), true)
			return state
		}
		state := resume(" known", session, true)
		equal(t, name+" length", len(state.VerifiedChains[0]), len(full.VerifiedChains[0]))
		equal(t, name+" shown", len(state.PeerCertificates), len(full.PeerCertificates))
		resume(" bytes", restored, false)
		must(t, trusting.SetVerifyMode(tlsock.CertNone))
		resume(" unasked", session, false)
	}
}

// A chain that was built and not verified is no verified chain.
func TestUnverifiedChainsAreNotVerified(t *testing.T) {
	for version, at := range bothVersions {
		for _, name := range []string{"self-signed", "expired", "twin"} {
			trusting := clientContext(t)
			must(t, trusting.SetCheckHostname(false))
			must(t, trusting.SetVerifyMode(tlsock.CertNone))
			must(t, trusting.SetMaximumVersion(at.ours))
			must(t, greet(t, trusting, serverContext(t, name), nil, func(client, _ *tlsock.Conn) {
				state := client.State()
				equal(t, version+" "+name, len(state.VerifiedChains), 0)
				equal(t, version+" "+name+" shown", len(state.PeerCertificates) > 0, true)
			}))
		}
	}
}

package tlsock_test

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"go/build"
	"io"
	"testing"

	"tlsock"
)

var bothVersions = map[string]struct {
	ours tlsock.TLSVersion
	gos  uint16
}{
	"TLSv1.2": {tlsock.TLSVersionTLSv12, tls.VersionTLS12},
	"TLSv1.3": {tlsock.TLSVersionTLSv13, tls.VersionTLS13},
}

// Our client to crypto/tls: versions, key types, mutual authentication, ALPN and SNI.
func TestClientToCryptoTLS(t *testing.T) {
	for name, version := range bothVersions {
		for _, key := range []string{"rsa", "ecdsa", "ed25519"} {
			name, version, key := name, version, key
			t.Run(name+"/"+key, func(t *testing.T) {
				context := clientContext(t)
				must(t, context.SetMinimumVersion(version.ours))
				must(t, context.SetMaximumVersion(version.ours))
				must(t, context.SetALPNProtocols("h2", "http/1.1"))
				must(t, context.SetOptions(context.Options()|tlsock.OpNoRenegotiation))
				must(t, context.LoadCertChain(file("client.pem"), file("client.key"), ""))
				near, far := loopback(t)
				client := tlsock.Client(near, context, "localhost")
				server := tls.Server(far, &tls.Config{
					Certificates: []tls.Certificate{goPair(t, key)},
					ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: goPool(t),
					NextProtos: []string{"http/1.1"},
				})
				limit(t, client, server)
				clientErr, serverErr := shakeHands(client, server)
				must(t, clientErr)
				must(t, serverErr)
				go echo(server)
				exchange(t, client, "hello")

				seen := server.ConnectionState()
				equal(t, "server name", seen.ServerName, "localhost")
				equal(t, "client", seen.PeerCertificates[0].Subject.CommonName, "client")
				equal(t, "version", client.Version(), name)
				equal(t, "ALPN", client.SelectedALPNProtocol(), "http/1.1")
				state := client.ConnectionState()
				equal(t, "state version", state.Version, version.gos)
				equal(t, "state cipher", state.CipherSuite, seen.CipherSuite)
				equal(t, "state ALPN", state.NegotiatedProtocol, "http/1.1")
				equal(t, "leaf", state.PeerCertificates[0].Subject.CommonName, "localhost")
				equal(t, "chain", len(state.VerifiedChains[0]), 3)
				checkBindings(t, client, seen, version.gos, key)
				must(t, client.Close())
			})
		}
	}
}

// bindsToCryptoTLS tells whether a connection of this version with crypto/tls has the extended master secret or needs none:
// crypto/tls has it since Go 1.21.
func bindsToCryptoTLS(version uint16) bool {
	for _, tag := range build.Default.ReleaseTags {
		if tag == "go1.21" {
			return true
		}
	}
	return version != tls.VersionTLS12
}

// checkBindings compares with what crypto/tls exports, and with the digest of its certificate.
func checkBindings(t *testing.T, client *tlsock.Conn, seen tls.ConnectionState, version uint16, key string) {
	t.Helper()
	binding, err := client.GetChannelBinding("tls-exporter")
	if bindsToCryptoTLS(version) {
		must(t, err)
		exported, err := seen.ExportKeyingMaterial("EXPORTER-Channel-Binding", []byte{}, 32)
		must(t, err)
		equal(t, "exporter", string(binding), string(exported))
	} else {
		equal(t, "refused", errors.Is(err, tlsock.ErrValue), true)
	}
	binding, err = client.GetChannelBinding("tls-server-end-point")
	must(t, err)
	digest := sha256.Sum256(goPair(t, key).Certificate[0])
	equal(t, "end point", string(binding), string(digest[:]))
}

// crypto/tls to our server.
func TestCryptoTLSToServer(t *testing.T) {
	for name, version := range bothVersions {
		for _, key := range []string{"rsa", "ecdsa", "ed25519"} {
			name, version, key := name, version, key
			t.Run(name+"/"+key, func(t *testing.T) {
				context := serverContext(t, key)
				must(t, context.SetVerifyMode(tlsock.CertRequired))
				must(t, context.LoadVerifyLocations(tlsock.VerifyLocations{CAFile: file("ca.pem")}))
				must(t, context.SetALPNProtocols("other", "h2"))
				near, far := loopback(t)
				client := tls.Client(near, &tls.Config{
					MinVersion: version.gos, MaxVersion: version.gos, RootCAs: goPool(t), ServerName: "localhost",
					Certificates: []tls.Certificate{goPair(t, "client")}, NextProtos: []string{"h2"},
				})
				server := tlsock.Server(far, context)
				limit(t, client, server)
				clientErr, serverErr := shakeHands(client, server)
				must(t, clientErr)
				must(t, serverErr)
				go echo(server)
				exchange(t, client, "hello")
				equal(t, "version", server.Version(), name)
				equal(t, "ALPN", client.ConnectionState().NegotiatedProtocol, "h2")
				equal(t, "cipher", server.ConnectionState().CipherSuite, client.ConnectionState().CipherSuite)
				equal(t, "client", server.ConnectionState().PeerCertificates[0].Subject.CommonName, "client")
				peer, err := server.GetPeerCert()
				must(t, err)
				equal(t, "verified", peer.Verified(), true)
				must(t, client.CloseWrite())
				_, err = client.Read(make([]byte, 1))
				equal(t, "end", err, io.EOF)
			})
		}
	}
}

func TestResumeAtCryptoTLS(t *testing.T) {
	for name, version := range bothVersions {
		name, version := name, version
		t.Run(name, func(t *testing.T) {
			context := clientContext(t)
			must(t, context.SetMaximumVersion(version.ours))
			config := &tls.Config{Certificates: []tls.Certificate{goPair(t, "ecdsa")}}
			connect := func(session *tlsock.Session) *tlsock.Session {
				near, far := loopback(t)
				client, err := context.WrapConn(near, tlsock.WrapOptions{ServerHostname: "localhost", Session: session})
				must(t, err)
				server := tls.Server(far, config)
				limit(t, client, server)
				go echo(server)
				exchange(t, client, "hello")
				equal(t, "resumed", client.SessionReused(), session != nil)
				equal(t, "state", client.ConnectionState().DidResume, session != nil)
				equal(t, "leaf", client.ConnectionState().PeerCertificates[0].Subject.CommonName, "localhost")
				got, err := client.Session()
				must(t, err)
				must(t, client.Close())
				return got
			}
			first := connect(nil)
			equal(t, "ticket", first.HasTicket(), true)
			connect(first)
		})
	}
}

// resumesThere connects a crypto/tls client with a cache three times: it resumes from the second on. look sees each connection.
func resumesThere(t *testing.T, config *tls.Config, context *tlsock.Context, look func(int, *tls.Conn, *tlsock.Conn)) {
	t.Helper()
	for round := 0; round < 3; round++ {
		near, far := loopback(t)
		client, server := tls.Client(near, config), tlsock.Server(far, context)
		limit(t, client, server)
		go echo(server)
		exchange(t, client, fmt.Sprint("hello ", round))
		equal(t, "resumed", client.ConnectionState().DidResume, round > 0)
		look(round, client, server)
		must(t, client.Close())
	}
}

func TestCryptoTLSResumes(t *testing.T) {
	for name, version := range bothVersions {
		name, version := name, version
		t.Run(name, func(t *testing.T) {
			context := serverContext(t, "ecdsa")
			config := &tls.Config{RootCAs: goPool(t), ServerName: "localhost", MaxVersion: version.gos,
				ClientSessionCache: tls.NewLRUClientSessionCache(4)}
			resumesThere(t, config, context, func(round int, _ *tls.Conn, server *tlsock.Conn) {
				equal(t, "ours", server.SessionReused(), round > 0)
			})
		})
	}
}

// A crypto/tls server chooses its certificate by the name that we send.
func TestServerNameIsSent(t *testing.T) {
	context := clientContext(t)
	near, far := loopback(t)
	client := tlsock.Client(near, context, "other.example")
	server := tls.Server(far, &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		name := map[string]string{"localhost": "ecdsa", "other.example": "wrong-name"}[hello.ServerName]
		pair := goPair(t, name)
		return &pair, nil
	}})
	limit(t, client, server)
	clientErr, serverErr := shakeHands(client, server)
	must(t, clientErr)
	must(t, serverErr)
	chain, err := client.GetVerifiedChain()
	must(t, err)
	var leaf *x509.Certificate
	leaf, err = chain[0].X509()
	must(t, err)
	equal(t, "leaf", leaf.Subject.CommonName, "other.example")
	client.Close()
	server.Close()
}

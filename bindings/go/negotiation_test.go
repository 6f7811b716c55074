package tlsock_test

import (
	"crypto/tls"
	"errors"
	"reflect"
	"strings"
	"testing"

	"tlsock"
)

// What crypto/tls is offered is what was set.
func TestNamesOnTheWire(t *testing.T) {
	for _, c := range []struct {
		groups, suites, sigalgs string
		hello                   tls.ClientHelloInfo
	}{
		{"P-384:X25519", "TLS_CHACHA20_POLY1305_SHA256", "ecdsa_secp384r1_sha384:ecdsa_secp256r1_sha256", tls.ClientHelloInfo{
			SupportedCurves: []tls.CurveID{tls.CurveP384, tls.X25519}, CipherSuites: []uint16{tls.TLS_CHACHA20_POLY1305_SHA256},
			SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP384AndSHA384, tls.ECDSAWithP256AndSHA256}}},
		{"P-256", "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384", "ECDSA+SHA256:ed25519", tls.ClientHelloInfo{
			SupportedCurves: []tls.CurveID{tls.CurveP256}, CipherSuites: []uint16{tls.TLS_AES_128_GCM_SHA256, tls.TLS_AES_256_GCM_SHA384},
			SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256, tls.Ed25519}}},
	} {
		client := clientContext(t)
		must(t, client.SetMinimumVersion(tlsock.TLSVersionTLSv13))
		must(t, client.SetGroups(c.groups))
		must(t, client.SetCiphersuites(c.suites))
		must(t, client.SetServerSigalgs(c.sigalgs))
		var seen *tls.ClientHelloInfo
		near, far := loopback(t)
		conn := tlsock.Client(near, client, "localhost")
		server := tls.Server(far, &tls.Config{Certificates: []tls.Certificate{goPair(t, "ecdsa")},
			GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) { seen = hello; return nil, nil }})
		limit(t, conn, server)
		clientErr, serverErr := shakeHands(conn, server)
		must(t, clientErr)
		must(t, serverErr)
		if !reflect.DeepEqual(seen.SupportedCurves, c.hello.SupportedCurves) {
			t.Errorf("groups %v", seen.SupportedCurves)
		}
		var suites []uint16
		for _, suite := range seen.CipherSuites {
			// That renegotiation is understood (RFC 5746) is told as a suite.
			if suite != 0xff {
				suites = append(suites, suite)
			}
		}
		if !reflect.DeepEqual(suites, c.hello.CipherSuites) {
			t.Errorf("suites %x", seen.CipherSuites)
		}
		if !reflect.DeepEqual(seen.SignatureSchemes, c.hello.SignatureSchemes) {
			t.Errorf("algorithms %v", seen.SignatureSchemes)
		}
		conn.Close()
		server.Close()
	}
}

// What a client of crypto/tls is asked for is what was set for clients, not for servers.
func TestClientSigalgsOnTheWire(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		server := serverContext(t, "ecdsa")
		must(t, server.LoadVerifyLocations(tlsock.VerifyLocations{CAFile: file("ca.pem")}))
		must(t, server.SetVerifyMode(tlsock.CertRequired))
		must(t, server.SetServerSigalgs("ecdsa_secp256r1_sha256"))
		must(t, server.SetClientSigalgs("ed25519:ecdsa_secp256r1_sha256"))
		var asked []tls.SignatureScheme
		near, far := loopback(t)
		own := goPair(t, "client")
		client := tls.Client(near, &tls.Config{RootCAs: goPool(t), ServerName: "localhost", MaxVersion: version,
			GetClientCertificate: func(request *tls.CertificateRequestInfo) (*tls.Certificate, error) {
				asked = request.SignatureSchemes
				return &own, nil
			}})
		conn := tlsock.Server(far, server)
		limit(t, client, conn)
		clientErr, serverErr := shakeHands(client, conn)
		must(t, clientErr)
		must(t, serverErr)
		if !reflect.DeepEqual(asked, []tls.SignatureScheme{tls.Ed25519, tls.ECDSAWithP256AndSHA256}) {
			t.Errorf("asked for %v", asked)
		}
		equal(t, "signed by", conn.ClientSigalg(), "ecdsa_secp256r1_sha256")
		client.Close()
		conn.Close()
	}
}

func TestUnknownNames(t *testing.T) {
	client, server := clientContext(t), serverContext(t, "rsa")
	must(t, client.SetServerSigalgs("rsa_pss_rsae_sha512"))
	for name, set := range map[string]func() error{
		"'x25519'":               func() error { return client.SetGroups("P-256:X25518") },
		"TLS_AES_128_GCM_SHA256": func() error { return client.SetCiphersuites("TLS_AES_128_GCM_SHA26") },
		"'rsa_pss_rsae_sha256'":  func() error { return client.SetServerSigalgs("rsa_pss_rsae_sha2556") },
		"'ed25519'":              func() error { return client.SetClientSigalgs("Ed-25518") },
	} {
		if err := set(); !errors.Is(err, tlsock.ErrValue) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, greet(t, client, server, nil, func(client, _ *tlsock.Conn) {
		equal(t, "nothing has changed", client.ServerSigalg(), "rsa_pss_rsae_sha512")
	}))
	var failure *tlsock.Error
	err := client.SetCiphers("ECDHE-RSA-AES128-GCM-SHA265")
	if !errors.As(err, &failure) || failure.Cause == nil || !strings.Contains(failure.Cause.Error(), "'ECDHE-RSA-AES128-GCM-SHA256'") {
		t.Errorf("ciphers: %v", err)
	}
}

func contains(names []string, wanted string) bool {
	for _, name := range names {
		if name == wanted {
			return true
		}
	}
	return false
}

func TestListedNames(t *testing.T) {
	context := clientContext(t)
	sigalgs, err := tlsock.GetSigalgs()
	must(t, err)
	for _, name := range sigalgs {
		must(t, context.SetServerSigalgs(name))
		must(t, context.SetClientSigalgs(name))
	}
	equal(t, "ed25519", contains(sigalgs, "ed25519"), true)
	all, err := context.GetGroups(true)
	must(t, err)
	first, err := context.GetGroups(false)
	must(t, err)
	for _, name := range all {
		must(t, context.SetGroups(name))
	}
	equal(t, "aliases", contains(all, "P-256"), true)
	equal(t, "aliases", contains(first, "P-256"), false)
	equal(t, "groups", contains(first, "secp256r1"), true)
	equal(t, "after the handshake", tlsock.Has(tlsock.HasPHA), true)
	equal(t, "pre-shared keys", tlsock.Has(tlsock.HasPSKTLS13), true)
}

//go:build go1.24

package tlsock_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"strings"
	"testing"

	"tlsock"
)

// The name that stays visible; the certificate wrong-name is for it.
const echPublic = "other.example"

// needECH leaves out a test that needs an OpenSSL with Encrypted ClientHello: TestECHElsewhere is for the others.
func needECH(t *testing.T) {
	t.Helper()
	if !tlsock.Has(tlsock.HasECH) {
		t.Skip("this OpenSSL has no Encrypted ClientHello")
	}
}

func echKeys(t *testing.T) (keys, configs []byte) {
	t.Helper()
	keys, configs, err := tlsock.GenerateECHKeys(echPublic, 0)
	must(t, err)
	return keys, configs
}

// echServer has a certificate for either name.
func echServer(t *testing.T, keys []byte) *tlsock.Context {
	context, public := serverContext(t, "ecdsa"), serverContext(t, "wrong-name")
	must(t, context.LoadECHKeys(keys, nil))
	must(t, context.SetSNICallback(func(object *tlsock.Object, name string) error {
		if name == echPublic {
			return object.SetContext(public)
		}
		return nil
	}))
	return context
}

// goKey is a key as crypto/tls takes it.
func goKey(t *testing.T, keys, configs []byte) tls.EncryptedClientHelloKey {
	t.Helper()
	block, _ := pem.Decode(keys)
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	must(t, err)
	return tls.EncryptedClientHelloKey{Config: configs[2:], PrivateKey: parsed.(*ecdh.PrivateKey).Bytes(), SendAsRetry: true}
}

func goServer(t *testing.T, keys ...tls.EncryptedClientHelloKey) *tls.Config {
	return &tls.Config{
		Certificates:             []tls.Certificate{goPair(t, "ecdsa"), goPair(t, "wrong-name")},
		EncryptedClientHelloKeys: keys, NextProtos: []string{"h2"},
	}
}

func TestECHElsewhere(t *testing.T) {
	if tlsock.Has(tlsock.HasECH) {
		t.Skip("this OpenSSL has Encrypted ClientHello")
	}
	client, server := clientContext(t), serverContext(t, "ecdsa")
	_, _, made := tlsock.GenerateECHKeys(echPublic, 0)
	for _, err := range []error{
		client.SetECHConfigs([]byte{0, 5, 0xFE, 0x0D, 0, 1, 7}), client.SetECHGrease(true), server.LoadECHKeys([]byte("x"), nil), made,
	} {
		if !errors.Is(err, tlsock.ErrNotImplemented) || !strings.Contains(err.Error(), "OpenSSL 3") {
			t.Error(err)
		}
	}
	must(t, client.SetECHConfigs(nil))
	must(t, client.SetECHGrease(false))
	must(t, server.LoadECHKeys(nil, nil))
}

func TestECHArguments(t *testing.T) {
	client, server := clientContext(t), serverContext(t, "ecdsa")
	long, _, noLength := tlsock.GenerateECHKeys(echPublic, 1<<20)
	none, _, noName := tlsock.GenerateECHKeys("other\x00.example", 0)
	if long != nil || none != nil {
		t.Error("keys of wrong arguments")
	}
	for _, err := range []error{
		client.SetECHConfigs([]byte{}), client.SetECHConfigs([]byte{0, 1, 2}), server.SetECHConfigs(nil), server.SetECHGrease(true),
		client.LoadECHKeys(nil, nil), server.LoadECHKeys(nil, []byte("x")), noLength, noName,
	} {
		if !errors.Is(err, tlsock.ErrValue) {
			t.Error(err)
		}
	}
}

// Our client to crypto/tls.
func TestECHClientToCryptoTLS(t *testing.T) {
	needECH(t)
	keys, configs := echKeys(t)
	context := clientContext(t)
	must(t, context.SetECHConfigs(configs))
	must(t, context.SetALPNProtocols("h2"))
	near, far := loopback(t)
	client, server := tlsock.Client(near, context, "localhost"), tls.Server(far, goServer(t, goKey(t, keys, configs)))
	limit(t, client, server)
	clientErr, serverErr := shakeHands(client, server)
	must(t, clientErr)
	must(t, serverErr)
	go echo(server)
	exchange(t, client, "hidden")
	equal(t, "accepted there", server.ConnectionState().ECHAccepted, true)
	equal(t, "name there", server.ConnectionState().ServerName, "localhost")
	equal(t, "accepted here", client.ConnectionState().ECHAccepted, true)
	equal(t, "status", client.ECHStatus(), tlsock.ECHAccepted)
	equal(t, "outer name", client.ECHOuterName(), echPublic)
	equal(t, "ALPN", client.SelectedALPNProtocol(), "h2")
}

// crypto/tls has other keys than our client's configurations are for, and gives its own.
func TestECHClientRejectedByCryptoTLS(t *testing.T) {
	needECH(t)
	_, old := echKeys(t)
	keys, configs := echKeys(t)
	context := clientContext(t)
	must(t, context.SetECHConfigs(old))
	dial := func(keys ...tls.EncryptedClientHelloKey) (*tlsock.Conn, error) {
		near, far := loopback(t)
		client, server := tlsock.Client(near, context, "localhost"), tls.Server(far, goServer(t, keys...))
		limit(t, client, server)
		err, _ := shakeHands(client, server)
		return client, err
	}
	_, err := dial(goKey(t, keys, configs))
	var rejection *tlsock.ECHRejectionError
	if !errors.As(err, &rejection) || !errors.Is(rejection, tlsock.ErrSSL) {
		t.Fatal(err)
	}
	if !bytes.Equal(rejection.RetryConfigList, configs) {
		t.Fatalf("retry with %x", rejection.RetryConfigList)
	}
	must(t, context.SetECHConfigs(rejection.RetryConfigList))
	client, err := dial(goKey(t, keys, configs))
	must(t, err)
	equal(t, "status of the second", client.ECHStatus(), tlsock.ECHAccepted)
	rejection = nil
	if _, err = dial(); !errors.As(err, &rejection) || rejection.RetryConfigList != nil {
		t.Fatal(err)
	}
}

// crypto/tls to our server.
func TestECHCryptoTLSToServer(t *testing.T) {
	needECH(t)
	keys, configs := echKeys(t)
	_, unknown := echKeys(t)
	context := echServer(t, keys)
	dial := func(configs []byte) (*tls.Conn, *tlsock.Conn, error) {
		near, far := loopback(t)
		client := tls.Client(near, &tls.Config{
			RootCAs: goPool(t), ServerName: "localhost", EncryptedClientHelloConfigList: configs, MinVersion: tls.VersionTLS13,
		})
		server := tlsock.Server(far, context)
		limit(t, client, server)
		err, _ := shakeHands(client, server)
		return client, server, err
	}
	client, server, err := dial(configs)
	must(t, err)
	go echo(server)
	exchange(t, client, "hidden")
	equal(t, "accepted there", client.ConnectionState().ECHAccepted, true)
	equal(t, "accepted here", server.ConnectionState().ECHAccepted, true)
	equal(t, "name", server.ConnectionState().ServerName, "localhost")
	equal(t, "outer name", server.ECHOuterName(), echPublic)

	_, server, err = dial(unknown)
	var rejection *tls.ECHRejectionError
	if !errors.As(err, &rejection) || !bytes.Equal(rejection.RetryConfigList, configs) {
		t.Fatal(err)
	}
	equal(t, "status", server.ECHStatus() == tlsock.ECHAccepted, false)
	client, _, err = dial(rejection.RetryConfigList)
	must(t, err)
	equal(t, "accepted in the end", client.ConnectionState().ECHAccepted, true)
}

// A HelloRetryRequest: the server knows a group of which the client has sent no share.
func TestECHHelloRetryWithCryptoTLS(t *testing.T) {
	needECH(t)
	keys, configs := echKeys(t)
	context := echServer(t, keys)
	must(t, context.SetGroups("P-384"))
	near, far := loopback(t)
	theirs := tls.Client(near, &tls.Config{
		RootCAs: goPool(t), ServerName: "localhost", EncryptedClientHelloConfigList: configs, MinVersion: tls.VersionTLS13,
		CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP384},
	})
	finish(t, theirs, tlsock.Server(far, context))
	equal(t, "accepted", theirs.ConnectionState().ECHAccepted, true)

	config := goServer(t, goKey(t, keys, configs))
	config.CurvePreferences = []tls.CurveID{tls.CurveP384}
	asking := clientContext(t)
	must(t, asking.SetECHConfigs(configs))
	must(t, asking.SetGroups("X25519:P-384"))
	near, far = loopback(t)
	ours := tlsock.Client(near, asking, "localhost")
	finish(t, ours, tls.Server(far, config))
	equal(t, "status", ours.ECHStatus(), tlsock.ECHAccepted)
}

// finish does a handshake that must succeed.
func finish(t *testing.T, client, server interface {
	net.Conn
	Handshake() error
}) {
	t.Helper()
	limit(t, client, server)
	clientErr, serverErr := shakeHands(client, server)
	must(t, clientErr)
	must(t, serverErr)
}

func TestECHGrease(t *testing.T) {
	needECH(t)
	keys, configs := echKeys(t)
	context := clientContext(t)
	must(t, context.SetECHGrease(true))
	equal(t, "set", context.ECHGrease(), true)
	near, far := loopback(t)
	client := tlsock.Client(near, context, "localhost")
	server := tls.Server(far, goServer(t, goKey(t, keys, configs)))
	finish(t, client, server)
	equal(t, "accepted there", server.ConnectionState().ECHAccepted, false)
	equal(t, "status", client.ECHStatus(), tlsock.ECHGrease)
	equal(t, "outer name", client.ECHOuterName(), "")
}

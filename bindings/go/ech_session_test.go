//go:build go1.24

package tlsock_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"testing"

	"tlsock"
)

// Our client has a session and offers none: at once, after a HelloRetryRequest, and in the second try after a rejection.
func TestECHOffersNoSession(t *testing.T) {
	needECH(t)
	keys, configs := echKeys(t)
	newKeys, newConfigs := echKeys(t)
	context := clientContext(t)
	must(t, context.SetECHConfigs(configs))
	must(t, context.SetGroups("X25519:P-384"))
	config := goServer(t, goKey(t, keys, configs))
	dial := func(session *tlsock.Session) (*tlsock.Conn, error) {
		near, far := loopback(t)
		client, err := context.WrapConn(near, tlsock.WrapOptions{ServerHostname: "localhost", Session: session})
		must(t, err)
		server := tls.Server(far, config)
		limit(t, client, server)
		go echo(server)
		return client, client.Handshake()
	}
	again := func(session *tlsock.Session) *tlsock.Session {
		t.Helper()
		client, err := dial(session)
		must(t, err)
		exchange(t, client, "hidden")
		equal(t, "resumed", client.SessionReused(), false)
		equal(t, "status", client.ECHStatus(), tlsock.ECHAccepted)
		got, err := client.Session()
		must(t, err)
		must(t, client.Close())
		return got
	}
	session := again(again(nil))
	config.CurvePreferences = []tls.CurveID{tls.CurveP384}
	session = again(session)
	config.CurvePreferences = nil
	config.EncryptedClientHelloKeys = []tls.EncryptedClientHelloKey{goKey(t, newKeys, newConfigs)}
	_, err := dial(session)
	var rejection *tlsock.ECHRejectionError
	if !errors.As(err, &rejection) {
		t.Fatal(err)
	}
	must(t, context.SetECHConfigs(rejection.RetryConfigList))
	again(session)
}

// crypto/tls resumes at our server; a Dialer of ours has a cache and offers nothing of it.
func TestECHServerResumes(t *testing.T) {
	needECH(t)
	keys, configs := echKeys(t)
	context := echServer(t, keys)
	config := &tls.Config{RootCAs: goPool(t), ServerName: "localhost", EncryptedClientHelloConfigList: configs,
		MinVersion: tls.VersionTLS13, ClientSessionCache: tls.NewLRUClientSessionCache(4)}
	resumesThere(t, config, context, func(_ int, client *tls.Conn, server *tlsock.Conn) {
		equal(t, "accepted there", client.ConnectionState().ECHAccepted, true)
		equal(t, "accepted here", server.ConnectionState().ECHAccepted, true)
		equal(t, "name", server.ConnectionState().ServerName, "localhost")
	})
	dialer := localDialer(t)
	must(t, dialer.Context.SetECHConfigs(configs))
	address := echoing(t, context)
	for round := 0; round < 3; round++ {
		equal(t, fmt.Sprintf("round %d resumed", round), visit(t, dialer, address), false)
	}
}

func TestECHGreaseResumes(t *testing.T) {
	needECH(t)
	keys, configs := echKeys(t)
	context := clientContext(t)
	must(t, context.SetECHGrease(true))
	config := goServer(t, goKey(t, keys, configs))
	var session *tlsock.Session
	for round := 0; round < 2; round++ {
		near, far := loopback(t)
		client, err := context.WrapConn(near, tlsock.WrapOptions{ServerHostname: "localhost", Session: session})
		must(t, err)
		server := tls.Server(far, config)
		limit(t, client, server)
		go echo(server)
		exchange(t, client, "hello")
		equal(t, "resumed", client.SessionReused(), round > 0)
		equal(t, "status", client.ECHStatus(), tlsock.ECHGrease)
		session, err = client.Session()
		must(t, err)
		must(t, client.Close())
	}
}

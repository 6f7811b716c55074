package tlsock_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tlsock"
)

// agree does a handshake of a client of crypto/tls with a server, and returns what the client has got and both errors.
func agree(t *testing.T, server *tlsock.Context, version uint16, protocols ...string) (chosen string, clientErr, serverErr error) {
	t.Helper()
	near, far := loopback(t)
	client := tls.Client(near, &tls.Config{RootCAs: goPool(t), ServerName: "localhost", MaxVersion: version, NextProtos: protocols})
	conn := tlsock.Server(far, server)
	limit(t, client, conn)
	defer client.Close()
	defer conn.Close()
	clientErr, serverErr = shakeHands(client, conn)
	return client.ConnectionState().NegotiatedProtocol, clientErr, serverErr
}

func TestALPNCallbackChooses(t *testing.T) {
	server := serverContext(t, "ecdsa")
	must(t, server.SetALPNProtocols("one"))
	var seen []string
	must(t, server.SetALPNCallback(func(object *tlsock.Object, serverName string, protocols []string) (string, error) {
		seen = append([]string{serverName}, protocols...)
		equal(t, "server's end", object.ServerSide(), true)
		for _, protocol := range protocols {
			if protocol == "two\x00" {
				return protocol, nil
			}
		}
		return "", nil
	}))
	for _, both := range bothVersions {
		version := both.gos
		chosen, clientErr, serverErr := agree(t, server, version, "one", "two\x00", "three")
		must(t, clientErr)
		must(t, serverErr)
		equal(t, "chosen", chosen, "two\x00")
		equal(t, "seen", strings.Join(seen, " "), "localhost one two\x00 three")
		chosen, clientErr, serverErr = agree(t, server, version, "one")
		must(t, clientErr)
		must(t, serverErr)
		equal(t, "chosen", chosen, "")
	}
	must(t, server.SetALPNCallback(nil))
	chosen, clientErr, serverErr := agree(t, server, tls.VersionTLS13, "one")
	must(t, clientErr)
	must(t, serverErr)
	equal(t, "chosen", chosen, "one")
}

func TestALPNCallbackRefuses(t *testing.T) {
	for name, callback := range map[string]tlsock.ALPNCallback{
		"error":       func(*tlsock.Object, string, []string) (string, error) { return "", errOurs },
		"not offered": func(*tlsock.Object, string, []string) (string, error) { return "two", nil },
		"panic":       func(*tlsock.Object, string, []string) (string, error) { panic("no more") },
	} {
		server := serverContext(t, "ecdsa")
		must(t, server.SetALPNCallback(callback))
		for _, both := range bothVersions {
			version := both.gos
			_, clientErr, serverErr := agree(t, server, version, "one")
			if clientErr == nil || !strings.HasSuffix(clientErr.Error(), "no application protocol") {
				t.Errorf("%s: the client says %v", name, clientErr)
			}
			var panicked *tlsock.PanicError
			equal(t, "panicked", errors.As(serverErr, &panicked), name == "panic")
			equal(t, "cause", errors.Is(serverErr, errOurs), name == "error")
			equal(t, "words", strings.Contains(serverErr.Error(), `"two"`), name == "not offered")
		}
	}
}

// A strict server answers as one of crypto/tls.
func TestALPNStrictIsCryptoTLS(t *testing.T) {
	for _, both := range bothVersions {
		version := both.gos
		for _, own := range [][]string{{}, {"one"}, {"one", "two"}} {
			server := serverContext(t, "ecdsa")
			must(t, server.SetALPNProtocols(own...))
			must(t, server.SetALPNStrict(true))
			equal(t, "strict", server.ALPNStrict(), true)
			for _, offered := range [][]string{{}, {"two"}, {"two", "one"}, {"other"}} {
				chosen, err, _ := agree(t, server, version, offered...)
				near, far := loopback(t)
				client := tls.Client(near, &tls.Config{RootCAs: goPool(t), ServerName: "localhost", MaxVersion: version, NextProtos: offered})
				theirs := tls.Server(far, &tls.Config{Certificates: []tls.Certificate{goPair(t, "ecdsa")}, NextProtos: own})
				limit(t, client, theirs)
				theirErr, _ := shakeHands(client, theirs)
				equal(t, "what the client is told", fmt.Sprint(err), fmt.Sprint(theirErr))
				equal(t, "chosen", chosen, client.ConnectionState().NegotiatedProtocol)
				client.Close()
				theirs.Close()
			}
		}
	}
	client := clientContext(t)
	if err := client.SetALPNStrict(true); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("a client: %v", err)
	}
	if err := client.SetALPNCallback(func(*tlsock.Object, string, []string) (string, error) { return "", nil }); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("a client: %v", err)
	}
}

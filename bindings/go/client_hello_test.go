package tlsock_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"reflect"
	"sync"
	"testing"

	"tlsock"
)

// seenHellos is a callback that keeps what it has seen, and goes on.
type seenHellos struct {
	mutex sync.Mutex
	all   []*tlsock.ClientHello
}

func (s *seenHellos) see(_ context.Context, _ *tlsock.Object, hello *tlsock.ClientHello) (*tlsock.Context, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.all = append(s.all, hello)
	return nil, nil
}

// helloed does a handshake and gives both errors; the server of TLS 1.3 judges after the client's end.
func helloed(t *testing.T, client func(net.Conn) handshaker, serving *tlsock.Context, look func(client handshaker, server *tlsock.Conn)) (clientErr, serverErr error) {
	t.Helper()
	near, far := loopback(t)
	own, server := client(near), tlsock.Server(far, serving)
	limit(t, own, server)
	defer own.Close()
	defer server.Close()
	clientErr, serverErr = shakeHands(own, server)
	if clientErr == nil && serverErr == nil && look != nil {
		look(own, server)
	}
	return clientErr, serverErr
}

// A server is told what crypto/tls tells its GetConfigForClient, of both kinds of clients.
func TestClientHelloIsWhatCryptoTLSSees(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		clients := map[string]func(*testing.T, net.Conn) handshaker{
			"crypto/tls": func(t *testing.T, near net.Conn) handshaker {
				return tls.Client(near, &tls.Config{RootCAs: goPool(t), ServerName: "localhost", NextProtos: []string{"h2", "http/1.1"},
					MinVersion: version.gos, MaxVersion: version.gos})
			},
			"tlsock": func(t *testing.T, near net.Conn) handshaker {
				trusting := clientContext(t)
				must(t, trusting.SetALPNProtocols("h2", "http/1.1"))
				must(t, trusting.SetMinimumVersion(version.ours))
				must(t, trusting.SetMaximumVersion(version.ours))
				return tlsock.Client(near, trusting, "localhost")
			},
		}
		for kind, client := range clients {
			client := client
			t.Run(name+"/"+kind, func(t *testing.T) {
				var told *tls.ClientHelloInfo
				theirs := &tls.Config{Certificates: []tls.Certificate{goPair(t, "ecdsa")}, GetConfigForClient: func(info *tls.ClientHelloInfo) (*tls.Config, error) {
					told = info
					return nil, nil
				}}
				near, far := loopback(t)
				own, server := client(t, near), tls.Server(far, theirs)
				limit(t, own, server)
				clientErr, _ := shakeHands(own, server)
				must(t, clientErr)
				own.Close()
				server.Close()

				serving, seen := serverContext(t, "ecdsa"), &seenHellos{}
				must(t, serving.SetClientHelloCallback(seen.see))
				clientErr, serverErr := helloed(t, func(near net.Conn) handshaker { return client(t, near) }, serving, nil)
				must(t, clientErr)
				must(t, serverErr)
				equal(t, "hellos", len(seen.all), 1)
				hello := seen.all[0]
				equal(t, "name", hello.ServerName, told.ServerName)
				equal(t, "ALPN", fmt.Sprint(hello.ALPN), fmt.Sprint(told.SupportedProtos))
				equal(t, "ciphers", fmt.Sprint(hello.Ciphers), fmt.Sprint(told.CipherSuites))
				equal(t, "groups", fmt.Sprint(hello.Groups), fmt.Sprint(told.SupportedCurves))
				equal(t, "algorithms", fmt.Sprint(hello.SignatureAlgorithms), fmt.Sprint(told.SignatureSchemes))
				equal(t, "head", hello.LegacyVersion, uint16(tls.VersionTLS12))
				// crypto/tls makes one up for TLS 1.2 too.
				want := 32
				if kind == "tlsock" && version.gos == tls.VersionTLS12 {
					want = 0
				}
				equal(t, "session id", len(hello.SessionID), want)
				equal(t, "second", hello.IsSecond, false)
				equal(t, "digests", len(hello.JA3)*100+len(hello.JA4), 3236)
				types, alpn := map[uint16]bool{}, []byte(nil)
				for _, extension := range hello.Extensions {
					types[extension.Type] = true
					if extension.Type == 16 {
						alpn = extension.Data
					}
				}
				equal(t, "has the server name", types[0], true)
				// crypto/tls makes up those that a client without the extension offers.
				versions := fmt.Sprint([]uint16{tls.VersionTLS12})
				if types[43] {
					versions = fmt.Sprint(told.SupportedVersions)
				}
				equal(t, "versions", fmt.Sprint(hello.Versions), versions)
				equal(t, "bytes of ALPN", string(alpn), "\x00\x0c\x02h2\x08http/1.1")
			})
		}
	}
}

// Another context is chosen, by what the callback returns and by the object, at once and later.
func TestClientHelloChoosesAContext(t *testing.T) {
	other := serverContext(t, "wrong-name")
	must(t, other.SetALPNProtocols("http/1.1"))
	must(t, other.SetClientHelloCallback(func(context.Context, *tlsock.Object, *tlsock.ClientHello) (*tlsock.Context, error) {
		t.Error("the second context was asked as well")
		return nil, nil
	}))
	ways := map[string]tlsock.ClientHelloCallback{
		"returned": func(_ context.Context, _ *tlsock.Object, hello *tlsock.ClientHello) (*tlsock.Context, error) {
			equal(t, "name", hello.ServerName, "other.example")
			return other, nil
		},
		"set": func(_ context.Context, object *tlsock.Object, _ *tlsock.ClientHello) (*tlsock.Context, error) {
			return nil, object.SetContext(other)
		},
	}
	for name, version := range bothVersions {
		for way, callback := range ways {
			version, callback := version, callback
			t.Run(name+"/"+way, func(t *testing.T) {
				serving := serverContext(t, "ecdsa")
				must(t, serving.SetClientHelloCallback(callback))
				config := &tls.Config{RootCAs: goPool(t), ServerName: "other.example", NextProtos: []string{"h2", "http/1.1"}, MaxVersion: version.gos}
				clientErr, serverErr := helloed(t, func(near net.Conn) handshaker { return tls.Client(near, config) }, serving, func(client handshaker, server *tlsock.Conn) {
					equal(t, "protocol", client.(*tls.Conn).ConnectionState().NegotiatedProtocol, "http/1.1")
					now, err := server.Context()
					must(t, err)
					equal(t, "context", now.Same(other), true)
				})
				must(t, clientErr)
				must(t, serverErr)
			})
		}
	}
}

// What a callback fails with is told by an alert, and is found in the server's error.
func TestClientHelloRefuses(t *testing.T) {
	closed := serverContext(t, "ecdsa")
	must(t, closed.Close())
	for name, c := range map[string]struct {
		chosen *tlsock.Context
		err    error
		alert  int
	}{
		"alert":          {nil, tlsock.Alert(tlsock.AlertAccessDenied), tlsock.AlertAccessDenied},
		"error":          {nil, errOurs, tlsock.AlertHandshakeFailure},
		"no alert":       {nil, tlsock.Alert(1000), tlsock.AlertHandshakeFailure},
		"closed context": {closed, nil, tlsock.AlertHandshakeFailure},
	} {
		c := c
		for version, at := range bothVersions {
			at := at
			t.Run(name+"/"+version, func(t *testing.T) {
				serving := serverContext(t, "ecdsa")
				must(t, serving.SetClientHelloCallback(func(context.Context, *tlsock.Object, *tlsock.ClientHello) (*tlsock.Context, error) {
					return c.chosen, c.err
				}))
				config := &tls.Config{RootCAs: goPool(t), ServerName: "localhost", MaxVersion: at.gos}
				clientErr, serverErr := helloed(t, func(near net.Conn) handshaker { return tls.Client(near, config) }, serving, nil)
				var own *tlsock.Error
				if !errors.As(serverErr, &own) || c.err != nil && !errors.Is(serverErr, c.err) {
					t.Fatalf("the server says %v", serverErr)
				}
				equal(t, "alert sent", own.AlertSent, c.alert)
				var operation *net.OpError
				equal(t, "an alert", errors.As(clientErr, &operation) && operation.Op == "remote error", true)
			})
		}
	}
}

// A second ClientHello, after a HelloRetryRequest, is shown as well.
func TestClientHelloIsShownTwiceInARetry(t *testing.T) {
	serving, seen := serverContext(t, "ecdsa"), &seenHellos{}
	must(t, serving.SetECDHCurve("secp384r1"))
	must(t, serving.SetClientHelloCallback(seen.see))
	config := &tls.Config{RootCAs: goPool(t), ServerName: "localhost", CurvePreferences: []tls.CurveID{tls.CurveP256, tls.CurveP384}, MinVersion: tls.VersionTLS13}
	clientErr, serverErr := helloed(t, func(near net.Conn) handshaker { return tls.Client(near, config) }, serving, nil)
	must(t, clientErr)
	must(t, serverErr)
	equal(t, "hellos", len(seen.all), 2)
	equal(t, "second", !seen.all[0].IsSecond && seen.all[1].IsSecond, true)
	equal(t, "the same offer", reflect.DeepEqual(seen.all[0].Ciphers, seen.all[1].Ciphers), true)
	must(t, serving.SetClientHelloCallback(nil))
	_, serverErr = helloed(t, func(near net.Conn) handshaker { return tls.Client(near, config) }, serving, nil)
	must(t, serverErr)
	equal(t, "after it was cleared", len(seen.all), 2)
}

func TestClientsGetNoClientHello(t *testing.T) {
	if err := clientContext(t).SetClientHelloCallback((&seenHellos{}).see); !errors.Is(err, tlsock.ErrValue) {
		t.Error(err)
	}
}

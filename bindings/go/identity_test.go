package tlsock_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"

	"tlsock"
)

// identityOf is made of files of tests/certs.
func identityOf(t testing.TB, name string) *tlsock.Identity {
	t.Helper()
	identity, err := tlsock.NewIdentity(file(name+".pem"), file(name+".key"), "")
	must(t, err)
	t.Cleanup(func() { identity.Close() })
	return identity
}

// A server is told what crypto/tls tells its GetCertificate, and shows what the callback chose.
func TestServersChooseAnIdentity(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			config := &tls.Config{RootCAs: goPool(t), MinVersion: version.gos, MaxVersion: version.gos}
			visit := func(name string, server func(net.Conn) handshaker) string {
				near, far := loopback(t)
				asking := config.Clone()
				asking.ServerName = name
				client, serving := tls.Client(near, asking), server(far)
				limit(t, client, serving)
				defer client.Close()
				defer serving.Close()
				clientErr, serverErr := shakeHands(client, serving)
				must(t, clientErr)
				must(t, serverErr)
				return client.ConnectionState().PeerCertificates[0].Subject.CommonName
			}
			files := map[string]string{"localhost": "rsa", "other.example": "wrong-name"}
			var told []tls.ClientHelloInfo
			theirs := &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
				told = append(told, *hello)
				pair := goPair(t, files[hello.ServerName])
				return &pair, nil
			}}
			serving := serverContext(t, "self-signed")
			var asked []tlsock.IdentityRequest
			must(t, serving.SetIdentityCallback(func(_ context.Context, object *tlsock.Object, request *tlsock.IdentityRequest) (*tlsock.Identity, error) {
				equal(t, "has a net.Conn", object.NetConn() != nil, true)
				equal(t, "server", object.ServerSide() && request.ServerSide, true)
				asked = append(asked, *request)
				return identityOf(t, files[request.ServerName]), nil
			}))
			for name := range files {
				want := visit(name, func(far net.Conn) handshaker { return tls.Server(far, theirs) })
				equal(t, "shown for "+name, visit(name, func(far net.Conn) handshaker { return tlsock.Server(far, serving) }), want)
				own, their := asked[len(asked)-1], told[len(told)-1]
				equal(t, "name", own.ServerName, their.ServerName)
				equal(t, "algorithms", fmt.Sprint(own.SignatureAlgorithms), fmt.Sprint(their.SignatureSchemes))
				equal(t, "authorities", len(own.CANames), 0)
			}
		})
	}
}

// A client is told what crypto/tls tells its GetClientCertificate, and shows what the callback chose, or nothing.
func TestClientsChooseAnIdentity(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			config := &tls.Config{Certificates: []tls.Certificate{goPair(t, "ecdsa")}, ClientCAs: goPool(t),
				ClientAuth: tls.VerifyClientCertIfGiven, MinVersion: version.gos, MaxVersion: version.gos}
			visit := func(client func(net.Conn) handshaker) (seen string) {
				near, far := loopback(t)
				own, server := client(near), tls.Server(far, config)
				limit(t, own, server)
				defer own.Close()
				defer server.Close()
				clientErr, serverErr := shakeHands(own, server)
				must(t, clientErr)
				must(t, serverErr)
				for _, certificate := range server.ConnectionState().PeerCertificates {
					seen += certificate.Subject.CommonName + ", "
				}
				return seen
			}
			var told *tls.CertificateRequestInfo
			theirs := &tls.Config{RootCAs: goPool(t), ServerName: "localhost",
				GetClientCertificate: func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
					told = info
					pair := goPair(t, "client")
					return &pair, nil
				}}
			trusting := clientContext(t)
			var asked *tlsock.IdentityRequest
			choice := identityOf(t, "client")
			must(t, trusting.SetIdentityCallback(func(_ context.Context, object *tlsock.Object, request *tlsock.IdentityRequest) (*tlsock.Identity, error) {
				equal(t, "server", object.ServerSide() || request.ServerSide, false)
				asked = request
				return choice, nil
			}))
			want := visit(func(near net.Conn) handshaker { return tls.Client(near, theirs) })
			ours := func(near net.Conn) handshaker { return tlsock.Client(near, trusting, "localhost") }
			equal(t, "shown", visit(ours), want)
			equal(t, "algorithms", fmt.Sprint(asked.SignatureAlgorithms), fmt.Sprint(told.SignatureSchemes))
			var authorities [][]byte
			for _, name := range asked.CANames {
				authorities = append(authorities, name.DER)
				equal(t, "text", name.Text, "CN=tlsock test root")
			}
			equal(t, "authorities", reflect.DeepEqual(authorities, told.AcceptableCAs), true)
			choice = nil
			equal(t, "without", visit(ours), "")
		})
	}
}

// What a callback fails with ends the handshake, with its own error, on both sides and in both versions.
func TestIdentityCallbacksThatFail(t *testing.T) {
	closed := identityOf(t, "ecdsa")
	must(t, closed.Close())
	for name, c := range map[string]struct {
		callback tlsock.IdentityCallback
		text     string
		is       error
	}{
		"error": {func(context.Context, *tlsock.Object, *tlsock.IdentityRequest) (*tlsock.Identity, error) {
			return nil, errOurs
		},
			errOurs.Error(), errOurs},
		"panic": {func(context.Context, *tlsock.Object, *tlsock.IdentityRequest) (*tlsock.Identity, error) {
			panic("no more")
		}, "no more", nil},
		"Goexit": {func(context.Context, *tlsock.Object, *tlsock.IdentityRequest) (*tlsock.Identity, error) {
			runtime.Goexit()
			return nil, nil
		}, "Goexit", nil},
		"closed": {func(context.Context, *tlsock.Object, *tlsock.IdentityRequest) (*tlsock.Identity, error) {
			return closed, nil
		}, "identity is closed", net.ErrClosed},
		"unmade": {func(context.Context, *tlsock.Object, *tlsock.IdentityRequest) (*tlsock.Identity, error) {
			return &tlsock.Identity{}, nil
		},
			"no function of this package made", nil},
	} {
		for version, at := range bothVersions {
			for _, side := range []string{"client", "server"} {
				c, at, side := c, at, side
				t.Run(name+"/"+version+"/"+side, func(t *testing.T) {
					contexts := map[string]*tlsock.Context{"client": clientContext(t), "server": wanting(t)}
					must(t, contexts[side].SetIdentityCallback(c.callback))
					must(t, contexts[side].SetMaximumVersion(at.ours))
					near, far := loopback(t)
					client, server := tlsock.Client(near, contexts["client"], "localhost"), tlsock.Server(far, contexts["server"])
					limit(t, client, server)
					clientErr, serverErr := shakeHands(client, server)
					err := map[string]error{"client": clientErr, "server": serverErr}[side]
					if clientErr == nil && side == "server" || err == nil || !strings.Contains(err.Error(), c.text) || c.is != nil && !errors.Is(err, c.is) {
						t.Fatalf("the client says %v, the server %v", clientErr, serverErr)
					}
					var panicked *tlsock.PanicError
					equal(t, "panicked", errors.As(err, &panicked), name == "panic")
					must(t, contexts[side].SetIdentityCallback(nil))
					pair(t, contexts["client"], contexts["server"])
				})
			}
		}
	}
}

// wanting is a server that wants a certificate, if there is one.
func wanting(t testing.TB) *tlsock.Context {
	t.Helper()
	context := serverContext(t, "ecdsa")
	must(t, context.LoadVerifyLocations(tlsock.VerifyLocations{CAFile: file("ca.pem")}))
	must(t, context.SetVerifyMode(tlsock.CertOptional))
	return context
}

// A server that is given none has nothing to show.
func TestServersWithoutAnIdentity(t *testing.T) {
	for name, version := range bothVersions {
		serving := serverContext(t, "ecdsa")
		must(t, serving.SetMaximumVersion(version.ours))
		must(t, serving.SetIdentityCallback(func(context.Context, *tlsock.Object, *tlsock.IdentityRequest) (*tlsock.Identity, error) {
			return nil, nil
		}))
		if err := greet(t, clientContext(t), serving, nil, nil); err == nil {
			t.Errorf("%s: a server without an identity was believed", name)
		}
	}
}

// A resumed session shows nothing new: nobody is asked.
func TestNoIdentityIsChosenForASession(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			serving, trusting := serverContext(t, "self-signed"), clientContext(t)
			must(t, trusting.SetMaximumVersion(version.ours))
			asked, own := 0, identityOf(t, "ecdsa")
			must(t, serving.SetIdentityCallback(func(context.Context, *tlsock.Object, *tlsock.IdentityRequest) (*tlsock.Identity, error) {
				asked++
				return own, nil
			}))
			_, session := meet(t, trusting, serving, nil)
			reused, _ := meet(t, trusting, serving, session)
			equal(t, "resumed", reused, true)
			equal(t, "asked", asked, 1)
		})
	}
}

// The callback may wait as long as its context lasts, and the answer is not waited for after that; Close ends it as well.
func TestIdentityCallbacksWait(t *testing.T) {
	never := make(chan bool)
	defer close(never)
	for name, obeys := range map[string]bool{"obeys": true, "does not": false} {
		for _, end := range []string{"context", "close"} {
			obeys, end := obeys, end
			t.Run(name+"/"+end, func(t *testing.T) {
				asked := make(chan context.Context, 1)
				serving := serverContext(t, "ecdsa")
				must(t, serving.SetIdentityCallback(func(ctx context.Context, object *tlsock.Object, _ *tlsock.IdentityRequest) (*tlsock.Identity, error) {
					equal(t, "the object's", object.HandshakeContext(), ctx)
					asked <- ctx
					if !obeys {
						<-never
					}
					<-ctx.Done()
					return nil, ctx.Err()
				}))
				near, far := loopback(t)
				client, server := tlsock.Client(near, clientContext(t), "localhost"), tlsock.Server(far, serving)
				defer client.Close()
				limit(t, client)
				go client.Handshake()
				ctx, cancel := context.WithCancel(context.WithValue(context.Background(), contextKey{}, "ours"))
				defer cancel()
				ended := make(chan error, 1)
				go func() { ended <- server.HandshakeContext(ctx) }()
				given := <-asked
				equal(t, "value", given.Value(contextKey{}), any("ours"))
				equal(t, "not over", given.Err(), error(nil))
				want := error(context.Canceled)
				if end == "close" {
					must(t, server.Close())
					want = net.ErrClosed
				} else {
					cancel()
				}
				within(t, "the handshake", func() { equal(t, "error", <-ended, want) })
				server.Close()
			})
		}
	}
}

// Slow choices delay no other connection, however many there are.
func TestSlowIdentityCallbacksDelayNobody(t *testing.T) {
	serving, trusting, own := serverContext(t, "self-signed"), clientContext(t), identityOf(t, "ecdsa")
	count := 2*runtime.GOMAXPROCS(0) + 1
	var inside, group sync.WaitGroup
	inside.Add(count)
	must(t, serving.SetIdentityCallback(func(context.Context, *tlsock.Object, *tlsock.IdentityRequest) (*tlsock.Identity, error) {
		inside.Done()
		inside.Wait()
		return own, nil
	}))
	for i := 0; i < count; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			pair(t, trusting, serving)
		}()
	}
	within(t, "a handshake", group.Wait)
}

// A callback may take itself away, replace itself and close its context and its identity.
func TestIdentityCallbacksThatChangeThings(t *testing.T) {
	trusting := clientContext(t)
	second := func(context.Context, *tlsock.Object, *tlsock.IdentityRequest) (*tlsock.Identity, error) {
		return nil, errOurs
	}
	for name, change := range map[string]func(*tlsock.Context) error{
		"cleared":  func(c *tlsock.Context) error { return c.SetIdentityCallback(nil) },
		"replaced": func(c *tlsock.Context) error { return c.SetIdentityCallback(second) },
		"closed":   (*tlsock.Context).Close,
	} {
		change := change
		t.Run(name, func(t *testing.T) {
			serving := serverContext(t, "self-signed")
			must(t, serving.SetIdentityCallback(func(context.Context, *tlsock.Object, *tlsock.IdentityRequest) (*tlsock.Identity, error) {
				identity, err := tlsock.NewIdentity(file("ecdsa.pem"), file("ecdsa.key"), "")
				must(t, err)
				return identity, change(serving)
			}))
			client, server := pair(t, trusting, serving)
			runtime.GC()
			go echo(server)
			exchange(t, client, "still there")
			if name == "replaced" {
				if err := greet(t, trusting, serving, nil, nil); err == nil {
					t.Error("the second callback was not asked")
				}
			}
		})
	}
}

// givers are the ways in which a server gets an identity.
func givers(identity *tlsock.Identity) []func(*tlsock.Context) error {
	return []func(*tlsock.Context) error{
		func(server *tlsock.Context) error { return server.UseIdentity(identity) },
		func(server *tlsock.Context) error {
			return server.SetIdentityCallback(func(context.Context, *tlsock.Object, *tlsock.IdentityRequest) (*tlsock.Identity, error) {
				return identity, nil
			})
		},
	}
}

// seenByGo is what a client of crypto/tls knows after its handshake with a server, in at most this version.
func seenByGo(t *testing.T, server *tlsock.Context, version uint16) tls.ConnectionState {
	t.Helper()
	near, far := loopback(t)
	theirs := tls.Client(near, &tls.Config{RootCAs: goPool(t), ServerName: "localhost", MaxVersion: version})
	ours := tlsock.Server(far, server)
	defer theirs.Close()
	defer ours.Close()
	limit(t, theirs, ours)
	done := make(chan error, 1)
	go func() { done <- ours.Handshake() }()
	must(t, theirs.Handshake())
	must(t, <-done)
	return theirs.ConnectionState()
}

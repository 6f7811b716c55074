package tlsock_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"

	"tlsock"
)

// refusal is an error of a hook, with more in it than a text.
type refusal struct{ peer string }

func (r *refusal) Error() string { return "nobody wants " + r.peer }

func refuse(_ context.Context, _ *tlsock.Object, v *tlsock.Verification) error {
	return &refusal{v.Certificate.Subject()}
}

// sides are contexts for a connection on which either side verifies the other.
func sides(t testing.TB, version tlsock.TLSVersion) map[string]*tlsock.Context {
	t.Helper()
	client, server := clientContext(t), wanting(t)
	must(t, client.LoadCertChain(file("client.pem"), file("client.key"), ""))
	must(t, server.SetVerifyMode(tlsock.CertRequired))
	must(t, client.SetMaximumVersion(version))
	return map[string]*tlsock.Context{"client": client, "server": server}
}

// bothSides runs a test on each side in each version.
func bothSides(t *testing.T, test func(t *testing.T, side string, contexts map[string]*tlsock.Context)) {
	for name, version := range bothVersions {
		for _, side := range []string{"client", "server"} {
			version, side := version, side
			t.Run(name+"/"+side, func(t *testing.T) { test(t, side, sides(t, version.ours)) })
		}
	}
}

// together does a handshake and an exchange, and gives what a side fails with: the server of TLS 1.3 judges after the client's
// end.
func together(t *testing.T, contexts map[string]*tlsock.Context, look func(client, server *tlsock.Conn)) map[string]error {
	t.Helper()
	near, far := loopback(t)
	client, server := tlsock.Client(near, contexts["client"], "localhost"), tlsock.Server(far, contexts["server"])
	limit(t, client, server)
	defer client.Close()
	defer server.Close()
	clientErr, serverErr := shakeHands(client, server)
	if clientErr == nil && serverErr == nil && look != nil {
		look(client, server)
	}
	if clientErr == nil && serverErr != nil {
		_, clientErr = client.Read(make([]byte, 1))
	}
	return map[string]error{"client": clientErr, "server": serverErr}
}

// What a hook sees of a check that has passed.
func TestVerifyCallbackSees(t *testing.T) {
	bothSides(t, func(t *testing.T, side string, contexts map[string]*tlsock.Context) {
		var seen *tlsock.Verification
		must(t, contexts[side].SetVerifyCallback(func(ctx context.Context, object *tlsock.Object, v *tlsock.Verification) error {
			equal(t, "server", object.ServerSide(), side == "server")
			equal(t, "the object's context", object.HandshakeContext(), ctx)
			seen = v
			return nil
		}))
		errs := together(t, contexts, func(client, server *tlsock.Conn) {
			conn := map[string]*tlsock.Conn{"client": client, "server": server}[side]
			certificate, err := conn.GetPeerCert()
			must(t, err)
			equal(t, "certificate", certificate.Equal(seen.Certificate), true)
			chain, err := conn.GetVerifiedChain()
			must(t, err)
			equal(t, "chain", fmt.Sprint(chain), fmt.Sprint(seen.Chain))
			sent, err := conn.GetUnverifiedChain()
			must(t, err)
			equal(t, "sent", fmt.Sprint(sent), fmt.Sprint(seen.SentChain))
			equal(t, "overridden", conn.VerifyOverridden(), false)
			result, err := conn.VerifyResult()
			must(t, err)
			equal(t, "result", result, 0)
		})
		must(t, errs[side])
		equal(t, "code", seen.Code, 0)
		equal(t, "message", seen.Message, "")
		equal(t, "depth", seen.Depth, -1)
		equal(t, "lengths", len(seen.Chain)*10+len(seen.SentChain), 32)
		equal(t, "verified", seen.Certificate.Verified() && seen.Chain[2].Verified() && !seen.SentChain[0].Verified(), true)
		if side == "client" {
			equal(t, "expected", strings.Join(seen.ExpectedNames, " "), "localhost")
			equal(t, "offered", strings.Contains(strings.Join(seen.OfferedNames, " "), "localhost"), true)
		} else {
			equal(t, "expected", len(seen.ExpectedNames), 0)
		}
	})
}

// A hook's error is found in that of the handshake, and the peer gets an alert.
func TestVerifyCallbackRefuses(t *testing.T) {
	bothSides(t, func(t *testing.T, side string, contexts map[string]*tlsock.Context) {
		must(t, contexts[side].SetVerifyCallback(refuse))
		errs := together(t, contexts, nil)
		var own *refusal
		var verification *tlsock.CertVerificationError
		err := errs[side]
		if !errors.As(err, &own) || !errors.As(err, &verification) || !errors.Is(err, tlsock.ErrCertVerification) {
			t.Fatalf("the %s says %v", side, err)
		}
		equal(t, "peer", strings.Contains(own.peer, map[string]string{"client": "localhost", "server": "client"}[side]), true)
		equal(t, "code", verification.VerifyCode, 50)
		equal(t, "text", strings.Contains(err.Error(), own.Error()), true)
		equal(t, "who speaks", strings.Count(err.Error(), "tlsock:"), 1)
		var told *tlsock.Error
		other := errs[map[string]string{"client": "server", "server": "client"}[side]]
		if !errors.As(other, &told) || told.AlertReceived <= 0 {
			t.Errorf("the peer says %v", other)
		}
	})
}

func TestVerifyCallbacksThatFail(t *testing.T) {
	bothSides(t, func(t *testing.T, side string, contexts map[string]*tlsock.Context) {
		for name, fail := range map[string]func(){"panic": func() { panic("no more") }, "Goexit": runtime.Goexit} {
			fail := fail
			must(t, contexts[side].SetVerifyCallback(func(context.Context, *tlsock.Object, *tlsock.Verification) error { fail(); return nil }))
			err := together(t, contexts, nil)[side]
			var panicked *tlsock.PanicError
			equal(t, "panicked", errors.As(err, &panicked), name == "panic")
			if !errors.Is(err, tlsock.ErrCertVerification) || name == "Goexit" && !strings.Contains(err.Error(), "Goexit") {
				t.Errorf("%s: %v", name, err)
			}
		}
		must(t, contexts[side].SetVerifyCallback(nil))
		must(t, together(t, contexts, nil)[side])
	})
}

// A hook adds to the check: what the check has refused stays refused, and is not even shown, unless the setter's name says
// INSECURE.
func TestVerifyCallbackCannotWeaken(t *testing.T) {
	for name, code := range map[string]int{"expired": 10, "self-signed": 18, "wrong-name": 62} {
		for version, at := range bothVersions {
			name, code, at := name, code, at
			t.Run(name+"/"+version, func(t *testing.T) {
				trusting, serving := clientContext(t), serverContext(t, name)
				must(t, trusting.SetMaximumVersion(at.ours))
				asked, answer := 0, error(nil)
				accept := func(_ context.Context, _ *tlsock.Object, v *tlsock.Verification) error {
					asked++
					equal(t, "code", v.Code, code)
					equal(t, "message", v.Message != "", true)
					equal(t, "depth", v.Depth, 0)
					equal(t, "verified", v.Certificate.Verified(), false)
					return answer
				}
				must(t, trusting.SetVerifyCallback(accept))
				err := greet(t, trusting, serving, nil, nil)
				var refused *tlsock.CertVerificationError
				if !errors.As(err, &refused) || refused.VerifyCode != code {
					t.Errorf("the client says %v", err)
				}
				equal(t, "asked", asked, 0)
				must(t, trusting.SetVerifyCallbackInsecureOverride(accept))
				must(t, greet(t, trusting, serving, nil, func(client, _ *tlsock.Conn) {
					equal(t, "overridden", client.VerifyOverridden(), true)
					result, err := client.VerifyResult()
					must(t, err)
					equal(t, "result", result, code)
					certificate, err := client.PeerCertificate()
					must(t, err)
					equal(t, "verified", certificate.Verified(), false)
					equal(t, "chains", len(client.State().VerifiedChains), 0)
				}))
				equal(t, "asked", asked, 1)
				answer = errOurs
				if err := greet(t, trusting, serving, nil, nil); !errors.Is(err, errOurs) || !errors.As(err, &refused) || refused.VerifyCode != code {
					t.Errorf("the client says %v", err)
				}
				must(t, trusting.SetVerifyCallbackInsecureOverride(nil))
				if err := greet(t, trusting, serving, nil, nil); err == nil {
					t.Error("without a hook it was accepted")
				}
			})
		}
	}
}

// With CertNone nothing is demanded: a hook is the only one that refuses.
func TestVerifyCallbackAlone(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			trusting := clientContext(t)
			must(t, trusting.SetCheckHostname(false))
			must(t, trusting.SetVerifyMode(tlsock.CertNone))
			must(t, trusting.SetMaximumVersion(version.ours))
			var answer error
			must(t, trusting.SetVerifyCallback(func(_ context.Context, _ *tlsock.Object, v *tlsock.Verification) error {
				equal(t, "code", v.Code, 18)
				return answer
			}))
			must(t, greet(t, trusting, serverContext(t, "self-signed"), nil, nil))
			answer = errOurs
			if err := greet(t, trusting, serverContext(t, "self-signed"), nil, nil); !errors.Is(err, errOurs) {
				t.Errorf("the client says %v", err)
			}
		})
	}
}

// Whatever a session was made with, a peer that resumes it is judged by a full handshake.
func TestResumptionSkipsNoVerifyCallback(t *testing.T) {
	bothSides(t, func(t *testing.T, side string, contexts map[string]*tlsock.Context) {
		_, session := meet(t, contexts["client"], contexts["server"], nil)
		reused, session := meet(t, contexts["client"], contexts["server"], session)
		equal(t, "without a hook", reused, true)
		data, err := session.Data()
		must(t, err)
		asked := 0
		must(t, contexts[side].SetVerifyCallback(func(context.Context, *tlsock.Object, *tlsock.Verification) error { asked++; return nil }))
		// A session from before, one that was made under the hook, and one that was stored.
		reused, session = meet(t, contexts["client"], contexts["server"], session)
		equal(t, "from before", reused, false)
		reused, session = meet(t, contexts["client"], contexts["server"], session)
		equal(t, "from now", reused, false)
		judged := 2
		if stored, err := contexts["client"].NewSessionData(data); side == "server" {
			must(t, err)
			reused, session = meet(t, contexts["client"], contexts["server"], stored)
			equal(t, "stored", reused, false)
			judged++
		} else if !errors.Is(err, tlsock.ErrValue) {
			t.Errorf("a session that was stored without a hook: %v", err)
		}
		equal(t, "asked", asked, judged)
		must(t, contexts[side].SetVerifyCallback(refuse))
		near, far := loopback(t)
		client, server := tlsock.Client(near, contexts["client"], "localhost"), tlsock.Server(far, contexts["server"])
		limit(t, client, server)
		defer client.Close()
		defer server.Close()
		must(t, client.SetSession(session))
		clientErr, serverErr := shakeHands(client, server)
		if err := map[string]error{"client": clientErr, "server": serverErr}[side]; !errors.Is(err, tlsock.ErrCertVerification) {
			t.Errorf("a session of one who is refused now: %v", err)
		}
	})
}

// A Dialer asks the hook each time.
func TestDialersSkipNoVerifyCallback(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			address := echoing(t, serverContext(t, "ecdsa"))
			dialer := localDialer(t)
			must(t, dialer.Context.SetMaximumVersion(version.ours))
			visit(t, dialer, address)
			equal(t, "without a hook", visit(t, dialer, address), true)
			asked := 0
			must(t, dialer.Context.SetVerifyCallback(func(context.Context, *tlsock.Object, *tlsock.Verification) error { asked++; return nil }))
			for i := 1; i < 4; i++ {
				equal(t, "resumed", visit(t, dialer, address), false)
				equal(t, "asked", asked, i)
			}
			must(t, dialer.Context.SetVerifyCallback(refuse))
			if _, err := dialer.Dial("tcp", address); !errors.Is(err, tlsock.ErrCertVerification) {
				t.Errorf("refused: %v", err)
			}
		})
	}
}

// The check of a certificate that is asked for after the handshake is a read's.
func TestVerifyCallbackAfterTheHandshake(t *testing.T) {
	contexts := sides(t, tlsock.TLSVersionTLSv13)
	for _, context := range contexts {
		must(t, context.SetPostHandshakeAuth(true))
	}
	for _, answer := range []error{nil, errOurs} {
		asked := 0
		must(t, contexts["server"].SetVerifyCallback(func(ctx context.Context, object *tlsock.Object, v *tlsock.Verification) error {
			asked++
			equal(t, "a handshake's context", object.HandshakeContext(), context.Background())
			equal(t, "over", ctx.Err(), error(nil))
			return answer
		}))
		client, server := pair(t, contexts["client"], contexts["server"])
		equal(t, "asked in the handshake", asked, 0)
		must(t, server.VerifyClientPostHandshake())
		_, err := server.Write([]byte("!"))
		must(t, err)
		_, err = client.Read(make([]byte, 1))
		must(t, err)
		_, err = client.Write([]byte("!"))
		must(t, err)
		_, err = server.Read(make([]byte, 1))
		equal(t, "asked", asked, 1)
		equal(t, "refused", errors.Is(err, errOurs) && errors.Is(err, tlsock.ErrCertVerification), answer != nil)
		equal(t, "accepted", err == nil, answer == nil)
	}
}

// A hook may take as long as its context lasts, and is not waited for after that; Close ends it as well.
func TestVerifyCallbacksWait(t *testing.T) {
	never := make(chan bool)
	defer close(never)
	for name, obeys := range map[string]bool{"obeys": true, "does not": false} {
		for _, end := range []string{"context", "close"} {
			obeys, end := obeys, end
			t.Run(name+"/"+end, func(t *testing.T) {
				asked, trusting := make(chan *tlsock.Object, 1), clientContext(t)
				must(t, trusting.SetVerifyCallback(func(ctx context.Context, object *tlsock.Object, _ *tlsock.Verification) error {
					equal(t, "value", ctx.Value(contextKey{}), any("ours"))
					asked <- object
					if !obeys {
						<-never
					}
					<-ctx.Done()
					return ctx.Err()
				}))
				near, far := loopback(t)
				client, server := tlsock.Client(near, trusting, "localhost"), tlsock.Server(far, serverContext(t, "ecdsa"))
				defer server.Close()
				limit(t, server)
				go server.Handshake()
				ctx, cancel := context.WithCancel(context.WithValue(context.Background(), contextKey{}, "ours"))
				defer cancel()
				ended := make(chan error, 1)
				go func() { ended <- client.HandshakeContext(ctx) }()
				object := <-asked
				within(t, "a getter", func() { equal(t, "server", object.ServerSide(), false) })
				want := error(context.Canceled)
				if end == "close" {
					must(t, client.Close())
					want = net.ErrClosed
				} else {
					cancel()
				}
				within(t, "the handshake", func() { equal(t, "error", <-ended, want) })
				if _, err := object.PeerCertificate(); !errors.Is(err, tlsock.ErrValue) {
					t.Errorf("the object after it: %v", err)
				}
				client.Close()
			})
		}
	}
}

// A hook may take itself away, replace itself and close its context.
func TestVerifyCallbacksThatChangeThings(t *testing.T) {
	for name, change := range map[string]func(*tlsock.Context) error{
		"cleared":  func(c *tlsock.Context) error { return c.SetVerifyCallback(nil) },
		"replaced": func(c *tlsock.Context) error { return c.SetVerifyCallback(refuse) },
		"closed":   (*tlsock.Context).Close,
	} {
		change := change
		t.Run(name, func(t *testing.T) {
			trusting, serving := clientContext(t), serverContext(t, "ecdsa")
			must(t, trusting.SetVerifyCallback(func(context.Context, *tlsock.Object, *tlsock.Verification) error {
				defer runtime.GC()
				return change(trusting)
			}))
			client, server := pair(t, trusting, serving)
			go echo(server)
			exchange(t, client, "still there")
			if name == "replaced" {
				if err := greet(t, trusting, serving, nil, nil); !errors.Is(err, tlsock.ErrCertVerification) {
					t.Errorf("the second hook was not asked: %v", err)
				}
			}
		})
	}
}

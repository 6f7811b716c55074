package tlsock_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"tlsock"
	"tlsock/internal/fixture"
)

// naming gives the address of a server that tells each client as whom it sees it.
func naming(t *testing.T, serving *tlsock.Context, name func(*tlsock.Conn) string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	return fixture.Accept(t, listener, func(far net.Conn) {
		server := tlsock.Server(far, serving)
		defer server.Close()
		// What fails here fails at the client, which looks, or has left.
		if server.SetDeadline(time.Now().Add(testLimit)) == nil && server.Handshake() == nil {
			_, _ = io.WriteString(server, name(server))
			_ = server.CloseWrite()
			_, _ = io.Copy(io.Discard, server)
		}
	})
}

// byCertificate is a server that names clients by their certificates.
func byCertificate(t *testing.T) string {
	t.Helper()
	serving := serverContext(t, "ecdsa")
	must(t, serving.LoadVerifyLocations(tlsock.VerifyLocations{CAFile: file("ca.pem")}))
	must(t, serving.SetVerifyMode(tlsock.CertOptional))
	must(t, serving.SetVerifyFlags(serving.VerifyFlags()&^tlsock.VerifyX509Strict)) // of bob's
	return naming(t, serving, func(server *tlsock.Conn) string {
		certificate, err := server.GetPeerCert()
		if certificate == nil {
			return map[bool]string{true: "nobody", false: "an error"}[err == nil]
		}
		return certificate.SerialNumber()
	})
}

type userKey struct{}

// visitAs dials for a user, and gives as whom the server saw that and whether a session was resumed.
func visitAs(t *testing.T, dialer *tlsock.Dialer, address, user string) (seen string, resumed bool) {
	t.Helper()
	conn, err := dialer.DialContext(context.WithValue(context.Background(), userKey{}, user), "tcp", address)
	must(t, err)
	defer conn.Close()
	limit(t, conn)
	text, err := io.ReadAll(conn)
	must(t, err)
	return string(text), conn.(*tlsock.Conn).SessionReused()
}

// users are clients with certificates; nobody has none.
var users = map[string]string{"alice": "client", "bob": "plain", "nobody": ""}

// choosing is an identity callback that shows the certificate of the user for whom is dialed.
func choosing(t *testing.T, asked *[]string) tlsock.IdentityCallback {
	identities := map[string]*tlsock.Identity{}
	for user, name := range users {
		if name != "" {
			identities[user] = identityOf(t, name)
		}
	}
	return func(ctx context.Context, _ *tlsock.Object, _ *tlsock.IdentityRequest) (*tlsock.Identity, error) {
		user := ctx.Value(userKey{}).(string)
		*asked = append(*asked, user)
		return identities[user], nil
	}
}

// serial is as whom the server that names by certificates sees a user.
func serial(t *testing.T, user string) string {
	t.Helper()
	if users[user] == "" {
		return "nobody"
	}
	certificates, err := identityOf(t, users[user]).Certificates()
	must(t, err)
	return certificates[0].SerialNumber()
}

// Where a callback chooses who the client is, each dial is as the user that it is for, and not as one who dialed before.
func TestNoUserIsResumedForAnother(t *testing.T) {
	if serial(t, "alice") == serial(t, "bob") {
		t.Fatal("the server cannot tell the users from each other")
	}
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			address := byCertificate(t)
			dialer := localDialer(t)
			must(t, dialer.Context.SetMaximumVersion(version.ours))
			var asked []string
			must(t, dialer.Context.SetIdentityCallback(choosing(t, &asked)))
			order := []string{"alice", "bob", "nobody", "alice", "nobody", "bob", "bob"}
			for _, user := range order {
				seen, resumed := visitAs(t, dialer, address, user)
				equal(t, user+" is seen as", seen, serial(t, user))
				equal(t, user+" resumed", resumed, false)
			}
			equal(t, "asked", fmt.Sprint(asked), fmt.Sprint(order))
		})
	}
}

// The same of a client's pre-shared keys.
func TestNoPreSharedKeyIsResumedForAnother(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			serving, err := tlsock.NewContext(tlsock.ProtocolTLSServer)
			must(t, err)
			trusting, err := tlsock.NewContext(tlsock.ProtocolTLSClient)
			must(t, err)
			must(t, trusting.SetCheckHostname(false))
			must(t, trusting.SetVerifyMode(tlsock.CertNone))
			for _, c := range []*tlsock.Context{serving, trusting} {
				c := c
				t.Cleanup(func() { c.Close() })
				must(t, c.SetCiphers("PSK"))
				must(t, c.SetMaximumVersion(version.ours))
			}
			const key = "0123456789abcdef"
			var seen, asked []string
			must(t, serving.SetPSKServerCallback(func(_ *tlsock.Object, identity string) ([]byte, error) {
				if users[identity] == "" {
					return nil, nil
				}
				seen = append(seen, identity)
				return []byte(key), nil
			}, ""))
			must(t, trusting.SetPSKClientCallback(func(object *tlsock.Object, _ string) (string, []byte, error) {
				user := object.HandshakeContext().Value(userKey{}).(string)
				if len(asked) == 0 || asked[len(asked)-1] != user {
					asked = append(asked, user)
				}
				return user, []byte(key), nil
			}))
			address := naming(t, serving, func(*tlsock.Conn) string { return seen[len(seen)-1] })
			dialer := &tlsock.Dialer{Context: trusting, ServerName: "localhost"}
			order := []string{"alice", "bob", "alice"}
			for _, user := range order {
				is, _ := visitAs(t, dialer, address, user)
				equal(t, user+" is seen as", is, user)
			}
			equal(t, "asked", fmt.Sprint(asked), fmt.Sprint(order))
		})
	}
}

// anotherHandle is one on the same context.
func anotherHandle(t *testing.T, c *tlsock.Context, address string) *tlsock.Context {
	t.Helper()
	dialer := &tlsock.Dialer{Context: c, ServerName: "localhost", SessionsDisabled: true}
	conn, err := dialer.Dial("tcp", address)
	must(t, err)
	defer conn.Close()
	other, err := conn.(*tlsock.Conn).Context()
	must(t, err)
	t.Cleanup(func() { other.Close() })
	return other
}

// What was kept before such a callback was set is not offered while it is there, nor is anything kept that comes later; without it
// sessions are resumed again. It does not matter through which handle it was set.
func TestAnIdentityCallbackThatComesAndGoes(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			address := byCertificate(t)
			dialer := localDialer(t)
			must(t, dialer.Context.SetMaximumVersion(version.ours))
			cache := &counting{SessionCache: tlsock.NewLRUSessionCache(8), puts: map[string]int{}}
			dialer.SessionCache = cache
			expect := func(what, user string, resumes bool) {
				t.Helper()
				seen, resumed := visitAs(t, dialer, address, user)
				equal(t, what+": seen as", seen, serial(t, user))
				equal(t, what+": resumed", resumed, resumes)
			}
			other := anotherHandle(t, dialer.Context, address)
			var asked []string
			for round, handle := range []*tlsock.Context{dialer.Context, other} {
				expect(fmt.Sprint("before ", round), "nobody", false)
				expect("then", "nobody", true)
				must(t, handle.SetIdentityCallback(choosing(t, &asked)))
				kept := len(cache.puts)
				for _, user := range []string{"alice", "bob", "nobody"} {
					expect("while it is set", user, false)
				}
				equal(t, "kept meanwhile", len(cache.puts), kept)
				must(t, handle.SetIdentityCallback(nil))
				expect("cleared", "nobody", false)
				expect("cleared, again", "nobody", true)
				must(t, handle.SetCheckHostname(true)) // a new generation
			}
			equal(t, "asked", len(asked), 6)
		})
	}
}

// A copy of a context has its callbacks, and resumes as little.
func TestACopyOfAContextThatAsksWhoItIs(t *testing.T) {
	address := byCertificate(t)
	first := localDialer(t)
	var asked []string
	must(t, first.Context.SetIdentityCallback(choosing(t, &asked)))
	copied, err := first.Context.Copy()
	must(t, err)
	defer copied.Close()
	dialer := &tlsock.Dialer{Context: copied, ServerName: "localhost"}
	for _, user := range []string{"alice", "bob"} {
		seen, resumed := visitAs(t, dialer, address, user)
		equal(t, user+" is seen as", seen, serial(t, user))
		equal(t, user+" resumed", resumed, false)
	}
	must(t, copied.SetIdentityCallback(nil))
	must(t, first.Context.SetPSKClientCallback(func(*tlsock.Object, string) (string, []byte, error) { return "", nil, nil }))
	visitAs(t, dialer, address, "nobody")
	_, resumed := visitAs(t, dialer, address, "nobody")
	equal(t, "the copy without, resumed", resumed, true)
}

// A setter that fails, as on a closed handle, leaves it to what is set already whether sessions are kept.
func TestACallbackThatCannotBeSetDecidesNothing(t *testing.T) {
	address := byCertificate(t)
	dialer := localDialer(t)
	closed := anotherHandle(t, dialer.Context, address)
	must(t, closed.Close())
	var asked []string
	equal(t, "set on a closed handle", closed.SetIdentityCallback(choosing(t, &asked)) != nil, true)
	visitAs(t, dialer, address, "nobody")
	_, resumed := visitAs(t, dialer, address, "nobody")
	equal(t, "resumed", resumed, true)
	must(t, dialer.Context.SetIdentityCallback(choosing(t, &asked)))
	equal(t, "cleared on a closed handle", closed.SetIdentityCallback(nil) != nil, true)
	for _, user := range []string{"alice", "bob"} {
		seen, _ := visitAs(t, dialer, address, user)
		equal(t, user+" is seen as", seen, serial(t, user))
	}
}

package tlsock_test

import (
	"context"
	"crypto"
	"crypto/tls"
	"errors"
	"io"
	"runtime"
	"testing"
	"time"

	"tlsock"
)

// everyHook has all callbacks of a context, each of which calls f and goes on.
var everyHook = map[string]struct {
	server bool
	set    func(t *testing.T, c *tlsock.Context, f func(*tlsock.Object)) error
	clear  func(*tlsock.Context) error
}{
	"SNI": {true, func(t *testing.T, c *tlsock.Context, f func(*tlsock.Object)) error {
		return c.SetSNICallback(func(o *tlsock.Object, _ string) error { f(o); return nil })
	}, func(c *tlsock.Context) error { return c.SetSNICallback(nil) }},
	"ALPN": {true, func(t *testing.T, c *tlsock.Context, f func(*tlsock.Object)) error {
		return c.SetALPNCallback(func(o *tlsock.Object, _ string, names []string) (string, error) { f(o); return names[0], nil })
	}, func(c *tlsock.Context) error { return c.SetALPNCallback(nil) }},
	"ClientHello": {true, func(t *testing.T, c *tlsock.Context, f func(*tlsock.Object)) error {
		return c.SetClientHelloCallback(func(_ context.Context, o *tlsock.Object, _ *tlsock.ClientHello) (*tlsock.Context, error) {
			f(o)
			return nil, nil
		})
	}, func(c *tlsock.Context) error { return c.SetClientHelloCallback(nil) }},
	"server's identity": {true, hookIdentity, func(c *tlsock.Context) error { return c.SetIdentityCallback(nil) }},
	"client's identity": {false, hookIdentity, func(c *tlsock.Context) error { return c.SetIdentityCallback(nil) }},
	"server's signer":   {true, hookSigner, func(*tlsock.Context) error { return nil }},
	"client's signer":   {false, hookSigner, func(*tlsock.Context) error { return nil }},
	"server's check":    {true, hookVerify, func(c *tlsock.Context) error { return c.SetVerifyCallback(nil) }},
	"client's check":    {false, hookVerify, func(c *tlsock.Context) error { return c.SetVerifyCallback(nil) }},
	"message": {false, func(t *testing.T, c *tlsock.Context, f func(*tlsock.Object)) error {
		return c.SetMessageCallback(func(o *tlsock.Object, _ tlsock.Message) error { f(o); return nil })
	}, func(c *tlsock.Context) error { return c.SetMessageCallback(nil) }},
	"keylog": {true, func(t *testing.T, c *tlsock.Context, f func(*tlsock.Object)) error {
		return c.SetKeylogCallback(func(o *tlsock.Object, _ string) error { f(o); return nil })
	}, func(c *tlsock.Context) error { return c.SetKeylogCallback(nil) }},
	"session": {false, func(t *testing.T, c *tlsock.Context, f func(*tlsock.Object)) error {
		return c.SetSessionCallback(func(o *tlsock.Object, s *tlsock.Session) error { s.Close(); f(o); return nil })
	}, func(c *tlsock.Context) error { return c.SetSessionCallback(nil) }},
}

func hookIdentity(t *testing.T, c *tlsock.Context, f func(*tlsock.Object)) error {
	own, err := tlsock.NewIdentity(file("ecdsa.pem"), file("ecdsa.key"), "")
	must(t, err)
	return c.SetIdentityCallback(func(_ context.Context, o *tlsock.Object, _ *tlsock.IdentityRequest) (*tlsock.Identity, error) {
		f(o)
		return own, nil
	})
}

func hookVerify(_ *testing.T, c *tlsock.Context, f func(*tlsock.Object)) error {
	return c.SetVerifyCallback(func(_ context.Context, o *tlsock.Object, _ *tlsock.Verification) error { f(o); return nil })
}

// hookedSigner has no object.
type hookedSigner struct {
	crypto.Signer
	hook func(*tlsock.Object)
}

func (s hookedSigner) Sign(random io.Reader, data []byte, options crypto.SignerOpts) ([]byte, error) {
	s.hook(nil)
	return s.Signer.Sign(random, data, options)
}

func hookSigner(t *testing.T, c *tlsock.Context, f func(*tlsock.Object)) error {
	name := "ecdsa"
	if c.Protocol() == tlsock.ProtocolTLSClient {
		name = "client"
	}
	pair, err := tls.LoadX509KeyPair(file(name+".pem"), file(name+".key"))
	must(t, err)
	pair.PrivateKey = hookedSigner{pair.PrivateKey.(crypto.Signer), f}
	own, err := tlsock.NewIdentityTLS(&pair)
	must(t, err)
	defer own.Close()
	return c.UseIdentity(own)
}

// deeds are what a callback should not do, and may.
var deeds = map[string]func(*tlsock.Conn, *tlsock.Context, *tlsock.Object, func(*tlsock.Context) error){
	"panics":             func(*tlsock.Conn, *tlsock.Context, *tlsock.Object, func(*tlsock.Context) error) { panic("ours") },
	"ends its goroutine": func(*tlsock.Conn, *tlsock.Context, *tlsock.Object, func(*tlsock.Context) error) { runtime.Goexit() },
	"closes": func(conn *tlsock.Conn, _ *tlsock.Context, _ *tlsock.Object, _ func(*tlsock.Context) error) {
		conn.Close()
	},
	"closes from outside": func(conn *tlsock.Conn, _ *tlsock.Context, _ *tlsock.Object, _ func(*tlsock.Context) error) {
		closedElsewhere(conn)
	},
	"closes and panics": func(conn *tlsock.Conn, _ *tlsock.Context, _ *tlsock.Object, _ func(*tlsock.Context) error) {
		conn.Close()
		panic("ours")
	},
	"closes the object": func(_ *tlsock.Conn, _ *tlsock.Context, o *tlsock.Object, _ func(*tlsock.Context) error) {
		if o != nil {
			o.Close()
		}
	},
	"closes the context": func(_ *tlsock.Conn, c *tlsock.Context, _ *tlsock.Object, _ func(*tlsock.Context) error) { c.Close() },
	"clears itself": func(_ *tlsock.Conn, c *tlsock.Context, _ *tlsock.Object, clear func(*tlsock.Context) error) {
		clear(c)
		runtime.GC()
	},
	"has a deadline pass": func(conn *tlsock.Conn, _ *tlsock.Context, _ *tlsock.Object, _ func(*tlsock.Context) error) {
		conn.SetDeadline(time.Unix(1, 0))
	},
	"asks for facts": func(conn *tlsock.Conn, _ *tlsock.Context, _ *tlsock.Object, _ func(*tlsock.Context) error) {
		conn.State()
		conn.Version()
		conn.InfoJSON()
		conn.GetPeerCert()
		conn.Session()
	},
}

func closedElsewhere(conn *tlsock.Conn) {
	done := make(chan struct{})
	go func() {
		conn.Close()
		close(done)
	}()
	<-done
}

// Whatever a callback does: both ends come to an end, and nothing is left behind.
func TestCallbacksThatDoWhatTheyShouldNot(t *testing.T) {
	for hookName, hook := range everyHook {
		for deedName, deed := range deeds {
			for version, at := range bothVersions {
				t.Run(hookName+"/"+deedName+"/"+version, func(t *testing.T) {
					goroutines, held := runtime.NumGoroutine(), settled()
					within(t, "the end", func() { hostile(t, hook.server, hook.set, hook.clear, deed, at.ours) })
					settle(t, "goroutines", goroutines, runtime.NumGoroutine)
					settle(t, "handles", held, handles)
				})
			}
		}
	}
}

func hostile(t *testing.T, onServer bool, set func(*testing.T, *tlsock.Context, func(*tlsock.Object)) error,
	clear func(*tlsock.Context) error, deed func(*tlsock.Conn, *tlsock.Context, *tlsock.Object, func(*tlsock.Context) error),
	version tlsock.TLSVersion) {
	client, server := clientContext(t), wanting(t)
	must(t, client.LoadCertChain(file("client.pem"), file("client.key"), ""))
	for _, c := range []*tlsock.Context{client, server} {
		must(t, c.SetMaximumVersion(version))
		must(t, c.SetALPNProtocols("h2"))
	}
	hooked := client
	if onServer {
		hooked = server
	}
	var conn *tlsock.Conn
	called := false
	must(t, set(t, hooked, func(o *tlsock.Object) {
		if !called {
			called = true
			deed(conn, hooked, o, clear)
		}
	}))
	near, far := loopback(t)
	here, there := tlsock.Client(near, client, "localhost"), tlsock.Server(far, server)
	conn = here
	if onServer {
		conn = there
	}
	limit(t, here, there)
	ended := make(chan error)
	go func() { ended <- echo(there) }()
	err := here.Handshake()
	if err == nil {
		_, err = here.Write([]byte("hello"))
	}
	if err == nil {
		_, _ = io.ReadFull(here, make([]byte, 5))
	}
	here.Close()
	<-ended
	there.Close()
	client.Close()
	server.Close()
	if !called {
		t.Error("the callback was not called")
	}
}

// surly is a context that panics in the hands of others.
type surly struct{ context.Context }

func (surly) Value(any) any { panic("no value") }

func TestContextsThatPanic(t *testing.T) {
	goroutines, held := runtime.NumGoroutine(), settled()
	within(t, "the end", func() {
		client, server := clientContext(t), serverContext(t, "ecdsa")
		must(t, client.SetVerifyCallback(func(context.Context, *tlsock.Object, *tlsock.Verification) error { return nil }))
		near, far := loopback(t)
		here, there := tlsock.Client(near, client, "localhost"), tlsock.Server(far, server)
		ended := make(chan error)
		go func() { ended <- echo(there) }()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var err error
		func() {
			defer func() {
				if value := recover(); value != nil {
					err = errors.New("a panic")
				}
			}()
			err = here.HandshakeContext(surly{ctx})
		}()
		t.Log(err)
		here.Close()
		<-ended
		there.Close()
		client.Close()
		server.Close()
	})
	settle(t, "goroutines", goroutines, runtime.NumGoroutine)
	settle(t, "handles", held, handles)
}

func TestNoOtherHandleIsTheSame(t *testing.T) {
	c := clientContext(t)
	equal(t, "a context and none", c.Same(nil), false)
	equal(t, "a context and one that nobody made", c.Same(&tlsock.Context{}), false)
}

func TestAWarningCallbackThatClearsItself(t *testing.T) {
	within(t, "the end", func() {
		must(t, tlsock.SetWarningCallback(func(string, string) error { return tlsock.SetWarningCallback(nil) }))
		c := clientContext(t)
		must(t, c.SetMinimumVersion(tlsock.TLSVersionTLSv1))
		must(t, tlsock.SetWarningCallback(nil))
	})
}

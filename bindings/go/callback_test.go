package tlsock_test

import (
	"crypto/tls"
	"errors"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"tlsock"
)

var errOurs = errors.New("an error of ours")

func TestSNIChoosesTheCertificate(t *testing.T) {
	first, other := serverContext(t, "ecdsa"), serverContext(t, "wrong-name")
	var asked []string
	must(t, first.SetSNICallback(func(object *tlsock.Object, name string) error {
		asked = append(asked, name)
		equal(t, "server's end", object.ServerSide(), true)
		equal(t, "has a net.Conn", object.NetConn() != nil, true)
		if name == "other.example" {
			return object.SetContext(other)
		}
		return nil
	}))
	for _, name := range []string{"localhost", "other.example"} {
		near, far := loopback(t)
		client, server := tlsock.Client(near, clientContext(t), name), tlsock.Server(far, first)
		limit(t, client, server)
		clientErr, serverErr := shakeHands(client, server)
		must(t, clientErr)
		must(t, serverErr)
		client.Close()
		server.Close()
	}
	equal(t, "asked", strings.Join(asked, " "), "localhost other.example")
}

func TestSNIRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		callback tlsock.SNICallback
		alert    int
		cause    error
	}{
		"alert": {func(*tlsock.Object, string) error { return tlsock.Alert(tlsock.AlertUnrecognizedName) },
			tlsock.AlertUnrecognizedName, nil},
		"error": {func(*tlsock.Object, string) error { return errOurs }, tlsock.AlertHandshakeFailure, errOurs},
		"panic": {func(*tlsock.Object, string) error { panic("no more") }, tlsock.AlertHandshakeFailure, nil},
	} {
		c := c
		t.Run(name, func(t *testing.T) {
			context := serverContext(t, "ecdsa")
			must(t, context.SetSNICallback(c.callback))
			near, far := loopback(t)
			client, server := tlsock.Client(near, clientContext(t), "localhost"), tlsock.Server(far, context)
			limit(t, client, server)
			clientErr, serverErr := shakeHands(client, server)
			var failure *tlsock.Error
			if !errors.As(clientErr, &failure) {
				t.Fatalf("the client says %v", clientErr)
			}
			equal(t, "alert", failure.AlertReceived, c.alert)
			if c.cause != nil && !errors.Is(serverErr, c.cause) {
				t.Errorf("the server says %v", serverErr)
			}
			var panicked *tlsock.PanicError
			equal(t, "panicked", errors.As(serverErr, &panicked), name == "panic")
			if panicked != nil {
				equal(t, "value", panicked.Value, any("no more"))
			}
		})
	}
}

// Callbacks that do handshakes themselves, more of them at once than there are processors.
func TestCallbackShakesHands(t *testing.T) {
	inner, trusting, outer := serverContext(t, "ecdsa"), clientContext(t), serverContext(t, "ecdsa")
	listener, err := tlsock.Listen("tcp", "127.0.0.1:0", inner)
	must(t, err)
	listener.HandshakeTimeout = testLimit
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go echo(conn)
		}
	}()
	dialer := &tlsock.Dialer{Context: trusting, ServerName: "localhost"}
	count := 4 * runtime.GOMAXPROCS(0)
	var inside, group sync.WaitGroup
	inside.Add(count)
	must(t, outer.SetSNICallback(func(*tlsock.Object, string) error {
		inside.Done()
		inside.Wait()
		conn, err := dialer.Dial("tcp", listener.Addr().String())
		if err == nil {
			conn.Close()
		}
		return err
	}))
	for i := 0; i < count; i++ {
		near, far := loopback(t)
		group.Add(1)
		go func() {
			defer group.Done()
			client, server := tlsock.Client(near, trusting, "localhost"), tlsock.Server(far, outer)
			limit(t, client, server)
			clientErr, serverErr := shakeHands(client, server)
			if clientErr != nil || serverErr != nil {
				t.Error(clientErr, serverErr)
			}
			client.Close()
			server.Close()
		}()
	}
	group.Wait()
}

func TestPasswordCallback(t *testing.T) {
	context := serverContext(t, "ecdsa")
	load := func() error { return context.LoadCertChain(file("rsa.pem"), file("rsa-encrypted.key"), "") }
	must(t, context.SetPasswordCallback(func() (string, error) { return "sesame", nil }))
	must(t, load())
	must(t, context.SetPasswordCallback(func() (string, error) { return "", errOurs }))
	if err := load(); !errors.Is(err, errOurs) {
		t.Errorf("an error: %v", err)
	}
	must(t, context.SetPasswordCallback(func() (string, error) { return strings.Repeat("x", 100000), nil }))
	if err := load(); err == nil {
		t.Error("a password without end was taken")
	}
	must(t, context.SetPasswordCallback(nil))
	if err := load(); err == nil {
		t.Error("no password opens a key")
	}
}

func TestPreSharedKey(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			trusting, err := tlsock.NewContext(tlsock.ProtocolTLSClient)
			must(t, err)
			must(t, trusting.SetCheckHostname(false))
			must(t, trusting.SetVerifyMode(tlsock.CertNone))
			serving, err := tlsock.NewContext(tlsock.ProtocolTLSServer)
			must(t, err)
			for _, context := range []*tlsock.Context{trusting, serving} {
				must(t, context.SetCiphers("PSK"))
				must(t, context.SetMaximumVersion(version.ours))
			}
			must(t, trusting.SetPSKClientCallback(func(_ *tlsock.Object, hint string) (string, []byte, error) {
				if version.gos == tls.VersionTLS12 {
					equal(t, "hint", hint, "a hint")
				}
				return "me", []byte("0123456789abcdef"), nil
			}))
			must(t, serving.SetPSKServerCallback(func(_ *tlsock.Object, identity string) ([]byte, error) {
				if identity != "me" {
					return nil, nil
				}
				return []byte("0123456789abcdef"), nil
			}, "a hint"))
			client, server := pair(t, trusting, serving)
			go echo(server)
			exchange(t, client, "hello")
			certificate, err := client.PeerCertificate()
			must(t, err)
			equal(t, "no certificate", certificate == nil, true)
			must(t, trusting.SetPSKClientCallback(func(*tlsock.Object, string) (string, []byte, error) {
				return "", nil, errOurs
			}))
			near, far := loopback(t)
			failing := tlsock.Client(near, trusting, "")
			limit(t, failing)
			go tlsock.Server(far, serving).Handshake()
			if err := failing.Handshake(); !errors.Is(err, errOurs) {
				t.Errorf("an error: %v", err)
			}
			failing.Close()
			far.Close()
		})
	}
}

func TestKeylogAndMessages(t *testing.T) {
	trusting := clientContext(t)
	var lines []string
	must(t, trusting.SetKeylogCallback(func(_ *tlsock.Object, line string) error {
		lines = append(lines, line)
		return nil
	}))
	sent, received := 0, 0
	must(t, trusting.SetMessageCallback(func(_ *tlsock.Object, message tlsock.Message) error {
		if message.ContentType == 22 && message.Written {
			sent += len(message.Data)
		} else if message.ContentType == 22 {
			received += len(message.Data)
		}
		return nil
	}))
	pair(t, trusting, serverContext(t, "ecdsa"))
	equal(t, "messages", sent > 100 && received > 500, true)
	equal(t, "lines", len(lines) >= 4 && strings.Contains(strings.Join(lines, "\n"), "CLIENT_TRAFFIC_SECRET_0 "), true)
}

func TestSessionCallback(t *testing.T) {
	trusting, serving := clientContext(t), serverContext(t, "ecdsa")
	sessions := make(chan *tlsock.Session, 10)
	must(t, trusting.SetSessionCallback(func(_ *tlsock.Object, session *tlsock.Session) error {
		sessions <- session
		return nil
	}))
	client, server := pair(t, trusting, serving)
	go echo(server)
	exchange(t, client, "hello")
	session := <-sessions
	equal(t, "ticket", session.HasTicket(), true)
	near, far := loopback(t)
	resuming, err := trusting.WrapConn(near, tlsock.WrapOptions{ServerHostname: "localhost", Session: session})
	must(t, err)
	limit(t, resuming)
	go echo(tlsock.Server(far, serving))
	exchange(t, resuming, "again")
	equal(t, "resumed", resuming.SessionReused(), true)
	must(t, resuming.Close())
}

// corked is a net.Conn for a server of TLS 1.3: its first flight is sent, and what follows is kept to be sent in one piece. So the
// tickets and the data after them are read together.
type corked struct {
	net.Conn
	mutex  sync.Mutex
	flown  bool
	behind []byte
}

func (c *corked) Write(b []byte) (int, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if !c.flown {
		c.flown = true
		return c.Conn.Write(b)
	}
	c.behind = append(c.behind, b...)
	return len(b), nil
}

func (c *corked) uncork(t *testing.T) {
	t.Helper()
	c.mutex.Lock()
	defer c.mutex.Unlock()
	_, err := c.Conn.Write(c.behind)
	must(t, err)
	c.behind = nil
}

// corkedPair gives both sides, hands shaken, and what the server's tickets wait in.
func corkedPair(t *testing.T, trusting, serving *tlsock.Context) (client, server *tlsock.Conn, below *corked) {
	t.Helper()
	near, far := loopback(t)
	below = &corked{Conn: far}
	client, server = tlsock.Client(near, trusting, "localhost"), tlsock.Server(below, serving)
	t.Cleanup(func() { client.Close(); server.Close() })
	limit(t, client, server)
	clientErr, serverErr := shakeHands(client, server)
	must(t, clientErr)
	must(t, serverErr)
	return client, server, below
}

// A panic in any callback ends that call, is reported by it, and does not end the process.
func TestPanics(t *testing.T) {
	boom := func() { panic("no more") }
	type side int
	const client, server = side(0), side(1)
	for name, c := range map[string]struct {
		at  side
		set func(*tlsock.Context) error
	}{
		"keylog": {client, func(c *tlsock.Context) error {
			return c.SetKeylogCallback(func(*tlsock.Object, string) error { boom(); return nil })
		}},
		"message": {server, func(c *tlsock.Context) error {
			return c.SetMessageCallback(func(*tlsock.Object, tlsock.Message) error { boom(); return nil })
		}},
		"servername": {server, func(c *tlsock.Context) error {
			return c.SetServernameCallback(func(*tlsock.Object, string) error { boom(); return nil })
		}},
		"psk client": {client, func(c *tlsock.Context) error {
			return c.SetPSKClientCallback(func(*tlsock.Object, string) (string, []byte, error) {
				boom()
				return "", nil, nil
			})
		}},
		"session": {client, func(c *tlsock.Context) error {
			return c.SetSessionCallback(func(*tlsock.Object, *tlsock.Session) error { boom(); return nil })
		}},
	} {
		c := c
		t.Run(name, func(t *testing.T) {
			contexts := [...]*tlsock.Context{clientContext(t), serverContext(t, "ecdsa")}
			must(t, c.set(contexts[c.at]))
			near, far := loopback(t)
			below := &corked{Conn: far}
			ends := [...]*tlsock.Conn{tlsock.Client(near, contexts[client], "localhost"),
				tlsock.Server(below, contexts[server])}
			limit(t, ends[0], ends[1])
			var errs [2]error
			errs[0], errs[1] = shakeHands(ends[0], ends[1])
			if errs[c.at] == nil {
				// A ticket is read with the first byte, which is not lost: the next read reports the failure.
				_, err := ends[1-c.at].Write([]byte{1})
				must(t, err)
				below.uncork(t)
				for count, read := 0, 0; read < 2 && errs[c.at] == nil; read++ {
					count, errs[c.at] = ends[c.at].Read(make([]byte, 1))
					equal(t, "bytes", count, 1-read)
				}
			}
			var panicked *tlsock.PanicError
			if !errors.As(errs[c.at], &panicked) || panicked.Value != any("no more") {
				t.Fatalf("the caller sees %v", errs[c.at])
			}
			if !strings.Contains(string(panicked.Stack), "TestPanics") {
				t.Errorf("the stack does not show where:\n%s", panicked.Stack)
			}
			ends[0].Close()
			ends[1].Close()
		})
	}
	context := serverContext(t, "ecdsa")
	must(t, context.SetPasswordCallback(func() (string, error) { boom(); return "", nil }))
	err := context.LoadCertChain(file("rsa.pem"), file("rsa-encrypted.key"), "")
	var panicked *tlsock.PanicError
	equal(t, "panic while loading", errors.As(err, &panicked), true)
}

// The failure of a callback after received bytes is reported by the next read. That read does not use the network, whose
// deadline has passed.
func TestFailureBehindBytes(t *testing.T) {
	for name, set := range map[string]func(*tlsock.Context) error{
		"session": func(c *tlsock.Context) error {
			return c.SetSessionCallback(func(*tlsock.Object, *tlsock.Session) error { return errOurs })
		},
		"message": func(c *tlsock.Context) error {
			return c.SetMessageCallback(func(_ *tlsock.Object, message tlsock.Message) error {
				if message.MsgType == 4 { // a ticket
					return errOurs
				}
				return nil
			})
		},
	} {
		set := set
		t.Run(name, func(t *testing.T) {
			trusting := clientContext(t)
			must(t, set(trusting))
			client, server, below := corkedPair(t, trusting, serverContext(t, "ecdsa"))
			_, err := server.Write([]byte("five!"))
			must(t, err)
			below.uncork(t)
			got := make([]byte, 100)
			n, err := client.Read(got)
			must(t, err)
			equal(t, "bytes", string(got[:n]), "five!")
			must(t, client.SetReadDeadline(time.Now().Add(-time.Second)))
			for i := 0; i < 2; i++ {
				n, err = client.Read(got)
				equal(t, "more bytes", n, 0)
				if !errors.Is(err, errOurs) {
					t.Errorf("then %v", err)
				}
			}
		})
	}
}

// Contexts with callbacks, and the callbacks, are freed: values that a callback refers to can be collected.
func TestCallbacksAreFreed(t *testing.T) {
	freed := make(chan bool, 3)
	collected := func(net.Conn) { freed <- true }
	make3 := func() {
		for i := 0; i < 3; i++ {
			held, _ := net.Pipe()
			held = &struct{ net.Conn }{held}
			runtime.SetFinalizer(held, func(c *struct{ net.Conn }) { collected(c) })
			context, err := tlsock.NewContext(tlsock.ProtocolTLSServer)
			must(t, err)
			must(t, context.SetSNICallback(func(*tlsock.Object, string) error { return held.Close() }))
			must(t, context.SetKeylogCallback(func(*tlsock.Object, string) error { return held.Close() }))
			switch i {
			case 0:
				must(t, context.Close())
			case 1: // replaced
				must(t, context.SetSNICallback(nil))
				must(t, context.SetKeylogCallback(nil))
				defer runtime.KeepAlive(context)
			} // forgotten
		}
	}
	make3()
	eventually(t, "all callbacks are freed", func() bool { runtime.GC(); return len(freed) == 3 })
}

func TestWarningCallback(t *testing.T) {
	var lock sync.Mutex
	var seen []string
	must(t, tlsock.SetWarningCallback(func(category, message string) error {
		lock.Lock()
		defer lock.Unlock()
		seen = append(seen, category)
		return nil
	}))
	context, err := tlsock.NewContext(tlsock.ProtocolTLS)
	must(t, err)
	must(t, context.Close())
	must(t, tlsock.SetWarningCallback(func(string, string) error { return errOurs }))
	if _, err := tlsock.NewContext(tlsock.ProtocolTLS); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("refused: %v", err)
	}
	must(t, tlsock.SetWarningCallback(nil))
	equal(t, "category", strings.Join(seen, " "), "DeprecationWarning")
}

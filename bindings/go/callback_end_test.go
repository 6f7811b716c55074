package tlsock_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"tlsock"
)

// An SNICallback that returns an error refuses, with any number of an Alert.
func TestEveryAlertRefuses(t *testing.T) {
	for _, alert := range []tlsock.Alert{0, -1, 256, 300, 1 << 20, tlsock.AlertUnrecognizedName, 255} {
		alert := alert
		t.Run(fmt.Sprint(int(alert)), func(t *testing.T) {
			serving := serverContext(t, "ecdsa")
			must(t, serving.SetSNICallback(func(*tlsock.Object, string) error { return alert }))
			near, far := loopback(t)
			client, server := tlsock.Client(near, clientContext(t), "localhost"), tlsock.Server(far, serving)
			defer client.Close()
			limit(t, client, server)
			clientErr, serverErr := shakeHands(client, server)
			if clientErr == nil || serverErr == nil {
				t.Fatalf("refused with %v, and the handshake succeeded: %v, %v", alert, clientErr, serverErr)
			}
			var failure *tlsock.Error
			if alert == 255 { // TLS 1.3 has no alert with that number, and none is sent.
				return
			}
			if !errors.As(clientErr, &failure) || failure.AlertReceived <= 0 {
				t.Fatalf("the client says %v", clientErr)
			}
			if alert > 0 && alert <= 255 {
				equal(t, "alert", failure.AlertReceived, int(alert))
			} else if !errors.Is(serverErr, alert) {
				t.Errorf("the server says %v", serverErr)
			}
		})
	}
}

// A callback that ends its goroutine, as t.FailNow does, makes the call fail and leaves nothing locked.
func TestGoexitInCallbacks(t *testing.T) {
	exit := func() { runtime.Goexit() }
	for name, set := range map[string]func(client, server *tlsock.Context) error{
		"sni": func(_, server *tlsock.Context) error {
			return server.SetSNICallback(func(*tlsock.Object, string) error { exit(); return nil })
		},
		"keylog": func(client, _ *tlsock.Context) error {
			return client.SetKeylogCallback(func(*tlsock.Object, string) error { exit(); return nil })
		},
		"message": func(client, _ *tlsock.Context) error {
			return client.SetMessageCallback(func(*tlsock.Object, tlsock.Message) error { exit(); return nil })
		},
	} {
		set := set
		t.Run(name, func(t *testing.T) {
			trusting, serving := clientContext(t), serverContext(t, "ecdsa")
			must(t, set(trusting, serving))
			near, far := loopback(t)
			client, server := tlsock.Client(near, trusting, "localhost"), tlsock.Server(far, serving)
			limit(t, client, server)
			clientErr, serverErr := shakeHands(client, server)
			text := fmt.Sprint(clientErr, serverErr)
			if !strings.Contains(text, "Goexit") {
				t.Errorf("the callers see %s", text)
			}
			within(t, "what the connections hold", func() {
				for _, conn := range []*tlsock.Conn{client, server} {
					_, _ = conn.Version(), conn.ServerSide()
					_, _ = conn.Read(make([]byte, 1))
					conn.Close()
				}
			})
		})
	}
	serving := serverContext(t, "ecdsa")
	must(t, serving.SetPasswordCallback(func() (string, error) { exit(); return "", nil }))
	if err := serving.LoadCertChain(file("rsa.pem"), file("rsa-encrypted.key"), ""); err == nil {
		t.Error("a password callback that gave nothing opened a key")
	}
	must(t, serving.LoadCertChain(file("rsa.pem"), file("rsa.key"), ""))
	// All slots of handshakes are free again: more of them at once than there are processors.
	var group sync.WaitGroup
	for i := 0; i < 2*runtime.GOMAXPROCS(0); i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			client, server := pair(t, clientContext(t), serving)
			client.Close()
			server.Close()
		}()
	}
	within(t, "a handshake", group.Wait)
}

type contextKey struct{}

func TestCallbacksGetTheContextOfTheHandshake(t *testing.T) {
	serving := serverContext(t, "ecdsa")
	seen := make(chan context.Context, 1)
	must(t, serving.SetSNICallback(func(object *tlsock.Object, _ string) error {
		ctx := object.HandshakeContext()
		if err := ctx.Err(); err != nil {
			t.Errorf("in the handshake it has ended: %v", err)
		}
		seen <- ctx
		return nil
	}))
	near, far := loopback(t)
	client, server := tlsock.Client(near, clientContext(t), "localhost"), tlsock.Server(far, serving)
	defer client.Close()
	defer server.Close()
	limit(t, client, server)
	done := make(chan error, 1)
	go func() { done <- client.Handshake() }()
	must(t, server.HandshakeContext(context.WithValue(context.Background(), contextKey{}, "ours")))
	must(t, <-done)
	ctx := <-seen
	equal(t, "value", ctx.Value(contextKey{}), any("ours"))
	equal(t, "after the handshake", ctx.Err(), context.Canceled)
}

// A callback that waits ends with the context of the handshake.
func TestCallbackEndsWithTheContext(t *testing.T) {
	serving := serverContext(t, "ecdsa")
	must(t, serving.SetSNICallback(func(object *tlsock.Object, _ string) error {
		<-object.HandshakeContext().Done()
		return object.HandshakeContext().Err()
	}))
	near, far := loopback(t)
	client, server := tlsock.Client(near, clientContext(t), "localhost"), tlsock.Server(far, serving)
	defer client.Close()
	defer server.Close()
	go client.Handshake()
	ctx, cancel := context.WithTimeout(context.Background(), soon)
	defer cancel()
	within(t, "HandshakeContext", func() { equal(t, "error", server.HandshakeContext(ctx), context.DeadlineExceeded) })
}

// Right after the handshake there is no session yet: a ticket comes with a read.
func TestContextOfALaterCallback(t *testing.T) {
	trusting := clientContext(t)
	seen := make(chan context.Context, 4)
	must(t, trusting.SetSessionCallback(func(object *tlsock.Object, _ *tlsock.Session) error {
		seen <- object.HandshakeContext()
		return nil
	}))
	client, server := pair(t, trusting, serverContext(t, "ecdsa"))
	go echo(server)
	exchange(t, client, "a ticket")
	equal(t, "context", <-seen, context.Background())
}

// Getters of the Conn itself answer while a callback runs; after it the object is closed.
func TestConnAnswersItsOwnCallback(t *testing.T) {
	trusting := clientContext(t)
	var client *tlsock.Conn
	objects := make(chan *tlsock.Object, 4)
	must(t, trusting.SetSessionCallback(func(object *tlsock.Object, _ *tlsock.Session) error {
		equal(t, "serving", client.Serving(), true)
		equal(t, "versions", client.Version(), object.Version())
		cipher, ok := client.Cipher()
		equal(t, "cipher", ok && cipher.Name != "", true)
		if err := object.DoHandshake(); err != nil && !errors.Is(err, tlsock.ErrValue) {
			t.Errorf("shaking hands inside: %v", err)
		}
		if _, err := object.Read(make([]byte, 1)); !errors.Is(err, tlsock.ErrValue) {
			t.Errorf("reading inside: %v", err)
		}
		objects <- object
		return nil
	}))
	client, server := pair(t, trusting, serverContext(t, "ecdsa"))
	go echo(server)
	within(t, "the exchange", func() { exchange(t, client, "a ticket") })
	object := <-objects
	equal(t, "version after it", object.Version(), "")
	if _, err := object.PeerCertificate(); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("the object after it: %v", err)
	}
	equal(t, "serving", client.Serving(), false)
}

// Goroutines started by a callback may use its object until the callback ends, and after that get an error.
func TestObjectOutlivesItsCallbackInAGoroutine(t *testing.T) {
	serving := serverContext(t, "ecdsa")
	var group sync.WaitGroup
	must(t, serving.SetSNICallback(func(object *tlsock.Object, _ string) error {
		for i := 0; i < 4; i++ {
			group.Add(1)
			go func() {
				defer group.Done()
				for object.ServerSide() {
				}
			}()
		}
		for i := 0; i < 100; i++ {
			runtime.Gosched()
		}
		return nil
	}))
	client, server := pair(t, clientContext(t), serving)
	client.Close()
	server.Close()
	within(t, "a goroutine of the callback", group.Wait)
}

// A text begins with "tlsock:" and has it nowhere else.
func TestTextsSayWhoSpeaksOnce(t *testing.T) {
	inner := &tlsock.Error{Status: tlsock.StatusSSL, Message: "from within"}
	for name, refuse := range map[string]func() error{
		"error":  func() error { return errOurs },
		"alert":  func() error { return tlsock.Alert(0) },
		"panic":  func() error { panic("no more") },
		"nested": func() error { return inner },
		"goexit": func() error { runtime.Goexit(); return nil },
	} {
		serving := serverContext(t, "ecdsa")
		refuse := refuse
		must(t, serving.SetSNICallback(func(*tlsock.Object, string) error { return refuse() }))
		near, far := loopback(t)
		client, server := tlsock.Client(near, clientContext(t), "localhost"), tlsock.Server(far, serving)
		limit(t, client, server)
		_, err := shakeHands(client, server)
		if err == nil {
			t.Fatalf("%s does not refuse", name)
		}
		if text := err.Error(); strings.Count(text, "tlsock:") != 1 || !strings.HasPrefix(text, "tlsock: ") {
			t.Errorf("%s: %q", name, text)
		}
		client.Close()
	}
}

type speechless struct{}

func (speechless) Error() string { runtime.Goexit(); return "" }

// An error whose text cannot be had is the program's mistake, which does not end a call of C halfway: nothing stays locked.
func TestErrorsWithoutAText(t *testing.T) {
	var nobody *tlsock.Error
	for name, failure := range map[string]error{"nil": nobody, "Goexit": speechless{}} {
		trusting := clientContext(t)
		failure := failure
		must(t, trusting.SetVerifyCallback(func(context.Context, *tlsock.Object, *tlsock.Verification) error { return failure }))
		near, far := loopback(t)
		client, server := tlsock.Client(near, trusting, "localhost"), tlsock.Server(far, serverContext(t, "ecdsa"))
		limit(t, client, server)
		err, _ := shakeHands(client, server)
		var panicked *tlsock.PanicError
		equal(t, name+" is a panic", errors.As(err, &panicked), failure == error(nobody))
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		within(t, "what the connection holds", func() { _, _ = client.Version(), client.Close() })
		serving := serverContext(t, "ecdsa")
		must(t, serving.SetPasswordCallback(func() (string, error) { return "", failure }))
		if err := serving.LoadCertChain(file("rsa.pem"), file("rsa-encrypted.key"), ""); err == nil {
			t.Errorf("%s: a key without its password", name)
		}
	}
}

func TestPasswordsThatAreTooLong(t *testing.T) {
	context := serverContext(t, "ecdsa")
	long := strings.Repeat("p", 1025)
	const want = "password cannot be longer than 1024 bytes"
	must(t, context.SetPasswordCallback(func() (string, error) { return long, nil }))
	data, key := read(t, "rsa.pem"), read(t, "rsa-encrypted.key")
	for name, err := range map[string]error{
		"callback":      context.LoadCertChain(file("rsa.pem"), file("rsa-encrypted.key"), ""),
		"callback data": context.LoadCertChainData(data, key, ""),
		"given":         context.LoadCertChain(file("rsa.pem"), file("rsa-encrypted.key"), long),
		"given data":    context.LoadCertChainData(data, key, long),
	} {
		if !errors.Is(err, tlsock.ErrValue) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Each load has the failure of its own callback as Cause, even with many at once.
func TestPasswordFailuresAreNotSwapped(t *testing.T) {
	context := serverContext(t, "ecdsa")
	var mutex sync.Mutex
	next := 0
	must(t, context.SetPasswordCallback(func() (string, error) {
		mutex.Lock()
		next++
		own := fmt.Errorf("failure %d", next)
		mutex.Unlock()
		time.Sleep(time.Millisecond)
		return "", own
	}))
	const loads = 16
	seen := map[string]bool{}
	var group sync.WaitGroup
	for i := 0; i < loads; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			err := context.LoadCertChain(file("rsa.pem"), file("rsa-encrypted.key"), "")
			var failure *tlsock.Error
			if !errors.As(err, &failure) || failure.Cause == nil {
				t.Errorf("no cause: %v", err)
				return
			}
			if !strings.Contains(err.Error(), failure.Cause.Error()) {
				t.Errorf("%v has the cause %v", err, failure.Cause)
			}
			mutex.Lock()
			defer mutex.Unlock()
			seen[failure.Cause.Error()] = true
		}()
	}
	group.Wait()
	equal(t, "different causes", len(seen), loads)
}

type wordless struct{}

func (wordless) Error() string { return "" }

// The failure of a callback belongs to the call that it ended, and to no later one.
func TestTheCauseOfOneErrorIsNotThatOfAnother(t *testing.T) {
	for name, failure := range map[string]error{"with words": errOurs, "without": wordless{}} {
		failure := failure
		t.Run(name, func(t *testing.T) { causeOfOne(t, failure) })
	}
}

func causeOfOne(t *testing.T, failure error) {
	trusting := clientContext(t)
	must(t, trusting.SetKeylogCallback(func(*tlsock.Object, string) error { return failure }))
	incoming, err := tlsock.NewMemoryBIO()
	must(t, err)
	outgoing, err := tlsock.NewMemoryBIO()
	must(t, err)
	client, err := trusting.WrapBIO(incoming, outgoing, tlsock.WrapOptions{ServerHostname: "localhost"})
	must(t, err)
	server, err := serverContext(t, "ecdsa").WrapBIO(outgoing, incoming, tlsock.WrapOptions{ServerSide: true})
	must(t, err)
	for err = error(tlsock.ErrWantRead); errors.Is(err, tlsock.ErrWantRead); err = client.DoHandshake() {
		_ = server.DoHandshake()
	}
	equal(t, "its own", errors.Is(err, failure), true)
	if _, err := client.GetPeerCert(); err == nil || errors.Is(err, failure) {
		t.Errorf("a later error: %v", err)
	}
}

// The failure of a callback that is kept until bytes are read is not reported by a call in between.
func TestACauseWaitsForItsError(t *testing.T) {
	trusting := clientContext(t)
	must(t, trusting.SetSessionCallback(func(*tlsock.Object, *tlsock.Session) error { return errOurs }))
	client, server, below := corkedPair(t, trusting, serverContext(t, "ecdsa"))
	_, err := server.Write([]byte("five!"))
	must(t, err)
	below.uncork(t)
	n, err := client.Read(make([]byte, 100))
	must(t, err)
	equal(t, "bytes", n, 5)
	if err := client.VerifyClientPostHandshake(); err == nil || errors.Is(err, errOurs) {
		t.Errorf("a call in between: %v", err)
	}
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, errOurs) {
		t.Errorf("the next read: %v", err)
	}
}

// A client that gives no key declines, whatever identity it names; the handshake goes on with certificates.
func TestNoKeyDeclines(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			for _, key := range [][]byte{nil, {}} {
				key := key
				trusting, serving := clientContext(t), serverContext(t, "ecdsa")
				must(t, trusting.SetMaximumVersion(version.ours))
				asked := 0
				must(t, trusting.SetPSKClientCallback(func(*tlsock.Object, string) (string, []byte, error) {
					asked++
					return strings.Repeat("longer than any identity ", 100), key, nil
				}))
				must(t, greet(t, trusting, serving, nil, func(client, _ *tlsock.Conn) {
					certificate, err := client.GetPeerCert()
					must(t, err)
					equal(t, "certificate", certificate != nil, true)
				}))
				if version.gos == tls.VersionTLS13 {
					equal(t, "asked", asked > 0, true)
				}
			}
		})
	}
}

// A password callback that was taken away is not called: an encrypted key needs a password then, and says so.
func TestNoPasswordCallback(t *testing.T) {
	context := serverContext(t, "ecdsa")
	load := func() error { return context.LoadCertChain(file("rsa.pem"), file("rsa-encrypted.key"), "") }
	before := load()
	must(t, context.SetPasswordCallback(func() (string, error) { return "sesame", nil }))
	must(t, load())
	must(t, context.SetPasswordCallback(nil))
	for name, err := range map[string]error{
		"files": load(), "data": context.LoadCertChainData(read(t, "rsa.pem"), read(t, "rsa-encrypted.key"), ""),
	} {
		var panicked *tlsock.PanicError
		if !errors.Is(err, tlsock.ErrValue) || errors.As(err, &panicked) {
			t.Errorf("%s: %v", name, err)
		}
	}
	equal(t, "as before", load().Error(), before.Error())
	copied, err := context.Copy()
	must(t, err)
	defer copied.Close()
	if err := copied.LoadCertChain(file("rsa.pem"), file("rsa-encrypted.key"), ""); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("of the copy: %v", err)
	}
}

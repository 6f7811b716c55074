package tlsock_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tlsock"
)

// later is an answer that comes when it is given, to all callbacks that wait for it.
type later struct {
	asked chan *tlsock.Object
	given chan struct{}
	count atomic.Int32
	ended atomic.Int32
}

func newLater(room int) *later {
	return &later{asked: make(chan *tlsock.Object, room), given: make(chan struct{})}
}

func (l *later) wait(ctx context.Context, object *tlsock.Object) error {
	l.count.Add(1)
	defer l.ended.Add(1)
	l.asked <- object
	select {
	case <-l.given:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// waiters are the callbacks that may wait: each sets one on a pair of contexts, and names the side that waits.
var waiters = map[string]func(t testing.TB, l *later) (client, server *tlsock.Context, atServer bool){
	"hello": func(t testing.TB, l *later) (client, server *tlsock.Context, atServer bool) {
		client, server = clientContext(t), serverContext(t, "ecdsa")
		must(t, server.SetClientHelloCallback(func(ctx context.Context, object *tlsock.Object, _ *tlsock.ClientHello) (*tlsock.Context, error) {
			return nil, l.wait(ctx, object)
		}))
		return client, server, true
	},
	"server's identity": func(t testing.TB, l *later) (client, server *tlsock.Context, atServer bool) {
		client, server = clientContext(t), serverContext(t, "self-signed")
		own := identityOf(t, "ecdsa")
		must(t, server.SetIdentityCallback(func(ctx context.Context, object *tlsock.Object, _ *tlsock.IdentityRequest) (*tlsock.Identity, error) {
			return own, l.wait(ctx, object)
		}))
		return client, server, true
	},
	"client's identity": func(t testing.TB, l *later) (client, server *tlsock.Context, atServer bool) {
		client, server = clientContext(t), wanting(t)
		own := identityOf(t, "client")
		must(t, server.SetVerifyMode(tlsock.CertRequired))
		must(t, client.SetIdentityCallback(func(ctx context.Context, object *tlsock.Object, _ *tlsock.IdentityRequest) (*tlsock.Identity, error) {
			return own, l.wait(ctx, object)
		}))
		return client, server, false
	},
	"verification": func(t testing.TB, l *later) (client, server *tlsock.Context, atServer bool) {
		client, server = clientContext(t), serverContext(t, "ecdsa")
		must(t, client.SetVerifyCallback(func(ctx context.Context, object *tlsock.Object, _ *tlsock.Verification) error {
			return l.wait(ctx, object)
		}))
		return client, server, false
	},
	"a client's verification": func(t testing.TB, l *later) (client, server *tlsock.Context, atServer bool) {
		client, server = clientContext(t), wanting(t)
		must(t, server.SetVerifyMode(tlsock.CertRequired))
		must(t, client.LoadCertChain(file("client.pem"), file("client.key"), ""))
		must(t, server.SetVerifyCallback(func(ctx context.Context, object *tlsock.Object, _ *tlsock.Verification) error {
			return l.wait(ctx, object)
		}))
		return client, server, true
	},
}

// waiting are two ends of which one waits, and the error of the other's handshake.
type waiting struct {
	*later
	waits, other *tlsock.Conn
	otherErr     chan error
}

func eachWaiter(t *testing.T, test func(t *testing.T, w *waiting)) {
	for name, set := range waiters {
		for version, at := range bothVersions {
			set, at := set, at
			t.Run(name+"/"+version, func(t *testing.T) {
				l := newLater(10)
				trusting, serving, atServer := set(t, l)
				must(t, trusting.SetMaximumVersion(at.ours))
				near, far := loopback(t)
				client, server := tlsock.Client(near, trusting, "localhost"), tlsock.Server(far, serving)
				w := &waiting{later: l, waits: client, other: server, otherErr: make(chan error, 1)}
				if atServer {
					w.waits, w.other = server, client
				}
				limit(t, client, server)
				defer client.Close()
				defer server.Close()
				go func() { w.otherErr <- w.other.Handshake() }()
				test(t, w)
			})
		}
	}
}

// A deadline ends the call and not the wait: the next call takes the answer, for which nobody is asked again.
func TestDeadlinesCountWhileACallbackWaits(t *testing.T) {
	ways := map[string]struct {
		limit func(*tlsock.Conn, time.Time) error
		call  func(*tlsock.Conn) error
	}{
		"read":      {(*tlsock.Conn).SetReadDeadline, func(c *tlsock.Conn) error { _, err := c.Read(make([]byte, 1)); return err }},
		"write":     {(*tlsock.Conn).SetWriteDeadline, func(c *tlsock.Conn) error { _, err := c.Write([]byte("x")); return err }},
		"handshake": {(*tlsock.Conn).SetDeadline, (*tlsock.Conn).Handshake},
		"its reads": {(*tlsock.Conn).SetReadDeadline, (*tlsock.Conn).Handshake},
	}
	for name, way := range ways {
		way := way
		t.Run(name, func(t *testing.T) {
			eachWaiter(t, func(t *testing.T, w *waiting) {
				ended := make(chan error, 1)
				go func() { ended <- way.call(w.waits) }()
				object := <-w.asked
				for i := 0; i < 2; i++ {
					must(t, way.limit(w.waits, time.Unix(1, 0)))
					within(t, "the call", func() { isDeadline(t, "the call", <-ended) })
					equal(t, "ended callbacks", w.ended.Load(), int32(0))
					equal(t, "the object is open", object.ServerSide(), w.waits.ServerSide())
					must(t, way.limit(w.waits, time.Now().Add(30*time.Second)))
					go func() { ended <- way.call(w.waits) }()
					eventually(t, "the call goes on", w.waits.Shaking)
				}
				close(w.given)
				if name == "read" {
					must(t, <-w.otherErr)
					_, err := w.other.Write([]byte("!"))
					must(t, err)
				}
				must(t, <-ended)
				equal(t, "asked", w.count.Load(), int32(1))
			})
		})
	}
}

// What a callback does with its object while nothing of C waits for it.
func TestObjectsOfCallbacksThatWait(t *testing.T) {
	eachWaiter(t, func(t *testing.T, w *waiting) {
		ended := make(chan error, 1)
		go func() { ended <- w.waits.Handshake() }()
		object := <-w.asked
		for name, call := range map[string]func() error{
			"handshake": object.DoHandshake,
			"read":      func() error { _, err := object.Read(make([]byte, 1)); return err },
			"write":     func() error { _, err := object.Write([]byte("x")); return err },
			"unwrap":    object.Unwrap,
			"pump":      func() error { _, err := object.Pump(tlsock.Pump{}); return err },
		} {
			if err := call(); !errors.Is(err, tlsock.ErrValue) {
				t.Errorf("%s inside: %v", name, err)
			}
		}
		equal(t, "net.Conn", object.NetConn(), w.waits.NetConn())
		equal(t, "version", object.Version(), "")
		close(w.given)
		must(t, <-ended)
		must(t, <-w.otherErr)
		// It was lent, for the time of the callback.
		_, err := object.PeerCertificate()
		equal(t, "closed", errors.Is(err, tlsock.ErrValue), true)
	})
}

// Close ends the wait, and nothing is left of it.
func TestCloseEndsWaits(t *testing.T) {
	held, goroutines := settled(), runtime.NumGoroutine()
	eachWaiter(t, func(t *testing.T, w *waiting) {
		ended := make(chan error, 1)
		go func() { ended <- w.waits.Handshake() }()
		object := <-w.asked
		must(t, w.waits.Close())
		within(t, "the handshake", func() { equal(t, "error", <-ended, error(net.ErrClosed)) })
		if _, err := object.PeerCertificate(); !errors.Is(err, tlsock.ErrValue) {
			t.Errorf("the object after it: %v", err)
		}
		eventually(t, "the callback ends", func() bool { return w.ended.Load() > 0 })
	})
	settle(t, "goroutines", goroutines, runtime.NumGoroutine)
	settle(t, "handles", held, handles)
}

// A connection that nobody closed, and nobody has any more, ends the wait too.
func TestAForgottenConnectionEndsTheWait(t *testing.T) {
	l := newLater(1)
	trusting, serving, _ := waiters["hello"](t, l)
	near, far := loopback(t)
	client := tlsock.Client(near, trusting, "localhost")
	defer client.Close()
	limit(t, client)
	go client.Handshake()
	func() {
		server := tlsock.Server(far, serving)
		ended := make(chan error, 1)
		go func() { ended <- server.Handshake() }()
		<-l.asked
		must(t, server.SetDeadline(time.Unix(1, 0)))
		isDeadline(t, "the call", <-ended)
	}()
	within(t, "the callback", func() {
		for l.ended.Load() == 0 {
			runtime.GC()
		}
	})
}

// Objects in memory wait for the answer themselves, with every call, until Close.
func TestObjectsWaitForCallbacks(t *testing.T) {
	for name, set := range waiters {
		for _, ends := range []string{"handshake", "pump", "close"} {
			set, ends := set, ends
			t.Run(name+"/"+ends, func(t *testing.T) {
				l := newLater(10)
				trusting, serving, atServer := set(t, l)
				client, err := trusting.WrapBIO(nil, nil, tlsock.WrapOptions{ServerHostname: "localhost"})
				must(t, err)
				defer client.Close()
				server, err := serving.WrapBIO(nil, nil, tlsock.WrapOptions{ServerSide: true})
				must(t, err)
				defer server.Close()
				waits := map[bool]*tlsock.Object{false: client, true: server}[atServer]
				done := make(chan error, 1)
				go func() { done <- pumpBoth(client, server) }()
				<-l.asked
				if ends == "close" {
					must(t, waits.Close())
					within(t, "the pump", func() { equal(t, "closed", errors.Is(<-done, net.ErrClosed), true) })
					return
				}
				close(l.given)
				within(t, "the pumps", func() { must(t, <-done) })
				equal(t, "asked", l.count.Load(), int32(1))
			})
		}
	}
}

// pumpBoth does the handshake of two objects by pumps.
func pumpBoth(client, server *tlsock.Object) error {
	var toServer, toClient []byte
	for i := 0; i < 20; i++ {
		for _, side := range []struct {
			object  *tlsock.Object
			in, out *[]byte
		}{{client, &toClient, &toServer}, {server, &toServer, &toClient}} {
			room := make([]byte, 40000)
			done, err := side.object.Pump(tlsock.Pump{CiphertextIn: *side.in, CiphertextOut: room})
			*side.in = (*side.in)[done.CiphertextUsed:]
			*side.out = append(*side.out, room[:done.CiphertextLen]...)
			if err != nil && !errors.Is(err, tlsock.ErrWantRead) {
				return err
			}
			if side.object == server && done.HandshakeDone {
				return nil
			}
		}
	}
	return errors.New("nothing moves")
}

// A client that is asked for its certificate after the handshake: what came before the question is read first, and those
// who read and write wait for the answer.
func TestWaitsAfterTheHandshake(t *testing.T) {
	l := newLater(1)
	trusting, serving, _ := waiters["client's identity"](t, l)
	must(t, serving.SetVerifyMode(tlsock.CertOptional))
	must(t, trusting.SetPostHandshakeAuth(true))
	must(t, serving.SetPostHandshakeAuth(true))
	client, server := pair(t, trusting, serving)
	equal(t, "asked", l.count.Load(), int32(0))
	_, err := server.Write([]byte("before"))
	must(t, err)
	must(t, server.VerifyClientPostHandshake())
	_, err = server.Write([]byte("after"))
	must(t, err)
	buffer := make([]byte, 10)
	n, err := client.Read(buffer)
	must(t, err)
	equal(t, "first", string(buffer[:n]), "before")
	read, written := make(chan error, 1), make(chan error, 1)
	go func() {
		n, err := client.Read(buffer)
		if err == nil && string(buffer[:n]) != "after" {
			err = fmt.Errorf("read %q", buffer[:n])
		}
		read <- err
	}()
	<-l.asked
	must(t, client.SetReadDeadline(time.Unix(1, 0)))
	isDeadline(t, "the call", <-read)
	must(t, client.SetReadDeadline(time.Now().Add(30*time.Second)))
	go func() {
		n, err := client.Read(buffer)
		if err == nil && string(buffer[:n]) != "after" {
			err = fmt.Errorf("read %q", buffer[:n])
		}
		read <- err
	}()
	go func() { _, err := client.Write([]byte("mine")); written <- err }()
	eventually(t, "the write begins", client.Writing)
	close(l.given)
	must(t, <-read)
	must(t, <-written)
	n, err = server.Read(buffer)
	must(t, err)
	equal(t, "last", string(buffer[:n]), "mine")
	equal(t, "asked", l.count.Load(), int32(1))
	certificate, err := server.PeerCertificate()
	must(t, err)
	equal(t, "shown", certificate != nil, true)
}

// A question that came with data, behind which nothing comes, is answered by who reads on.
func TestAQuestionBehindDataIsNotWaitedForFromTheNetwork(t *testing.T) {
	l := newLater(1)
	trusting, serving, _ := waiters["client's identity"](t, l)
	must(t, serving.SetVerifyMode(tlsock.CertOptional))
	must(t, trusting.SetPostHandshakeAuth(true))
	must(t, serving.SetPostHandshakeAuth(true))
	client, server := pair(t, trusting, serving)
	_, err := server.Write([]byte("before"))
	must(t, err)
	must(t, server.VerifyClientPostHandshake())
	_, err = server.Write(nil)
	must(t, err)
	go server.Read(make([]byte, 1))
	buffer, read := make([]byte, 10), make(chan error, 1)
	n, err := client.Read(buffer)
	must(t, err)
	equal(t, "first", string(buffer[:n]), "before")
	go func() { _, err := client.Read(buffer); read <- err }()
	<-l.asked
	close(l.given)
	within(t, "the client's certificate", func() {
		for certificate, err := server.PeerCertificate(); certificate == nil; certificate, err = server.PeerCertificate() {
			must(t, err)
			runtime.Gosched()
		}
	})
	_, err = server.Write([]byte("after"))
	must(t, err)
	must(t, <-read)
}

// shaking begins handshakes, each end of each in a goroutine of its own, which closes it afterwards.
func shaking(t *testing.T, count int, trusting, serving *tlsock.Context) *sync.WaitGroup {
	group := new(sync.WaitGroup)
	for i := 0; i < count; i++ {
		near, far := loopback(t)
		for _, conn := range []*tlsock.Conn{tlsock.Client(near, trusting, "localhost"), tlsock.Server(far, serving)} {
			conn := conn
			group.Add(1)
			go func() {
				defer group.Done()
				defer conn.Close()
				if err := conn.Handshake(); err != nil {
					t.Error(err)
				}
			}()
		}
	}
	return group
}

// A thousand handshakes wait for answers, and no thread does.
func TestWaitingHoldsNoThread(t *testing.T) {
	for name, set := range waiters {
		set := set
		t.Run(name, func(t *testing.T) {
			const count = 1000
			l := newLater(count)
			trusting, serving, _ := set(t, l)
			group := shaking(t, count, trusting, serving)
			for i := 0; i < count; i++ {
				<-l.asked
			}
			noThreads(t)
			close(l.given)
			group.Wait()
			equal(t, "asked", l.count.Load(), int32(count))
		})
	}
}

// A verdict is about what was found when it was asked for: an expired certificate, for one, is another matter.
func TestVerdictOfOtherFacts(t *testing.T) {
	near, _ := loopback(t)
	conn := tlsock.Client(near, clientContext(t), "localhost")
	defer conn.Close()
	asked := 0
	refused := errors.New("refused")
	ask := func(found string, verdict error) (bool, error) {
		return conn.AskVerdict(found, func() error { asked++; return verdict })
	}
	if answered, _ := ask("good", nil); answered {
		t.Error("an answer before there can be one")
	}
	if answered, _ := ask("expired", refused); answered {
		t.Error("the verdict on what was good counts for what has expired")
	}
	answered, verdict := ask("expired", nil)
	equal(t, "answered", answered, true)
	equal(t, "verdict", verdict, refused)
	equal(t, "asked", asked, 2)
}

package tlsock_test

import (
	"context"
	"crypto"
	"errors"
	"runtime"
	"testing"
	"time"

	"tlsock"
)

// asked gives a client with a certificate, and a server that has asked for it after the handshake and whose callback waits.
func asked(t *testing.T, l *later) (client, server *tlsock.Conn, serving *tlsock.Context) {
	t.Helper()
	trusting, serving, _ := waiters["a client's verification"](t, l)
	must(t, serving.SetVerifyMode(tlsock.CertOptional))
	must(t, trusting.SetPostHandshakeAuth(true))
	must(t, serving.SetPostHandshakeAuth(true))
	client, server = pair(t, trusting, serving)
	equal(t, "asked", l.count.Load(), int32(0))
	must(t, server.VerifyClientPostHandshake())
	_, err := server.Write([]byte("!"))
	must(t, err)
	_, err = client.Read(make([]byte, 1))
	must(t, err)
	_, err = client.Write([]byte("early"))
	must(t, err)
	return client, server, serving
}

// The verdict on a client that shows its certificate after the handshake may wait: what the client sends meanwhile is read once
// it is there, and nothing is sent before.
func TestAVerdictAfterTheHandshakeWaits(t *testing.T) {
	l := newLater(1)
	client, server, _ := asked(t, l)
	buffer, read := make([]byte, 10), make(chan error, 1)
	reads := func() {
		n, err := server.Read(buffer)
		if err == nil && string(buffer[:n]) != "early" {
			t.Errorf("read %q", buffer[:n])
		}
		read <- err
	}
	go reads()
	<-l.asked
	if certificate, err := server.PeerCertificate(); certificate != nil || err == nil {
		t.Errorf("a certificate before the verdict: %v, %v", certificate, err)
	}
	equal(t, "version", server.Version(), "")
	must(t, server.SetReadDeadline(time.Unix(1, 0)))
	isDeadline(t, "the read", <-read)
	must(t, server.SetReadDeadline(time.Now().Add(30*time.Second)))
	go reads()
	written := make(chan error, 1)
	go func() { _, err := server.Write([]byte("answer")); written <- err }()
	for !server.Writing() {
		runtime.Gosched()
	}
	select {
	case err := <-written:
		t.Errorf("written before the verdict: %v", err)
	default:
	}
	close(l.given)
	must(t, <-read)
	must(t, <-written)
	n, err := client.Read(buffer)
	must(t, err)
	equal(t, "answer", string(buffer[:n]), "answer")
	equal(t, "asked", l.count.Load(), int32(1))
	certificate, err := server.PeerCertificate()
	must(t, err)
	equal(t, "verified", certificate.Verified(), true)
}

// What a client has sent that is refused then is for nobody.
func TestAClientIsRefusedAfterTheHandshake(t *testing.T) {
	refused := errors.New("not on the list")
	l := newLater(1)
	client, server, serving := asked(t, l)
	must(t, serving.SetVerifyCallback(func(context.Context, *tlsock.Object, *tlsock.Verification) error {
		l.asked <- nil
		<-l.given
		return refused
	}))
	buffer, read := make([]byte, 10), make(chan error, 1)
	go func() {
		n, err := server.Read(buffer)
		equal(t, "read", n, 0)
		read <- err
	}()
	<-l.asked
	close(l.given)
	within(t, "the read", func() {
		err := <-read
		equal(t, "refused", errors.Is(err, tlsock.ErrCertVerification) && errors.Is(err, refused), true)
	})
	if _, err := server.Write([]byte("secret")); err == nil {
		t.Error("a write to a client that was refused")
	}
	if n, err := client.Read(buffer); err == nil {
		t.Errorf("the client got %q", buffer[:n])
	}
}

// A signer runs in the thread of the call that asks it, which waits for it: one thread for each that is slow, and no more.
func TestSlowSignersHoldAThreadEach(t *testing.T) {
	const count = 50
	serving, key := signing(t, "p256")
	trusting := clientContext(t)
	waiting, goOn := make(chan bool, count), make(chan bool)
	key.before = func([]byte, crypto.SignerOpts) ([]byte, error) { waiting <- true; <-goOn; return nil, nil }
	group := shaking(t, count, trusting, serving)
	for i := 0; i < count; i++ {
		<-waiting
	}
	eventually(t, "only the signers occupy threads", func() bool { return len(holders()) == count })
	close(goOn)
	within(t, "the handshakes", group.Wait)
}

// A signer that answers after its connection was closed answers nobody, and nothing is left of it.
func TestSignersThatAnswerTooLate(t *testing.T) {
	serving, key := signing(t, "p256")
	trusting := clientContext(t)
	held, goroutines := settled(), runtime.NumGoroutine()
	waiting, goOn := make(chan bool, 1), make(chan bool)
	key.before = func([]byte, crypto.SignerOpts) ([]byte, error) { waiting <- true; <-goOn; return nil, nil }
	for i := 0; i < 5; i++ {
		near, far := loopback(t)
		client, server := tlsock.Client(near, trusting, "localhost"), tlsock.Server(far, serving)
		ended := make(chan error, 2)
		for _, conn := range []*tlsock.Conn{client, server} {
			conn := conn
			go func() { ended <- conn.Handshake() }()
		}
		<-waiting
		must(t, server.Close())
		within(t, "the handshakes", func() {
			for i := 0; i < 2; i++ {
				if err := <-ended; err == nil {
					t.Error("a handshake without a signature")
				}
			}
		})
		must(t, client.Close())
	}
	close(goOn)
	settle(t, "goroutines", goroutines, runtime.NumGoroutine)
	settle(t, "handles", held, handles)
}

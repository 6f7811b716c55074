package tlsock_test

import (
	"context"
	"crypto"
	"errors"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"tlsock"
)

// A slow signer delays its own connection and no other, however many are slow; calls on the connection do not wait either.
func TestASlowSignerDelaysNobody(t *testing.T) {
	serving, key := signing(t, "p256")
	count := 2*runtime.GOMAXPROCS(0) + 1
	waiting, goOn := make(chan bool, count), make(chan bool)
	key.before = func([]byte, crypto.SignerOpts) ([]byte, error) { waiting <- true; <-goOn; return nil, nil }
	var group sync.WaitGroup
	var conns []*tlsock.Conn
	trusting := clientContext(t)
	for i := 0; i < count; i++ {
		near, far := loopback(t)
		client, server := tlsock.Client(near, trusting, "localhost"), tlsock.Server(far, serving)
		conns = append(conns, server)
		group.Add(1)
		go func() {
			defer group.Done()
			defer client.Close()
			defer server.Close()
			if clientErr, serverErr := shakeHands(client, server); clientErr != nil || serverErr != nil {
				t.Error(clientErr, serverErr)
			}
		}()
	}
	within(t, "a handshake of many", func() {
		for i := 0; i < count; i++ {
			<-waiting
		}
	})
	within(t, "another handshake", func() { pair(t, trusting, serverContext(t, "ecdsa")) })
	within(t, "a getter", func() {
		for _, conn := range conns {
			equal(t, "server", conn.ServerSide(), true)
		}
	})
	// Those who ask at the moment at which the signer has signed get their answer as well.
	var stop atomic.Bool
	var asking sync.WaitGroup
	for i := 0; i < 4; i++ {
		asking.Add(1)
		go func() {
			defer asking.Done()
			for !stop.Load() {
				for _, conn := range conns {
					conn.ServerSide()
				}
			}
		}()
	}
	close(goOn)
	within(t, "the slow ones", group.Wait)
	stop.Store(true)
	within(t, "who asked", asking.Wait)
}

// A signer that never answers is not waited for beyond its handshake's context, a deadline of Listener, or Close.
func TestASignerThatNeverAnswers(t *testing.T) {
	never := make(chan bool)
	defer close(never)
	for name, end := range map[string]func(*tlsock.Conn, context.CancelFunc){
		"context": func(_ *tlsock.Conn, cancel context.CancelFunc) { cancel() },
		"close":   func(conn *tlsock.Conn, _ context.CancelFunc) { conn.Close() },
	} {
		end, name := end, name
		t.Run(name, func(t *testing.T) {
			serving, key := signing(t, "p256")
			asked := make(chan bool, 1)
			key.before = func([]byte, crypto.SignerOpts) ([]byte, error) { asked <- true; <-never; return nil, nil }
			near, far := loopback(t)
			client, server := tlsock.Client(near, clientContext(t), "localhost"), tlsock.Server(far, serving)
			defer client.Close()
			defer server.Close()
			limit(t, client)
			go client.Handshake()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			ended := make(chan error, 1)
			go func() { ended <- server.HandshakeContext(ctx) }()
			<-asked
			end(server, cancel)
			want := map[string]error{"context": context.Canceled, "close": net.ErrClosed}[name]
			within(t, "the handshake", func() { equal(t, "error", <-ended, want) })
		})
	}
}

// A client that is asked for its certificate after the handshake signs in a Read, which Close ends.
func TestSignersAfterTheHandshake(t *testing.T) {
	never := make(chan bool)
	defer close(never)
	key, err := keys["p256"]()
	must(t, err)
	asked, block := make(chan bool, 1), false
	signer := &remote{Signer: key, before: func([]byte, crypto.SignerOpts) ([]byte, error) {
		asked <- true
		if block {
			<-never
		}
		return nil, nil
	}}
	identity, err := tlsock.NewIdentitySigner(pemOf(certify(t, key, "visitor")), signer)
	must(t, err)
	trusting, serving := clientContext(t), serverContext(t, "ecdsa")
	must(t, trusting.UseIdentity(identity))
	must(t, trusting.SetPostHandshakeAuth(true))
	must(t, serving.SetPostHandshakeAuth(true))
	must(t, serving.LoadVerifyLocations(tlsock.VerifyLocations{CAFile: file("ca.pem")}))
	must(t, serving.SetVerifyMode(tlsock.CertRequired))
	for _, block = range []bool{false, true} {
		client, server := pair(t, trusting, serving)
		must(t, server.VerifyClientPostHandshake())
		_, err := server.Write([]byte("!"))
		must(t, err)
		read := make(chan error, 1)
		go func() { _, err := client.Read(make([]byte, 1)); read <- err }()
		<-asked
		if !block {
			must(t, <-read)
			continue
		}
		client.Close()
		within(t, "the read", func() { equal(t, "error", <-read, net.ErrClosed) })
	}
}

// An Object in memory has no goroutine of a handshake: its signer's error comes from the call that asked.
func TestSignersOfObjects(t *testing.T) {
	serving, key := signing(t, "ed255")
	for _, failure := range []error{nil, errOurs} {
		failure := failure
		key.before = func([]byte, crypto.SignerOpts) ([]byte, error) { return nil, failure }
		incoming, err := tlsock.NewMemoryBIO()
		must(t, err)
		outgoing, err := tlsock.NewMemoryBIO()
		must(t, err)
		client, err := clientContext(t).WrapBIO(incoming, outgoing, tlsock.WrapOptions{ServerHostname: "localhost"})
		must(t, err)
		server, err := serving.WrapBIO(outgoing, incoming, tlsock.WrapOptions{ServerSide: true})
		must(t, err)
		var clientErr, serverErr error = tlsock.ErrWantRead, nil
		for errors.Is(clientErr, tlsock.ErrWantRead) {
			clientErr = client.DoHandshake()
			if err := server.DoHandshake(); serverErr == nil && !errors.Is(err, tlsock.ErrWantRead) {
				serverErr = err
			}
		}
		equal(t, "failed", errors.Is(serverErr, errOurs), failure != nil)
		equal(t, "the client too", clientErr != nil, failure != nil)
		client.Close()
		server.Close()
	}
}

// A signer is freed once nobody can ask it.
func TestSignersAreFreed(t *testing.T) {
	freed := make(chan bool, 2)
	func() {
		key, err := keys["p256"]()
		must(t, err)
		chain := pemOf(certify(t, key, "localhost"))
		for i := 0; i < 2; i++ {
			signer := &remote{Signer: key}
			runtime.SetFinalizer(signer, func(*remote) { freed <- true })
			identity, err := tlsock.NewIdentitySigner(chain, signer)
			must(t, err)
			serving, err := tlsock.NewContext(tlsock.ProtocolTLSServer)
			must(t, err)
			must(t, serving.UseIdentity(identity))
			must(t, identity.Close())
			client, server := pair(t, clientContext(t), serving)
			must(t, serving.Close())
			client.Close()
			server.Close()
		}
	}()
	eventually(t, "all signers are freed", func() bool { runtime.GC(); return len(freed) == 2 })
}

package tlsock_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net"
	"testing"

	"tlsock"
)

// end is one side of a connection whose ciphertext the test moves.
type end struct {
	*tlsock.Object
	inbox []byte
	got   []byte
}

func pumpPair(t *testing.T) (client, server *end) {
	t.Helper()
	trusting, serving := clientContext(t), serverContext(t, "ecdsa")
	near, err := trusting.WrapBIO(nil, nil, tlsock.WrapOptions{ServerHostname: "localhost"})
	must(t, err)
	far, err := serving.WrapBIO(nil, nil, tlsock.WrapOptions{ServerSide: true})
	must(t, err)
	t.Cleanup(func() { near.Close(); far.Close() })
	return &end{Object: near}, &end{Object: far}
}

// step pumps once: takes what has arrived and some of data, and moves the output to the other side.
func (e *end) step(t *testing.T, to *end, data []byte, pump tlsock.Pump, room int) (tlsock.Pumped, error) {
	t.Helper()
	plain, wire := make([]byte, 20000), make([]byte, room)
	pump.CiphertextIn, pump.PlaintextIn, pump.PlaintextOut, pump.CiphertextOut = e.inbox, data, plain, wire
	done, err := e.Pump(pump)
	e.inbox = append([]byte(nil), e.inbox[done.CiphertextUsed:]...)
	e.got = append(e.got, plain[:done.PlaintextLen]...)
	to.inbox = append(to.inbox, wire[:done.CiphertextLen]...)
	return done, err
}

func pumpHandshake(t *testing.T, client, server *end) {
	t.Helper()
	var done tlsock.Pumped
	for i := 0; i < 3; i++ {
		server.step(t, client, nil, tlsock.Pump{}, 20000)
		done, _ = client.step(t, server, nil, tlsock.Pump{}, 20000)
	}
	equal(t, "done", done.HandshakeDone, true)
}

func TestPump(t *testing.T) {
	client, server := pumpPair(t)
	done, err := client.step(t, server, nil, tlsock.Pump{}, 20000)
	equal(t, "first step", err, tlsock.ErrWantRead)
	equal(t, "hello", done.CiphertextLen > 100 && !done.HandshakeDone, true)
	pumpHandshake(t, client, server)

	// More than fits is sent in pieces.
	sent := make([]byte, 100000)
	rand.Read(sent)
	for rest := sent; len(rest) > 0; {
		done, err := client.step(t, server, rest, tlsock.Pump{CloseWrite: true}, 20000)
		rest = rest[done.PlaintextUsed:]
		if len(rest) > 0 && !errors.Is(err, tlsock.ErrWantWrite) {
			t.Fatalf("%d bytes left: %v", len(rest), err)
		}
		for len(server.inbox) > 0 {
			server.step(t, client, nil, tlsock.Pump{}, 20000)
		}
	}
	done, _ = server.step(t, client, nil, tlsock.Pump{}, 20000)
	equal(t, "end", done.PeerClosed, true)
	equal(t, "all of it", bytes.Equal(server.got, sent), true)

	// The other direction stays open; its end without close_notify is reported as such.
	_, _ = server.step(t, client, []byte("answer"), tlsock.Pump{}, 20000)
	_, err = client.step(t, server, nil, tlsock.Pump{EOF: true}, 20000)
	equal(t, "answer", string(client.got), "answer")
	if err == nil {
		_, err = client.step(t, server, nil, tlsock.Pump{EOF: true}, 20000)
	}
	equal(t, "cut", errors.Is(err, tlsock.ErrEOF), true)
	must(t, client.Close())
	_, err = client.Pump(tlsock.Pump{})
	equal(t, "closed", errors.Is(err, net.ErrClosed), true)
}

// Programs call it for each piece that they move, so it must not keep the collector busy.
func TestPumpAllocatesNothing(t *testing.T) {
	client, server := pumpPair(t)
	pumpHandshake(t, client, server)
	data, wire, plain := make([]byte, 1000), make([]byte, 20000), make([]byte, 20000)
	moved := 0
	allocated := testing.AllocsPerRun(100, func() {
		sent, err := client.Pump(tlsock.Pump{PlaintextIn: data, CiphertextOut: wire})
		if err != nil && !errors.Is(err, tlsock.ErrWantRead) {
			t.Fatal(err)
		}
		read, err := server.Pump(tlsock.Pump{CiphertextIn: wire[:sent.CiphertextLen], PlaintextOut: plain})
		if err != nil {
			t.Fatal(err)
		}
		moved += read.PlaintextLen
	})
	equal(t, "moved", moved, 101*len(data))
	equal(t, "allocated", allocated, 0.0)
}

// The alert is returned with the error.
func TestPumpFails(t *testing.T) {
	client, server := pumpPair(t)
	pumpHandshake(t, client, server)
	server.inbox = []byte("this is no record of TLS")
	_, err := server.step(t, client, nil, tlsock.Pump{}, 20000)
	equal(t, "kind", errors.Is(err, tlsock.ErrSSL), true)
	equal(t, "alert", len(client.inbox) > 0, true)
}

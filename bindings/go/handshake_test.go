package tlsock_test

import (
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tlsock"
)

// More handshakes do not compute at once than there are processors: the others wait without a thread, and go on.
func TestHandshakesTakeTurns(t *testing.T) {
	defer tlsock.SetSlotWait(time.Hour)()
	giveBack := tlsock.TakeSlots()
	defer giveBack()
	near, far := loopback(t)
	var sent atomic.Bool
	below := &odd{Conn: near, write: func(b []byte) (int, error) { sent.Store(true); return near.Write(b) }}
	client, server := tlsock.Client(below, clientContext(t), "localhost"), tlsock.Server(far, serverContext(t, "ecdsa"))
	defer client.Close()
	defer server.Close()
	limit(t, client, server)
	shaken := make(chan error, 1)
	go func() {
		clientErr, serverErr := shakeHands(client, server)
		if clientErr == nil {
			clientErr = serverErr
		}
		shaken <- clientErr
	}()
	eventually(t, "both wait for their turn", func() bool {
		if sent.Load() {
			t.Fatal("a handshake has begun, and it was not its turn")
		}
		return strings.Count(stacks(), "tlsock.(*Conn).waitForSlot(") >= 2
	})
	giveBack()
	must(t, <-shaken)
}

// sparing fails the writes after some; alone it is a net.Conn that is no socket.
type sparing struct {
	net.Conn
	writes atomic.Int64
}

func (s *sparing) Write(b []byte) (int, error) {
	if s.writes.Add(-1) < 0 {
		return 0, errOurs
	}
	return s.Conn.Write(b)
}

// A server of TLS 1.3 is done before its tickets are sent: a client that does not read them delays it no more than one that has left.
func TestTicketsAreNotWaitedFor(t *testing.T) {
	near, far := net.Pipe()
	client, server := tlsock.Client(near, clientContext(t), "localhost"), tlsock.Server(far, serverContext(t, "ecdsa"))
	defer near.Close()
	defer far.Close()
	within(t, "a handshake whose client does not read on", func() {
		clientErr, serverErr := shakeHands(client, server)
		must(t, clientErr)
		must(t, serverErr)
	})
}

// What a server says last belongs to the handshake in TLS 1.2, and only there: in TLS 1.3 it is tickets.
func TestLastFlights(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			trusting := clientContext(t)
			must(t, trusting.SetMaximumVersion(version.ours))
			near, far := loopback(t)
			tcp := far.(*net.TCPConn)
			below := &sparingSocket{tcp, sparing{Conn: tcp}}
			below.writes.Store(1)
			client, server := tlsock.Client(near, trusting, "localhost"), tlsock.Server(below, serverContext(t, "ecdsa"))
			limit(t, client, server)
			defer client.Close()
			defer server.Close()
			done := make(chan error, 1)
			go func() { done <- server.Handshake(); near.Close() }()
			_ = client.Handshake()
			err := <-done
			if version.gos == tls.VersionTLS13 {
				must(t, err)
				if _, err := server.Write([]byte("!")); !errors.Is(err, errOurs) {
					t.Errorf("the write after it: %v", err)
				}
			} else if !errors.Is(err, errOurs) {
				t.Errorf("the handshake: %v", err)
			}
		})
	}
}

// sparingSocket is a socket of that kind.
type sparingSocket struct {
	*net.TCPConn
	sparing
}

func (s *sparingSocket) Write(b []byte) (int, error)        { return s.sparing.Write(b) }
func (s *sparingSocket) Read(b []byte) (int, error)         { return s.TCPConn.Read(b) }
func (s *sparingSocket) Close() error                       { return s.TCPConn.Close() }
func (s *sparingSocket) LocalAddr() net.Addr                { return s.TCPConn.LocalAddr() }
func (s *sparingSocket) RemoteAddr() net.Addr               { return s.TCPConn.RemoteAddr() }
func (s *sparingSocket) SetDeadline(t time.Time) error      { return s.TCPConn.SetDeadline(t) }
func (s *sparingSocket) SetReadDeadline(t time.Time) error  { return s.TCPConn.SetReadDeadline(t) }
func (s *sparingSocket) SetWriteDeadline(t time.Time) error { return s.TCPConn.SetWriteDeadline(t) }

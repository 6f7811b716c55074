//go:build unix

package tlsock_test

import (
	"io"
	"net"
	"syscall"
	"testing"
	"time"
)

// If a socket is closed with unread bytes, it is reset, and data that its peer has not read yet may be lost.
func TestCloseWithUnreadBytesIsNoReset(t *testing.T) {
	client, server := pair(t, clientContext(t), serverContext(t, "ecdsa"))
	_, err := server.Write(make([]byte, 1000)) // and the tickets
	must(t, err)
	_, err = client.Write([]byte("last words"))
	must(t, err)
	waitForBytes(t, client.NetConn().(*net.TCPConn))
	must(t, client.Close())
	got, err := io.ReadAll(server)
	must(t, err)
	equal(t, "text", string(got), "last words")
	_, err = server.NetConn().Read(make([]byte, 1))
	equal(t, "end of the socket", err, io.EOF)
}

// waitForBytes waits until bytes have arrived that were not read.
func waitForBytes(t *testing.T, conn *net.TCPConn) {
	t.Helper()
	raw, err := conn.SyscallConn()
	must(t, err)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		waiting := 0
		must(t, raw.Control(func(fd uintptr) {
			waiting, _, _ = syscall.Recvfrom(int(fd), make([]byte, 4096), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		}))
		if waiting > 1000 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes have arrived", waiting)
		}
	}
}

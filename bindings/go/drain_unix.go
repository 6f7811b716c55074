//go:build cgo && unix

package tlsock

import (
	"net"
	"syscall"
)

// drain takes what has arrived and nobody will read, such as session tickets: a system that closes a socket with
// unread bytes resets it, and the peer may lose the end of our data. It waits for nothing.
func drain(conn net.Conn) {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return
	}
	buf := buffer(recordSize)
	defer release(buf)
	_ = raw.Read(func(fd uintptr) bool {
		_, _ = syscall.Read(int(fd), *buf)
		return true
	})
}

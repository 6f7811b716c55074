//go:build cgo && unix

package tlsock

import (
	"net"
	"syscall"
)

// drain reads and drops bytes that have arrived and will not be read, such as session tickets: a system resets a socket
// that is closed with unread bytes, and the peer may lose the end of our data. It does not wait.
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

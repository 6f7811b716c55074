//go:build cgo && !unix

package tlsock

import "net"

// drain is for systems that reset a socket closed with unread bytes.
func drain(net.Conn) {}

//go:build cgo && !unix

package tlsock

import "net"

// drain does nothing here; see drain_unix.go.
func drain(net.Conn) {}

//go:build cgo && !go1.23

package tlsock

import "crypto/tls"

// newer sets the fields of later versions of crypto/tls.
func (s *ConnectionState) newer(*tls.ConnectionState) {}

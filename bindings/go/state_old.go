//go:build cgo && !go1.23

package tlsock

import "crypto/tls"

// newer sets what later versions of crypto/tls have.
func (s *ConnectionState) newer(*tls.ConnectionState) {}

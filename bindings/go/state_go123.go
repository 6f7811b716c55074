//go:build cgo && go1.23 && !go1.25

package tlsock

import "crypto/tls"

// newer sets the fields of later versions of crypto/tls.
func (s *ConnectionState) newer(converted *tls.ConnectionState) {
	converted.ECHAccepted = s.ECHAccepted
}

//go:build cgo && go1.25 && !go1.26

package tlsock

import "crypto/tls"

// newer sets the fields of later versions of crypto/tls.
func (s *ConnectionState) newer(converted *tls.ConnectionState) {
	converted.CurveID = s.CurveID
	converted.ECHAccepted = s.ECHAccepted
}

//go:build !go1.24

package tlsockhttp_test

const (
	withHTTP2 = false
	newest    = "HTTP/1.1"
)

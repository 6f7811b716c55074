//go:build go1.24

package tlsockhttp_test

const (
	withHTTP2 = true
	newest    = "HTTP/2.0"
)

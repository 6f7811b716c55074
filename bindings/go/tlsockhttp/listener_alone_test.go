//go:build go1.26

package tlsockhttp_test

import (
	"net/http"
	"testing"
	"time"

	"tlsock"
)

// The listener alone, without Serve, is enough for Request.TLS if net/http asks for it.
func TestListenerAlone(t *testing.T) {
	listener, err := tlsock.Listen("tcp", "127.0.0.1:0", mutual(t))
	must(t, err)
	listener.HandshakeTimeout = time.Hour
	server := &http.Server{Handler: http.HandlerFunc(describe)}
	go server.Serve(listener)
	defer server.Close()
	answer := get(t, cryptoTLS(t, false, "client"), "https://"+listener.Addr().String())
	equal(t, "answer", answer, "HTTP/1.1 0 client")
}

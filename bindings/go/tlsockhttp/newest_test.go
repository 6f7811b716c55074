//go:build go1.27

package tlsockhttp_test

import (
	"io"
	"log"
	"net"
	"net/http"
	"testing"

	"tlsock"
	"tlsock/internal/fixture"
)

// From Go 1.27 on net/http takes any connection with the methods of a *tls.Conn: adapters.md.
func TestNetHTTPAlone(t *testing.T) {
	context := fixture.Server(t)
	must(t, context.SetALPNProtocols("h2", "http/1.1"))
	listener := lazy{listen(t), context}
	lines := make(chan string, 10)
	server := &http.Server{Handler: http.HandlerFunc(describe), ErrorLog: log.New(logged{lines}, "", 0)}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	url := "https://" + listener.Addr().String()
	equal(t, "crypto/tls", get(t, cryptoTLS(t, true, ""), url), "HTTP/2.0 0 nobody")

	client := fixture.Client(t)
	must(t, client.SetALPNProtocols("h2", "http/1.1"))
	transport := &http.Transport{DialTLSContext: (&tlsock.Dialer{Context: client}).DialContext, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	text, response, err := fetch(&http.Client{Transport: transport}, url, 0)
	must(t, err)
	equal(t, "ours", text, "HTTP/2.0 0 nobody")
	if response.TLS == nil || response.TLS.NegotiatedProtocol != "h2" {
		t.Errorf("Response.TLS is %v", response.TLS)
	}

	plain := dial(t, listener.Addr().String())
	_, err = io.WriteString(plain, "GET / HTTP/1.1\r\n\r\n")
	must(t, err)
	(&serving{log: lines}).line(t, "TLS handshake error from "+plain.LocalAddr().String())
}

// lazy leaves handshakes to the server.
type lazy struct {
	net.Listener
	context *tlsock.Context
}

func (l lazy) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return tlsock.Server(conn, l.context), nil
}

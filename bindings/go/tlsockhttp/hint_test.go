//go:build go1.24

package tlsockhttp_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"tlsock"
	"tlsock/internal/fixture"
)

// With one protocol alone a server that once agrees on the other, or on none, fails that request, and the next is a new try.
func TestAServerThatAgreesLater(t *testing.T) {
	other := serve(t, fixture.Server(t), nil)
	modern, classic, silent := fixture.Server(t), fixture.Server(t), fixture.Server(t)
	must(t, modern.SetALPNProtocols("h2"))
	must(t, classic.SetALPNProtocols("http/1.1"))
	for name, contexts := range map[string][]*tlsock.Context{
		"another": {classic, classic, modern}, "none": {silent, silent, modern},
	} {
		inner, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		defer inner.Close()
		listener := &changing{Listener: inner, contexts: contexts}
		go forward(listener, other.address)
		base := &http.Transport{Protocols: new(http.Protocols)}
		base.Protocols.SetHTTP2(true)
		client := ours(t, fixture.Client(t), base)
		url := "https://" + inner.Addr().String()
		for i := 0; i < 2; i++ {
			// Forwarded or not, what counts is that there was a connection.
			if _, _, err := fetch(client, url, 50); err == nil || !strings.Contains(err.Error(), "not to be spoken") {
				t.Errorf("%s, request %d: %v", name, i, err)
			}
			equal(t, "connections", int(listener.accepted.Load()), i+1)
		}
		for i := 0; i < 3; i++ {
			equal(t, name, get(t, client, url), "HTTP/2.0 0 nobody")
		}
		equal(t, "connections", int(listener.accepted.Load()), 3)
	}
}

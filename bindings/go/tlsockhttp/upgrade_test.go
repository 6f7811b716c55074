package tlsockhttp_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"tlsock"
	"tlsock/internal/fixture"
	"tlsock/tlsockhttp"
)

// upgradeTo is a request for another protocol.
func upgradeTo(t testing.TB, url string) *http.Request {
	t.Helper()
	request, err := http.NewRequest("GET", url, http.NoBody)
	must(t, err)
	request.Header.Set("Connection", "Upgrade")
	request.Header.Set("Upgrade", "echo")
	return request
}

// answer gives what the server says to a request.
func answer(t testing.TB, transport http.RoundTripper, request *http.Request) string {
	t.Helper()
	response, err := transport.RoundTrip(request)
	must(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(t, err)
	return string(text)
}

func plainGet(t testing.TB, url string) *http.Request {
	t.Helper()
	request, err := http.NewRequest("GET", url, http.NoBody)
	must(t, err)
	return request
}

// asSomebody is a context for HTTP1 that shows a client's certificate.
func asSomebody(t testing.TB) *tlsock.Context {
	context := onlyHTTP1(t)
	must(t, context.LoadCertChain(fixture.File("client.pem"), fixture.File("client.key"), ""))
	return context
}

// asking is a server's context that asks for a certificate and takes none too.
func asking(t testing.TB) *tlsock.Context {
	context := mutual(t)
	must(t, context.SetVerifyMode(tlsock.CertOptional))
	return context
}

// A connection made with the context for upgrades serves no other request, nor the other way round: a server that declines the
// upgrade leaves it open, and who is on it is somebody else.
func TestUpgradesHaveConnectionsOfTheirOwn(t *testing.T) {
	server := serve(t, asking(t), func(server *http.Server, _ *tlsock.Listener) {
		server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
	})
	transport, err := tlsockhttp.NewTransport(fixture.Client(t), &http.Transport{})
	must(t, err)
	defer transport.CloseIdleConnections()
	transport.HTTP1 = asSomebody(t)
	for round := 0; round < 2; round++ {
		equal(t, "upgrade", answer(t, transport, upgradeTo(t, server.url)), "HTTP/1.1 0 client")
		equal(t, "other", answer(t, transport, plainGet(t, server.url)), "HTTP/1.1 0 nobody")
	}
}

// The same where the upgrade came second, and where HTTP/2 is spoken otherwise.
func TestUpgradeAfterOtherRequests(t *testing.T) {
	server := serve(t, asking(t), nil)
	transport, err := tlsockhttp.NewTransport(fixture.Client(t), &http.Transport{})
	must(t, err)
	defer transport.CloseIdleConnections()
	transport.HTTP1 = asSomebody(t)
	for round := 0; round < 2; round++ {
		equal(t, "other", answer(t, transport, plainGet(t, server.url)), newest+" 0 nobody")
		equal(t, "upgrade", answer(t, transport, upgradeTo(t, server.url)), "HTTP/1.1 0 client")
	}
}

// An HTTP1 that distrusts the server is no way around for others, nor is the other a way around for it.
func TestUpgradeTrustsAsItsContext(t *testing.T) {
	server := serve(t, fixture.Server(t), func(server *http.Server, _ *tlsock.Listener) {
		server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
	})
	distrustful, err := tlsock.NewContext(tlsock.ProtocolTLSClient)
	must(t, err)
	defer distrustful.Close()
	transport, err := tlsockhttp.NewTransport(fixture.Client(t), &http.Transport{})
	must(t, err)
	defer transport.CloseIdleConnections()
	transport.HTTP1 = distrustful
	equal(t, "other", answer(t, transport, plainGet(t, server.url)), "HTTP/1.1 0 nobody")
	if _, err := transport.RoundTrip(upgradeTo(t, server.url)); !errors.Is(err, tlsock.ErrCertVerification) {
		t.Errorf("an upgrade over trust that is not its own: %v", err)
	}
}

// An HTTP1 that offers HTTP/2 is told, and teaches nothing about the server.
func TestHTTP1ThatOffersHTTP2(t *testing.T) {
	server := cryptoServer(t, "h2", "http/1.1")
	transport, err := tlsockhttp.NewTransport(fixture.Client(t), &http.Transport{})
	must(t, err)
	defer transport.CloseIdleConnections()
	transport.HTTP1 = fixture.Client(t)
	must(t, transport.HTTP1.SetALPNProtocols("h2", "http/1.1"))
	if _, err := transport.RoundTrip(upgradeTo(t, server.URL)); err == nil || !strings.Contains(err.Error(), `HTTP1 offers "h2"`) {
		t.Errorf("an upgrade: %v", err)
	}
	equal(t, "others", answer(t, transport, plainGet(t, server.URL)), newest+" 0 nobody")
	secure, err := tlsock.Listen("tcp", "127.0.0.1:0", fixture.Server(t))
	must(t, err)
	secure.HandshakeTimeout = time.Hour
	must(t, secure.Context().SetALPNProtocols("h2"))
	client, through := through(t, "https://me:secret@"+httpProxy(t, secure))
	through.HTTP1 = transport.HTTP1
	if _, _, err := fetch(client, server.URL, 0); err == nil || !strings.Contains(err.Error(), `HTTP1 offers "h2"`) {
		t.Errorf("a proxy: %v", err)
	}
}

// What CloseIdleConnections closes are those of upgrades too.
func TestIdleConnectionsOfUpgradesAreClosed(t *testing.T) {
	ended := make(chan struct{}, 1)
	serving := serve(t, fixture.Server(t), func(server *http.Server, _ *tlsock.Listener) {
		server.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				ended <- struct{}{}
			}
		}
	})
	transport, err := tlsockhttp.NewTransport(fixture.Client(t), &http.Transport{})
	must(t, err)
	transport.HTTP1 = onlyHTTP1(t)
	equal(t, "upgrade", answer(t, transport, upgradeTo(t, serving.url)), "HTTP/1.1 0 nobody")
	transport.CloseIdleConnections()
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		t.Error("the connection of an upgrade stays open")
	}
}

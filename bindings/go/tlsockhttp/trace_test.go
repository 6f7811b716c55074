package tlsockhttp_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"testing"
	"time"

	"tlsock"
	"tlsock/internal/fixture"
)

// traced does a request and gives its trace.
func traced(t testing.TB, client *http.Client, url string) string {
	t.Helper()
	var seen []string
	ctx := httptrace.WithClientTrace(background(t), &httptrace.ClientTrace{
		TLSHandshakeStart: func() { seen = append(seen, "start") },
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			seen = append(seen, fmt.Sprintf("done %v %q %v", state.HandshakeComplete, state.NegotiatedProtocol, err != nil))
		},
		GotConn:      func(httptrace.GotConnInfo) { seen = append(seen, "conn") },
		WroteRequest: func(httptrace.WroteRequestInfo) { seen = append(seen, "wrote") },
	})
	request, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	must(t, err)
	response, err := client.Transport.RoundTrip(request)
	if err == nil {
		if response.Request != request {
			t.Errorf("%s: the response is not of the request", url)
		}
		must(t, response.Body.Close())
	}
	return fmt.Sprint(seen, err != nil)
}

// A trace is told what it is told with crypto/tls.
func TestTransportTrace(t *testing.T) {
	modern, classic := serve(t, fixture.Server(t), nil), cryptoServer(t, "http/1.1")
	nobody := fixture.Accept(t, listen(t), func(conn net.Conn) {
		if n, _ := conn.Read(make([]byte, 4096)); n > 0 {
			fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		}
	})
	proxies, err := tlsock.Listen("tcp", "127.0.0.1:0", fixture.Server(t))
	must(t, err)
	proxies.HandshakeTimeout = time.Hour
	proxy := "https://me:secret@" + httpProxy(t, proxies)
	for _, kind := range []struct{ url, proxy string }{
		{modern.url, ""}, {classic.URL, ""}, {"https://" + nobody, ""}, {"http://" + nobody, ""},
		{modern.url, proxy}, {classic.URL, proxy}, {"https://" + nobody, proxy}, {"http://" + nobody, proxy},
	} {
		theirs, mine := cryptoTLS(t, true, ""), ours(t, fixture.Client(t), nil)
		if kind.proxy != "" {
			parsed, err := url.Parse(kind.proxy)
			must(t, err)
			theirs.Transport.(*http.Transport).Proxy = http.ProxyURL(parsed)
			client, transport := through(t, kind.proxy)
			transport.HTTP1 = onlyHTTP1(t)
			mine = client
		}
		equal(t, kind.url+" "+kind.proxy, traced(t, mine, kind.url), traced(t, theirs, kind.url))
	}
}

// The two events of a handshake come before and after it, so that the time between them is what it takes.
func TestTraceOfWaiting(t *testing.T) {
	hold, release := make(chan struct{}), make(chan struct{})
	listener := listen(t)
	address := fixture.Accept(t, listener, func(conn net.Conn) {
		close(hold)
		<-release
	})
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	started := false
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeStart: func() {
			started = true
			<-hold // connected, and nothing is answered yet
			close(release)
		},
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			if !started || err == nil {
				t.Errorf("started %v, %v", started, err)
			}
		},
	})
	request, err := http.NewRequestWithContext(ctx, "GET", "https://"+address, nil)
	must(t, err)
	if _, err := ours(t, fixture.Client(t), nil).Do(request); err == nil || !started {
		t.Errorf("started %v, %v", started, err)
	}
}

// What dials for the transport gets the whole trace.
func TestTraceOfDials(t *testing.T) {
	server := serve(t, fixture.Server(t), nil)
	plain := fixture.Accept(t, listen(t), func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1)) })
	for _, url := range []string{server.url, "http://" + plain} {
		dials := 0
		base := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			dials++
			trace := httptrace.ContextClientTrace(ctx)
			if trace == nil || trace.TLSHandshakeStart == nil || trace.TLSHandshakeDone == nil || trace.GotConn == nil {
				t.Errorf("%s: its trace is %+v", url, trace)
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		}}
		traced(t, ours(t, fixture.Client(t), base), url)
		if dials != 1 {
			t.Errorf("%s: dialled %d times", url, dials)
		}
	}
}

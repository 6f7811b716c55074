package tlsockhttp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	"tlsock"
	"tlsock/internal/fixture"
	"tlsock/tlsockhttp"
)

// A proxy or a server that says nothing is given up after the time for that, on a connection without deadlines too.
func TestSilentProxiesWithoutDeadlines(t *testing.T) {
	silent := fixture.Accept(t, listen(t), func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	polite := fixture.Accept(t, listen(t), func(conn net.Conn) {
		_, _ = io.Copy(io.Discard, tlsock.Server(conn, fixture.Server(t)))
	})
	defer tlsockhttp.SetProxyTimeout(50 * time.Millisecond)()
	for name, proxy := range map[string]string{
		"http": "http://" + silent, "socks5": "socks5://" + silent, "https": "https://" + silent,
		"https after its handshake": "https://" + polite, "none": "",
	} {
		dialled := make(chan *fixture.Timeless, 1)
		base := &http.Transport{TLSHandshakeTimeout: 100 * time.Millisecond, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			own := fixture.NewTimeless(conn)
			dialled <- own
			return own, nil
		}}
		if proxy != "" {
			parsed, err := url.Parse(proxy)
			must(t, err)
			base.Proxy = http.ProxyURL(parsed)
		}
		transport, err := tlsockhttp.NewTransport(fixture.Client(t), base)
		must(t, err)
		transport.HTTP1 = onlyHTTP1(t)
		ended := make(chan error, 1)
		go func() {
			_, _, err := fetch(&http.Client{Transport: transport}, "https://"+silent, 0)
			ended <- err
		}()
		select {
		case err := <-ended:
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", name, err)
			}
			<-(<-dialled).Closed
		case <-time.After(30 * time.Second):
			t.Errorf("%s: no end", name)
		}
	}
}

package tlsockhttp_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"tlsock"
	"tlsock/internal/fixture"
	"tlsock/tlsockhttp"
)

// tunnel joins a client and a target.
func tunnel(client net.Conn, target string, ready func()) {
	back, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer back.Close()
	ready()
	go io.Copy(back, client)
	io.Copy(client, back)
}

// httpProxy supports CONNECT, and requires "me:secret".
func httpProxy(t testing.TB, listener net.Listener) string {
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte("me:secret"))
	return fixture.Accept(t, listener, func(client net.Conn) {
		request, err := http.ReadRequest(bufio.NewReader(client))
		if err != nil {
			return
		}
		if request.Method != "CONNECT" || request.Header.Get("Proxy-Authorization") != want {
			fmt.Fprint(client, "HTTP/1.1 407 Who are you\r\n\r\n")
			return
		}
		tunnel(client, request.Host, func() { fmt.Fprint(client, "HTTP/1.1 200 OK\r\n\r\n") })
	})
}

// socksProxy supports the part of SOCKS 5 that the client uses. With the method 2 it requires "me:secret".
func socksProxy(t testing.TB, method byte) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	return fixture.Accept(t, listener, func(client net.Conn) {
		take := func(size int) string {
			bytes := make([]byte, size)
			if _, err := io.ReadFull(client, bytes); err != nil {
				t.Error(err)
			}
			return string(bytes)
		}
		offered := take(int(take(2)[1]))
		if !strings.Contains(offered, string([]byte{method})) {
			client.Write([]byte{5, 0xff})
			return
		}
		client.Write([]byte{5, method})
		if method == 2 {
			if take(11) != "\x01\x02me\x06secret" {
				client.Write([]byte{1, 1})
				return
			}
			client.Write([]byte{1, 0})
		}
		if take(4) != "\x05\x01\x00\x01" {
			t.Error("not asked for an IPv4 address")
		}
		address := take(6)
		target := fmt.Sprintf("%s:%d", net.IP(address[:4]), int(address[4])<<8|int(address[5]))
		tunnel(client, target, func() { client.Write([]byte{5, 0, 0, 3, 1, 'x', 0, 0}) })
	})
}

func listen(t testing.TB) net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	return listener
}

func through(t testing.TB, proxy string) (*http.Client, *tlsockhttp.Transport) {
	parsed, err := url.Parse(proxy)
	must(t, err)
	transport, err := tlsockhttp.NewTransport(fixture.Client(t), &http.Transport{Proxy: http.ProxyURL(parsed)})
	must(t, err)
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 30 * time.Second}, transport
}

func TestProxies(t *testing.T) {
	modern, classic := serve(t, fixture.Server(t), nil), cryptoServer(t, "http/1.1")
	secure, err := tlsock.Listen("tcp", "127.0.0.1:0", fixture.Server(t))
	must(t, err)
	secure.HandshakeTimeout = time.Hour
	secureProxy := httpProxy(t, secure)
	for _, proxy := range []string{
		"http://me:secret@" + httpProxy(t, listen(t)),
		"https://me:secret@" + secureProxy,
		"socks5://me:secret@" + socksProxy(t, 2),
	} {
		client, transport := through(t, proxy)
		transport.HTTP1 = onlyHTTP1(t)
		equal(t, proxy, get(t, client, modern.url), newest+" 0 nobody")
		equal(t, proxy, get(t, client, classic.URL), "HTTP/1.1 0 nobody")
		wrong, _ := through(t, strings.Replace(proxy, "secret", "secre7", 1))
		wrong.Transport.(*tlsockhttp.Transport).HTTP1 = onlyHTTP1(t)
		var opError *net.OpError
		if _, _, err := fetch(wrong, modern.url, 0); !errors.As(err, &opError) || opError.Op != "proxyconnect" {
			t.Errorf("%s with another password: %v", proxy, err)
		}
	}
	client, _ := through(t, "https://me:secret@"+secureProxy)
	if _, _, err := fetch(client, modern.url, 0); err == nil || !strings.Contains(err.Error(), "Transport.HTTP1") {
		t.Errorf("https:// without a context: %v", err)
	}
	client, _ = through(t, "gopher://127.0.0.1:1")
	if _, _, err := fetch(client, modern.url, 0); err == nil || !strings.Contains(err.Error(), "gopher") {
		t.Errorf("an unknown scheme: %v", err)
	}
}

// A SOCKS proxy chooses whether a user has to log in, as with net/http. It gets no way of login that was not offered.
func TestSOCKSLogin(t *testing.T) {
	modern, classic := serve(t, fixture.Server(t), nil), httptest.NewServer(http.HandlerFunc(describe))
	defer classic.Close()
	for method, proxy := range map[byte]string{0: socksProxy(t, 0), 2: socksProxy(t, 2), 1: socksProxy(t, 1)} {
		for _, user := range []string{"", "me:secret@"} {
			client, _ := through(t, "socks5://"+user+proxy)
			_, _, err := fetch(client, modern.url, 0)
			_, _, plain := fetch(client, classic.URL, 0)
			works := method == 0 || method == 2 && user != ""
			if (err == nil) != works || (plain == nil) != works {
				t.Errorf("method %d, user %q: %v, and with net/http's: %v", method, user, err, plain)
			}
		}
	}
	for _, answer := range [][]byte{{4, 0}, {5, 2}, {5, 1}} {
		answer := answer
		bad := fixture.Accept(t, listen(t), func(client net.Conn) {
			io.ReadFull(client, make([]byte, 3))
			client.Write(answer)
			io.Copy(io.Discard, client)
		})
		client, _ := through(t, "socks5://"+bad)
		var opError *net.OpError
		if _, _, err := fetch(client, modern.url, 0); !errors.As(err, &opError) || opError.Op != "proxyconnect" {
			t.Errorf("the answer %v: %v", answer, err)
		}
	}
}

// A request ends even if its proxy is silent, and a proxy that sends too much is not trusted.
func TestBadProxies(t *testing.T) {
	server := serve(t, fixture.Server(t), nil)
	silent := listen(t)
	defer silent.Close()
	client, _ := through(t, "http://"+silent.Addr().String())
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", server.url, nil)
	must(t, err)
	if _, err := client.Do(request); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a silent proxy: %v", err)
	}
	eager := fixture.Accept(t, listen(t), func(client net.Conn) {
		http.ReadRequest(bufio.NewReader(client))
		fmt.Fprint(client, "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
		io.Copy(io.Discard, client)
	})
	client, _ = through(t, "http://"+eager)
	if _, _, err := fetch(client, server.url, 0); err == nil || !strings.Contains(err.Error(), "more than its answer") {
		t.Errorf("an eager proxy: %v", err)
	}
}

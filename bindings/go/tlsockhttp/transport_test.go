package tlsockhttp_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tlsock"
	"tlsock/internal/fixture"
	"tlsock/tlsockhttp"
)

// cryptoServer is a crypto/tls server for the protocols in alpn.
func cryptoServer(t testing.TB, alpn ...string) *httptest.Server {
	pair, err := tls.LoadX509KeyPair(fixture.File("ecdsa.pem"), fixture.File("ecdsa.key"))
	must(t, err)
	server := httptest.NewUnstartedServer(http.HandlerFunc(describe))
	server.EnableHTTP2 = true
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: alpn}
	server.StartTLS()
	server.TLS.NextProtos = alpn
	t.Cleanup(server.Close)
	return server
}

// onlyHTTP1 is a context for a transport's HTTP1.
func onlyHTTP1(t testing.TB) *tlsock.Context {
	context := fixture.Client(t)
	must(t, context.SetALPNProtocols("http/1.1"))
	return context
}

// The server chooses, and responses say which protocol they came over.
func TestTransportProtocols(t *testing.T) {
	client := ours(t, fixture.Client(t), nil)
	plain := httptest.NewServer(http.HandlerFunc(describe))
	defer plain.Close()
	for _, c := range []struct{ url, want string }{
		{cryptoServer(t, "h2", "http/1.1").URL, newest + " 7 nobody"},
		{cryptoServer(t, "http/1.1").URL, "HTTP/1.1 7 nobody"},
		{serve(t, fixture.Server(t), nil).url, newest + " 7 nobody"},
	} {
		for i := 0; i < 3; i++ {
			text, response, err := fetch(client, c.url, 7)
			must(t, err)
			equal(t, "answer", text, c.want)
			if response.TLS == nil || len(response.TLS.PeerCertificates) == 0 {
				t.Errorf("%s: the response has no certificate: %+v", c.want, response.TLS)
			}
			equal(t, "the request of the response", response.Request.URL.String(), c.url)
		}
	}
	text, response, err := fetch(client, plain.URL, 7)
	must(t, err)
	equal(t, "plain", text, "HTTP/1.1 7 no TLS")
	if response.TLS != nil {
		t.Error("a plain response has TLS")
	}
}

// changing is a listener whose connections alternately agree on different protocols.
type changing struct {
	net.Listener
	contexts []*tlsock.Context
	accepted atomic.Int32
}

func (c *changing) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		return nil, err
	}
	number := int(c.accepted.Add(1)) - 1
	return tlsock.Server(conn, c.contexts[number%len(c.contexts)]), nil
}

// A body that can be read only once arrives whole with either protocol, and no connection is made in vain.
func TestTransportServerChangesItsMind(t *testing.T) {
	if !withHTTP2 {
		t.Skip("SKIPPED: HTTP/2 needs Go 1.24")
	}
	other := serve(t, fixture.Server(t), nil)
	modern, classic := fixture.Server(t), fixture.Server(t)
	must(t, modern.SetALPNProtocols("h2"))
	must(t, classic.SetALPNProtocols("http/1.1"))
	client := ours(t, fixture.Client(t), nil)
	for _, contexts := range [][]*tlsock.Context{{classic, modern}, {modern, classic}, {classic, classic, modern}} {
		inner, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		defer inner.Close()
		listener := &changing{Listener: inner, contexts: contexts}
		go forward(listener, other.address)
		for i := 0; i < 6; i++ {
			text, _, err := fetch(client, "https://"+inner.Addr().String(), 5000)
			must(t, err)
			if !strings.HasSuffix(text, " 5000 nobody") {
				t.Errorf("answer: %q", text)
			}
			client.CloseIdleConnections()
		}
		equal(t, "connections", int(listener.accepted.Load()), 6)
	}
}

// forward relays to a server behind it, with the protocol of each connection.
func forward(listener net.Listener, address string) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			front := conn.(*tlsock.Conn)
			if front.Handshake() != nil {
				return
			}
			config := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{front.SelectedALPNProtocol()}}
			back, err := tls.Dial("tcp", address, config)
			if err != nil {
				return
			}
			defer back.Close()
			go io.Copy(back, front)
			io.Copy(front, back)
		}()
	}
}

// Many simultaneous first requests use one connection if one is enough.
func TestTransportFirstRequests(t *testing.T) {
	if !withHTTP2 {
		t.Skip("SKIPPED: HTTP/2 needs Go 1.24")
	}
	connections := new(atomic.Int32)
	server := serve(t, fixture.Server(t), func(server *http.Server, _ *tlsock.Listener) {
		server.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
			connections.Add(1)
			return ctx
		}
	})
	client := ours(t, fixture.Client(t), nil)
	crowd(100, func(int) { equal(t, "answer", get(t, client, server.url), "HTTP/2.0 0 nobody") })
	equal(t, "connections", connections.Load(), int32(1))
}

// A first connection that gets no answer is no reason for others to wait.
func TestTransportFirstRequestThatHangs(t *testing.T) {
	server := cryptoServer(t, "http/1.1")
	base := &http.Transport{}
	var dials atomic.Int32
	silent, kept := net.Pipe()
	defer kept.Close()
	hangs := make(chan struct{})
	base.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if dials.Add(1) == 1 {
			close(hangs)
			return silent, nil
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	client := ours(t, fixture.Client(t), base)
	address := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	ctx, cancel := context.WithCancel(background(t))
	first := make(chan error)
	ask := func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, "GET", address, nil)
		must(t, err)
		response, err := client.Do(request)
		if err == nil {
			err = response.Body.Close()
		}
		return err
	}
	go func() { first <- ask(ctx) }()
	<-hangs
	limited, stop := context.WithTimeout(background(t), 20*time.Second)
	defer stop()
	must(t, ask(limited))
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestTransportUpgrade(t *testing.T) {
	server := serve(t, fixture.Server(t), func(server *http.Server, _ *tlsock.Listener) {
		server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn, buffered, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
			io.CopyN(conn, buffered, 5)
		})
	})
	request, err := http.NewRequest("GET", server.url, nil)
	must(t, err)
	request.Header.Set("Connection", "Upgrade")
	request.Header.Set("Upgrade", "echo")
	transport, err := tlsockhttp.NewTransport(fixture.Client(t), &http.Transport{})
	must(t, err)
	defer transport.CloseIdleConnections()
	if _, err := transport.RoundTrip(request); err == nil || !strings.Contains(err.Error(), "Transport.HTTP1") {
		t.Errorf("without a context for HTTP/1.1: %v", err)
	}
	transport.HTTP1 = onlyHTTP1(t)
	response, err := transport.RoundTrip(request)
	must(t, err)
	equal(t, "status", response.StatusCode, http.StatusSwitchingProtocols)
	stream := response.Body.(io.ReadWriteCloser)
	defer stream.Close()
	_, err = io.WriteString(stream, "hello")
	must(t, err)
	back, err := io.ReadAll(stream)
	must(t, err)
	equal(t, "echo", string(back), "hello")
}

// Settings that would be ignored are refused.
func TestTransportBase(t *testing.T) {
	dialer := &tlsock.Dialer{Context: fixture.Client(t)}
	for name, base := range map[string]*http.Transport{
		"InsecureSkipVerify": {TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
		"ServerName":         {TLSClientConfig: &tls.Config{ServerName: "localhost"}},
		"DialContext":        {DialTLSContext: dialer.DialContext},
	} {
		if _, err := tlsockhttp.NewTransport(fixture.Client(t), base); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	transport, err := tlsockhttp.NewTransport(fixture.Client(t), nil)
	must(t, err)
	defer transport.CloseIdleConnections()
	equal(t, "the default", get(t, &http.Client{Transport: transport}, cryptoServer(t).URL), "HTTP/1.1 0 nobody")
	equal(t, "the default's twin", get(t, http.DefaultClient, httptest.NewServer(http.HandlerFunc(describe)).URL),
		"HTTP/1.1 0 no TLS")
}

func TestTransportErrors(t *testing.T) {
	server := serve(t, fixture.Server(t), nil)
	distrustful, err := tlsock.NewContext(tlsock.ProtocolTLSClient)
	must(t, err)
	defer distrustful.Close()
	if _, _, err := fetch(ours(t, distrustful, nil), server.url, 10); !errors.Is(err, tlsock.ErrCertVerification) {
		t.Errorf("without trust: %v", err)
	}
	elsewhere := strings.Replace(server.url, "127.0.0.1", "127.0.0.2", 1)
	base := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server.address)
	}}
	if _, _, err := fetch(ours(t, fixture.Client(t), base), elsewhere, 0); !errors.Is(err, tlsock.ErrCertVerification) {
		t.Errorf("another name: %v", err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer silent.Close()
	client := ours(t, fixture.Client(t), &http.Transport{TLSHandshakeTimeout: 50 * time.Millisecond})
	if _, _, err := fetch(client, "https://"+silent.Addr().String(), 0); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nobody answers: %v", err)
	}
	closed := make(chan struct{})
	request, err := http.NewRequest("POST", "https://"+silent.Addr().String(), closing{zeros{}, closed})
	must(t, err)
	if _, err := client.Do(request); err == nil {
		t.Error("nobody answers, and no error")
	}
	<-closed
}

// An end before there was a handshake is no empty answer, over either protocol, directly and at a proxy.
func TestTransportEarlyEnd(t *testing.T) {
	interrupted := fixture.Interrupted(t)
	proxy := &url.URL{Scheme: "https", Host: interrupted}
	for name, base := range map[string]*http.Transport{"directly": {}, "at a proxy": {Proxy: http.ProxyURL(proxy)}} {
		client := ours(t, fixture.Client(t), base)
		client.Transport.(*tlsockhttp.Transport).HTTP1 = onlyHTTP1(t)
		text, _, err := fetch(client, "https://"+interrupted, 0)
		if !errors.Is(err, tlsock.ErrZeroReturn) || errors.Is(err, io.EOF) || text != "" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

// closing records when it is closed.
type closing struct {
	io.Reader
	closed chan struct{}
}

func (c closing) Close() error {
	close(c.closed)
	return nil
}

// Nothing is left once idle connections are closed.
func TestTransportLeavesNothing(t *testing.T) {
	before := tlsock.HandleCount()
	func() {
		server := serve(t, fixture.Server(t), nil)
		classic := cryptoServer(t, "http/1.1")
		client := ours(t, fixture.Client(t), nil)
		crowd(50, func(i int) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i)*time.Millisecond)
			defer cancel()
			for _, url := range []string{server.url, classic.URL} {
				request, _ := http.NewRequestWithContext(ctx, "GET", url, nil)
				if response, err := client.Do(request); err == nil {
					response.Body.Close()
				}
			}
		})
		client.CloseIdleConnections()
		server.Close()
		classic.Close()
	}()
	// The contexts live as long as the test.
	const contexts = 2
	late := time.Now().Add(20 * time.Second)
	for tlsock.HandleCount() > before+contexts {
		if time.Now().After(late) {
			t.Fatalf("%d handles are left", tlsock.HandleCount()-before-contexts)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

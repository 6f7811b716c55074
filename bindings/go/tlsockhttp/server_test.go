package tlsockhttp_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"tlsock"
	"tlsock/internal/fixture"
	"tlsock/tlsockhttp"
)

// mutual is a server's context that requires a client's certificate.
func mutual(t testing.TB) *tlsock.Context {
	context := fixture.Server(t)
	must(t, context.SetVerifyMode(tlsock.CertRequired))
	return context
}

// Handlers see the client's identity, with both protocols and with any client.
func TestRequestTLS(t *testing.T) {
	server := serve(t, mutual(t), nil)
	shown := func() *tlsock.Context {
		context := fixture.Client(t)
		must(t, context.LoadCertChain(fixture.File("client.pem"), fixture.File("client.key"), ""))
		return context
	}
	h2 := "HTTP/2.0"
	if !withHTTP2 {
		h2 = "HTTP/1.1"
	}
	for name, c := range map[string]struct {
		client *http.Client
		want   string
	}{
		"crypto/tls, 1.1": {cryptoTLS(t, false, "client"), "HTTP/1.1 0 client"},
		"crypto/tls, 2":   {cryptoTLS(t, true, "client"), h2 + " 0 client"},
		"ours":            {ours(t, shown(), nil), h2 + " 0 client"},
		"ours, alone":     {&http.Client{Transport: alone(t, shown())}, "HTTP/1.1 0 client"},
	} {
		equal(t, name, get(t, c.client, server.url), c.want)
		equal(t, name+", again", get(t, c.client, server.url), c.want)
	}
}

// alone is an http.Transport that dials through us: HTTP/1.1.
func alone(t testing.TB, context *tlsock.Context) *http.Transport {
	dialer := &tlsock.Dialer{Context: context}
	transport := &http.Transport{DialTLSContext: dialer.DialContext}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

func TestCurl(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("SKIPPED: curl is not installed")
	}
	server := serve(t, mutual(t), nil)
	want := map[string]string{"--http1.1": "HTTP/1.1 5 client", "--http2": "HTTP/2.0 5 client"}
	if !withHTTP2 {
		want["--http2"] = "HTTP/1.1 5 client"
	}
	for option, answer := range want {
		output, err := exec.Command("curl", "--silent", "--show-error", "--max-time", "30", option, "--data", "hello",
			"--cacert", fixture.File("ca.pem"), "--cert", fixture.File("client.pem"), "--key", fixture.File("client.key"),
			server.url).CombinedOutput()
		if err != nil {
			t.Errorf("curl %s: %v: %s", option, err, output)
		}
		equal(t, "curl "+option, string(output), answer)
	}
}

func TestPlainHTTP(t *testing.T) {
	server := serve(t, fixture.Server(t), nil)
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "OPTIONS"} {
		conn := dial(t, server.address)
		fmt.Fprintf(conn, "%s / HTTP/1.1\r\nHost: localhost\r\n\r\n", method)
		response, err := io.ReadAll(conn)
		must(t, err)
		equal(t, method, string(response),
			"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")
		want := fmt.Sprintf("http: TLS handshake error from %v: client sent an HTTP request to an HTTPS server\n",
			conn.LocalAddr())
		equal(t, "log", server.line(t, "handshake"), want)
	}
	// Data that is neither TLS nor HTTP gets no HTTP answer.
	conn := dial(t, server.address)
	fmt.Fprint(conn, "EHLO localhost\r\n")
	response, err := io.ReadAll(conn)
	must(t, err)
	if strings.Contains(string(response), "HTTP") {
		t.Errorf("a mail client is told %q", response)
	}
	server.line(t, conn.LocalAddr().String())
}

// A failed handshake is logged with the address and the reason.
func TestHandshakeErrorLog(t *testing.T) {
	server := serve(t, mutual(t), func(_ *http.Server, listener *tlsock.Listener) {
		listener.HandshakeTimeout = 50 * time.Millisecond
	})
	silent := dial(t, server.address)
	line := server.line(t, silent.LocalAddr().String())
	if !strings.Contains(line, "TLS handshake error") || !strings.Contains(line, "not done after 50ms") {
		t.Errorf("a silent client: %q", line)
	}
	if _, err := silent.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("a silent client is left: %v", err)
	}
	half := dial(t, server.address)
	_, err := half.Write([]byte{22, 3, 1})
	must(t, err)
	server.line(t, half.LocalAddr().String())

	patient := serve(t, mutual(t), nil)
	if _, _, err := fetch(cryptoTLS(t, false, ""), patient.url, 0); err == nil {
		t.Error("a client without a certificate is served")
	}
	if line := patient.line(t, "handshake"); !strings.Contains(line, "127.0.0.1:") ||
		!strings.Contains(line, "peer did not return a certificate") {
		t.Errorf("without a certificate: %q", line)
	}
}

// An end before there was a handshake, at once or after a part of a ClientHello, is logged, and no request.
func TestServerEarlyEnd(t *testing.T) {
	server := serve(t, fixture.Server(t), func(server *http.Server, _ *tlsock.Listener) {
		server.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request") })
	})
	for _, start := range []string{"", "\x16\x03\x01\x00\x04\x01\x00\x00\x40"} {
		conn := dial(t, server.address)
		_, err := conn.Write(append([]byte(start), fixture.EarlyEnd...))
		must(t, err)
		if line := server.line(t, conn.LocalAddr().String()); !strings.Contains(line, "TLS handshake error") {
			t.Errorf("%q: %q", start, line)
		}
	}
}

// net/http's own timeouts limit the handshake, unless the listener has one.
func TestServerTimeouts(t *testing.T) {
	server := serve(t, fixture.Server(t), func(server *http.Server, listener *tlsock.Listener) {
		listener.HandshakeTimeout = 0
		server.ReadTimeout, server.ReadHeaderTimeout = time.Hour, 50*time.Millisecond
	})
	server.line(t, dial(t, server.address).LocalAddr().String())
}

// Silent clients do not delay others.
func TestSlowClients(t *testing.T) {
	server := serve(t, fixture.Server(t), nil)
	for i := 0; i < 200; i++ {
		conn := dial(t, server.address)
		if i%2 == 0 {
			_, err := conn.Write([]byte{22, 3, 1, 2})
			must(t, err)
		}
	}
	client := cryptoTLS(t, false, "")
	client.Timeout = 20 * time.Second
	equal(t, "answer", get(t, client, server.url), "HTTP/1.1 0 nobody")
}

// A thousand requests at once, over one connection and over as many.
func TestManyRequests(t *testing.T) {
	server := serve(t, fixture.Server(t), nil)
	for name, c := range map[string]struct {
		client *http.Client
		proto  string
		count  int
	}{
		"ours":            {ours(t, fixture.Client(t), nil), newest, 1000},
		"ours, 1.1":       {&http.Client{Transport: alone(t, fixture.Client(t))}, "HTTP/1.1", 1000},
		"crypto/tls, 1.1": {cryptoTLS(t, false, ""), "HTTP/1.1", 100},
		"crypto/tls, 2":   {cryptoTLS(t, true, ""), newest, 100},
	} {
		c, name := c, name
		crowd(c.count, func(i int) {
			text, _, err := fetch(c.client, server.url, i*37%20000)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				return
			}
			equal(t, name, text, fmt.Sprintf("%s %d nobody", c.proto, i*37%20000))
		})
		c.client.CloseIdleConnections()
	}
}

// Shutdown waits for requests, and not for handshakes.
func TestShutdown(t *testing.T) {
	entered, leave := make(chan struct{}, 2), make(chan struct{})
	server := serve(t, fixture.Server(t), func(server *http.Server, _ *tlsock.Listener) {
		server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			entered <- struct{}{}
			<-leave
			describe(w, r)
		})
	})
	silent := dial(t, server.address)
	answers := make(chan string, 2)
	for _, client := range []*http.Client{cryptoTLS(t, false, ""), ours(t, fixture.Client(t), nil)} {
		go func(client *http.Client) { answers <- get(t, client, server.url) }(client)
		<-entered
	}
	done := make(chan error, 1)
	go func() { done <- server.Shutdown(background(t)) }()
	if err := <-server.ended; !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("Serve: %v", err)
	}
	if _, err := silent.Read(make([]byte, 1)); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a handshake under way: %v", err)
	}
	var timeout net.Error
	if _, err := silent.Read(make([]byte, 1)); errors.As(err, &timeout) && timeout.Timeout() {
		t.Error("a handshake under way goes on")
	}
	select {
	case err := <-done:
		t.Errorf("Shutdown does not wait for requests: %v", err)
	default:
	}
	close(leave)
	for i := 0; i < 2; i++ {
		if answer := <-answers; !strings.HasSuffix(answer, " 0 nobody") {
			t.Errorf("a request during Shutdown: %q", answer)
		}
	}
	must(t, <-done)
}

// The protocol is the one that ALPN has chosen.
func TestProtocolIsALPNs(t *testing.T) {
	server := serve(t, fixture.Server(t), nil)
	for _, offered := range []string{"h2", "http/1.1", ""} {
		context := fixture.Client(t)
		if offered != "" {
			must(t, context.SetALPNProtocols(offered))
		}
		conn, err := tlsock.DialContext(background(t), "tcp", server.address, context)
		must(t, err)
		defer conn.Close()
		must(t, conn.SetDeadline(time.Now().Add(30*time.Second)))
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		want := http.StatusOK
		if offered == "h2" && withHTTP2 {
			want = http.StatusHTTPVersionNotSupported
		}
		if err != nil {
			t.Errorf("%q: %v", offered, err)
			continue
		}
		equal(t, "status after "+offered, response.StatusCode, want)
	}
}

// HTTP/2 is not used with ciphers that its specification forbids.
func TestHTTP2Ciphers(t *testing.T) {
	if !withHTTP2 {
		t.Skip("SKIPPED: HTTP/2 needs Go 1.24")
	}
	server := serve(t, fixture.Server(t), nil)
	for cipher, want := range map[string]int{
		"ECDHE-ECDSA-AES128-GCM-SHA256": http.StatusOK, "ECDHE-ECDSA-AES128-SHA256": http.StatusHTTPVersionNotSupported,
	} {
		context := fixture.Client(t)
		must(t, context.SetMaximumVersion(tlsock.TLSVersionTLSv12))
		must(t, context.SetCiphers(cipher))
		response, err := ours(t, context, nil).Get(server.url)
		must(t, err)
		must(t, response.Body.Close())
		equal(t, cipher, response.StatusCode, want)
	}
}

// One server, several listeners, and callbacks of the user that see the *tlsock.Conn.
func TestSeveralListeners(t *testing.T) {
	type key struct{}
	seen, states := make(chan any, 10), make(chan any, 100)
	var second net.Listener
	server := serve(t, fixture.Server(t), func(server *http.Server, _ *tlsock.Listener) {
		server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, key{}, conn)
		}
		server.ConnState = func(conn net.Conn, _ http.ConnState) { states <- conn }
		server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen <- r.Context().Value(key{})
			describe(w, r)
		})
	})
	client := ours(t, fixture.Client(t), nil)
	equal(t, "first", get(t, client, server.url), newest+" 0 nobody")
	listener, err := tlsock.Listen("tcp", "127.0.0.1:0", fixture.Server(t))
	must(t, err)
	second = listener
	listener.HandshakeTimeout = time.Hour
	go tlsockhttp.Serve(server.Server, listener)
	equal(t, "second", get(t, client, "https://"+second.Addr().String()), newest+" 0 nobody")
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	go server.Serve(plain)
	equal(t, "plain", get(t, http.DefaultClient, "http://"+plain.Addr().String()), "HTTP/1.1 0 no TLS")
	for i := 0; i < 2; i++ {
		if _, ok := (<-seen).(*tlsock.Conn); !ok {
			t.Error("ConnContext was not given the *tlsock.Conn")
		}
	}
	if _, ok := (<-states).(*tlsock.Conn); !ok {
		t.Error("ConnState was not given the *tlsock.Conn")
	}
}

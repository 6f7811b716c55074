//go:build go1.24

package tlsockhttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"tlsock"
	"tlsock/internal/fixture"
	"tlsock/tlsockhttp"
)

// clearHTTP2 is a client that speaks HTTP/2 without TLS.
func clearHTTP2(t *testing.T) *http.Client {
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// HTTP/2 without TLS is what the program has allowed, also after Serve was called again for a server with another Handler.
func TestUnencryptedHTTP2IsTheProgramsWish(t *testing.T) {
	for _, wanted := range []bool{false, true} {
		server := serve(t, fixture.Server(t), func(server *http.Server, _ *tlsock.Listener) {
			if wanted {
				server.Protocols = new(http.Protocols)
				server.Protocols.SetHTTP1(true)
				server.Protocols.SetHTTP2(true)
				server.Protocols.SetUnencryptedHTTP2(true)
			}
		})
		equal(t, "first", get(t, ours(t, fixture.Client(t), nil), server.url), "HTTP/2.0 0 nobody")
		plain := listen(t)
		// A server of the same fields, as this one may not be changed while it serves.
		next := &http.Server{Handler: server.Handler, ConnContext: server.ConnContext, Protocols: server.Protocols}
		for round := 0; round < 3; round++ {
			must(t, tlsockhttp.Configure(next))
			next.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprint(w, "another, ")
				describe(w, r)
			})
		}
		must(t, tlsockhttp.Configure(next))
		t.Cleanup(func() { next.Close() })
		go next.Serve(plain)
		secure, err := tlsock.Listen("tcp", "127.0.0.1:0", fixture.Server(t))
		must(t, err)
		go tlsockhttp.Serve(next, secure)
		equal(t, "with TLS", get(t, ours(t, fixture.Client(t), nil), "https://"+secure.Addr().String()), "another, HTTP/2.0 0 nobody")
		text, response, err := fetch(clearHTTP2(t), "http://"+plain.Addr().String(), 0)
		must(t, err)
		equal(t, "without TLS", response.StatusCode == http.StatusOK, wanted)
		equal(t, "text", strings.HasPrefix(text, "another, HTTP/2.0"), wanted)
	}
}

// A server that was configured is not changed by Serve, so it may serve other listeners meanwhile. The program's functions see its own
// listener and connections.
func TestAConfiguredServerServesOthersToo(t *testing.T) {
	secure, err := tlsock.Listen("tcp", "127.0.0.1:0", fixture.Server(t))
	must(t, err)
	plain := listen(t)
	bases := make(chan net.Listener, 2)
	server := &http.Server{Handler: http.HandlerFunc(describe), BaseContext: func(listener net.Listener) context.Context {
		bases <- listener
		return context.Background()
	}}
	must(t, tlsockhttp.Configure(server))
	t.Cleanup(func() { server.Close() })
	go server.Serve(plain)
	go tlsockhttp.Serve(server, secure)
	// While the other is beginning: the race detector looks on.
	for i := 0; i < 5; i++ {
		equal(t, "without TLS", get(t, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, "http://"+plain.Addr().String()),
			"HTTP/1.1 0 no TLS")
	}
	equal(t, "with TLS", get(t, ours(t, fixture.Client(t), nil), "https://"+secure.Addr().String()), "HTTP/2.0 0 nobody")
	seen := map[net.Listener]bool{<-bases: true, <-bases: true}
	equal(t, "the listeners", seen[plain] && seen[secure], true)
}

// A client that has agreed on HTTP/2 and does not speak it is not kept, though the server has no timeouts; one that has begun is.
func TestSilenceAfterHTTP2WasAgreedOn(t *testing.T) {
	defer tlsockhttp.SetPrefaceTimeout(50 * time.Millisecond)()
	server := serve(t, fixture.Server(t), nil)
	const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	for _, said := range []string{"", preface[:len(preface)-1], preface + "\x00\x00\x00\x04\x00\x00\x00\x00\x00"} {
		context := fixture.Client(t)
		must(t, context.SetALPNProtocols("h2"))
		conn, err := tlsock.DialContext(background(t), "tcp", server.address, context)
		must(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, said)
		must(t, err)
		if len(said) > len(preface) {
			// The server's settings, and its acknowledgement of ours.
			_, err = io.ReadFull(conn, make([]byte, 9))
			must(t, err)
			must(t, conn.SetDeadline(time.Now().Add(200*time.Millisecond)))
			_, err := io.Copy(io.Discard, conn)
			equal(t, "kept", errors.Is(err, os.ErrDeadlineExceeded), true)
			continue
		}
		must(t, conn.SetDeadline(time.Now().Add(30*time.Second)))
		_, err = io.Copy(io.Discard, conn)
		equal(t, fmt.Sprintf("kept after %q", said), errors.Is(err, os.ErrDeadlineExceeded), false)
	}
}

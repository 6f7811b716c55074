package tlsockhttp_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"tlsock"
	"tlsock/internal/fixture"
)

// A client cannot have a handler see nobody by ending its connection behind a request.
func TestRequestTLSOfClientsThatHaveGone(t *testing.T) {
	if !withHTTP2 {
		t.Skip("SKIPPED: HTTP/2 needs Go 1.24")
	}
	seen := make(chan [2]int, 1000)
	server := serve(t, mutual(t), func(server *http.Server, _ *tlsock.Listener) {
		server.Handler = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			seen <- [2]int{len(r.TLS.PeerCertificates), len(r.TLS.VerifiedChains)}
		})
	})
	pair, err := tls.LoadX509KeyPair(fixture.File("client.pem"), fixture.File("client.key"))
	must(t, err)
	config := &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2"}}
	// The preface, empty settings, and one GET as HEADERS that end the stream.
	request := "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\x00\x00\x00\x04\x00\x00\x00\x00\x00" +
		"\x00\x00\x06\x01\x05\x00\x00\x00\x01" + "\x82\x87\x84\x41\x01x"
	const wanted = 30
	for late := time.After(time.Minute); len(seen) < wanted; {
		select {
		case <-late:
			t.Fatalf("%d requests", len(seen))
		default:
		}
		conn, err := tls.Dial("tcp", server.address, config)
		must(t, err)
		_, err = io.WriteString(conn, request)
		must(t, err)
		must(t, conn.Close())
	}
	for i := 0; i < wanted; i++ {
		equal(t, "certificates and chains", <-seen, [2]int{2, 1})
	}
}

// A response tells who has sent it even if its connection is over.
func TestResponseTLSOfConnectionsThatAreOver(t *testing.T) {
	server := cryptoServer(t, "http/1.1")
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	client := ours(t, fixture.Client(t), &http.Transport{DisableKeepAlives: true})
	for i := 0; i < 30; i++ {
		response, err := client.Get(server.URL)
		must(t, err)
		must(t, response.Body.Close())
		equal(t, "certificates", len(response.TLS.PeerCertificates), 2)
		equal(t, "chains", len(response.TLS.VerifiedChains), 1)
	}
}

// A handler that has asked for a certificate finds it in a later request of the connection.
func TestRequestTLSAfterPostHandshakeAuthentication(t *testing.T) {
	type key struct{}
	serving, trusting := fixture.Server(t), fixture.Client(t)
	must(t, serving.SetPostHandshakeAuth(true))
	must(t, serving.SetVerifyMode(tlsock.CertRequired))
	must(t, trusting.SetPostHandshakeAuth(true))
	must(t, trusting.LoadCertChain(fixture.File("client.pem"), fixture.File("client.key"), ""))
	server := serve(t, serving, func(server *http.Server, _ *tlsock.Listener) {
		server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, key{}, conn)
		}
		server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if len(r.TLS.PeerCertificates) == 0 {
				if err := r.Context().Value(key{}).(*tlsock.Conn).VerifyClientPostHandshake(); err != nil {
					t.Error(err)
				}
			}
			describe(w, r)
		})
	})
	client := &http.Client{Transport: alone(t, trusting)}
	for _, want := range []string{"nobody", "client", "client"} {
		equal(t, "answer", get(t, client, server.url), "HTTP/1.1 0 "+want)
	}
}

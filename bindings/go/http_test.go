package tlsock_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/http2"
	"tlsock"
)

func answer(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s %s %d", r.Proto, r.URL.Path, len(body))
}

func fetch(t testing.TB, client *http.Client, url string, size int) string {
	t.Helper()
	response, err := client.Post(url, "text/plain", bytes.NewReader(make([]byte, size)))
	if err != nil {
		t.Error(err)
		return ""
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return string(body)
}

// httpClient speaks HTTP/1.1 through our Conn.
func httpClient(t testing.TB, context *tlsock.Context) *http.Client {
	dialer := &tlsock.Dialer{Context: context, ServerName: "localhost"}
	transport := &http.Transport{DialTLSContext: dialer.DialContext}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestHTTPClient(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(answer))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{goPair(t, "ecdsa")}}
	server.StartTLS()
	defer server.Close()
	client := httpClient(t, clientContext(t))
	for size := 0; size < 1<<20; size = size*3 + 1000 {
		equal(t, "answer", fetch(t, client, server.URL+"/x", size), fmt.Sprintf("HTTP/1.1 /x %d", size))
	}
}

func TestHTTPServer(t *testing.T) {
	listener, err := tlsock.Listen("tcp", "127.0.0.1:0", serverContext(t, "ecdsa"))
	must(t, err)
	listener.HandshakeTimeout = testLimit
	server := &http.Server{Handler: http.HandlerFunc(answer)}
	go server.Serve(listener)
	defer server.Close()
	url := "https://" + listener.Addr().String() + "/y"
	plain := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: goPool(t)}}
	defer plain.CloseIdleConnections()
	for name, client := range map[string]*http.Client{
		"crypto/tls": {Transport: plain}, "ours": httpClient(t, clientContext(t)),
	} {
		var group sync.WaitGroup
		for i := 0; i < 20; i++ {
			group.Add(1)
			go func(i int) {
				defer group.Done()
				equal(t, name, fetch(t, client, url, i*10000), fmt.Sprintf("HTTP/1.1 /y %d", i*10000))
			}(i)
		}
		group.Wait()
	}
	// A failed handshake does not stop the server.
	_, err = httpClient(t, distrustful(t)).Get(url)
	if err == nil || !strings.Contains(err.Error(), "certificate verify failed") {
		t.Errorf("without trust: %v", err)
	}
	equal(t, "afterwards", fetch(t, httpClient(t, clientContext(t)), url, 1), "HTTP/1.1 /y 1")
}

// distrustful trusts no CA.
func distrustful(t testing.TB) *tlsock.Context {
	context, err := tlsock.NewContext(tlsock.ProtocolTLSClient)
	must(t, err)
	return context
}

// HTTP/2 with our Conn on both sides: many streams over one connection.
func TestHTTP2(t *testing.T) {
	serving := serverContext(t, "ecdsa")
	must(t, serving.SetALPNProtocols("h2"))
	listener, err := tlsock.Listen("tcp", "127.0.0.1:0", serving)
	must(t, err)
	listener.HandshakeTimeout = testLimit
	defer listener.Close()
	var accepted sync.WaitGroup
	connections := 0
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections++
			accepted.Add(1)
			go func() {
				defer accepted.Done()
				defer conn.Close()
				if conn.(*tlsock.Conn).Handshake() == nil {
					handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if r.TLS == nil || r.TLS.Version != tls.VersionTLS13 {
							t.Errorf("the handler sees %+v", r.TLS)
						}
						answer(w, r)
					})
					new(http2.Server).ServeConn(conn, &http2.ServeConnOpts{Handler: handler})
				}
			}()
		}
	}()
	trusting := clientContext(t)
	must(t, trusting.SetALPNProtocols("h2"))
	transport := &http2.Transport{
		DialTLSContext: func(ctx context.Context, network, address string, _ *tls.Config) (net.Conn, error) {
			return tlsock.DialContext(ctx, network, address, trusting)
		},
	}
	client := &http.Client{Transport: transport}
	url := "https://" + listener.Addr().String() + "/z"
	equal(t, "first", fetch(t, client, url, 0), "HTTP/2.0 /z 0")
	var group sync.WaitGroup
	for i := 0; i < 50; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			equal(t, "answer", fetch(t, client, url, i*5000), fmt.Sprintf("HTTP/2.0 /z %d", i*5000))
		}(i)
	}
	group.Wait()
	equal(t, "connections", connections, 1)
	transport.CloseIdleConnections()
	accepted.Wait()
}

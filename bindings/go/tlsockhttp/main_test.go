package tlsockhttp_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"tlsock"
	"tlsock/internal/fixture"
	"tlsock/tlsockhttp"
)

func TestMain(m *testing.M) { fixture.Main(m) }

var (
	must       = fixture.Must
	equal      = fixture.Equal
	background = fixture.Background
)

// describe answers with what the handler sees.
func describe(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	client := "nobody"
	if r.TLS == nil || !r.TLS.HandshakeComplete {
		client = "no TLS"
	} else if len(r.TLS.PeerCertificates) > 0 {
		client = r.TLS.PeerCertificates[0].Subject.CommonName
	}
	fmt.Fprintf(w, "%s %d %s", r.Proto, len(body), client)
}

// logged keeps what a server logs, line by line.
type logged struct{ lines chan string }

func (l logged) Write(p []byte) (int, error) {
	l.lines <- string(p)
	return len(p), nil
}

// serving is a server to be tested.
type serving struct {
	*http.Server
	address string
	url     string
	log     chan string
	ended   chan error
}

// serve serves with a context, after an adjustment of the server and the listener.
func serve(t testing.TB, context *tlsock.Context, adjust func(*http.Server, *tlsock.Listener)) *serving {
	t.Helper()
	listener, err := tlsock.Listen("tcp", "127.0.0.1:0", context)
	must(t, err)
	lines := make(chan string, 10000)
	s := &serving{
		Server:  &http.Server{Handler: http.HandlerFunc(describe), ErrorLog: log.New(logged{lines}, "", 0)},
		address: listener.Addr().String(), log: lines, ended: make(chan error, 1),
	}
	s.url = "https://" + s.address + "/"
	// A busy machine must not make a client count as slow.
	listener.HandshakeTimeout = time.Hour
	if adjust != nil {
		adjust(s.Server, listener)
	}
	go func() { s.ended <- tlsockhttp.Serve(s.Server, listener) }()
	t.Cleanup(func() { s.Close() })
	return s
}

// line waits for a line of the log that contains a text.
func (s *serving) line(t testing.TB, text string) string {
	t.Helper()
	late := time.After(30 * time.Second)
	for {
		select {
		case line := <-s.log:
			if strings.Contains(line, text) {
				return line
			}
		case <-late:
			t.Fatalf("the server does not log %q", text)
		}
	}
}

// cryptoTLS is a crypto/tls client for one protocol, with our root and possibly a certificate.
func cryptoTLS(t testing.TB, withHTTP2 bool, name string) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(fixture.File("ca.pem"))
	must(t, err)
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(pem)
	if name != "" {
		pair, err := tls.LoadX509KeyPair(fixture.File(name+".pem"), fixture.File(name+".key"))
		must(t, err)
		config.Certificates = []tls.Certificate{pair}
	}
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: withHTTP2}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// ours is a client with our Transport; base may be nil.
func ours(t testing.TB, context *tlsock.Context, base *http.Transport) *http.Client {
	t.Helper()
	if base == nil {
		base = &http.Transport{}
	}
	transport, err := tlsockhttp.NewTransport(context, base)
	must(t, err)
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func get(t testing.TB, client *http.Client, url string) string {
	t.Helper()
	text, _, err := fetch(client, url, 0)
	if err != nil {
		t.Error(err)
	}
	return text
}

// fetch posts a body of a given size and gives the answer.
func fetch(client *http.Client, url string, size int) (string, *http.Response, error) {
	// A reader that net/http cannot read twice.
	body := io.LimitReader(zeros{}, int64(size))
	response, err := client.Post(url, "text/plain", io.NopCloser(body))
	if err != nil {
		return "", nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return string(text), response, err
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 0
	}
	return len(p), nil
}

// crowd runs f many times at once.
func crowd(count int, f func(int)) {
	var group sync.WaitGroup
	for i := 0; i < count; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			f(i)
		}(i)
	}
	group.Wait()
}

func dial(t testing.TB, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	must(t, conn.SetDeadline(time.Now().Add(30*time.Second)))
	return conn
}

package tlsock_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"tlsock"
	"tlsock/internal/fixture"
)

func TestMain(m *testing.M) { fixture.Main(m) }

var (
	must  = fixture.Must
	equal = fixture.Equal
	file  = fixture.File
)

func read(t testing.TB, name string) []byte {
	data, err := os.ReadFile(file(name))
	must(t, err)
	return data
}

// serverContext has the certificate of that name.
func serverContext(t testing.TB, name string) *tlsock.Context {
	t.Helper()
	context, err := tlsock.CreateDefaultContext(tlsock.PurposeClientAuth, tlsock.VerifyLocations{})
	must(t, err)
	must(t, context.LoadCertChain(file(name+".pem"), file(name+".key"), ""))
	t.Cleanup(func() { context.Close() })
	return context
}

// clientContext trusts the root of the tests.
func clientContext(t testing.TB) *tlsock.Context {
	t.Helper()
	context, err := tlsock.CreateDefaultContext(tlsock.PurposeServerAuth,
		tlsock.VerifyLocations{CAFile: file("ca.pem")})
	must(t, err)
	t.Cleanup(func() { context.Close() })
	return context
}

func goPool(t testing.TB) *x509.CertPool {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(read(t, "ca.pem")) {
		t.Fatal("ca.pem holds no certificate")
	}
	return pool
}

func goPair(t testing.TB, name string) tls.Certificate {
	pair, err := tls.LoadX509KeyPair(file(name+".pem"), file(name+".key"))
	must(t, err)
	return pair
}

// loopback gives both sides of a TCP connection.
func loopback(t testing.TB) (near, far net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- conn
	}()
	near, err = net.Dial("tcp", listener.Addr().String())
	must(t, err)
	far = <-accepted
	if far == nil {
		t.FailNow()
	}
	return near, far
}

type handshaker interface {
	net.Conn
	Handshake() error
}

// shakeHands does both handshakes and gives their errors.
func shakeHands(client, server handshaker) (clientErr, serverErr error) {
	done := make(chan error)
	go func() {
		err := server.Handshake()
		if err != nil {
			server.Close()
		}
		done <- err
	}()
	if clientErr = client.Handshake(); clientErr != nil {
		client.Close()
	}
	return clientErr, <-done
}

// pair gives both sides of a connection over loopback, after the handshake.
func pair(t testing.TB, clientContext, serverContext *tlsock.Context) (client, server *tlsock.Conn) {
	t.Helper()
	near, far := loopback(t)
	client = tlsock.Client(near, clientContext, "localhost")
	server = tlsock.Server(far, serverContext)
	t.Cleanup(func() { client.Close(); server.Close() })
	limit(t, client, server)
	clientErr, serverErr := shakeHands(client, server)
	must(t, clientErr)
	must(t, serverErr)
	return client, server
}

// limit keeps a defect from making the tests hang.
func limit(t testing.TB, conns ...net.Conn) {
	for _, conn := range conns {
		must(t, conn.SetDeadline(time.Now().Add(testLimit)))
	}
}

// echo returns everything it receives until the end, then ends too.
func echo(conn net.Conn) error {
	defer conn.Close()
	_, err := io.Copy(conn, conn)
	return err
}

// exchange sends a text and expects it back.
func exchange(t testing.TB, conn net.Conn, text string) {
	t.Helper()
	_, err := io.WriteString(conn, text)
	must(t, err)
	got := make([]byte, len(text))
	_, err = io.ReadFull(conn, got)
	must(t, err)
	if string(got) != text {
		t.Fatalf("sent %q, got %q back", text, got)
	}
}

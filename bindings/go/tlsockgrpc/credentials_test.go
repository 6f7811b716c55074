package tlsockgrpc_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"tlsock"
	"tlsock/internal/fixture"
	"tlsock/tlsockgrpc"
)

func TestMain(m *testing.M) { fixture.Main(m) }

var must = fixture.Must

// checking is a health service that records its callers.
type checking struct {
	*health.Server
	seen chan credentials.TLSInfo
}

func (c checking) Check(ctx context.Context, request *grpc_health_v1.HealthCheckRequest) (
	*grpc_health_v1.HealthCheckResponse, error) {
	from, _ := peer.FromContext(ctx)
	info, _ := from.AuthInfo.(credentials.TLSInfo)
	c.seen <- info
	return c.Server.Check(ctx, request)
}

// serve runs a server with credentials.
func serve(t testing.TB, own credentials.TransportCredentials) (address string, seen chan credentials.TLSInfo) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	service := checking{health.NewServer(), make(chan credentials.TLSInfo, 10)}
	server := grpc.NewServer(grpc.Creds(own))
	grpc_health_v1.RegisterHealthServer(server, service)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	return listener.Addr().String(), service.seen
}

// check makes one request; from is what the client learns about the server.
func check(t testing.TB, address string, own credentials.TransportCredentials) (from peer.Peer, err error) {
	t.Helper()
	client, err := grpc.NewClient(address, grpc.WithTransportCredentials(own))
	must(t, err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_, err = grpc_health_v1.NewHealthClient(client).Check(ctx, &grpc_health_v1.HealthCheckRequest{}, grpc.Peer(&from))
	return from, err
}

func ours(t testing.TB, context *tlsock.Context) credentials.TransportCredentials {
	t.Helper()
	own, err := tlsockgrpc.New(context)
	must(t, err)
	return own
}

func showing(t testing.TB, name string) *tlsock.Context {
	context := fixture.Client(t)
	must(t, context.LoadCertChain(fixture.File(name+".pem"), fixture.File(name+".key"), ""))
	return context
}

// Both sides know each other, with ours on either side.
func TestMutual(t *testing.T) {
	pool := x509.NewCertPool()
	root, err := os.ReadFile(fixture.File("ca.pem"))
	must(t, err)
	pool.AppendCertsFromPEM(root)
	pair := func(name string) []tls.Certificate {
		pair, err := tls.LoadX509KeyPair(fixture.File(name+".pem"), fixture.File(name+".key"))
		must(t, err)
		return []tls.Certificate{pair}
	}
	serving := fixture.Server(t)
	must(t, serving.SetVerifyMode(tlsock.CertRequired))
	servers := map[string]credentials.TransportCredentials{
		"ours": ours(t, serving),
		"crypto/tls": credentials.NewTLS(&tls.Config{
			Certificates: pair("ecdsa"), ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
		}),
	}
	clients := map[string]credentials.TransportCredentials{
		"ours":       ours(t, showing(t, "client")),
		"crypto/tls": credentials.NewTLS(&tls.Config{Certificates: pair("client"), RootCAs: pool}),
	}
	for server, serverCredentials := range servers {
		for client, clientCredentials := range clients {
			name := client + " to " + server
			address, seen := serve(t, serverCredentials)
			from, err := check(t, address, clientCredentials)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for end, info := range map[string]any{"server": from.AuthInfo, "client": <-seen} {
				tlsInfo, ok := info.(credentials.TLSInfo)
				if !ok || len(tlsInfo.State.PeerCertificates) == 0 || len(tlsInfo.State.VerifiedChains) == 0 ||
					tlsInfo.State.NegotiatedProtocol != "h2" || tlsInfo.SecurityLevel != credentials.PrivacyAndIntegrity {
					t.Errorf("%s: of the %s is known %+v", name, end, info)
				}
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	serving := fixture.Server(t)
	address, _ := serve(t, ours(t, serving))
	distrustful, err := tlsock.NewContext(tlsock.ProtocolTLSClient)
	must(t, err)
	if _, err := check(t, address, ours(t, distrustful)); status.Code(err) != codes.Unavailable ||
		!strings.Contains(err.Error(), "certificate verify failed") {
		t.Errorf("without trust: %v", err)
	}
	otherName := ours(t, fixture.Client(t))
	//lint:ignore SA1019 the interface has it
	must(t, otherName.OverrideServerName("other.example"))
	//lint:ignore SA1019 gRPC takes the authority from it
	if other := otherName.Info().ServerName; other != "other.example" {
		t.Errorf("the name is %q", other)
	}
	if _, err := check(t, address, otherName.Clone()); status.Code(err) != codes.Unavailable ||
		!strings.Contains(err.Error(), "other.example") {
		t.Errorf("another name: %v", err)
	}
}

// The server must prove the name that was set, not the one that gRPC passes, which a resolver may have chosen.
func TestTheNameThatWasSetCounts(t *testing.T) {
	for _, c := range []struct {
		set, given string
		works      bool
	}{{"localhost", "other.example", true}, {"other.example", "localhost:1", false}} {
		own := ours(t, fixture.Client(t))
		//lint:ignore SA1019 the interface has it
		must(t, own.OverrideServerName(c.set))
		near, far := net.Pipe()
		serving := ours(t, fixture.Server(t))
		go func() {
			if _, _, err := serving.ServerHandshake(far); err != nil {
				far.Close()
			}
		}()
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		conn, _, err := own.ClientHandshake(ctx, c.given, near)
		cancel()
		if (err == nil) != c.works {
			t.Errorf("set %s, given %s: %v", c.set, c.given, err)
		}
		if err == nil {
			conn.Close()
		}
	}
}

// Without ALPN there is no HTTP/2, and so no gRPC.
func TestALPNIsNeeded(t *testing.T) {
	near, far := net.Pipe()
	plain := fixture.Client(t)
	go io.Copy(io.Discard, tlsock.Client(near, plain, "localhost"))
	if _, _, err := ours(t, fixture.Server(t)).ServerHandshake(far); err == nil || !strings.Contains(err.Error(), "ALPN") {
		t.Errorf("a client without ALPN: %v", err)
	}
	near, far = net.Pipe()
	go io.Copy(io.Discard, tlsock.Server(far, fixture.Server(t)))
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if _, _, err := ours(t, fixture.Client(t)).ClientHandshake(ctx, "localhost:1", near); err == nil ||
		!strings.Contains(err.Error(), "ALPN") {
		t.Errorf("a server without ALPN: %v", err)
	}
}

// An end before there was a handshake is a failure on either side, and a client's call does not count as answered.
func TestEarlyEnd(t *testing.T) {
	address := fixture.Interrupted(t)
	if _, err := check(t, address, ours(t, fixture.Client(t))); status.Code(err) != codes.Unavailable ||
		!strings.Contains(err.Error(), "connection has been closed") {
		t.Errorf("a client's call: %v", err)
	}
	near, err := net.Dial("tcp", address)
	must(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if _, _, err := ours(t, fixture.Client(t)).ClientHandshake(ctx, "localhost", near); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("a client: %v", err)
	}
	near, far := net.Pipe()
	go func() {
		_, _ = near.Write(fixture.EarlyEnd)
		_, _ = io.Copy(io.Discard, near)
	}()
	if _, _, err := ours(t, fixture.Server(t)).ServerHandshake(far); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("a server: %v", err)
	}
}

// The handshake of a client ends with its context.
func TestHandshakeEnds(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := ours(t, fixture.Client(t)).ClientHandshake(ctx, "localhost", near); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled handshake: %v", err)
	}
}

// gRPC can read the options of the socket below, as channelz shows them.
func TestSocketBelow(t *testing.T) {
	address, _ := serve(t, ours(t, fixture.Server(t)))
	raw, err := net.Dial("tcp", address)
	must(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, _, err := ours(t, fixture.Client(t)).ClientHandshake(ctx, address, raw)
	must(t, err)
	defer conn.Close()
	below, ok := conn.(syscall.Conn)
	if !ok {
		t.Fatalf("a %T has no socket", conn)
	}
	if _, err := below.SyscallConn(); err != nil {
		t.Error(err)
	}
}

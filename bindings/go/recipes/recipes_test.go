package recipes_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/rpc"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"tlsock"
	"tlsock/internal/fixture"
	"tlsock/recipes"
	"tlsock/tlsockhttp"
)

func TestMain(m *testing.M) { fixture.Main(m) }

var (
	must       = fixture.Must
	equal      = fixture.Equal
	background = fixture.Background
)

func distrusting(t testing.TB) *tlsock.Context {
	context, err := tlsock.NewContext(tlsock.ProtocolTLSClient)
	must(t, err)
	t.Cleanup(func() { context.Close() })
	return context
}

func TestWebSocket(t *testing.T) {
	upgrader := websocket.Upgrader{}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		for {
			kind, message, err := conn.ReadMessage()
			if err != nil || conn.WriteMessage(kind, message) != nil {
				return
			}
		}
	})}
	listener, err := tlsock.Listen("tcp", "127.0.0.1:0", fixture.Server(t))
	must(t, err)
	go tlsockhttp.Serve(server, listener)
	defer server.Close()
	url := "wss://" + listener.Addr().String()
	conn, _, err := recipes.WebSocketDialer(fixture.Client(t)).DialContext(background(t), url, nil)
	must(t, err)
	defer conn.Close()
	for size := 1; size < 1<<20; size *= 7 {
		must(t, conn.WriteMessage(websocket.BinaryMessage, make([]byte, size)))
		_, message, err := conn.ReadMessage()
		must(t, err)
		equal(t, "size", len(message), size)
	}
	if _, _, err := recipes.WebSocketDialer(distrusting(t)).Dial(url, nil); !errors.Is(err, tlsock.ErrCertVerification) {
		t.Errorf("without trust: %v", err)
	}
}

// A server that says nothing is left when the context ends, by its time or because the program wants it.
func TestDialPostgresEndsWithItsContext(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	asked := make(chan bool, 1)
	address := fixture.Accept(t, listener, func(conn net.Conn) {
		_, _ = io.ReadFull(conn, make([]byte, 8))
		asked <- true
		_, _ = io.Copy(io.Discard, conn)
	})
	for _, want := range []error{context.Canceled, context.DeadlineExceeded} {
		ctx, cancel := context.WithCancel(context.Background())
		if want == context.DeadlineExceeded {
			ctx, cancel = context.WithTimeout(ctx, 100*time.Millisecond)
		}
		defer cancel()
		ended := make(chan error, 1)
		go func() {
			_, err := recipes.DialPostgres(ctx, "tcp", address, fixture.Client(t))
			ended <- err
		}()
		<-asked
		if want == context.Canceled {
			cancel()
		}
		select {
		case err := <-ended:
			equal(t, "error", err, want)
		case <-time.After(30 * time.Second):
			t.Errorf("DialPostgres outlives its context: %v", want)
		}
	}
}

// Arithmetic is a service of net/rpc.
type Arithmetic struct{}

// Double doubles.
func (Arithmetic) Double(n int, result *int) error {
	*result = 2 * n
	return nil
}

func TestRPC(t *testing.T) {
	server := rpc.NewServer()
	must(t, server.Register(Arithmetic{}))
	var listener net.Listener
	listener, err := tlsock.Listen("tcp", "127.0.0.1:0", fixture.Server(t))
	must(t, err)
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go server.ServeConn(conn)
		}
	}()
	client, err := recipes.DialRPC(background(t), listener.Addr().String(), fixture.Client(t))
	must(t, err)
	defer client.Close()
	var group sync.WaitGroup
	for i := 0; i < 100; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			var result int
			if err := client.Call("Arithmetic.Double", i, &result); err != nil || result != 2*i {
				t.Errorf("%d: %v, %v", i, result, err)
			}
		}()
	}
	group.Wait()
}

package tlsock_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"tlsock"
)

// A timeout of a callback's own affairs is no deadline of the connection: the handshake has failed, and stays failed.
func TestATimeoutOfACallbackFailsTheHandshake(t *testing.T) {
	calls := map[string]func(*tlsock.Conn) error{
		"Handshake": (*tlsock.Conn).Handshake,
		"HandshakeContext": func(c *tlsock.Conn) error {
			ctx, cancel := context.WithTimeout(context.Background(), testLimit)
			defer cancel()
			return c.HandshakeContext(ctx)
		},
		"Read":  func(c *tlsock.Conn) error { _, err := c.Read(make([]byte, 1)); return err },
		"Write": func(c *tlsock.Conn) error { _, err := c.Write([]byte("secret")); return err },
	}
	for name, call := range calls {
		for _, own := range []error{os.ErrDeadlineExceeded, ownTimeout{}, context.DeadlineExceeded, fmt.Errorf("database: %w", os.ErrDeadlineExceeded)} {
			trusting := clientContext(t)
			var asked atomic.Int32
			lent := make(chan context.Context, 2)
			must(t, trusting.SetVerifyCallback(func(ctx context.Context, _ *tlsock.Object, _ *tlsock.Verification) error {
				lent <- ctx
				if asked.Add(1) == 1 {
					return own
				}
				return nil
			}))
			near, far := loopback(t)
			client, server := tlsock.Client(near, trusting, "localhost"), tlsock.Server(far, serverContext(t, "ecdsa"))
			limit(t, client, server)
			go server.Handshake()
			first := call(client)
			if !errors.Is(first, own) {
				t.Errorf("%s, %v: %v", name, own, first)
			}
			equal(t, "the context of the callback has ended", (<-lent).Err() != nil, true)
			for _, again := range calls {
				if err := again(client); err != first {
					t.Errorf("%s, %v: %v at first, then %v", name, own, first, err)
				}
			}
			equal(t, "questions", asked.Load(), int32(1))
			client.Close()
			server.Close()
		}
	}
}

// A net.Conn that panics leaves nothing behind, and the handshake has failed: what was to be sent is lost.
func TestANetConnThatPanicsInAHandshake(t *testing.T) {
	for name, spoil := range map[string]func(*odd){
		"in Read":  func(o *odd) { o.read = func([]byte) (int, error) { panic("no") } },
		"in Write": func(o *odd) { o.write = func([]byte) (int, error) { panic("no") } },
	} {
		spoil := spoil
		t.Run(name, func(t *testing.T) {
			settled()
			before := runtime.NumGoroutine()
			near, far := loopback(t)
			below := &odd{Conn: near}
			client := tlsock.Client(below, clientContext(t), "localhost")
			t.Cleanup(func() { client.Close(); far.Close() })
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			spoil(below)
			func() {
				defer func() { equal(t, "a panic", recover(), any("no")) }()
				_ = client.HandshakeContext(ctx)
			}()
			settle(t, "goroutines", before, runtime.NumGoroutine)
			below.read, below.write = nil, nil
			must(t, client.SetDeadline(time.Now().Add(testLimit)))
			if err := client.HandshakeContext(ctx); err == nil || timedOut(err) || err.Error() != "tlsock: the net.Conn panicked" {
				t.Errorf("the next handshake: %v", err)
			}
		})
	}
}

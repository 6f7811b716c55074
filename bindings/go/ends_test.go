package tlsock_test

import (
	"context"
	"net"
	"testing"
	"time"

	"tlsock"
)

// endless is a call that waits, and what can end it.
type endless struct {
	conn   *tlsock.Conn
	cancel context.CancelFunc // nil for a call without a context
	ended  <-chan error
}

// stuck is a client whose peer reads nothing, and a Write that waits for it.
func stuck(t *testing.T) *endless {
	t.Helper()
	_, client, _ := gated(t)
	must(t, client.SetDeadline(time.Time{}))
	ended := begun(func() error {
		for {
			if _, err := client.Write(make([]byte, 1<<20)); err != nil {
				return err
			}
		}
	})
	eventually(t, "a write waits", client.Writing)
	return &endless{conn: client, ended: ended}
}

// idle is a client whose peer says nothing after the handshake.
func idle(t *testing.T) *tlsock.Conn {
	t.Helper()
	client, _ := pair(t, clientContext(t), serverContext(t, "ecdsa"))
	must(t, client.SetDeadline(time.Time{}))
	return client
}

// withoutSlot is a client that waits for a slot, to do a handshake by f.
func withoutSlot(t *testing.T, f func(context.Context, *tlsock.Conn) error) *endless {
	t.Helper()
	t.Cleanup(tlsock.SetSlotWait(time.Hour))
	t.Cleanup(tlsock.TakeSlots())
	return atHandshake(t, silent(t), f)
}

func atHandshake(t *testing.T, client *tlsock.Conn, f func(context.Context, *tlsock.Conn) error) *endless {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	ended := begun(func() error { return f(ctx, client) })
	eventually(t, "the handshake begins", client.Shaking)
	return &endless{client, cancel, ended}
}

func shake(ctx context.Context, c *tlsock.Conn) error  { return c.HandshakeContext(ctx) }
func oneRead(_ context.Context, c *tlsock.Conn) error  { _, err := c.Read(make([]byte, 1)); return err }
func oneWrite(_ context.Context, c *tlsock.Conn) error { _, err := c.Write([]byte("x")); return err }
func behind(t *testing.T, w *endless, f func(context.Context, *tlsock.Conn) error) *endless {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	return &endless{w.conn, cancel, begun(func() error { return f(ctx, w.conn) })}
}

func renegotiating(t *testing.T, reader bool) *endless {
	t.Helper()
	r := inRenegotiation(t, reader)
	written := begun(func() error { return oneWrite(context.Background(), r.client) })
	r.turning(t, !reader)
	return &endless{conn: r.client, ended: written}
}

const (
	byRead    = "the deadline for reading"
	byWrite   = "the deadline for writing"
	byContext = "the end of the context"
	byClose   = "Close"
)

// waits are the places where a call of a Conn waits, and what ends each besides Close.
var waits = map[string]struct {
	begin func(*testing.T) *endless
	ends  []string
}{
	"a handshake":                    {func(t *testing.T) *endless { return atHandshake(t, silent(t), shake) }, []string{byRead, byContext}},
	"a first read":                   {func(t *testing.T) *endless { return atHandshake(t, silent(t), oneRead) }, []string{byRead}},
	"a first write":                  {func(t *testing.T) *endless { return atHandshake(t, silent(t), oneWrite) }, []string{byWrite}},
	"a handshake behind another":     {func(t *testing.T) *endless { return behind(t, atHandshake(t, silent(t), shake), shake) }, []string{byContext}},
	"a first write behind another's": {func(t *testing.T) *endless { return behind(t, atHandshake(t, silent(t), shake), oneWrite) }, []string{byWrite}},
	"a handshake without a slot":     {func(t *testing.T) *endless { return withoutSlot(t, shake) }, []string{byRead, byWrite, byContext}},
	"a first read without a slot":    {func(t *testing.T) *endless { return withoutSlot(t, oneRead) }, []string{byRead}},
	"a first write without a slot":   {func(t *testing.T) *endless { return withoutSlot(t, oneWrite) }, []string{byWrite}},
	"a read": {func(t *testing.T) *endless {
		client := idle(t)
		return &endless{conn: client, ended: begun(func() error { return oneRead(context.Background(), client) })}
	}, []string{byRead}},
	"a read behind another": {func(t *testing.T) *endless {
		client := idle(t)
		return behind(t, &endless{conn: client, ended: begun(func() error { return oneRead(context.Background(), client) })}, oneRead)
	}, []string{byRead}},
	"Unwrap": {func(t *testing.T) *endless {
		client := idle(t)
		return &endless{conn: client, ended: begun(func() error { _, err := client.Unwrap(); return err })}
	}, []string{byRead}},
	"a write":                {stuck, []string{byWrite}},
	"a write behind another": {func(t *testing.T) *endless { return behind(t, stuck(t), oneWrite) }, []string{byWrite}},
	"CloseWrite behind a write": {func(t *testing.T) *endless {
		return behind(t, stuck(t), func(_ context.Context, c *tlsock.Conn) error { return c.CloseWrite() })
	}, []string{byWrite}},
	"KeyUpdate behind a write": {func(t *testing.T) *endless {
		return behind(t, stuck(t), func(_ context.Context, c *tlsock.Conn) error { return c.KeyUpdate(true) })
	}, []string{byWrite}},
	"a write in a renegotiation":               {func(t *testing.T) *endless { return renegotiating(t, true) }, []string{byWrite}},
	"a write in a renegotiation, alone":        {func(t *testing.T) *endless { return renegotiating(t, false) }, []string{byWrite}},
	"a write behind one in a renegotiation":    {func(t *testing.T) *endless { return behind(t, renegotiating(t, true), oneWrite) }, []string{byWrite}},
	"a read behind a write in a renegotiation": {func(t *testing.T) *endless { return behind(t, renegotiating(t, false), oneRead) }, []string{byRead}},
	"CloseWrite behind one in a renegotiation": {func(t *testing.T) *endless {
		return behind(t, renegotiating(t, false), func(_ context.Context, c *tlsock.Conn) error { return c.CloseWrite() })
	}, []string{byWrite}},
}

// Wherever a call waits, each of these ends it that is to, also one that comes when it waits already.
func TestWhatEndsAWait(t *testing.T) {
	for name, c := range waits {
		for _, event := range append([]string{byClose}, c.ends...) {
			begin, event := c.begin, event
			t.Run(name+"/"+event, func(t *testing.T) {
				w := begin(t)
				switch event {
				case byRead:
					must(t, w.conn.SetReadDeadline(time.Now()))
				case byWrite:
					must(t, w.conn.SetWriteDeadline(time.Now()))
				case byContext:
					w.cancel()
				case byClose:
					defer tlsock.SetLastWords(0)()
					must(t, w.conn.Close())
				}
				err := ended(t, "the call", w.ended)
				switch event {
				case byClose:
					equal(t, "error", err, net.ErrClosed)
				case byContext:
					equal(t, "error", err, context.Canceled)
				default:
					isDeadline(t, "error", err)
				}
			})
		}
	}
}

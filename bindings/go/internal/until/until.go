// Package until bounds what is done with a net.Conn by a context.
package until

import (
	"context"
	"net"
	"time"
)

// Done runs f, which uses the connection, and ends it when ctx does. The connection's deadline is then in the past.
func Done(ctx context.Context, conn net.Conn, f func() error) error {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-ctx.Done():
			_ = conn.SetDeadline(time.Unix(1, 0))
		case <-done:
		}
	}()
	err := f()
	close(done)
	<-ended
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// Package until ends operations on a net.Conn with a context.
package until

import (
	"context"
	"net"
	"time"
)

// Done runs f, which uses the connection, and ends it when ctx ends. The connection's deadline is then in the past.
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
	err := watched(f, done, ended)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// watched ends the watch with f, even if f ends the goroutine.
func watched(f func() error, done chan<- struct{}, ended <-chan struct{}) error {
	defer func() {
		close(done)
		<-ended
	}()
	return f()
}

// Package until ends operations on a net.Conn with a context.
package until

import (
	"context"
	"net"
)

// Done runs f, which uses the connection, and ends it when ctx ends: the connection is then closed. A deadline would not end f on every
// connection, as not all have them (those through SSH have none) and some pretend to.
func Done(ctx context.Context, conn net.Conn, f func() error) error {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-ctx.Done():
			_ = lowest(conn).Close()
		case <-done:
		}
	}()
	err := watched(f, done, ended)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// lowest is the connection under all others. The close of one of TLS would say goodbye, and wait for that.
func lowest(conn net.Conn) net.Conn {
	for {
		over, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return conn
		}
		below := over.NetConn()
		if below == nil {
			return conn
		}
		conn = below
	}
}

// watched ends the watch with f, even if f ends the goroutine.
func watched(f func() error, done chan<- struct{}, ended <-chan struct{}) error {
	defer func() {
		close(done)
		<-ended
	}()
	return f()
}

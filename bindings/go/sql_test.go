package tlsock_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"tlsock"
)

var errNoDatabase = errors.New("there is no database here")

// connector is a database driver that lets its user dial, as real ones do.
type connector struct {
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	address string
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.dial(ctx, "tcp", c.address)
	if err != nil {
		return nil, err
	}
	return session{conn}, nil
}

func (c connector) Driver() driver.Driver { return nil }

type session struct{ net.Conn }

func (s session) Prepare(string) (driver.Stmt, error) { return nil, errNoDatabase }
func (s session) Begin() (driver.Tx, error)           { return nil, errNoDatabase }

func (s session) Ping(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok {
		_ = s.SetDeadline(deadline)
	}
	if _, err := s.Write([]byte("ping")); err != nil {
		return err
	}
	_, err := io.ReadFull(s, make([]byte, 4))
	return err
}

func TestDatabaseSQL(t *testing.T) {
	listener, err := tlsock.Listen("tcp", "127.0.0.1:0", serverContext(t, "ecdsa"))
	must(t, err)
	listener.HandshakeTimeout = testLimit
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go echo(conn)
		}
	}()
	dialer := &tlsock.Dialer{Context: clientContext(t), ServerName: "localhost"}
	db := sql.OpenDB(connector{dialer.DialContext, listener.Addr().String()})
	defer db.Close()
	db.SetMaxOpenConns(3)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var group sync.WaitGroup
	for i := 0; i < 30; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			if err := db.PingContext(ctx); err != nil {
				t.Error(err)
			}
		}()
	}
	group.Wait()
	if open := db.Stats().OpenConnections; open > 3 {
		t.Errorf("%d connections are open", open)
	}

	// A server that accepts and sends nothing.
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer silent.Close()
	stuck := sql.OpenDB(connector{dialer.DialContext, silent.Addr().String()})
	defer stuck.Close()
	short, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := stuck.PingContext(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nobody answers: %v", err)
	}
}

package recipes

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/lib/pq"
	"tlsock"
)

// PostgreSQL begins TLS in the middle of a connection: the client asks, the server answers with "S".
var (
	sslRequest     = []byte{0, 0, 0, 8, 4, 210, 22, 47}
	errRefusesTLS  = errors.New("the PostgreSQL server refuses TLS")
	postgresDialer net.Dialer
)

// DialPostgres connects to a PostgreSQL server and makes the connection TLS. The server must prove to be the host of
// the address.
func DialPostgres(ctx context.Context, network, address string, tlsContext *tlsock.Context) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	raw, err := postgresDialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	// The end of ctx, by its deadline or not, ends what waits for the server.
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	err = askPostgres(raw)
	stop()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = raw.Close()
		return nil, err
	}
	conn := tlsock.Client(raw, tlsContext, host)
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

func askPostgres(conn net.Conn) error {
	answer := make([]byte, 1)
	if _, err := conn.Write(sslRequest); err != nil {
		return err
	}
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err
	}
	if answer[0] != 'S' {
		return errRefusesTLS
	}
	return nil
}

// UsePGX makes pgx connect through tlsock. Its own TLS is not used: with any sslmode, there is no connection
// without TLS and verification. With pgxpool, pass config.ConnConfig.Config.
func UsePGX(config *pgconn.Config, tlsContext *tlsock.Context) {
	config.TLSConfig = nil
	for _, fallback := range config.Fallbacks {
		fallback.TLSConfig = nil
	}
	// The dial function gets names unresolved, because the certificate is checked for them.
	config.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		return DialPostgres(ctx, network, address, tlsContext)
	}
}

// OpenPQ opens a database through lib/pq and tlsock. The connection string says sslmode=disable: TLS is below.
func OpenPQ(connectionString string, tlsContext *tlsock.Context) (*sql.DB, error) {
	connector, err := pq.NewConnector(connectionString)
	if err != nil {
		return nil, err
	}
	connector.Dialer(pqDialer{tlsContext})
	return sql.OpenDB(connector), nil
}

// pqDialer is the type of dialer that lib/pq takes.
type pqDialer struct{ context *tlsock.Context }

// Dial connects.
func (d pqDialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialTimeout connects within a time.
func (d pqDialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// DialContext connects until ctx ends.
func (d pqDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return DialPostgres(ctx, network, address, d.context)
}

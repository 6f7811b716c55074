package recipes

import (
	"context"
	"net/rpc"

	"github.com/gorilla/websocket"
	"github.com/redis/go-redis/v9"
	"tlsock"
)

// OpenRedis opens a go-redis client. TLSConfig stays nil: the dialer does TLS.
func OpenRedis(address string, tlsContext *tlsock.Context) *redis.Client {
	dialer := &tlsock.Dialer{Context: tlsContext}
	return redis.NewClient(&redis.Options{Addr: address, Dialer: dialer.DialContext})
}

// WebSocketDialer gives gorilla/websocket a dialer for wss:// URLs. A server uses tlsockhttp.Serve, with
// websocket.Upgrader as usual.
func WebSocketDialer(tlsContext *tlsock.Context) *websocket.Dialer {
	dialer := &tlsock.Dialer{Context: tlsContext}
	return &websocket.Dialer{NetDialTLSContext: dialer.DialContext}
}

// DialRPC gives a client of net/rpc. A server is rpc.Server.Accept with a tlsock.Listener.
func DialRPC(ctx context.Context, address string, tlsContext *tlsock.Context) (*rpc.Client, error) {
	conn, err := tlsock.DialContext(ctx, "tcp", address, tlsContext)
	if err != nil {
		return nil, err
	}
	return rpc.NewClient(conn), nil
}

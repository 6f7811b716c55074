//go:build cgo

package tlsock

import "net"

// listener makes a Conn of each connection that it accepts.
type listener struct {
	net.Listener
	context *Context
}

// Accept gives a *Conn whose handshake is still to come: one silent peer does not hold up the others.
func (l *listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return Server(conn, l.context), nil
}

// NewListener makes a listener whose connections are *Conn, the server's ends with the context.
func NewListener(inner net.Listener, context *Context) net.Listener {
	return &listener{inner, context}
}

// Listen listens for TLS connections, as net.Listen does for plain ones.
func Listen(network, address string, context *Context) (net.Listener, error) {
	inner, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	return NewListener(inner, context), nil
}

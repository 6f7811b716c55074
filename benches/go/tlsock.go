//go:build cgo

package main

import (
	"errors"
	"net"

	tlsock "tlsock.invalid/bindings/go"
)

func init() { libraries["tlsock"] = newTlsock }

// binding is the Go binding.
type binding struct {
	clients, servers *tlsock.Context
	session          *tlsock.Session
}

func newContext(protocol tlsock.Protocol) *tlsock.Context {
	context, err := tlsock.NewContext(protocol)
	check(err)
	version := tlsock.TLSVersionTLSv13
	if *ver == 12 {
		version = tlsock.TLSVersionTLSv12
	}
	check(context.SetMinimumVersion(version))
	check(context.SetMaximumVersion(version))
	if *cipher == "aes128" {
		check(context.SetCiphers("ECDHE+AESGCM+AES128"))
	}
	return context
}

func newTlsock() library {
	own := &binding{clients: newContext(tlsock.ProtocolTLSClient), servers: newContext(tlsock.ProtocolTLSServer)}
	check(own.servers.LoadCertChain(certFile("chain"), certFile("key"), ""))
	if *tickets > 0 {
		check(own.servers.SetNumTickets(*tickets))
	}
	if *cache == 1 {
		check(own.clients.SetChainCache(true))
	}
	check(own.clients.LoadVerifyLocations(tlsock.VerifyLocations{CAFile: certFile("ca")}))
	return own
}

func (l *binding) client(c net.Conn) conn {
	made, err := l.clients.WrapConn(c, tlsock.WrapOptions{ServerHostname: host, Session: l.session})
	check(err)
	return made
}

func (l *binding) server(c net.Conn) conn { return tlsock.Server(c, l.servers) }

func (l *binding) gather(c conn, pieces net.Buffers) {
	_, err := c.(*tlsock.Conn).WriteBuffers(pieces)
	check(err)
}

func (l *binding) done(c conn) bool {
	own := c.(*tlsock.Conn)
	resumed := own.SessionReused()
	if *resume == 1 {
		session, err := own.Session()
		check(err)
		if l.session != nil {
			check(l.session.Close())
		}
		l.session = session
	}
	return resumed
}

func (l *binding) context(file string) any {
	context, err := tlsock.CreateDefaultContext(tlsock.PurposeServerAuth, tlsock.VerifyLocations{CAFile: file})
	check(err)
	return context
}

// object is an end without a connection.
func (l *binding) object(context *tlsock.Context, options tlsock.WrapOptions) *tlsock.Object {
	made, err := context.WrapBIO(nil, nil, options)
	check(err)
	return made
}

// mover gives what moves a piece from a client to a server, after the handshake.
func (l *binding) mover() func([]byte) {
	client := l.object(l.clients, tlsock.WrapOptions{ServerHostname: host})
	server := l.object(l.servers, tlsock.WrapOptions{ServerSide: true})
	wire, plain := make([]byte, *size+32<<10), make([]byte, readSize)
	move := func(from, to *tlsock.Object, data []byte) {
		done, err := from.Pump(tlsock.Pump{PlaintextIn: data, CiphertextOut: wire})
		checkPump(err)
		for sent := wire[:done.CiphertextLen]; len(sent) > 0; {
			done, err = to.Pump(tlsock.Pump{CiphertextIn: sent, PlaintextOut: plain})
			checkPump(err)
			sent = sent[done.CiphertextUsed:]
		}
	}
	for i := 0; i < 3; i++ {
		move(client, server, nil)
		move(server, client, nil)
	}
	return func(data []byte) { move(client, server, data) }
}

func checkPump(err error) {
	if !errors.Is(err, tlsock.ErrWantRead) {
		check(err)
	}
}

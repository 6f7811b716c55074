package tlsockgrpc

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"strings"
	"syscall"

	"google.golang.org/grpc/credentials"
	"tlsock"
)

// The limits of a SPIFFE ID.
const (
	maxSPIFFEID     = 2048
	maxSPIFFEDomain = 255
)

var errNoALPN = errors.New(`tlsockgrpc: the peer did not agree on "h2" by ALPN, which gRPC needs`)

// transport is the type that New returns.
type transport struct {
	context    *tlsock.Context
	serverName string
}

// New gives credentials for clients or servers, depending on the context. The context gets "h2" as its only ALPN
// protocol. A client checks the host of the authority that it connects to, if the context does.
func New(context *tlsock.Context) (credentials.TransportCredentials, error) {
	if err := context.SetALPNProtocols("h2"); err != nil {
		return nil, err
	}
	return &transport{context: context}, nil
}

// ClientHandshake does the client's handshake until ctx ends. A name that was set is used even if a resolver gives an address
// another name: otherwise the resolver would choose whom to trust.
func (t *transport) ClientHandshake(ctx context.Context, authority string, raw net.Conn) (net.Conn,
	credentials.AuthInfo, error) {
	if t.serverName != "" {
		authority = t.serverName
	}
	host, _, err := net.SplitHostPort(authority)
	if err != nil {
		host = strings.Trim(authority, "[]")
	}
	host, _, _ = strings.Cut(host, "%")
	return shake(ctx, raw, tlsock.Client(raw, t.context, host))
}

// ServerHandshake does the server's handshake. gRPC sets the deadline.
func (t *transport) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return shake(context.Background(), raw, tlsock.Server(raw, t.context))
}

func shake(ctx context.Context, raw net.Conn, conn *tlsock.Conn) (net.Conn, credentials.AuthInfo, error) {
	err := conn.HandshakeContext(ctx)
	if err == nil && conn.SelectedALPNProtocol() != "h2" {
		err = errNoALPN
	}
	if err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	info := credentials.TLSInfo{
		State:          conn.ConnectionState(),
		CommonAuthInfo: credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity},
	}
	if peers := info.State.PeerCertificates; len(peers) > 0 {
		info.SPIFFEID = spiffeID(peers[0])
	}
	if below, ok := raw.(socket); ok {
		return withSocket{conn, below}, info, nil
	}
	return conn, info, nil
}

type socket = syscall.Conn

// withSocket gives gRPC access to the options of the socket below, for channelz.
type withSocket struct {
	*tlsock.Conn
	socket
}

// spiffeID gives the SPIFFE ID of a certificate, nil if it has none that is valid.
func spiffeID(certificate *x509.Certificate) *url.URL {
	if len(certificate.URIs) != 1 {
		return nil
	}
	id := certificate.URIs[0]
	named := id.User != nil && id.User.Username() != ""
	if id.Scheme != "spiffe" || id.Opaque != "" || named || id.Host == "" || id.Path == "" {
		return nil
	}
	if len(id.Host) > maxSPIFFEDomain || len(id.String()) > maxSPIFFEID {
		return nil
	}
	return id
}

// Info describes the protocol.
func (t *transport) Info() credentials.ProtocolInfo {
	//lint:ignore SA1019 gRPC's own credentials fill it
	return credentials.ProtocolInfo{SecurityProtocol: "tls", SecurityVersion: "1.2", ServerName: t.serverName}
}

// Clone gives credentials with the same context.
func (t *transport) Clone() credentials.TransportCredentials {
	return &transport{context: t.context, serverName: t.serverName}
}

// OverrideServerName sets the authority that gRPC uses in place of the target's. credentials.NewTLS has it as
// the server's name.
func (t *transport) OverrideServerName(name string) error {
	t.serverName = name
	return nil
}

// Package grpccreds stands in for the credentials of gRPC in its own tests.
package grpccreds

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"

	"google.golang.org/grpc/credentials"
	"integration/fromconfig"
	"tlsock/tlsockgrpc"
)

// either is credentials for both ends, as those of gRPC are.
type either struct {
	config *tls.Config
}

// NewTLS stands in for credentials.NewTLS.
func NewTLS(config *tls.Config) credentials.TransportCredentials {
	if config == nil {
		config = &tls.Config{}
	}
	return &either{config.Clone()}
}

// NewClientTLSFromCert stands in for credentials.NewClientTLSFromCert.
func NewClientTLSFromCert(pool *x509.CertPool, name string) credentials.TransportCredentials {
	return NewTLS(&tls.Config{ServerName: name, RootCAs: pool})
}

// NewClientTLSFromFile stands in for credentials.NewClientTLSFromFile.
func NewClientTLSFromFile(file, name string) (credentials.TransportCredentials, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("credentials: failed to append certificates")
	}
	return NewClientTLSFromCert(pool, name), nil
}

// NewServerTLSFromCert stands in for credentials.NewServerTLSFromCert.
func NewServerTLSFromCert(certificate *tls.Certificate) credentials.TransportCredentials {
	return NewTLS(&tls.Config{Certificates: []tls.Certificate{*certificate}})
}

// NewServerTLSFromFile stands in for credentials.NewServerTLSFromFile.
func NewServerTLSFromFile(certFile, keyFile string) (credentials.TransportCredentials, error) {
	certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, err
	}
	return NewServerTLSFromCert(&certificate), nil
}

func (e *either) adapter(server bool) (credentials.TransportCredentials, error) {
	context, err := fromconfig.Context(e.config, server)
	if err != nil {
		return nil, err
	}
	return tlsockgrpc.New(context)
}

// ClientHandshake is the adapter's, with the checks of the config.
func (e *either) ClientHandshake(ctx context.Context, authority string, raw net.Conn) (net.Conn,
	credentials.AuthInfo, error) {
	adapter, err := e.adapter(false)
	if err != nil {
		return nil, nil, err
	}
	conn, info, err := adapter.ClientHandshake(ctx, authority, raw)
	if err != nil {
		return nil, nil, err
	}
	if err := fromconfig.Check(e.config, info.(credentials.TLSInfo).State); err != nil {
		conn.Close()
		return nil, nil, err
	}
	return conn, info, nil
}

// ServerHandshake is the adapter's.
func (e *either) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	adapter, err := e.adapter(true)
	if err != nil {
		return nil, nil, err
	}
	return adapter.ServerHandshake(raw)
}

// Info is what gRPC's own give.
func (e *either) Info() credentials.ProtocolInfo {
	//lint:ignore SA1019 what it stands in for fills it
	return credentials.ProtocolInfo{SecurityProtocol: "tls", SecurityVersion: "1.2", ServerName: e.config.ServerName}
}

// Clone copies.
func (e *either) Clone() credentials.TransportCredentials { return NewTLS(e.config) }

// OverrideServerName sets the authority.
func (e *either) OverrideServerName(name string) error {
	e.config.ServerName = name
	return nil
}

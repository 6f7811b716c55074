// Package fromconfig makes a tlsock.Context of what other projects' tests say in a tls.Config.
package fromconfig

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"reflect"
	"sync"
	"unsafe"

	"tlsock"
)

// Client stands in for tls.Client.
func Client(conn net.Conn, config *tls.Config) net.Conn {
	context, err := Context(config, false)
	if err != nil {
		return failed{conn, err}
	}
	name := config.ServerName
	options := tlsock.WrapOptions{ServerHostname: name, InsecureNoHostname: name == "" && config.InsecureSkipVerify}
	wrapped, err := context.WrapConn(conn, options)
	if err != nil {
		return failed{conn, err}
	}
	return &checked{Conn: wrapped, config: config}
}

// Context makes a context. What cannot be carried over fails, rather than be passed over.
func Context(config *tls.Config, server bool) (*tlsock.Context, error) {
	if err := supported(config, server); err != nil {
		return nil, err
	}
	purpose := tlsock.PurposeServerAuth
	roots := config.RootCAs
	if server {
		purpose, roots = tlsock.PurposeClientAuth, config.ClientCAs
	}
	context, err := newContext(purpose, roots)
	if err != nil {
		return nil, err
	}
	steps := []func() error{
		func() error { return setVerification(context, config, server) },
		func() error { return setVersions(context, config) },
		func() error { return setCertificates(context, config) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if len(config.NextProtos) > 0 {
		return context, context.SetALPNProtocols(config.NextProtos...)
	}
	return context, nil
}

func supported(config *tls.Config, server bool) error {
	for name, set := range map[string]bool{
		"GetCertificate": config.GetCertificate != nil, "GetConfigForClient": config.GetConfigForClient != nil,
		"CurvePreferences": config.CurvePreferences != nil, "server's VerifyPeerCertificate": server &&
			(config.VerifyPeerCertificate != nil || config.VerifyConnection != nil),
	} {
		if set {
			return fmt.Errorf("fromconfig: %s is not carried over", name)
		}
	}
	return nil
}

func newContext(purpose tlsock.Purpose, roots *x509.CertPool) (*tlsock.Context, error) {
	if roots == nil {
		return tlsock.CreateDefaultContext(purpose, tlsock.VerifyLocations{})
	}
	var data []byte
	for _, certificate := range certificates(roots) {
		data = append(data, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})...)
	}
	if data == nil {
		return tlsock.NewContext(map[tlsock.Purpose]tlsock.Protocol{
			tlsock.PurposeServerAuth: tlsock.ProtocolTLSClient, tlsock.PurposeClientAuth: tlsock.ProtocolTLSServer,
		}[purpose])
	}
	return tlsock.CreateDefaultContext(purpose, tlsock.VerifyLocations{CAData: data})
}

// certificates lists a pool, which crypto/x509 does not.
func certificates(pool *x509.CertPool) (all []*x509.Certificate) {
	lazy := reflect.ValueOf(pool).Elem().FieldByName("lazyCerts")
	for i := 0; i < lazy.Len(); i++ {
		get := lazy.Index(i).FieldByName("getCert")
		certificate, err := (*(*func() (*x509.Certificate, error))(unsafe.Pointer(get.UnsafeAddr())))()
		if err == nil {
			all = append(all, certificate)
		}
	}
	return all
}

func setVerification(context *tlsock.Context, config *tls.Config, server bool) error {
	mode := tlsock.CertRequired
	switch {
	case server && config.ClientAuth == tls.NoClientCert, !server && config.InsecureSkipVerify:
		mode = tlsock.CertNone
	case server && config.ClientAuth == tls.VerifyClientCertIfGiven:
		mode = tlsock.CertOptional
	case server && config.ClientAuth != tls.RequireAndVerifyClientCert:
		return fmt.Errorf("fromconfig: ClientAuth %v is not carried over", config.ClientAuth)
	}
	if !server && config.InsecureSkipVerify {
		if err := context.SetCheckHostname(false); err != nil {
			return err
		}
	}
	// Certificates of tests lack what RFC 5280 demands, which crypto/tls does not look for.
	if err := context.SetVerifyFlags(context.VerifyFlags() &^ tlsock.VerifyX509Strict); err != nil {
		return err
	}
	return context.SetVerifyMode(mode)
}

var versions = map[uint16]tlsock.TLSVersion{
	tls.VersionTLS10: tlsock.TLSVersionTLSv1, tls.VersionTLS11: tlsock.TLSVersionTLSv11,
	tls.VersionTLS12: tlsock.TLSVersionTLSv12, tls.VersionTLS13: tlsock.TLSVersionTLSv13,
}

func setVersions(context *tlsock.Context, config *tls.Config) error {
	if config.MinVersion != 0 {
		if err := context.SetMinimumVersion(versions[config.MinVersion]); err != nil {
			return err
		}
	}
	if config.MaxVersion != 0 {
		return context.SetMaximumVersion(versions[config.MaxVersion])
	}
	return nil
}

func setCertificates(context *tlsock.Context, config *tls.Config) error {
	chosen := config.Certificates
	if config.GetClientCertificate != nil {
		// Asked before the server asks: the library has no hook for it.
		own, err := config.GetClientCertificate(&tls.CertificateRequestInfo{
			Version:          tls.VersionTLS13,
			SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256, tls.PSSWithSHA256, tls.Ed25519},
		})
		if err != nil {
			return err
		}
		chosen = []tls.Certificate{*own}
	}
	if len(chosen) == 0 || len(chosen[0].Certificate) == 0 {
		return nil
	}
	var chain []byte
	for _, der := range chosen[0].Certificate {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	der, err := x509.MarshalPKCS8PrivateKey(chosen[0].PrivateKey)
	if err != nil {
		return err
	}
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return context.LoadCertChainData(chain, key, "")
}

// checked asks the client's own checks after the handshake, before anything is read or written.
type checked struct {
	*tlsock.Conn
	config *tls.Config
	once   sync.Once
	err    error
}

// Handshake does the handshake and the checks.
func (c *checked) Handshake() error {
	if err := c.Conn.Handshake(); err != nil {
		return err
	}
	c.once.Do(func() { c.err = Check(c.config, c.ConnectionState()) })
	return c.err
}

// Check runs a client's own checks of what the handshake settled.
func Check(config *tls.Config, state tls.ConnectionState) error {
	if config.VerifyPeerCertificate != nil {
		var raw [][]byte
		for _, certificate := range state.PeerCertificates {
			raw = append(raw, certificate.Raw)
		}
		if err := config.VerifyPeerCertificate(raw, state.VerifiedChains); err != nil {
			return err
		}
	}
	if config.VerifyConnection != nil {
		return config.VerifyConnection(state)
	}
	return nil
}

// Read reads after the checks.
func (c *checked) Read(p []byte) (int, error) {
	if err := c.Handshake(); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

// Write writes after the checks.
func (c *checked) Write(p []byte) (int, error) {
	if err := c.Handshake(); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// failed tells with the first use what was wrong, as tls.Client does.
type failed struct {
	net.Conn
	err error
}

// Read fails.
func (f failed) Read([]byte) (int, error) { return 0, f.err }

// Write fails.
func (f failed) Write([]byte) (int, error) { return 0, f.err }

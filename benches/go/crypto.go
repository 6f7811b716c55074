package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// crypto is Go's crypto/tls, with X25519 as OpenSSL 3.0 has it.
type crypto struct{ clients, servers *tls.Config }

func config() *tls.Config {
	version := uint16(tls.VersionTLS13)
	if *ver == 12 {
		version = tls.VersionTLS12
	}
	c := &tls.Config{MinVersion: version, MaxVersion: version, CurvePreferences: []tls.CurveID{tls.X25519}}
	if *cipher != "" && *cipher != "aes128" {
		check(fmt.Errorf("the cipher cannot be chosen"))
	}
	if *ver == 12 && *cipher == "aes128" {
		c.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}
	}
	return c
}

func certFile(kind string) string { return filepath.Join(*certs, *key+"."+kind+".pem") }

func newCrypto() library {
	own := &crypto{config(), config()}
	pair, err := tls.LoadX509KeyPair(certFile("chain"), certFile("key"))
	check(err)
	own.servers.Certificates = []tls.Certificate{pair}
	own.clients.RootCAs = trusting(certFile("ca"))
	own.clients.ServerName = host
	if *resume == 1 {
		own.clients.ClientSessionCache = tls.NewLRUClientSessionCache(8)
	}
	return own
}

func trusting(file string) *x509.CertPool {
	pem, err := os.ReadFile(file)
	check(err)
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		check(fmt.Errorf("%s holds no certificate", file))
	}
	return pool
}

func (l *crypto) client(c net.Conn) conn { return tls.Client(c, l.clients) }
func (l *crypto) server(c net.Conn) conn { return tls.Server(c, l.servers) }

func (l *crypto) gather(c conn, pieces net.Buffers) {
	_, err := pieces.WriteTo(c)
	check(err)
}

func (l *crypto) done(c conn) bool { return c.(*tls.Conn).ConnectionState().DidResume }

func (l *crypto) context(file string) any {
	var pool *x509.CertPool
	if file == "" {
		system, err := x509.SystemCertPool()
		check(err)
		pool = system
	} else {
		pool = trusting(file)
	}
	return &tls.Config{RootCAs: pool, ServerName: host}
}

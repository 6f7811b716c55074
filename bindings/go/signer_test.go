package tlsock_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tlsock"
)

// remote is a key that is elsewhere: a program sees only what a crypto.Signer shows.
type remote struct {
	crypto.Signer
	asked atomic.Int64
	// before it signs; instead of signing, if it gives something
	before func(digest []byte, opts crypto.SignerOpts) ([]byte, error)
}

func (r *remote) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	r.asked.Add(1)
	if r.before != nil {
		if signature, err := r.before(digest, opts); signature != nil || err != nil {
			return signature, err
		}
	}
	return r.Signer.Sign(random, digest, opts)
}

var keys = map[string]func() (crypto.Signer, error){
	"rsa":   func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) },
	"p256":  func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) },
	"p384":  func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P384(), rand.Reader) },
	"p521":  func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P521(), rand.Reader) },
	"ed255": func() (crypto.Signer, error) { _, key, err := ed25519.GenerateKey(rand.Reader); return key, err },
}

// certify gives the chain of a new certificate for localhost, to serve and to visit.
func certify(t testing.TB, key crypto.Signer, name string) [][]byte {
	t.Helper()
	issuer := goPair(t, "inter")
	parent, err := x509.ParseCertificate(issuer.Certificate[0])
	must(t, err)
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	must(t, err)
	leaf, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, SubjectKeyId: []byte{1, 2, 3},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, parent, key.Public(), issuer.PrivateKey)
	must(t, err)
	return [][]byte{leaf, issuer.Certificate[0]}
}

func pemOf(chain [][]byte) (text []byte) {
	for _, der := range chain {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	return text
}

// signing gives a server's context whose key is elsewhere, and the key.
func signing(t testing.TB, kind string) (*tlsock.Context, *remote) {
	t.Helper()
	key, err := keys[kind]()
	must(t, err)
	far := &remote{Signer: key}
	identity, err := tlsock.NewIdentitySigner(pemOf(certify(t, key, "localhost")), far)
	must(t, err)
	t.Cleanup(func() { identity.Close() })
	context, err := tlsock.NewContext(tlsock.ProtocolTLSServer)
	must(t, err)
	t.Cleanup(func() { context.Close() })
	must(t, context.UseIdentity(identity))
	return context, far
}

// Every kind of key signs for servers and clients of both versions, and crypto/tls believes it.
func TestSignersWithCryptoTLS(t *testing.T) {
	for name, version := range bothVersions {
		for kind := range keys {
			version, kind := version, kind
			t.Run(name+"/"+kind+"/server", func(t *testing.T) {
				serving, key := signing(t, kind)
				near, far := loopback(t)
				client := tls.Client(near, &tls.Config{RootCAs: goPool(t), ServerName: "localhost", MinVersion: version.gos,
					MaxVersion: version.gos})
				server := tlsock.Server(far, serving)
				limit(t, client, server)
				clientErr, serverErr := shakeHands(client, server)
				must(t, clientErr)
				must(t, serverErr)
				equal(t, "signatures", key.asked.Load(), int64(1))
				go echo(server)
				exchange(t, client, "signed elsewhere")
				client.Close()
			})
			t.Run(name+"/"+kind+"/client", func(t *testing.T) {
				key, err := keys[kind]()
				must(t, err)
				signer := &remote{Signer: key}
				identity, err := tlsock.NewIdentityTLS(&tls.Certificate{Certificate: certify(t, key, "visitor"), PrivateKey: signer})
				must(t, err)
				trusting := clientContext(t)
				must(t, trusting.UseIdentity(identity))
				must(t, identity.Close())
				near, far := loopback(t)
				client := tlsock.Client(near, trusting, "localhost")
				server := tls.Server(far, &tls.Config{Certificates: []tls.Certificate{goPair(t, "ecdsa")}, ClientCAs: goPool(t),
					ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: version.gos, MaxVersion: version.gos})
				limit(t, client, server)
				go echo(server)
				exchange(t, client, "signed elsewhere")
				equal(t, "client", server.ConnectionState().PeerCertificates[0].Subject.CommonName, "visitor")
				equal(t, "signatures", signer.asked.Load(), int64(1))
				client.Close()
			})
		}
	}
}

// Every signature algorithm that a peer may insist on, with openssl s_client as the peer.
func TestSignersByAlgorithm(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	must(t, err)
	for _, c := range []struct{ kind, version, algorithm, hash string }{
		{"rsa", "tls1_2", "rsa_pkcs1_sha256", "SHA-256"},
		{"rsa", "tls1_2", "rsa_pkcs1_sha384", "SHA-384"},
		{"rsa", "tls1_2", "rsa_pkcs1_sha512", "SHA-512"},
		{"rsa", "tls1_2", "rsa_pss_rsae_sha256", "SHA-256"},
		{"rsa", "tls1_3", "rsa_pss_rsae_sha256", "SHA-256"},
		{"rsa", "tls1_3", "rsa_pss_rsae_sha384", "SHA-384"},
		{"rsa", "tls1_3", "rsa_pss_rsae_sha512", "SHA-512"},
		{"p256", "tls1_2", "ecdsa_secp256r1_sha256", "SHA-256"},
		{"p384", "tls1_3", "ecdsa_secp384r1_sha384", "SHA-384"},
		{"p521", "tls1_3", "ecdsa_secp521r1_sha512", "SHA-512"},
		{"ed255", "tls1_3", "ed25519", "unknown hash value 0"},
	} {
		c := c
		t.Run(c.version+"/"+c.algorithm, func(t *testing.T) {
			serving, key := signing(t, c.kind)
			var opts crypto.SignerOpts
			key.before = func(_ []byte, given crypto.SignerOpts) ([]byte, error) { opts = given; return nil, nil }
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			must(t, err)
			defer listener.Close()
			// The intermediate of this package's certificates is signed with ECDSA.
			algorithms := c.algorithm
			if c.kind != "p256" {
				algorithms += ":ecdsa_secp256r1_sha256"
			}
			client := exec.Command(openssl, "s_client", "-connect", listener.Addr().String(), "-"+c.version, "-sigalgs", algorithms,
				"-CAfile", file("ca.pem"), "-verify_return_error", "-verify_hostname", "localhost", "-quiet", "-no_ign_eof")
			client.Stdin = strings.NewReader("")
			said := make(chan string, 1)
			go func() {
				output, err := client.CombinedOutput()
				said <- fmt.Sprintf("%v: %s", err, output)
				listener.Close()
			}()
			inner, err := listener.Accept()
			if err != nil {
				t.Fatalf("%v; openssl: %s", err, <-said)
			}
			server := tlsock.Server(inner, serving)
			limit(t, server)
			if err := server.Handshake(); err != nil {
				server.Close()
				t.Fatalf("%v; openssl: %s", err, <-said)
			}
			equal(t, "algorithm", server.ServerSigalg(), c.algorithm)
			equal(t, "hash", opts.HashFunc().String(), c.hash)
			_, pss := opts.(*rsa.PSSOptions)
			equal(t, "PSS", pss, strings.HasPrefix(c.algorithm, "rsa_pss"))
			server.Close()
			<-said
		})
	}
}

// A signer that does not sign ends the handshake, with its own error, and nothing else.
func TestSignersThatFail(t *testing.T) {
	for name, c := range map[string]struct {
		instead func([]byte, crypto.SignerOpts) ([]byte, error)
		text    string
		is      func(error) bool
	}{
		"error": {func([]byte, crypto.SignerOpts) ([]byte, error) { return nil, errOurs }, errOurs.Error(),
			func(err error) bool { return errors.Is(err, errOurs) }},
		"panic": {func([]byte, crypto.SignerOpts) ([]byte, error) { panic("no card") }, "no card", func(err error) bool {
			var panicked *tlsock.PanicError
			return errors.As(err, &panicked) && panicked.Value == any("no card") && strings.Contains(string(panicked.Stack), "signer_test")
		}},
		"Goexit": {func([]byte, crypto.SignerOpts) ([]byte, error) { runtime.Goexit(); return nil, nil }, "Goexit", nil},
		"junk":   {func([]byte, crypto.SignerOpts) ([]byte, error) { return make([]byte, 70), nil }, "not one of the certificate's key", nil},
		"empty":  {func([]byte, crypto.SignerOpts) ([]byte, error) { return []byte{}, nil }, "not one of the certificate's key", nil},
		"long":   {func([]byte, crypto.SignerOpts) ([]byte, error) { return make([]byte, 10000), nil }, "a signature of 10000 bytes", nil},
	} {
		for version, at := range bothVersions {
			c, at := c, at
			t.Run(name+"/"+version, func(t *testing.T) {
				serving, key := signing(t, "p256")
				must(t, serving.SetMaximumVersion(at.ours))
				key.before = c.instead
				near, far := loopback(t)
				client, server := tlsock.Client(near, clientContext(t), "localhost"), tlsock.Server(far, serving)
				limit(t, client, server)
				clientErr, serverErr := shakeHands(client, server)
				if clientErr == nil || serverErr == nil || !strings.Contains(serverErr.Error(), c.text) {
					t.Fatalf("the client says %v, the server %v", clientErr, serverErr)
				}
				if c.is != nil && !c.is(serverErr) {
					t.Errorf("the server says %#v", serverErr)
				}
				equal(t, "tlsock:", strings.Count(serverErr.Error(), "tlsock:"), 1)
				key.before = nil
				pair(t, clientContext(t), serving)
			})
		}
	}
}

// The signature of another key, of the same kind, never gets to the peer; a key that says so is refused at once.
func TestSignersOfAnotherKey(t *testing.T) {
	key, err := keys["p256"]()
	must(t, err)
	other, err := keys["p256"]()
	must(t, err)
	chain := pemOf(certify(t, key, "localhost"))
	for name, signer := range map[string]crypto.Signer{
		"other": other, "kind": func() crypto.Signer { key, _ := keys["rsa"](); return key }(), "none": keyless{other},
	} {
		identity, err := tlsock.NewIdentitySigner(chain, signer)
		var failure *tlsock.Error
		if identity != nil || !errors.As(err, &failure) || failure.Reason != "KEY_VALUES_MISMATCH" || !errors.Is(err, tlsock.ErrSSL) {
			t.Errorf("%s: %v, %v", name, identity, err)
		}
	}
	serving, signer := signing(t, "p256")
	signer.before = func(digest []byte, opts crypto.SignerOpts) ([]byte, error) {
		return other.Sign(rand.Reader, digest, opts)
	}
	near, far := loopback(t)
	client, server := tlsock.Client(near, clientContext(t), "localhost"), tlsock.Server(far, serving)
	limit(t, client, server)
	if _, err := shakeHands(client, server); err == nil || !strings.Contains(err.Error(), "not one of the certificate's key") {
		t.Errorf("the server says %v", err)
	}
}

type keyless struct{ crypto.Signer }

func (keyless) Public() crypto.PublicKey { return nil }

type panicky struct{ crypto.Signer }

func (panicky) Public() crypto.PublicKey { panic("no card") }

func TestSignersThatCannotBe(t *testing.T) {
	key, err := keys["p256"]()
	must(t, err)
	der := certify(t, key, "localhost")
	chain := pemOf(der)
	for name, c := range map[string]struct {
		build func() (*tlsock.Identity, error)
		is    error
		text  string
	}{
		"nil":         {func() (*tlsock.Identity, error) { return tlsock.NewIdentitySigner(chain, nil) }, tlsock.ErrValue, "signer"},
		"no chain":    {func() (*tlsock.Identity, error) { return tlsock.NewIdentitySigner(nil, key) }, tlsock.ErrSSL, ""},
		"junk":        {func() (*tlsock.Identity, error) { return tlsock.NewIdentitySigner([]byte("junk"), key) }, tlsock.ErrSSL, ""},
		"panics":      {func() (*tlsock.Identity, error) { return tlsock.NewIdentitySigner(chain, panicky{key}) }, tlsock.ErrPanic, "no card"},
		"nothing":     {func() (*tlsock.Identity, error) { return tlsock.NewIdentityTLS(nil) }, tlsock.ErrValue, "certificate"},
		"no key":      {func() (*tlsock.Identity, error) { return tlsock.NewIdentityTLS(&tls.Certificate{Certificate: der}) }, tlsock.ErrValue, "PrivateKey"},
		"not a key":   {func() (*tlsock.Identity, error) { return tlsock.NewIdentityTLS(&tls.Certificate{PrivateKey: "key"}) }, tlsock.ErrValue, "string"},
		"nothing for": {func() (*tlsock.Identity, error) { return tlsock.NewIdentityTLS(&tls.Certificate{PrivateKey: key}) }, tlsock.ErrSSL, ""},
	} {
		identity, err := c.build()
		if identity != nil || !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v, %v", name, identity, err)
		}
	}
}

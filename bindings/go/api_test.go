package tlsock_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"tlsock"
)

func TestContextSettings(t *testing.T) {
	context := clientContext(t)
	equal(t, "protocol", context.Protocol(), tlsock.ProtocolTLSClient)
	equal(t, "protocol name", context.Protocol().String(), "PROTOCOL_TLS_CLIENT")
	equal(t, "verify mode", context.VerifyMode(), tlsock.CertRequired)
	equal(t, "check hostname", context.CheckHostname(), true)
	equal(t, "minimum", context.MinimumVersion(), tlsock.TLSVersionTLSv12)
	equal(t, "maximum", context.MaximumVersion(), tlsock.TLSVersionMaximumSupported)
	must(t, context.SetMaximumVersion(tlsock.TLSVersionTLSv12))
	equal(t, "new maximum", context.MaximumVersion(), tlsock.TLSVersionTLSv12)
	must(t, context.SetOptions(context.Options()|tlsock.OpNoTicket))
	equal(t, "options", context.Options()&tlsock.OpNoTicket, tlsock.OpNoTicket)
	must(t, context.SetVerifyFlags(tlsock.VerifyX509Strict))
	equal(t, "verify flags", context.VerifyFlags()&tlsock.VerifyX509Strict, tlsock.VerifyX509Strict)
	must(t, context.SetHostnameChecksCommonName(false))
	equal(t, "common name", context.HostnameChecksCommonName(), false)
	must(t, context.SetPostHandshakeAuth(true))
	equal(t, "post-handshake", context.PostHandshakeAuth(), true)
	must(t, context.SetCiphers("ECDHE+AESGCM"))
	if err := context.SetCiphers("nonsense"); !errors.Is(err, tlsock.ErrSSL) {
		t.Errorf("ciphers: %v", err)
	}
	if err := context.SetVerifyMode(tlsock.CertNone); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("verify mode: %v", err)
	}
	must(t, context.SetCheckHostname(false))
	must(t, context.SetVerifyMode(tlsock.CertNone))
	if err := context.SetNPNProtocols("h2"); !errors.Is(err, tlsock.ErrNotImplemented) {
		t.Errorf("NPN: %v", err)
	}
	if err := context.SetALPNProtocols(""); !errors.Is(err, tlsock.ErrSSL) {
		t.Errorf("ALPN: %v", err)
	}
	if err := context.LoadVerifyLocations(tlsock.VerifyLocations{}); !errors.Is(err, tlsock.ErrType) {
		t.Errorf("nowhere: %v", err)
	}
	stats, err := context.CertStoreStats()
	must(t, err)
	equal(t, "stats", stats, tlsock.CertStoreStats{X509: 1, X509CA: 1})
	cas, err := context.GetCACerts()
	must(t, err)
	equal(t, "CA", cas[0].Subject(), "CN=tlsock test root")
	equal(t, "security level", context.SecurityLevel() >= 1, true)
	server := serverContext(t, "ecdsa")
	must(t, server.SetNumTickets(5))
	equal(t, "tickets", server.NumTickets(), 5)
	must(t, server.LoadDefaultCerts(tlsock.PurposeClientAuth))
	must(t, server.SetDefaultVerifyPaths())
	must(t, server.LoadCertChainData(read(t, "rsa.pem"), read(t, "rsa.key"), ""))

	must(t, context.Close())
	must(t, context.Close())
	if err := context.SetCiphers("ALL"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a closed context: %v", err)
	}
	equal(t, "closed getter", context.VerifyMode(), tlsock.CertNone)
}

func TestCertificate(t *testing.T) {
	certificate, err := tlsock.NewCertificateData(read(t, "ecdsa.pem"))
	must(t, err)
	equal(t, "subject", certificate.String(), "CN=localhost,O=tlsock")
	equal(t, "issuer", certificate.Issuer(), "CN=tlsock test intermediate")
	equal(t, "verified", certificate.Verified(), false)
	view, err := certificate.X509()
	must(t, err)
	equal(t, "name", view.DNSNames[0], "localhost")
	equal(t, "serial", strings.TrimLeft(certificate.SerialNumber(), "0"),
		strings.TrimLeft(strings.ToUpper(view.SerialNumber.Text(16)), "0"))
	begin, err := tlsock.CertTimeToSeconds(certificate.NotBefore())
	must(t, err)
	equal(t, "not before", begin, view.NotBefore.Unix())
	end, err := tlsock.CertTimeToSeconds(certificate.NotAfter())
	must(t, err)
	equal(t, "not after", end, view.NotAfter.Unix())
	digest, err := certificate.Fingerprint("")
	must(t, err)
	equal(t, "fingerprint", [32]byte(*(*[32]byte)(digest)), sha256.Sum256(certificate.DER()))
	if _, err := certificate.Fingerprint("md0"); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("digest: %v", err)
	}
	info, err := certificate.Info()
	must(t, err)
	equal(t, "dict", info["version"], 3.0)
	der, err := tlsock.PEMCertToDERCert(certificate.PEM())
	must(t, err)
	again, err := tlsock.NewCertificateData(der)
	must(t, err)
	equal(t, "equal", certificate.Equal(again), true)
	equal(t, "equal to none", certificate.Equal(nil), false)
	if _, err := tlsock.NewCertificateData([]byte("none")); !errors.Is(err, tlsock.ErrSSL) {
		t.Errorf("no certificate: %v", err)
	}
}

func TestModule(t *testing.T) {
	equal(t, "version", tlsock.Version(), "0.1.0")
	major := tlsock.OpenSSLVersionInfo().Major
	equal(t, "info", major, int(tlsock.OpenSSLVersionNumber()>>28))
	equal(t, "major", major == 3 || major == 4, true)
	equal(t, "backend", tlsock.Backend() == "openssl" || tlsock.Backend() == "aws-lc", true)
	equal(t, "OpenSSL", strings.HasPrefix(tlsock.OpenSSLVersion(), fmt.Sprintf("OpenSSL %d.", major)), true)
	equal(t, "TLS 1.3", tlsock.Has(tlsock.HasTLSv13), true)
	equal(t, "NPN", tlsock.Has(tlsock.HasNPN), false)
	equal(t, "bindings", tlsock.ChannelBindingTypes()[0], "tls-unique")
	object, err := tlsock.NID2Obj(int(tlsock.PurposeServerAuth))
	must(t, err)
	equal(t, "OID", object.OID, "1.3.6.1.5.5.7.3.1")
	same, err := tlsock.Txt2Obj("serverAuth", true)
	must(t, err)
	equal(t, "object", same, object)
	if _, err := tlsock.Txt2Obj("serverAuth", false); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("by name: %v", err)
	}
	paths, err := tlsock.GetDefaultVerifyPaths()
	must(t, err)
	equal(t, "variable", paths.OpenSSLCAFileEnv, "SSL_CERT_FILE")
	for _, on := range []bool{false, true} {
		must(t, tlsock.SetEnvironmentTrusted(on))
		equal(t, "environment", tlsock.EnvironmentTrusted(), on)
	}
	random, err := tlsock.RandBytes(16)
	must(t, err)
	equal(t, "random", len(random), 16)
	equal(t, "seeded", tlsock.RandStatus(), true)
	must(t, tlsock.RandAdd([]byte("x"), 0))
	var refused *tlsock.Error
	if _, err := tlsock.RandBytes(-1); !errors.Is(err, tlsock.ErrValue) || !errors.As(err, &refused) {
		t.Errorf("negative: %v", err)
	} else {
		equal(t, "alerts", [2]int{refused.AlertSent, refused.AlertReceived}, [2]int{-1, -1})
	}
	equal(t, "status", tlsock.StatusCertVerification.String(), "SSLCertVerificationError")
}

func newBIO(t testing.TB) *tlsock.MemoryBIO {
	bio, err := tlsock.NewMemoryBIO()
	must(t, err)
	return bio
}

// Both sides of a connection in memory, over two shared buffers.
func TestObject(t *testing.T) {
	there, back := newBIO(t), newBIO(t)
	client, err := clientContext(t).WrapBIO(back, there, tlsock.WrapOptions{ServerHostname: "localhost"})
	must(t, err)
	serving := serverContext(t, "rsa")
	server, err := serving.WrapBIO(there, back, tlsock.WrapOptions{ServerSide: true})
	must(t, err)
	equal(t, "first step", client.DoHandshake(), tlsock.ErrWantRead)
	equal(t, "second step", server.DoHandshake(), tlsock.ErrWantRead)
	must(t, client.DoHandshake())
	must(t, server.DoHandshake())
	equal(t, "name", client.ServerHostname(), "localhost")
	equal(t, "sides", server.ServerSide() && !client.ServerSide(), true)
	context, err := server.Context()
	must(t, err)
	equal(t, "context", context.Same(serving), true)
	cipher, ok := client.Cipher()
	equal(t, "cipher", ok && strings.HasPrefix(cipher.Name, "TLS_") && cipher.SecretBits >= 128, true)
	equal(t, "group", client.Group() != "", true)
	_, err = client.Write([]byte("hello"))
	must(t, err)
	data := make([]byte, 3)
	n, err := server.Read(data)
	must(t, err)
	equal(t, "read", string(data[:n]), "hel")
	equal(t, "pending", server.Pending(), 2)
	n, err = server.Read(data)
	must(t, err)
	equal(t, "read", string(data[:n]), "lo")
	_, err = server.Read(data)
	equal(t, "nothing there", err, tlsock.ErrWantRead)
	must(t, client.CloseWrite())
	_, err = server.Read(data)
	equal(t, "end", err, io.EOF)
	must(t, there.WriteEOF())
	must(t, server.Unwrap())
	must(t, server.Close())
	if err := server.DoHandshake(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestMemoryBIO(t *testing.T) {
	bio := newBIO(t)
	_, err := bio.Write([]byte("abc"))
	must(t, err)
	equal(t, "pending", bio.Pending(), 3)
	data := make([]byte, 2)
	n, err := bio.Read(data)
	must(t, err)
	equal(t, "read", string(data[:n]), "ab")
	must(t, bio.WriteEOF())
	equal(t, "eof", bio.EOF(), false)
	_, err = bio.Read(data)
	must(t, err)
	equal(t, "eof", bio.EOF(), true)
	if _, err := bio.Write([]byte("x")); !errors.Is(err, tlsock.ErrSSL) {
		t.Errorf("write after the end: %v", err)
	}
}

func TestCiphersAndCounters(t *testing.T) {
	trusting, serving := clientContext(t), serverContext(t, "ecdsa")
	must(t, trusting.SetCiphers("ECDHE-ECDSA-AES128-GCM-SHA256"))
	ciphers, err := trusting.GetCiphers()
	must(t, err)
	last := ciphers[len(ciphers)-1]
	equal(t, "cipher", last.Name, "ECDHE-ECDSA-AES128-GCM-SHA256")
	equal(t, "id", last.ID&0xffff, uint32(0xc02b))
	equal(t, "AEAD", last.AEAD, true)
	must(t, trusting.SetECDHCurve("prime256v1"))
	if err := trusting.SetECDHCurve("straight"); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("curve: %v", err)
	}
	if err := trusting.LoadDHParams(file("missing.pem")); !errors.Is(err, tlsock.ErrOS) {
		t.Errorf("DH file: %v", err)
	}
	must(t, trusting.SetKeylogFilename(file("keylog")))
	equal(t, "key log", trusting.KeylogFilename(), file("keylog"))
	must(t, trusting.SetMaximumVersion(tlsock.TLSVersionTLSv12))
	client, server := pair(t, trusting, serving)
	equal(t, "group", client.Group(), "secp256r1")
	shared, err := server.SharedCiphers()
	must(t, err)
	equal(t, "shared", shared[0].Name, "ECDHE-ECDSA-AES128-GCM-SHA256")
	ours, err := client.GetChannelBinding("")
	must(t, err)
	theirs, err := server.GetChannelBinding("tls-unique")
	must(t, err)
	equal(t, "binding", len(ours) > 0 && string(ours) == string(theirs), true)
	equal(t, "connects", trusting.SessionStats().ConnectGood, int64(1))
	equal(t, "accepts", serving.SessionStats().AcceptGood, int64(1))
	must(t, trusting.SetKeylogFilename(""))
	equal(t, "logged", strings.Contains(string(read(t, "keylog")), "CLIENT_RANDOM "), true)
	if _, err := tlsock.EnumCertificates("ROOT"); !errors.Is(err, tlsock.ErrNotImplemented) {
		t.Errorf("store: %v", err)
	}
}

func TestPostHandshakeAuth(t *testing.T) {
	trusting, serving := clientContext(t), serverContext(t, "ecdsa")
	must(t, trusting.LoadCertChain(file("client.pem"), file("client.key"), ""))
	must(t, trusting.SetPostHandshakeAuth(true))
	must(t, serving.SetPostHandshakeAuth(true))
	must(t, serving.LoadVerifyLocations(tlsock.VerifyLocations{CAFile: file("ca.pem")}))
	must(t, serving.SetVerifyMode(tlsock.CertRequired))
	client, server := pair(t, trusting, serving)
	go echo(client)
	exchange(t, server, "before")
	none, err := server.GetPeerCert()
	must(t, err)
	equal(t, "none yet", none == nil, true)
	must(t, server.VerifyClientPostHandshake())
	exchange(t, server, "asked")
	exchange(t, server, "answered")
	certificate, err := server.GetPeerCert()
	must(t, err)
	if certificate == nil {
		t.Fatal("the client showed none")
	}
	equal(t, "client", certificate.Subject(), "CN=client,O=tlsock")
}

func TestSessionData(t *testing.T) {
	trusting, serving := clientContext(t), serverContext(t, "ecdsa")
	client, server := pair(t, trusting, serving)
	go echo(server)
	exchange(t, client, "hello")
	session, err := client.Session()
	must(t, err)
	data, err := session.Data()
	must(t, err)
	again, err := trusting.NewSessionData(data)
	must(t, err)
	equal(t, "same", again.Equal(session), true)
	equal(t, "hint", again.TicketLifetimeHint(), session.TicketLifetimeHint())
	equal(t, "time", again.Time(), session.Time())
	equal(t, "timeout", again.Timeout() > 0, true)
	equal(t, "id", string(again.ID()), string(session.ID()))
	near, far := loopback(t)
	resuming := tlsock.Client(near, trusting, "localhost")
	limit(t, resuming)
	must(t, resuming.SetSession(again))
	go echo(tlsock.Server(far, serving))
	exchange(t, resuming, "again")
	equal(t, "resumed", resuming.SessionReused(), true)
	must(t, resuming.Close())
	if _, err := trusting.NewSessionData([]byte("none")); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("damaged: %v", err)
	}
}

func TestGetServerCertificate(t *testing.T) {
	listener, err := tlsock.Listen("tcp", "localhost:0", serverContext(t, "wrong-name"))
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
	for _, ca := range []string{"", file("ca.pem")} {
		pem, err := tlsock.GetServerCertificate(context.Background(), listener.Addr().String(),
			tlsock.ProtocolTLSClient, ca)
		must(t, err)
		certificate, err := tlsock.NewCertificateData([]byte(pem))
		must(t, err)
		equal(t, "subject", certificate.Subject(), "CN=other.example,O=tlsock")
	}
	_, err = tlsock.GetServerCertificate(context.Background(), listener.Addr().String(), tlsock.ProtocolTLSClient,
		file("unknown-ca.pem"))
	if !errors.Is(err, tlsock.ErrCertVerification) {
		t.Errorf("another CA: %v", err)
	}
}

// An empty argument and an absent one are different, and each has Python's class.
func TestEmptyData(t *testing.T) {
	context, err := tlsock.NewContext(tlsock.ProtocolTLSClient)
	must(t, err)
	defer context.Close()
	for name, c := range map[string]struct {
		locations tlsock.VerifyLocations
		want      error
		text      string
	}{
		"nothing":    {tlsock.VerifyLocations{}, tlsock.ErrType, "cafile, capath and cadata cannot be all omitted"},
		"empty data": {tlsock.VerifyLocations{CAData: []byte{}}, tlsock.ErrValue, "Empty certificate data"},
	} {
		if err := context.LoadVerifyLocations(c.locations); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, err := range map[string]error{
		"chain":   context.LoadCertChainData(nil, nil, ""),
		"crl":     context.LoadCRLData([]byte{}),
		"session": func() error { _, err := context.NewSessionData(nil); return err }(),
	} {
		var failure *tlsock.Error
		if !errors.As(err, &failure) || failure.Status < 10 {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Python tests the truth of the argument: empty data counts as no data, and the system's CAs are used.
	var trusted [2]tlsock.CertStoreStats
	for i, data := range [][]byte{nil, {}} {
		made, err := tlsock.CreateDefaultContext(tlsock.PurposeServerAuth, tlsock.VerifyLocations{CAData: data})
		must(t, err)
		trusted[i], err = made.CertStoreStats()
		must(t, err)
		must(t, made.Close())
	}
	equal(t, "trusted by default", trusted[1], trusted[0])
}

func TestNilHandlesAreErrors(t *testing.T) {
	client, _ := pair(t, clientContext(t), serverContext(t, "ecdsa"))
	if err := client.SetContext(nil); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("no context: %v", err)
	}
	if err := client.SetSession(nil); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("no session: %v", err)
	}
	near, far := loopback(t)
	defer far.Close()
	none := tlsock.Client(near, nil, "localhost")
	defer none.Close()
	for name, err := range map[string]error{
		"handshake": none.Handshake(), "close write": none.CloseWrite(),
		"unwrap": func() error { _, err := none.Unwrap(); return err }(),
		"export": func() error { _, err := none.ExportKeyingMaterial("x", nil, 1); return err }(),
	} {
		if !errors.Is(err, tlsock.ErrValue) {
			t.Errorf("%s without a context: %v", name, err)
		}
	}
}

// nameless is a net.Conn without any addresses.
type nameless struct{ net.Conn }

func (nameless) LocalAddr() net.Addr  { return nil }
func (nameless) RemoteAddr() net.Addr { return nil }

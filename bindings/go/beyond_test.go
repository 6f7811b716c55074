package tlsock_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"tlsock"
)

// greet does a handshake of two contexts after a change of the client, and returns the client's error.
func greet(t *testing.T, client, server *tlsock.Context, change func(*tlsock.Conn), look func(client, server *tlsock.Conn)) error {
	t.Helper()
	near, far := loopback(t)
	here, there := tlsock.Client(near, client, "localhost"), tlsock.Server(far, server)
	limit(t, here, there)
	defer here.Close()
	defer there.Close()
	if change != nil {
		change(here)
	}
	err, serverErr := shakeHands(here, there)
	if err == nil && look != nil {
		must(t, serverErr)
		look(here, there)
	}
	return err
}

func TestPins(t *testing.T) {
	client, server := clientContext(t), serverContext(t, "ecdsa")
	pair := goPair(t, "ecdsa")
	var own string
	must(t, greet(t, client, server, nil, func(client, _ *tlsock.Conn) {
		digest := sha256.Sum256(client.State().PeerCertificates[0].RawSubjectPublicKeyInfo)
		own = "sha256//" + base64.StdEncoding.EncodeToString(digest[:])
	}))
	equal(t, "certificates", len(pair.Certificate) > 0, true)
	must(t, client.SetPins(own))
	must(t, greet(t, client, server, nil, nil))
	other := "sha256//" + strings.Repeat("A", 43) + "="
	must(t, client.SetPins(other))
	if err := greet(t, client, server, nil, nil); err == nil || !strings.Contains(err.Error(), own) {
		t.Errorf("the pins that were seen are missing: %v", err)
	}
	must(t, client.SetPins(other, own))
	must(t, greet(t, client, server, nil, nil))
	if err := client.SetPins("sha256//short"); !errors.Is(err, tlsock.ErrValue) {
		t.Error(err)
	}
	must(t, client.SetPins())
	must(t, greet(t, client, server, nil, nil))
}

func TestNamesApart(t *testing.T) {
	client, server := clientContext(t), serverContext(t, "wrong-name")
	var refused *tlsock.CertVerificationError
	if err := greet(t, client, server, nil, nil); !errors.As(err, &refused) {
		t.Fatal(err)
	}
	must(t, greet(t, client, server, func(conn *tlsock.Conn) {
		must(t, conn.SetExpectedNames("elsewhere.example", "other.example"))
		must(t, conn.SetServerName("front.example"))
	}, func(_, server *tlsock.Conn) { equal(t, "what the server saw", server.ServerName(), "front.example") }))
	must(t, greet(t, client, server, func(conn *tlsock.Conn) {
		must(t, conn.SetExpectedNames("other.example"))
		must(t, conn.SetServerName(""))
	}, func(_, server *tlsock.Conn) { equal(t, "what the server saw", server.ServerName(), "") }))
	must(t, greet(t, client, serverContext(t, "ecdsa"), func(conn *tlsock.Conn) {
		if err := conn.SetExpectedNames(); !errors.Is(err, tlsock.ErrValue) {
			t.Errorf("no names: %v", err)
		}
	}, nil))
}

func TestLimitsAndCopies(t *testing.T) {
	client, server := clientContext(t), serverContext(t, "ecdsa")
	equal(t, "depth", client.VerifyDepth(), -1)
	must(t, client.SetVerifyDepth(0))
	var refused *tlsock.CertVerificationError
	if err := greet(t, client, server, nil, nil); !errors.As(err, &refused) {
		t.Errorf("a chain that is too deep: %v", err)
	}
	copied, err := client.Copy()
	must(t, err)
	defer copied.Close()
	equal(t, "same", copied.Same(client), false)
	equal(t, "the copy's depth", copied.VerifyDepth(), 0)
	must(t, client.SetVerifyDepth(5))
	equal(t, "the copy keeps its own", copied.VerifyDepth(), 0)
	must(t, greet(t, client, server, nil, nil))
	must(t, client.SetMaxCertList(100))
	equal(t, "bytes", client.MaxCertList(), 100)
	if err := greet(t, client, server, nil, nil); err == nil {
		t.Error("a chain that is too long was taken")
	}
	for _, size := range []int{0, -1, 1 << 24} {
		if err := client.SetMaxCertList(size); !errors.Is(err, tlsock.ErrValue) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func TestFacts(t *testing.T) {
	must(t, greet(t, clientContext(t), serverContext(t, "ecdsa"), nil, func(client, server *tlsock.Conn) {
		for _, conn := range []*tlsock.Conn{client, server} {
			equal(t, "the server has signed", conn.ServerSigalg(), "ecdsa_secp256r1_sha256")
			equal(t, "the client has not", conn.ClientSigalg(), "")
			line, err := conn.InfoJSON()
			must(t, err)
			var facts map[string]any
			must(t, json.Unmarshal([]byte(line), &facts))
			equal(t, "version", facts["version"], any("TLSv1.3"))
			equal(t, "lines", strings.Count(line, "\n"), 0)
		}
		own, err := server.OwnCertificate()
		must(t, err)
		equal(t, "the server's certificate", bytes.Equal(own.DER(), client.State().PeerCertificates[0].Raw), true)
		none, err := client.OwnCertificate()
		must(t, err)
		equal(t, "the client has shown none", none == nil, true)
	}))
}

func TestIdentities(t *testing.T) {
	path := func(name string) string { return "file:" + file(name) }
	makers := map[string]func() (*tlsock.Identity, error){
		"files": func() (*tlsock.Identity, error) { return tlsock.NewIdentity(file("ecdsa.pem"), file("ecdsa.key"), "") },
		"data": func() (*tlsock.Identity, error) {
			return tlsock.NewIdentityData(read(t, "ecdsa.pem"), read(t, "ecdsa.key"), "")
		},
		"PKCS#12": func() (*tlsock.Identity, error) { return tlsock.NewIdentityPKCS12(read(t, "ecdsa.p12"), "sesame") },
		"URI": func() (*tlsock.Identity, error) {
			return tlsock.NewIdentityURI(path("ecdsa.pem"), path("ecdsa.key"), "")
		},
	}
	for name, build := range makers {
		identity, err := build()
		must(t, err)
		certificates, err := identity.Certificates()
		must(t, err)
		equal(t, name+": certificates", len(certificates), 2)
		server := serverContext(t, "self-signed")
		must(t, server.UseIdentity(identity))
		identity.Close()
		must(t, greet(t, clientContext(t), server, nil, nil))
		if err := server.UseIdentity(identity); err == nil {
			t.Errorf("%s: a closed identity was used", name)
		}
		must(t, greet(t, clientContext(t), server, nil, nil))
	}
	for name, build := range map[string]func() (*tlsock.Identity, error){
		"another's key":  func() (*tlsock.Identity, error) { return tlsock.NewIdentity(file("ecdsa.pem"), file("rsa.key"), "") },
		"no file":        func() (*tlsock.Identity, error) { return tlsock.NewIdentity(file("missing.pem"), "", "") },
		"wrong password": func() (*tlsock.Identity, error) { return tlsock.NewIdentityPKCS12(read(t, "ecdsa.p12"), "open") },
		"no scheme":      func() (*tlsock.Identity, error) { return tlsock.NewIdentityURI("ecdsa.pem", "", "") },
		"a null":         func() (*tlsock.Identity, error) { return tlsock.NewIdentity("a\x00b", "", "") },
		"nothing":        func() (*tlsock.Identity, error) { return tlsock.NewIdentityData(nil, nil, "") },
	} {
		if identity, err := build(); err == nil || identity != nil {
			t.Errorf("%s: %v", name, identity)
		} else if strings.Contains(err.Error(), "open") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := serverContext(t, "ecdsa").UseIdentity(nil); err == nil {
		t.Error("no identity was used")
	}
	if err := serverContext(t, "ecdsa").UseIdentity(&tlsock.Identity{}); err == nil {
		t.Error("an identity that nobody made was used")
	}
}

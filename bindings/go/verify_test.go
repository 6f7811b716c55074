package tlsock_test

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"strings"
	"testing"

	"tlsock"
)

// What a client refuses, and which errors and alerts it gives.
func TestBadCertificates(t *testing.T) {
	for name, want := range map[string]struct{ code, alert int }{
		"expired":     {10, tlsock.AlertCertificateExpired},
		"self-signed": {18, tlsock.AlertUnknownCA},
		"wrong-name":  {62, tlsock.AlertBadCertificate},
	} {
		name, want := name, want
		t.Run(name, func(t *testing.T) {
			near, far := loopback(t)
			client := tlsock.Client(near, clientContext(t), "localhost")
			server := tlsock.Server(far, serverContext(t, name))
			limit(t, client, server)
			clientErr, serverErr := shakeHands(client, server)
			var failure *tlsock.Error
			var refused *tlsock.CertVerificationError
			if !errors.As(clientErr, &failure) || !errors.As(clientErr, &refused) {
				t.Fatalf("the client says %v", clientErr)
			}
			for _, sentinel := range []error{tlsock.ErrCertVerification, tlsock.ErrSSL} {
				equal(t, sentinel.Error(), errors.Is(clientErr, sentinel) && errors.Is(refused, sentinel), true)
			}
			equal(t, "ErrEOF", errors.Is(clientErr, tlsock.ErrEOF), false)
			equal(t, "status", failure.Status, tlsock.StatusCertVerification)
			equal(t, "reason", failure.Reason, "CERTIFICATE_VERIFY_FAILED")
			equal(t, "phase", failure.Phase, tlsock.PhaseHandshake)
			equal(t, "code", refused.VerifyCode, want.code)
			equal(t, "alert sent", failure.AlertSent, want.alert)
			equal(t, "has certificate", refused.Certificate != nil, true)
			if name == "wrong-name" {
				equal(t, "expected", refused.ExpectedName, "localhost")
				equal(t, "offered", refused.OfferedNames[0], "other.example")
			}
			// A TLS 1.3 server gets the alert with its first read.
			if serverErr == nil {
				_, serverErr = server.Read(make([]byte, 1))
			}
			failure = nil
			if !errors.As(serverErr, &failure) {
				t.Fatalf("the server says %v", serverErr)
			}
			equal(t, "alert received", failure.AlertReceived, want.alert)
			client.Close()
			server.Close()
		})
	}
}

func TestRevoked(t *testing.T) {
	near, far := loopback(t)
	context := clientContext(t)
	must(t, context.LoadCRLData(read(t, "crl.pem")))
	must(t, context.SetVerifyFlags(context.VerifyFlags()|tlsock.VerifyCRLCheckLeaf))
	client, server := tlsock.Client(near, context, "localhost"), tlsock.Server(far, serverContext(t, "revoked"))
	limit(t, client, server)
	err, _ := shakeHands(client, server)
	var refused *tlsock.CertVerificationError
	if !errors.As(err, &refused) || refused.VerifyCode != 23 {
		t.Errorf("the client says %v", err)
	}
}

func TestClientWithoutCertificate(t *testing.T) {
	context := serverContext(t, "ecdsa")
	must(t, context.SetVerifyMode(tlsock.CertRequired))
	near, far := loopback(t)
	client, server := tlsock.Client(near, clientContext(t), "localhost"), tlsock.Server(far, context)
	limit(t, client, server)
	clientErr, serverErr := shakeHands(client, server)
	var failure *tlsock.Error
	if !errors.As(serverErr, &failure) || failure.Reason != "PEER_DID_NOT_RETURN_A_CERTIFICATE" {
		t.Errorf("the server says %v", serverErr)
	}
	if clientErr == nil {
		_, clientErr = client.Read(make([]byte, 1))
	}
	if !errors.As(clientErr, &failure) || failure.AlertReceived != 116 {
		t.Errorf("the client says %v", clientErr)
	}
	client.Close()
}

func TestNoNameIsRefused(t *testing.T) {
	near, far := loopback(t)
	defer near.Close()
	defer far.Close()
	context := clientContext(t)
	if _, err := context.WrapConn(near, tlsock.WrapOptions{}); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("without a name: %v", err)
	}
	if err := tlsock.Client(near, context, "").Handshake(); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("handshake without a name: %v", err)
	}
	for _, name := range []string{"local\x00host", "\x00localhost", "localhost\x00"} {
		var told *tlsock.Error
		err := tlsock.Client(near, context, name).Handshake()
		if !errors.As(err, &told) || !strings.Contains(told.Message, "null character") || told.AlertSent != -1 || told.AlertReceived != -1 {
			t.Errorf("%q: %v", name, err)
		}
	}
	if err := tlsock.Client(near, nil, "localhost").Handshake(); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("no context: %v", err)
	}
}

func TestFileErrors(t *testing.T) {
	context := clientContext(t)
	err := context.LoadCertChain(file("missing.pem"), "", "")
	if !errors.Is(err, fs.ErrNotExist) || !errors.Is(err, tlsock.ErrOS) {
		t.Errorf("a missing file: %v", err)
	}
	if err := context.LoadCertChain(file("rsa.pem"), file("ecdsa.key"), ""); !errors.Is(err, tlsock.ErrSSL) {
		t.Errorf("a key of another certificate: %v", err)
	}
	must(t, context.LoadCertChain(file("rsa.pem"), file("rsa-encrypted.key"), "sesame"))
	if err := context.LoadCertChain(file("rsa.pem"), file("rsa-encrypted.key"), "wrong"); err == nil {
		t.Error("a wrong password opens a key")
	}
}

// A peer that closes the connection during the handshake.
func TestHandshakeCut(t *testing.T) {
	near, far := loopback(t)
	client := tlsock.Client(near, clientContext(t), "localhost")
	limit(t, client)
	go func() {
		io.ReadFull(far, make([]byte, 5))
		far.(*net.TCPConn).CloseWrite()
	}()
	err := client.Handshake()
	if !errors.Is(err, io.ErrUnexpectedEOF) || !errors.Is(err, tlsock.ErrEOF) {
		t.Errorf("the client says %v", err)
	}
	far.Close()
	client.Close()
}

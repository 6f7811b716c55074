package tlsock_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"tlsock"
)

// staple has the openssl program make a response for a certificate of the tests that nobody has revoked.
func staple(t *testing.T, name string) []byte {
	t.Helper()
	folder := t.TempDir()
	serial, err := exec.Command("openssl", "x509", "-noout", "-serial", "-in", file(name+".pem")).Output()
	must(t, err)
	line := "V\t491231235959Z\t\t" + string(bytes.TrimPrefix(bytes.TrimSpace(serial), []byte("serial="))) + "\tunknown\t/CN=localhost\n"
	index, out := filepath.Join(folder, "index"), filepath.Join(folder, "response")
	must(t, os.WriteFile(index, []byte(line), 0o600))
	output, err := exec.Command("openssl", "ocsp", "-index", index, "-CA", file("inter.pem"), "-rsigner", file("inter.pem"),
		"-rkey", file("inter.key"), "-ndays", "1", "-issuer", file("inter.pem"), "-cert", file(name+".pem"), "-respout", out,
		"-no_nonce", "-noverify").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	response, err := os.ReadFile(out)
	must(t, err)
	return response
}

func asking(t *testing.T, mode tlsock.OCSPMode) *tlsock.Context {
	client := clientContext(t)
	must(t, client.SetOCSP(mode))
	equal(t, "mode", client.OCSP(), mode)
	return client
}

// With crypto/tls on the other side of each, which sends whatever it is given and leaves all to its user.
func TestOCSPAgainstCryptoTLS(t *testing.T) {
	good := staple(t, "ecdsa")
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, test := range []struct {
			name     string
			response []byte
			mode     tlsock.OCSPMode
			code     int
		}{
			{"good", good, tlsock.OCSPRequire, 0},
			{"garbage", []byte("garbage"), tlsock.OCSPRequest, 74},
			{"cut", good[:len(good)-1], tlsock.OCSPRequest, 74},
			{"longer", append(append([]byte{}, good...), 0), tlsock.OCSPRequest, 74},
			{"another's", staple(t, "rsa"), tlsock.OCSPRequest, 74},
			{"none", nil, tlsock.OCSPRequest, 0},
			{"none", nil, tlsock.OCSPRequire, 73},
			{"garbage", []byte("garbage"), tlsock.OCSPIgnore, 0},
		} {
			pair := goPair(t, "ecdsa")
			pair.OCSPStaple = test.response
			near, far := loopback(t)
			client := tlsock.Client(near, asking(t, test.mode), "localhost")
			server := tls.Server(far, &tls.Config{Certificates: []tls.Certificate{pair}, MaxVersion: version})
			limit(t, client, server)
			done := make(chan struct{})
			go func() {
				defer close(done)
				server.Handshake()
			}()
			err := client.Handshake()
			var refused *tlsock.CertVerificationError
			var failed *tlsock.Error
			code := 0
			// Since 3.6 OpenSSL refuses by itself what cannot be decoded, and cuts off what follows a response, by the patch level.
			isNewer := tlsock.OpenSSLVersionNumber() >= 0x30600000
			if isNewer && test.name == "longer" && err == nil {
				response, err := client.OCSPResponse()
				must(t, err)
				equal(t, "without what follows it", bytes.Equal(response, good), true)
				test.code, test.response = 0, good
			}
			mayRefuse := test.code == 74 && isNewer
			if mayRefuse && !errors.As(err, &refused) && errors.As(err, &failed) && failed.AlertSent == 113 {
				client.Close()
				server.Close()
				<-done
				continue
			}
			if errors.As(err, &refused) {
				code = refused.VerifyCode
			} else {
				must(t, err)
			}
			equal(t, test.name, code, test.code)
			if test.mode != tlsock.OCSPIgnore {
				response, err := client.OCSPResponse()
				must(t, err)
				equal(t, test.name+": the bytes", bytes.Equal(response, test.response), true)
			}
			if test.name == "good" {
				equal(t, "status", client.OCSPStatus().Status, tlsock.OCSPGood)
				equal(t, "state", bytes.Equal(client.State().OCSPResponse, good), true)
				equal(t, "crypto/tls", bytes.Equal(client.ConnectionState().OCSPResponse, good), true)
			}
			client.Close()
			server.Close()
			<-done
		}

		stapled, err := identityOf(t, "ecdsa").WithOCSPResponse(good)
		must(t, err)
		byContext := func(server *tlsock.Context) error { return server.SetOCSPResponse(good) }
		for _, give := range append(givers(stapled), byContext) {
			server := serverContext(t, "ecdsa")
			must(t, give(server))
			equal(t, "what crypto/tls got", bytes.Equal(seenByGo(t, server, version).OCSPResponse, good), true)
		}
	}
	if _, err := identityOf(t, "rsa").WithOCSPResponse(good); !errors.Is(err, tlsock.ErrValue) {
		t.Error(err)
	}
	if err := serverContext(t, "rsa").SetOCSPResponse(good); !errors.Is(err, tlsock.ErrValue) {
		t.Error(err)
	}
}

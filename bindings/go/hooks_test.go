package tlsock_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tlsock"
)

// hooked is what the hooks of crypto/tls's shape saw, and whether the handshake succeeded.
type hooked struct {
	calls, raw, chains, state string
	accepted, found           bool
}

// hooks give both functions, which note what they get and answer with err.
func hooks(seen *hooked, err error) (func([][]byte, [][]*x509.Certificate) error, func(tls.ConnectionState) error) {
	subjects := func(chain []*x509.Certificate) (text string) {
		for _, certificate := range chain {
			text += fmt.Sprintf("%v %x; ", certificate.Subject, certificate.SerialNumber)
		}
		return text
	}
	peer := func(raw [][]byte, chains [][]*x509.Certificate) error {
		seen.calls += "peer "
		for _, der := range raw {
			seen.raw += fmt.Sprintf("%x ", der)
		}
		for _, chain := range chains {
			seen.chains += subjects(chain) + "| "
		}
		return err
	}
	connection := func(state tls.ConnectionState) error {
		seen.calls += "connection "
		seen.state = fmt.Sprintf("%x %s %q %t %t %s", state.Version, state.ServerName, state.NegotiatedProtocol, state.HandshakeComplete,
			state.DidResume, subjects(state.PeerCertificates))
		for _, chain := range state.VerifiedChains {
			seen.chains += subjects(chain) + "| "
		}
		return err
	}
	return peer, connection
}

// The hooks of crypto/tls, given the same peers, see the same certificates and refuse the same ones.
func TestHooksOfCryptoTLS(t *testing.T) {
	for version, at := range bothVersions {
		for _, name := range []string{"ecdsa", "rsa", "ed25519", "names", "plain", "expired", "self-signed", "wrong-name", "twin"} {
			for _, hook := range []string{"peer", "connection"} {
				for _, answer := range []error{nil, errOurs} {
					at, name, hook, answer := at, name, hook, answer
					t.Run(fmt.Sprintf("%s/%s/%s/%v", version, name, hook, answer), func(t *testing.T) {
						config := &tls.Config{Certificates: []tls.Certificate{goPair(t, name)}, MinVersion: at.gos, MaxVersion: at.gos, NextProtos: []string{"h2"}}
						shake := func(seen *hooked, client func(net.Conn) handshaker) {
							near, far := loopback(t)
							own, server := client(near), tls.Server(far, config)
							limit(t, own, server)
							defer own.Close()
							defer server.Close()
							err, _ := shakeHands(own, server)
							seen.accepted, seen.found = err == nil, errors.Is(err, errOurs)
						}
						var theirs, ours hooked
						their := &tls.Config{RootCAs: goPool(t), ServerName: "localhost", NextProtos: []string{"h2"}}
						trusting := clientContext(t)
						must(t, trusting.SetALPNProtocols("h2"))
						// crypto/tls asks for no key identifiers.
						must(t, trusting.SetVerifyFlags(trusting.VerifyFlags()&^tlsock.VerifyX509Strict))
						peer, connection := hooks(&theirs, answer)
						ourPeer, ourConnection := hooks(&ours, answer)
						if hook == "peer" {
							their.VerifyPeerCertificate = peer
							must(t, trusting.SetVerifyCallback(tlsock.VerifyPeerCertificate(ourPeer)))
						} else {
							their.VerifyConnection = connection
							must(t, trusting.SetVerifyCallback(tlsock.VerifyConnection(ourConnection)))
						}
						shake(&theirs, func(near net.Conn) handshaker { return tls.Client(near, their) })
						shake(&ours, func(near net.Conn) handshaker { return tlsock.Client(near, trusting, "localhost") })
						equal(t, "what was seen", ours, theirs)
					})
				}
			}
		}
	}
}

// As a server: what clients show, and those who show nothing where that is allowed.
func TestHooksOfCryptoTLSOnServers(t *testing.T) {
	for version, at := range bothVersions {
		for _, name := range []string{"client", "names", "self-signed", "ecdsa"} {
			for _, hook := range []string{"peer", "connection"} {
				for _, answer := range []error{nil, errOurs} {
					at, name, hook, answer := at, name, hook, answer
					t.Run(fmt.Sprintf("%s/%s/%s/%v", version, name, hook, answer), func(t *testing.T) {
						config := &tls.Config{Certificates: []tls.Certificate{goPair(t, name)}, MinVersion: at.gos, MaxVersion: at.gos,
							RootCAs: goPool(t), ServerName: "localhost"}
						shake := func(seen *hooked, server func(net.Conn) handshaker) {
							near, far := loopback(t)
							client, own := tls.Client(near, config), server(far)
							limit(t, client, own)
							defer client.Close()
							defer own.Close()
							_, err := shakeHands(client, own)
							seen.accepted, seen.found = err == nil, errors.Is(err, errOurs)
						}
						var theirs, ours hooked
						their := &tls.Config{Certificates: []tls.Certificate{goPair(t, "ecdsa")}, ClientCAs: goPool(t), ClientAuth: tls.RequireAndVerifyClientCert}
						serving := sides(t, at.ours)["server"]
						peer, connection := hooks(&theirs, answer)
						ourPeer, ourConnection := hooks(&ours, answer)
						if hook == "peer" {
							their.VerifyPeerCertificate = peer
							must(t, serving.SetVerifyCallback(tlsock.VerifyPeerCertificate(ourPeer)))
						} else {
							their.VerifyConnection = connection
							must(t, serving.SetVerifyCallback(tlsock.VerifyConnection(ourConnection)))
						}
						shake(&theirs, func(far net.Conn) handshaker { return tls.Server(far, their) })
						shake(&ours, func(far net.Conn) handshaker { return tlsock.Server(far, serving) })
						equal(t, "what was seen", ours, theirs)
					})
				}
			}
		}
	}
}

// A field that is nil in a tls.Config is no hook here either.
func TestHooksThatAreNotThere(t *testing.T) {
	var config tls.Config
	equal(t, "VerifyPeerCertificate", tlsock.VerifyPeerCertificate(config.VerifyPeerCertificate) == nil, true)
	equal(t, "VerifyConnection", tlsock.VerifyConnection(config.VerifyConnection) == nil, true)
}

// Of a peer that has not passed there are no chains, as with InsecureSkipVerify.
func TestHooksOfCryptoTLSWithoutACheck(t *testing.T) {
	for _, name := range []string{"expired", "self-signed", "twin"} {
		for _, hook := range []string{"peer", "connection"} {
			name, hook := name, hook
			t.Run(name+"/"+hook, func(t *testing.T) {
				var theirs, ours hooked
				peer, connection := hooks(&theirs, nil)
				ourPeer, ourConnection := hooks(&ours, nil)
				their := &tls.Config{RootCAs: goPool(t), ServerName: "localhost", InsecureSkipVerify: true}
				trusting := clientContext(t)
				must(t, trusting.SetCheckHostname(false))
				must(t, trusting.SetVerifyMode(tlsock.CertNone))
				if hook == "peer" {
					their.VerifyPeerCertificate = peer
					must(t, trusting.SetVerifyCallback(tlsock.VerifyPeerCertificate(ourPeer)))
				} else {
					their.VerifyConnection = connection
					must(t, trusting.SetVerifyCallback(tlsock.VerifyConnection(ourConnection)))
				}
				for seen, client := range map[*hooked]func(net.Conn) handshaker{
					&theirs: func(near net.Conn) handshaker { return tls.Client(near, their) },
					&ours:   func(near net.Conn) handshaker { return tlsock.Client(near, trusting, "localhost") },
				} {
					near, far := loopback(t)
					own, server := client(near), tlsock.Server(far, serverContext(t, name))
					limit(t, own, server)
					err, _ := shakeHands(own, server)
					seen.accepted = err == nil
					own.Close()
					server.Close()
				}
				equal(t, "what was seen", ours, theirs)
			})
		}
	}
}

// A certificate that crypto/x509 cannot parse is refused, and not kept from a hook that goes through what it is shown.
func TestHooksNeverMissACertificate(t *testing.T) {
	folder := t.TempDir()
	strange := filepath.Join(folder, "strange.pem")
	output, err := exec.Command("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1", "-noenc",
		"-subj", "/CN=strange", "-keyout", filepath.Join(folder, "strange.key"), "-out", strange).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	extra, err := os.ReadFile(strange)
	must(t, err)
	serving := serverContext(t, "self-signed")
	must(t, serving.LoadCertChainData(append(read(t, "ecdsa.pem"), extra...), read(t, "ecdsa.key"), ""))
	var seen hooked
	peer, connection := hooks(&seen, nil)
	for name, hook := range map[string]tlsock.VerifyCallback{
		"peer": tlsock.VerifyPeerCertificate(peer), "connection": tlsock.VerifyConnection(connection),
	} {
		trusting := clientContext(t)
		must(t, greet(t, trusting, serving, nil, nil))
		must(t, trusting.SetVerifyCallback(hook))
		if err := greet(t, trusting, serving, nil, nil); !errors.Is(err, tlsock.ErrCertVerification) || !strings.Contains(err.Error(), "x509") {
			t.Errorf("%s: %v", name, err)
		}
	}
	equal(t, "calls", seen.calls, "")
}

// Where more than one version may be in use, the version is not guessed.
func TestTheVersionOfAHandshakeIsNotGuessed(t *testing.T) {
	trusting := clientContext(t)
	must(t, trusting.SetMinimumVersion(tlsock.TLSVersionMinimumSupported))
	seen := map[string]uint16{}
	var at string
	must(t, trusting.SetVerifyCallback(tlsock.VerifyConnection(func(state tls.ConnectionState) error {
		seen[at] = state.Version
		return nil
	})))
	for name, version := range bothVersions {
		at = name
		must(t, trusting.SetMaximumVersion(version.ours))
		must(t, greet(t, trusting, serverContext(t, "ecdsa"), nil, nil))
	}
	equal(t, "TLS 1.3", seen["TLSv1.3"], uint16(tls.VersionTLS13))
	equal(t, "TLS 1.2", seen["TLSv1.2"], uint16(0))
}

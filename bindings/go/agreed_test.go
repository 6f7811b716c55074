package tlsock_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"reflect"
	"testing"

	"tlsock"
)

// keyUpdates counts the messages that change keys, which a context's connections read.
func keyUpdates(t *testing.T, of *tlsock.Context) *int {
	const keyUpdate = 24
	count := new(int)
	must(t, of.SetMessageCallback(func(_ *tlsock.Object, message tlsock.Message) error {
		if !message.Written && message.ContentType == 22 && message.MsgType == keyUpdate {
			*count++
		}
		return nil
	}))
	return count
}

// Keys are changed in the middle of a connection, with peers of both kinds, and the peer changes its own if it is asked.
func TestKeyUpdate(t *testing.T) {
	config := &tls.Config{RootCAs: goPool(t), ServerName: "localhost", Certificates: []tls.Certificate{goPair(t, "ecdsa")}}
	for name, ends := range map[string]func(near, far net.Conn, trusting, serving *tlsock.Context) (own *tlsock.Conn, other handshaker){
		"our client": func(near, far net.Conn, trusting, _ *tlsock.Context) (*tlsock.Conn, handshaker) {
			return tlsock.Client(near, trusting, "localhost"), tls.Server(far, config)
		},
		"our server": func(near, far net.Conn, _, serving *tlsock.Context) (*tlsock.Conn, handshaker) {
			return tlsock.Server(near, serving), tls.Client(far, config)
		},
		"both": func(near, far net.Conn, trusting, serving *tlsock.Context) (*tlsock.Conn, handshaker) {
			return tlsock.Client(near, trusting, "localhost"), tlsock.Server(far, serving)
		},
	} {
		ends := ends
		t.Run(name, func(t *testing.T) {
			trusting, serving := clientContext(t), serverContext(t, "ecdsa")
			asked, answered := keyUpdates(t, serving), keyUpdates(t, trusting)
			if name == "our server" {
				asked, answered = answered, asked
			}
			near, far := loopback(t)
			own, other := ends(near, far, trusting, serving)
			limit(t, own, other)
			defer own.Close()
			defer other.Close()
			if err := own.KeyUpdate(false); !errors.Is(err, tlsock.ErrValue) {
				t.Errorf("before the handshake: %v", err)
			}
			otherErr, err := shakeHands(other, own)
			must(t, otherErr)
			must(t, err)
			done := make(chan error, 1)
			go func() { done <- echo(other) }()
			for i, request := range []bool{false, true} {
				exchange(t, own, "before")
				must(t, own.KeyUpdate(request))
				exchange(t, own, "after")
				equal(t, "the peer has changed its keys", *answered, i)
			}
			must(t, own.CloseWrite())
			must(t, <-done)
			if name == "both" {
				equal(t, "the peer was told", *asked, 2)
			}
			must(t, own.Close())
			if err := own.KeyUpdate(false); !errors.Is(err, net.ErrClosed) {
				t.Errorf("after Close: %v", err)
			}
		})
	}
}

func TestKeyUpdateNeedsTLS13(t *testing.T) {
	trusting := clientContext(t)
	must(t, trusting.SetMaximumVersion(tlsock.TLSVersionTLSv12))
	client, server := pair(t, trusting, serverContext(t, "ecdsa"))
	if err := client.KeyUpdate(true); !errors.Is(err, tlsock.ErrValue) {
		t.Error(err)
	}
	go echo(server)
	exchange(t, client, "still there")
}

// against does a handshake of our client and a server of crypto/tls.
func against(t *testing.T, trusting *tlsock.Context) (client *tlsock.Conn, server *tls.Conn, clientErr, serverErr error) {
	t.Helper()
	near, far := loopback(t)
	client = tlsock.Client(near, trusting, "localhost")
	server = tls.Server(far, &tls.Config{Certificates: []tls.Certificate{goPair(t, "ecdsa")}})
	limit(t, client, server)
	t.Cleanup(func() { client.Close(); server.Close() })
	clientErr, serverErr = shakeHands(client, server)
	return client, server, clientErr, serverErr
}

// The last messages are the same on both sides; below TLS 1.3 crypto/tls binds a channel to the first of them.
func TestFinished(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			trusting := clientContext(t)
			must(t, trusting.SetMaximumVersion(version.ours))
			must(t, greet(t, trusting, serverContext(t, "ecdsa"), func(client *tlsock.Conn) {
				none, err := client.Finished(true)
				must(t, err)
				equal(t, "before", none == nil, true)
			}, func(client, server *tlsock.Conn) {
				for _, own := range []bool{true, false} {
					here, err := client.Finished(own)
					must(t, err)
					there, err := server.Finished(!own)
					must(t, err)
					equal(t, "same", len(here) > 0 && bytes.Equal(here, there), true)
				}
			}))
			client, server, clientErr, serverErr := against(t, trusting)
			must(t, clientErr)
			must(t, serverErr)
			if unique := server.ConnectionState().TLSUnique; unique != nil {
				own, err := client.Finished(true)
				must(t, err)
				equal(t, "of crypto/tls", bytes.Equal(own, unique), true)
			}
		})
	}
}

// A client of crypto/tls is told the names that were set, and none where none are.
func TestClientCANames(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			serving := wanting(t)
			must(t, serving.SetVerifyMode(tlsock.CertRequired))
			names := func() [][]byte {
				var told [][]byte
				config := &tls.Config{RootCAs: goPool(t), ServerName: "localhost", MaxVersion: version.gos, GetClientCertificate: func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
					told = info.AcceptableCAs
					pair := goPair(t, "client")
					return &pair, nil
				}}
				clientErr, serverErr := helloed(t, func(near net.Conn) handshaker { return tls.Client(near, config) }, serving, nil)
				must(t, clientErr)
				must(t, serverErr)
				return told
			}
			equal(t, "at first", len(names()), 0)
			must(t, serving.SetClientCANames(append(read(t, "ca.pem"), read(t, "unknown-ca.pem")...)))
			//lint:ignore SA1019 the order and the bytes are what is compared
			equal(t, "named", reflect.DeepEqual(names()[0], goPool(t).Subjects()[0]), true)
			equal(t, "count", len(names()), 2)
			if err := serving.SetClientCANames([]byte("nonsense")); err == nil {
				t.Error("nonsense was taken")
			}
			equal(t, "those of before stay", len(names()), 2)
			must(t, serving.SetClientCANames(nil))
			equal(t, "none", len(names()), 0)
		})
	}
	if err := clientContext(t).SetClientCANames(read(t, "ca.pem")); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("a client: %v", err)
	}
}

// A server of crypto/tls knows no key that was shared before, and is refused where one is required.
func TestPSKRequired(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			trusting := clientContext(t)
			must(t, trusting.SetMaximumVersion(version.ours))
			equal(t, "at first", trusting.PSKRequired(), false)
			must(t, trusting.SetPSKRequired(true))
			equal(t, "required", trusting.PSKRequired(), true)
			_, _, clientErr, _ := against(t, trusting)
			equal(t, "refused", errors.Is(clientErr, tlsock.ErrCertVerification), true)
		})
	}
}

// A server looks at certificates that do not verify, and never takes them for verified.
func TestReportVerification(t *testing.T) {
	for name, version := range bothVersions {
		for shown, code := range map[string]int{"client": 0, "self-signed": 26, "": 0} {
			version, shown, code := version, shown, code
			t.Run(name+"/"+shown, func(t *testing.T) {
				serving := wanting(t)
				must(t, serving.SetVerifyMode(tlsock.CertNone))
				config := &tls.Config{RootCAs: goPool(t), ServerName: "localhost", MaxVersion: version.gos}
				if shown != "" {
					config.Certificates = []tls.Certificate{goPair(t, shown)}
				}
				near, far := loopback(t)
				client := tls.Client(near, config)
				server, err := serving.WrapConn(far, tlsock.WrapOptions{ServerSide: true, ReportVerification: true})
				must(t, err)
				limit(t, client, server)
				defer client.Close()
				defer server.Close()
				clientErr, serverErr := shakeHands(client, server)
				must(t, clientErr)
				must(t, serverErr)
				result, err := server.VerifyResult()
				must(t, err)
				equal(t, "result", result, code)
				certificate, err := server.PeerCertificate()
				must(t, err)
				equal(t, "certificate", certificate != nil, shown != "")
				proved, err := server.GetPeerCert()
				must(t, err)
				equal(t, "verified", proved == nil, true)
			})
		}
	}
	serving := wanting(t)
	must(t, serving.SetVerifyMode(tlsock.CertRequired))
	near, far := loopback(t)
	defer near.Close()
	defer far.Close()
	if _, err := serving.WrapConn(far, tlsock.WrapOptions{ServerSide: true, ReportVerification: true}); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("a context that demands: %v", err)
	}
}

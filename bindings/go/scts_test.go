package tlsock_test

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"reflect"
	"testing"

	"tlsock"
)

// split takes a SignedCertificateTimestampList apart, as long as the lengths fit.
func split(list []byte) (scts [][]byte) {
	for at := 2; at+2 <= len(list); {
		end := at + 2 + int(binary.BigEndian.Uint16(list[at:]))
		if end > len(list) {
			break
		}
		scts = append(scts, list[at+2:end])
		at = end
	}
	return scts
}

func counted(bytes []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(bytes))), bytes...)
}

// joined is the list; nil for none.
func joined(scts [][]byte) []byte {
	if scts == nil {
		return nil
	}
	var list []byte
	for _, sct := range scts {
		list = append(list, counted(sct)...)
	}
	return counted(list)
}

var someSCTs = [][]byte{[]byte("one timestamp"), []byte("another")}

// With crypto/tls on the other side of each.
func TestSCTsAgainstCryptoTLS(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, test := range []struct {
			asks       bool
			sent, want [][]byte
		}{
			{true, someSCTs, someSCTs},
			{true, nil, nil},
			{false, someSCTs, nil},
		} {
			pair := goPair(t, "ecdsa")
			pair.SignedCertificateTimestamps = test.sent
			ours := clientContext(t)
			equal(t, "at first", ours.SCTsRequested(), false)
			must(t, ours.SetSCTsRequested(test.asks))
			equal(t, "asks", ours.SCTsRequested(), test.asks)
			var judged [][]byte
			must(t, ours.SetVerifyCallback(tlsock.VerifyConnection(func(state tls.ConnectionState) error {
				judged = state.SignedCertificateTimestamps
				return nil
			})))
			near, far := loopback(t)
			client := tlsock.Client(near, ours, "localhost")
			server := tls.Server(far, &tls.Config{Certificates: []tls.Certificate{pair}, MaxVersion: version})
			limit(t, client, server)
			done := make(chan error, 1)
			go func() { done <- server.Handshake() }()
			must(t, client.Handshake())
			must(t, <-done)
			got, err := client.SCTs()
			must(t, err)
			for what, scts := range map[string][][]byte{
				"Conn": got, "VerifyConnection": judged, "State": client.State().SignedCertificateTimestamps,
				"crypto/tls": client.ConnectionState().SignedCertificateTimestamps,
			} {
				if !reflect.DeepEqual(scts, test.want) {
					t.Errorf("%x, %+v: %s has %q", version, test, what, scts)
				}
			}
			client.Close()
			server.Close()
		}

		plain := identityOf(t, "ecdsa")
		with, err := plain.WithSCTs(someSCTs)
		must(t, err)
		pair := goPair(t, "ecdsa")
		pair.SignedCertificateTimestamps = someSCTs
		converted, err := tlsock.NewIdentityTLS(&pair)
		must(t, err)
		without, err := with.WithSCTs(nil)
		must(t, err)
		for _, test := range []struct {
			identity *tlsock.Identity
			want     [][]byte
		}{{with, someSCTs}, {converted, someSCTs}, {plain, nil}, {without, nil}} {
			for _, give := range givers(test.identity) {
				server := serverContext(t, "ecdsa")
				must(t, give(server))
				if got := seenByGo(t, server, version).SignedCertificateTimestamps; !reflect.DeepEqual(got, test.want) {
					t.Errorf("%x: crypto/tls got %q, not %q", version, got, test.want)
				}
			}
		}
	}
}

func TestSCTsThatCannotBeSent(t *testing.T) {
	plain := identityOf(t, "ecdsa")
	for _, scts := range [][][]byte{{nil}, {[]byte("one"), {}}, {make([]byte, 63999)}, {make([]byte, 1<<16)}, {make([]byte, 1<<15), make([]byte, 1<<15)}} {
		if _, err := plain.WithSCTs(scts); !errors.Is(err, tlsock.ErrValue) {
			t.Errorf("%d of %d bytes: %v", len(scts), len(scts[0]), err)
		}
	}
	pair := goPair(t, "ecdsa")
	pair.SignedCertificateTimestamps = [][]byte{{}}
	if _, err := tlsock.NewIdentityTLS(&pair); !errors.Is(err, tlsock.ErrValue) {
		t.Error(err)
	}
	if err := serverContext(t, "ecdsa").SetSCTsRequested(true); !errors.Is(err, tlsock.ErrValue) {
		t.Error(err)
	}
}

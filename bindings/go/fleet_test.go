package tlsock_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"tlsock"
)

// meet does the handshake, reads a byte of the server and tells whether the session was resumed, with a session for next time.
func meet(t *testing.T, client, server *tlsock.Context, session *tlsock.Session) (bool, *tlsock.Session) {
	t.Helper()
	near, far := loopback(t)
	here, there := tlsock.Client(near, client, "localhost"), tlsock.Server(far, server)
	limit(t, here, there)
	defer here.Close()
	defer there.Close()
	if session != nil {
		must(t, here.SetSession(session))
	}
	clientErr, serverErr := shakeHands(here, there)
	must(t, clientErr)
	must(t, serverErr)
	_, err := there.Write([]byte("!"))
	must(t, err)
	_, err = here.Read(make([]byte, 1))
	must(t, err)
	next, err := here.Session()
	must(t, err)
	t.Cleanup(func() { next.Close() })
	return here.SessionReused(), next
}

func ticketKey(seed byte, length int) []byte {
	key := make([]byte, length)
	for i := range key {
		key[i] = seed + byte(i*7)
	}
	return key
}

func TestTicketKeysAreShared(t *testing.T) {
	for _, length := range []int{48, 80} {
		client, one, two := clientContext(t), serverContext(t, "ecdsa"), serverContext(t, "ecdsa")
		key := ticketKey(1, length)
		must(t, one.SetTicketKeys(key))
		must(t, two.SetTicketKeys(ticketKey(2, length)))
		equal(t, "the caller's key", bytes.Equal(key, ticketKey(1, length)), true)
		_, session := meet(t, client, one, nil)
		reused, _ := meet(t, client, two, session)
		equal(t, "with another key", reused, false)
		must(t, two.SetTicketKeys(ticketKey(2, length), key))
		reused, session = meet(t, client, two, session)
		equal(t, "with the key behind", reused, true)
		must(t, two.SetTicketKeys(ticketKey(2, length)))
		reused, _ = meet(t, client, two, session)
		equal(t, "a renewed ticket", reused, true)
		must(t, two.SetTicketKeys())
		reused, _ = meet(t, client, two, session)
		equal(t, "without keys", reused, false)
	}
	server := serverContext(t, "ecdsa")
	for _, keys := range [][][]byte{
		{nil}, {ticketKey(1, 47)}, {ticketKey(1, 48), ticketKey(2, 80)}, {ticketKey(1, 48), ticketKey(1, 48)}, {make([]byte, 80)},
	} {
		if err := server.SetTicketKeys(keys...); !errors.Is(err, tlsock.ErrValue) {
			t.Errorf("%d keys: %v", len(keys), err)
		}
	}
}

// store is a cache that all servers of a test share.
type store struct {
	sync.Mutex
	kept  map[string][]byte
	fail  error
	gone  int
	until time.Duration
}

func (s *store) Put(object *tlsock.Object, id, data []byte, lifetime time.Duration) error {
	s.Lock()
	defer s.Unlock()
	if s.kept == nil {
		s.kept = map[string][]byte{}
	}
	s.kept[string(id)], s.until = data, lifetime
	return nil
}

func (s *store) Get(object *tlsock.Object, id []byte) ([]byte, error) {
	s.Lock()
	defer s.Unlock()
	return s.kept[string(id)], s.fail
}

func (s *store) Remove(object *tlsock.Object, id []byte) error {
	s.Lock()
	defer s.Unlock()
	delete(s.kept, string(id))
	s.gone++
	return nil
}

func TestServerSessionCacheIsShared(t *testing.T) {
	for _, version := range []tlsock.TLSVersion{tlsock.TLSVersionTLSv12, tlsock.TLSVersionTLSv13} {
		shared := &store{}
		keeping := func() *tlsock.Context {
			server := serverContext(t, "ecdsa")
			must(t, server.SetMaximumVersion(version))
			must(t, server.SetOptions(server.Options()|tlsock.OpNoTicket))
			must(t, server.SetServerSessionCache(shared))
			return server
		}
		client, one, two := clientContext(t), keeping(), keeping()
		_, session := meet(t, client, one, nil)
		equal(t, "lifetime", shared.until > 7000*time.Second && shared.until <= 7200*time.Second, true)
		reused, _ := meet(t, client, two, session)
		equal(t, "by another server", reused, true)
		for _, data := range shared.kept {
			data[len(data)/2] ^= 1
		}
		reused, _ = meet(t, client, two, session)
		equal(t, "damaged", reused, false)
		equal(t, "forgotten", shared.gone, 1)

		shared.fail = errors.New("the store is down")
		near, far := loopback(t)
		here, there := tlsock.Client(near, client, "localhost"), tlsock.Server(far, two)
		limit(t, here, there)
		must(t, here.SetSession(session))
		_, err := shakeHands(here, there)
		equal(t, "the store's own error", errors.Is(err, shared.fail), true)
		here.Close()
		there.Close()
		must(t, two.SetServerSessionCache(nil))
	}
	if err := clientContext(t).SetServerSessionCache(&store{}); err == nil || !strings.Contains(err.Error(), "a session cache is for a server") {
		t.Error(err)
	}
}

func TestSetCRLDataReplaces(t *testing.T) {
	client, server := clientContext(t), serverContext(t, "revoked")
	must(t, client.SetVerifyFlags(client.VerifyFlags()|tlsock.VerifyCRLCheckLeaf))
	refused := func() int {
		near, far := loopback(t)
		here, there := tlsock.Client(near, client, "localhost"), tlsock.Server(far, server)
		limit(t, here, there)
		defer here.Close()
		defer there.Close()
		err, _ := shakeHands(here, there)
		var failure *tlsock.CertVerificationError
		if !errors.As(err, &failure) {
			t.Fatal(err)
		}
		return failure.VerifyCode
	}
	must(t, client.LoadCRLData(read(t, "crl.pem")))
	equal(t, "with the lists", refused(), 23)
	// The root's list alone says nothing of the intermediate's certificates.
	_, rest := pem.Decode(read(t, "crl.pem"))
	block, _ := pem.Decode(rest)
	_, err := x509.ParseRevocationList(block.Bytes)
	must(t, err)
	must(t, client.SetCRLData(block.Bytes))
	equal(t, "with another list", refused(), 3)
	stats, err := client.CertStoreStats()
	must(t, err)
	equal(t, "lists", stats.CRL, 1)
	must(t, client.SetCRLData(nil))
	stats, err = client.CertStoreStats()
	must(t, err)
	equal(t, "lists", stats.CRL, 0)
}

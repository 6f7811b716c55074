package tlsock_test

import (
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"tlsock"
)

// meeting is a cache whose Gets wait for each other until there are two.
type meeting struct {
	tlsock.SessionCache
	both *sync.WaitGroup
}

func (m *meeting) Get(key string) (*tlsock.Session, bool) {
	session, ok := m.SessionCache.Get(key)
	if m.both != nil {
		m.both.Done()
		m.both.Wait()
	}
	return session, ok
}

// Simultaneous dials never share a ticket, in whatever order they use the cache.
func TestDialsAtOnceShareNoTicket(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			address := echoing(t, serverContext(t, "ecdsa"))
			dialer := localDialer(t)
			must(t, dialer.Context.SetMaximumVersion(version.ours))
			cache := &meeting{SessionCache: tlsock.NewLRUSessionCache(8)}
			dialer.SessionCache = cache
			visit(t, dialer, address)
			cache.both = new(sync.WaitGroup)
			cache.both.Add(2)
			resumed := make(chan bool)
			for i := 0; i < 2; i++ {
				go func() {
					conn, err := dialer.Dial("tcp", address)
					if err != nil {
						t.Error(err)
						resumed <- false
						return
					}
					defer conn.Close()
					resumed <- conn.(*tlsock.Conn).SessionReused()
				}()
			}
			first, second := <-resumed, <-resumed
			equal(t, "both resumed", first && second, false)
		})
	}
}

// Every change of a setting ends the context's sessions: they may have been made with what is no longer allowed.
func TestSettingsEndSessions(t *testing.T) {
	serving := serverContext(t, "ecdsa")
	address := echoing(t, serving)
	for name, set := range map[string]func(*tlsock.Context) error{
		"ciphers": func(c *tlsock.Context) error { return c.SetCiphers("ECDHE-ECDSA-AES128-GCM-SHA256") },
		"minimum": func(c *tlsock.Context) error { return c.SetMinimumVersion(tlsock.TLSVersionTLSv13) },
		"crls": func(c *tlsock.Context) error {
			if err := c.LoadCRLData(read(t, "crl.pem")); err != nil {
				return err
			}
			return c.SetVerifyFlags(c.VerifyFlags() | tlsock.VerifyCRLCheckLeaf)
		},
		"cas": func(c *tlsock.Context) error {
			return c.LoadVerifyLocations(tlsock.VerifyLocations{CAFile: file("unknown-ca.pem")})
		},
		"alpn": func(c *tlsock.Context) error { return c.SetALPNProtocols("h2") },
	} {
		set := set
		t.Run(name, func(t *testing.T) {
			dialer := localDialer(t)
			if name != "minimum" {
				must(t, dialer.Context.SetMaximumVersion(tlsock.TLSVersionTLSv12))
			} else {
				must(t, dialer.Context.SetMaximumVersion(tlsock.TLSVersionTLSv13))
			}
			must(t, dialer.Context.SetCiphers("ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256"))
			visit(t, dialer, address)
			equal(t, "before", visit(t, dialer, address), true)
			must(t, set(dialer.Context))
			equal(t, "after", visit(t, dialer, address), false)
			equal(t, "then", visit(t, dialer, address), true)
		})
	}
}

// A certificate that is loaded through another handle on the same context has the same effect.
func TestAnotherHandleEndsSessions(t *testing.T) {
	serving := serverContext(t, "ecdsa")
	must(t, serving.LoadVerifyLocations(tlsock.VerifyLocations{CAFile: file("ca.pem")}))
	must(t, serving.SetVerifyMode(tlsock.CertOptional))
	address := echoing(t, serving)
	dialer := localDialer(t)
	conn, err := dialer.Dial("tcp", address)
	must(t, err)
	limit(t, conn)
	exchange(t, conn, "hello")
	handle, err := conn.(*tlsock.Conn).Context()
	must(t, err)
	defer handle.Close()
	conn.Close()
	equal(t, "as nobody", visit(t, dialer, address), true)
	must(t, handle.LoadCertChain(file("client.pem"), file("client.key"), ""))
	equal(t, "as somebody", visit(t, dialer, address), false)
	other := *dialer
	other.Context = handle
	equal(t, "through the handle", visit(t, &other, address), true)
}

// Names and addresses that are equal when joined get different keys.
func TestSessionKeysAreUnambiguous(t *testing.T) {
	keys := map[string]bool{}
	for _, c := range [][3]string{{"a", "unix", "b unix c"}, {"a unix b", "unix", "c"}} {
		dialer := &tlsock.Dialer{Context: clientContext(t), ServerName: c[0]}
		dialer.SessionCache = keyed(keys)
		dialer.NetDialer = &net.Dialer{}
		_, _ = dialer.Dial(c[1], c[2])
		keys[tlsock.SessionKey(dialer, c[1], c[2], c[0])] = true
	}
	equal(t, "keys", len(keys), 2)
}

type keyed map[string]bool

func (k keyed) Get(key string) (*tlsock.Session, bool)  { return nil, false }
func (k keyed) Put(key string, session *tlsock.Session) {}

// A server that changed its certificate gets a full handshake if it must see the client's again.
func TestServerThatChangesItsCertificate(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	address := listener.Addr().String()
	var config atomic.Pointer[tls.Config]
	config.Store(&tls.Config{Certificates: []tls.Certificate{goPair(t, "ecdsa")}})
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go echo(tls.Server(conn, config.Load()))
		}
	}()
	dialer := localDialer(t)
	visit(t, dialer, address)
	equal(t, "before", visit(t, dialer, address), true)
	config.Store(&tls.Config{Certificates: []tls.Certificate{goPair(t, "rsa")}})
	equal(t, "after", visit(t, dialer, address), false)
	conn, err := dialer.Dial("tcp", address)
	must(t, err)
	defer conn.Close()
	leaf := conn.(*tlsock.Conn).ConnectionState().PeerCertificates[0]
	equal(t, "algorithm", leaf.PublicKeyAlgorithm.String(), "RSA")
}

// The zero Context behaves like a closed one.
func TestZeroContext(t *testing.T) {
	var zero tlsock.Context
	if err := zero.SetVerifyMode(tlsock.CertNone); !errors.Is(err, tlsock.ErrValue) {
		t.Error(err)
	}
	dialer := &tlsock.Dialer{Context: &zero, ServerName: "localhost"}
	if _, err := dialer.Dial("tcp", echoing(t, serverContext(t, "ecdsa"))); !errors.Is(err, tlsock.ErrValue) {
		t.Error(err)
	}
}

// forgetting is a cache that counts what it is told to forget.
type forgetting struct {
	tlsock.SessionCache
	mutex sync.Mutex
	count int
}

func (f *forgetting) Put(key string, session *tlsock.Session) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if session == nil {
		f.count++
	}
	f.SessionCache.Put(key, session)
}

// A session that was taken is forgotten: no cache keeps what cannot be offered any more.
func TestATakenSessionIsForgotten(t *testing.T) {
	dialer := localDialer(t)
	cache := &forgetting{SessionCache: tlsock.NewLRUSessionCache(8)}
	dialer.SessionCache = cache
	address := echoing(t, serverContext(t, "ecdsa"))
	visit(t, dialer, address)
	equal(t, "forgotten at first", cache.count, 0)
	equal(t, "resumed", visit(t, dialer, address), true)
	equal(t, "forgotten", cache.count, 1)
}

// While something is being set nobody can tell whether it counts already: nothing is offered, and nothing kept.
func TestWhileSettingSessionsAreNeitherOfferedNorKept(t *testing.T) {
	dialer := localDialer(t)
	address := echoing(t, serverContext(t, "ecdsa"))
	var meanwhile []bool
	must(t, dialer.Context.SetPasswordCallback(func() (string, error) {
		meanwhile = append(meanwhile, visit(t, dialer, address), visit(t, dialer, address))
		return "sesame", nil
	}))
	visit(t, dialer, address)
	equal(t, "before", visit(t, dialer, address), true)
	must(t, dialer.Context.LoadCertChain(file("rsa.pem"), file("rsa-encrypted.key"), ""))
	equal(t, "visits meanwhile", len(meanwhile), 2)
	equal(t, "resumed meanwhile", meanwhile[0] || meanwhile[1], false)
	equal(t, "after", visit(t, dialer, address), false)
	equal(t, "then", visit(t, dialer, address), true)
}

package tlsock_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"tlsock"
)

// echoing gives the address of a server that echoes.
func echoing(t *testing.T, serving *tlsock.Context) string {
	t.Helper()
	listener, err := tlsock.Listen("tcp", "127.0.0.1:0", serving)
	must(t, err)
	// A busy machine must not make a client count as slow.
	listener.HandshakeTimeout = time.Hour
	var accepting, echoes sync.WaitGroup
	var conns []net.Conn
	accepting.Add(1)
	go func() {
		defer accepting.Done()
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns = append(conns, conn)
			echoes.Add(1)
			go func() {
				defer echoes.Done()
				echo(conn)
			}()
		}
	}()
	// Nothing is left for the next test to meet.
	t.Cleanup(func() {
		listener.Close()
		accepting.Wait()
		for _, conn := range conns {
			conn.Close()
		}
		echoes.Wait()
	})
	return listener.Addr().String()
}

// visit dials, exchanges data, and tells whether a session was resumed.
func visit(t *testing.T, dialer *tlsock.Dialer, address string) bool {
	t.Helper()
	conn, err := dialer.Dial("tcp", address)
	must(t, err)
	defer conn.Close()
	limit(t, conn)
	exchange(t, conn, "hello")
	return conn.(*tlsock.Conn).SessionReused()
}

func localDialer(t *testing.T) *tlsock.Dialer {
	return &tlsock.Dialer{Context: clientContext(t), ServerName: "localhost"}
}

func TestDialerResumesByItself(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			dialer := localDialer(t)
			must(t, dialer.Context.SetMaximumVersion(version.ours))
			first, second := echoing(t, serverContext(t, "ecdsa")), echoing(t, serverContext(t, "ecdsa"))
			for round := 0; round < 4; round++ {
				equal(t, fmt.Sprintf("round %d resumed", round), visit(t, dialer, first), round > 0)
			}
			equal(t, "at another address", visit(t, dialer, second), false)
			other := *dialer
			other.ServerName = "127.0.0.1"
			equal(t, "under another name", visit(t, &other, first), false)
			other = *dialer
			other.SessionsDisabled = true
			equal(t, "disabled", visit(t, &other, first), false)
			equal(t, "another Dialer of the context", visit(t, &tlsock.Dialer{Context: dialer.Context, ServerName: "localhost"}, first), true)
			another := localDialer(t)
			must(t, another.Context.SetMaximumVersion(version.ours))
			equal(t, "another context", visit(t, another, first), false)
			equal(t, "still", visit(t, dialer, first), true)
		})
	}
}

func TestDialerResumesAtCryptoTLS(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{MaxVersion: version.gos,
				Certificates: []tls.Certificate{goPair(t, "ecdsa")}})
			must(t, err)
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
			dialer := localDialer(t)
			for round := 0; round < 3; round++ {
				equal(t, "resumed", visit(t, dialer, listener.Addr().String()), round > 0)
			}
		})
	}
}

// counting is a cache that records its calls.
type counting struct {
	tlsock.SessionCache
	mutex sync.Mutex
	puts  map[string]int
	last  *tlsock.Session
}

func (c *counting) Put(key string, session *tlsock.Session) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if session != nil {
		c.puts[key]++
		c.last = session
	}
	c.SessionCache.Put(key, session)
}

// A ticket of TLS 1.3 is offered once, so that an observer cannot link connections by it.
func TestTicketsAreUsedOnce(t *testing.T) {
	dialer := localDialer(t)
	cache := &counting{SessionCache: tlsock.NewLRUSessionCache(8), puts: map[string]int{}}
	dialer.SessionCache = cache
	serving := serverContext(t, "ecdsa")
	address := echoing(t, serving)
	visit(t, dialer, address)
	equal(t, "keys", len(cache.puts), 1)
	must(t, serving.SetNumTickets(0))
	equal(t, "with the ticket", visit(t, dialer, address), true)
	equal(t, "without another", visit(t, dialer, address), false)
}

// Sessions that do not prove what is demanded are dropped, and the handshake is a full one.
func TestSessionsThatAreRefusedAreDropped(t *testing.T) {
	address := echoing(t, serverContext(t, "ecdsa"))
	shared := &counting{SessionCache: tlsock.NewLRUSessionCache(8), puts: map[string]int{}}
	careless := localDialer(t)
	careless.SessionCache = shared
	must(t, careless.Context.SetCheckHostname(false))
	must(t, careless.Context.SetVerifyMode(tlsock.CertNone))
	visit(t, careless, address)
	equal(t, "among themselves", visit(t, careless, address), true)
	// The key of another context is the same, but it cannot use the session there.
	careful := localDialer(t)
	careful.SessionCache = shared
	equal(t, "another context's", visit(t, careful, address), false)
	visit(t, careless, address)
	must(t, careless.Context.LoadVerifyLocations(tlsock.VerifyLocations{CAFile: file("ca.pem")}))
	must(t, careless.Context.SetCheckHostname(true))
	equal(t, "of less care", visit(t, careless, address), false)
	equal(t, "then again", visit(t, careless, address), true)
}

// After a new certificate of ours was loaded, sessions made with the old one are not offered.
func TestANewCertificateEndsSessions(t *testing.T) {
	serving := serverContext(t, "ecdsa")
	must(t, serving.LoadVerifyLocations(tlsock.VerifyLocations{CAFile: file("ca.pem")}))
	must(t, serving.SetVerifyMode(tlsock.CertOptional))
	address := echoing(t, serving)
	dialer := localDialer(t)
	visit(t, dialer, address)
	equal(t, "as nobody", visit(t, dialer, address), true)
	must(t, dialer.Context.LoadCertChain(file("client.pem"), file("client.key"), ""))
	equal(t, "as somebody", visit(t, dialer, address), false)
	equal(t, "again", visit(t, dialer, address), true)
	must(t, dialer.Context.LoadCertChainData(read(t, "client.pem"), read(t, "client.key"), ""))
	equal(t, "of new data", visit(t, dialer, address), false)
	must(t, dialer.Context.SetPSKClientCallback(nil))
	equal(t, "with other keys", visit(t, dialer, address), false)
}

func TestSessionCacheIsBounded(t *testing.T) {
	cache := tlsock.NewLRUSessionCache(2)
	sessions := make([]*tlsock.Session, 4)
	for i := range sessions {
		sessions[i] = &tlsock.Session{}
	}
	has := func(key string) bool { _, ok := cache.Get(key); return ok }
	cache.Put("a", sessions[0])
	cache.Put("b", sessions[1])
	equal(t, "a", has("a"), true) // now b is the least recently used one
	cache.Put("c", sessions[2])
	equal(t, "what is left", fmt.Sprint(has("a"), has("b"), has("c")), "true false true")
	cache.Put("a", sessions[3])
	got, _ := cache.Get("a")
	equal(t, "replaced", got == sessions[3], true)
	equal(t, "nothing went for that", has("c"), true)
	cache.Put("a", nil)
	cache.Put("never there", nil)
	equal(t, "forgotten", has("a"), false)
	fallback := tlsock.NewLRUSessionCache(0)
	for i := 0; i < 65; i++ {
		fallback.Put(fmt.Sprint(i), sessions[0])
	}
	_, first := fallback.Get("0")
	_, second := fallback.Get("1")
	equal(t, "of 64", fmt.Sprint(first, second), "false true")
}

// A session that the user gives is used, and the cache is not.
func TestAGivenSessionIsNotKept(t *testing.T) {
	address := echoing(t, serverContext(t, "ecdsa"))
	dialer := localDialer(t)
	cache := &counting{SessionCache: tlsock.NewLRUSessionCache(8), puts: map[string]int{}}
	dialer.SessionCache = cache
	visit(t, dialer, address)
	given := *dialer
	given.Session = cache.last
	equal(t, "given", visit(t, &given, address), true)
	equal(t, "kept", len(cache.puts), 1)
	for _, count := range cache.puts {
		equal(t, "times", count, 1)
	}
}

// A connection that ends without reading a byte has kept its ticket too, if it came.
func TestManyDialersAtOnce(t *testing.T) {
	address := echoing(t, serverContext(t, "ecdsa"))
	dialer := localDialer(t)
	var group sync.WaitGroup
	for i := 0; i < 16; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for j := 0; j < 4; j++ {
				conn, err := dialer.Dial("tcp", address)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := io.WriteString(conn, "x"); err != nil {
					t.Error(err)
				}
				if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
					t.Error(err)
				}
				conn.Close()
			}
		}()
	}
	group.Wait()
}

// The zone of an address is not part of the name that must be proved.
func TestZoneIsNotProved(t *testing.T) {
	listener, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6: ", err)
	}
	defer listener.Close()
	server := tlsock.NewListener(listener, serverContext(t, "ecdsa"))
	server.HandshakeTimeout = testLimit
	go func() {
		conn, err := server.Accept()
		if err == nil {
			echo(conn)
		}
	}()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	must(t, err)
	conn, err := tlsock.Dial("tcp", "[::1%lo]:"+port, clientContext(t))
	must(t, err)
	defer conn.Close()
	limit(t, conn)
	exchange(t, conn, "hello")
	equal(t, "name", conn.ServerHostname(), "::1")
}

// flipping changes the last byte of what is read.
type flipping struct{ net.Conn }

func (f flipping) Read(b []byte) (int, error) {
	n, err := f.Conn.Read(b)
	if n > 0 {
		b[n-1] ^= 1
	}
	return n, err
}

// A connection that has ended with a fatal alert leaves no session behind.
func TestNoSessionIsKeptAfterAFatalAlert(t *testing.T) {
	for _, damaged := range []bool{false, true} {
		trusting, serving := clientContext(t), serverContext(t, "ecdsa")
		must(t, trusting.SetMinimumVersion(tlsock.TLSVersionTLSv13))
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		defer listener.Close()
		cache := tlsock.NewLRUSessionCache(4)
		dialer := &tlsock.Dialer{Context: trusting, ServerName: "localhost", SessionCache: cache}
		dial := func() (client, server *tlsock.Conn) {
			accepted := make(chan *tlsock.Conn, 1)
			go func() {
				far, err := listener.Accept()
				must(t, err)
				server := tlsock.Server(far, serving)
				limit(t, server)
				must(t, server.Handshake())
				accepted <- server
			}()
			conn, err := dialer.Dial("tcp", listener.Addr().String())
			must(t, err)
			limit(t, conn)
			return conn.(*tlsock.Conn), <-accepted
		}
		client, server := dial()
		// Tickets first, then a record that is as it should be or is not, all there before anything is read.
		_, err = server.Write([]byte("!"))
		must(t, err)
		if damaged {
			client.Below(flipping{client.NetConn()})
			var failure *tlsock.Error
			if _, err := client.Read(make([]byte, 1)); !errors.As(err, &failure) || failure.AlertSent != 20 {
				t.Fatalf("a damaged record: %v", err)
			}
		} else {
			_, err := client.Read(make([]byte, 1))
			must(t, err)
		}
		must(t, client.Close())
		server.Close()
		_, kept := cache.Get(tlsock.SessionKey(dialer, "tcp", listener.Addr().String(), "localhost"))
		equal(t, "kept", kept, !damaged)
		client, server = dial()
		equal(t, "resumed", client.SessionReused(), !damaged)
		client.Close()
		server.Close()
	}
}

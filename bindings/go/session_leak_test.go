package tlsock_test

import (
	"errors"
	"fmt"
	"runtime/debug"
	"testing"
	"time"

	"tlsock"
)

// withoutCollector runs with nothing freed but by Close.
func withoutCollector(t *testing.T) {
	percent := debug.SetGCPercent(-1)
	t.Cleanup(func() { debug.SetGCPercent(percent) })
}

// A cache holds as many sessions as it may, and what it forgets is freed without the collector; so is what a Dialer has used.
func TestCacheFreesWhatItForgets(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			serving := serverContext(t, "ecdsa")
			addresses := make([]string, 6)
			for i := range addresses {
				addresses[i] = echoing(t, serving)
			}
			dialer := localDialer(t)
			must(t, dialer.Context.SetMaximumVersion(version.ours))
			const capacity = 4
			dialer.SessionCache = tlsock.NewLRUSessionCache(capacity)
			held, open := settled(), descriptors(t)
			withoutCollector(t)
			for round := 0; round < 5; round++ {
				for _, address := range addresses {
					visit(t, dialer, address)
					visit(t, dialer, address)
				}
				settle(t, "handles", held+capacity, tlsock.HandleCount)
				if t.Failed() {
					return
				}
			}
			equal(t, "handles of a full cache", tlsock.HandleCount(), held+capacity)
			settle(t, "descriptors", open, func() int { return descriptors(t) })
		})
	}
}

// The sessions that a context keeps go with it, and with whatever is set on it.
func TestContextFreesItsSessions(t *testing.T) {
	address := echoing(t, serverContext(t, "ecdsa"))
	dialer := localDialer(t)
	held := settled()
	withoutCollector(t)
	kept := func(count int) {
		t.Helper()
		settle(t, "handles", held+count, tlsock.HandleCount)
		equal(t, "handles", tlsock.HandleCount(), held+count)
	}
	visit(t, dialer, address)
	kept(1)
	must(t, dialer.Context.SetCheckHostname(true))
	kept(0)
	visit(t, dialer, address)
	kept(1)
	// With the last handle, and not before. Those of the handles go too.
	other := anotherHandle(t, dialer.Context, address)
	kept(2)
	must(t, dialer.Context.Close())
	kept(1)
	must(t, other.Close())
	kept(-1)
}

// The sessions belong to the context: they stay until its last handle is closed, or collected.
func TestAnotherHandleLeavesTheSessions(t *testing.T) {
	address := echoing(t, serverContext(t, "ecdsa"))
	dialer := localDialer(t)
	for _, end := range []func(*tlsock.Context){
		func(other *tlsock.Context) { must(t, other.Close()); must(t, other.Close()) },
		func(*tlsock.Context) {},
	} {
		visit(t, dialer, address)
		equal(t, "before", visit(t, dialer, address), true)
		func() {
			conn, err := (&tlsock.Dialer{Context: dialer.Context, ServerName: "localhost", SessionsDisabled: true}).Dial("tcp", address)
			must(t, err)
			defer conn.Close()
			other, err := conn.(*tlsock.Conn).Context()
			must(t, err)
			end(other)
		}()
		collect() // the handle that nobody has closed
		collect()
		equal(t, "after", visit(t, dialer, address), true)
	}
}

// A ticket that was offered, and that no other has followed, is freed with the connection; so is what comes after the context was
// changed, of no use to anybody.
func TestTicketsOfNoUseAreFreed(t *testing.T) {
	serving := serverContext(t, "ecdsa")
	address := echoing(t, serving)
	dialer := localDialer(t)
	cache := &counting{SessionCache: tlsock.NewLRUSessionCache(8), puts: map[string]int{}}
	dialer.SessionCache = cache
	held := settled()
	withoutCollector(t)
	visit(t, dialer, address)
	settle(t, "handles", held+1, tlsock.HandleCount)
	must(t, serving.SetNumTickets(0))
	equal(t, "resumed", visit(t, dialer, address), true)
	settle(t, "handles", held, tlsock.HandleCount)
	must(t, serving.SetNumTickets(2))
	conn, err := dialer.Dial("tcp", address)
	must(t, err)
	limit(t, conn)
	must(t, dialer.Context.SetCheckHostname(true))
	exchange(t, conn, "hello")
	must(t, conn.Close())
	settle(t, "handles", held, tlsock.HandleCount)
	equal(t, "keys", len(cache.puts), 1)
}

// Dials that fail keep nothing, and a session that a context refuses is freed.
func TestRefusedSessionsAreFreed(t *testing.T) {
	address := echoing(t, serverContext(t, "ecdsa"))
	first, second := localDialer(t), localDialer(t)
	shared := tlsock.NewLRUSessionCache(8)
	first.SessionCache, second.SessionCache = shared, shared
	held := settled()
	withoutCollector(t)
	for round := 0; round < 4; round++ {
		equal(t, "another's", visit(t, first, address), false)
		equal(t, "another's", visit(t, second, address), false)
	}
	settle(t, "handles", held+1, tlsock.HandleCount)
	distrustful := &tlsock.Dialer{Context: distrusting(t), ServerName: "localhost", SessionCache: shared}
	held = tlsock.HandleCount()
	for round := 0; round < 2; round++ {
		if _, err := distrustful.Dial("tcp", address); !errors.Is(err, tlsock.ErrCertVerification) {
			t.Errorf("with another's session and no trust: %v", err)
		}
	}
	// The one of the others was taken out, and is of no use to anybody.
	settle(t, "handles", held-1, tlsock.HandleCount)
}

// distrusting is a context that trusts another root.
func distrusting(t *testing.T) *tlsock.Context {
	context, err := tlsock.CreateDefaultContext(tlsock.PurposeServerAuth, tlsock.VerifyLocations{CAFile: file("unknown-ca.pem")})
	must(t, err)
	t.Cleanup(func() { context.Close() })
	return context
}

// Sessions whose time is over are not offered but freed, in every cache.
func TestExpiredSessionsGo(t *testing.T) {
	for name, version := range bothVersions {
		version := version
		t.Run(name, func(t *testing.T) {
			address := echoing(t, serverContext(t, "ecdsa"))
			dialer := localDialer(t)
			must(t, dialer.Context.SetMaximumVersion(version.ours))
			cache := &counting{SessionCache: tlsock.NewLRUSessionCache(8), puts: map[string]int{}}
			dialer.SessionCache = cache
			held := settled()
			withoutCollector(t)
			visit(t, dialer, address)
			lifetime := cache.last.TicketLifetimeHint()
			if lifetime == 0 {
				lifetime = cache.last.Timeout()
			}
			end := cache.last.Time().Add(lifetime)
			restore := tlsock.SetNow(func() time.Time { return end })
			equal(t, "in time", visit(t, dialer, address), true)
			settle(t, "handles", held+1, tlsock.HandleCount)
			end = cache.last.Time().Add(lifetime + time.Second)
			equal(t, "too late", visit(t, dialer, address), false)
			restore()
			settle(t, "handles", held+1, tlsock.HandleCount)
		})
	}
}

// forgetful is a cache of a user's that gives what was put first, for ever.
type forgetful struct{ first *tlsock.Session }

func (f *forgetful) Get(string) (*tlsock.Session, bool) { return f.first, f.first != nil }
func (f *forgetful) Put(_ string, session *tlsock.Session) {
	if f.first == nil {
		f.first = session
	}
}

// A cache that gives a session again, or one that was closed or is over, makes full handshakes and no errors.
func TestCachesOfUsersMayBeWrong(t *testing.T) {
	address := echoing(t, serverContext(t, "ecdsa"))
	for name, spoil := range map[string]func(*tlsock.Session){
		"closed": func(session *tlsock.Session) { must(t, session.Close()) },
		"expired": func(*tlsock.Session) {
			t.Cleanup(tlsock.SetNow(func() time.Time { return time.Now().Add(9999 * time.Hour) }))
		},
	} {
		dialer := localDialer(t)
		cache := &forgetful{}
		dialer.SessionCache = cache
		visit(t, dialer, address)
		spoil(cache.first)
		equal(t, name, visit(t, dialer, address), false)
	}
	dialer := localDialer(t)
	dialer.SessionCache = &forgetful{}
	restore := tlsock.SetNow(time.Now)
	defer restore()
	for round, want := range []bool{false, true, false, false} {
		equal(t, fmt.Sprint("round ", round), visit(t, dialer, address), want)
	}
}

// A cache may close the connection that gives it a session: nothing waits for itself.
func TestACacheMayCloseTheConnection(t *testing.T) {
	address := echoing(t, serverContext(t, "ecdsa"))
	dialer := localDialer(t)
	var conn *tlsock.Conn
	dialer.SessionCache = putting(func() { conn.Close() })
	raw, err := dialer.Dial("tcp", address)
	must(t, err)
	conn = raw.(*tlsock.Conn)
	limit(t, conn)
	_, err = conn.Write([]byte("hello"))
	must(t, err)
	n, err := conn.Read(make([]byte, 5))
	if n == 0 {
		t.Error("the bytes that came with the ticket are lost: ", err)
	}
}

// putting is a cache that calls something when it is given a session.
type putting func()

func (p putting) Get(string) (*tlsock.Session, bool) { return nil, false }
func (p putting) Put(_ string, session *tlsock.Session) {
	if session != nil {
		p()
	}
}

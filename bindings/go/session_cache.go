//go:build cgo

package tlsock

import (
	"container/list"
	"crypto/tls"
	"fmt"
	"sync"
	"sync/atomic"
)

// SessionCache keeps sessions for a Dialer, as tls.ClientSessionCache does for crypto/tls. Any number of goroutines may
// call it at once. What it gives is only offered: a session that the library refuses, as another context's or one of less
// care, is dropped, and the handshake is a full one.
type SessionCache interface {
	// Get gives the session under a key.
	Get(key string) (session *Session, ok bool)
	// Put keeps a session under a key; nil forgets the one that is there.
	Put(key string, session *Session)
}

// sessionsKept is how many sessions a context keeps for its Dialers, as crypto/tls does.
const sessionsKept = 64

// NewLRUSessionCache makes a cache of that many sessions, which forgets the one that was used least recently; fewer than 1
// are 64.
func NewLRUSessionCache(capacity int) SessionCache {
	if capacity < 1 {
		capacity = sessionsKept
	}
	return &lruSessions{capacity: capacity, order: list.New(), found: map[string]*list.Element{}}
}

type lruSessions struct {
	mutex    sync.Mutex
	capacity int
	order    *list.List // of *keptSession, the last used first
	found    map[string]*list.Element
}

type keptSession struct {
	key     string
	session *Session
}

func (l *lruSessions) Get(key string) (*Session, bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	element, ok := l.found[key]
	if !ok {
		return nil, false
	}
	l.order.MoveToFront(element)
	return element.Value.(*keptSession).session, true
}

func (l *lruSessions) Put(key string, session *Session) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if element, ok := l.found[key]; ok {
		l.remove(element)
	}
	if session == nil {
		return
	}
	l.found[key] = l.order.PushFront(&keptSession{key, session})
	if l.order.Len() > l.capacity {
		l.remove(l.order.Back())
	}
}

// remove needs the mutex.
func (l *lruSessions) remove(element *list.Element) {
	delete(l.found, l.order.Remove(element).(*keptSession).key)
}

// contextSessions are the sessions that a context keeps for its Dialers. One that was made as somebody is not offered by
// somebody else: what changes whom a client shows itself as begins a new generation.
type contextSessions struct {
	once       sync.Once
	own        SessionCache
	generation atomic.Int64
}

func (s *contextSessions) cache() SessionCache {
	s.once.Do(func() { s.own = NewLRUSessionCache(sessionsKept) })
	return s.own
}

func (s *contextSessions) forget() { s.generation.Add(1) }

// keeper takes the session of a connection into a cache, once there is one that can be resumed.
type keeper struct {
	cache   SessionCache
	key     string
	offered *Session // what the connection was made with
	looked  atomic.Bool
	kept    atomic.Bool
}

// keeper tells where the sessions for a name at an address are kept; nil for nowhere.
func (d *Dialer) keeper(network, address, name string) *keeper {
	if d.SessionsDisabled || d.Session != nil || d.Context == nil {
		return nil
	}
	cache := d.SessionCache
	if cache == nil {
		cache = d.Context.sessions.cache()
	}
	key := fmt.Sprintf("%s %s %s %d", name, network, address, d.Context.sessions.generation.Load())
	return &keeper{cache: cache, key: key}
}

// offer takes a session out: a ticket of TLS 1.3 is for one use (RFC 8446, C.4).
func (k *keeper) offer() *Session {
	if k == nil {
		return nil
	}
	session, ok := k.cache.Get(k.key)
	if !ok || session == nil {
		return nil
	}
	k.cache.Put(k.key, nil)
	return session
}

// shaken takes the session of TLS 1.2, which is there with the end of the handshake.
func (k *keeper) shaken(c *Conn) {
	if k != nil && c.state.facts.Version != tls.VersionTLS13 {
		k.take(c)
	}
}

// first looks when the first bytes were read: tickets of TLS 1.3 come before them.
func (k *keeper) first(c *Conn) {
	if k != nil && !k.looked.Load() && k.looked.CompareAndSwap(false, true) {
		k.take(c)
	}
}

// last looks before the connection is closed.
func (k *keeper) last(c *Conn) {
	if k != nil && c.handshakeDone.Load() && c.fatal.Load() == nil {
		k.take(c)
	}
}

func (k *keeper) take(c *Conn) {
	if k.kept.Load() {
		return
	}
	session, err := c.Session()
	if err != nil || session == nil {
		return
	}
	if c.state.facts.Version == tls.VersionTLS13 && (!session.HasTicket() || session.Equal(k.offered)) {
		_ = session.Close()
		return
	}
	if k.kept.CompareAndSwap(false, true) {
		k.cache.Put(k.key, session)
	}
}

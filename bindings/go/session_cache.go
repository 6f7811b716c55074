//go:build cgo

package tlsock

import (
	"container/list"
	"crypto/tls"
	"fmt"
	"sync"
	"sync/atomic"
)

// SessionCache keeps sessions for a Dialer, like tls.ClientSessionCache for crypto/tls. Any number of goroutines may
// call it at once. A session that it returns is only offered: if the library refuses it, because it is another context's or
// was made with less verification, it is dropped, and the handshake is a full one.
type SessionCache interface {
	// Get returns the session under a key.
	Get(key string) (session *Session, ok bool)
	// Put keeps a session under a key; nil removes the present one.
	Put(key string, session *Session)
}

// sessionsKept is how many sessions a context keeps for its Dialers, as crypto/tls does.
const sessionsKept = 64

// NewLRUSessionCache makes a cache of that many sessions, which drops the least recently used one; a capacity below 1
// means 64.
func NewLRUSessionCache(capacity int) SessionCache {
	if capacity < 1 {
		capacity = sessionsKept
	}
	return &lruSessions{capacity: capacity, order: list.New(), found: map[string]*list.Element{}}
}

type lruSessions struct {
	mutex    sync.Mutex
	capacity int
	order    *list.List // of *keptSession, the most recently used first
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

// remove is called with the mutex held.
func (l *lruSessions) remove(element *list.Element) {
	delete(l.found, l.order.Remove(element).(*keptSession).key)
}

// contextSessions are the sessions that a context keeps for its Dialers, shared by all handles on it. A session made with
// another certificate of ours, or with a cipher that is no longer allowed, must not be offered: so each change of a setting
// begins a new generation.
type contextSessions struct {
	once       sync.Once
	own        SessionCache
	generation atomic.Int64
	setting    atomic.Int32 // how many calls are changing a setting now
}

func (s *contextSessions) cache() SessionCache {
	s.once.Do(func() { s.own = NewLRUSessionCache(sessionsKept) })
	return s.own
}

// change runs a setter. The zero Context has no sessions.
func (s *contextSessions) change(set func() error) error {
	if s == nil {
		return set()
	}
	s.setting.Add(1)
	defer s.setting.Add(-1)
	defer s.generation.Add(1)
	return set()
}

// is tells whether a generation is the present one, and no setting is being changed.
func (s *contextSessions) is(generation int64) bool {
	return s.setting.Load() == 0 && s.generation.Load() == generation
}

// keeper puts the session of a connection into a cache, once there is one that can be resumed.
type keeper struct {
	cache      SessionCache
	key        string
	sessions   *contextSessions
	generation int64
	offered    *Session // the one that the connection was made with
	looked     atomic.Bool
	kept       atomic.Bool
}

// keeper tells where the sessions for a name at an address are kept; nil if they are not kept.
func (d *Dialer) keeper(network, address, name string) *keeper {
	if d.SessionsDisabled || d.Session != nil || d.Context == nil || d.Context.sessions == nil {
		return nil
	}
	cache := d.SessionCache
	if cache == nil {
		cache = d.Context.sessions.cache()
	}
	generation := d.Context.sessions.generation.Load()
	key := fmt.Sprintf("%q %q %q %d", name, network, address, generation)
	return &keeper{cache: cache, key: key, sessions: d.Context.sessions, generation: generation}
}

// current tells whether the context is unchanged since the session was looked up.
func (k *keeper) current() bool { return k.sessions.is(k.generation) }

// offer takes a session out: a ticket of TLS 1.3 is for one use (RFC 8446, C.4). Another goroutine may have got it at the same
// time, because a cache has no operation that looks up and removes.
func (k *keeper) offer() *Session {
	if k == nil {
		return nil
	}
	session, ok := k.cache.Get(k.key)
	if !ok || session == nil || !session.offered.CompareAndSwap(false, true) {
		return nil
	}
	k.cache.Put(k.key, nil)
	return session
}

// shaken keeps the session of TLS 1.2, which exists at the end of the handshake.
func (k *keeper) shaken(c *Conn) {
	if k != nil && c.state.facts.Version != tls.VersionTLS13 {
		k.take(c)
	}
}

// first checks after the first bytes were read: tickets of TLS 1.3 come before them.
func (k *keeper) first(c *Conn) {
	if k != nil && !k.looked.Load() && k.looked.CompareAndSwap(false, true) {
		k.take(c)
	}
}

// last checks before the connection is closed.
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

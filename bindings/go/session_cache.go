package tlsock

// #include <stdlib.h>
// #include "callback.h"
import "C"

import (
	"container/list"
	"crypto/tls"
	"fmt"
	"runtime/cgo"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// SessionCache keeps sessions for a Dialer, as tls.ClientSessionCache does for crypto/tls. Any number of goroutines may
// call it at once. What it gives is only offered: a session that the library refuses, as another context's or one of less
// care, is dropped, and the handshake is a full one.
//
// A session belongs to the cache that it was put into, which closes it when it forgets it. A Dialer that takes one out forgets it there,
// does not offer it once its time is over, and closes it with its connection.
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
	return newLRUSessions(capacity)
}

func newLRUSessions(capacity int) *lruSessions {
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

// remove needs the mutex. A session that a Dialer has taken is the Dialer's.
func (l *lruSessions) remove(element *list.Element) {
	kept := l.order.Remove(element).(*keptSession)
	delete(l.found, kept.key)
	if !kept.session.offered.Load() {
		_ = kept.session.Close()
	}
}

// clear forgets all.
func (l *lruSessions) clear() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for l.order.Len() > 0 {
		l.remove(l.order.Back())
	}
}

// contextSessions are the sessions that a context keeps for its Dialers, shared by all handles on it. A session made with
// another certificate of ours, or with a cipher that is no longer allowed, must not be offered: so each change of a setting
// begins a new generation.
//
// Nor may one that was made as somebody else. Where a callback decides for each connection who this side is, nothing in a key
// could tell one from another, as the callback is not asked where a session is resumed: nothing is kept then, and nothing offered.
type contextSessions struct {
	handles    atomic.Int32                // on the context, that are not closed
	own        atomic.Pointer[lruSessions] // nil until a Dialer asks for it
	generation atomic.Int64
	setting    atomic.Int32 // how many calls are changing a setting now

	deciding sync.Mutex   // by the caller that changes deciders, for the time of the setter: they are what the library has
	deciders atomic.Int32 // the callbacks that are set of those that decide who this side is
}

// decider is a callback that decides for each connection who this side is.
type decider int32

const (
	identityDecides decider = 1 << iota
	pskDecides
)

func (s *contextSessions) cache() SessionCache {
	if s.own.Load() == nil {
		s.own.CompareAndSwap(nil, newLRUSessions(sessionsKept))
	}
	return s.own.Load()
}

// change runs a setter. The zero Context has no sessions.
func (s *contextSessions) change(set func() error) error {
	if s == nil {
		return set()
	}
	s.setting.Add(1)
	defer s.setting.Add(-1)
	defer s.forget()
	defer s.generation.Add(1)
	return set()
}

// decide runs the setter of such a callback, or the one that clears it. The callback counts from before the library knows it.
func (s *contextSessions) decide(by decider, absent bool, set func() error) error {
	if s == nil {
		return set()
	}
	s.deciding.Lock()
	defer s.deciding.Unlock()
	return s.change(func() error {
		before := s.deciders.Load()
		s.deciders.Store(before | int32(by))
		err := set()
		switch {
		case err != nil:
			s.deciders.Store(before)
		case absent:
			s.deciders.Store(before &^ int32(by))
		}
		return err
	})
}

// handle notes another handle on the context, which has the sessions from now on.
func (s *contextSessions) handle() *contextSessions {
	if s != nil {
		s.handles.Add(1)
	}
	return s
}

// leave is for a handle that is closed. The last one takes the sessions with it.
func (s *contextSessions) leave() {
	if s != nil && s.handles.Add(-1) == 0 {
		s.forget()
	}
}

// forget frees what the context keeps itself.
func (s *contextSessions) forget() {
	if s == nil {
		return
	}
	if own := s.own.Load(); own != nil {
		own.clear()
	}
}

// is tells whether a generation is the present one, and nothing is being set.
func (s *contextSessions) is(generation int64) bool {
	return s.setting.Load() == 0 && s.generation.Load() == generation
}

// keeper puts the session of a connection into a cache, once there is one that can be resumed.
type keeper struct {
	cache      SessionCache
	key        string
	sessions   *contextSessions
	generation int64
	looked     atomic.Bool

	mutex   sync.Mutex // not held while the cache is called, which may be the user's
	offered *Session   // what the connection was made with
	ended   bool       // a session is in the cache, or none will be
}

// keeper tells where the sessions for a name at an address are kept; nil if they are not kept.
func (d *Dialer) keeper(network, address, name string) *keeper {
	if d.SessionsDisabled || d.Session != nil || d.Context == nil || d.Context.sessions == nil {
		return nil
	}
	// Before the callbacks: one that is set meanwhile is seen, or ends this generation.
	generation := d.Context.sessions.generation.Load()
	if d.Context.sessions.deciders.Load() != 0 {
		return nil
	}
	cache := d.SessionCache
	if cache == nil {
		cache = d.Context.sessions.cache()
	}
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
	if session.expired() {
		_ = session.Close()
		return nil
	}
	return session
}

// shaken keeps the session of TLS 1.2, which exists at the end of the handshake.
func (k *keeper) shaken(c *Conn) {
	if k != nil && c.state.version != tls.VersionTLS13 {
		k.take(c)
	}
}

// first checks after the first bytes were read: tickets of TLS 1.3 come before them.
func (k *keeper) first(c *Conn) {
	if k != nil && !k.looked.Load() && k.looked.CompareAndSwap(false, true) {
		k.take(c)
	}
}

// last looks before the connection is closed, and lets go of what it was made with.
func (k *keeper) last(c *Conn) {
	if k == nil {
		return
	}
	if c.handshakeDone.Load() && c.fatal.Load() == nil {
		k.take(c)
	}
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.ended = true
	if k.offered != nil {
		_ = k.offered.Close()
	}
}

// take puts the connection's session into the cache, if it is one to resume that was not offered before.
func (k *keeper) take(c *Conn) {
	if session := k.fresh(c); session != nil {
		k.cache.Put(k.key, session)
	}
}

func (k *keeper) fresh(c *Conn) *Session {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.ended {
		return nil
	}
	session, err := c.Session()
	if err != nil || session == nil {
		return nil
	}
	used := c.state.version == tls.VersionTLS13 && (!session.HasTicket() || session.Equal(k.offered))
	if used || !k.current() {
		_ = session.Close()
		return nil
	}
	k.ended = true
	return session
}

// ServerSessionCache keeps the sessions of servers outside of the process, by their ids: those that are not in tickets. The
// object is lent for the time of the call, and the handshake waits for it. An error ends the handshake: a cache that cannot
// reach its store answers as if it had found nothing.
type ServerSessionCache interface {
	// Put keeps a session for this long. The data is secret, at most 64 KiB, and the cache's own.
	Put(object *Object, id, data []byte, lifetime time.Duration) error
	// Get gives what was kept under an id; no bytes where there is nothing.
	Get(object *Object, id []byte) (data []byte, err error)
	// Remove forgets a session: it has expired, is damaged, or a fatal alert has ended its connection.
	Remove(object *Object, id []byte) error
}

// SetServerSessionCache sets where a server keeps sessions that are not in tickets, so that other servers find them which
// ask the same of their clients. The first cache counts for connections made later, one that replaces another at once. nil:
// in the context, as at first.
func (c *Context) SetServerSessionCache(cache ServerSessionCache) error {
	return hand(cache, cache == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_session_cache(p, handle, e)
		})
	})
}

//export tlsock_go_session_put
func tlsock_go_session_put(handle C.uintptr_t, object *C.tlsock_object, owner C.uintptr_t, id *C.uint8_t, idLen C.size_t,
	data *C.uint8_t, dataLen C.size_t, seconds C.int64_t, e **C.tlsock_error) C.int {
	return called(object, owner, e, func(object *Object) error {
		cache := cgo.Handle(handle).Value().(ServerSessionCache)
		return cache.Put(object, C.GoBytes(unsafe.Pointer(id), C.int(idLen)), C.GoBytes(unsafe.Pointer(data), C.int(dataLen)),
			time.Duration(seconds)*time.Second)
	})
}

//export tlsock_go_session_get
func tlsock_go_session_get(handle C.uintptr_t, object *C.tlsock_object, owner C.uintptr_t, id *C.uint8_t, idLen C.size_t,
	data *C.uint8_t, size C.size_t, length *C.size_t, e **C.tlsock_error) C.int {
	return called(object, owner, e, func(object *Object) error {
		cache := cgo.Handle(handle).Value().(ServerSessionCache)
		found, err := cache.Get(object, C.GoBytes(unsafe.Pointer(id), C.int(idLen)))
		if err == nil {
			*length, err = fill("a session", found, data, size)
		}
		return err
	})
}

//export tlsock_go_session_remove
func tlsock_go_session_remove(handle C.uintptr_t, object *C.tlsock_object, owner C.uintptr_t, id *C.uint8_t,
	idLen C.size_t, e **C.tlsock_error) C.int {
	return called(object, owner, e, func(object *Object) error {
		cache := cgo.Handle(handle).Value().(ServerSessionCache)
		return cache.Remove(object, C.GoBytes(unsafe.Pointer(id), C.int(idLen)))
	})
}

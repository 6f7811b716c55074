package tlsock

// #include "bytes.h"
import "C"

import (
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"
)

// Session lets a client resume a connection. Python: ssl.SSLSession
type Session struct {
	ref     ref[*C.tlsock_session]
	offered atomic.Bool // a Dialer has taken it out of a cache, which happens once
	proof   *snapshot   // what the Conn has seen that gave it; nil of another origin. It does not change
}

// offer notes what was proved where the session was made that a connection offers from now on.
func (r *record) offer(session *Session) {
	var proof *snapshot
	if session != nil {
		proof = session.proof
	}
	r.proof.Store(proof)
}

// ownSession gives nil for NULL.
func ownSession(pointer *C.tlsock_session) *Session {
	if pointer == nil {
		return nil
	}
	s := &Session{}
	s.ref.set(kindSession, pointer, func(p *C.tlsock_session) { C.tlsock_session_free(p) })
	runtime.SetFinalizer(s, (*Session).Close)
	return s
}

// NewSessionData makes a session of the bytes that Data gave, for use with this context. Those of a context with other
// trust are refused.
func (c *Context) NewSessionData(data []byte) (*Session, error) {
	var pointer *C.tlsock_session
	err := c.use(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_session_new_data(p, start(data), C.size_t(len(data)), &pointer, e)
	})
	return ownSession(pointer), err
}

// Data gives the session as bytes, to be stored elsewhere. They are secret: anyone who has them can resume as this client.
func (s *Session) Data() ([]byte, error) {
	var data C.tlsock_bytes
	err := s.ref.call(func(p *C.tlsock_session, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_session_data(p, &data, e)
	})
	return goBytes(&data), err
}

// clock tells the time in a test; nil is the system's.
var clock atomic.Pointer[func() time.Time]

func now() time.Time {
	if tell := clock.Load(); tell != nil {
		return (*tell)()
	}
	return time.Now()
}

// expired tells whether nobody would resume it any more.
func (s *Session) expired() bool {
	lifetime := s.TicketLifetimeHint()
	if lifetime == 0 {
		lifetime = s.Timeout()
	}
	return lifetime > 0 && now().After(s.Time().Add(lifetime))
}

// Close frees the session; connections made with it go on.
func (s *Session) Close() error {
	runtime.SetFinalizer(s, nil)
	s.ref.close()
	return nil
}

// Equal tells whether two sessions have the same id; two empty ids are the same.
func (s *Session) Equal(other *Session) bool {
	if other == nil {
		return false
	}
	return ask(&s.ref, func(p *C.tlsock_session) bool {
		return ask(&other.ref, func(q *C.tlsock_session) bool { return bool(C.tlsock_session_equal(p, q)) })
	})
}

// ID is up to 32 bytes; empty if the session is identified only by its ticket.
func (s *Session) ID() []byte {
	return ask(&s.ref, func(p *C.tlsock_session) []byte {
		id := C.tlsock_session_id(p)
		return C.GoBytes(unsafe.Pointer(id.data), C.int(id.len))
	})
}

// Time is when it was made.
func (s *Session) Time() time.Time {
	return ask(&s.ref, func(p *C.tlsock_session) time.Time {
		return time.Unix(int64(C.tlsock_session_time(p)), 0)
	})
}

// Timeout is how long it may be resumed.
func (s *Session) Timeout() time.Duration {
	return ask(&s.ref, func(p *C.tlsock_session) time.Duration {
		return time.Duration(C.tlsock_session_timeout(p)) * time.Second
	})
}

// TicketLifetimeHint is the lifetime that the server gave its ticket; 0 without a ticket.
func (s *Session) TicketLifetimeHint() time.Duration {
	return ask(&s.ref, func(p *C.tlsock_session) time.Duration {
		return time.Duration(C.tlsock_session_ticket_lifetime_hint(p)) * time.Second
	})
}

// HasTicket tells whether there is a ticket.
func (s *Session) HasTicket() bool {
	return ask(&s.ref, func(p *C.tlsock_session) bool { return bool(C.tlsock_session_has_ticket(p)) })
}

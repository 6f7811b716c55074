package tlsock

// #include <tlsock.h>
import "C"

import (
	"sync/atomic"
	"unsafe"
)

// closedBit marks a ref as closed; the bits below it count the calls in progress.
const closedBit = 1 << 62

// ref guards a handle of the library: it is freed once, when it is closed and no call uses it any more.
type ref[P any] struct {
	pointer P
	free    func(P)
	kind    kind
	users   atomic.Int64
}

// kind is what a handle is of, in the words of errors.
type kind uint8

const (
	kindNone kind = iota // nobody has made it
	kindConnection
	kindObject
	kindLentObject
	kindContext
	kindSession
	kindBIO
	kindIdentity
)

var kinds = [...]string{
	kindNone:       "a value that no function of this package made: it",
	kindConnection: "connection",
	kindObject:     "object",
	kindLentObject: "object lent to a callback",
	kindContext:    "context",
	kindSession:    "session",
	kindBIO:        "MemoryBIO",
	kindIdentity:   "identity",
}

func (k kind) String() string { return kinds[k] }

func (r *ref[P]) set(kind kind, pointer P, free func(P)) {
	r.kind, r.pointer, r.free = kind, pointer, free
}

// enter keeps the handle until leave; it fails if the handle was closed.
func (r *ref[P]) enter() bool {
	for {
		users := r.users.Load()
		if users&closedBit != 0 || r.free == nil {
			return false
		}
		if r.users.CompareAndSwap(users, users+1) {
			return true
		}
	}
}

func (r *ref[P]) leave() {
	if r.users.Add(-1) == closedBit {
		r.free(r.pointer)
	}
}

// close is true the first time.
func (r *ref[P]) close() bool {
	for {
		users := r.users.Load()
		if users&closedBit != 0 || r.free == nil {
			return false
		}
		if r.users.CompareAndSwap(users, users|closedBit) {
			if users == 0 {
				r.free(r.pointer)
			}
			return true
		}
	}
}

func (r *ref[P]) closed() bool { return r.users.Load()&closedBit != 0 }

// call runs one fallible call of the library.
func (r *ref[P]) call(f func(P, **C.tlsock_error) C.tlsock_status) error {
	if !r.enter() {
		return closedError(r.kind.String())
	}
	defer r.leave()
	return call(func(e **C.tlsock_error) C.tlsock_status { return f(r.pointer, e) })
}

// ask runs a getter, which returns the zero value after Close.
func ask[P, T any](r *ref[P], f func(P) T) (answer T) {
	if r.enter() {
		defer r.leave()
		answer = f(r.pointer)
	}
	return answer
}

// lend gives the pointer for one call; unless that fails, leave must follow.
func (r *ref[P]) lend() (pointer P, err error) {
	if !r.enter() {
		return pointer, closedError(r.kind.String())
	}
	return r.pointer, nil
}

func call(f func(**C.tlsock_error) C.tlsock_status) error {
	var e *C.tlsock_error
	status := f(&e)
	return failure(status, e)
}

// start is the address of bytes: NULL for none. Bytes hold no pointers, so C may have them for one call. It is never an
// unsafe.Pointer: see bytes.h.
func start(data []byte) *C.uint8_t {
	if len(data) == 0 {
		return nil
	}
	return (*C.uint8_t)(unsafe.Pointer(&data[0]))
}

var nothing [1]byte

// given is the address of bytes that may be absent: NULL only for nil.
func given(data []byte) *C.uint8_t {
	if data != nil && len(data) == 0 {
		return start(nothing[:])
	}
	return start(data)
}

package tlsock

// #include <stdlib.h>
// #include "callback.h"
import "C"

import (
	"context"
	"net"
	"runtime"
	"runtime/cgo"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"
)

// record is what callbacks need of a connection. It does not refer to the Conn, so the Conn can be collected.
type record struct {
	handle C.uintptr_t // of itself; 0 if C does not know it
	// engine is freed when the connection is closed and no callback has it any more.
	engine ref[*C.tlsock_object]
	conn   net.Conn
	err    atomic.Pointer[error] // of the last callback that failed
	// sessions belong to its context.
	sessions atomic.Pointer[contextSessions]
	// serving is the call of C that waits for a callback.
	serving atomic.Pointer[executor]
	life    life
	// asked is how often the client was asked for its certificate since it last showed one.
	asked atomic.Int32
	// proof is what the handshake has seen from which the session is that is offered; nil where that is not known.
	proof atomic.Pointer[snapshot]
	// slotted: the call holds one of the slots. Only that call looks.
	slotted bool
}

// life tells the program's code for how long an answer is wanted: until the handshake ends, or the connection is closed.
type life struct {
	mutex  sync.Mutex
	given  context.Context    // what the handshake under way was begun with; nil if none is
	lent   context.Context    // what code gets, of the handshake or between handshakes; nil before somebody asks
	stop   context.CancelFunc // ends it
	closed bool

	questions []*question              // without an answer, or with one that C has not asked for again
	stopped   atomic.Pointer[question] // that the last call of C has stopped at
}

// beginHandshake begins one, or goes on with one that a deadline has stopped, whose questions stay.
func (l *life) beginHandshake(given context.Context) {
	l.mutex.Lock()
	goesOn := l.given != nil && l.lent != nil && l.lent.Err() == nil
	l.mutex.Unlock()
	if !goesOn {
		l.turn(given)
	}
}

func (l *life) endHandshake() {
	var none context.Context
	l.turn(none)
}

func (l *life) turn(given context.Context) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.stop != nil {
		l.stop()
	}
	l.drop(all)
	l.given, l.lent, l.stop = given, nil, nil
}

// close ends what code waits for.
func (l *life) close() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.closed = true
	if l.stop != nil {
		l.stop()
	}
	l.drop(all)
}

// lend gives the context for code of the program, and tells whether it is a handshake's.
func (l *life) lend() (ctx context.Context, handshake bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.current()
}

// current is lend for a caller that has the mutex.
func (l *life) current() (ctx context.Context, handshake bool) {
	given := l.given
	if given == nil {
		given = context.Background()
	}
	if l.lent == nil {
		l.lent, l.stop = endsWith(given)
	}
	if l.closed {
		l.stop()
	}
	return l.lent, l.given != nil
}

// endsWith gives a context that ends with another one. Its methods are the program's code, which does not run over frames of C:
// with one that panics it is over at once.
func endsWith(given context.Context) (ctx context.Context, stop context.CancelFunc) {
	if given == context.Background() {
		return context.WithCancel(given)
	}
	if isolated(func() error { ctx, stop = context.WithCancel(given); return nil }) != nil {
		ctx, stop = context.WithCancel(context.Background())
		stop()
	}
	return ctx, stop
}

// explain puts Go's own error of a callback in the place of its copy. One that waits for another call, as a failure behind
// bytes does, is not the cause of what came before it.
func (r *record) explain(err error) error {
	failure, ok := err.(*Error)
	if r == nil || !ok {
		return err
	}
	cause := r.err.Load()
	if cause != nil && strings.Contains(failure.Message, textOf(*cause)) && r.err.CompareAndSwap(cause, nil) {
		failure.Cause = *cause
	}
	return err
}

// textOf is the text of an error without the prefix. Its method is the program's code: that does not run over frames of C.
func textOf(err error) string {
	var text string
	if failed := isolated(func() error { text = err.Error(); return nil }); failed != nil {
		text = failed.Error()
	}
	return strings.TrimPrefix(text, prefix)
}

// fail keeps the error and gives C a copy of it.
func (r *record) fail(err error, e **C.tlsock_error) C.int {
	r.err.Store(&err)
	if _, panicked := err.(*PanicError); panicked {
		return newCError(C.TLSOCK_PANIC, err, e)
	}
	return newCError(C.TLSOCK_SSL, err, e)
}

// newCError makes the library's copy of an error; its text has the prefix only once.
func newCError(status C.int, err error, e **C.tlsock_error) C.int {
	message := C.CString(textOf(err))
	defer C.free(unsafe.Pointer(message))
	if e != nil {
		*e = C.tlsock_error_new(status, message)
	}
	return status
}

// host has the call of C wait for code of the program.
func (r *record) host(f func(*executor) error) error {
	executor := newExecutor()
	outer := r.serving.Swap(executor)
	defer r.serving.Store(outer)
	return r.withoutSlot(func() error { return f(executor) })
}

// lend runs a callback with the object lent to it. It is not waited for beyond the end of ctx, after which the object is
// closed.
func (r *record) lend(ctx context.Context, pointer *C.tlsock_object, f func(*Object) error) error {
	return r.host(func(executor *executor) error {
		returned := make(chan struct{})
		object := &Object{lent: true}
		if shaking, handshake := r.life.lend(); handshake {
			object.shaking = shaking
		}
		object.record = r
		object.ref.set(kindLentObject, pointer, func(*C.tlsock_object) { close(returned) })
		err := executor.call(ctx, func() error { return f(object) })
		object.ref.close()
		executor.serve(returned)
		return err
	})
}

// called runs a callback that writes where C told it to: it is waited for as long as it takes.
func called(pointer *C.tlsock_object, owner C.uintptr_t, e **C.tlsock_error, f func(*Object) error) C.int {
	own := cgo.Handle(owner).Value().(*record)
	return own.told(own.lend(context.Background(), pointer, f), e)
}

// told gives C the outcome of a callback.
func (r *record) told(err error, e **C.tlsock_error) C.int {
	if err != nil {
		return r.fail(err, e)
	}
	return C.TLSOCK_OK
}

// work runs a call of C that may have a key sign: a signer is not told for which connection, but is asked in this thread.
func (r *record) work(call func() error) error {
	if r == nil {
		return call()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	outer := C.tlsock_go_work_for(r.handle)
	defer C.tlsock_go_work_for(outer)
	return call()
}

package tlsock

// #include "callback.h"
import "C"

import (
	"context"
	"runtime/cgo"
)

// subject is what a question is about.
type subject uint8

const (
	aboutClientHello subject = iota
	aboutIdentity
	aboutVerification
)

// finder is a callback with the facts that it gets, copied.
type finder func(context.Context, *Object) (answer any, err error)

// question is one that the library has asked in a handshake, and whose answer a callback looks for in a goroutine of its own. No
// call of C waits for it: each that stops at it is repeated once the answer is there. The mutex of its life guards the fields.
type question struct {
	about    subject
	callback C.uintptr_t
	facts    string        // that the answer is for
	object   *Object       // lent to the callback
	over     chan struct{} // closed when there is an answer, or nobody wants it any more
	ended    bool          // over is closed
	answered bool
	answer   any
	err      error
}

// end closes the object that was lent, unless the callback has; the callback may still run.
func (q *question) end() {
	if !q.ended {
		q.ended = true
		q.object.ref.close()
		close(q.over)
	}
}

// ask gives a question that has been answered, once. Otherwise it begins to look for the answer, if that has not begun, and
// gives nil. An answer to other facts counts no more: a certificate may have expired since.
func (r *record) ask(about subject, callback C.uintptr_t, facts string, prepare func() finder) *question {
	l := &r.life
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.drop(func(q *question) bool { return q.about == about && q.callback == callback && q.facts != facts })
	for i, q := range l.questions {
		switch {
		case q.about != about || q.callback != callback:
		case q.answered:
			l.questions = append(l.questions[:i:i], l.questions[i+1:]...)
			l.stopped.Store(nil)
			return q
		default:
			l.stopped.Store(q)
			return nil
		}
	}
	if !l.closed && r.engine.enter() {
		q := &question{about: about, callback: callback, facts: facts, over: make(chan struct{})}
		l.questions = append(l.questions, q)
		l.stopped.Store(q)
		r.find(q, prepare())
	}
	return nil
}

// find has a callback look for an answer. It needs the mutex.
func (r *record) find(q *question, find finder) {
	ctx, handshake := r.life.current()
	object := &Object{lent: true, aside: q}
	if handshake {
		object.shaking = ctx
	}
	object.record = r
	object.ref.set(kindLentObject, r.engine.pointer, func(*C.tlsock_object) { r.engine.leave() })
	q.object = object
	var answer any
	go guard(func() (err error) {
		answer, err = find(ctx, object)
		return err
	}, func(err error) { r.life.take(q, answer, err) })
}

// take keeps the answer to a question, if it is still wanted.
func (l *life) take(q *question, answer any, err error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if !q.ended {
		q.answered, q.answer, q.err = true, answer, err
	}
	q.end()
}

// drop ends questions whose answers nobody wants any more. It needs the mutex.
func (l *life) drop(unwanted func(*question) bool) {
	var wanted []*question
	for _, q := range l.questions {
		if !unwanted(q) {
			wanted = append(wanted, q)
			continue
		}
		q.end()
		l.stopped.CompareAndSwap(q, nil)
	}
	l.questions = wanted
}

func all(*question) bool { return true }

// dropForContext ends the questions that another context asks anew: all but that about a ClientHello.
func (l *life) dropForContext() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.drop(func(q *question) bool { return q.about != aboutClientHello })
}

// atOnce is for a call whose question has been answered meanwhile.
var atOnce = func() chan struct{} {
	closed := make(chan struct{})
	close(closed)
	return closed
}()

// over is closed once the call that was stopped by a question is worth repeating.
func (l *life) over() <-chan struct{} {
	if q := l.stopped.Load(); q != nil {
		return q.over
	}
	return atOnce
}

// asking tells whether the last call of C has stopped at a question.
func (l *life) asking() bool { return l.stopped.Load() != nil }

// answered waits until a call of C that has stopped at a question is worth repeating, or for what ends that before: the end of
// ctx, the deadline of a direction, Close.
func (c *Conn) answered(ctx context.Context, by direction) error {
	return c.deadlines.wait(ctx, by, c.record.life.over(), func() bool { return false }, c.ref.closed)
}

// wait asks a callback that looks for its answer while no thread waits, and has the answer given in the thread that asks.
func wait(about subject, callback, owner C.uintptr_t, facts string, e **C.tlsock_error,
	prepare func() finder, give func(answer any) error) C.int {
	own := cgo.Handle(owner).Value().(*record)
	q := own.ask(about, callback, facts, prepare)
	switch {
	case q == nil:
		return C.TLSOCK_WANT_CALLBACK
	case q.err != nil:
		return own.told(q.err, e)
	}
	return own.told(give(q.answer), e)
}

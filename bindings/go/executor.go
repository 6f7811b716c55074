//go:build cgo

package tlsock

import (
	"context"
	"errors"
	"runtime/debug"
)

// executor is a call of C that waits for a callback. The callback runs in a goroutine of its own: if it ends that goroutine
// (runtime.Goexit, which t.FailNow calls) or panics, the frames of C, and the locks they hold, are not affected. Its calls
// on the connection run here, on the only thread that the library lets in meanwhile.
type executor struct {
	work chan func()
	over chan struct{}
}

var errGoexit = errors.New("the callback ended its goroutine (runtime.Goexit)")

func newExecutor() *executor { return &executor{make(chan func()), make(chan struct{})} }

// run lets the call of C run f; false if that call is over.
func (e *executor) run(f func()) bool {
	done := make(chan struct{})
	select {
	case e.work <- func() { defer close(done); f() }:
		<-done
		return true
	case <-e.over:
		return false
	}
}

// call runs a callback to its end or to that of ctx, and meanwhile the calls that it makes. A panic becomes an error.
func (e *executor) call(ctx context.Context, callback func() error) error {
	ended := make(chan error, 1)
	go guard(callback, func(err error) { ended <- err })
	for {
		select {
		case work := <-e.work:
			work()
		case err := <-ended:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// guard runs a callback, and tells how it has ended.
func guard(callback func() error, ended func(error)) {
	err := errGoexit
	defer func() {
		if value := recover(); value != nil {
			err = &PanicError{value, debug.Stack()}
		}
		ended(err)
	}()
	err = callback()
}

// serve runs requested calls until done is closed.
func (e *executor) serve(done <-chan struct{}) {
	defer close(e.over)
	for {
		select {
		case work := <-e.work:
			work()
		case <-done:
			return
		}
	}
}

// isolated runs a callback that belongs to no connection.
func isolated(callback func() error) error { return newExecutor().call(context.Background(), callback) }

//go:build cgo

package tlsock

import (
	"errors"
	"runtime/debug"
)

// executor is a call of C that waits for a callback. The callback runs in a goroutine of its own, so that one that ends it
// (runtime.Goexit, which t.FailNow calls) or panics does not take the frames of C with it, and what they hold. What it asks
// of the connection runs here, on the one thread that the library lets in meanwhile.
type executor struct {
	work chan func()
	over chan struct{}
}

var errGoexit = errors.New("the callback ended its goroutine (runtime.Goexit)")

func newExecutor() *executor { return &executor{make(chan func()), make(chan struct{})} }

// run has f run by the call of C; false when that is over.
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

// call runs a callback to its end, and what it asks meanwhile. A panic becomes an error.
func (e *executor) call(callback func() error) error {
	ended := make(chan error, 1)
	go func() {
		err := errGoexit
		defer func() {
			if value := recover(); value != nil {
				err = &PanicError{value, debug.Stack()}
			}
			ended <- err
		}()
		err = callback()
	}()
	for {
		select {
		case work := <-e.work:
			work()
		case err := <-ended:
			return err
		}
	}
}

// serve runs what is still asked until all of it is done.
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

// isolated runs a callback that is about no connection.
func isolated(callback func() error) error { return newExecutor().call(callback) }

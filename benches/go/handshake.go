package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
)

// serve answers one handshake with a byte.
func serve(made library, raw net.Conn) {
	c := made.server(raw)
	check(c.Handshake())
	_, err := c.Write([]byte("x"))
	check(err)
	end(c, raw)
}

// end closes a connection, whose peer may be gone.
func end(c conn, raw net.Conn) {
	if *abrupt == 1 {
		_ = raw.Close()
		return
	}
	_ = c.Close()
}

// dial does the handshake and reads the byte after which a session can be resumed.
func dial(made library, raw net.Conn) {
	c := made.client(raw)
	check(c.Handshake())
	var b [1]byte
	_, err := io.ReadFull(c, b[:])
	check(err)
	count(made.done(c))
	end(c, raw)
}

// How many handshakes there were, and how many of them resumed a session.
var shaken, resumed atomic.Int64

func count(did bool) {
	shaken.Add(1)
	if did {
		resumed.Add(1)
	}
}

func checkResumed() {
	// The first has nothing to resume.
	all, did := shaken.Load(), resumed.Load()
	if *resume == 1 && did != all-1 || *resume == 0 && did != 0 {
		check(fmt.Errorf("%d of %d resumed", did, all))
	}
}

// handshakes goes over socket pairs, one connection after the other or several at once.
func handshakes(made library) {
	if *resume == 1 && *atOnce > 1 {
		check(errors.New("sessions are resumed one after the other"))
	}
	const batch = 16
	repeat("hs/s", batch, func() {
		var near, far [batch]net.Conn
		for i := range near {
			near[i], far[i] = pair()
		}
		var group sync.WaitGroup
		group.Add(2 * *atOnce)
		each := func(ends [batch]net.Conn, first int, shake func(library, net.Conn)) {
			defer group.Done()
			for i := first; i < batch; i += *atOnce {
				shake(made, ends[i])
			}
		}
		for first := 0; first < *atOnce; first++ {
			go each(far, first, serve)
			go each(near, first, dial)
		}
		group.Wait()
	})
	checkResumed()
}

// memoryHandshakes makes no system calls.
func memoryHandshakes(made library) {
	runtime.GOMAXPROCS(*procs)
	repeat("hs/s", 1, func() {
		near, far := memoryPair()
		done := make(chan struct{})
		go func() {
			serve(made, far)
			close(done)
		}()
		dial(made, near)
		<-done
	})
	checkResumed()
}

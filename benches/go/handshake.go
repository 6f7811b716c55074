package main

import (
	"fmt"
	"io"
	"net"
	"runtime"
)

// serve answers one handshake with a byte.
func serve(made library, raw net.Conn) {
	c := made.server(raw)
	check(c.Handshake())
	_, err := c.Write([]byte("x"))
	check(err)
	// The client may be gone.
	_ = c.Close()
}

// dial shakes hands and reads the byte, after which a session can be resumed.
func dial(made library, raw net.Conn) {
	c := made.client(raw)
	check(c.Handshake())
	var b [1]byte
	_, err := io.ReadFull(c, b[:])
	check(err)
	shaken++
	if made.done(c) {
		resumed++
	}
	// The server may be gone.
	_ = c.Close()
}

// How many handshakes there were, and how many of them resumed a session.
var shaken, resumed int

func checkResumed() {
	// The first has nothing to resume.
	if *resume == 1 && resumed != shaken-1 || *resume == 0 && resumed != 0 {
		check(fmt.Errorf("%d of %d resumed", resumed, shaken))
	}
}

// handshakes goes over socket pairs, one connection after the other.
func handshakes(made library) {
	const batch = 16
	repeat("hs/s", batch, func() {
		var near, far [batch]net.Conn
		for i := range near {
			near[i], far[i] = pair()
		}
		done := make(chan struct{})
		go func() {
			for _, raw := range far {
				serve(made, raw)
			}
			close(done)
		}()
		for _, raw := range near {
			dial(made, raw)
		}
		<-done
	})
	checkResumed()
}

// memoryHandshakes makes no system calls, on one processor.
func memoryHandshakes(made library) {
	runtime.GOMAXPROCS(1)
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

package tlsock_test

import (
	"runtime"
	"testing"
	"time"

	"tlsock"
)

// Handshakes that stay in C for ever, and hold all slots, stop no others: the limit saves threads, and guards nothing.
func TestHandshakesGoOnWithoutASlot(t *testing.T) {
	giveBack := tlsock.TakeSlots()
	defer giveBack()
	within(t, "a handshake", func() {
		client, server := pair(t, clientContext(t), serverContext(t, "ecdsa"))
		go echo(server)
		exchange(t, client, "hello")
	})
	equal(t, "slots that were not there", tlsock.FreeSlots(), 0)
	giveBack()
	equal(t, "slots", tlsock.FreeSlots(), runtime.GOMAXPROCS(0))
}

// Where slots come back, though others get them, a handshake waits for its turn: without that as many threads compute as there are clients.
func TestHandshakesWaitForSlotsThatComeBack(t *testing.T) {
	const wait = 20 * time.Millisecond
	defer tlsock.SetSlotWait(wait)()
	giveBack := tlsock.TakeSlots()
	defer giveBack()
	stuck, done := make(chan struct{}), make(chan struct{})
	go func() {
		for {
			select {
			case <-stuck:
				return
			case <-time.After(wait / 10):
				tlsock.CountSlotBack()
			}
		}
	}()
	go func() {
		defer close(done)
		pair(t, clientContext(t), serverContext(t, "ecdsa"))
	}()
	select {
	case <-done:
		t.Error("it went on without a slot")
	case <-time.After(20 * wait):
	}
	close(stuck)
	within(t, "a handshake", func() { <-done })
}

// A call of C that has given its slot back for a callback goes on without one, where others have them by then.
func TestACallbackThatEndsWithoutASlot(t *testing.T) {
	serving := serverContext(t, "ecdsa")
	before := tlsock.FreeSlots()
	var giveBack func()
	must(t, serving.SetSNICallback(func(*tlsock.Object, string) error {
		if giveBack == nil {
			giveBack = tlsock.TakeSlots()
		}
		return nil
	}))
	within(t, "a handshake", func() { pair(t, clientContext(t), serving) })
	equal(t, "slots that were not there", tlsock.FreeSlots(), 0)
	giveBack()
	equal(t, "slots", tlsock.FreeSlots(), before)
	// And as ever: it takes its slot again.
	within(t, "a handshake", func() { pair(t, clientContext(t), serving) })
	equal(t, "slots", tlsock.FreeSlots(), before)
}

package tlsock_test

import (
	"errors"
	"io"
	"net"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"

	"tlsock"
)

// Ten thousand connections, closed in every state: before, during and after the handshake, by either side.
func TestNothingLeaks(t *testing.T) {
	rounds := 10
	if testing.Short() {
		rounds = 1
	}
	trusting, serving := clientContext(t), serverContext(t, "ecdsa")
	one := func(i int) {
		near, far := loopback(t)
		limit(t, near, far)
		client, server := tlsock.Client(near, trusting, "localhost"), tlsock.Server(far, serving)
		defer client.Close()
		defer server.Close()
		switch i % 5 {
		case 0: // before the handshake
		case 1: // the server never answers
			go func() {
				io.ReadFull(far, make([]byte, 100))
				client.Close()
			}()
			if client.Handshake() == nil {
				t.Error("a handshake with nobody went well")
			}
		case 2: // cut while both are at it
			go client.Handshake()
			go server.Handshake()
		case 3:
			go echo(server)
			exchange(t, client, "hello")
		case 4: // closed while reading
			go echo(server)
			exchange(t, client, "hello")
			go client.Read(make([]byte, 1))
		}
	}
	for ; rounds > 0; rounds-- {
		held, goroutines, open := settled(), runtime.NumGoroutine(), descriptors(t)
		// The garbage collector would free what Close forgets.
		percent := debug.SetGCPercent(-1)
		inParallel(1000, one)
		settle(t, "goroutines", goroutines, runtime.NumGoroutine)
		settle(t, "descriptors", open, func() int { return descriptors(t) })
		settle(t, "handles", held, tlsock.HandleCount)
		debug.SetGCPercent(percent)
	}
}

func inParallel(count int, f func(int)) {
	const workers = 8
	var group sync.WaitGroup
	for worker := 0; worker < workers; worker++ {
		group.Add(1)
		go func(worker int) {
			defer group.Done()
			for i := worker; i < count; i += workers {
				f(i)
			}
		}(worker)
	}
	group.Wait()
}

// The garbage collector frees what the user does not close.
func TestFinalizers(t *testing.T) {
	trusting, serving := clientContext(t), serverContext(t, "ecdsa")
	held, open := settled(), descriptors(t)
	forget := func() {
		near, far := loopback(t)
		client, server := tlsock.Client(near, trusting, "localhost"), tlsock.Server(far, serving)
		go echo(server)
		exchange(t, client, "hello")
		session, err := client.Session()
		must(t, err)
		equal(t, "resumable", session.HasTicket(), true)
		// Nothing closes them; the echo's side ends when the client's is collected.
		other, _ := net.Pipe()
		tlsock.Client(other, trusting, "localhost")
		_, err = tlsock.NewContext(tlsock.ProtocolTLSClient)
		must(t, err)
		incoming, err := tlsock.NewMemoryBIO()
		must(t, err)
		outgoing, err := tlsock.NewMemoryBIO()
		must(t, err)
		object, err := trusting.WrapBIO(incoming, outgoing, tlsock.WrapOptions{ServerHostname: "localhost"})
		must(t, err)
		if err := object.DoHandshake(); !errors.Is(err, tlsock.ErrWantRead) {
			t.Fatal(err)
		}
	}
	const rounds = 200
	percent := debug.SetGCPercent(-1)
	for i := 0; i < rounds; i++ {
		forget()
	}
	if made := tlsock.HandleCount() - held; made < rounds {
		t.Errorf("only %d handles were made", made)
	}
	debug.SetGCPercent(percent)
	settle(t, "handles", held, handles)
	settle(t, "descriptors", open, func() int { return descriptors(t) })
}

// A thousand connections that wait cost goroutines, not threads.
func TestThreads(t *testing.T) {
	trusting, serving := clientContext(t), serverContext(t, "ecdsa")
	dialer := &tlsock.Dialer{Context: trusting, ServerName: "localhost"}
	address := echoing(t, serving)
	var ready, done sync.WaitGroup
	finish := make(chan struct{})
	for i := 0; i < 1000; i++ {
		ready.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			conn, err := dialer.Dial("tcp", address)
			if err != nil {
				t.Error(err)
				ready.Done()
				return
			}
			defer conn.Close()
			func() {
				defer ready.Done()
				exchange(t, conn, "hello")
			}()
			<-finish
		}()
	}
	ready.Wait()
	noThreads(t)
	close(finish)
	done.Wait()
}

// A callback that C waits for occupies a thread: what looks for such must be able to find it.
func TestACallbackThatCWaitsForHoldsAThread(t *testing.T) {
	serving := serverContext(t, "ecdsa")
	inside := -1
	must(t, serving.SetSNICallback(func(*tlsock.Object, string) error { inside = len(holders()); return nil }))
	pair(t, clientContext(t), serving)
	equal(t, "found", inside > 0, true)
}

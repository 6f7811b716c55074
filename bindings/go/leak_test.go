package tlsock_test

import (
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"tlsock"
)

func descriptors(t testing.TB) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("SKIPPED: there is no /proc to count descriptors in")
	}
	return len(entries)
}

// handles counts the handles that the library holds for us, after a garbage collection.
func handles() int {
	runtime.GC()
	return tlsock.HandleCount()
}

// settled waits until leftovers of earlier tests were freed.
func settled() int {
	count := handles()
	for same := 0; same < 5; runtime.Gosched() {
		now := handles()
		if same++; now != count {
			count, same = now, 0
		}
	}
	return count
}

// settle waits until a count is back at its earlier value.
func settle(t testing.TB, what string, before int, count func() int) {
	t.Helper()
	var after int
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		if after = count(); after <= before {
			return
		}
	}
	t.Errorf("%s: %d before, %d after", what, before, after)
}

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
	for i := 0; i < 200; i++ {
		forget()
	}
	if made := tlsock.HandleCount() - held; made < 100 {
		t.Errorf("only %d handles were made", made)
	}
	settle(t, "handles", held, handles)
	settle(t, "descriptors", open, func() int { return descriptors(t) })
}

func threads(t testing.TB) int {
	entries, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Skip("SKIPPED: there is no /proc to count threads in")
	}
	return len(entries)
}

// A thousand connections that wait cost goroutines, not threads.
func TestThreads(t *testing.T) {
	trusting, serving := clientContext(t), serverContext(t, "ecdsa")
	listener, err := tlsock.Listen("tcp", "127.0.0.1:0", serving)
	must(t, err)
	defer listener.Close()
	const count = 1000
	before := threads(t)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go echo(conn)
		}
	}()
	dialer := &tlsock.Dialer{Context: trusting, ServerName: "localhost"}
	var ready, done sync.WaitGroup
	finish := make(chan struct{})
	for i := 0; i < count; i++ {
		ready.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			// No name look-up, for which Go's net may use threads.
			conn, err := dialer.Dial("tcp", listener.Addr().String())
			if err != nil {
				t.Error(err)
				ready.Done()
				return
			}
			defer conn.Close()
			exchange(t, conn, "hello")
			ready.Done()
			<-finish
		}()
	}
	ready.Wait()
	if more, limit := threads(t)-before, runtime.GOMAXPROCS(0)+10; more > limit {
		t.Errorf("%d more threads for %d connections, more than %d", more, count, limit)
	}
	close(finish)
	done.Wait()
}

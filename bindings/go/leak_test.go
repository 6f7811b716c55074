package tlsock_test

import (
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
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

// resident is what the process holds, in KiB.
func resident(t testing.TB) int {
	status, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("SKIPPED: there is no /proc to measure memory with")
	}
	pages := 0
	for _, digit := range strings.Fields(string(status))[1] {
		pages = pages*10 + int(digit-'0')
	}
	return pages * os.Getpagesize() / 1024
}

// settle waits until a count has come down to what it was.
func settle(t testing.TB, what string, before int, count func() int) {
	t.Helper()
	var after int
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		if after = count(); after <= before {
			return
		}
	}
	t.Errorf("%s: %d before, %d after", what, before, after)
}

// Thousands of connections, closed in every state: before, within and after the handshake, by either end.
func TestNothingLeaks(t *testing.T) {
	count := 4000
	if testing.Short() {
		count = 400
	}
	trusting, serving := clientContext(t), serverContext(t, "ecdsa")
	goroutines, open := runtime.NumGoroutine(), descriptors(t)
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
	round := func() {
		var group sync.WaitGroup
		for worker := 0; worker < 8; worker++ {
			group.Add(1)
			go func(worker int) {
				defer group.Done()
				for i := worker; i < count; i += 8 {
					one(i)
				}
			}(worker)
		}
		group.Wait()
		settle(t, "goroutines", goroutines, runtime.NumGoroutine)
		settle(t, "descriptors", open, func() int { return descriptors(t) })
		runtime.GC()
	}
	round()
	before := resident(t)
	round()
	// A leaked connection is 50 KiB at least; of fewer than these the noise is as much.
	if grown := resident(t) - before; grown > count*50/8 && !testing.Short() {
		t.Errorf("memory grew by %d KiB", grown)
	}
}

// What the user forgets, the collector frees: memory does not grow with what was made.
func TestFinalizers(t *testing.T) {
	trusting := clientContext(t)
	forget := func() {
		for i := 0; i < 2000; i++ {
			near, far := net.Pipe()
			tlsock.Client(near, trusting, "localhost")
			_ = far
			if _, err := tlsock.NewContext(tlsock.ProtocolTLSClient); err != nil {
				t.Fatal(err)
			}
			incoming, _ := tlsock.NewMemoryBIO()
			outgoing, _ := tlsock.NewMemoryBIO()
			object, err := trusting.WrapBIO(incoming, outgoing, tlsock.WrapOptions{ServerHostname: "localhost"})
			must(t, err)
			if err := object.DoHandshake(); !errors.Is(err, tlsock.ErrWantRead) {
				t.Fatal(err)
			}
			if i%100 == 0 {
				runtime.GC()
			}
		}
		runtime.GC()
	}
	forget()
	before := resident(t)
	forget()
	forget()
	if grown := resident(t) - before; grown > 40*1024 {
		t.Errorf("memory grew by %d KiB for 4000 forgotten connections", grown)
	}
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
			// No look-up of names, for which Go's net may use threads.
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

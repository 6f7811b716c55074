package tlsock_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tlsock"
)

// gate is a net.Conn whose writes wait while it is shut, and fail on demand.
type gate struct {
	net.Conn
	shut   sync.Mutex
	writes atomic.Int32
	fail   atomic.Pointer[error]
	open   func()
}

func (g *gate) Write(b []byte) (int, error) {
	g.shut.Lock()
	defer g.shut.Unlock()
	g.writes.Add(1)
	if err := g.fail.Load(); err != nil {
		return 0, *err
	}
	return g.Conn.Write(b)
}

// gated gives both ends of a connection; what the client writes goes through the gate.
func gated(t *testing.T) (*gate, *tlsock.Conn, *tlsock.Conn) {
	near, far := loopback(t)
	g := &gate{Conn: near}
	client, server := tlsock.Client(g, clientContext(t), "localhost"), tlsock.Server(far, serverContext(t, "ecdsa"))
	t.Cleanup(func() { client.Close(); server.Close() })
	limit(t, client, server)
	clientErr, serverErr := shakeHands(client, server)
	must(t, clientErr)
	must(t, serverErr)
	return g, client, server
}

type written struct {
	n   int
	err error
}

// queue starts writers that wait behind one whose write waits at the gate. Each writes size times the same byte.
func queue(t *testing.T, g *gate, client *tlsock.Conn, writers, size int) <-chan written {
	t.Helper()
	results := make(chan written, writers+1)
	write := func(data []byte) {
		n, err := client.Write(data)
		results <- written{n, err}
	}
	before := g.writes.Load()
	g.shut.Lock()
	var once sync.Once
	g.open = func() { once.Do(g.shut.Unlock) }
	t.Cleanup(g.open)
	go write([]byte{'-'})
	// It must have the lock before the others start.
	eventually(t, "the first writes", client.Writing)
	for i := 0; i < writers; i++ {
		go write(bytes.Repeat([]byte{'a' + byte(i)}, size))
	}
	eventually(t, "all others are in the line", func() bool { return client.InLine() == writers })
	equal(t, "writes at the gate", g.writes.Load(), before)
	return results
}

// wanted reads what the writers wrote: in any order, but each write whole.
func wanted(t *testing.T, server *tlsock.Conn, writers, size int) {
	t.Helper()
	got := make([]byte, 1+writers*size)
	_, err := io.ReadFull(server, got)
	must(t, err)
	equal(t, "first", got[0], byte('-'))
	var kinds []byte
	for rest := got[1:]; len(rest) > 0; rest = rest[size:] {
		if !bytes.Equal(rest[:size], bytes.Repeat(rest[:1], size)) {
			t.Fatal("two writes are mixed")
		}
		kinds = append(kinds, rest[0])
	}
	sort.Slice(kinds, func(i, j int) bool { return kinds[i] < kinds[j] })
	equal(t, "kinds", string(kinds), "abcdefghijklmnop"[:writers])
}

// Small writes that wait are sent together in a batch; writes that fill a record do not wait for each other.
func TestWritesThatWaitAreJoined(t *testing.T) {
	for size, writes := range map[int]int32{1: 2, 1000: 2, 2100: 2, 16000: 4, 16384: 13, 20000: 13} {
		g, client, server := gated(t)
		g.writes.Store(0)
		results := queue(t, g, client, 12, size)
		g.open()
		wanted(t, server, 12, size)
		for i := 0; i < 13; i++ {
			result := <-results
			must(t, result.err)
			if result.n != size && result.n != 1 {
				t.Errorf("wrote %d of %d", result.n, size)
			}
		}
		equal(t, "writes of the network", g.writes.Load(), writes)
	}
}

// Writers that share a processor never meet: once some of them had to wait, their writes are joined nevertheless. A writer
// that is left alone continues alone.
func TestWritersWhoTakeTurnsAreJoined(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const writers, rounds, size = 8, 100, 500
	g, client, server := gated(t)
	client.BePatient()
	queue(t, g, client, writers, size)
	g.open()
	wanted(t, server, writers, size)
	go io.Copy(io.Discard, server)
	g.writes.Store(0)
	write := func(group *sync.WaitGroup) {
		defer group.Done()
		data := make([]byte, size)
		for i := 0; i < rounds; i++ {
			if n, err := client.Write(data); n != size || err != nil {
				t.Error(n, err)
			}
		}
	}
	var group sync.WaitGroup
	group.Add(writers)
	for i := 0; i < writers; i++ {
		go write(&group)
	}
	group.Wait()
	if writes := g.writes.Load(); writes > writers*rounds/2 {
		t.Errorf("%d writes of the network for %d", writes, writers*rounds)
	}
	g.writes.Store(0)
	group.Add(1)
	write(&group)
	equal(t, "alone", g.writes.Load(), int32(rounds))
}

// While another goroutine computes, yielding the processor costs a writer a whole time slice: then writers stop yielding.
func TestWritersDoNotWaitForWhoComputes(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	g, client, server := gated(t)
	queue(t, g, client, 4, 500)
	g.open()
	wanted(t, server, 4, 500)
	go io.Copy(io.Discard, server)
	var stop atomic.Bool
	var group sync.WaitGroup
	for i := 0; i < 4; i++ {
		group.Add(1)
		go func(computes bool) {
			defer group.Done()
			for data := make([]byte, 500); !stop.Load(); {
				if computes {
					continue
				}
				if _, err := client.Write(data); err != nil {
					t.Error(err)
					return
				}
			}
		}(i == 0)
	}
	for late := time.Now().Add(testLimit); !client.InHurry() && !t.Failed(); runtime.Gosched() {
		if time.Now().After(late) {
			t.Error("they let it go first for ever")
		}
	}
	stop.Store(true)
	group.Wait()
}

// A deadline that stops a joined write stops all writers in it, and the rest of the record is sent with the next write.
func TestJoinedWriteTimesOut(t *testing.T) {
	g, client, server := gated(t)
	results := queue(t, g, client, 5, 100)
	late := error(os.ErrDeadlineExceeded)
	g.fail.Store(&late)
	g.open()
	total := 0
	for i := 0; i < 6; i++ {
		result := <-results
		if !errors.Is(result.err, os.ErrDeadlineExceeded) {
			t.Errorf("%d written: %v", result.n, result.err)
		}
		total += result.n
	}
	g.fail.Store(nil)
	_, err := client.Write(bytes.Repeat([]byte{'!'}, 1000))
	must(t, err)
	got := make([]byte, total+1000)
	_, err = io.ReadFull(server, got)
	must(t, err)
	equal(t, "the last", bytes.Count(got, []byte{'!'}), 1000)
	equal(t, "it is last", bytes.IndexByte(got, '!'), total)
}

// An error of the net.Conn, or its end, is reported to all waiting writers.
func TestJoinedWriteFails(t *testing.T) {
	for name, stop := range map[string]func(*gate, *tlsock.Conn){
		"error": func(g *gate, _ *tlsock.Conn) { g.fail.Store(&errOurs) },
		"close": func(_ *gate, client *tlsock.Conn) { client.Close() },
	} {
		stop := stop
		t.Run(name, func(t *testing.T) {
			g, client, _ := gated(t)
			results := queue(t, g, client, 8, 100)
			stop(g, client)
			g.open()
			for i := 0; i < 9; i++ {
				result := <-results
				if result.err == nil || name == "error" && !errors.Is(result.err, errOurs) {
					t.Errorf("%d written: %v", result.n, result.err)
				}
			}
		})
	}
}

func TestWriteBuffers(t *testing.T) {
	g, client, server := gated(t)
	g.writes.Store(0)
	var pieces [][]byte
	var all []byte
	for i, size := range []int{1, 0, 1000, 3000, 5, 100000, 16384, 16384, 40000, 7} {
		pieces = append(pieces, bytes.Repeat([]byte{byte(i)}, size))
		all = append(all, pieces[i]...)
	}
	go func() {
		n, err := client.WriteBuffers(pieces)
		equal(t, "written", n, int64(len(all)))
		if err != nil {
			t.Error(err)
		}
		n, err = client.WriteBuffers(nil)
		equal(t, "nothing", n, int64(0))
		if err != nil {
			t.Error(err)
		}
		client.CloseWrite()
	}()
	got, err := io.ReadAll(server)
	must(t, err)
	equal(t, "all of it", bytes.Equal(got, all), true)
	// 4 KiB; 100,000 bytes; 32 KiB; 40 KiB; close_notify.
	if writes := g.writes.Load(); writes > 5 {
		t.Errorf("%d writes", writes)
	}
}

// A long write makes few writes to the network, and loses nothing.
func TestLongWrite(t *testing.T) {
	g, client, server := gated(t)
	g.writes.Store(0)
	sent := make([]byte, 1<<20+5000)
	for i := range sent {
		sent[i] = byte(i / 1000)
	}
	go func() {
		n, err := client.Write(sent)
		equal(t, "written", n, len(sent))
		if err != nil {
			t.Error(err)
		}
	}()
	got := make([]byte, len(sent))
	_, err := io.ReadFull(server, got)
	must(t, err)
	equal(t, "the same", bytes.Equal(got, sent), true)
	equal(t, "writes of the network", g.writes.Load(), int32(5))
}

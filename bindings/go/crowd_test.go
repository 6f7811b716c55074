package tlsock_test

import (
	"errors"
	"io"
	"math/rand"
	"net"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tlsock"
)

// Connections with readers, writers and handshakes on both sides, and deadlines and closes at random moments: every goroutine that
// waits is woken. TLSOCK_TEST_CROWD is how many there are; where it is set, on a machine that has nothing else to do, a Close may
// take no more than a second to end, and to wake who waits.
func TestCrowd(t *testing.T) {
	count, given := 200, os.Getenv("TLSOCK_TEST_CROWD")
	if given != "" {
		var err error
		count, err = strconv.Atoi(given)
		must(t, err)
	}
	seed := time.Now().UnixNano()
	if given, err := strconv.ParseInt(os.Getenv("TLSOCK_TEST_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("TLSOCK_TEST_SEED=%d", seed)
	c := &crowd{trusting: clientContext(t), serving: serverContext(t, "ecdsa"), begin: time.Now()}
	var group sync.WaitGroup
	for i := 0; i < count; i++ {
		group.Add(1)
		go func(random *rand.Rand, near, far net.Conn) {
			defer group.Done()
			c.member(t, random, near, far)
		}(pipeOrLoopback(t, rand.New(rand.NewSource(seed+int64(i)))))
	}
	ended := make(chan bool)
	go func() { group.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(10 * time.Minute):
		t.Fatalf("somebody waits for ever\n%s", stacks())
	}
	slowest := time.Duration(c.slowest.Load())
	t.Logf("%d connections, %d closes that somebody waited for, the slowest %v", count, c.woken.Load(), slowest)
	equal(t, "somebody was woken", c.woken.Load() > 0, true)
	if given != "" && slowest > time.Second {
		t.Errorf("a Close has woken who waited after %v", slowest)
	}
}

func pipeOrLoopback(t *testing.T, random *rand.Rand) (*rand.Rand, net.Conn, net.Conn) {
	if random.Intn(2) == 0 {
		near, far := net.Pipe()
		return random, near, far
	}
	near, far := loopback(t)
	return random, near, far
}

type crowd struct {
	trusting, serving *tlsock.Context
	begin             time.Time
	woken             atomic.Int64
	slowest           atomic.Int64 // in nanoseconds from a Close to the end of what it has woken
}

// side is one side of a connection of the crowd.
type side struct {
	*tlsock.Conn
	closed atomic.Int64 // when its Close began, in nanoseconds since the crowd's begin
}

func (c *crowd) member(t *testing.T, random *rand.Rand, near, far net.Conn) {
	sides := []*side{{Conn: tlsock.Client(near, c.trusting, "localhost")}, {Conn: tlsock.Server(far, c.serving)}}
	var group sync.WaitGroup
	for _, end := range sides {
		end := end
		much, piece := make([]byte, 1+random.Intn(70000)), make([]byte, 1+random.Intn(5000))
		for _, work := range []func() error{
			func() error { _, err := end.Read(make([]byte, len(piece))); return err },
			func() error { _, err := end.Write(much); return err },
			func() error { _, err := end.Write(piece[:1+len(piece)/100]); return err },
			func() error { _, err := end.ReadFrom(io.LimitReader(zeros{}, 40000)); return err },
			func() error {
				_ = end.ConnectionState()
				if err := end.Handshake(); err != nil {
					return err
				}
				return io.EOF // this one has done its work
			},
		} {
			work := work
			group.Add(1)
			go func() {
				defer group.Done()
				c.waiter(t, end, work)
			}()
		}
	}
	for step := random.Intn(7); step > 0; step-- {
		end := sides[random.Intn(2)]
		set := []func(time.Time) error{end.SetDeadline, end.SetReadDeadline, end.SetWriteDeadline}[random.Intn(3)]
		_ = set(time.Now().Add(time.Duration(random.Intn(13)) * time.Millisecond))
		for i := random.Intn(11); i > 0; i-- {
			runtime.Gosched()
		}
		_ = set(time.Time{})
	}
	first := random.Intn(2)
	for _, end := range []*side{sides[first], sides[1-first]} {
		end.closed.Store(int64(time.Since(c.begin)))
		_ = end.Close()
		c.note(end)
	}
	group.Wait()
}

// waiter works until the connection ends, through deadlines. A side always has a reader: a Close has 5 s for a peer that has none.
func (c *crowd) waiter(t *testing.T, end *side, work func() error) {
	for {
		err := work()
		if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		if errors.Is(err, tlsock.ErrValue) {
			t.Errorf("misuse: %v", err)
		}
		if errors.Is(err, net.ErrClosed) && end.closed.Load() > 0 {
			c.note(end)
			c.woken.Add(1)
		}
		return
	}
}

// note keeps how long it is since a side's Close has begun, if that is longer than all others.
func (c *crowd) note(end *side) {
	took := int64(time.Since(c.begin)) - end.closed.Load()
	for slowest := c.slowest.Load(); took > slowest && !c.slowest.CompareAndSwap(slowest, took); {
		slowest = c.slowest.Load()
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

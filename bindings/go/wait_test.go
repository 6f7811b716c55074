package tlsock_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"tlsock"
)

// testLimit only ends what hangs: nothing that goes well takes that long, on whatever machine.
const testLimit = 2 * time.Minute

// within fails the test if f takes so long that it must be hanging.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	ended := make(chan struct{})
	go func() { defer close(ended); f() }()
	select {
	case <-ended:
	case <-time.After(testLimit):
		t.Fatalf("%s hangs", what)
	}
}

// eventually waits until something is so, and fails if it never is. Nothing is signalled that could be waited for.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for late := time.Now().Add(testLimit); !is(); runtime.Gosched() {
		if time.Now().After(late) {
			t.Fatalf("never: %s", what)
		}
	}
}

func descriptors(t testing.TB) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("SKIPPED: there is no /proc to count descriptors in")
	}
	return len(entries)
}

// collect runs the garbage collector, and the finalizers of what it finds but for a few: those that it queued behind the last.
func collect() {
	done := make(chan struct{})
	func() {
		last := new([64]byte)
		runtime.SetFinalizer(last, func(*[64]byte) { close(done) })
	}()
	for {
		runtime.GC()
		select {
		case <-done:
			return
		case <-time.After(time.Millisecond):
		}
	}
}

// handles counts the handles that the library holds for us, after a garbage collection.
func handles() int {
	collect()
	return tlsock.HandleCount()
}

// settled waits until leftovers of earlier tests were freed.
func settled() int {
	count, goroutines := handles(), runtime.NumGoroutine()
	for same := 0; same < 5; runtime.Gosched() {
		nowCount, nowGoroutines := handles(), runtime.NumGoroutine()
		if same++; nowCount != count || nowGoroutines != goroutines {
			count, goroutines, same = nowCount, nowGoroutines, 0
		}
	}
	return count
}

// settle waits until a count is back at its earlier value.
func settle(t testing.TB, what string, before int, count func() int) {
	t.Helper()
	after := count()
	for late := time.Now().Add(testLimit); after > before; after = count() {
		if time.Now().After(late) {
			t.Errorf("%s: %d before, %d after", what, before, after)
			return
		}
		runtime.Gosched()
	}
}

// holders gives the stacks of the goroutines that occupy a thread: in a call of C, or bound to one.
func holders() (held []string) {
	for _, stack := range strings.Split(stacks(), "\n\n") {
		state, _, _ := strings.Cut(stack, "\n")
		if strings.Contains(stack, "._Cfunc_") || strings.Contains(state, "locked to thread") {
			held = append(held, stack)
		}
	}
	return held
}

// stacks tells where all goroutines are.
func stacks() string {
	for room := 1 << 20; ; room *= 2 {
		text := make([]byte, room)
		if n := runtime.Stack(text, true); n < room {
			return string(text[:n])
		}
	}
}

// noThreads waits until no goroutine occupies a thread, while what they are at goes on.
func noThreads(t testing.TB) {
	t.Helper()
	var held []string
	for late := time.Now().Add(testLimit); ; time.Sleep(time.Millisecond) {
		if held = holders(); len(held) == 0 {
			return
		}
		if time.Now().After(late) {
			t.Fatal(fmt.Sprint(len(held), " goroutines occupy threads, one of them:\n", held[0]))
		}
	}
}

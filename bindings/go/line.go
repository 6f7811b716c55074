//go:build cgo

package tlsock

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// line is where writers wait that found another one writing. The next to get the lock writes for the head of the line, in
// as few records and calls as possible.
//
// Many writers on few processors seldom meet, though all have something to write: one writes piece after piece, and the
// others wait for its processor. So if writes were joined of late, the head of the line first yields once, to let other
// goroutines run and join. A writer without others never waits for any, and if computing goroutines occupy the processors,
// yielding is soon given up.
type line struct {
	mutex   sync.Mutex
	waiting []*waiter // in order of arrival
	length  atomic.Int32
	recent  atomic.Int32 // writes were joined of late: how many more writes without others before writers stop yielding
	slow    atomic.Int32 // how often in a row yielding took long
	hurry   atomic.Int64 // writers do not yield before this time since the epoch
	patient bool         // yielding never counts as long; for tests, set before the first write
}

const (
	// joinedOfLate is how many writes in a row without others it takes until writers stop yielding.
	joinedOfLate = 4
	// yieldLong is how long yielding may take, and yieldTries how often in a row it may take longer before writers stop
	// yielding, for yieldPause times what it took.
	yieldLong  = 250 * time.Microsecond
	yieldTries = 2
	yieldPause = 50
)

var epoch = time.Now()

// waiter is a Write in the line.
type waiter struct {
	data []byte
	n    int
	err  error
	done atomic.Bool   // n and err are set
	wake chan struct{} // check again; may come without a reason
}

var waiters = sync.Pool{New: func() any { return &waiter{wake: make(chan struct{}, 1)} }}

func (w *waiter) look() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// concerns tells whether to write by the line: others wait, or did recently and these bytes can be joined with theirs.
func (l *line) concerns(b []byte) bool {
	return l.length.Load() > 0 || l.recent.Load() > 0 && len(b) < recordSize
}

// join tells whether the writer is first in the line.
func (l *line) join(w *waiter) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.waiting = append(l.waiting, w)
	l.length.Store(int32(len(l.waiting)))
	return len(l.waiting) == 1
}

// yield lets other goroutines run first.
func (l *line) yield() {
	start := time.Since(epoch)
	if start < time.Duration(l.hurry.Load()) {
		return
	}
	runtime.Gosched()
	end := time.Since(epoch)
	if end-start < yieldLong || l.patient {
		l.slow.Store(0)
	} else if l.slow.Add(1) >= yieldTries {
		l.slow.Store(0)
		l.hurry.Store(int64(end + yieldPause*(end-start)))
	}
}

// took records how many writes were joined.
func (l *line) took(count int) {
	if count > 1 {
		l.recent.Store(joinedOfLate)
	} else if left := l.recent.Load(); count == 1 && left > 0 {
		l.recent.Store(left - 1)
	}
}

// take adds the head of the line to a group: as much as fits in a batch. A piece that fills a record is sent alone.
func (l *line) take(group []*waiter) []*waiter {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	count, size := 0, 0
	for _, w := range l.waiting {
		alone := len(w.data) >= recordSize
		size += len(w.data)
		if count > 0 && (alone || size > batch*recordSize) {
			break
		}
		count++
		if alone {
			break
		}
	}
	group = append(group, l.waiting[:count]...)
	l.waiting = l.waiting[:copy(l.waiting, l.waiting[count:])]
	l.length.Store(int32(len(l.waiting)))
	return group
}

// next wakes the first in the line, now that the lock is free.
func (l *line) next() {
	if l.length.Load() == 0 {
		return
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if len(l.waiting) > 0 {
		l.waiting[0].look()
	}
}

// writeInLine writes for the head of the line whenever the lock is free, until its own bytes are written. The first in the
// line checks by itself, the others when they have become first: every Unlock wakes the first.
func (c *Conn) writeInLine(b []byte) (int, error) {
	w := waiters.Get().(*waiter)
	w.data = b
	if !c.out.line.join(w) {
		<-w.wake
	} else if c.out.line.recent.Load() > 0 {
		c.out.line.yield()
	}
	for !w.done.Load() {
		if c.out.TryLock() {
			c.writeForLine(w)
		}
		if w.done.Load() {
			break
		}
		<-w.wake
	}
	n, err := w.n, w.err
	w.data, w.n, w.err = nil, 0, nil
	w.done.Store(false)
	waiters.Put(w)
	return n, err
}

// writeForLine releases the lock that the caller holds. In every case, the writers whose bytes it took are notified.
func (c *Conn) writeForLine(own *waiter) {
	defer c.out.Unlock()
	var few [64]*waiter
	group := c.out.line.take(few[:0])
	c.out.line.took(len(group))
	n, err := 0, error(errAbandoned)
	defer func() {
		for _, w := range group {
			w.n, w.err = n, err
			if w.n > len(w.data) {
				w.n = len(w.data)
			}
			n -= w.n
			w.done.Store(true)
			if w != own {
				w.look()
			}
		}
	}()
	switch len(group) {
	case 0:
	case 1:
		n, err = c.writeLocked(group[0].data)
	default:
		n, err = c.writeTogether(group)
	}
}

func (c *Conn) writeTogether(group []*waiter) (int, error) {
	size := 0
	for _, w := range group {
		size += len(w.data)
	}
	buf := buffer(size)
	defer release(buf)
	joined := (*buf)[:0]
	for _, w := range group {
		joined = append(joined, w.data...)
	}
	return c.writeLocked(joined)
}

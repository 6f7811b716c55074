//go:build cgo

package tlsock

import (
	"sync"
	"sync/atomic"
)

// line is where writers wait who found another at work. Who comes to the lock next writes for the head of the line, in
// as few records and calls as that takes. Nobody ever waits for company.
type line struct {
	mutex   sync.Mutex
	waiting []*waiter // in order of arrival
	length  atomic.Int32
}

// waiter is a Write in the line.
type waiter struct {
	data []byte
	n    int
	err  error
	done atomic.Bool   // n and err are there
	wake chan struct{} // look again; may come for nothing
}

var waiters = sync.Pool{New: func() any { return &waiter{wake: make(chan struct{}, 1)} }}

func (w *waiter) look() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (l *line) join(w *waiter) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.waiting = append(l.waiting, w)
	l.length.Store(int32(len(l.waiting)))
}

// take adds the head of the line to a group: as much as fits in one record. What is larger goes alone.
func (l *line) take(group []*waiter) []*waiter {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	count, size := 0, 0
	for count < len(l.waiting) {
		size += len(l.waiting[count].data)
		if count > 0 && size > recordSize {
			break
		}
		count++
	}
	group = append(group, l.waiting[:count]...)
	l.waiting = l.waiting[:copy(l.waiting, l.waiting[count:])]
	l.length.Store(int32(len(l.waiting)))
	return group
}

// next has the first look again, now that the lock is free.
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

// writeInLine writes for the head of the line whenever the lock is free, until its own bytes are written.
func (c *Conn) writeInLine(b []byte) (int, error) {
	w := waiters.Get().(*waiter)
	w.data = b
	c.out.line.join(w)
	for {
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

// writeForLine needs the lock, and gives it back. Whatever happens, those whose bytes it took come to know.
func (c *Conn) writeForLine(own *waiter) {
	defer c.out.Unlock()
	var few [16]*waiter
	group := c.out.line.take(few[:0])
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
	buf := buffer(recordSize)
	defer release(buf)
	joined := (*buf)[:0]
	for _, w := range group {
		joined = append(joined, w.data...)
	}
	return c.writeLocked(joined)
}

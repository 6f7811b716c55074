package main

import (
	"net"
	"sync"
	"time"
)

// memoryPair is a net.Pipe or, by default, a buffered one: two goroutines on one processor switch when it is full or empty, not for each
// record.
func memoryPair() (net.Conn, net.Conn) {
	if *pipe == "net" {
		return net.Pipe()
	}
	one, other := newQueue(), newQueue()
	return memoryConn{in: one, out: other}, memoryConn{in: other, out: one}
}

const (
	most = 512 << 10
	few  = most / 2
)

type queue struct {
	sync.Mutex
	changed *sync.Cond
	data    []byte
	start   int
}

func newQueue() *queue {
	q := &queue{}
	q.changed = sync.NewCond(q)
	return q
}

type memoryConn struct {
	in, out *queue
	net.Conn
}

func (c memoryConn) Read(b []byte) (int, error) {
	q := c.in
	q.Lock()
	defer q.Unlock()
	for q.start == len(q.data) {
		q.changed.Wait()
	}
	n := copy(b, q.data[q.start:])
	q.start += n
	if q.start == len(q.data) {
		q.start, q.data = 0, q.data[:0]
	}
	if len(q.data)-q.start < few {
		q.changed.Broadcast()
	}
	return n, nil
}

func (c memoryConn) Write(b []byte) (int, error) {
	q := c.out
	q.Lock()
	defer q.Unlock()
	for len(q.data)-q.start > most {
		q.changed.Wait()
	}
	q.data = append(q.data, b...)
	q.changed.Broadcast()
	return len(b), nil
}

func (c memoryConn) Close() error { return nil }

func (c memoryConn) SetDeadline(time.Time) error      { return nil }
func (c memoryConn) SetReadDeadline(time.Time) error  { return nil }
func (c memoryConn) SetWriteDeadline(time.Time) error { return nil }

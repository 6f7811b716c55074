package tlsock

// #include <tlsock.h>
import "C"

import (
	"context"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// input is the reading half of a Conn.
type input struct {
	mutex   sync.Mutex
	turns   atomic.Int64 // how often C was given what was received
	unread  atomic.Bool  // C has decrypted more than there was room for
	awaited atomic.Int32 // how many writers wait for that, or for the lock
	told    *deadlines   // by which they wait
	buffer  *[]byte      // for ciphertext; its size follows the amounts that the network delivers
	rest    []byte       // the part of it that C has not used
	last    int          // the amount of the last read
	starved bool         // C returns nothing before more ciphertext comes
	ended   bool         // the net.Conn has ended
	err     error
	held    bool // first was read by Unwrap, for the next reader
	first   byte
	empty   int // how often in a row the net.Conn returned nothing
	// Too many answers wait for a peer that does not read: it is not to make us keep more.
	burdened bool
}

func (in *input) Lock() { in.mutex.Lock() }

func (in *input) TryLock() bool { return in.mutex.TryLock() }

func (in *input) Unlock() {
	in.mutex.Unlock()
	in.tell()
}

// tell has writers look at what has become of the reader that they wait for.
func (in *input) tell() {
	if in.awaited.Load() > 0 {
		in.told.wake()
	}
}

// mostAnswers is how many bytes of answers, such as new keys that the peer asks for, may wait in C.
const mostAnswers = 256 << 10

// maxEmpty is how often in a row a net.Conn may return nothing without an error, as in bufio.
const maxEmpty = 100

// Read reads decrypted bytes: io.EOF after the peer's close_notify, io.ErrUnexpectedEOF after an end without it.
func (c *Conn) Read(b []byte) (int, error) {
	if err := c.shaken(reading); err != nil {
		return 0, err
	}
	if len(b) == 0 {
		return 0, nil
	}
	if !c.ref.enter() {
		return 0, net.ErrClosed
	}
	defer c.ref.leave()
	n, err := c.read(b)
	return n, c.closedOr(err)
}

func (c *Conn) read(b []byte) (int, error) {
	c.in.Lock()
	defer c.in.Unlock()
	if c.in.held {
		c.in.held = false
		b[0] = c.in.first
		return 1, nil
	}
	for c.in.err == nil {
		if !c.in.starved {
			if n, err := c.decrypt(b, reading); n > 0 || err != nil {
				return n, err
			}
		}
		if c.in.err == nil && c.in.starved {
			if err := c.fill(); err != nil {
				return 0, err
			}
		}
	}
	return 0, c.in.err
}

// WriteTo copies what is read to w until the end. It makes io.Copy move a batch of records at a time.
func (c *Conn) WriteTo(w io.Writer) (total int64, err error) {
	buf := buffer(batch * recordSize)
	defer release(buf)
	for {
		n, err := c.Read(*buf)
		if n > 0 {
			written, err := w.Write((*buf)[:n])
			total += int64(written)
			if err == nil && written != n {
				err = io.ErrShortWrite
			}
			if err != nil {
				return total, err
			}
		}
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

// decrypt passes the received ciphertext to C, and returns the plaintext. A callback that may wait is waited for until the deadline
// for reading; a writer does that itself, without the lock of readers.
func (c *Conn) decrypt(b []byte, by direction) (int, error) {
	if err := c.unburdened(by); err != nil {
		return 0, err
	}
	p := c.pump(c.in.flags(), c.in.rest, nil, b, nil)
	c.in.rest = c.in.rest[p.used:]
	c.in.unread.Store(p.pending > 0)
	c.in.turns.Add(1)
	c.in.tell()
	c.in.burdened = p.waiting > mostAnswers
	// A full b, or the peer's end, may have more data after it, and a failure of a callback comes after the bytes.
	// The answer of a callback is not in the ciphertext.
	c.in.starved = p.status == C.TLSOCK_WANT_READ ||
		p.plaintext < len(b) && len(c.in.rest) == 0 && !p.closed && p.waiting == 0 && !p.failing && !c.record.life.asking()
	c.state.follow(&c.connection, p.waiting > 0)
	fatal := p.fatal()
	switch {
	case p.status == C.TLSOCK_ZERO_RETURN, p.status == C.TLSOCK_OK && p.plaintext == 0 && len(b) > 0:
		C.tlsock_error_free(p.err)
		c.in.err = io.EOF
	case p.status == C.TLSOCK_EOF, p.status == C.TLSOCK_WANT_READ && c.in.ended:
		C.tlsock_error_free(p.err)
		c.in.err = io.ErrUnexpectedEOF
	case fatal:
		c.in.err = c.fail(c.record.explain(p.failure()))
	}
	if p.waiting > 0 {
		c.answer(fatal)
	}
	if p.plaintext > 0 {
		c.keep.first(c)
		return p.plaintext, nil
	}
	if p.stopped() && by != writing {
		return 0, c.answered(context.Background(), by)
	}
	return 0, c.in.err
}

// fill waits for ciphertext from the network, once.
func (c *Conn) fill() error {
	in := &c.in
	held := in.fit()
	n, err := c.conn.Read((*in.buffer)[held:])
	if wrong := checked("read", n, len(*in.buffer)-held, nil); wrong != nil {
		return wrong
	}
	in.last = held + n
	in.rest = (*in.buffer)[:in.last]
	switch {
	case err == io.EOF:
		in.ended = true
	case n == 0 && err != nil:
		return err
	case n > 0:
		in.empty = 0
	default:
		if in.empty++; in.empty >= maxEmpty {
			return io.ErrNoProgress
		}
	}
	// Any other error comes again with the next read.
	in.starved = n == 0 && !in.ended
	return nil
}

// fit chooses a buffer: a larger one after a full one and a small one after little data, so that idle connections
// hold little memory. It keeps the rest and returns its length.
func (in *input) fit() int {
	used := in.buffer
	switch {
	case used == nil:
		in.buffer = buffer(0)
	case in.last == len(*used) && len(in.rest) == len(*used) && len(*used) >= batch*fullRecord:
		longer := make([]byte, 2*len(*used))
		in.buffer = &longer
	case in.last == len(*used) && len(*used) < batch*fullRecord:
		in.buffer = buffer(len(*used))
	case in.last < sizes[0]/4 && len(*used) > sizes[0]:
		in.buffer = buffer(0)
	}
	held := copy(*in.buffer, in.rest)
	if used != nil && used != in.buffer {
		release(used)
	}
	return held
}

// free gives the buffer back after the last read.
func (in *input) free() {
	if in.buffer != nil {
		release(in.buffer)
		in.buffer, in.rest = nil, nil
	}
}

func (in *input) flags() cFlags {
	if in.ended {
		return pumpEOF
	}
	return 0
}

// unburdened waits until answers have left. A writer sends them itself.
func (c *Conn) unburdened(by direction) error {
	if !c.in.burdened || by == writing {
		return nil
	}
	for {
		before := c.out.flushed.Load()
		// A writer that waits for this reader has the lock of writers: it sends them.
		c.in.turns.Add(1)
		c.in.tell()
		c.flushLater()
		sent := func() bool { return c.out.flushed.Load() != before }
		if err := c.deadlines.wait(context.Background(), by, nil, sent, c.ref.closed); err != nil {
			return err
		}
		err := c.out.flushed.Load().err
		if !isTimeout(err) || !c.deadlines.passed() {
			return err
		}
		// A reader does not obey the deadline for writing: it waits until that is another one.
		writable := func() bool { return !c.deadlines.passed() }
		if err := c.deadlines.wait(context.Background(), by, nil, writable, c.ref.closed); err != nil {
			return err
		}
	}
}

// answer sends what reading has produced: an alert before the error is returned, anything else in the background,
// because a reader must not wait for a peer that does not read.
func (c *Conn) answer(fatal bool) {
	if fatal && c.out.TryLock() {
		defer c.out.Unlock()
		c.boundLastWords()
		_ = c.flush()
		return
	}
	c.flushLater()
}

//go:build cgo

package tlsock

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// direction is the kind of call that must do the handshake first.
type direction int

const (
	reading direction = iota
	writing
	neither // a handshake alone: what the net.Conn below does with its deadlines is all
	either  // a handshake alone that waits for a callback, of which the net.Conn knows nothing: what comes first
)

// deadlines are those that the user of a Conn has set. The net.Conn below has them too and applies them to its reads and
// writes. The handshake of a first Write also reads, and may wait for another goroutine that does it: that is limited here.
type deadlines struct {
	mutex   sync.Mutex
	at      [neither]time.Time // by direction
	cut     bool               // for a handshake whose time is up all deadlines of the net.Conn have passed
	shaking bool               // somebody is at the handshake
	changed chan struct{}      // closed when there is something new; nil while nobody waits
	write   atomic.Int64       // the one for writing, in nanoseconds since 1970; 0 for none
	shared  net.Conn           // whose reads are a writer's, so that its deadline ends them too; nil if there is none
}

// past is a deadline that has passed.
var past = time.Unix(1, 0)

func (d *deadlines) set(t time.Time, apply func(time.Time) error, of ...direction) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	for _, one := range of {
		d.at[one] = t
		if one == writing {
			d.write.Store(nanoseconds(t))
		}
	}
	d.tell()
	if d.cut {
		return nil
	}
	err := apply(t)
	if d.shared != nil {
		_ = d.shared.SetReadDeadline(d.earlier())
	}
	return err
}

// earlier is the first of both deadlines. It needs the mutex.
func (d *deadlines) earlier() time.Time {
	read, write := d.at[reading], d.at[writing]
	if read.IsZero() || !write.IsZero() && write.Before(read) {
		return write
	}
	return read
}

// share has both deadlines end the reads of the net.Conn below; unshare restores that for reading.
func (d *deadlines) share(conn net.Conn) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.shared = conn
	_ = conn.SetReadDeadline(d.earlier())
}

func (d *deadlines) unshare() {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	_ = d.shared.SetReadDeadline(d.at[reading])
	d.shared = nil
}

func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// writeBy bounds writing, unless the user has set less, and gives when it ends. It fails if the net.Conn below has no deadlines.
func (d *deadlines) writeBy(conn net.Conn, t time.Time) (time.Time, error) {
	d.mutex.Lock()
	own := d.at[writing]
	d.mutex.Unlock()
	if !own.IsZero() && own.Before(t) {
		t = own
	}
	return t, d.set(t, conn.SetWriteDeadline, writing)
}

// tell notifies the goroutines that wait; the caller holds the mutex.
func (d *deadlines) tell() {
	if d.changed != nil {
		close(d.changed)
		d.changed = nil
	}
}

// wake makes all goroutines that wait check again.
func (d *deadlines) wake() {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.tell()
}

// left gives how long a direction has from now, negative for ever. It needs the mutex.
func (d *deadlines) left(of direction) time.Duration {
	if of == either {
		left, other := d.left(reading), d.left(writing)
		if left < 0 || other >= 0 && other < left {
			return other
		}
		return left
	}
	if of == neither || d.at[of].IsZero() {
		return -1
	}
	if left := time.Until(d.at[of]); left > 0 {
		return left
	}
	return 0
}

// look tells whether what is waited for is there, which ready knows that is called with the mutex. If not, it gives how long a
// direction has, and what is closed when something changes.
func (d *deadlines) look(of direction, ready, closed func() bool) (is bool, left time.Duration, changed <-chan struct{}) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if !closed() && ready() {
		return true, 0, nil
	}
	if d.changed == nil {
		d.changed = make(chan struct{})
	}
	return false, d.left(of), d.changed
}

// wait waits until ready says so or over is closed, or for what comes before that: the end of ctx, the deadline of a direction,
// Close.
func (d *deadlines) wait(ctx context.Context, of direction, over <-chan struct{}, ready, closed func() bool) error {
	for {
		is, left, changed := d.look(of, ready, closed)
		if is {
			return nil
		}
		if closed() {
			return net.ErrClosed
		}
		var expired <-chan time.Time
		if left >= 0 {
			timer := time.NewTimer(left)
			defer timer.Stop()
			expired = timer.C
		}
		select {
		case <-over:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-expired:
			return os.ErrDeadlineExceeded
		case <-changed:
		}
	}
}

// beginShaking waits for the turn to do the handshake, as wait does.
func (d *deadlines) beginShaking(ctx context.Context, by direction, closed func() bool) error {
	return d.wait(ctx, by, nil, d.takeTurn, closed)
}

// takeTurn needs the mutex.
func (d *deadlines) takeTurn() bool {
	if d.shaking {
		return false
	}
	d.shaking = true
	return true
}

// endShaking lets the next have the turn.
func (d *deadlines) endShaking() {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.shaking = false
	d.tell()
}

// cutOff has the net.Conn below end what it does; restore gives it the deadlines of the user again.
func (d *deadlines) cutOff(conn net.Conn) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.cut = true
	_ = conn.SetDeadline(past)
}

func (d *deadlines) restore(conn net.Conn) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.cut = false
	_ = conn.SetReadDeadline(d.at[reading])
	_ = conn.SetWriteDeadline(d.at[writing])
}

// passed tells whether the deadline for writing has passed.
func (d *deadlines) passed() bool {
	by := d.write.Load()
	return by != 0 && time.Now().UnixNano() >= by
}

// readable tells whether the deadline for reading has not passed.
func (d *deadlines) readable() bool {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.left(reading) != 0
}

// isTimeout tells whether a deadline ended a call of a net.Conn; some types have their own errors for it.
func isTimeout(err error) bool {
	if err == nil {
		return false
	}
	// Such as a *net.OpError, of a peer that has gone: errors.As would look up its methods to find that.
	if direct, ok := err.(net.Error); ok {
		return direct.Timeout() || errors.Is(err, os.ErrDeadlineExceeded)
	}
	return errors.Is(err, os.ErrDeadlineExceeded) || wrapsTimeout(err)
}

func wrapsTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

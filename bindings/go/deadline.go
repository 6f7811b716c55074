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
	neither direction = iota // only a handshake: it has no deadline except those of the net.Conn below
	reading
	writing
)

// deadlines are those that the user of a Conn has set. The net.Conn below has them too and applies them to its reads and
// writes. The handshake of a first Write also reads, and may wait for another goroutine that does it: that is limited here.
type deadlines struct {
	mutex   sync.Mutex
	conn    net.Conn
	at      [writing + 1]time.Time
	cut     bool          // all deadlines of the net.Conn were set to the past, to end a handshake whose time is up
	changed chan struct{} // closed when something has changed; nil if no goroutine waits
	write   atomic.Int64  // the one for writing, in nanoseconds since 1970; 0 for none
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
	return apply(t)
}

func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// writeBy limits writing, unless the user has set an earlier deadline.
func (d *deadlines) writeBy(t time.Time) {
	d.mutex.Lock()
	own := d.at[writing]
	d.mutex.Unlock()
	if own.IsZero() || own.After(t) {
		_ = d.set(t, d.conn.SetWriteDeadline, writing)
	}
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

// watch returns the time left for a direction, negative for no limit, and a channel that is closed when that changes.
func (d *deadlines) watch(of direction) (left time.Duration, changed <-chan struct{}) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.changed == nil {
		d.changed = make(chan struct{})
	}
	if d.at[of].IsZero() {
		return -1, d.changed
	}
	if left = time.Until(d.at[of]); left < 0 {
		left = 0
	}
	return left, d.changed
}

// wait waits for ready, or for what comes first: the end of ctx, the deadline of a direction, Close.
func (d *deadlines) wait(ctx context.Context, of direction, ready <-chan struct{}, closed func() bool) error {
	for {
		left, changed := d.watch(of)
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
		case <-ready:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-expired:
			return os.ErrDeadlineExceeded
		case <-changed:
		}
	}
}

// cutOff makes the net.Conn below end its calls; restore gives it the user's deadlines again.
func (d *deadlines) cutOff() {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.cut = true
	_ = d.conn.SetDeadline(past)
}

func (d *deadlines) restore() {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.cut = false
	_ = d.conn.SetReadDeadline(d.at[reading])
	_ = d.conn.SetWriteDeadline(d.at[writing])
}

// passed tells whether the deadline for writing has passed.
func (d *deadlines) passed() bool {
	by := d.write.Load()
	return by != 0 && time.Now().UnixNano() >= by
}

// isTimeout tells whether a deadline ended a call of a net.Conn; some types have their own errors for it.
func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

//go:build cgo

package tlsockhttp

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"

	"tlsock"
)

// attempt is one request on its way to a connection of either protocol.
type attempt struct {
	given    *http.Request
	host     *host
	upgrades bool
	body     *body  // nil for a request without one
	leave    func() // lets the other requests go

	mutex    sync.Mutex
	finished bool
	kept     *tlsock.Conn // of the protocol that was not wanted
	got      *tlsock.Conn // that the request uses
}

type attemptKey struct{}

func newAttempt(request *http.Request, host *host) *attempt {
	a := &attempt{given: request, host: host, upgrades: needsHTTP1(request), leave: func() {}}
	if request.Body != nil && request.Body != http.NoBody {
		a.body = &body{ReadCloser: request.Body}
	}
	return a
}

// request is the given one for the transport of a protocol.
func (a *attempt) request(isHTTP2 bool) *http.Request {
	request := forNetHTTP(a.given)
	ctx := context.WithValue(request.Context(), attemptKey{}, a)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		a.mutex.Lock()
		a.got, _ = info.Conn.(*tlsock.Conn)
		a.mutex.Unlock()
		if !a.upgrades {
			a.host.learn(isHTTP2)
		}
		a.leave()
	}})
	request = request.WithContext(ctx)
	if a.body != nil {
		request.Body = a.body
	}
	return request
}

// complete makes the response like one of net/http over crypto/tls.
func (a *attempt) complete(response *http.Response) *http.Response {
	response.Request = a.given
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if response.TLS == nil && a.got != nil {
		state := a.got.ConnectionState()
		response.TLS = &state
	}
	return response
}

// rewind prepares the body for another try. Nothing of it was read, unless a connection broke in between.
func (a *attempt) rewind() bool {
	if a.body == nil {
		return true
	}
	a.body.mutex.Lock()
	defer a.body.mutex.Unlock()
	if !a.body.read {
		a.body.closed = false
		return true
	}
	if a.given.GetBody == nil {
		return false
	}
	fresh, err := a.given.GetBody()
	if err != nil {
		return false
	}
	_ = a.body.ReadCloser.Close()
	a.body = &body{ReadCloser: fresh}
	return true
}

// giveUp closes the body of a request that no transport gets, or gets again.
func (a *attempt) giveUp() {
	if a.body != nil {
		_ = a.body.Close()
	}
}

func (a *attempt) finish() {
	a.leave()
	if a.body != nil {
		a.body.settle()
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.finished = true
	if a.kept != nil {
		_ = a.kept.Close()
		a.kept = nil
	}
}

// keep takes a connection for the next try. A dial may end after its request did.
func (a *attempt) keep(conn *tlsock.Conn) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.finished || a.kept != nil {
		_ = conn.Close()
		return
	}
	a.kept = conn
}

func (a *attempt) take(isHTTP2 bool) *tlsock.Conn {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	conn := a.kept
	if conn == nil || (conn.SelectedALPNProtocol() == "h2") != isHTTP2 {
		return nil
	}
	a.kept = nil
	return conn
}

// body keeps a request's body open while the request may still go to the other transport: each transport closes it.
type body struct {
	io.ReadCloser
	mutex   sync.Mutex
	read    bool
	closed  bool
	settled bool // Close now closes it
}

// Read reads.
func (b *body) Read(p []byte) (int, error) {
	b.mutex.Lock()
	b.read = true
	b.mutex.Unlock()
	return b.ReadCloser.Read(p)
}

// Close closes it, once it is decided which transport gets the request.
func (b *body) Close() error {
	b.mutex.Lock()
	settled := b.settled
	b.closed = true
	b.mutex.Unlock()
	if settled {
		return b.ReadCloser.Close()
	}
	return nil
}

func (b *body) settle() {
	b.mutex.Lock()
	b.settled = true
	closed := b.closed
	b.mutex.Unlock()
	if closed {
		_ = b.ReadCloser.Close()
	}
}

//go:build cgo

package tlsockhttp

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// route is the way to servers: directly, or through one proxy. net/http has no transport of both protocols for other TLS
// than its own, so there is one for each. A connection that agrees on the other protocol is passed to the other transport.
type route struct {
	owner        *Transport
	proxy        *url.URL
	http1, http2 half

	mutex sync.Mutex
	hosts map[string]*host
}

// half is the transport of one protocol; nil if the protocol is not enabled.
type half struct{ *http.Transport }

func (h half) close() {
	if h.Transport != nil {
		h.CloseIdleConnections()
	}
}

var (
	errOtherProtocol = errors.New("tlsockhttp: the server agreed on the other protocol")
	errUndecided     = errors.New("tlsockhttp: the server agrees on another protocol with each connection")
	errNoProtocol    = errors.New("tlsockhttp: the server agreed on a protocol that is not to be spoken")
	errNeedsHTTP1    = errors.New("tlsockhttp: a request with an Upgrade header needs Transport.HTTP1")
)

func (t *Transport) newRoute(proxy *url.URL) *route {
	r := &route{owner: t, proxy: proxy, hosts: map[string]*host{}}
	r.http1.Transport, r.http2.Transport = split(t.base)
	r.adopt(r.http1, false)
	r.adopt(r.http2, true)
	return r
}

func (r *route) adopt(h half, isHTTP2 bool) {
	if h.Transport == nil {
		return
	}
	h.Proxy = nil
	h.TLSClientConfig = nil
	h.ForceAttemptHTTP2 = false
	h.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		return r.dial(ctx, network, address, isHTTP2)
	}
}

// protocols is the list that ALPN offers.
func (r *route) protocols() (offered []string) {
	if r.http2.Transport != nil {
		offered = append(offered, "h2")
	}
	if r.http1.Transport != nil {
		offered = append(offered, "http/1.1")
	}
	return offered
}

func (r *route) host(address string) *host {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	found := r.hosts[address]
	if found == nil {
		if len(r.hosts) >= maxHosts {
			r.hosts = map[string]*host{}
		}
		found = &host{}
		r.hosts[address] = found
	}
	return found
}

func (r *route) roundTrip(request *http.Request) (*http.Response, error) {
	a := newAttempt(request, r.host(request.URL.Host))
	defer a.finish()
	if err := a.host.enter(request.Context(), a); err != nil {
		a.giveUp()
		return nil, err
	}
	for tries := 0; tries < 4; tries++ {
		h, isHTTP2 := r.choose(a)
		if h.Transport == nil {
			a.giveUp()
			return nil, errNoProtocol
		}
		response, err := h.RoundTrip(a.request(isHTTP2))
		if err == nil {
			return a.complete(response), nil
		}
		if !errors.Is(err, errOtherProtocol) {
			return nil, err
		}
		if !a.rewind() {
			return nil, err
		}
		a.host.learn(!isHTTP2)
	}
	a.giveUp()
	return nil, errUndecided
}

func (r *route) choose(a *attempt) (half, bool) {
	if !a.upgrades && a.host.speaksHTTP2(r.http2.Transport != nil) {
		return r.http2, true
	}
	return r.http1, false
}

// dial gives a connection for one protocol. If it agrees on the other one, the attempt keeps it.
func (r *route) dial(ctx context.Context, network, address string, isHTTP2 bool) (net.Conn, error) {
	a, _ := ctx.Value(attemptKey{}).(*attempt)
	if a == nil {
		return nil, errors.New("tlsockhttp: dialled without a request")
	}
	if conn := a.take(isHTTP2); conn != nil {
		return conn, nil
	}
	tlsContext := r.owner.context
	if a.upgrades {
		if tlsContext = r.owner.HTTP1; tlsContext == nil {
			return nil, errNeedsHTTP1
		}
	}
	raw, err := r.owner.dialRaw(ctx, network, address, r.proxy)
	if err != nil {
		return nil, err
	}
	conn, err := r.owner.shake(ctx, raw, address, tlsContext)
	if err != nil {
		return nil, err
	}
	if (conn.SelectedALPNProtocol() == "h2") != isHTTP2 {
		a.keep(conn)
		return nil, errOtherProtocol
	}
	return conn, nil
}

// needsHTTP1 tells whether a request switches to another protocol, which HTTP/2 does not support.
func needsHTTP1(request *http.Request) bool {
	return request.Header.Get("Upgrade") != "" &&
		strings.Contains(strings.ToLower(request.Header.Get("Connection")), "upgrade")
}

// host is what is known about a server.
type host struct {
	mutex   sync.Mutex
	known   bool
	isHTTP2 bool
	first   chan struct{} // closed when the first request has a connection or has failed
}

// enter lets the first request to a server find out its protocol, before others dial for the wrong one.
func (h *host) enter(ctx context.Context, a *attempt) error {
	h.mutex.Lock()
	if h.first == nil {
		h.first = make(chan struct{})
		var once sync.Once
		a.leave = func() { once.Do(func() { close(h.first) }) }
		h.mutex.Unlock()
		return nil
	}
	h.mutex.Unlock()
	select {
	case <-h.first:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *host) learn(isHTTP2 bool) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.known, h.isHTTP2 = true, isHTTP2
}

// speaksHTTP2 tells what is known, or otherwise the guess.
func (h *host) speaksHTTP2(guess bool) bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.known {
		return h.isHTTP2
	}
	return guess
}

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
	"time"

	"tlsock"
)

// route is a way to servers: directly, or through one proxy. net/http has no transport of both protocols for a TLS
// that is not its own, so there is one of each. A connection that agrees on the other protocol is handed over.
//
// Requests that become another protocol have a transport of their own: their connections are made with Transport.HTTP1, which may
// trust others and show another certificate than the context of the rest, so that no request may get one of the other kind.
type route struct {
	owner        *Transport
	proxy        *url.URL
	http1, http2 half
	upgrades     half

	mutex sync.Mutex
	hosts map[string]*host
}

// half is a transport of one protocol; nil if it is not to be spoken.
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
	errHTTP1IsHTTP2  = errors.New("tlsockhttp: Transport.HTTP1 offers \"h2\" by ALPN, and the server took it")
)

func (t *Transport) newRoute(proxy *url.URL) *route {
	r := &route{owner: t, proxy: proxy, hosts: map[string]*host{}}
	r.http1.Transport, r.http2.Transport = split(t.base)
	r.upgrades.Transport, _ = split(t.base)
	r.adopt(r.http1, r.dialHTTP1)
	r.adopt(r.http2, r.dialHTTP2)
	r.adopt(r.upgrades, r.dialUpgrade)
	return r
}

func (r *route) adopt(h half, dial func(ctx context.Context, network, address string) (net.Conn, error)) {
	if h.Transport == nil {
		return
	}
	h.Proxy = nil
	h.TLSClientConfig = nil
	h.ForceAttemptHTTP2 = false
	h.DialTLSContext = dial
}

// closeIdle forgets what was learnt too: it was learnt of connections that are closed now.
func (r *route) closeIdle() {
	r.http1.close()
	r.http2.close()
	r.upgrades.close()
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.hosts = map[string]*host{}
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
		if r.http1.Transport == nil || r.http2.Transport == nil {
			// The next connection may agree on what is spoken here.
			return nil, errNoProtocol
		}
		if !a.rewind() {
			return nil, err
		}
		a.host.learn(!isHTTP2)
	}
	a.giveUp()
	return nil, errUndecided
}

// choose gives the transport to try. Where there are both, what was learnt of the server says which comes first.
func (r *route) choose(a *attempt) (h half, isHTTP2 bool) {
	switch {
	case a.upgrades:
		return r.upgrades, false
	case r.http1.Transport == nil:
		return r.http2, true
	case r.http2.Transport == nil:
		return r.http1, false
	case a.host.guess():
		return r.http2, true
	}
	return r.http1, false
}

func (r *route) dialHTTP1(ctx context.Context, network, address string) (net.Conn, error) {
	return r.dial(ctx, network, address, false)
}

func (r *route) dialHTTP2(ctx context.Context, network, address string) (net.Conn, error) {
	return r.dial(ctx, network, address, true)
}

// dial gives a connection for one protocol. One of the other is left to the attempt.
func (r *route) dial(ctx context.Context, network, address string, isHTTP2 bool) (net.Conn, error) {
	a, _ := ctx.Value(attemptKey{}).(*attempt)
	if a == nil {
		return nil, errors.New("tlsockhttp: dialled without a request")
	}
	if conn := a.take(isHTTP2); conn != nil {
		return conn, nil
	}
	conn, err := r.connect(ctx, network, address, r.owner.context)
	if err != nil {
		return nil, err
	}
	if (conn.SelectedALPNProtocol() == "h2") != isHTTP2 {
		a.keep(conn)
		return nil, errOtherProtocol
	}
	return conn, nil
}

// dialUpgrade gives a connection for a request that becomes another protocol.
func (r *route) dialUpgrade(ctx context.Context, network, address string) (net.Conn, error) {
	if r.owner.HTTP1 == nil {
		return nil, errNeedsHTTP1
	}
	conn, err := r.connect(ctx, network, address, r.owner.HTTP1)
	if err != nil {
		return nil, err
	}
	if err := onlyHTTP1(conn); err != nil {
		return nil, err
	}
	return conn, nil
}

// onlyHTTP1 closes a connection made with Transport.HTTP1 that agreed on HTTP/2 nevertheless.
func onlyHTTP1(conn *tlsock.Conn) error {
	if conn.SelectedALPNProtocol() != "h2" {
		return nil
	}
	_ = conn.Close()
	return errHTTP1IsHTTP2
}

func (r *route) connect(ctx context.Context, network, address string, tlsContext *tlsock.Context) (*tlsock.Conn, error) {
	ctx = withWholeTrace(ctx)
	raw, err := r.owner.dialRaw(ctx, network, address, r.proxy)
	if err != nil {
		return nil, err
	}
	return r.owner.shake(ctx, raw, address, tlsContext)
}

// needsHTTP1 tells of a request that becomes another protocol, which HTTP/2 has no place for.
func needsHTTP1(request *http.Request) bool {
	return request.Header.Get("Upgrade") != "" &&
		strings.Contains(strings.ToLower(request.Header.Get("Connection")), "upgrade")
}

// host is what was learnt of a server. It may agree on something else next time.
type host struct {
	mutex   sync.Mutex
	onHTTP1 bool          // the last connection agreed on HTTP/1.1
	first   chan struct{} // closed when the first request has a connection or has failed, or takes too long
}

// firstRequestLimit is how long others wait for the first request.
const firstRequestLimit = 3 * time.Second

// enter lets the first request to a server find out its protocol, before others dial for the wrong one.
func (h *host) enter(ctx context.Context, a *attempt) error {
	h.mutex.Lock()
	if h.first == nil {
		h.first = make(chan struct{})
		var once sync.Once
		first := h.first
		a.leave = func() { once.Do(func() { close(first) }) }
		h.mutex.Unlock()
		// A server, or a way to it, that says nothing to the first is not to stop those who may be luckier.
		time.AfterFunc(firstRequestLimit, a.leave)
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
	h.onHTTP1 = !isHTTP2
}

// guess tells whether HTTP/2 is to be tried first.
func (h *host) guess() bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return !h.onHTTP1
}

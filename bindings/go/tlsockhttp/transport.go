//go:build cgo

package tlsockhttp

import (
	"errors"
	"net/http"
	"net/url"
	"sync"

	"tlsock"
)

const (
	maxRoutes = 32
	maxHosts  = 4096
)

// Transport is an http.RoundTripper for clients. ALPN chooses HTTP/1.1 or HTTP/2, also through a proxy, and
// responses have their TLS field. Apart from TLS it works like an http.Transport: pools, limits, timeouts.
type Transport struct {
	// HTTP1 is a context that does not offer "h2": for https:// proxies, and for requests with an Upgrade header,
	// such as WebSocket's. They fail without it. Set it before the first request. Its connections serve no other requests:
	// what it trusts and shows counts for those alone.
	HTTP1 *tlsock.Context

	context *tlsock.Context
	base    *http.Transport
	plain   *http.Transport // for other schemes than https

	mutex  sync.Mutex
	routes map[string]*route // by proxy; "" for none
}

// NewTransport makes a transport with the trust of the context. The context gets the ALPN protocols that base
// allows: see http.Transport.Protocols. base gives all other settings, and is copied; nil means a copy of
// http.DefaultTransport. It fails if base holds settings for crypto/tls, which would have no effect: a TLSClientConfig with
// more than NextProtos, or a TLSNextProto with more than "h2".
//
// Proxies are those that base.Proxy names, over http, https or socks5.
func NewTransport(context *tlsock.Context, base *http.Transport) (*Transport, error) {
	if base == nil {
		standard, ok := http.DefaultTransport.(*http.Transport)
		if !ok {
			return nil, errors.New("tlsockhttp: http.DefaultTransport is no *http.Transport: give one")
		}
		base = standard
	}
	if err := checkBase(base); err != nil {
		return nil, err
	}
	t := &Transport{context: context, base: base.Clone(), plain: base.Clone(), routes: map[string]*route{}}
	if err := context.SetALPNProtocols(t.newRoute(nil).protocols()...); err != nil {
		return nil, err
	}
	t.plain.TLSClientConfig = nil
	// Used only for proxies.
	t.plain.DialTLSContext = t.dialProxyTLS
	t.plain.DialContext = dialsWithWholeTrace(base.DialContext)
	return t, nil
}

// checkBase finds settings that would be ignored.
func checkBase(base *http.Transport) error {
	//lint:ignore SA1019 older code sets it
	if base.DialTLSContext != nil || base.DialTLS != nil {
		return errors.New("tlsockhttp: the http.Transport dials TLS by itself: set its DialContext instead")
	}
	if err := checkConfig("http.Transport.TLSClientConfig", base.TLSClientConfig); err != nil {
		return err
	}
	return checkNextProto("http.Transport.TLSNextProto", base.TLSNextProto)
}

// RoundTrip does one request.
func (t *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL == nil || request.URL.Scheme != "https" || request.URL.Host == "" {
		return t.roundTripPlain(request)
	}
	var proxy *url.URL
	if t.base.Proxy != nil {
		var err error
		if proxy, err = t.base.Proxy(request); err != nil {
			if request.Body != nil {
				_ = request.Body.Close()
			}
			return nil, err
		}
	}
	return t.route(proxy).roundTrip(request)
}

func (t *Transport) roundTripPlain(request *http.Request) (*http.Response, error) {
	response, err := t.plain.RoundTrip(forNetHTTP(request))
	if err == nil {
		response.Request = request
	}
	return response, err
}

// CloseIdleConnections closes the connections that no request uses.
func (t *Transport) CloseIdleConnections() {
	t.plain.CloseIdleConnections()
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.closeRoutes()
}

func (t *Transport) closeRoutes() {
	for _, route := range t.routes {
		route.closeIdle()
	}
}

// route gives the connections through a proxy. Those of different proxies are kept apart.
func (t *Transport) route(proxy *url.URL) *route {
	key := ""
	if proxy != nil {
		key = proxy.String()
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	found := t.routes[key]
	if found == nil {
		if len(t.routes) >= maxRoutes {
			t.closeRoutes()
			t.routes = map[string]*route{}
		}
		found = t.newRoute(proxy)
		t.routes[key] = found
	}
	return found
}

//go:build cgo

package tlsockhttp

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"tlsock"
	"tlsock/internal/until"
)

// defaultResponseBytes is the limit of net/http.
const defaultResponseBytes = 10 << 20

// proxyTimeout is how long a tunnel may take in nanoseconds, as in net/http; tests set another time.
var proxyTimeout atomic.Int64

func init() { proxyTimeout.Store(int64(time.Minute)) }

var errEarlyBytes = errors.New("the proxy sent more than its answer")

// dialRaw connects to an address, through the proxy if there is one.
func (t *Transport) dialRaw(ctx context.Context, network, address string, proxy *url.URL) (net.Conn, error) {
	if proxy == nil {
		return t.dialTCP(ctx, network, address)
	}
	conn, err := t.throughProxy(ctx, address, proxy)
	if err != nil {
		return nil, &net.OpError{Op: "proxyconnect", Net: "tcp", Err: err}
	}
	return conn, nil
}

func (t *Transport) dialTCP(ctx context.Context, network, address string) (net.Conn, error) {
	if t.base.DialContext != nil {
		return t.base.DialContext(ctx, network, address)
	}
	//lint:ignore SA1019 older code sets it
	if t.base.Dial != nil {
		//lint:ignore SA1019 older code sets it
		return t.base.Dial(network, address)
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}

func (t *Transport) throughProxy(ctx context.Context, target string, proxy *url.URL) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(proxyTimeout.Load()))
	defer cancel()
	ask, defaultPort := t.connectMethod, "80"
	dial := t.dialTCP
	switch proxy.Scheme {
	case "http":
	case "https":
		defaultPort, dial = "443", t.dialProxyTLS
	case "socks5", "socks5h":
		defaultPort, ask = "1080", socks5
	default:
		return nil, fmt.Errorf("the scheme of the proxy is %q, not http, https or socks5", proxy.Scheme)
	}
	port := proxy.Port()
	if port == "" {
		port = defaultPort
	}
	conn, err := dial(ctx, "tcp", net.JoinHostPort(proxy.Hostname(), port))
	if err != nil {
		return nil, err
	}
	if err := until.Done(ctx, conn, func() error { return ask(ctx, conn, target, proxy) }); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// dialProxyTLS connects to an https:// proxy.
func (t *Transport) dialProxyTLS(ctx context.Context, network, address string) (net.Conn, error) {
	if t.HTTP1 == nil {
		return nil, errors.New("tlsockhttp: a proxy over https needs Transport.HTTP1")
	}
	ctx = withWholeTrace(ctx)
	raw, err := t.dialTCP(ctx, network, address)
	if err != nil {
		return nil, err
	}
	conn, err := t.shake(ctx, raw, address, t.HTTP1)
	if err != nil {
		return nil, err
	}
	if err := onlyHTTP1(conn); err != nil {
		return nil, err
	}
	return conn, nil
}

// shake does the handshake for an address over a connection, which it closes if that fails.
func (t *Transport) shake(ctx context.Context, raw net.Conn, address string, tlsContext *tlsock.Context) (*tlsock.Conn,
	error) {
	name, _, err := net.SplitHostPort(address)
	if err != nil {
		_ = raw.Close()
		return nil, err
	}
	name, _, _ = strings.Cut(name, "%")
	if t.base.TLSHandshakeTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.base.TLSHandshakeTimeout)
		defer cancel()
	}
	trace := httptrace.ContextClientTrace(ctx)
	if trace != nil && trace.TLSHandshakeStart != nil {
		trace.TLSHandshakeStart()
	}
	conn := tlsock.Client(raw, tlsContext, name)
	err = conn.HandshakeContext(ctx)
	if trace != nil && trace.TLSHandshakeDone != nil {
		var state tls.ConnectionState
		if err == nil {
			state = conn.ConnectionState()
		}
		trace.TLSHandshakeDone(state, err)
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// connectMethod asks an HTTP proxy for a tunnel.
func (t *Transport) connectMethod(ctx context.Context, conn net.Conn, target string, proxy *url.URL) error {
	header, err := t.connectHeader(ctx, target, proxy)
	if err != nil {
		return err
	}
	request := &http.Request{Method: "CONNECT", URL: &url.URL{Opaque: target}, Host: target, Header: header}
	if err := request.Write(conn); err != nil {
		return err
	}
	limit := t.base.MaxResponseHeaderBytes
	if limit == 0 {
		limit = defaultResponseBytes
	}
	reader := bufio.NewReader(io.LimitReader(conn, limit))
	response, err := http.ReadResponse(reader, request)
	if err != nil {
		return err
	}
	if err := onProxyResponse(ctx, t.base, proxy, request, response); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	if reader.Buffered() > 0 {
		return errEarlyBytes
	}
	return nil
}

func (t *Transport) connectHeader(ctx context.Context, target string, proxy *url.URL) (header http.Header, err error) {
	if t.base.GetProxyConnectHeader != nil {
		if header, err = t.base.GetProxyConnectHeader(ctx, proxy, target); err != nil {
			return nil, err
		}
	} else {
		header = t.base.ProxyConnectHeader
	}
	header = header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if user := proxy.User; user != nil {
		password, _ := user.Password()
		credentials := base64.StdEncoding.EncodeToString([]byte(user.Username() + ":" + password))
		header.Set("Proxy-Authorization", "Basic "+credentials)
	}
	return header, nil
}

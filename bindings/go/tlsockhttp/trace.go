//go:build cgo

package tlsockhttp

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
)

// net/http from Go 1.27 on tells a request's trace of a handshake for each connection that DialTLSContext returns: after that
// handshake, which [Transport.shake] has told of while it took place. So net/http gets a trace without the two hooks.

type wholeTraceKey struct{}

// withWholeTrace is the context of the dials of a request given to net/http by [forNetHTTP]: all its events are told again.
func withWholeTrace(ctx context.Context) context.Context {
	trace, _ := ctx.Value(wholeTraceKey{}).(*httptrace.ClientTrace)
	if trace == nil {
		return ctx
	}
	return overlay{Context: ctx, over: httptrace.WithClientTrace(context.Background(), trace)}
}

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// dialsWithWholeTrace is a dial function that net/http calls, or nil.
func dialsWithWholeTrace(dial dialFunc) dialFunc {
	if dial == nil {
		return nil
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		return dial(withWholeTrace(ctx), network, address)
	}
}

// forNetHTTP is the request with a context that tells net/http's events to its trace but for those of handshakes.
func forNetHTTP(request *http.Request) *http.Request {
	ctx := request.Context()
	trace := httptrace.ContextClientTrace(ctx)
	if trace == nil || trace.TLSHandshakeStart == nil && trace.TLSHandshakeDone == nil {
		return request
	}
	rest := *trace
	rest.TLSHandshakeStart, rest.TLSHandshakeDone = nil, nil
	return request.WithContext(overlay{
		Context: context.WithValue(ctx, wholeTraceKey{}, trace),
		over:    httptrace.WithClientTrace(context.Background(), &rest),
	})
}

// overlay is a context whose values hide those of the one below: httptrace adds to a trace, and cannot take from it.
type overlay struct {
	context.Context
	over context.Context
}

// Value is one of the upper context, or else of the lower.
func (o overlay) Value(key any) any {
	if value := o.over.Value(key); value != nil {
		return value
	}
	return o.Context.Value(key)
}

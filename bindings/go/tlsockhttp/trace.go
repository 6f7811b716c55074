//go:build cgo

package tlsockhttp

import (
	"context"
	"net/http"
	"net/http/httptrace"
)

// net/http from Go 1.27 on tells a request's trace of a handshake for each connection that DialTLSContext returns: after that
// handshake, which [Transport.shake] has told of while it took place. So net/http gets a trace without the two hooks.

type shakeTraceKey struct{}

// shakeTrace is the trace that is told of handshakes; nil if there is none.
func shakeTrace(ctx context.Context) *httptrace.ClientTrace {
	trace, _ := ctx.Value(shakeTraceKey{}).(*httptrace.ClientTrace)
	return trace
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
		Context: context.WithValue(ctx, shakeTraceKey{}, trace),
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

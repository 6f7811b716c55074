//go:build cgo && go1.20

package tlsockhttp

import (
	"context"
	"net/http"
	"net/url"
)

func onProxyResponse(ctx context.Context, base *http.Transport, proxy *url.URL, request *http.Request,
	response *http.Response) error {
	if base.OnProxyConnectResponse == nil {
		return nil
	}
	return base.OnProxyConnectResponse(ctx, proxy, request, response)
}

//go:build cgo && !go1.20

package tlsockhttp

import (
	"context"
	"net/http"
	"net/url"
)

// onProxyResponse does nothing: http.Transport.OnProxyConnectResponse came with Go 1.20.
func onProxyResponse(context.Context, *http.Transport, *url.URL, *http.Request, *http.Response) error {
	return nil
}

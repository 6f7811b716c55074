//go:build cgo && !go1.24

package tlsockhttp

import "net/http"

func speak(*http.Server) (protocols []string, unencrypted bool) { return []string{"http/1.1"}, false }

func split(base *http.Transport) (http1, http2 *http.Transport) { return base.Clone(), nil }

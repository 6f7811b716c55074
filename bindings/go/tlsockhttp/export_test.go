package tlsockhttp

import "time"

// SetProxyTimeout sets how long a tunnel may take, until it is restored.
func SetProxyTimeout(d time.Duration) (restore func()) {
	before := proxyTimeout.Swap(int64(d))
	return func() { proxyTimeout.Store(before) }
}

// SetPrefaceTimeout sets how long a client may take to begin HTTP/2, until it is restored.
func SetPrefaceTimeout(d time.Duration) (restore func()) {
	before := prefaceTimeout.Swap(int64(d))
	return func() { prefaceTimeout.Store(before) }
}

package tlsockhttp

import "time"

// SetProxyTimeout sets how long a tunnel may take, until it is restored.
func SetProxyTimeout(d time.Duration) (restore func()) {
	before := proxyTimeout.Swap(int64(d))
	return func() { proxyTimeout.Store(before) }
}

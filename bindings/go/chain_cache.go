package tlsock

// #include <tlsock.h>
import "C"

// ChainCache tells whether the context keeps verified chains.
func (c *Context) ChainCache() bool {
	return ask(&c.ref, func(p *C.tlsock_context) bool { return bool(C.tlsock_context_chain_cache(p)) })
}

// SetChainCache sets whether connections keep the peer's chain after it was verified, so that the signatures
// of the same certificates need not be verified again while trust, name, flags and security level are the same.
// Dates are checked each time, and only successes are kept. Off by default; switching it off drops the kept chains.
func (c *Context) SetChainCache(enabled bool) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_chain_cache(p, C.bool(enabled), e)
	})
}

// ChainCacheHits is how often a kept chain was used instead of verifying again since the context was made.
func (c *Context) ChainCacheHits() uint64 {
	return ask(&c.ref, func(p *C.tlsock_context) uint64 { return uint64(C.tlsock_context_chain_cache_hits(p)) })
}

package tlsock

// #include <tlsock.h>
import "C"

// ChainCache tells whether the context keeps chains that were verified.
func (c *Context) ChainCache() bool {
	return ask(&c.ref, func(p *C.tlsock_context) bool { return bool(C.tlsock_context_chain_cache(p)) })
}

// SetChainCache sets whether connections made from now on keep the peer's chain once it was verified, and do not
// verify the signatures of the same certificates again while trust, name, flags and security level are the same.
// Dates are looked at each time, and only successes are kept. Off by default; off forgets what was kept.
func (c *Context) SetChainCache(enabled bool) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_chain_cache(p, C.bool(enabled), e)
	})
}

// ChainCacheHits counts the chains that did not have to be verified again since the context was made.
func (c *Context) ChainCacheHits() uint64 {
	return ask(&c.ref, func(p *C.tlsock_context) uint64 { return uint64(C.tlsock_context_chain_cache_hits(p)) })
}

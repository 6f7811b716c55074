package tlsock_test

import "testing"

func TestChainCache(t *testing.T) {
	client, server := clientContext(t), serverContext(t, "ecdsa")
	equal(t, "off", client.ChainCache(), false)
	must(t, client.SetChainCache(true))
	equal(t, "on", client.ChainCache(), true)
	for round := uint64(0); round < 3; round++ {
		near, _ := pair(t, client, server)
		equal(t, "hits", client.ChainCacheHits(), round)
		chain, err := near.GetVerifiedChain()
		must(t, err)
		equal(t, "chain", len(chain), 3)
	}
	must(t, client.SetChainCache(false))
	equal(t, "off again", client.ChainCache(), false)
	pair(t, client, server)
	equal(t, "hits", client.ChainCacheHits(), uint64(2))
}

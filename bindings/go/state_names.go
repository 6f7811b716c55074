//go:build cgo

package tlsock

import (
	"crypto/tls"
	"strings"
	"sync"
)

// sharedName is how OpenSSL calls a cipher or a group, with the number that crypto/tls has for it, if any.
type sharedName struct {
	text  string
	suite uint16
	curve tls.CurveID
}

// sharedNames are those that connections have had. There are few, so all connections refer to the same.
var sharedNames = struct {
	sync.RWMutex
	known map[string]*sharedName
}{known: map[string]*sharedName{}}

func shared(text []byte) *sharedName {
	sharedNames.RLock()
	found := sharedNames.known[string(text)]
	sharedNames.RUnlock()
	if found != nil {
		return found
	}
	own := string(text)
	made := &sharedName{own, cipherSuites[own], curves[strings.ToLower(own)]}
	sharedNames.Lock()
	defer sharedNames.Unlock()
	sharedNames.known[own] = made
	return made
}

var versions = map[string]uint16{
	"TLSv1": tls.VersionTLS10, "TLSv1.1": tls.VersionTLS11, "TLSv1.2": tls.VersionTLS12, "TLSv1.3": tls.VersionTLS13,
}

// cipherSuites gives the numbers of OpenSSL's names.
var cipherSuites = map[string]uint16{
	"TLS_AES_128_GCM_SHA256":        tls.TLS_AES_128_GCM_SHA256,
	"TLS_AES_256_GCM_SHA384":        tls.TLS_AES_256_GCM_SHA384,
	"TLS_CHACHA20_POLY1305_SHA256":  tls.TLS_CHACHA20_POLY1305_SHA256,
	"AES128-SHA":                    tls.TLS_RSA_WITH_AES_128_CBC_SHA,
	"AES256-SHA":                    tls.TLS_RSA_WITH_AES_256_CBC_SHA,
	"AES128-SHA256":                 tls.TLS_RSA_WITH_AES_128_CBC_SHA256,
	"AES128-GCM-SHA256":             tls.TLS_RSA_WITH_AES_128_GCM_SHA256,
	"AES256-GCM-SHA384":             tls.TLS_RSA_WITH_AES_256_GCM_SHA384,
	"ECDHE-ECDSA-AES128-SHA":        tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
	"ECDHE-ECDSA-AES256-SHA":        tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
	"ECDHE-RSA-AES128-SHA":          tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
	"ECDHE-RSA-AES256-SHA":          tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
	"ECDHE-ECDSA-AES128-SHA256":     tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
	"ECDHE-RSA-AES128-SHA256":       tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
	"ECDHE-ECDSA-AES128-GCM-SHA256": tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	"ECDHE-ECDSA-AES256-GCM-SHA384": tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	"ECDHE-RSA-AES128-GCM-SHA256":   tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	"ECDHE-RSA-AES256-GCM-SHA384":   tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	"ECDHE-RSA-CHACHA20-POLY1305":   tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	"ECDHE-ECDSA-CHACHA20-POLY1305": tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	// crypto/tls has no names for those with a finite-field key exchange.
	"DHE-RSA-AES128-GCM-SHA256":   0x009e,
	"DHE-RSA-AES256-GCM-SHA384":   0x009f,
	"DHE-RSA-CHACHA20-POLY1305":   0xccaa,
	"DHE-RSA-AES128-SHA":          0x0033,
	"DHE-RSA-AES256-SHA":          0x0039,
	"DHE-RSA-AES128-SHA256":       0x0067,
	"DHE-RSA-AES256-SHA256":       0x006b,
	"AES256-SHA256":               0x003d,
	"ECDHE-RSA-AES256-SHA384":     0xc028,
	"ECDHE-ECDSA-AES256-SHA384":   0xc024,
	"TLS_AES_128_CCM_SHA256":      0x1304,
	"PSK-AES128-GCM-SHA256":       0x00a8,
	"PSK-AES256-GCM-SHA384":       0x00a9,
	"PSK-CHACHA20-POLY1305":       0xccab,
	"ECDHE-PSK-CHACHA20-POLY1305": 0xccac,
}

// curves gives the numbers of OpenSSL's names of groups, in lower case.
var curves = map[string]tls.CurveID{
	"secp256r1": tls.CurveP256, "prime256v1": tls.CurveP256, "p-256": tls.CurveP256,
	"secp384r1": tls.CurveP384, "p-384": tls.CurveP384,
	"secp521r1": tls.CurveP521, "p-521": tls.CurveP521,
	"x25519": tls.X25519,
	// This version of crypto/tls may have no names for these.
	"x448": 0x001e, "brainpoolp256r1": 0x001a, "brainpoolp384r1": 0x001b, "brainpoolp512r1": 0x001c,
	"ffdhe2048": 0x0100, "ffdhe3072": 0x0101, "ffdhe4096": 0x0102, "ffdhe6144": 0x0103, "ffdhe8192": 0x0104,
	"secp256r1mlkem768": 0x11eb, "x25519mlkem768": 0x11ec, "secp384r1mlkem1024": 0x11ed,
}

//go:build cgo && go1.24

package tlsockhttp

import (
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"weak"
)

// granted are the Protocols that speak has made, with what the server's own said of HTTP/2 without TLS: a program may give its server
// another Handler and serve again, and ours would then be taken for its wish.
var granted = struct {
	sync.Mutex
	unencrypted map[weak.Pointer[http.Protocols]]bool
}{unencrypted: map[weak.Pointer[http.Protocols]]bool{}}

// grant makes Protocols that are known as ours for as long as they are used.
func grant(allowed http.Protocols, unencrypted bool) *http.Protocols {
	// With a pointer in it, it shares its place in memory with nothing else, which would keep it.
	made := &struct {
		http.Protocols
		_ *int
	}{Protocols: allowed}
	known := weak.Make(&made.Protocols)
	granted.Lock()
	defer granted.Unlock()
	granted.unencrypted[known] = unencrypted
	runtime.AddCleanup(&made.Protocols, func(known weak.Pointer[http.Protocols]) {
		granted.Lock()
		defer granted.Unlock()
		delete(granted.unencrypted, known)
	}, known)
	return &made.Protocols
}

// wantsUnencrypted tells whether the program wants HTTP/2 without TLS.
func wantsUnencrypted(given *http.Protocols) bool {
	granted.Lock()
	defer granted.Unlock()
	// Go 1.24 makes no weak pointer to a variable of a package, which the program's may be.
	for ours, wanted := range granted.unencrypted {
		if ours.Value() == given {
			return wanted
		}
	}
	return given.UnencryptedHTTP2()
}

// speak enables HTTP/2 over our connections, if the server has it enabled, and gives the ALPN protocols.
func speak(server *http.Server) (protocols []string, unencrypted bool) {
	var allowed http.Protocols
	if server.Protocols != nil {
		allowed = *server.Protocols
		unencrypted = wantsUnencrypted(server.Protocols)
	} else {
		_, configured := server.TLSNextProto["h2"]
		allowed.SetHTTP1(true)
		allowed.SetHTTP2(server.TLSNextProto == nil || configured)
	}
	if allowed.HTTP2() && !switchedOff("http2server=0") {
		protocols = append(protocols, "h2")
		allowed.SetUnencryptedHTTP2(true)
	}
	if allowed.HTTP1() {
		protocols = append(protocols, "http/1.1")
	}
	server.Protocols = grant(allowed, unencrypted)
	return protocols, unencrypted
}

// split makes one transport for each protocol: net/http chooses by ALPN only for crypto/tls.
func split(base *http.Transport) (http1, http2 *http.Transport) {
	wanted := base.Protocols
	if wanted == nil {
		wanted = new(http.Protocols)
		wanted.SetHTTP1(true)
		wanted.SetHTTP2(true)
	}
	if wanted.HTTP1() {
		http1 = base.Clone()
		http1.Protocols = new(http.Protocols)
		http1.Protocols.SetHTTP1(true)
	}
	if wanted.HTTP2() && !switchedOff("http2client=0") {
		http2 = base.Clone()
		http2.TLSNextProto = nil
		http2.Protocols = new(http.Protocols)
		http2.Protocols.SetUnencryptedHTTP2(true)
	}
	return http1, http2
}

func switchedOff(setting string) bool {
	for _, found := range strings.Split(os.Getenv("GODEBUG"), ",") {
		if found == setting {
			return true
		}
	}
	return false
}

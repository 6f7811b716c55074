//go:build cgo && go1.24

package tlsockhttp

import (
	"net/http"
	"os"
	"strings"
)

// speak enables HTTP/2 over our connections, if the server has it enabled, and gives the ALPN protocols.
func speak(server *http.Server) (protocols []string, unencrypted bool) {
	var allowed http.Protocols
	if server.Protocols != nil {
		allowed = *server.Protocols
	} else {
		_, configured := server.TLSNextProto["h2"]
		allowed.SetHTTP1(true)
		allowed.SetHTTP2(server.TLSNextProto == nil || configured)
	}
	unencrypted = allowed.UnencryptedHTTP2()
	if allowed.HTTP2() && !switchedOff("http2server=0") {
		protocols = append(protocols, "h2")
		allowed.SetUnencryptedHTTP2(true)
	}
	if allowed.HTTP1() {
		protocols = append(protocols, "http/1.1")
	}
	server.Protocols = &allowed
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

// Package tlsockhttp makes net/http speak TLS through tlsock: [Serve] for servers, [Transport] for clients.
//
// HTTP/1.1 or HTTP/2 is what both ends agree on in the handshake (ALPN). HTTP/2 is that of net/http itself and needs
// Go 1.24 or newer; with older Go both helpers offer HTTP/1.1 alone.
package tlsockhttp

// Package tlsockhttp makes net/http speak TLS through tlsock: [Serve] for servers, [Transport] for clients.
//
// ALPN chooses HTTP/1.1 or HTTP/2 in the handshake. HTTP/2 is that of net/http itself and needs
// Go 1.24 or newer; with older Go both helpers offer only HTTP/1.1.
package tlsockhttp

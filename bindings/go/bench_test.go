package tlsock_test

import (
	"crypto/tls"
	"io"
	"net"
	"testing"

	"tlsock"
)

// ends makes both sides of a connection with one of the libraries.
type ends func(near, far net.Conn) (client, server handshaker)

func libraries(b *testing.B, key string) map[string]ends {
	trusting, serving := clientContext(b), serverContext(b, key)
	config := &tls.Config{Certificates: []tls.Certificate{goPair(b, key)}, RootCAs: goPool(b), ServerName: "localhost"}
	return map[string]ends{
		"tlsock": func(near, far net.Conn) (handshaker, handshaker) {
			return tlsock.Client(near, trusting, "localhost"), tlsock.Server(far, serving)
		},
		"crypto-tls": func(near, far net.Conn) (handshaker, handshaker) {
			return tls.Client(near, config), tls.Server(far, config)
		},
	}
}

func both(b *testing.B, key string, f func(*testing.B, ends)) {
	made := libraries(b, key)
	for _, name := range []string{"tlsock", "crypto-tls"} {
		b.Run(name, func(b *testing.B) { f(b, made[name]) })
	}
}

func connected(b *testing.B, make ends) (client, server handshaker) {
	near, far := loopback(b)
	client, server = make(near, far)
	clientErr, serverErr := shakeHands(client, server)
	must(b, clientErr)
	must(b, serverErr)
	return client, server
}

func BenchmarkHandshakeECDSA(b *testing.B) { both(b, "ecdsa", handshakes) }
func BenchmarkHandshakeRSA(b *testing.B)   { both(b, "rsa", handshakes) }

func handshakes(b *testing.B, make ends) {
	for i := 0; i < b.N; i++ {
		client, server := connected(b, make)
		client.Close()
		server.Close()
	}
}

func BenchmarkBulk1K(b *testing.B)   { both(b, "ecdsa", bulk(1<<10)) }
func BenchmarkBulk16K(b *testing.B)  { both(b, "ecdsa", bulk(16<<10)) }
func BenchmarkBulk256K(b *testing.B) { both(b, "ecdsa", bulk(256<<10)) }

func bulk(size int) func(*testing.B, ends) {
	return func(b *testing.B, make_ ends) {
		client, server := connected(b, make_)
		defer server.Close()
		data := make([]byte, size)
		b.SetBytes(int64(size))
		b.ReportAllocs()
		b.ResetTimer()
		go func() {
			for i := 0; i < b.N; i++ {
				if _, err := client.Write(data); err != nil {
					b.Error(err)
				}
			}
			client.Close()
		}()
		got := make([]byte, 64<<10)
		var total int64
		for {
			n, err := server.Read(got)
			total += int64(n)
			if err == io.EOF {
				break
			}
			must(b, err)
		}
		if total != int64(b.N)*int64(size) {
			b.Errorf("%d bytes came", total)
		}
	}
}

func BenchmarkRoundTrip64(b *testing.B) {
	both(b, "ecdsa", func(b *testing.B, make_ ends) {
		client, server := connected(b, make_)
		defer client.Close()
		go func() {
			buffer := make([]byte, 64)
			for {
				if _, err := io.ReadFull(server, buffer); err != nil {
					server.Close()
					return
				}
				server.Write(buffer)
			}
		}()
		buffer := make([]byte, 64)
		b.ReportAllocs()
		b.ResetTimer()
		for i := 0; i < b.N; i++ {
			_, err := client.Write(buffer)
			must(b, err)
			_, err = io.ReadFull(client, buffer)
			must(b, err)
		}
	})
}

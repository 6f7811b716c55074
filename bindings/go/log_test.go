//go:build go1.21

package tlsock_test

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"testing"

	"tlsock"
)

func init() {
	deeds["is logged"] = func(conn *tlsock.Conn, _ *tlsock.Context, _ *tlsock.Object, _ func(*tlsock.Context) error) {
		conn.LogValue()
	}
}

func logged(conn *tlsock.Conn) string {
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("conn", "tls", conn)
	return out.String()
}

func TestLogValue(t *testing.T) {
	trusting, serving := clientContext(t), serverContext(t, "ecdsa")
	must(t, trusting.SetALPNProtocols("h2"))
	must(t, serving.SetALPNProtocols("h2"))
	client, server := pair(t, trusting, serving)
	cipher, _ := client.Cipher()
	for what, line := range map[string]string{"client": logged(client), "server": logged(server)} {
		for _, part := range []string{"tls.handshake=true", `tls.version="TLS 1.3"`, "tls.cipher=" + cipher.Name,
			"tls.resumed=false", "tls.group=" + client.Group(), "tls.alpn=h2", "tls.server_name=localhost",
			"tls.local=127.0.0.1:", "tls.remote=127.0.0.1:"} {
			if !strings.Contains(line, part) {
				t.Errorf("%s: no %s in %s", what, part, line)
			}
		}
		equal(t, what+" names a peer", strings.Contains(line, "tls.peer="), what == "client")
	}
	near, far := loopback(t)
	defer far.Close()
	fresh := tlsock.Client(near, trusting, "localhost")
	equal(t, "before the handshake", strings.Contains(logged(fresh), "tls.handshake=false"), true)
	fresh.Close()
	if line := logged(tlsock.Client(nameless{}, trusting, "localhost")); !strings.Contains(line, "tls.handshake=false") {
		t.Errorf("over a net.Conn without addresses: %s", line)
	}
	_, err := io.WriteString(client, "x")
	must(t, err)
}

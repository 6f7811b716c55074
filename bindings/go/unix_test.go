package tlsock_test

import (
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"tlsock"
	"tlsock/internal/fixture"
)

// The address of a unix socket names no host: what is to be proved has to be told, or not to be demanded.
func TestDialUnix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Skip("no unix sockets: ", err)
	}
	serving := serverContext(t, "ecdsa")
	fixture.Accept(t, listener, func(far net.Conn) {
		server := tlsock.Server(far, serving)
		limit(t, server)
		_ = echo(server)
	})
	if _, err := tlsock.Dial("unix", path, clientContext(t)); !errors.Is(err, tlsock.ErrValue) || !strings.Contains(err.Error(), "server_hostname") {
		t.Errorf("a name is demanded: %v", err)
	}
	unchecked := clientContext(t)
	must(t, unchecked.SetCheckHostname(false))
	named := &tlsock.Dialer{Context: clientContext(t), ServerName: "localhost"}
	for name, dial := range map[string]func() (net.Conn, error){
		"without a check":             func() (net.Conn, error) { return tlsock.Dial("unix", path, unchecked) },
		"a Dialer without a check":    func() (net.Conn, error) { return (&tlsock.Dialer{Context: unchecked}).Dial("unix", path) },
		"a Dialer with a name":        func() (net.Conn, error) { return named.Dial("unix", path) },
		"a Dialer with a name, again": func() (net.Conn, error) { return named.Dial("unix", path) },
	} {
		conn, err := dial()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		limit(t, conn)
		exchange(t, conn, "hello")
		conn.Close()
	}
}

package tlsock_test

import (
	"bufio"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"tlsock"
)

// opensslServer is `openssl s_server`, which takes commands on its input and shows what it received.
func opensslServer(t *testing.T, arguments ...string) (address string, commands io.Writer, shown <-chan string) {
	t.Helper()
	arguments = append([]string{"s_server", "-accept", "127.0.0.1:0", "-cert", file("ecdsa.pem"), "-key",
		file("ecdsa.key"), "-cert_chain", file("ecdsa.pem")}, arguments...)
	server := exec.Command("openssl", arguments...)
	input, err := server.StdinPipe()
	must(t, err)
	output, err := server.StdoutPipe()
	must(t, err)
	must(t, server.Start())
	t.Cleanup(func() { server.Process.Kill(); server.Wait() })
	lines, accepting := make(chan string, 10000), make(chan string, 1)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(output); scanner.Scan(); {
			if _, place, ok := strings.Cut(scanner.Text(), "ACCEPT "); ok {
				accepting <- place
			}
			lines <- scanner.Text()
		}
	}()
	return <-accepting, input, lines
}

// A server of TLS 1.2 may renegotiate in the middle. A goroutine that reads takes part.
func TestServerRenegotiates(t *testing.T) {
	address, commands, shown := opensslServer(t, "-tls1_2")
	raw, err := net.Dial("tcp", address)
	must(t, err)
	client := tlsock.Client(raw, clientContext(t), "localhost")
	defer client.Close()
	limit(t, client)
	must(t, client.Handshake())
	go io.Copy(io.Discard, client)
	_, err = io.WriteString(client, "first\n")
	must(t, err)
	until(t, shown, "first")
	_, err = io.WriteString(commands, "r\n")
	must(t, err)
	until(t, shown, "SSL_do_handshake -> 1")
	for i := 0; i < 100; i++ {
		_, err = io.WriteString(client, "many lines\n")
		must(t, err)
	}
	_, err = io.WriteString(client, "last\n")
	must(t, err)
	until(t, shown, "last")
}

func until(t *testing.T, shown <-chan string, wanted string) {
	t.Helper()
	for late := time.After(patience); ; {
		select {
		case line, ok := <-shown:
			if !ok {
				t.Fatalf("the server ended before it showed %q", wanted)
			}
			if strings.Contains(line, wanted) {
				return
			}
		case <-late:
			t.Fatalf("the server did not show %q", wanted)
		}
	}
}

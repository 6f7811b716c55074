package tlsock_test

import (
	"bufio"
	"bytes"
	"errors"
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

// What the program has concluded from the first certificate counts for nobody else.
func TestServerChangesItsCertificate(t *testing.T) {
	folder := t.TempDir()
	output, err := exec.Command("sh", "../../tests/peers/build.sh", "renegotiates", folder).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	for _, second := range []string{"ecdsa", "rsa"} {
		server := exec.Command(folder+"/renegotiates", file(""), "server", "ecdsa", second)
		said, err := server.StdoutPipe()
		must(t, err)
		must(t, server.Start())
		t.Cleanup(func() { server.Process.Kill(); server.Wait() })
		lines := bufio.NewScanner(said)
		lines.Scan()
		context := clientContext(t)
		must(t, context.SetMaximumVersion(tlsock.TLSVersionTLSv12))
		client, err := tlsock.Dial("tcp", "localhost:"+lines.Text(), context)
		must(t, err)
		limit(t, client)
		_, err = client.Write([]byte("!"))
		must(t, err)
		first := client.ConnectionState().PeerCertificates[0].Raw
		buffer := make([]byte, 6)
		n, err := io.ReadFull(client, buffer)
		if second == "ecdsa" {
			must(t, err)
			equal(t, "text", string(buffer), "again\n")
			_, err = client.Write([]byte("!"))
			must(t, err)
		} else {
			var refused *tlsock.CertVerificationError
			if !errors.As(err, &refused) || n != 0 {
				t.Fatalf("%d bytes and %v", n, err)
			}
			equal(t, "code", refused.VerifyCode, 50)
			equal(t, "words", strings.HasSuffix(err.Error(), "another certificate in an earlier handshake of this connection"), true)
			_, err = client.Write([]byte("secret"))
			equal(t, "a write fails", err != nil, true)
		}
		equal(t, "the certificate stays", bytes.Equal(client.ConnectionState().PeerCertificates[0].Raw, first), true)
		lines.Scan()
		equal(t, "as the server sees it", lines.Text(), map[string]string{"ecdsa": "done", "rsa": "alert 40"}[second])
		client.Close()
	}
}

func until(t *testing.T, shown <-chan string, wanted string) {
	t.Helper()
	for late := time.After(testLimit); ; {
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

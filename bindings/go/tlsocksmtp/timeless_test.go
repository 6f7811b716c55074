package tlsocksmtp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"tlsock/internal/fixture"
	"tlsock/tlsocksmtp"
)

// StartTLS ends with its context whatever the server owes, on a connection without deadlines too.
func TestStartTLSWithoutDeadlines(t *testing.T) {
	for name, said := range map[string]string{
		"greeting": "", "EHLO": "220 hello\r\n", "STARTTLS": "220 hello\r\n250-mail.example\r\n250 STARTTLS\r\n",
		"handshake": "220 hello\r\n250-mail.example\r\n250 STARTTLS\r\n220 go ahead\r\n",
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		said := said
		address := fixture.Accept(t, listener, func(conn net.Conn) {
			// Line by line: what comes behind an answer is refused.
			for len(said) > 0 {
				end := len(said)
				for i := 0; i+5 < len(said); i++ {
					if said[i] == '\n' && said[i+4] == ' ' {
						end = i + 1
						break
					}
				}
				_, _ = io.WriteString(conn, said[:end])
				said = said[end:]
				_, _ = conn.Read(make([]byte, 1000))
			}
			_, _ = io.Copy(io.Discard, conn)
		})
		conn, err := net.Dial("tcp", address)
		must(t, err)
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		ended := make(chan error, 1)
		go func() {
			_, err := tlsocksmtp.StartTLS(ctx, fixture.NewTimeless(conn), "127.0.0.1", fixture.Client(t))
			ended <- err
		}()
		select {
		case err := <-ended:
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", name, err)
			}
		case <-time.After(30 * time.Second):
			t.Errorf("%s: StartTLS outlives its context", name)
		}
		cancel()
	}
}

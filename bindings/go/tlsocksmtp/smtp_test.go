package tlsocksmtp_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"tlsock"
	"tlsock/internal/fixture"
	"tlsock/tlsocksmtp"
)

func TestMain(m *testing.M) { fixture.Main(m) }

var (
	must       = fixture.Must
	background = fixture.Background
)

// server is a mail server for one client, with configured answers.
type server struct {
	address string
	mail    chan string // what it received, line by line
}

// serve runs it; behind is sent together with the answer to STARTTLS.
func serve(t testing.TB, extensions, behind string, implicit bool) *server {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { listener.Close() })
	s := &server{listener.Addr().String(), make(chan string, 100)}
	serving := fixture.Server(t)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { conn.Close() }()
		if implicit {
			conn = tlsock.Server(conn, serving)
		}
		fmt.Fprint(conn, "220 mail.example at your service\r\n")
		if implicit {
			s.talk(conn, extensions)
			return
		}
		if !s.talk(conn, extensions) {
			return
		}
		fmt.Fprint(conn, "220 go ahead\r\n"+behind)
		conn = tlsock.Server(conn, serving)
		s.talk(conn, "250 AUTH PLAIN\r\n")
	}()
	return s
}

// talk answers until the end, or until STARTTLS.
func (s *server) talk(conn net.Conn, extensions string) bool {
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		line := lines.Text()
		s.mail <- line
		switch word, _, _ := strings.Cut(line, " "); word {
		case "EHLO":
			fmt.Fprint(conn, "250-mail.example\r\n"+extensions)
		case "STARTTLS":
			return true
		case "DATA":
			fmt.Fprint(conn, "354 go on\r\n")
		case "AUTH":
			fmt.Fprint(conn, "235 welcome\r\n")
		case "MAIL", "RCPT", ".":
			fmt.Fprint(conn, "250 fine\r\n")
		case "QUIT":
			fmt.Fprint(conn, "221 bye\r\n")
			return false
		}
	}
	return false
}

func send(client *tlsocksmtp.Client) error {
	if err := client.Auth(smtp.PlainAuth("", "me", "secret", "127.0.0.1")); err != nil {
		return err
	}
	if err := client.Mail("me@example.org"); err != nil {
		return err
	}
	if err := client.Rcpt("you@example.org"); err != nil {
		return err
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, "hello\r\n"); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return client.Quit()
}

func TestMail(t *testing.T) {
	for name, implicit := range map[string]bool{"STARTTLS": false, "TLS": true} {
		s := serve(t, map[bool]string{false: "250-8BITMIME\r\n250 starttls\r\n", true: "250 AUTH PLAIN\r\n"}[implicit], "", implicit)
		dial := tlsocksmtp.Dial
		if implicit {
			dial = tlsocksmtp.DialTLS
		}
		client, err := dial(background(t), s.address, fixture.Client(t))
		must(t, err)
		if state, ok := client.TLSConnectionState(); !ok || len(state.PeerCertificates) == 0 {
			t.Errorf("%s: the state is %+v", name, state)
		}
		if err := client.StartTLS(nil); err == nil {
			t.Errorf("%s: TLS begins twice", name)
		}
		must(t, send(client))
		close(s.mail)
		sent := ""
		for line := range s.mail {
			sent += line + "|"
		}
		want := "EHLO localhost|AUTH PLAIN AG1lAHNlY3JldA==|MAIL FROM:<me@example.org>|RCPT TO:<you@example.org>|DATA|hello|.|QUIT|"
		if !implicit {
			want = "EHLO localhost|STARTTLS|" + want
		}
		if sent != want {
			t.Errorf("%s: the server got %q", name, sent)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct{ extensions, behind, want string }{
		{"250 8BITMIME\r\n", "", "does not offer STARTTLS"},
		// RFC 3207: data injected before the handshake must not be taken for the server's.
		{"250 STARTTLS\r\n", "250-injected\r\n", "more than its answer"},
	} {
		s := serve(t, c.extensions, c.behind, false)
		if _, err := tlsocksmtp.Dial(background(t), s.address, fixture.Client(t)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v", c.extensions, err)
		}
	}
	distrustful, err := tlsock.NewContext(tlsock.ProtocolTLSClient)
	must(t, err)
	s := serve(t, "250 STARTTLS\r\n", "", false)
	if _, err := tlsocksmtp.Dial(background(t), s.address, distrustful); !errors.Is(err, tlsock.ErrCertVerification) {
		t.Errorf("without trust: %v", err)
	}
	// An end before there was a handshake is no empty greeting.
	if _, err := tlsocksmtp.DialTLS(background(t), fixture.Interrupted(t), fixture.Client(t)); !errors.Is(err, tlsock.ErrZeroReturn) ||
		errors.Is(err, io.EOF) {
		t.Errorf("an early end: %v", err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer silent.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := tlsocksmtp.Dial(ctx, silent.Addr().String(), fixture.Client(t)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a silent server: %v", err)
	}
}

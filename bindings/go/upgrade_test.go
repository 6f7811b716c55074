package tlsock_test

import (
	"fmt"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"testing"

	"tlsock"
)

// mailServer speaks enough SMTP for an upgrade in the middle.
func mailServer(conn net.Conn, context *tlsock.Context, mail chan<- string) error {
	text := textproto.NewConn(conn)
	text.PrintfLine("220 ready")
	for {
		line, err := text.ReadLine()
		if err != nil {
			return err
		}
		switch command := strings.ToUpper(strings.Fields(line)[0]); command {
		case "EHLO":
			text.PrintfLine("250-hello\r\n250 STARTTLS")
		case "STARTTLS":
			text.PrintfLine("220 go ahead")
			secure := tlsock.Server(conn, context)
			defer secure.Close()
			text = textproto.NewConn(secure)
		case "DATA":
			text.PrintfLine("354 go on")
			lines, err := text.ReadDotLines()
			if err != nil {
				return err
			}
			mail <- strings.Join(lines, "\n")
			text.PrintfLine("250 taken")
		case "QUIT":
			return text.PrintfLine("221 bye")
		default:
			text.PrintfLine("250 fine")
		}
	}
}

// startTLS upgrades a connection as SMTP requires, and returns one that sends a greeting like a new one.
func startTLS(conn net.Conn, context *tlsock.Context, name string) (net.Conn, error) {
	text := textproto.NewConn(conn)
	for _, step := range []struct {
		command string
		answer  int
	}{{"", 220}, {"EHLO me", 250}, {"STARTTLS", 220}} {
		if step.command != "" {
			if err := text.PrintfLine("%s", step.command); err != nil {
				return nil, err
			}
		}
		if _, _, err := text.ReadResponse(step.answer); err != nil {
			return nil, err
		}
	}
	secure := tlsock.Client(conn, context, name)
	return &greeted{Conn: secure, greeting: "220 secure\r\n"}, secure.Handshake()
}

// greeted first returns the greeting that smtp.NewClient waits for.
type greeted struct {
	*tlsock.Conn
	greeting string
}

func (g *greeted) Read(b []byte) (int, error) {
	if g.greeting == "" {
		return g.Conn.Read(b)
	}
	n := copy(b, g.greeting)
	g.greeting = g.greeting[n:]
	return n, nil
}

func TestSMTPStartTLS(t *testing.T) {
	near, far := loopback(t)
	limit(t, near, far)
	mail, ended := make(chan string, 1), make(chan error, 1)
	serving := serverContext(t, "ecdsa")
	go func() { ended <- mailServer(far, serving, mail) }()
	conn, err := startTLS(near, clientContext(t), "localhost")
	must(t, err)
	client, err := smtp.NewClient(conn, "localhost")
	must(t, err)
	must(t, client.Mail("a@example.org"))
	must(t, client.Rcpt("b@example.org"))
	body, err := client.Data()
	must(t, err)
	fmt.Fprint(body, "the letter")
	must(t, body.Close())
	must(t, client.Quit())
	must(t, <-ended)
	equal(t, "mail", <-mail, "the letter")
}

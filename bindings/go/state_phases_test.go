package tlsock_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"tlsock"
)

// subject is an end whose state is asked for.
type subject interface {
	handshaker
	CloseWrite() error
	ConnectionState() tls.ConnectionState
}

// maker makes the next end of one library. A client resumes the session of the one before.
type maker func(conn net.Conn) subject

// demanding is a configuration of crypto/tls whose two ends show each other a certificate.
func demanding(t *testing.T, version uint16, server bool) *tls.Config {
	config := &tls.Config{MinVersion: version, MaxVersion: version, NextProtos: []string{"h2"}, ServerName: "localhost",
		RootCAs: goPool(t), ClientCAs: goPool(t), Certificates: []tls.Certificate{goPair(t, "client")}}
	if server {
		config.ClientAuth, config.Certificates = tls.RequireAndVerifyClientCert, []tls.Certificate{goPair(t, "ecdsa")}
	} else {
		config.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	}
	return config
}

func theirs(t *testing.T, version uint16, server bool) maker {
	config := demanding(t, version, server)
	return func(conn net.Conn) subject {
		if server {
			return tls.Server(conn, config)
		}
		return tls.Client(conn, config)
	}
}

func ours(t *testing.T, version tlsock.TLSVersion, server bool) maker {
	trusting, serving := clientContext(t), serverContext(t, "ecdsa")
	must(t, trusting.LoadCertChain(file("client.pem"), file("client.key"), ""))
	must(t, serving.SetVerifyMode(tlsock.CertRequired))
	for _, name := range []string{"ca.pem", "inter.pem"} {
		must(t, serving.LoadVerifyLocations(tlsock.VerifyLocations{CAFile: file(name)}))
	}
	// crypto/tls wants the root.
	must(t, serving.SetVerifyFlags(serving.VerifyFlags()&^tlsock.VerifyX509PartialChain))
	for _, context := range []*tlsock.Context{trusting, serving} {
		must(t, context.SetMaximumVersion(version))
		must(t, context.SetALPNProtocols("h2"))
	}
	var before *tlsock.Conn
	return func(conn net.Conn) subject {
		if server {
			return tlsock.Server(conn, serving)
		}
		options := tlsock.WrapOptions{ServerHostname: "localhost"}
		if before != nil {
			// One that was closed has none.
			options.Session, _ = before.Session()
		}
		made, err := trusting.WrapConn(conn, options)
		must(t, err)
		before = made
		return made
	}
}

// encounter is a subject and its peer.
type encounter struct {
	subject
	peer  *tls.Conn
	below net.Conn // of the peer
}

func encountered(t *testing.T, make_ maker, peers *tls.Config, server, shake bool) *encounter {
	near, far := loopback(t)
	limit(t, near, far)
	m := &encounter{subject: make_(near), below: far}
	t.Cleanup(func() { m.Close(); far.Close() })
	client, serving := handshaker(m.subject), handshaker(nil)
	if server {
		m.peer = tls.Client(far, peers)
		client, serving = m.peer, m.subject
	} else {
		m.peer = tls.Server(far, peers)
		serving = m.peer
	}
	if shake {
		clientErr, serverErr := shakeHands(client, serving)
		must(t, clientErr)
		must(t, serverErr)
	}
	return m
}

// ticket has the client read something, with which tickets come.
func (m *encounter) ticket(t *testing.T, server bool) {
	from, to := net.Conn(m.peer), net.Conn(m.subject)
	if server {
		from, to = to, from
	}
	_, err := from.Write([]byte("x"))
	must(t, err)
	_, err = to.Read(make([]byte, 1))
	must(t, err)
}

// phases are what happens before the state is asked for, the first time.
var phases = []struct {
	name  string
	enter func(t *testing.T, m *encounter)
}{
	{"before the handshake", nil},
	{"after it", func(*testing.T, *encounter) {}},
	{"after a read", func(t *testing.T, m *encounter) {
		_, err := m.peer.Write([]byte("x"))
		must(t, err)
		_, err = m.Read(make([]byte, 1))
		must(t, err)
	}},
	{"after the peer's end", func(t *testing.T, m *encounter) {
		must(t, m.peer.CloseWrite())
		_, err := m.Read(make([]byte, 1))
		equal(t, "end", err, io.EOF)
	}},
	{"after CloseWrite", func(t *testing.T, m *encounter) { must(t, m.CloseWrite()) }},
	{"after Close", func(t *testing.T, m *encounter) { must(t, m.Close()) }},
	{"after Close again", func(t *testing.T, m *encounter) {
		m.ConnectionState()
		must(t, m.Close())
		equal(t, "again", m.Close() != nil, true)
	}},
	{"after Unwrap", func(t *testing.T, m *encounter) {
		conn, ours := m.subject.(*tlsock.Conn)
		if !ours {
			return
		}
		go func() {
			_, _ = io.Copy(io.Discard, m.peer)
			_ = m.peer.CloseWrite()
		}()
		_, err := conn.Unwrap()
		must(t, err)
	}},
	{"after a failure", func(t *testing.T, m *encounter) {
		_, err := m.below.Write(append([]byte{23, 3, 3, 0, 40}, make([]byte, 40)...))
		must(t, err)
		_, err = m.Read(make([]byte, 1))
		equal(t, "failed", err != nil && err != io.EOF, true)
	}},
	{"after a failure and Close", func(t *testing.T, m *encounter) {
		_, err := m.below.Write(append([]byte{23, 3, 3, 0, 40}, make([]byte, 40)...))
		must(t, err)
		_, err = m.Read(make([]byte, 1))
		equal(t, "failed", err != nil && err != io.EOF, true)
		m.Close()
	}},
}

func nameOf(certificate *x509.Certificate) string {
	return " " + strings.TrimPrefix(certificate.Subject.CommonName, "tlsock test ")
}

// told is what a state tells of the peer and of what was agreed on.
func told(state tls.ConnectionState) string {
	text := fmt.Sprintf("complete %v, version %x, resumed %v, %q, %q, peer", state.HandshakeComplete, state.Version, state.DidResume,
		state.NegotiatedProtocol, state.ServerName)
	for _, certificate := range state.PeerCertificates {
		text += nameOf(certificate)
	}
	for _, chain := range state.VerifiedChains {
		text += ", chain"
		for _, certificate := range chain {
			text += nameOf(certificate)
		}
	}
	if state.HandshakeComplete && !state.DidResume {
		text += fmt.Sprintf(", %d bytes to bind", len(state.TLSUnique))
	}
	return text
}

// The state of a connection is that of its handshake whenever it is asked for, as with crypto/tls.
func TestTheStateInEveryPhase(t *testing.T) {
	for name, version := range bothVersions {
		for _, server := range []bool{false, true} {
			for _, resumed := range []bool{false, true} {
				for _, phase := range phases {
					version, server, resumed, phase := version, server, resumed, phase
					title := fmt.Sprintf("%s/server %v/resumed %v/%s", name, server, resumed, phase.name)
					t.Run(title, func(t *testing.T) {
						var states []string
						for _, make_ := range []maker{theirs(t, version.gos, server), ours(t, version.ours, server)} {
							peers := demanding(t, version.gos, !server)
							if resumed {
								encountered(t, make_, peers, server, true).ticket(t, server)
							}
							m := encountered(t, make_, peers, server, phase.enter != nil)
							if phase.enter != nil {
								phase.enter(t, m)
							}
							states = append(states, told(m.ConnectionState()))
						}
						equal(t, "state", states[1], states[0])
					})
				}
			}
		}
	}
}

// A caller that asks while another closes gets the whole answer.
func TestTheStateWhileItIsClosed(t *testing.T) {
	for _, server := range []bool{false, true} {
		make_, peers := ours(t, tlsock.TLSVersionTLSv13, server), demanding(t, tls.VersionTLS13, !server)
		for round := 0; round < 30; round++ {
			encountered(t, make_, peers, server, true).ticket(t, server)
			m := encountered(t, make_, peers, server, true)
			var group sync.WaitGroup
			answers := make(chan string, 8)
			for i := 0; i < cap(answers); i++ {
				i := i
				group.Add(1)
				go func() {
					defer group.Done()
					if i%4 == 3 {
						m.Close()
					}
					answers <- told(m.ConnectionState())
				}()
			}
			group.Wait()
			close(answers)
			who := map[bool]string{true: "client", false: "localhost"}[server]
			want := fmt.Sprintf(
				"complete true, version 304, resumed true, \"h2\", \"localhost\", peer %s intermediate, chain %[1]s intermediate root", who)
			for answer := range answers {
				equal(t, fmt.Sprint("round ", round), answer, want)
			}
		}
	}
}

// What a client shows after the handshake belongs to the state from the read on that has its answer, whether it was asked for before or not.
func TestTheStateAfterPostHandshakeAuthentication(t *testing.T) {
	trusting, serving := clientContext(t), serverContext(t, "ecdsa")
	must(t, trusting.LoadCertChain(file("client.pem"), file("client.key"), ""))
	must(t, trusting.SetPostHandshakeAuth(true))
	must(t, serving.SetPostHandshakeAuth(true))
	must(t, serving.LoadVerifyLocations(tlsock.VerifyLocations{CAFile: file("ca.pem")}))
	must(t, serving.SetVerifyMode(tlsock.CertRequired))
	nobody := "complete true, version 304, resumed false, \"\", \"localhost\", peer, 0 bytes to bind"
	somebody := "complete true, version 304, resumed false, \"\", \"localhost\", peer client intermediate, chain client intermediate root, 0 bytes to bind"
	for name, ask := range map[string]func(*tlsock.Conn){
		"nobody": func(*tlsock.Conn) {}, "asked": func(c *tlsock.Conn) { equal(t, "before", told(c.ConnectionState()), nobody) },
	} {
		for _, closed := range []bool{false, true} {
			client, server := pair(t, trusting, serving)
			go echo(client)
			ask(server)
			exchange(t, server, "before")
			ask(server)
			for round := 0; round < 2; round++ {
				must(t, server.VerifyClientPostHandshake())
				if round == 0 {
					ask(server)
				}
				exchange(t, server, "asked")
				exchange(t, server, "answered")
				if closed && round == 1 {
					server.Close()
				}
				equal(t, name, told(server.ConnectionState()), somebody)
			}
			// A question without an answer takes nothing away.
			if !closed {
				must(t, server.VerifyClientPostHandshake())
				equal(t, "asked again", told(server.ConnectionState()), somebody)
				server.Close()
				equal(t, "and closed", told(server.ConnectionState()), somebody)
			}
		}
	}
}

// A renegotiation of TLS 1.2 gives other bytes to bind, which the state tells whether it was asked before or not.
func TestTheStateAfterARenegotiation(t *testing.T) {
	for _, asked := range []bool{false, true} {
		address, commands, shown := opensslServer(t, "-tls1_2")
		raw, err := net.Dial("tcp", address)
		must(t, err)
		client := tlsock.Client(raw, clientContext(t), "localhost")
		defer client.Close()
		limit(t, client)
		must(t, client.Handshake())
		before, err := client.GetChannelBinding("tls-unique")
		must(t, err)
		if asked {
			equal(t, "before", bytes.Equal(client.State().TLSUnique, before), true)
		}
		go io.Copy(io.Discard, client)
		_, err = io.WriteString(client, "first\n")
		must(t, err)
		until(t, shown, "first")
		_, err = io.WriteString(commands, "r\n")
		must(t, err)
		until(t, shown, "SSL_do_handshake -> 1")
		var after []byte
		eventually(t, "the client knows the new handshake", func() bool {
			after, err = client.GetChannelBinding("tls-unique")
			return err == nil && len(after) > 0 && !bytes.Equal(after, before)
		})
		if asked {
			eventually(t, "the state is the new one", func() bool { return bytes.Equal(client.State().TLSUnique, after) })
		}
		// A writer waits for the reader.
		_, err = io.WriteString(client, "last\n")
		must(t, err)
		until(t, shown, "last")
		client.Close()
		equal(t, "after Close", bytes.Equal(client.State().TLSUnique, after), true)
		equal(t, "certificates", len(client.State().PeerCertificates) > 1, true)
	}
}

// A handshake that ends though Close has begun meanwhile tells of the peer like any other.
func TestTheStateOfAHandshakeThatMeetsClose(t *testing.T) {
	trusting, serving := clientContext(t), serverContext(t, "ecdsa")
	must(t, trusting.LoadCertChain(file("client.pem"), file("client.key"), ""))
	must(t, serving.SetVerifyMode(tlsock.CertRequired))
	must(t, serving.LoadVerifyLocations(tlsock.VerifyLocations{CAFile: file("ca.pem")}))
	near, far := loopback(t)
	client, server := tlsock.Client(near, trusting, "localhost"), tlsock.Server(far, serving)
	defer client.Close()
	limit(t, client, server)
	const finished = 20
	must(t, serving.SetMessageCallback(func(_ *tlsock.Object, message tlsock.Message) error {
		if !message.Written && message.ContentType == 22 && message.MsgType == finished {
			server.Close()
		}
		return nil
	}))
	_, err := shakeHands(client, server)
	state := server.ConnectionState()
	equal(t, "complete", state.HandshakeComplete, true)
	equal(t, "state", told(state),
		"complete true, version 304, resumed false, \"\", \"localhost\", peer client intermediate, chain client intermediate root, 0 bytes to bind")
	must(t, err)
}

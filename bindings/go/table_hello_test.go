package tlsock_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tlsock"
)

func init() {
	tableSteps["set_client_hello_callback"] = setClientHelloCallback
	tableSteps["client_hello"] = tellClientHello
}

// setClientHelloCallback has the callback accept, wait (it answers from another goroutine), refuse [ALERT] or use OTHER.
func setClientHelloCallback(s *scene) error {
	what := s.word(2)
	var other *tlsock.Context
	var refused error
	if what == "refuse" {
		refused = errors.New("not on the list")
		if s.given(3) {
			refused = tlsock.Alert(s.number(3))
		}
	}
	if what == "use" {
		other = s.context(3)
	}
	return s.context(1).SetClientHelloCallback(func(_ context.Context, _ *tlsock.Object, hello *tlsock.ClientHello) (*tlsock.Context, error) {
		if what == "wait" {
			answered := make(chan struct{})
			go close(answered)
			<-answered
		}
		s.hello = hello
		s.hellos++
		return other, refused
	})
}

// tellClientHello tells what the last callback saw, and how often one has answered since the last such step.
func tellClientHello(s *scene) error {
	if s.hello == nil {
		s.told.tell("ok", "unseen")
	} else {
		s.told.tellHello(s.hello)
	}
	s.told.tellNumber("answered", s.hellos, 0)
	s.hello, s.hellos = nil, 0
	return nil
}

func (o *outcome) tellHello(hello *tlsock.ClientHello) {
	name := hello.ServerName
	if name == "" {
		name = "none"
	}
	var extensions []string
	for _, one := range hello.Extensions {
		extensions = append(extensions, fmt.Sprintf("%d:%d", one.Type, len(one.Data)))
	}
	o.tell("ok", name)
	if hello.IsSecond {
		o.tell("second", "1")
	}
	o.tellText("alpn", strings.Join(hello.ALPN, ","))
	o.tellNumber("legacy_version", int64(hello.LegacyVersion), 0)
	o.tellNumber("session_id", int64(len(hello.SessionID)), 0)
	o.tellText("versions", numbers(hello.Versions))
	o.tellText("ciphers", numbers(hello.Ciphers))
	o.tellText("groups", numbers(hello.Groups))
	o.tellText("signature_algorithms", numbers(hello.SignatureAlgorithms))
	o.tellText("extensions", strings.Join(extensions, ","))
	o.tell("ja3", hello.JA3)
	o.tell("ja3_string", hello.JA3String)
	o.tell("ja4", hello.JA4)
}

func numbers[N ~uint16](list []N) string {
	var words []string
	for _, one := range list {
		words = append(words, fmt.Sprint(uint16(one)))
	}
	return strings.Join(words, ",")
}

package tlsockhttp_test

import (
	"crypto/tls"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"tlsock"
	"tlsock/internal/fixture"
	"tlsock/tlsockhttp"
)

// filled is a tls.Config of which one field alone is set.
func filled(t *testing.T, index int) *tls.Config {
	config := new(tls.Config)
	field := reflect.ValueOf(config).Elem().Field(index)
	var value reflect.Value
	switch field.Kind() {
	case reflect.Func:
		value = reflect.MakeFunc(field.Type(), func([]reflect.Value) []reflect.Value { return nil })
	case reflect.Slice:
		value = reflect.MakeSlice(field.Type(), 1, 1)
	case reflect.Map:
		value = reflect.MakeMap(field.Type())
	case reflect.Ptr:
		value = reflect.New(field.Type().Elem())
	case reflect.Interface:
		for _, some := range []any{strings.NewReader(""), new(strings.Builder), tls.NewLRUClientSessionCache(1)} {
			if reflect.TypeOf(some).Implements(field.Type()) {
				value = reflect.ValueOf(some)
			}
		}
	case reflect.Array:
		value = reflect.New(field.Type()).Elem()
		value.Index(0).SetUint(1)
	case reflect.Bool:
		value = reflect.ValueOf(true)
	case reflect.String:
		value = reflect.ValueOf("x")
	default:
		value = reflect.ValueOf(1).Convert(field.Type())
	}
	if !value.IsValid() {
		t.Fatalf("no value for a %v", field.Type())
	}
	field.Set(value.Convert(field.Type()))
	return config
}

// refusals gives what a server and a transport with these settings fail with; nil if they work.
func refusals(t *testing.T, server *http.Server, base *http.Transport) map[string]error {
	listener, err := tlsock.Listen("tcp", "127.0.0.1:0", fixture.Server(t))
	must(t, err)
	defer listener.Close()
	// One that is closed does not begin to serve.
	must(t, server.Close())
	errs := map[string]error{"http.Server.": tlsockhttp.Serve(server, listener)}
	if errors.Is(errs["http.Server."], http.ErrServerClosed) {
		errs["http.Server."] = nil
	}
	_, errs["http.Transport."] = tlsockhttp.NewTransport(fixture.Client(t), base)
	return errs
}

// Whatever a tls.Config can say is refused, by its name: nothing is ignored that somebody relies on. A field of a later crypto/tls too.
func TestSettingsForCryptoTLSAreRefused(t *testing.T) {
	fields, checked := reflect.TypeOf(tls.Config{}), 0
	for i := 0; i < fields.NumField(); i++ {
		name := fields.Field(i).Name
		if !fields.Field(i).IsExported() {
			continue
		}
		checked++
		for place, err := range refusals(t, &http.Server{TLSConfig: filled(t, i)}, &http.Transport{TLSClientConfig: filled(t, i)}) {
			if name == "NextProtos" || name == "PreferServerCipherSuites" {
				must(t, err)
			} else if err == nil || !strings.Contains(err.Error(), place+"TLS") || !strings.Contains(err.Error(), "Config."+name+" ") {
				t.Errorf("%s %s: %v", place, name, err)
			}
		}
	}
	if checked < 20 {
		t.Errorf("%d fields", checked)
	}
	keyed := new(tls.Config)
	keyed.SetSessionTicketKeys([][32]byte{{1}})
	for place, err := range refusals(t, &http.Server{TLSConfig: keyed}, &http.Transport{TLSClientConfig: keyed}) {
		if err == nil || !strings.Contains(err.Error(), "Context.SetTicketKeys") {
			t.Errorf("%s SetSessionTicketKeys: %v", place, err)
		}
	}
}

// Functions for other protocols would never be called; those for HTTP/2 are net/http's own.
func TestOtherProtocolsAreRefused(t *testing.T) {
	for name, refused := range map[string]bool{"h2": false, "unencrypted_http2": false, "acme-tls/1": true} {
		server := &http.Server{TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){name: nil}}
		base := &http.Transport{TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{name: nil}}
		for place, err := range refusals(t, server, base) {
			if (err != nil) != refused || err != nil && !strings.Contains(err.Error(), place+`TLSNextProto["`+name+`"]`) {
				t.Errorf("%s %s: %v", place, name, err)
			}
		}
	}
}

// What net/http itself puts into a server, and into a transport, is no setting of the program's.
func TestWhatNetHTTPSetsIsAccepted(t *testing.T) {
	first := serve(t, fixture.Server(t), nil)
	equal(t, "first", get(t, ours(t, fixture.Client(t), nil), first.url), newest+" 0 nobody")
	listener, err := tlsock.Listen("tcp", "127.0.0.1:0", fixture.Server(t))
	must(t, err)
	second := make(chan error, 1)
	go func() { second <- tlsockhttp.Serve(first.Server, listener) }()
	equal(t, "second", get(t, ours(t, fixture.Client(t), nil), "https://"+listener.Addr().String()), newest+" 0 nobody")
	must(t, first.Close())
	equal(t, "end", errors.Is(<-second, http.ErrServerClosed), true)

	// As ServeTLS leaves them behind.
	used := &http.Server{Handler: http.HandlerFunc(describe)}
	must(t, used.Close())
	_ = used.ServeTLS(listener, fixture.File("ecdsa.pem"), fixture.File("ecdsa.key"))
	third := serve(t, fixture.Server(t), func(server *http.Server, _ *tlsock.Listener) {
		server.TLSConfig = used.TLSConfig
	})
	equal(t, "third", get(t, ours(t, fixture.Client(t), nil), third.url), newest+" 0 nobody")

	base := &http.Transport{ForceAttemptHTTP2: true}
	other := &http.Client{Transport: base}
	response, err := other.Get(third.url)
	if err == nil {
		response.Body.Close()
	}
	transport, err := tlsockhttp.NewTransport(fixture.Client(t), base)
	must(t, err)
	transport.CloseIdleConnections()
}

package tlsock_test

import (
	"encoding/hex"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"tlsock"
)

// scene is what the steps of one case have made.
type scene struct {
	t       *testing.T
	version tlsock.TLSVersion
	values  map[string]any // contexts, identities, sessions and bytes
	client  *tlsock.Object
	server  *tlsock.Object
	up      *tlsock.MemoryBIO   // to the server
	down    *tlsock.MemoryBIO   // to the client
	hello   *tlsock.ClientHello // that a callback saw last
	hellos  int64               // how many were answered
	said    sentence
	told    outcome
}

// end frees all that has been made.
func (s *scene) end() {
	s.endPair()
	for _, value := range s.values {
		if closer, ok := value.(interface{ Close() error }); ok {
			closer.Close()
		}
	}
}

func (s *scene) endPair() {
	for _, object := range []*tlsock.Object{s.client, s.server} {
		if object != nil {
			object.Close()
		}
	}
	s.client, s.server = nil, nil
}

// keep keeps what a step made under the name that the step gives.
func (s *scene) keep(value any) {
	if s.said.stored != "" {
		s.values[s.said.stored] = value
	} else if closer, ok := value.(interface{ Close() error }); ok {
		closer.Close()
	}
}

func (s *scene) broken(why string) {
	s.t.Helper()
	s.t.Fatalf("the table is wrong: %s: %v", why, s.said)
}

// ---- the words of a step: 0 is its name ----

func (s *scene) word(at int) string {
	if at >= len(s.said.words) {
		s.broken("an argument is missing")
	}
	return s.said.words[at].text
}

// given tells whether a word is there and says something; - says nothing.
func (s *scene) given(at int) bool {
	return at < len(s.said.words) && (s.said.words[at].quoted || s.said.words[at].text != "-")
}

func (s *scene) subject(at int) any {
	switch name := s.word(at); name {
	case "client":
		if s.client != nil {
			return s.client
		}
	case "server":
		if s.server != nil {
			return s.server
		}
	default:
		if value, ok := s.values[name]; ok {
			return value
		}
	}
	s.broken("there is nothing of this name")
	return nil
}

func (s *scene) context(at int) *tlsock.Context {
	context, ok := s.subject(at).(*tlsock.Context)
	if !ok {
		s.broken("this is no context")
	}
	return context
}

func (s *scene) object(at int) *tlsock.Object {
	object, ok := s.subject(at).(*tlsock.Object)
	if !ok {
		s.broken("this is neither client nor server")
	}
	return object
}

// named are the numbers that the table calls by name.
var named = map[string]uint64{
	"CERT_NONE": uint64(tlsock.CertNone), "CERT_OPTIONAL": uint64(tlsock.CertOptional), "CERT_REQUIRED": uint64(tlsock.CertRequired),
	"OCSP_IGNORE": uint64(tlsock.OCSPIgnore), "OCSP_REQUEST": uint64(tlsock.OCSPRequest), "OCSP_REQUIRE": uint64(tlsock.OCSPRequire),
	"OP_NO_RENEGOTIATION": uint64(tlsock.OpNoRenegotiation), "OP_NO_TICKET": uint64(tlsock.OpNoTicket), "PROTOCOL_TLS": uint64(tlsock.ProtocolTLS),
	"PROTOCOL_TLS_CLIENT": uint64(tlsock.ProtocolTLSClient), "PROTOCOL_TLS_SERVER": uint64(tlsock.ProtocolTLSServer),
	"TICKET_KEYS_HAPROXY": uint64(tlsock.TicketKeysHAProxy), "TICKET_KEYS_NGINX": uint64(tlsock.TicketKeysNginx),
	"VERIFY_CRL_CHECK_CHAIN": uint64(tlsock.VerifyCRLCheckChain), "VERIFY_CRL_CHECK_LEAF": uint64(tlsock.VerifyCRLCheckLeaf),
	"VERIFY_X509_PARTIAL_CHAIN": uint64(tlsock.VerifyX509PartialChain), "VERIFY_X509_STRICT": uint64(tlsock.VerifyX509Strict),
	"VERIFY_X509_TRUSTED_FIRST": uint64(tlsock.VerifyX509TrustedFirst),
}

// number is a number, a name of one, or several with | between them.
func (s *scene) number(at int) (sum int64) {
	for _, part := range strings.Split(s.word(at), "|") {
		number, err := strconv.ParseInt(part, 0, 64)
		if err != nil {
			known, ok := named[part]
			if !ok {
				s.broken("this is no number and no name of one")
			}
			number = int64(known)
		}
		sum |= number
	}
	return sum
}

// bytes are parts with + between them, each with an optional [from:to] behind it; nil for -.
func (s *scene) bytes(at int) []byte {
	if !s.given(at) {
		return nil
	}
	all := []byte{}
	for _, part := range strings.Split(s.word(at), "+") {
		if part == "" {
			continue
		}
		name, limits, isCut := strings.Cut(part, "[")
		one := s.part(name)
		if isCut {
			from, to, _ := strings.Cut(strings.TrimSuffix(limits, "]"), ":")
			one = one[bound(from, 0, len(one)):bound(to, len(one), len(one))]
		}
		all = append(all, one...)
	}
	return all
}

func bound(text string, otherwise, most int) int {
	number, err := strconv.Atoi(text)
	if err != nil {
		return otherwise
	}
	if number > most {
		return most
	}
	return number
}

// part is key:LENGTH:SEED, zeros:LENGTH, x00ff, @FILE, $NAME of bytes, or text:WORDS.
func (s *scene) part(name string) []byte {
	var length, seed int
	switch {
	case strings.HasPrefix(name, "@"):
		data, err := os.ReadFile(file(name[1:]))
		must(s.t, err)
		return data
	case strings.HasPrefix(name, "$"):
		data, ok := s.values[name[1:]].([]byte)
		if !ok {
			s.broken("there are no bytes of this name")
		}
		return append([]byte{}, data...)
	case strings.HasPrefix(name, "text:"):
		return []byte(name[5:])
	case strings.HasPrefix(name, "x"):
		data, err := hex.DecodeString(name[1:])
		must(s.t, err)
		return data
	}
	if count, _ := fmt.Sscanf(name, "key:%d:%d", &length, &seed); count == 2 {
		return ticketKey(byte(seed), length)
	}
	if count, _ := fmt.Sscanf(name, "zeros:%d", &length); count == 1 {
		return make([]byte, length)
	}
	s.broken("these are no bytes")
	return nil
}

// text is what it says, or what is in the file after an @; "" for -.
func (s *scene) text(at int) string {
	if !s.given(at) {
		return ""
	}
	if text := s.word(at); !strings.HasPrefix(text, "@") {
		return text
	}
	return string(s.bytes(at))
}

// path is one in the folder of the certificates; an absolute one stays; "" for -.
func (s *scene) path(at int) string {
	if !s.given(at) {
		return ""
	}
	if name := s.word(at); name != "" && !strings.HasPrefix(name, "/") {
		return file(name)
	}
	return s.word(at)
}

// uri is a URI; file:NAME is that of a file in the folder of the certificates.
func (s *scene) uri(at int) string {
	if !s.given(at) {
		return ""
	}
	name := strings.TrimPrefix(s.word(at), "file:")
	if name == s.word(at) || name == "" || name[0] == '/' {
		return s.word(at)
	}
	return "file:" + file(name)
}

// argument is a word as a parameter of this type.
func (s *scene) argument(at int, kind reflect.Type) reflect.Value {
	switch kind.Kind() {
	case reflect.String:
		return reflect.ValueOf(s.text(at)).Convert(kind)
	case reflect.Bool:
		return reflect.ValueOf(s.word(at) == "true")
	case reflect.Slice:
		return reflect.ValueOf(s.bytes(at)).Convert(kind)
	case reflect.Ptr:
		if !s.given(at) {
			return reflect.Zero(kind)
		}
		return reflect.ValueOf(s.subject(at))
	}
	return reflect.ValueOf(s.number(at)).Convert(kind)
}

// call calls a method of this package by the words of the step; the first word after the name is whose method it is.
func (s *scene) call(method reflect.Value) error {
	kind := method.Type()
	var arguments []reflect.Value
	for at := 2; at-2 < kind.NumIn() || kind.IsVariadic() && at < len(s.said.words); at++ {
		if kind.IsVariadic() && at-2 >= kind.NumIn()-1 {
			if at < len(s.said.words) {
				arguments = append(arguments, s.argument(at, kind.In(kind.NumIn()-1).Elem()))
			}
			continue
		}
		arguments = append(arguments, s.argument(at, kind.In(at-2)))
	}
	var result any
	for _, one := range method.Call(arguments) {
		if err, isError := one.Interface().(error); isError {
			return err
		}
		if one.Type().String() != "error" {
			result = one.Interface()
		}
	}
	s.tell(result)
	return nil
}

// tell tells what a step gave, and keeps it.
func (s *scene) tell(result any) {
	switch value := result.(type) {
	case nil:
		s.told.tell("ok", "")
	case []byte:
		s.keep(value)
		text := "none"
		if value != nil {
			text = fmt.Sprintf("%d bytes", len(value))
		}
		s.told.tell("ok", text)
	case interface{ Close() error }:
		s.keep(value)
		s.told.tell("ok", "")
	case []string:
		s.told.tell("ok", strings.Join(value, ":"))
	case *tlsock.Certificate:
		if value == nil {
			s.told.tell("ok", "none")
			return
		}
		s.keep(value.DER())
		s.told.tell("ok", value.Subject())
		s.told.tell("serial", value.SerialNumber())
	case string:
		if value == "" {
			value = "none"
		}
		s.told.tell("ok", value)
	case fmt.Stringer:
		s.told.tell("ok", fmt.Sprintf("%d", value))
	default:
		s.told.tell("ok", fmt.Sprint(value))
	}
}

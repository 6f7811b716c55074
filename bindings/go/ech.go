package tlsock

// #include "bytes.h"
import "C"

// ECHStatus is what has become of Encrypted ClientHello (RFC 9849) on a connection.
type ECHStatus int

// What Conn.ECHStatus gives. ECHGrease: a client has sent something that looks like it, or a server got something that none of
// its keys could decrypt. ECHBackend: this server got what another one has decrypted.
const (
	ECHNone     ECHStatus = C.TLSOCK_ECH_STATUS_NONE
	ECHGrease   ECHStatus = C.TLSOCK_ECH_STATUS_GREASE
	ECHAccepted ECHStatus = C.TLSOCK_ECH_STATUS_ACCEPTED
	ECHRejected ECHStatus = C.TLSOCK_ECH_STATUS_REJECTED
	ECHBackend  ECHStatus = C.TLSOCK_ECH_STATUS_BACKEND
)

// ECHRejectionError tells that a server has proved to be the one with the public name, and has not decrypted the ClientHello. It
// has the fields of the type of this name in crypto/tls; errors.As finds it in an *Error. RetryConfigList is for SetECHConfigs
// and one more try; nil if the server says that it does without Encrypted ClientHello.
type ECHRejectionError struct {
	RetryConfigList []byte
	message         string
}

// Error is the message of the *Error.
func (e *ECHRejectionError) Error() string { return prefix + e.message }

// Is matches ErrSSL.
func (e *ECHRejectionError) Is(target error) bool { return target == ErrSSL }

// SetECHConfigs has clients encrypt their ClientHello for the server that has published this ECHConfigList: the bytes of "ech" in
// its HTTPS record of DNS. Such a connection speaks TLS 1.3 alone. A server that does not decrypt fails the handshake with an
// *ECHRejectionError, once its certificate has proved the public name; nothing is sent without encryption instead. Sessions are not
// offered, and a pre-shared key that a callback gives fails the handshake. nil ends it; an empty list is an ErrValue, as is one without a configuration that can be used. ErrNotImplemented without HasECH.
// Counts for connections made from now on.
func (c *Context) SetECHConfigs(configs []byte) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_context_set_ech_configs(p, given(configs), C.size_t(len(configs)), e)
	})
}

// SetECHGrease sets whether clients without configurations send something that looks like an encrypted ClientHello. Off at first.
func (c *Context) SetECHGrease(on bool) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_ech_grease(p, C.bool(on), e)
	})
}

// ECHGrease is what SetECHGrease has set.
func (c *Context) ECHGrease() bool {
	return ask(&c.ref, func(p *C.tlsock_context) bool { return bool(C.tlsock_context_ech_grease(p)) })
}

// LoadECHKeys replaces the keys by which a server decrypts ClientHellos: PEM, of each key a PRIVATE KEY and then its ECHCONFIG,
// as GenerateECHKeys and "openssl ech" write them. The configurations of keys are sent to clients that have others, to
// connect again with; former, which may be empty, only decrypt. The server needs a certificate for each public name too. Both
// empty: none any more. Counts for connections made from now on; on failure the old keys stay.
func (c *Context) LoadECHKeys(keys, former []byte) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_context_load_ech_keys(p, start(keys), C.size_t(len(keys)), start(former), C.size_t(len(former)), e)
	})
}

// GenerateECHKeys makes a key for LoadECHKeys, in PEM, and the ECHConfigList for clients. keys is secret. publicName stays visible
// in place of the server's name; names up to maxNameLength bytes, at most 255, are padded to one length.
func GenerateECHKeys(publicName string, maxNameLength int) (keys, configs []byte, err error) {
	var text texts
	defer text.free()
	name := text.add("publicName", publicName)
	if text.err != nil {
		return nil, nil, text.err
	}
	if maxNameLength != int(C.int(maxNameLength)) {
		maxNameLength = -1 // what is no number of C must not become a good one
	}
	var secret, public C.tlsock_bytes
	err = call(func(e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_generate_ech_keys(name, C.int(maxNameLength), &secret, &public, e)
	})
	return goBytes(&secret), goBytes(&public), err
}

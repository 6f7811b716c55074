package tlsock

// #include "callback.h"
import "C"

import (
	"context"
	"crypto/tls"
	"runtime/cgo"
	"unsafe"
)

// ClientHello is the first message of a client, as it was sent: a copy, which may be kept. Numbers are those of TLS, in the
// client's order, with those that mean nothing (GREASE, RFC 8701) among them.
type ClientHello struct {
	// IsSecond: it answers a HelloRetryRequest, and the callback has seen the first one of the handshake.
	IsSecond            bool
	ServerName          string   // "" if the client named none
	ALPN                []string // the application protocols that it offers
	LegacyVersion       uint16   // in the head of the message, which TLS 1.3 no longer changes
	SessionID           []byte   // that it offers to resume, of TLS 1.2 and below; in TLS 1.3 of no meaning
	Versions            []uint16 // that it offers, from the extension, otherwise LegacyVersion
	Ciphers             []uint16
	Groups              []tls.CurveID
	SignatureAlgorithms []tls.SignatureScheme
	Extensions          []Extension
	JA3, JA3String, JA4 string // fingerprints: no proof of anything, as a client may send what it likes
}

// Extension is one of a ClientHello.
type Extension struct {
	Type uint16
	Data []byte
}

// newClientHello copies one that is lent.
func newClientHello(p *C.tlsock_client_hello) *ClientHello {
	h := &ClientHello{
		IsSecond:      bool(C.tlsock_client_hello_is_second(p)),
		ServerName:    C.GoString(C.tlsock_client_hello_server_name(p)),
		LegacyVersion: uint16(C.tlsock_client_hello_legacy_version(p)),
		SessionID:     ofSlice(C.tlsock_client_hello_session_id(p)),
		JA3:           C.GoString(C.tlsock_client_hello_ja3(p)),
		JA3String:     C.GoString(C.tlsock_client_hello_ja3_string(p)),
		JA4:           C.GoString(C.tlsock_client_hello_ja4(p)),
	}
	for i := C.size_t(0); i < C.tlsock_client_hello_alpn_count(p); i++ {
		h.ALPN = append(h.ALPN, string(ofSlice(C.tlsock_client_hello_alpn_at(p, i))))
	}
	for i := C.size_t(0); i < C.tlsock_client_hello_version_count(p); i++ {
		h.Versions = append(h.Versions, uint16(C.tlsock_client_hello_version_at(p, i)))
	}
	for i := C.size_t(0); i < C.tlsock_client_hello_cipher_count(p); i++ {
		h.Ciphers = append(h.Ciphers, uint16(C.tlsock_client_hello_cipher_at(p, i)))
	}
	for i := C.size_t(0); i < C.tlsock_client_hello_group_count(p); i++ {
		h.Groups = append(h.Groups, tls.CurveID(C.tlsock_client_hello_group_at(p, i)))
	}
	for i := C.size_t(0); i < C.tlsock_client_hello_signature_algorithm_count(p); i++ {
		h.SignatureAlgorithms = append(h.SignatureAlgorithms,
			tls.SignatureScheme(C.tlsock_client_hello_signature_algorithm_at(p, i)))
	}
	for i := C.size_t(0); i < C.tlsock_client_hello_extension_count(p); i++ {
		h.Extensions = append(h.Extensions, Extension{
			Type: uint16(C.tlsock_client_hello_extension_type_at(p, i)),
			Data: ofSlice(C.tlsock_client_hello_extension_data_at(p, i)),
		})
	}
	return h
}

// ofSlice copies bytes that are lent.
func ofSlice(lent C.tlsock_slice) []byte {
	return C.GoBytes(unsafe.Pointer(lent.data), C.int(lent.len))
}

// ClientHelloCallback sees a client's first message before anything is chosen, as GetConfigForClient of crypto/tls does. The
// context that it returns takes the place of the connection's, as with Object.SetContext; nil keeps that. It may be closed
// once the handshake is over. An Alert refuses the client with that alert, any other error with handshake_failure; it is the
// Cause of the handshake's. ctx is the handshake's context: the callback may wait, and no thread does, until ctx ends. Then
// nobody waits for the answer any more, and the object is closed: the callback should return.
type ClientHelloCallback func(ctx context.Context, object *Object, hello *ClientHello) (*Context, error)

// SetClientHelloCallback sets who sees each ClientHello. It comes before the version, the cipher and a session are chosen
// and before the SNI callback, which is that of the context that this one has chosen. It is called for resumed sessions too,
// and twice in a handshake in which the server asks for another ClientHello: see ClientHello.IsSecond. The callback of a
// context that was chosen is not called for the same ClientHello. Malformed ones are refused and not shown. nil clears.
func (c *Context) SetClientHelloCallback(callback ClientHelloCallback) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_client_hello(p, handle, e)
		})
	})
}

//export tlsock_go_client_hello
func tlsock_go_client_hello(handle C.uintptr_t, object *C.tlsock_object, owner C.uintptr_t, hello *C.tlsock_client_hello,
	alert *C.int, e **C.tlsock_error) C.int {
	return wait(aboutClientHello, handle, owner, "", e, func() finder {
		callback, seen := cgo.Handle(handle).Value().(ClientHelloCallback), newClientHello(hello)
		return func(ctx context.Context, object *Object) (any, error) {
			chosen, err := callback(ctx, object, seen)
			if refused, ok := err.(Alert); ok && refused.sendable() {
				return refused, nil
			}
			return chosen, err
		}
	}, func(answer any) error {
		switch answer := answer.(type) {
		case Alert:
			*alert = C.int(answer)
			return answer
		case *Context:
			if answer != nil {
				return cgo.Handle(owner).Value().(*record).choose(object, answer)
			}
		}
		return nil
	})
}

// choose gives the connection another context, in the callback that may.
func (r *record) choose(object *C.tlsock_object, context *Context) error {
	err := context.use(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_set_context(object, p, e)
	})
	if err == nil {
		r.sessions.Store(context.sessions)
	}
	return err
}

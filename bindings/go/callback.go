package tlsock

// #include <stdlib.h>
// #include "callback.h"
import "C"

import (
	"fmt"
	"runtime/cgo"
	"unsafe"
)

// The callbacks. Each runs in a goroutine of its own while the call that does the handshake, reads or writes waits for it, on a
// thread; for a ClientHelloCallback, an IdentityCallback and a client's VerifyCallback no thread waits.
// The object is lent for the time of the callback; a read, write or handshake on the Conn itself would deadlock there. The
// object's HandshakeContext ends with the handshake. If a callback returns an error, panics or ends its goroutine
// (runtime.Goexit), the call fails with an *Error that has it as Cause.
type (
	// SNICallback answers a ClientHello: SetContext of the object chooses another certificate. serverName is "" when
	// the client named none. An Alert refuses with that alert.
	SNICallback func(object *Object, serverName string) error
	// ALPNCallback chooses one of the protocols that a client offers, in its order; "" for none. serverName is "" when the client
	// named none. An error refuses the client with no_application_protocol.
	ALPNCallback func(object *Object, serverName string, protocols []string) (string, error)
	// PasswordCallback gives the password of a private key.
	PasswordCallback func() (string, error)
	// PSKClientCallback gives a client's identity and key for the server's hint. No key declines.
	PSKClientCallback func(object *Object, hint string) (identity string, psk []byte, err error)
	// PSKServerCallback gives the key of a client's identity. No key declines.
	PSKServerCallback func(object *Object, identity string) (psk []byte, err error)
	// MessageCallback sees a protocol message, never application data.
	MessageCallback func(object *Object, message Message) error
	// KeylogCallback takes a line of the key log. It is secret: anyone who has it can decrypt the connection.
	KeylogCallback func(object *Object, line string) error
	// SessionCallback takes a session that can now be resumed; in TLS 1.3 each ticket as it arrives.
	SessionCallback func(object *Object, session *Session) error
	// WarningCallback sees a warning: category is Python's class. An error makes the call fail.
	WarningCallback func(category, message string) error
)

// Message is one protocol message. Version is a TLSVersion, ContentType one of RFC 8446 or 256 for a header and 257
// for an inner content type, MsgType the number of the alert or handshake type, -1 if none.
type Message struct {
	Written                       bool
	Version, ContentType, MsgType int
	Data                          []byte
}

// Alert is an error with which an SNICallback refuses: the number of an alert, 1 to 255. Any other number has the effect of
// an error that is not an Alert.
type Alert int

// Error names the alert.
func (a Alert) Error() string { return fmt.Sprintf("%srefused with alert %d", prefix, int(a)) }

// sendable tells whether it is an alert that refuses: 0 would be close_notify.
func (a Alert) sendable() bool { return a > 0 && a <= 255 }

// PanicError is a panic of a callback.
type PanicError struct {
	Value any
	Stack []byte
}

// Error is the value that the callback panicked with.
func (e *PanicError) Error() string { return fmt.Sprintf("%spanic in a callback: %v", prefix, e.Value) }

//export tlsock_go_release
func tlsock_go_release(handle C.uintptr_t) {
	if handle != 0 {
		cgo.Handle(handle).Delete()
	}
}

//export tlsock_go_sni
func tlsock_go_sni(handle C.uintptr_t, object *C.tlsock_object, owner C.uintptr_t, name *C.char,
	e **C.tlsock_error) C.int {
	var refused Alert
	status := called(object, owner, e, func(object *Object) error {
		err := cgo.Handle(handle).Value().(SNICallback)(object, C.GoString(name))
		if alert, ok := err.(Alert); ok && alert.sendable() {
			refused = alert
			return nil
		}
		return err
	})
	if status != C.TLSOCK_OK {
		return -1
	}
	return C.int(refused)
}

//export tlsock_go_alpn
func tlsock_go_alpn(handle C.uintptr_t, object *C.tlsock_object, owner C.uintptr_t, name *C.char, protocols *C.tlsock_slice,
	count C.size_t, chosen *C.size_t, e **C.tlsock_error) C.int {
	return called(object, owner, e, func(object *Object) error {
		places := make(map[string]int, int(count))
		offered := make([]string, int(count))
		for i, protocol := range unsafe.Slice(protocols, int(count)) {
			offered[i] = C.GoStringN((*C.char)(unsafe.Pointer(protocol.data)), C.int(protocol.len))
			places[offered[i]] = i
		}
		name, err := cgo.Handle(handle).Value().(ALPNCallback)(object, C.GoString(name), offered)
		if err != nil || name == "" {
			return err
		}
		place, isOffered := places[name]
		if !isOffered {
			return fmt.Errorf("an ALPNCallback chose %q, which the client does not offer", name)
		}
		*chosen = C.size_t(place)
		return nil
	})
}

//export tlsock_go_password
func tlsock_go_password(handle C.uintptr_t, buffer *C.uint8_t, size C.size_t, length *C.size_t,
	e **C.tlsock_error) C.int {
	asked := cgo.Handle(handle).Value().(*passwordAsked)
	var password string
	err := isolated(func() (err error) {
		password, err = asked.callback()
		return err
	})
	if err != nil {
		return asked.record.fail(err, e)
	}
	// Without a copy of it in between, which would have to be wiped.
	if C.size_t(len(password)) > size {
		return newCError(C.TLSOCK_VALUE, fmt.Errorf("password cannot be longer than %d bytes", size), e)
	}
	*length = C.size_t(copy(unsafe.Slice((*byte)(buffer), size), password))
	return C.TLSOCK_OK
}

// fill copies a key or an identity into a buffer of C.
func fill(what string, data []byte, buffer *C.uint8_t, size C.size_t) (C.size_t, error) {
	if C.size_t(len(data)) > size {
		return 0, fmt.Errorf("%s of %d bytes is longer than the %d that fit", what, len(data), size)
	}
	return C.size_t(copy(unsafe.Slice((*byte)(buffer), size), data)), nil
}

//export tlsock_go_psk_client
func tlsock_go_psk_client(handle C.uintptr_t, object *C.tlsock_object, owner C.uintptr_t, hint, identity *C.char,
	identitySize C.size_t, psk *C.uint8_t, size C.size_t, length *C.size_t, e **C.tlsock_error) C.int {
	return called(object, owner, e, func(object *Object) error {
		name, key, err := cgo.Handle(handle).Value().(PSKClientCallback)(object, C.GoString(hint))
		if err != nil || len(key) == 0 {
			return err
		}
		_, err = fill("an identity", append([]byte(name), 0), (*C.uint8_t)(unsafe.Pointer(identity)), identitySize)
		if err == nil {
			*length, err = fill("a key", key, psk, size)
		}
		return err
	})
}

//export tlsock_go_psk_server
func tlsock_go_psk_server(handle C.uintptr_t, object *C.tlsock_object, owner C.uintptr_t, identity *C.char,
	psk *C.uint8_t, size C.size_t, length *C.size_t, e **C.tlsock_error) C.int {
	return called(object, owner, e, func(object *Object) error {
		key, err := cgo.Handle(handle).Value().(PSKServerCallback)(object, C.GoString(identity))
		if err == nil {
			*length, err = fill("a key", key, psk, size)
		}
		return err
	})
}

//export tlsock_go_message
func tlsock_go_message(handle C.uintptr_t, object *C.tlsock_object, owner C.uintptr_t, direction, version, contentType,
	msgType C.int, data *C.uint8_t, length C.size_t, e **C.tlsock_error) C.int {
	return called(object, owner, e, func(object *Object) error {
		return cgo.Handle(handle).Value().(MessageCallback)(object, Message{
			direction == C.TLSOCK_MESSAGE_WRITE, int(version), int(contentType), int(msgType),
			C.GoBytes(unsafe.Pointer(data), C.int(length)),
		})
	})
}

//export tlsock_go_keylog
func tlsock_go_keylog(handle C.uintptr_t, object *C.tlsock_object, owner C.uintptr_t, line *C.char,
	e **C.tlsock_error) C.int {
	return called(object, owner, e, func(object *Object) error {
		return cgo.Handle(handle).Value().(KeylogCallback)(object, C.GoString(line))
	})
}

//export tlsock_go_session
func tlsock_go_session(handle C.uintptr_t, object *C.tlsock_object, owner C.uintptr_t, session *C.tlsock_session,
	e **C.tlsock_error) C.int {
	own := ownSession(session)
	return called(object, owner, e, func(object *Object) error {
		return cgo.Handle(handle).Value().(SessionCallback)(object, own)
	})
}

//export tlsock_go_warning
func tlsock_go_warning(handle C.uintptr_t, category, message *C.char) C.int {
	err := isolated(func() error {
		return cgo.Handle(handle).Value().(WarningCallback)(C.GoString(category), C.GoString(message))
	})
	if err != nil {
		return C.TLSOCK_VALUE
	}
	return C.TLSOCK_OK
}

// hand gives C a handle on a callback, which the library frees when it needs it no more. A nil callback clears.
func hand(callback any, absent bool, set func(C.uintptr_t) error) error {
	if absent {
		return set(0)
	}
	handle := cgo.NewHandle(callback)
	err := set(C.uintptr_t(handle))
	if err != nil {
		handle.Delete()
	}
	return err
}

// A callback that uses its own Context, and not the object's, keeps it from being collected: Close it then.

// SetSNICallback sets who answers a ClientHello, also when the client named no server. nil clears.
func (c *Context) SetSNICallback(callback SNICallback) error { return c.setSNI(callback, false) }

// SetServernameCallback does what SetSNICallback does; a name that is no valid host name fails the handshake.
func (c *Context) SetServernameCallback(callback SNICallback) error { return c.setSNI(callback, true) }

func (c *Context) setSNI(callback SNICallback, strict bool) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_sni(p, handle, C.bool(strict), e)
		})
	})
}

// SetALPNCallback sets who chooses a server's protocol, in place of SetALPNProtocols: for each ClientHello that offers protocols,
// after the SNICallback. nil clears.
func (c *Context) SetALPNCallback(callback ALPNCallback) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_alpn(p, handle, e)
		})
	})
}

// SetPSKClientCallback sets who gives a client its pre-shared key. With CertNone, a server that declines the key in
// TLS 1.3 is not authenticated at all. It is not called where a session is resumed, which goes on as the one that it was made as: a
// Dialer keeps and offers none while such a callback is set. nil clears.
func (c *Context) SetPSKClientCallback(callback PSKClientCallback) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.setDecider(pskDecides, callback == nil, func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_psk_client(p, handle, e)
		})
	})
}

// SetPSKServerCallback sets who gives a server the key of an identity, and the hint sent to clients of TLS 1.2.
func (c *Context) SetPSKServerCallback(callback PSKServerCallback, identityHint string) error {
	var text texts
	defer text.free()
	hint := text.maybe("identityHint", identityHint)
	if text.err != nil {
		return text.err
	}
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_psk_server(p, handle, hint, e)
		})
	})
}

// PSKRequired tells what SetPSKRequired has set.
func (c *Context) PSKRequired() bool {
	return ask(&c.ref, func(p *C.tlsock_context) bool { return bool(C.tlsock_context_psk_required(p)) })
}

// SetPSKRequired sets whether a handshake without a pre-shared key fails; counts for each that is not over. In TLS 1.3 a key
// that the server declines falls back to certificates otherwise. A session counts if it was made by a handshake that had
// to use a key. A server with a certificate uses a key in TLS 1.3 only with TLS_AES_128_GCM_SHA256: SetCiphersuites puts that
// first.
func (c *Context) SetPSKRequired(required bool) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_psk_required(p, C.bool(required), e)
	})
}

// SetMessageCallback shows every protocol message to a callback, for debugging. Python: _msg_callback
func (c *Context) SetMessageCallback(callback MessageCallback) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_message(p, handle, e)
		})
	})
}

// SetKeylogCallback hands each line of key log to a callback.
func (c *Context) SetKeylogCallback(callback KeylogCallback) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_keylog(p, handle, e)
		})
	})
}

// SetSessionCallback hands over each session that can be resumed as it arrives: the way to resume TLS 1.3 without
// guessing when. The first callback counts for connections made after it was set.
func (c *Context) SetSessionCallback(callback SessionCallback) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_session(p, handle, e)
		})
	})
}

// SetWarningCallback sets who sees warnings (deprecated protocols and options, ...), for the whole process.
func SetWarningCallback(callback WarningCallback) error {
	return hand(callback, callback == nil, func(handle C.uintptr_t) error {
		return call(func(e **C.tlsock_error) C.tlsock_status { return C.tlsock_go_set_warning(handle, e) })
	})
}

package tlsock

// #include <stdlib.h>
// #include "callback.h"
import "C"

import (
	"fmt"
	"net"
	"runtime/cgo"
	"runtime/debug"
	"sync/atomic"
	"unsafe"
)

// The callbacks. Each runs inside the call that shakes hands, reads or writes. The object is lent for the time of the
// callback; asking the Conn itself there would wait for itself. An error, or a panic, makes that call fail: its *Error
// has it as Cause.
type (
	// SNICallback answers a ClientHello: SetContext of the object chooses another certificate. serverName is "" when
	// the client named none. An Alert refuses with that alert.
	SNICallback func(object *Object, serverName string) error
	// PasswordCallback gives the password of a private key.
	PasswordCallback func() (string, error)
	// PSKClientCallback gives a client's identity and key for the server's hint. No key declines.
	PSKClientCallback func(object *Object, hint string) (identity string, psk []byte, err error)
	// PSKServerCallback gives the key of a client's identity. No key declines.
	PSKServerCallback func(object *Object, identity string) (psk []byte, err error)
	// MessageCallback sees a protocol message, never application data.
	MessageCallback func(object *Object, message Message) error
	// KeylogCallback takes a line of key log. Secret: whoever has it reads the connection.
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

// Alert is an error that an SNICallback refuses with.
type Alert int

// Error names the alert.
func (a Alert) Error() string { return fmt.Sprintf("tlsock: refused with alert %d", int(a)) }

// PanicError is a panic of a callback.
type PanicError struct {
	Value any
	Stack []byte
}

// Error is the value that the callback panicked with.
func (e *PanicError) Error() string { return fmt.Sprintf("tlsock: panic in a callback: %v", e.Value) }

// record is what callbacks know of a connection. It does not know the Conn, which thus can be collected.
type record struct {
	conn net.Conn
	err  atomic.Pointer[error] // of the last callback that failed
	// slotted: the call holds one of the slots. Only that call looks.
	slotted bool
}

// explain puts Go's own error of a callback in the place of its copy.
func (r *record) explain(err error) error {
	failure, ok := err.(*Error)
	if r == nil || !ok || failure.Status < 10 {
		return err
	}
	if cause := r.err.Swap(nil); cause != nil {
		failure.Cause = *cause
	}
	return err
}

// fail notes the error and gives C a copy of it.
func (r *record) fail(err error, e **C.tlsock_error) C.int {
	r.err.Store(&err)
	status := C.int(C.TLSOCK_SSL)
	if _, panicked := err.(*PanicError); panicked {
		status = C.TLSOCK_PANIC
	}
	message := C.CString(err.Error())
	defer C.free(unsafe.Pointer(message))
	if e != nil {
		*e = C.tlsock_error_new(status, message)
	}
	return status
}

// guarded runs a callback and turns a panic into an error.
func guarded(f func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &PanicError{value, debug.Stack()}
		}
	}()
	return f()
}

// called runs a callback of a connection with the object lent to it.
func called(pointer *C.tlsock_object, owner C.uintptr_t, e **C.tlsock_error, f func(*Object) error) C.int {
	own := cgo.Handle(owner).Value().(*record)
	// A callback may take its time, or shake hands itself.
	if own.slotted {
		<-slots
		defer func() { slots <- struct{}{} }()
	}
	object := &Object{}
	object.record = own
	object.ref.set("object lent to a callback", pointer, func(*C.tlsock_object) {})
	defer object.ref.close()
	if err := guarded(func() error { return f(object) }); err != nil {
		return own.fail(err, e)
	}
	return C.TLSOCK_OK
}

//export tlsock_go_release
func tlsock_go_release(handle C.uintptr_t) {
	if handle != 0 {
		cgo.Handle(handle).Delete()
	}
}

//export tlsock_go_sni
func tlsock_go_sni(handle C.uintptr_t, object *C.tlsock_object, owner C.uintptr_t, name *C.char,
	e **C.tlsock_error) C.int {
	alert := C.int(0)
	status := called(object, owner, e, func(object *Object) error {
		err := cgo.Handle(handle).Value().(SNICallback)(object, C.GoString(name))
		if refused, ok := err.(Alert); ok {
			alert = C.int(refused)
			return nil
		}
		return err
	})
	if status != C.TLSOCK_OK {
		return -1
	}
	return alert
}

//export tlsock_go_password
func tlsock_go_password(handle C.uintptr_t, buffer *C.uint8_t, size C.size_t, length *C.size_t,
	e **C.tlsock_error) C.int {
	asked := cgo.Handle(handle).Value().(*passwordAsked)
	err := guarded(func() error {
		password, err := asked.callback()
		if err == nil {
			*length, err = fill([]byte(password), buffer, size)
		}
		return err
	})
	if err != nil {
		return asked.record.fail(err, e)
	}
	return C.TLSOCK_OK
}

// fill copies into a buffer of C.
func fill(data []byte, buffer *C.uint8_t, size C.size_t) (C.size_t, error) {
	if C.size_t(len(data)) > size {
		return 0, fmt.Errorf("tlsock: %d bytes are more than the %d that fit", len(data), size)
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
		_, err = fill(append([]byte(name), 0), (*C.uint8_t)(unsafe.Pointer(identity)), identitySize)
		if err == nil {
			*length, err = fill(key, psk, size)
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
			*length, err = fill(key, psk, size)
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
	err := guarded(func() error {
		return cgo.Handle(handle).Value().(WarningCallback)(C.GoString(category), C.GoString(message))
	})
	if err != nil {
		return C.TLSOCK_VALUE
	}
	return C.TLSOCK_OK
}

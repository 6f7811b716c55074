package tlsock

// #include <stdlib.h>
// #include "callback.h"
import "C"

import (
	"runtime/cgo"
	"time"
	"unsafe"
)

// ServerSessionCache keeps the sessions of servers outside of the process, by their ids: those that are not in tickets. The
// object is lent for the time of the call, and the handshake waits for it. An error ends the handshake: a cache that cannot
// reach its store answers as if it had found nothing.
type ServerSessionCache interface {
	// Put keeps a session for this long. The data is secret, at most 64 KiB, and the cache's own.
	Put(object *Object, id, data []byte, lifetime time.Duration) error
	// Get gives what was kept under an id; no bytes where there is nothing.
	Get(object *Object, id []byte) (data []byte, err error)
	// Remove forgets a session: it has expired, is damaged, or a fatal alert has ended its connection.
	Remove(object *Object, id []byte) error
}

// SetServerSessionCache sets where a server keeps sessions that are not in tickets, for connections made from now on, so that
// other servers find them which ask the same of their clients. nil: in the context, as at first.
func (c *Context) SetServerSessionCache(cache ServerSessionCache) error {
	return hand(cache, cache == nil, func(handle C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_go_set_session_cache(p, handle, e)
		})
	})
}

//export tlsock_go_session_put
func tlsock_go_session_put(handle C.uintptr_t, object *C.tlsock_object, owner C.uintptr_t, id *C.uint8_t, idLen C.size_t,
	data *C.uint8_t, dataLen C.size_t, seconds C.int64_t, e **C.tlsock_error) C.int {
	return called(object, owner, e, func(object *Object) error {
		cache := cgo.Handle(handle).Value().(ServerSessionCache)
		return cache.Put(object, C.GoBytes(unsafe.Pointer(id), C.int(idLen)), C.GoBytes(unsafe.Pointer(data), C.int(dataLen)),
			time.Duration(seconds)*time.Second)
	})
}

//export tlsock_go_session_get
func tlsock_go_session_get(handle C.uintptr_t, object *C.tlsock_object, owner C.uintptr_t, id *C.uint8_t, idLen C.size_t,
	data *C.uint8_t, size C.size_t, length *C.size_t, e **C.tlsock_error) C.int {
	return called(object, owner, e, func(object *Object) error {
		cache := cgo.Handle(handle).Value().(ServerSessionCache)
		found, err := cache.Get(object, C.GoBytes(unsafe.Pointer(id), C.int(idLen)))
		if err == nil {
			*length, err = fill("a session", found, data, size)
		}
		return err
	})
}

//export tlsock_go_session_remove
func tlsock_go_session_remove(handle C.uintptr_t, object *C.tlsock_object, owner C.uintptr_t, id *C.uint8_t,
	idLen C.size_t, e **C.tlsock_error) C.int {
	return called(object, owner, e, func(object *Object) error {
		cache := cgo.Handle(handle).Value().(ServerSessionCache)
		return cache.Remove(object, C.GoBytes(unsafe.Pointer(id), C.int(idLen)))
	})
}

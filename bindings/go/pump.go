package tlsock

/*
#include "callback.h"

// The outcome by value, so that it needs no heap in Go. Byte pointers and a number, so that cgo does not have to check
// what they refer to.
typedef struct tlsock_go_pumped {
  tlsock_status status;
  tlsock_error *error;
  tlsock_pump_result done;
} tlsock_go_pumped;

static tlsock_go_pumped tlsock_go_pump(uintptr_t owner, uintptr_t object, uint32_t flags, const uint8_t *ciphertext_in,
                                       size_t ciphertext_in_len, const uint8_t *plaintext_in,
                                       size_t plaintext_in_len, uint8_t *plaintext_out, size_t plaintext_out_size,
                                       uint8_t *ciphertext_out, size_t ciphertext_out_size) {
  tlsock_go_pumped pumped = {TLSOCK_OK, NULL, {0}};
  uintptr_t outer = tlsock_go_work_for(owner);
  pumped.status = tlsock_object_pump((tlsock_object *)object, flags, ciphertext_in, ciphertext_in_len, plaintext_in,
                                     plaintext_in_len, plaintext_out, plaintext_out_size, ciphertext_out,
                                     ciphertext_out_size, &pumped.done, &pumped.error);
  tlsock_go_work_for(outer);
  return pumped;
}
*/
import "C"

import (
	"sync"
	"unsafe"
)

const (
	recordSize = C.TLSOCK_RECORD_SIZE
	fullRecord = C.TLSOCK_RECORD_SIZE + C.TLSOCK_RECORD_OVERHEAD
	// batch is how many full records one call of C handles: that takes less than the 20 µs after which Go gives a
	// processor to another thread.
	batch = 4
	// flood is how many are sent to the network at a time.
	flood = 4 * batch

	pumpEOF        = C.TLSOCK_PUMP_EOF
	pumpCloseWrite = C.TLSOCK_PUMP_CLOSE_WRITE
)

// sizes of buffers for ciphertext: a short message, a record, a batch, a flood. The last is not used for reading, because a
// reader keeps its buffer for long.
var sizes = [...]int{4096, fullRecord, batch * fullRecord, flood * fullRecord}

var pools [len(sizes)]sync.Pool

// buffer gives one for the records of this much plaintext, at most a flood.
func buffer(plaintext int) *[]byte {
	class := len(sizes) - 1
	for class > 0 && plaintext+C.TLSOCK_RECORD_OVERHEAD <= sizes[class-1] {
		class--
	}
	if pooled, ok := pools[class].Get().(*[]byte); ok {
		return pooled
	}
	fresh := make([]byte, sizes[class])
	return &fresh
}

func release(used *[]byte) {
	for class, size := range sizes {
		if len(*used) == size {
			pools[class].Put(used)
			return
		}
	}
}

// pumped is the result of one call of the pump.
type pumped struct {
	status     C.tlsock_status
	err        *C.tlsock_error
	used       int // of the ciphertext
	taken      int // of the plaintext
	plaintext  int // written to the buffer
	ciphertext int // written to the buffer
	waiting    int // ciphertext that waits inside
	pending    int // plaintext that waits inside
	shaken     bool
	closed     bool
	failing    bool // a failure waits for the next call with room for plaintext
}

type cFlags = C.uint32_t

// pump moves bytes both ways in one call of C.
func (c *connection) pump(flags cFlags, ciphertextIn, plaintextIn, plaintextOut, ciphertextOut []byte) pumped {
	p := C.tlsock_go_pump(c.record.handle, C.uintptr_t(uintptr(unsafe.Pointer(c.ref.pointer))), flags, start(ciphertextIn), C.size_t(len(ciphertextIn)),
		start(plaintextIn), C.size_t(len(plaintextIn)), start(plaintextOut), C.size_t(len(plaintextOut)),
		start(ciphertextOut), C.size_t(len(ciphertextOut)))
	return pumped{
		status: p.status, err: p.error,
		used: int(p.done.ciphertext_used), taken: int(p.done.plaintext_used),
		plaintext: int(p.done.plaintext_len), ciphertext: int(p.done.ciphertext_len),
		waiting: int(p.done.ciphertext_pending), pending: int(p.done.plaintext_pending),
		shaken: bool(p.done.handshake_done), closed: bool(p.done.peer_closed), failing: bool(p.done.failure_pending),
	}
}

// fatal tells whether the call has failed for good.
func (p *pumped) fatal() bool {
	return p.status != C.TLSOCK_OK && p.status != C.TLSOCK_WANT_READ && p.status != C.TLSOCK_WANT_WRITE && !p.stopped()
}

// stopped tells whether the call is to be repeated once a callback has answered.
func (p *pumped) stopped() bool { return p.status == C.TLSOCK_WANT_CALLBACK }

// failure is nil unless the outcome is fatal. Call it only once.
func (p *pumped) failure() error { return failure(p.status, p.err) }

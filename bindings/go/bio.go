package tlsock

// #include "bytes.h"
import "C"

import "runtime"

// MemoryBIO is a buffer that carries ciphertext to or from an Object. Python: ssl.MemoryBIO
type MemoryBIO struct {
	ref ref[*C.tlsock_bio]
}

// NewMemoryBIO makes an empty buffer. It may be one side's outgoing and the other side's incoming.
func NewMemoryBIO() (*MemoryBIO, error) {
	var pointer *C.tlsock_bio
	err := call(func(e **C.tlsock_error) C.tlsock_status { return C.tlsock_bio_new(&pointer, e) })
	if err != nil {
		return nil, err
	}
	b := &MemoryBIO{}
	b.ref.set(kindBIO, pointer, func(p *C.tlsock_bio) { C.tlsock_bio_free(p) })
	runtime.SetFinalizer(b, (*MemoryBIO).Close)
	return b, nil
}

// Close frees the buffer; objects made over it stay usable.
func (b *MemoryBIO) Close() error {
	runtime.SetFinalizer(b, nil)
	b.ref.close()
	return nil
}

// Pending is the number of bytes that wait to be read.
func (b *MemoryBIO) Pending() int {
	return ask(&b.ref, func(p *C.tlsock_bio) int { return int(C.tlsock_bio_pending(p)) })
}

// EOF tells whether WriteEOF was called and everything was read.
func (b *MemoryBIO) EOF() bool {
	return ask(&b.ref, func(p *C.tlsock_bio) bool { return bool(C.tlsock_bio_eof(p)) })
}

// Read takes bytes out of the buffer: 0 if it is empty. Ours: 0 at the end too, as in Python; EOF tells the difference.
func (b *MemoryBIO) Read(data []byte) (int, error) {
	var n C.size_t
	err := b.ref.call(func(p *C.tlsock_bio, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_bio_read(p, start(data), C.size_t(len(data)), &n, e)
	})
	return int(n), err
}

// Write appends all of the bytes.
func (b *MemoryBIO) Write(data []byte) (int, error) {
	err := b.ref.call(func(p *C.tlsock_bio, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_bio_write(p, start(data), C.size_t(len(data)), e)
	})
	if err != nil {
		return 0, err
	}
	return len(data), nil
}

// WriteEOF marks the end: an object that finds the buffer empty then sees ErrEOF instead of ErrWantRead.
func (b *MemoryBIO) WriteEOF() error {
	return b.ref.call(func(p *C.tlsock_bio, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_bio_write_eof(p, e)
	})
}

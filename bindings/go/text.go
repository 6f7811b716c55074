package tlsock

/*
#include <stdlib.h>
#include <tlsock.h>

// The compiler must not leave out what is written to memory that is freed.
static void tlsock_go_wipe_text(char *text) {
  for (volatile char *at = text; *at; at++) *at = 0;
  free(text);
}
*/
import "C"

import (
	"strings"
	"unsafe"
)

// texts are strings on their way into C. The first one that C cannot take gives the error.
type texts struct {
	all []*C.char
	err error
}

func (t *texts) add(name, text string) *C.char {
	if strings.IndexByte(text, 0) >= 0 && t.err == nil {
		t.err = &Error{Status: StatusValue, Message: name + " contains a null character", AlertSent: -1, AlertReceived: -1}
	}
	copied := C.CString(text)
	t.all = append(t.all, copied)
	return copied
}

// maybe gives NULL for an empty string.
func (t *texts) maybe(name, text string) *C.char {
	if text == "" {
		return nil
	}
	return t.add(name, text)
}

// free also wipes them: one may be a password.
func (t *texts) free() {
	for _, text := range t.all {
		C.tlsock_go_wipe_text(text)
	}
}

// lent is text of C for as long as C has it; nil for NULL. A call of C to measure it would take longer than the text is.
func lent(text *C.char) []byte {
	if text == nil {
		return nil
	}
	start, size := unsafe.Pointer(text), 0
	for *(*byte)(unsafe.Add(start, size)) != 0 {
		size++
	}
	return unsafe.Slice((*byte)(start), size)
}

func goText(text C.tlsock_text) string { return C.GoStringN(text.data, C.int(text.len)) }

// goBytes copies and frees; nil for none.
func goBytes(bytes *C.tlsock_bytes) []byte {
	if bytes.data == nil {
		return nil
	}
	defer C.tlsock_bytes_free(bytes)
	return C.GoBytes(unsafe.Pointer(bytes.data), C.int(bytes.len))
}

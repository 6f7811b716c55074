package tlsock

// #include <tlsock.h>
import "C"

// SetPins accepts only peers with one of these keys in their chain, as curl writes them: "sha256//" and the base64 of a digest
// of the SubjectPublicKeyInfo. A refusal names the pins that were seen. No pins: any key. Counts until the peer has
// been checked.
func (c *Context) SetPins(pins ...string) error {
	return withTexts("pin", pins, func(list **C.char) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_context_set_pins(p, list, C.size_t(len(pins)), e)
		})
	})
}

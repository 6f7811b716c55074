package tlsock

// #include <tlsock.h>
import "C"

import "encoding/binary"

// SCTsRequested tells what SetSCTsRequested has set.
func (c *Context) SCTsRequested() bool {
	return ask(&c.ref, func(p *C.tlsock_context) bool { return bool(C.tlsock_context_scts_requested(p)) })
}

// SetSCTsRequested sets whether clients ask servers for the signed certificate timestamps (RFC 6962) of their certificates, as
// crypto/tls does, for connections made from now on. Conn.SCTs and ConnectionState.SignedCertificateTimestamps have what came;
// nobody has checked it, and a list that is malformed fails the handshake. Off at first. Those inside of certificates are not asked for.
func (c *Context) SetSCTsRequested(requested bool) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_scts_requested(p, C.bool(requested), e)
	})
}

// sctList is a SignedCertificateTimestampList: two bytes tell the length of the whole and of each.
func sctList(scts [][]byte) ([]byte, error) {
	if len(scts) == 0 {
		return nil, nil
	}
	list := make([]byte, 2)
	for _, sct := range scts {
		if len(list)+2+len(sct) > 1<<16 {
			return nil, connError(StatusValue, PhaseConfigure, "scts has too many bytes: TLS can send 64000")
		}
		list = binary.BigEndian.AppendUint16(list, uint16(len(sct)))
		list = append(list, sct...)
	}
	binary.BigEndian.PutUint16(list, uint16(len(list)-2))
	return list, nil
}

// sctsOf takes a list apart, whose lengths the library has checked.
func sctsOf(list []byte) (scts [][]byte) {
	if len(list) == 0 {
		return nil
	}
	for list = list[2:]; len(list) > 0; {
		end := 2 + int(binary.BigEndian.Uint16(list))
		scts = append(scts, list[2:end:end])
		list = list[end:]
	}
	return scts
}

package tlsock

// #include "bytes.h"
import "C"

import "fmt"

// TicketKeyFormat is whose form a file of ticket keys has.
type TicketKeyFormat int

// The formats of Context.LoadTicketKeys: TicketKeysNginx for files that are one key each, as nginx's ssl_session_ticket_key
// reads them, and TicketKeysHAProxy for a file with a key in base64 on each line, as HAProxy's tls-ticket-keys reads it.
const (
	TicketKeysNginx   TicketKeyFormat = C.TLSOCK_TICKET_KEYS_NGINX
	TicketKeysHAProxy TicketKeyFormat = C.TLSOCK_TICKET_KEYS_HAPROXY
)

// SetTicketKeys sets the keys of a server's session tickets: the first encrypts, all decrypt, and a client that shows a
// ticket of a later one gets a new one. Servers with the same keys resume what any of them has begun, if they also ask the
// same of their clients. A key has 48 bytes (a name of 16, AES-128 and HMAC keys of 16 each) or 80 (a name of 16, HMAC and
// AES-256 keys of 32 each), all of them the same: the form of nginx's files, which LoadTicketKeys reads. No keys: one of the
// context's own, as at first. Counts at once, but for the first keys, which count for connections made later.
func (c *Context) SetTicketKeys(keys ...[]byte) error {
	var all []byte
	length := 0
	if len(keys) > 0 {
		length = len(keys[0])
	}
	defer func() {
		for i := range all {
			all[i] = 0
		}
	}()
	for i, key := range keys {
		if len(key) == 0 {
			return connError(StatusValue, PhaseNone, fmt.Sprintf("keys[%d] is empty", i))
		}
		if len(key) != length {
			return connError(StatusValue, PhaseNone, fmt.Sprintf("keys[%d] is %d bytes long, and keys[0] %d", i, len(key), length))
		}
	}
	all = make([]byte, 0, length*len(keys)) // made once, so that no copy stays behind
	for _, key := range keys {
		all = append(all, key...)
	}
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_context_set_ticket_keys(p, start(all), C.size_t(len(all)), C.size_t(length), e)
	})
}

// LoadTicketKeys is SetTicketKeys with the keys of files, which are read now, once. Of nginx's the first one encrypts.
// HAProxy's is one file of three lines or more, of which the last three count and the last but one encrypts. The format is
// told, as half of a file of one may be a file of the other. Although they share keys, our servers resume nothing that nginx
// or HAProxy has begun, nor they of ours: a session says by whom and with which demands it was made.
func (c *Context) LoadTicketKeys(format TicketKeyFormat, files ...string) error {
	return withTexts("files", files, func(list **C.char) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_context_load_ticket_keys(p, C.int(format), list, C.size_t(len(files)), e)
		})
	})
}

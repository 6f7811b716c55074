package tlsock

// #include <tlsock.h>
import "C"

// GetSigalgs lists the signature algorithms that the OpenSSL in use knows, as SetServerSigalgs and SetClientSigalgs take them.
// Python 3.15: get_sigalgs
func GetSigalgs() ([]string, error) {
	var sigalgs C.tlsock_bytes
	err := call(func(e **C.tlsock_error) C.tlsock_status { return C.tlsock_get_sigalgs(&sigalgs, e) })
	return listed(&sigalgs), err
}

// SetServerSigalgs sets by which algorithms servers may sign in handshakes, in the order of preference, with colons between:
// a client offers these, a server signs by one of them. They hold for the signatures of clients too, unless SetClientSigalgs
// sets others. An unknown name is an ErrValue that has the nearest known one. Python 3.15: set_server_sigalgs
func (c *Context) SetServerSigalgs(sigalgs string) error {
	return c.setText("sigalgs", sigalgs, func(p *C.tlsock_context, list *C.char, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_server_sigalgs(p, list, e)
	})
}

// SetClientSigalgs sets by which algorithms clients may sign: a server asks for these, a client signs by one of them.
// Python 3.15: set_client_sigalgs
func (c *Context) SetClientSigalgs(sigalgs string) error {
	return c.setText("sigalgs", sigalgs, func(p *C.tlsock_context, list *C.char, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_client_sigalgs(p, list, e)
	})
}

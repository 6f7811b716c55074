package tlsock

// #include <tlsock.h>
import "C"

// CipherInfo is an entry of Python's SSLContext.get_ciphers(). Digest is "" for AEAD.
type CipherInfo struct {
	Name, Protocol, Description  string
	Symmetric, Digest, Kea, Auth string
	ID                           uint32
	StrengthBits, AlgBits        int
	AEAD                         bool
}

// SessionStats are the counters of handshakes and resumptions. Python: SSLContext.session_stats()
type SessionStats struct {
	Number                                   int64
	Connect, ConnectGood, ConnectRenegotiate int64
	Accept, AcceptGood, AcceptRenegotiate    int64
	Hits, Misses, Timeouts, CacheFull        int64
}

// GetCiphers lists the enabled ciphers, best first, TLS 1.3 before the rest.
func (c *Context) GetCiphers() ([]CipherInfo, error) {
	var list *C.tlsock_cipher_list
	err := c.use(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_get_ciphers(p, &list, e)
	})
	defer C.tlsock_cipher_list_free(list)
	var all []CipherInfo
	var info C.tlsock_cipher_info
	for i := C.size_t(0); bool(C.tlsock_cipher_list_info_at(list, i, &info)); i++ {
		all = append(all, CipherInfo{
			Name: C.GoString(info.name), Protocol: C.GoString(info.protocol),
			Description: C.GoString(info.description), Symmetric: C.GoString(info.symmetric),
			Digest: C.GoString(info.digest), Kea: C.GoString(info.kea), Auth: C.GoString(info.auth),
			ID: uint32(info.id), StrengthBits: int(info.strength_bits), AlgBits: int(info.alg_bits),
			AEAD: bool(info.aead),
		})
	}
	return all, err
}

// SetECDHCurve sets the only group for key exchange, by OpenSSL's short name: "prime256v1", "X25519".
func (c *Context) SetECDHCurve(curveName string) error {
	return c.setText("curve name", curveName, func(p *C.tlsock_context, name *C.char, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_ecdh_curve(p, name, e)
	})
}

// LoadDHParams loads Diffie-Hellman parameters for TLS 1.2 and below from a PEM file.
func (c *Context) LoadDHParams(dhfile string) error {
	return c.setText("dhfile", dhfile, func(p *C.tlsock_context, name *C.char, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_load_dh_params(p, name, e)
	})
}

// KeylogFilename is the file that the secrets are written to, "" for none.
func (c *Context) KeylogFilename() string {
	var name C.tlsock_bytes
	_ = c.use(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_keylog_filename(p, &name, e)
	})
	return string(goBytes(&name))
}

// SetKeylogFilename appends the secrets of all connections to a file, for debugging; "" stops it.
func (c *Context) SetKeylogFilename(filename string) error {
	if filename == "" {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_context_set_keylog_filename(p, nil, e)
		})
	}
	return c.setText("filename", filename, func(p *C.tlsock_context, name *C.char, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_keylog_filename(p, name, e)
	})
}

// SessionStats counts handshakes and resumptions.
func (c *Context) SessionStats() SessionStats {
	return ask(&c.ref, func(p *C.tlsock_context) SessionStats {
		s := C.tlsock_context_session_stats(p)
		return SessionStats{
			Number:  int64(s.number),
			Connect: int64(s.connect), ConnectGood: int64(s.connect_good),
			ConnectRenegotiate: int64(s.connect_renegotiate),
			Accept:             int64(s.accept), AcceptGood: int64(s.accept_good),
			AcceptRenegotiate: int64(s.accept_renegotiate),
			Hits:              int64(s.hits), Misses: int64(s.misses), Timeouts: int64(s.timeouts),
			CacheFull: int64(s.cache_full),
		}
	})
}

func (c *Context) setText(name, value string,
	set func(*C.tlsock_context, *C.char, **C.tlsock_error) C.tlsock_status) error {
	var text texts
	defer text.free()
	given := text.add(name, value)
	if text.err != nil {
		return text.err
	}
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status { return set(p, given, e) })
}

// SharedCiphers lists the ciphers that both sides have, in the server's order; nil on a client and before the handshake.
func (c *connection) SharedCiphers() ([]Cipher, error) {
	var list *C.tlsock_cipher_list
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_shared_ciphers(p, &list, e)
	})
	defer C.tlsock_cipher_list_free(list)
	var all []Cipher
	var cipher C.tlsock_cipher
	for i := C.size_t(0); bool(C.tlsock_cipher_list_at(list, i, &cipher)); i++ {
		all = append(all, goCipher(&cipher))
	}
	return all, err
}

func goCipher(cipher *C.tlsock_cipher) Cipher {
	return Cipher{C.GoString(cipher.name), C.GoString(cipher.protocol), int(cipher.secret_bits)}
}

// GetChannelBinding gives the bytes that bind an outer login to this connection: "tls-unique" (also ""; not over TLS
// 1.3), "tls-exporter" (RFC 9266) or "tls-server-end-point" (RFC 5929). nil before the handshake.
func (c *connection) GetChannelBinding(bindingType string) ([]byte, error) {
	var text texts
	defer text.free()
	wanted := text.maybe("bindingType", bindingType)
	if text.err != nil {
		return nil, text.err
	}
	var binding C.tlsock_bytes
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_get_channel_binding(p, wanted, &binding, e)
	})
	return goBytes(&binding), err
}

// VerifyClientPostHandshake requests a TLS 1.3 client's certificate after the handshake. The request is sent with the next
// write, the answer arrives during a later read.
func (c *connection) VerifyClientPostHandshake() error {
	return c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_verify_client_post_handshake(p, e)
	})
}

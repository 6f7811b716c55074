package tlsock

// #include <tlsock.h>
import "C"

import "strings"

// CipherInfo is an entry of Python's SSLContext.get_ciphers(). Digest is "" for AEAD.
type CipherInfo struct {
	Name, Protocol, Description  string
	Symmetric, Digest, Kea, Auth string
	ID                           uint32
	StrengthBits, AlgBits        int
	AEAD                         bool
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

// SetCiphers sets the ciphers of TLS 1.2 and below from an OpenSSL cipher list. Those of TLS 1.3 stay.
func (c *Context) SetCiphers(ciphers string) error {
	return c.setText("ciphers", ciphers, func(p *C.tlsock_context, list *C.char, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_ciphers(p, list, e)
	})
}

// SetCiphersuites sets the ciphers of TLS 1.3 by their names, separated by colons; "" for none. An unknown name is an ErrValue
// that has the nearest known one. Python 3.15: set_ciphersuites
func (c *Context) SetCiphersuites(ciphersuites string) error {
	return c.setText("ciphersuites", ciphersuites, func(p *C.tlsock_context, list *C.char, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_ciphersuites(p, list, e)
	})
}

// SetGroups sets the groups for key exchange by their names, separated by colons, the preferred one first: "X25519:P-256". An
// unknown name is an ErrValue that has the nearest known one. Python 3.15: set_groups
func (c *Context) SetGroups(groups string) error {
	return c.setText("groups", groups, func(p *C.tlsock_context, list *C.char, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_groups(p, list, e)
	})
}

// GetGroups lists the groups that SetGroups takes for the versions of the context, by their numbers in TLS; with
// includeAliases all names of each, otherwise the first. Python 3.15: get_groups
func (c *Context) GetGroups(includeAliases bool) ([]string, error) {
	var groups C.tlsock_bytes
	err := c.use(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_get_groups(p, C.bool(includeAliases), &groups, e)
	})
	return listed(&groups), err
}

// listed takes names with colons between.
func listed(names *C.tlsock_bytes) []string {
	text := string(goBytes(names))
	if text == "" {
		return nil
	}
	return strings.Split(text, ":")
}

// SetECDHCurve sets the one group for key exchange, by OpenSSL's short name: "prime256v1", "X25519".
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

package tlsock

// #include <tlsock.h>
import "C"

// VerifyMode tells whether the peer must have a valid certificate.
func (c *Context) VerifyMode() VerifyMode {
	return ask(&c.ref, func(p *C.tlsock_context) VerifyMode { return VerifyMode(C.tlsock_context_verify_mode(p)) })
}

// SetVerifyMode sets whether the peer must have a valid certificate.
func (c *Context) SetVerifyMode(mode VerifyMode) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_verify_mode(p, C.int(mode), e)
	})
}

// CheckHostname tells whether the peer's certificate must be for the server name.
func (c *Context) CheckHostname() bool {
	return ask(&c.ref, func(p *C.tlsock_context) bool { return bool(C.tlsock_context_check_hostname(p)) })
}

// SetCheckHostname sets whether host names are checked. On raises a verify mode of CertNone to CertRequired.
func (c *Context) SetCheckHostname(check bool) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_check_hostname(p, C.bool(check), e)
	})
}

// HostnameChecksCommonName tells whether the common name is compared if a certificate has no DNS name.
func (c *Context) HostnameChecksCommonName() bool {
	return ask(&c.ref, func(p *C.tlsock_context) bool {
		return bool(C.tlsock_context_hostname_checks_common_name(p))
	})
}

// SetHostnameChecksCommonName sets whether the common name is compared if a certificate has no DNS name.
func (c *Context) SetHostnameChecksCommonName(check bool) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_hostname_checks_common_name(p, C.bool(check), e)
	})
}

// VerifyFlags are the flags in effect, including unknown bits.
func (c *Context) VerifyFlags() VerifyFlags {
	return ask(&c.ref, func(p *C.tlsock_context) VerifyFlags {
		return VerifyFlags(C.tlsock_context_verify_flags(p))
	})
}

// SetVerifyFlags sets exactly these: start from VerifyFlags to add one.
func (c *Context) SetVerifyFlags(flags VerifyFlags) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_verify_flags(p, C.uint64_t(flags), e)
	})
}

// VerifyDepth is how many certificates may stand between a peer's own and its trust anchor; -1 for OpenSSL's own limit.
func (c *Context) VerifyDepth() int {
	return ask(&c.ref, func(p *C.tlsock_context) int { return int(C.tlsock_context_verify_depth(p)) })
}

// SetVerifyDepth sets VerifyDepth, for connections made from now on.
func (c *Context) SetVerifyDepth(depth int) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_verify_depth(p, C.int(depth), e)
	})
}

// MaxCertList is how many bytes a peer's chain may have.
func (c *Context) MaxCertList() int {
	return ask(&c.ref, func(p *C.tlsock_context) int { return int(C.tlsock_context_max_cert_list(p)) })
}

// SetMaxCertList sets MaxCertList, for connections made from now on.
func (c *Context) SetMaxCertList(bytes int) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_max_cert_list(p, C.size_t(bytes), e)
	})
}

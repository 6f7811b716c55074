package tlsock

// #include "callback.h"
import "C"

// CertStoreStats counts the content of a trust store.
type CertStoreStats struct {
	X509   int // certificates
	CRL    int // revocation lists
	X509CA int // CA certificates
}

// LoadCertChain loads this side's certificate chain and private key from PEM files. If keyfile is empty, the key is in
// certfile. If password is empty, the password callback is called. Call it once for each type of key (RSA, ECDSA) to serve both.
func (c *Context) LoadCertChain(certfile, keyfile, password string) error {
	var text texts
	defer text.free()
	cert, key := text.add("certfile", certfile), text.maybe("keyfile", keyfile)
	secret := text.maybe("password", password)
	if text.err != nil {
		return text.err
	}
	return c.load(password, func(p *C.tlsock_context, asked C.uintptr_t, e **C.tlsock_error) C.tlsock_status {
		if asked != 0 {
			return C.tlsock_go_load_cert_chain(p, cert, key, asked, e)
		}
		return C.tlsock_context_load_cert_chain(p, cert, key, secret, e)
	})
}

// LoadCertChainData loads chain and key from memory, PEM or DER. If key is empty, it is in cert.
func (c *Context) LoadCertChainData(cert, key []byte, password string) error {
	var text texts
	defer text.free()
	secret := text.maybe("password", password)
	if text.err != nil {
		return text.err
	}
	return c.load(password, func(p *C.tlsock_context, asked C.uintptr_t, e **C.tlsock_error) C.tlsock_status {
		if asked != 0 {
			return C.tlsock_go_load_cert_chain_data(p, startOf(cert), C.size_t(len(cert)), startOf(key),
				C.size_t(len(key)), asked, e)
		}
		return C.tlsock_context_load_cert_chain_data(p, startOf(cert), C.size_t(len(cert)), startOf(key),
			C.size_t(len(key)), secret, e)
	})
}

// load runs a call that may ask for a password, with an answer for this call only.
func (c *Context) load(password string, f func(*C.tlsock_context, C.uintptr_t, **C.tlsock_error) C.tlsock_status) error {
	load := func(asked C.uintptr_t) error {
		return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status { return f(p, asked, e) })
	}
	if password != "" {
		return load(0)
	}
	return c.asking(load)
}

// LoadVerifyLocations trusts more CAs. The file's CRLs are loaded too.
func (c *Context) LoadVerifyLocations(locations VerifyLocations) error {
	var text texts
	defer text.free()
	file, path := text.maybe("CAFile", locations.CAFile), text.maybe("CAPath", locations.CAPath)
	if text.err != nil {
		return text.err
	}
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_load_verify_locations(p, file, path, given(locations.CAData),
			C.size_t(len(locations.CAData)), e)
	})
}

// LoadCRLData adds revocation lists, PEM or DER. They are used once VerifyFlags has a VerifyCRLCheck bit.
func (c *Context) LoadCRLData(crl []byte) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_load_crl_data(p, startOf(crl), C.size_t(len(crl)), e)
	})
}

// LoadDefaultCerts trusts the system's CAs for a purpose.
func (c *Context) LoadDefaultCerts(purpose Purpose) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_load_default_certs(p, C.int(purpose), e)
	})
}

// SetDefaultVerifyPaths trusts OpenSSL's default file and directory, or those that SSL_CERT_FILE and SSL_CERT_DIR name.
func (c *Context) SetDefaultVerifyPaths() error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_default_verify_paths(p, e)
	})
}

// CertStoreStats counts the content of the trust store.
func (c *Context) CertStoreStats() (CertStoreStats, error) {
	var stats C.tlsock_cert_store_stats
	err := c.use(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_cert_store_stats(p, &stats, e)
	})
	return CertStoreStats{X509: int(stats.x509), CRL: int(stats.crl), X509CA: int(stats.x509_ca)}, err
}

// GetCACerts lists the CA certificates in the trust store.
func (c *Context) GetCACerts() ([]*Certificate, error) {
	var list *C.tlsock_certificate_list
	err := c.use(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_get_ca_certs(p, &list, e)
	})
	return takeCertificates(list), err
}

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

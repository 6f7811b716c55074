package tlsock

// #include "bytes.h"
import "C"

// CertStoreStats counts the content of a trust store.
type CertStoreStats struct {
	X509   int // certificates
	CRL    int // revocation lists
	X509CA int // CA certificates
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
		return C.tlsock_go_context_load_verify_locations(p, file, path, given(locations.CAData),
			C.size_t(len(locations.CAData)), e)
	})
}

// LoadCRLData adds revocation lists, PEM or DER. They are used once VerifyFlags has a VerifyCRLCheck bit.
func (c *Context) LoadCRLData(crl []byte) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_context_load_crl_data(p, start(crl), C.size_t(len(crl)), e)
	})
}

// SetCRLData replaces all revocation lists of the context, from files or memory, by these, PEM or DER; no bytes leave none.
// They count for every peer that is verified from then on. Lists in directories stay.
func (c *Context) SetCRLData(crl []byte) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_context_set_crl_data(p, start(crl), C.size_t(len(crl)), e)
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

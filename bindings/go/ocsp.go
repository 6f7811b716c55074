package tlsock

// #include "bytes.h"
import "C"

import "time"

// OCSPMode is what a client demands of the OCSP response that comes with a server's certificate.
type OCSPMode int

// The modes of Context.SetOCSP. Under OCSPRequest a response that comes must be good, and one must come if the certificate says
// so (must-staple).
const (
	OCSPIgnore  OCSPMode = C.TLSOCK_OCSP_IGNORE
	OCSPRequest OCSPMode = C.TLSOCK_OCSP_REQUEST
	OCSPRequire OCSPMode = C.TLSOCK_OCSP_REQUIRE
)

// OCSPStanding is what an OCSP response says of a certificate.
type OCSPStanding int

// The standings of OCSPStatus. OCSPNone: no response, or none that was checked and is valid.
const (
	OCSPNone    OCSPStanding = C.TLSOCK_OCSP_STATUS_NONE
	OCSPGood    OCSPStanding = C.TLSOCK_OCSP_STATUS_GOOD
	OCSPRevoked OCSPStanding = C.TLSOCK_OCSP_STATUS_REVOKED
	OCSPUnknown OCSPStanding = C.TLSOCK_OCSP_STATUS_UNKNOWN
)

// OCSPStatus is what the server's OCSP response says. Times are zero where there is none; Reason is that of RFC 5280, section
// 5.3.1, or -1.
type OCSPStatus struct {
	Status                                 OCSPStanding
	Reason                                 int
	RevocationTime, ThisUpdate, NextUpdate time.Time
}

// SetOCSP sets what a client demands of OCSP responses, for connections made from now on. A refused server is a
// *CertVerificationError: VerifyCode 23 (revoked), 73 (no response), 74 (not valid) or 75 (unknown).
func (c *Context) SetOCSP(mode OCSPMode) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_context_set_ocsp(p, C.int(mode), e)
	})
}

// OCSP is the mode of SetOCSP.
func (c *Context) OCSP() OCSPMode {
	return ask(&c.ref, func(p *C.tlsock_context) OCSPMode { return OCSPMode(C.tlsock_context_ocsp(p)) })
}

// SetOCSPResponse sets the OCSP response, in DER, that a server sends with the certificate that it is for, to clients that ask for
// it. It is not sent any more once it ends. No bytes remove all.
func (c *Context) SetOCSPResponse(response []byte) error {
	return c.set(func(p *C.tlsock_context, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_context_set_ocsp_response(p, start(response), C.size_t(len(response)), e)
	})
}

func unixTime(seconds C.int64_t) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0)
}

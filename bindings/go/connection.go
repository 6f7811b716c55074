package tlsock

// #include "bytes.h"
// #include "callback.h"
import "C"

import "runtime/cgo"

// connection is the common part of Conn and Object.
type connection struct {
	ref    ref[*C.tlsock_object]
	record *record
}

// Cipher is the cipher in use: OpenSSL's name, the protocol that defined it and the strength.
type Cipher struct {
	Name       string
	Protocol   string
	SecretBits int
}

// own takes an engine over. Callbacks find the record by its userdata.
func (c *connection) own(kind kind, pointer *C.tlsock_object, record *record) {
	c.record = record
	handle := cgo.NewHandle(record)
	record.handle = C.uintptr_t(handle)
	C.tlsock_go_set_userdata(pointer, record.handle)
	record.engine.set(kind, pointer, func(p *C.tlsock_object) {
		C.tlsock_object_free(p)
		handle.Delete()
	})
	c.ref.set(kind, pointer, func(*C.tlsock_object) { record.engine.close() })
}

// call runs one fallible call of the library, and returns a callback's error as it was.
func (c *connection) call(f func(*C.tlsock_object, **C.tlsock_error) C.tlsock_status) error {
	if serving := c.serving(); serving != nil {
		return c.record.explain(there(serving, func() error { return c.ref.call(f) }))
	}
	return c.record.explain(c.ref.call(f))
}

// inquire runs a getter of a connection, which returns the zero value after Close.
func inquire[T any](c *connection, f func(*C.tlsock_object) T) T {
	if serving := c.serving(); serving != nil {
		return there(serving, func() T { return ask(&c.ref, f) })
	}
	return ask(&c.ref, f)
}

// serving is the call of C that waits for a callback of the connection; nil if none does.
func (c *connection) serving() *executor {
	if c.record == nil {
		return nil
	}
	return c.record.serving.Load()
}

// there runs f where the library allows it while a callback of a connection runs: in the call that waits for it, or here if that
// is over. Only who has such a call makes a function for it, as that takes memory.
func there[T any](serving *executor, f func() T) (answer T) {
	if !serving.run(func() { answer = f() }) {
		answer = f()
	}
	return answer
}

// GetPeerCert returns the peer's certificate if it was verified, otherwise nil. Python: getpeercert()
func (c *connection) GetPeerCert() (*Certificate, error) {
	var pointer *C.tlsock_certificate
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_getpeercert(p, &pointer, e)
	})
	return takeCertificate(pointer), err
}

// PeerCertificate returns the peer's certificate, verified or not: check Verified. nil if the peer sent none.
// Python: getpeercert(binary_form=True)
func (c *connection) PeerCertificate() (*Certificate, error) {
	var pointer *C.tlsock_certificate
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_peer_certificate(p, &pointer, e)
	})
	return takeCertificate(pointer), err
}

// OwnCertificate returns the certificate that this side has shown; nil if it has shown none.
func (c *connection) OwnCertificate() (*Certificate, error) {
	var pointer *C.tlsock_certificate
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_own_certificate(p, &pointer, e)
	})
	return takeCertificate(pointer), err
}

// GetVerifiedChain lists the chain that verification built, the peer first; empty if the session was resumed.
func (c *connection) GetVerifiedChain() ([]*Certificate, error) {
	var list *C.tlsock_certificate_list
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_get_verified_chain(p, &list, e)
	})
	return takeCertificates(list), err
}

// GetUnverifiedChain lists the certificates as the peer sent them; empty if the session was resumed.
func (c *connection) GetUnverifiedChain() ([]*Certificate, error) {
	var list *C.tlsock_certificate_list
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_get_unverified_chain(p, &list, e)
	})
	return takeCertificates(list), err
}

// VerifyAgain lists the chain of a peer that was verified, built and checked again with what is trusted now, the peer
// first: for a session that was resumed, whose chain nobody keeps. Empty if the peer was not verified, or does not pass.
func (c *connection) VerifyAgain() ([]*Certificate, error) {
	var list *C.tlsock_certificate_list
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_verify_again(p, &list, e)
	})
	return takeCertificates(list), err
}

// VerifyClientPostHandshake asks a TLS 1.3 client for its certificate after the handshake. The request goes out with
// the next write, the answer comes in with a later read.
func (c *connection) VerifyClientPostHandshake() error {
	// Before the call: once it is made, another goroutine may send the question and read the answer.
	var asked int32
	if c.record != nil {
		asked = c.record.asked.Add(1)
	}
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_verify_client_post_handshake(p, e)
	})
	if err != nil && c.record != nil {
		c.record.asked.CompareAndSwap(asked, asked-1)
	}
	return err
}

// VerifyResult is what the check of the peer's certificate has found, even if that was allowed: 0 if nothing is wrong (there
// may be no certificate), otherwise OpenSSL's X509_V_ERR_* number.
func (c *connection) VerifyResult() (int, error) {
	var result C.int
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_verify_result(p, &result, e)
	})
	return int(result), err
}

// VerifyOverridden tells whether a callback has accepted the peer's certificate though the check had refused it: see
// Context.SetVerifyCallbackInsecureOverride. Such a certificate does not count as verified.
func (c *connection) VerifyOverridden() bool {
	return inquire(c, func(p *C.tlsock_object) bool { return bool(C.tlsock_object_verify_overridden(p)) })
}

// Cipher returns the cipher in use; false if there is none yet.
func (c *connection) Cipher() (cipher Cipher, ok bool) {
	ok = inquire(c, func(p *C.tlsock_object) bool {
		var used C.tlsock_cipher
		if !C.tlsock_object_cipher(p, &used) {
			return false
		}
		cipher = goCipher(&used)
		return true
	})
	return cipher, ok
}

func goCipher(cipher *C.tlsock_cipher) Cipher {
	return Cipher{C.GoString(cipher.name), C.GoString(cipher.protocol), int(cipher.secret_bits)}
}

// SharedCiphers lists the ciphers both sides have, in the server's order; nil on a client and before the handshake.
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

// text runs a getter of text; NULL gives "".
func (c *connection) text(f func(*C.tlsock_object) *C.char) string {
	return inquire(c, func(p *C.tlsock_object) string { return C.GoString(f(p)) })
}

// Version is "TLSv1.3", "TLSv1.2", ...; "" before the end of the handshake.
func (c *connection) Version() string {
	return c.text(func(p *C.tlsock_object) *C.char { return C.tlsock_object_version(p) })
}

// Group is the group of the key exchange, such as "x25519"; "" if there was none.
func (c *connection) Group() string {
	return c.text(func(p *C.tlsock_object) *C.char { return C.tlsock_object_group(p) })
}

// Compression is the compression in use; "" for none, which is the default.
func (c *connection) Compression() string {
	return c.text(func(p *C.tlsock_object) *C.char { return C.tlsock_object_compression(p) })
}

// SelectedALPNProtocol is the application protocol that was agreed on; "" for none.
func (c *connection) SelectedALPNProtocol() string {
	return c.text(func(p *C.tlsock_object) *C.char { return C.tlsock_object_selected_alpn_protocol(p) })
}

// SelectedNPNProtocol is "": NPN was removed from TLS.
func (c *connection) SelectedNPNProtocol() string {
	return c.text(func(p *C.tlsock_object) *C.char { return C.tlsock_object_selected_npn_protocol(p) })
}

// ServerHostname is the name that the peer must prove, as ASCII; "" for none.
func (c *connection) ServerHostname() string {
	return c.text(func(p *C.tlsock_object) *C.char { return C.tlsock_object_server_hostname(p) })
}

// ServerName is the name by which the client has asked for the server, on both ends; "" for none.
func (c *connection) ServerName() string {
	return c.text(func(p *C.tlsock_object) *C.char { return C.tlsock_object_server_name(p) })
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

// Finished gives the bytes of the last Finished message: that which this side has sent, if own is true, otherwise the peer's.
// nil before the end of the handshake.
func (c *connection) Finished(own bool) ([]byte, error) {
	var finished C.tlsock_bytes
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_finished(p, C.bool(own), &finished, e)
	})
	return goBytes(&finished), err
}

// ExportKeyingMaterial gives keys made of the connection's secrets for a use of their own, the same on both ends (RFC
// 5705; RFC 8446, 7.5). label is text of your protocol, such as "EXPORTER-my-protocol"; context are bytes of it that count
// too: over TLS 1.2 nil differs from none. It fails before the end of the handshake, over TLS 1.2 without the extended
// master secret, and after Close. Secret.
func (c *connection) ExportKeyingMaterial(label string, context []byte, length int) ([]byte, error) {
	if length < 0 {
		return nil, connError(StatusValue, PhaseNone, "length cannot be negative")
	}
	var text texts
	defer text.free()
	named := text.add("label", label)
	if text.err != nil {
		return nil, text.err
	}
	keys := make([]byte, length)
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_object_export_keying_material(p, named, given(context), C.size_t(len(context)), start(keys),
			C.size_t(length), e)
	})
	if err != nil {
		return nil, err
	}
	return keys, nil
}

// keyUpdate changes the keys, and leaves the message to be sent.
func (c *connection) keyUpdate(requestPeer bool) error {
	return c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_key_update(p, C.bool(requestPeer), e)
	})
}

// ServerSide tells whether this is the server's side.
func (c *connection) ServerSide() bool {
	return inquire(c, func(p *C.tlsock_object) bool { return bool(C.tlsock_object_server_side(p)) })
}

// Context returns a new handle on the context in use: see Context.Same.
func (c *connection) Context() (*Context, error) {
	var pointer *C.tlsock_context
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_context(p, &pointer, e)
	})
	own, err := ownContext(pointer, err)
	if err == nil {
		own.sessions = c.record.sessions.Load().handle()
	}
	return own, err
}

// SetContext switches to another context's certificate and callbacks, as a server does once it knows the name.
// Options, versions, ciphers and verification stay.
func (c *connection) SetContext(context *Context) error {
	if context == nil {
		return closedError("no context was given: it")
	}
	other, err := context.ref.lend()
	if err != nil {
		return err
	}
	defer context.ref.leave()
	err = c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_set_context(p, other, e)
	})
	if err == nil {
		c.record.sessions.Store(context.sessions)
		c.record.life.dropForContext()
	}
	return err
}

// Session returns the current session, nil if there is none. In TLS 1.3 a client's session can be resumed only after it has
// read something.
func (c *connection) Session() (*Session, error) {
	var pointer *C.tlsock_session
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_session(p, &pointer, e)
	})
	return ownSession(pointer), err
}

// SetSession offers a session for resumption, before the handshake; it must come from the same context.
func (c *connection) SetSession(session *Session) error {
	if session == nil {
		return closedError("no session was given: it")
	}
	offered, err := session.ref.lend()
	if err != nil {
		return err
	}
	defer session.ref.leave()
	err = c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_set_session(p, offered, e)
	})
	if err == nil {
		c.record.offer(session)
	}
	return err
}

// SessionReused tells whether the handshake resumed a session, or used a pre-shared key.
func (c *connection) SessionReused() bool {
	return inquire(c, func(p *C.tlsock_object) bool { return bool(C.tlsock_object_session_reused(p)) })
}

// OCSPResponse is the response that the server has sent in its last full handshake, accepted or not; nil for none.
func (c *connection) OCSPResponse() ([]byte, error) {
	var response C.tlsock_bytes
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_ocsp_response(p, &response, e)
	})
	return goBytes(&response), err
}

// OCSPStatus tells what that response says of the server's certificate.
func (c *connection) OCSPStatus() OCSPStatus {
	return inquire(c, func(p *C.tlsock_object) OCSPStatus {
		status := C.tlsock_object_ocsp_status(p)
		return OCSPStatus{
			Status: OCSPStanding(status.status), Reason: int(status.reason),
			RevocationTime: unixTime(status.revocation_time), ThisUpdate: unixTime(status.this_update),
			NextUpdate: unixTime(status.next_update),
		}
	})
}

// SCTs are the signed certificate timestamps that came with the server's certificate in its last full handshake, as they came and
// whether the server was accepted or not; nil on servers, after a resumption, and if Context.SetSCTsRequested has not asked.
func (c *connection) SCTs() ([][]byte, error) {
	var list C.tlsock_bytes
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_scts(p, &list, e)
	})
	return sctsOf(goBytes(&list)), err
}

// ECHStatus tells what has become of Encrypted ClientHello; on a client it is known once the server has answered. ECHRejected is
// told by objects; a Conn whose handshake has failed is closed, and its error has the *ECHRejectionError.
func (c *connection) ECHStatus() ECHStatus {
	return inquire(c, func(p *C.tlsock_object) ECHStatus { return ECHStatus(C.tlsock_object_ech_status(p)) })
}

// ECHOuterName is the name that was sent in clear, where that of the server was encrypted; "" otherwise.
func (c *connection) ECHOuterName() string {
	return c.text(func(p *C.tlsock_object) *C.char { return C.tlsock_object_ech_outer_name(p) })
}

// ClientSigalg is the signature algorithm with which the client has signed, by its name in TLS; "" if it has not.
func (c *connection) ClientSigalg() string {
	return c.text(func(p *C.tlsock_object) *C.char { return C.tlsock_object_client_sigalg(p) })
}

// ServerSigalg is the signature algorithm with which the server has signed, by its name in TLS; "" if it has not.
func (c *connection) ServerSigalg() string {
	return c.text(func(p *C.tlsock_object) *C.char { return C.tlsock_object_server_sigalg(p) })
}

// InfoJSON returns all facts of the connection as one line of JSON, for a log.
func (c *connection) InfoJSON() (string, error) {
	var info C.tlsock_bytes
	err := c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_info_json(p, &info, e)
	})
	return string(goBytes(&info)), err
}

// SetExpectedNames sets the names of which the peer's certificate must be for one, before the handshake, in place of the
// server name.
func (c *connection) SetExpectedNames(names ...string) error {
	return withTexts("name", names, func(list **C.char) error {
		return c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
			return C.tlsock_object_set_expected_names(p, list, C.size_t(len(names)), e)
		})
	})
}

// SetServerName sets the server name that a client sends (SNI), before the handshake; "" sends none. The name that is verified
// stays: see SetExpectedNames.
func (c *connection) SetServerName(name string) error {
	var text texts
	defer text.free()
	given := text.maybe("server name", name)
	if text.err != nil {
		return text.err
	}
	return c.call(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_set_server_name(p, given, e)
	})
}

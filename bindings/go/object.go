package tlsock

// #include "bytes.h"
import "C"

import (
	"context"
	"io"
	"net"
	"runtime"
)

// Object is a TLS connection in memory, which never waits for the peer: it gives ErrWantRead until the peer's bytes were written
// into its incoming MemoryBIO. Its calls do wait for callbacks, until these answer or Close. Python: ssl.SSLObject
//
// Most programs need a Conn instead.
type Object struct {
	connection
	shaking context.Context // of the handshake that a callback is called in
	lent    bool            // to a callback
	aside   *question       // to the callback that looks for its answer, for which no call of C waits
}

// errAside is the error of calls that a callback must not make with its object: what the library says inside other callbacks.
var errAside = connError(StatusValue, PhaseNone,
	"this connection is inside one of its own callbacks: it cannot read, write or shake hands there")

// errAsideContext is the one of SetContext.
var errAsideContext = connError(StatusValue, PhaseNone,
	"this connection is inside one of its own callbacks: of those only an SNI callback can set its context")

// move runs a call that moves bytes. While a callback of the object runs it waits, unless it is called by that callback, for
// which the library refuses it.
func (o *Object) move(f func(*C.tlsock_object, **C.tlsock_error) C.tlsock_status) error {
	switch {
	case o.aside != nil:
		return errAside
	case o.lent:
		return o.call(f)
	}
	for {
		err := o.record.work(func() error { return o.ref.call(f) })
		if err != errWantCallback {
			return o.record.explain(err)
		}
		<-o.record.life.over()
	}
}

// SetContext switches to another context's certificate and callbacks, as a server does once it knows the name.
// Options, versions, ciphers and verification stay. Of callbacks only those for a ClientHello and for a server name may call it.
func (o *Object) SetContext(context *Context) error {
	if o.aside != nil && o.aside.about != aboutClientHello {
		return errAsideContext
	}
	return o.connection.SetContext(context)
}

// WrapOptions are the arguments of WrapBIO and WrapConn besides the context. The zero value is a client without a name, which
// a context that checks host names refuses.
type WrapOptions struct {
	ServerSide     bool
	ServerHostname string   // the name to send and check, encoded with IDNA
	Session        *Session // one to resume
	// ReportVerification: a server asks for the client's certificate and goes on even if it does not verify, as
	// tls.RequestClientCert has it: VerifyResult gives the reason, and the certificate never counts as verified. Only with
	// CertNone. A context that an SNICallback chooses and that verifies does verify it.
	ReportVerification bool
	// InsecureNoHostname allows a client without ServerHostname: no name is checked then.
	InsecureNoHostname bool
}

func (o WrapOptions) lower() wrapOptions {
	lower := wrapOptions{hostname: o.ServerHostname, session: o.Session}
	if o.ServerSide {
		lower.flags |= C.TLSOCK_WRAP_SERVER_SIDE
	}
	if o.ReportVerification {
		lower.flags |= C.TLSOCK_WRAP_REPORT_VERIFICATION
	}
	if o.InsecureNoHostname {
		lower.flags |= C.TLSOCK_WRAP_INSECURE_NO_HOSTNAME
	}
	return lower
}

// WrapBIO makes a connection in memory: the peer's bytes are read from incoming, and the bytes to send appear in outgoing.
func (c *Context) WrapBIO(incoming, outgoing *MemoryBIO, options WrapOptions) (*Object, error) {
	o := &Object{}
	if err := o.open(kindObject, c, incoming, outgoing, options.lower()); err != nil {
		return nil, err
	}
	runtime.SetFinalizer(o, (*Object).Close)
	return o, nil
}

// Close frees the object; its buffers and context stay valid. It sends nothing: see Unwrap.
func (o *Object) Close() error {
	runtime.SetFinalizer(o, nil)
	if o.ref.close() && !o.lent {
		o.record.life.close()
	}
	return nil
}

// NetConn returns the net.Conn below the Conn that a callback is called for; nil for other objects.
func (o *Object) NetConn() net.Conn {
	if o.record == nil {
		return nil
	}
	return o.record.conn
}

// HandshakeContext is, in a callback of a handshake, the context that was given to Conn.HandshakeContext (or to
// Dialer.DialContext, ...): it ends with the handshake. In other cases it is context.Background().
func (o *Object) HandshakeContext() context.Context {
	if o.shaking == nil {
		return context.Background()
	}
	return o.shaking
}

// DoHandshake does the handshake, or continues it. Reading and writing do it by themselves.
func (o *Object) DoHandshake() error {
	return o.move(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_do_handshake(p, e)
	})
}

// errEarlyEnd is the error of a read after a handshake that has failed: no data has come to an end.
var errEarlyEnd = connError(StatusZeroReturn, PhaseHandshake, "TLS/SSL connection has been closed (EOF)")

// Read reads decrypted bytes: io.EOF after the peer's close_notify, ErrEOF after an end without it. A close_notify before the
// end of the handshake, which anybody can send, is ErrEOF too. A read after a handshake that has failed is ErrZeroReturn.
func (o *Object) Read(data []byte) (int, error) {
	var n C.size_t
	err := o.move(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_object_read(p, start(data), C.size_t(len(data)), &n, e)
	})
	if err == nil && n == 0 && len(data) > 0 {
		if err = io.EOF; o.Version() == "" {
			err = errEarlyEnd
		}
	}
	return int(n), err
}

// Write encrypts all of data, or fails. After ErrWantRead or ErrNoMemory repeat with the same bytes.
func (o *Object) Write(data []byte) (int, error) {
	var n C.size_t
	err := o.move(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_object_write(p, start(data), C.size_t(len(data)), &n, e)
	})
	return int(n), err
}

// Pending is the number of decrypted bytes that can be read without more from the peer.
func (o *Object) Pending() int {
	return inquire(&o.connection, func(p *C.tlsock_object) int { return int(C.tlsock_object_pending(p)) })
}

// KeyUpdate changes the keys by which this side encrypts, in TLS 1.3 (RFC 8446, 4.6.3), for a connection that lasts long; with
// requestPeer the peer is asked to change its own, which it does when it reads that. The message is in what is to be sent when
// the call returns. ErrValue before the end of the handshake and below TLS 1.3.
func (o *Object) KeyUpdate(requestPeer bool) error { return o.keyUpdate(requestPeer) }

// Unwrap sends close_notify and receives the peer's. ErrWantRead: the peer's has not come yet.
func (o *Object) Unwrap() error {
	return o.move(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_unwrap(p, e)
	})
}

// CloseWrite sends close_notify and keeps reading possible.
func (o *Object) CloseWrite() error {
	return o.move(func(p *C.tlsock_object, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_object_close_write(p, e)
	})
}

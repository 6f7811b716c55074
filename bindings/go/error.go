package tlsock

// #include <tlsock.h>
import "C"

import (
	"io"
	"net"
	"os"
	"syscall"
)

// prefix begins the text of every error of this package, once.
const prefix = "tlsock: "

// Error is a failure of the library. Fields that do not apply are zero, or -1 for alerts.
type Error struct {
	Status  Status
	Message string // such as "[SSL: WRONG_VERSION_NUMBER] wrong version number"
	Library string // the part of OpenSSL that failed, such as "SSL" or "X509"
	Reason  string // OpenSSL's name of the reason, such as "CERTIFICATE_VERIFY_FAILED"
	Code    int64  // Python's SSLError.errno
	Phase   Phase  // what the connection was doing

	OSErrno  syscall.Errno // the system's number
	Filename string        // the file the error is about

	AlertSent     int // the alert that was sent to the peer, or -1
	AlertReceived int // the alert the peer sent, or -1

	// Verification is set when the peer's certificate was refused.
	Verification *CertVerificationError
	// ECHRejection is set when a server has not decrypted the ClientHello.
	ECHRejection *ECHRejectionError
	// Cause is the error of a callback.
	Cause error
}

// CertVerificationError tells why the peer's certificate or name was refused. errors.As finds it in an *Error.
type CertVerificationError struct {
	VerifyCode    int    // OpenSSL's number, such as 62 for a wrong host name
	VerifyMessage string // its text
	Depth         int    // its depth in the chain: 0 is the peer's own certificate, -1 unknown
	Certificate   *Certificate
	ExpectedName  string   // the name that the certificate was expected to contain
	OfferedNames  []string // the names in it
	VerifyFlag    VerifyFlags
	message       string
}

// Sentinels for errors.Is. ErrSSL also matches every other failure of TLS, ErrOS every failure of the system.
var (
	ErrWantRead         error = sentinel(StatusWantRead)
	ErrWantWrite        error = sentinel(StatusWantWrite)
	ErrSSL              error = sentinel(StatusSSL)
	ErrZeroReturn       error = sentinel(StatusZeroReturn)
	ErrEOF              error = sentinel(StatusEOF)
	ErrCertVerification error = sentinel(StatusCertVerification)
	ErrOS               error = sentinel(StatusOS)
	ErrTimeout          error = sentinel(StatusTimeout)
	ErrInterrupted      error = sentinel(StatusInterrupted)
	ErrValue            error = sentinel(StatusValue)
	ErrType             error = sentinel(StatusType)
	ErrNotImplemented   error = sentinel(StatusNotImplemented)
	ErrNoMemory         error = sentinel(StatusNoMemory)
	ErrPanic            error = sentinel(StatusPanic)
)

// errWantCallback stays inside: a call that stops there is repeated.
var errWantCallback error = &Error{Status: C.TLSOCK_WANT_CALLBACK}

func sentinel(status Status) *Error {
	return &Error{Status: status, Message: status.String(), AlertSent: -1, AlertReceived: -1}
}

// Error is the message, as in Python.
func (e *Error) Error() string { return prefix + e.Message }

// Timeout tells whether a deadline passed.
func (e *Error) Timeout() bool { return e.Status == StatusTimeout }

// Temporary tells whether the call can simply be repeated. With Timeout it makes Error a net.Error.
func (e *Error) Temporary() bool { return e.Status < 10 || e.Timeout() }

// Is matches the sentinels by status, and the errors of Go that mean the same. ErrZeroReturn from before the end of the handshake
// is io.ErrUnexpectedEOF, and not io.EOF.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrSSL:
		return e.Status/10 == 1
	case ErrOS:
		return e.Status/10 == 2
	case io.EOF:
		return e.Status == StatusZeroReturn && !e.isEarly()
	case io.ErrUnexpectedEOF:
		return e.Status == StatusEOF || e.Status == StatusZeroReturn && e.isEarly()
	case os.ErrDeadlineExceeded:
		return e.Status == StatusTimeout
	}
	other, ok := target.(*Error)
	return ok && other.Message == other.Status.String() && other.Status == e.Status
}

// isEarly tells whether there was no handshake yet: then anybody can have sent an end, and it is not that of the data.
func (e *Error) isEarly() bool { return e.Phase == PhaseHandshake }

// As finds the *CertVerificationError and the *ECHRejectionError.
func (e *Error) As(target any) bool {
	switch target := target.(type) {
	case **CertVerificationError:
		if e.Verification != nil {
			*target = e.Verification
			return true
		}
	case **ECHRejectionError:
		if e.ECHRejection != nil {
			*target = e.ECHRejection
			return true
		}
	}
	return false
}

// Unwrap returns the error of a callback, or the system's error number.
func (e *Error) Unwrap() error {
	switch {
	case e.Cause != nil:
		return e.Cause
	case e.OSErrno != 0:
		return e.OSErrno
	}
	return nil
}

// Error is the message, as in Python.
func (e *CertVerificationError) Error() string { return prefix + e.message }

// Is matches ErrCertVerification and ErrSSL.
func (e *CertVerificationError) Is(target error) bool {
	return target == ErrCertVerification || target == ErrSSL
}

// failure turns the result of a call into an error, and frees the library's.
func failure(status C.tlsock_status, e *C.tlsock_error) error {
	switch status {
	case C.TLSOCK_OK:
		return nil
	case C.TLSOCK_WANT_READ:
		return ErrWantRead
	case C.TLSOCK_WANT_WRITE:
		return ErrWantWrite
	case C.TLSOCK_WANT_CALLBACK:
		return errWantCallback
	}
	if e == nil {
		return sentinel(Status(status))
	}
	defer C.tlsock_error_free(e)
	return newError(e)
}

// newError copies an error of the library.
func newError(e *C.tlsock_error) *Error {
	err := &Error{
		Status:        Status(C.tlsock_error_status(e)),
		Message:       C.GoString(C.tlsock_error_message(e)),
		Library:       C.GoString(C.tlsock_error_library(e)),
		Reason:        C.GoString(C.tlsock_error_reason(e)),
		Code:          int64(C.tlsock_error_code(e)),
		Phase:         Phase(C.tlsock_error_phase(e)),
		OSErrno:       syscall.Errno(C.tlsock_error_os_errno(e)),
		Filename:      C.GoString(C.tlsock_error_filename(e)),
		AlertSent:     int(C.tlsock_error_alert_sent(e)),
		AlertReceived: int(C.tlsock_error_alert_received(e)),
	}
	if err.Status == StatusCertVerification {
		err.Verification = newVerificationError(e, err.Message)
	}
	if configs := C.tlsock_error_ech_retry_configs(e); configs.data != nil {
		err.ECHRejection = &ECHRejectionError{message: err.Message}
		if configs.len > 0 {
			err.ECHRejection.RetryConfigList = ofSlice(configs)
		}
	}
	if cause := C.tlsock_error_cause(e); cause != nil {
		err.Cause = newError((*C.tlsock_error)(cause))
	}
	return err
}

func newVerificationError(e *C.tlsock_error, message string) *CertVerificationError {
	err := &CertVerificationError{
		VerifyCode:    int(C.tlsock_error_verify_code(e)),
		VerifyMessage: C.GoString(C.tlsock_error_verify_message(e)),
		Depth:         int(C.tlsock_error_depth(e)),
		Certificate:   copyCertificate(C.tlsock_error_certificate(e)),
		ExpectedName:  C.GoString(C.tlsock_error_expected_name(e)),
		VerifyFlag:    VerifyFlags(C.tlsock_error_verify_flag(e)),
		message:       message,
	}
	for i := C.size_t(0); i < C.tlsock_error_offered_name_count(e); i++ {
		err.OfferedNames = append(err.OfferedNames, goText(C.tlsock_error_offered_name_at(e, i)))
	}
	return err
}

// closedError is the error of using a closed value.
func closedError(name string) error {
	err := sentinel(StatusValue)
	err.Message, err.Cause = name+" is closed", net.ErrClosed
	return err
}

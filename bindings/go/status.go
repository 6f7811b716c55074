package tlsock

// #include <tlsock.h>
import "C"

// Status is the kind of an error: one for each class of exception that Python's ssl raises.
type Status int

// The statuses. A range tells the kind of one that is not listed: 1 to 9 not done yet, 10 to 19 TLS, 20 to 29 the
// system, 30 to 39 the caller, 40 to 49 the library.
const (
	StatusOK               Status = C.TLSOCK_OK
	StatusWantRead         Status = C.TLSOCK_WANT_READ
	StatusWantWrite        Status = C.TLSOCK_WANT_WRITE
	StatusSSL              Status = C.TLSOCK_SSL
	StatusZeroReturn       Status = C.TLSOCK_ZERO_RETURN
	StatusEOF              Status = C.TLSOCK_EOF
	StatusSyscall          Status = C.TLSOCK_SYSCALL
	StatusCertVerification Status = C.TLSOCK_CERT_VERIFICATION
	StatusOS               Status = C.TLSOCK_OS
	StatusTimeout          Status = C.TLSOCK_TIMEOUT
	StatusInterrupted      Status = C.TLSOCK_INTERRUPTED
	StatusValue            Status = C.TLSOCK_VALUE
	StatusType             Status = C.TLSOCK_TYPE
	StatusNotImplemented   Status = C.TLSOCK_NOT_IMPLEMENTED
	StatusNoMemory         Status = C.TLSOCK_NO_MEMORY
	StatusPanic            Status = C.TLSOCK_PANIC
)

// String names the status by Python's class, such as "SSLCertVerificationError".
func (s Status) String() string { return C.GoString(C.tlsock_status_name(C.int(s))) }

// Phase is what a connection was doing when an error occurred.
type Phase int

// The phases.
const (
	PhaseNone      Phase = C.TLSOCK_PHASE_NONE
	PhaseConfigure Phase = C.TLSOCK_PHASE_CONFIGURE
	PhaseResolve   Phase = C.TLSOCK_PHASE_RESOLVE
	PhaseConnect   Phase = C.TLSOCK_PHASE_CONNECT
	PhaseAccept    Phase = C.TLSOCK_PHASE_ACCEPT
	PhaseHandshake Phase = C.TLSOCK_PHASE_HANDSHAKE
	PhaseRead      Phase = C.TLSOCK_PHASE_READ
	PhaseWrite     Phase = C.TLSOCK_PHASE_WRITE
	PhaseShutdown  Phase = C.TLSOCK_PHASE_SHUTDOWN
)

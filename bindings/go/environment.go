package tlsock

// #include <tlsock.h>
import "C"

// EnvironmentTrusted tells whether SSL_CERT_FILE, SSL_CERT_DIR and SSLKEYLOGFILE are used. By default they are, except in
// a program with raised privileges (setuid, setgid, capabilities of its file).
func EnvironmentTrusted() bool { return bool(C.tlsock_environment_trusted()) }

// SetEnvironmentTrusted sets whether they are used, for the whole process and for what is made from now on. With true they
// are used even in a program with raised privileges.
func SetEnvironmentTrusted(on bool) error {
	return call(func(e **C.tlsock_error) C.tlsock_status { return C.tlsock_set_environment_trusted(C.bool(on), e) })
}

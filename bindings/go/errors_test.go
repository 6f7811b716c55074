package tlsock_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"tlsock"
)

// What the errors of the library are to errors.Is: each sentinel and each of Go's errors, for every status.
func TestErrorsAreWhatTheyMean(t *testing.T) {
	targets := map[string]error{
		"ErrWantRead": tlsock.ErrWantRead, "ErrWantWrite": tlsock.ErrWantWrite, "ErrSSL": tlsock.ErrSSL,
		"ErrZeroReturn": tlsock.ErrZeroReturn, "ErrEOF": tlsock.ErrEOF, "ErrCertVerification": tlsock.ErrCertVerification,
		"ErrOS": tlsock.ErrOS, "ErrTimeout": tlsock.ErrTimeout, "ErrInterrupted": tlsock.ErrInterrupted,
		"ErrValue": tlsock.ErrValue, "ErrType": tlsock.ErrType, "ErrNotImplemented": tlsock.ErrNotImplemented,
		"ErrNoMemory": tlsock.ErrNoMemory, "ErrPanic": tlsock.ErrPanic,
		"io.EOF": io.EOF, "io.ErrUnexpectedEOF": io.ErrUnexpectedEOF, "os.ErrDeadlineExceeded": os.ErrDeadlineExceeded,
	}
	for status, want := range map[tlsock.Status][]string{
		tlsock.StatusWantRead:         {"ErrWantRead"},
		tlsock.StatusWantWrite:        {"ErrWantWrite"},
		tlsock.StatusSSL:              {"ErrSSL"},
		tlsock.StatusZeroReturn:       {"ErrSSL", "ErrZeroReturn", "io.EOF"},
		tlsock.StatusEOF:              {"ErrSSL", "ErrEOF", "io.ErrUnexpectedEOF"},
		tlsock.StatusSyscall:          {"ErrSSL"},
		tlsock.StatusCertVerification: {"ErrSSL", "ErrCertVerification"},
		tlsock.StatusOS:               {"ErrOS"},
		tlsock.StatusTimeout:          {"ErrOS", "ErrTimeout", "os.ErrDeadlineExceeded"},
		tlsock.StatusInterrupted:      {"ErrOS", "ErrInterrupted"},
		tlsock.StatusValue:            {"ErrValue"},
		tlsock.StatusType:             {"ErrType"},
		tlsock.StatusNotImplemented:   {"ErrNotImplemented"},
		tlsock.StatusNoMemory:         {"ErrNoMemory"},
		tlsock.StatusPanic:            {"ErrPanic"},
	} {
		err := &tlsock.Error{Status: status, Message: "of its own"}
		is := map[string]bool{}
		for _, name := range want {
			is[name] = true
		}
		for name, target := range targets {
			if errors.Is(err, target) != is[name] {
				t.Errorf("%v is %s: got %t", status, name, !is[name])
			}
		}
		if errors.Is(err, &tlsock.Error{Status: status, Message: "another"}) {
			t.Errorf("%v is another error of its status", status)
		}
		again := status == tlsock.StatusWantRead || status == tlsock.StatusWantWrite || status == tlsock.StatusTimeout
		equal(t, status.String()+" temporary", err.Temporary(), again)
		equal(t, status.String()+" timeout", err.Timeout(), status == tlsock.StatusTimeout)
		var verification *tlsock.CertVerificationError
		equal(t, status.String()+" is about a certificate", errors.As(err, &verification), false)
	}
	early := &tlsock.Error{Status: tlsock.StatusZeroReturn, Phase: tlsock.PhaseHandshake}
	equal(t, "an early end is io.EOF", errors.Is(early, io.EOF), false)
	equal(t, "an early end is io.ErrUnexpectedEOF", errors.Is(early, io.ErrUnexpectedEOF), true)
	equal(t, "an early end is ErrZeroReturn", errors.Is(early, tlsock.ErrZeroReturn), true)
	verification := &tlsock.CertVerificationError{}
	equal(t, "a refusal is ErrCertVerification", errors.Is(verification, tlsock.ErrCertVerification), true)
	equal(t, "a refusal is ErrSSL", errors.Is(verification, tlsock.ErrSSL), true)
	equal(t, "a refusal is ErrOS", errors.Is(verification, tlsock.ErrOS), false)
	if err := (&tlsock.Error{OSErrno: syscall.ENOENT, Cause: io.ErrNoProgress}); !errors.Is(err, io.ErrNoProgress) {
		t.Error("the cause is hidden behind the system's number")
	}
}

// Every part of an error of the library is there.
func TestErrorsTellAll(t *testing.T) {
	_, err := tlsock.CreateDefaultContext(tlsock.PurposeServerAuth, tlsock.VerifyLocations{CAFile: file("not-there.pem")})
	var told *tlsock.Error
	if !errors.As(err, &told) || !errors.Is(err, fs.ErrNotExist) || !errors.Is(err, tlsock.ErrOS) {
		t.Fatalf("a file that is not there: %v", err)
	}
	equal(t, "number", told.OSErrno, syscall.ENOENT)
	equal(t, "file", told.Filename, file("not-there.pem"))
	equal(t, "alert sent", told.AlertSent, -1)
	equal(t, "alert received", told.AlertReceived, -1)

	near, far := loopback(t)
	defer near.Close()
	limit(t, near, far)
	go func() {
		defer far.Close()
		far.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
		io.Copy(io.Discard, far)
	}()
	client := tlsock.Client(near, clientContext(t), "localhost")
	if err := client.Handshake(); !errors.As(err, &told) {
		t.Fatalf("what is no TLS: %v", err)
	}
	equal(t, "library", told.Library, "SSL")
	equal(t, "code", told.Code, int64(1))
	equal(t, "reason", told.Reason, "WRONG_VERSION_NUMBER")
	equal(t, "phase", told.Phase, tlsock.PhaseHandshake)

	trusting := clientContext(t)
	must(t, trusting.LoadCRLData(read(t, "crl.pem")))
	must(t, trusting.SetVerifyFlags(trusting.VerifyFlags()|tlsock.VerifyCRLCheckLeaf))
	one, two := loopback(t)
	limit(t, one, two)
	clientErr, serverErr := shakeHands(tlsock.Client(one, trusting, "localhost"), tlsock.Server(two, serverContext(t, "revoked")))
	var refused *tlsock.CertVerificationError
	if !errors.As(clientErr, &refused) || !errors.As(serverErr, &told) {
		t.Fatalf("a revoked certificate: %v, %v", clientErr, serverErr)
	}
	equal(t, "alert received", told.AlertReceived, 44)
	equal(t, "depth", refused.Depth, 0)
	equal(t, "code", refused.VerifyCode, 23)
	equal(t, "flag", refused.VerifyFlag, tlsock.VerifyCRLCheckLeaf)
	if refused.Certificate == nil {
		t.Error("no certificate is named")
	}
	one, two = loopback(t)
	limit(t, one, two)
	clientErr, _ = shakeHands(tlsock.Client(one, distrusting(t), "localhost"), tlsock.Server(two, serverContext(t, "ecdsa")))
	if !errors.As(clientErr, &refused) {
		t.Fatalf("an unknown root: %v", clientErr)
	}
	equal(t, "depth of the unknown", refused.Depth, 1)
}

// What is closed says so, in Python's words and in Go's.
func TestUseAfterClose(t *testing.T) {
	closed := clientContext(t)
	must(t, closed.Close())
	err := closed.SetCheckHostname(true)
	if !errors.Is(err, net.ErrClosed) || !errors.Is(err, &tlsock.Error{Status: tlsock.StatusValue, Message: tlsock.StatusValue.String()}) {
		t.Errorf("a closed context: %v", err)
	}
	equal(t, "text", err.Error(), "tlsock: context is closed")
}

// The time of the net.Dialer bounds the handshake too, with somebody who says nothing.
func TestTimeOfTheNetDialer(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer silent.Close()
	trusting := clientContext(t)
	for name, dialer := range map[string]func() *net.Dialer{
		"timeout":  func() *net.Dialer { return &net.Dialer{Timeout: 500 * time.Millisecond} },
		"deadline": func() *net.Dialer { return &net.Dialer{Deadline: time.Now().Add(500 * time.Millisecond)} },
	} {
		within(t, name, func() {
			_, err := tlsock.DialWithDialer(dialer(), "tcp", silent.Addr().String(), trusting)
			var timeout net.Error
			if !errors.Is(err, context.DeadlineExceeded) && !(errors.As(err, &timeout) && timeout.Timeout()) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// Without a name nobody is checked, and that has to be said.
func TestInsecureNoHostname(t *testing.T) {
	context := clientContext(t)
	if _, err := context.WrapBIO(nil, nil, tlsock.WrapOptions{}); !errors.Is(err, tlsock.ErrValue) {
		t.Errorf("a client without a name: %v", err)
	}
	object, err := context.WrapBIO(nil, nil, tlsock.WrapOptions{InsecureNoHostname: true})
	must(t, err)
	defer object.Close()
	equal(t, "a client", object.ServerSide(), false)
	server, err := serverContext(t, "ecdsa").WrapBIO(nil, nil, tlsock.WrapOptions{ServerSide: true})
	must(t, err)
	defer server.Close()
	equal(t, "a server", server.ServerSide(), true)
}

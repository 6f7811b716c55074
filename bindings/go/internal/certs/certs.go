// Package certs gives tests of other packages contexts with the temporary keys of tests/certs/make.sh.
package certs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"tlsock"
)

var folder string

// Main is for TestMain: it makes the keys, runs the tests and removes the keys.
func Main(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	made, err := os.MkdirTemp("", "tlsock-go-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(made)
	folder = made
	_, here, _, _ := runtime.Caller(0)
	script := filepath.Join(filepath.Dir(here), "../../../../tests/certs/make.sh")
	if output, err := exec.Command("sh", script, folder).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "the certificates for the tests could not be made: %v\n%s", err, output)
		return 1
	}
	return m.Run()
}

// File is the path of a key or certificate.
func File(name string) string { return filepath.Join(folder, name) }

// Server is a server's context with the certificate ecdsa.pem.
func Server(t testing.TB) *tlsock.Context {
	t.Helper()
	context, err := tlsock.CreateDefaultContext(tlsock.PurposeClientAuth, tlsock.VerifyLocations{CAFile: File("ca.pem")})
	if err == nil {
		err = context.LoadCertChain(File("ecdsa.pem"), File("ecdsa.key"), "")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { context.Close() })
	return context
}

// Client is a client's context that trusts the root of the tests.
func Client(t testing.TB) *tlsock.Context {
	t.Helper()
	context, err := tlsock.CreateDefaultContext(tlsock.PurposeServerAuth, tlsock.VerifyLocations{CAFile: File("ca.pem")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { context.Close() })
	return context
}

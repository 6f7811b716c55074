package tlsock_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"
)

// The copy of a password that C got is wiped: its heap does not contain it afterwards.
func TestPasswordsAreWiped(t *testing.T) {
	context := serverContext(t, "ecdsa")
	data, key := read(t, "rsa.pem"), read(t, "rsa-encrypted.key")
	for name, load := range map[string]func(password string) error{
		"file": func(password string) error {
			return context.LoadCertChain(file("rsa.pem"), file("rsa-encrypted.key"), password)
		},
		"data": func(password string) error { return context.LoadCertChainData(data, key, password) },
		"callback": func(password string) error {
			must(t, context.SetPasswordCallback(func() (string, error) { return password, nil }))
			return context.LoadCertChain(file("rsa.pem"), file("rsa-encrypted.key"), "")
		},
	} {
		random := make([]byte, 200)
		_, err := rand.Read(random)
		must(t, err)
		password := hex.EncodeToString(random)
		if load(password) == nil {
			t.Fatalf("%s: a password by chance", name)
		}
		// Allocators keep their own data at the beginning of freed memory.
		if place := inHeapOfC(t, []byte(password[100:300])); place != "" {
			t.Errorf("%s: the password is in %s", name, place)
		}
	}
	// The search itself must be able to find something.
	needle := bytes.Repeat([]byte("found"), 20)
	if place := inHeapOfC(t, needle); place != "" {
		t.Errorf("what C never had is in %s", place)
	}
}

// inHeapOfC searches all writable memory except Go's own, and names the mapping.
func inHeapOfC(t *testing.T, needle []byte) string {
	maps, err := os.ReadFile("/proc/self/maps")
	must(t, err)
	memory, err := os.Open("/proc/self/mem")
	must(t, err)
	defer memory.Close()
	own := uintptr(unsafe.Pointer(&needle[0]))
	for _, line := range strings.Split(string(maps), "\n") {
		var from, to uintptr
		var access string
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &from, &to, &access); n < 3 || !strings.HasPrefix(access, "rw") {
			continue
		}
		// Go's heap is one region; malloc uses [heap] or small anonymous mappings.
		anonymous := len(strings.Fields(line)) == 5
		if strings.Contains(line, "[heap]") || anonymous && to-from <= 64<<20 && own>>32 != from>>32 {
			content := make([]byte, to-from)
			n, _ := memory.ReadAt(content, int64(from))
			if bytes.Contains(content[:n], needle) {
				return line
			}
		}
	}
	return ""
}

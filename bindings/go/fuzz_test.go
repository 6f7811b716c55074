package tlsock_test

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"tlsock"
)

// rough is a net.Conn that follows the bytes of a script: it splits reads and writes, times out, returns nothing, fails,
// damages data and returns impossible counts.
type rough struct {
	net.Conn
	mutex  sync.Mutex
	script []byte
	moved  func() // something passed
}

var errRough = errors.New("a net.Conn that fails")

// next takes an instruction; without a script everything succeeds.
func (r *rough) next() (step byte, size int) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(r.script) < 2 {
		return 0, 1 << 20
	}
	step, size = r.script[0]%16, int(r.script[1])+1
	r.script = r.script[2:]
	return step, size
}

func (r *rough) Read(b []byte) (int, error) {
	defer r.moved()
	step, size := r.next()
	if size > len(b) {
		size = len(b)
	}
	switch step {
	case 9:
		return 0, nil
	case 10:
		return 0, ownTimeout{}
	case 11:
		return 0, os.ErrDeadlineExceeded
	case 12:
		n, err := r.Conn.Read(b[:size])
		if n > 0 {
			b[n-1] ^= 0x40
		}
		return n, err
	case 13:
		return 0, io.EOF
	case 14:
		return len(b) + size, nil
	case 15:
		return 0, errRough
	case 1, 2, 3, 4:
		return r.Conn.Read(b[:size])
	}
	return r.Conn.Read(b)
}

func (r *rough) Write(b []byte) (int, error) {
	defer r.moved()
	step, size := r.next()
	if size > len(b) {
		size = len(b)
	}
	switch step {
	case 9, 10, 11: // a part is sent, and then the time is up
		n, err := r.Conn.Write(b[:size])
		if err == nil {
			err = []error{ownTimeout{}, ownTimeout{}, os.ErrDeadlineExceeded}[step-9]
		}
		return n, err
	case 12:
		damaged := append([]byte(nil), b...)
		damaged[size-1] ^= 0x40
		return r.Conn.Write(damaged)
	case 13:
		return r.Conn.Write(b[:size]) // less, and no error
	case 14:
		return len(b) + size, nil
	case 15:
		return 0, errRough
	}
	return r.Conn.Write(b)
}

// FuzzConn runs an exchange over such a net.Conn: nothing hangs, panics or returns bytes that were not sent, and data that was
// received in full came without an error on either side.
func FuzzConn(f *testing.F) {
	for _, seed := range [][]byte{
		nil, {9, 0}, {0, 0, 10, 5}, {1, 3, 1, 3, 1, 3, 11, 200}, {12, 9}, {13, 1}, {14, 1}, {15, 1},
		{0, 0, 0, 0, 0, 0, 10, 100, 11, 3, 9, 9}, {1, 0, 2, 0, 3, 0, 4, 0, 12, 40},
	} {
		f.Add(seed, false, uint16(100))
		f.Add(seed, true, uint16(40000))
	}
	trusting, serving := clientContext(f), serverContext(f, "ecdsa")
	// Two sides that both write into a pipe that is not read wait that long.
	f.Cleanup(tlsock.SetLastWords(20 * time.Millisecond))
	// The fuzzing engine ends a process after 10 s, and does not tell where it was.
	enough := testLimit
	if fuzzing := flag.Lookup("test.fuzz"); fuzzing != nil && fuzzing.Value.String() != "" {
		enough = 9 * time.Second
	}
	f.Fuzz(func(t *testing.T, script []byte, atServer bool, size uint16) {
		wrong := make(chan string, 1)
		go func() { wrong <- roughly(trusting, serving, script, atServer, int(size)) }()
		select {
		case what := <-wrong:
			if what != "" {
				t.Fatal(what)
			}
		case <-time.After(enough):
			stacks := make([]byte, 1<<20)
			t.Fatalf("no end:\n%s", stacks[:runtime.Stack(stacks, true)])
		}
	})
}

// roughly has a client send to a server, one of them over a rough net.Conn, and tells what is wrong.
func roughly(trusting, serving *tlsock.Context, script []byte, atServer bool, size int) string {
	near, far := net.Pipe()
	// A length that was damaged lets both ends wait for bytes that never come: without an end of that the engine takes minutes to
	// make an input smaller.
	by := time.Now().Add(500 * time.Millisecond)
	for _, end := range []net.Conn{near, far} {
		if err := end.SetDeadline(by); err != nil {
			return err.Error()
		}
	}
	idle := time.AfterFunc(time.Hour, func() {
		_ = near.SetDeadline(by.Add(-time.Hour))
		_ = far.SetDeadline(by.Add(-time.Hour))
	})
	defer idle.Stop()
	moved := func() { idle.Reset(50 * time.Millisecond) }
	var client, server *tlsock.Conn
	if atServer {
		client, server = tlsock.Client(near, trusting, "localhost"), tlsock.Server(&rough{Conn: far, script: script, moved: moved}, serving)
	} else {
		client, server = tlsock.Client(&rough{Conn: near, script: script, moved: moved}, trusting, "localhost"), tlsock.Server(far, serving)
	}
	sent := make([]byte, size)
	for i := range sent {
		sent[i] = byte(i % 251)
	}
	var data []byte
	var readErr error
	received := make(chan struct{})
	go func() {
		defer close(received)
		data, readErr = persist(server)
		server.Close()
	}()
	writeErr := insist(client, sent)
	if writeErr == nil {
		writeErr = client.CloseWrite()
		for i := 0; i < len(script) && timedOut(writeErr); i++ {
			writeErr = client.CloseWrite()
		}
	}
	if writeErr == nil {
		_, _ = persist(client)
	}
	client.Close()
	<-received
	switch {
	case len(data) > len(sent) || string(data) != string(sent[:len(data)]):
		return fmt.Sprintf("%d bytes came that were not sent", len(data))
	case readErr == nil && len(data) != len(sent):
		return fmt.Sprintf("a clean end after %d of %d bytes; the writer saw %v", len(data), len(sent), writeErr)
	}
	return ""
}

func timedOut(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// persist reads to the end, through timeouts.
func persist(conn net.Conn) (all []byte, err error) {
	buffer := make([]byte, 5000)
	for tries := 0; tries < 200; {
		n, err := conn.Read(buffer)
		all = append(all, buffer[:n]...)
		if err == io.EOF {
			return all, nil
		}
		if err != nil && !timedOut(err) {
			return all, err
		}
		if err != nil {
			tries++
		}
	}
	return all, os.ErrDeadlineExceeded
}

// insist writes everything, through timeouts.
func insist(conn net.Conn, data []byte) error {
	for tries := 0; tries < 200; tries++ {
		n, err := conn.Write(data)
		data = data[n:]
		if err == nil || !timedOut(err) {
			return err
		}
	}
	return os.ErrDeadlineExceeded
}

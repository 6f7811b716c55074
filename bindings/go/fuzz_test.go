package tlsock_test

import (
	"errors"
	"io"
	"net"
	"os"
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
	f.Fuzz(func(t *testing.T, script []byte, atServer bool, size uint16) {
		near, far := net.Pipe()
		// A damaged length makes a side wait for bytes that never come.
		by := time.Now().Add(500 * time.Millisecond)
		must(t, near.SetDeadline(by))
		must(t, far.SetDeadline(by))
		var client, server *tlsock.Conn
		if atServer {
			client, server = tlsock.Client(near, trusting, "localhost"), tlsock.Server(&rough{Conn: far, script: script}, serving)
		} else {
			client, server = tlsock.Client(&rough{Conn: near, script: script}, trusting, "localhost"), tlsock.Server(far, serving)
		}
		sent := make([]byte, size)
		for i := range sent {
			sent[i] = byte(i % 251)
		}
		got, readErr := make(chan []byte, 1), make(chan error, 1)
		go func() {
			data, err := persist(server)
			server.Close()
			got <- data
			readErr <- err
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
		data, err := <-got, <-readErr
		if len(data) > len(sent) || string(data) != string(sent[:len(data)]) {
			t.Fatalf("%d bytes came that were not sent", len(data))
		}
		if err == nil && len(data) != len(sent) {
			t.Fatalf("a clean end after %d of %d bytes; the writer saw %v", len(data), len(sent), writeErr)
		}
		if late := time.Since(by); late > 10*time.Second {
			t.Fatalf("it took %v longer than all deadlines", late)
		}
	})
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

// The workloads of ../../c on Go's crypto/tls (X25519).
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

var (
	certs   = flag.String("certs", "certs", "")
	ver     = flag.Int("ver", 13, "")
	key     = flag.String("key", "ec", "")
	resume  = flag.Int("resume", 0, "")
	cipher  = flag.String("cipher", "", "")
	size    = flag.Int("size", 16384, "")
	seconds = flag.Float64("time", 1, "")
	warm    = flag.Float64("warm", 0.15, "")
	conns   = flag.Int("conns", 2000, "")
	threads = flag.Int("threads", 1, "")
	share   = flag.Int("share", 1, "")
	tcp     = flag.Int("tcp", 0, "")
	opt     = flag.String("opt", "", "")
	work    string
)

const host = "bench.example"

func die(e error) {
	if e != nil {
		fmt.Fprintln(os.Stderr, "bench:", e)
		os.Exit(1)
	}
}

func cpu() float64 {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return float64(r.Utime.Sec+r.Stime.Sec) + float64(r.Utime.Usec+r.Stime.Usec)/1e6
}

func report(unit string, n, wall, c float64) {
	json.NewEncoder(os.Stdout).Encode(map[string]any{"library": runtime.Version(), "workload": work, "unit": unit,
		"value": n / wall, "per_cpu_s": n / c, "wall_s": wall, "cpu_s": c})
}

func dur(s float64) time.Duration { return time.Duration(s * 1e9) }

func config(server bool) *tls.Config {
	v := uint16(tls.VersionTLS13)
	if *ver == 12 {
		v = tls.VersionTLS12
	}
	c := &tls.Config{MinVersion: v, MaxVersion: v, CurvePreferences: []tls.CurveID{tls.X25519}}
	if *cipher != "" && *cipher != "aes128" {
		die(fmt.Errorf("the cipher cannot be chosen"))
	}
	if *ver == 12 && *cipher == "aes128" {
		c.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}
	}
	if server {
		k, e := tls.LoadX509KeyPair(filepath.Join(*certs, *key+".chain.pem"), filepath.Join(*certs, *key+".key.pem"))
		die(e)
		c.Certificates = []tls.Certificate{k}
	} else {
		pem, e := os.ReadFile(filepath.Join(*certs, *key+".ca.pem"))
		die(e)
		c.RootCAs = x509.NewCertPool()
		c.RootCAs.AppendCertsFromPEM(pem)
		c.ServerName = host
		if *resume == 1 {
			c.ClientSessionCache = tls.NewLRUClientSessionCache(8)
		}
	}
	return c
}

func pair() (net.Conn, net.Conn) {
	fd, e := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	die(e)
	var out [2]net.Conn
	for i := range fd {
		f := os.NewFile(uintptr(fd[i]), "pair")
		out[i], e = net.FileConn(f)
		die(e)
		f.Close()
	}
	return out[0], out[1]
}

func tcpPair() (net.Conn, net.Conn) {
	l, e := net.Listen("tcp", "127.0.0.1:0")
	die(e)
	c, e := net.Dial("tcp", l.Addr().String())
	die(e)
	s, e := l.Accept()
	die(e)
	l.Close()
	return c, s
}

func serve(s net.Conn, sc *tls.Config) {
	t := tls.Server(s, sc)
	die(t.Handshake())
	_, e := t.Write([]byte("x"))
	die(e)
	s.Close()
}

func dial(c net.Conn, cc *tls.Config) bool {
	var b [1]byte
	t := tls.Client(c, cc)
	die(t.Handshake())
	_, e := io.ReadFull(t, b[:])
	die(e)
	r := t.ConnectionState().DidResume
	c.Close()
	return r
}

func hs() {
	cc, sc := config(false), config(true)
	type two struct{ c, s net.Conn }
	resumed := 0
	batch := func() {
		var ps [32]two
		for i := range ps {
			ps[i].c, ps[i].s = pair()
		}
		var wg sync.WaitGroup
		wg.Add(1)
		go func() {
			for _, p := range ps {
				serve(p.s, sc)
			}
			wg.Done()
		}()
		for _, p := range ps {
			if dial(p.c, cc) {
				resumed++
			}
		}
		wg.Wait()
	}
	for end := time.Now().Add(dur(*warm)); time.Now().Before(end); {
		batch()
	}
	resumed = 0
	n := 0
	c0, t0 := cpu(), time.Now()
	for time.Since(t0) < dur(*seconds) {
		batch()
		n += 32
	}
	wall, c := time.Since(t0).Seconds(), cpu()-c0
	if resumed != n**resume {
		die(fmt.Errorf("%d of %d resumed", resumed, n))
	}
	report("hs/s", float64(n), wall, c)
}

func tlsPair() (*tls.Conn, *tls.Conn) {
	c, s := tcpPair()
	ct, st := tls.Client(c, config(false)), tls.Server(s, config(true))
	go ct.Handshake()
	die(st.Handshake())
	return ct, st
}

func bulk() {
	c, s := tlsPair()
	go func() {
		buf := make([]byte, *size)
		for end := time.Now().Add(dur(*seconds + *warm)); time.Now().Before(end); {
			for k := 0; k < 1048576; k += *size {
				c.Write(buf)
			}
		}
		c.CloseWrite()
	}()
	buf := make([]byte, 262144)
	var n, c0 float64
	var t0, start time.Time
	for {
		r, e := s.Read(buf)
		if e != nil {
			break
		}
		if !t0.IsZero() {
			n += float64(r)
		} else if start.IsZero() {
			start = time.Now()
		} else if time.Since(start) > dur(*warm) {
			t0, c0 = time.Now(), cpu()
		}
	}
	report("MB/s", n/1e6, time.Since(t0).Seconds(), cpu()-c0)
}

func ping() {
	c, s := tlsPair()
	go func() {
		b := make([]byte, *size)
		for {
			if _, e := io.ReadFull(s, b); e != nil {
				return
			}
			s.Write(b)
		}
	}()
	b := make([]byte, *size)
	one := func() {
		c.Write(b)
		_, e := io.ReadFull(c, b)
		die(e)
	}
	for end := time.Now().Add(dur(*warm)); time.Now().Before(end); {
		one()
	}
	n := 0
	c0, t0 := cpu(), time.Now()
	for time.Since(t0) < dur(*seconds) {
		one()
		n++
	}
	report("rt/s", float64(n), time.Since(t0).Seconds(), cpu()-c0)
}

// In memory: net.Pipe has no buffer, so this is a buffered one; the two ends
// are goroutines on one processor, as crypto/tls has no other way.
type half struct {
	mu   sync.Mutex
	cond *sync.Cond
	b    []byte
	shut bool
}

type memConn struct {
	in, out *half
	net.Conn
}

func newHalf() *half { h := &half{}; h.cond = sync.NewCond(&h.mu); return h }

func (m memConn) Read(p []byte) (int, error) {
	m.in.mu.Lock()
	defer m.in.mu.Unlock()
	for len(m.in.b) == 0 {
		if m.in.shut {
			return 0, io.EOF
		}
		m.in.cond.Wait()
	}
	n := copy(p, m.in.b)
	m.in.b = m.in.b[n:]
	if len(m.in.b) < 256*1024 {
		m.in.cond.Broadcast()
	}
	return n, nil
}

func (m memConn) Write(p []byte) (int, error) {
	m.out.mu.Lock()
	defer m.out.mu.Unlock()
	for len(m.out.b) > 512*1024 {
		m.out.cond.Wait()
	}
	m.out.b = append(m.out.b, p...)
	m.out.cond.Broadcast()
	return len(p), nil
}

func (m memConn) Close() error { return nil }

func memPair() (net.Conn, net.Conn) {
	a, b := newHalf(), newHalf()
	return memConn{in: a, out: b}, memConn{in: b, out: a}
}

func memHs() {
	runtime.GOMAXPROCS(1)
	cc, sc := config(false), config(true)
	one := func() {
		c, s := memPair()
		done := make(chan bool)
		go func() { serve(s, sc); done <- true }()
		dial(c, cc)
		<-done
	}
	for end := time.Now().Add(dur(*warm)); time.Now().Before(end); {
		one()
	}
	n := 0
	c0, t0 := cpu(), time.Now()
	for time.Since(t0) < dur(*seconds) {
		one()
		n++
	}
	report("hs/s", float64(n), time.Since(t0).Seconds(), cpu()-c0)
}

func memBulk() {
	runtime.GOMAXPROCS(1)
	c, s := memPair()
	ct, st := tls.Client(c, config(false)), tls.Server(s, config(true))
	go ct.Handshake()
	die(st.Handshake())
	stop := time.Now().Add(dur(*seconds + *warm))
	go func() {
		b := make([]byte, *size)
		for time.Now().Before(stop) {
			for k := 0; k < 524288; k += *size {
				ct.Write(b)
			}
		}
		c.(memConn).out.mu.Lock()
		c.(memConn).out.shut = true
		c.(memConn).out.mu.Unlock()
		c.(memConn).out.cond.Broadcast()
	}()
	buf := make([]byte, 262144)
	var n, c0 float64
	var t0 time.Time
	start := time.Now()
	for {
		r, e := st.Read(buf)
		if e != nil {
			break
		}
		if !t0.IsZero() {
			n += float64(r)
		} else if time.Since(start) > dur(*warm) {
			t0, c0 = time.Now(), cpu()
		}
	}
	report("MB/s", n/1e6, time.Since(t0).Seconds(), cpu()-c0)
}

func rss() float64 {
	b, e := os.ReadFile("/proc/self/statm")
	die(e)
	var a, p int
	fmt.Sscan(strings.TrimSpace(string(b)), &a, &p)
	return float64(p * os.Getpagesize())
}

func idle() {
	cc, sc := config(false), config(true)
	var keep []*tls.Conn
	open := func(n int) {
		for i := 0; i < n; i++ {
			c, s := pair()
			st, ct := tls.Server(s, sc), tls.Client(c, cc)
			ch := make(chan bool)
			go func() {
				b := make([]byte, 64)
				io.ReadFull(st, b)
				st.Write(b)
				ch <- true
			}()
			b := make([]byte, 64)
			ct.Write(b)
			_, e := io.ReadFull(ct, b)
			die(e)
			<-ch
			keep = append(keep, st, ct)
		}
		runtime.GC()
	}
	open(50)
	before, t0, c0 := rss(), time.Now(), cpu()
	open(*conns)
	kib := (rss() - before) / 1024 / float64(*conns) / 2
	json.NewEncoder(os.Stdout).Encode(map[string]any{"library": runtime.Version(), "workload": work,
		"unit": "KiB/conn", "value": kib, "wall_s": time.Since(t0).Seconds(), "cpu_s": cpu() - c0})
	runtime.KeepAlive(keep)
}

func main() {
	if len(os.Args) < 2 {
		die(fmt.Errorf("usage: %s WORKLOAD [--option value]", os.Args[0]))
	}
	work = os.Args[1]
	flag.CommandLine.Parse(os.Args[2:])
	f := map[string]func(){"hs": hs, "bulk": bulk, "ping": ping, "mem_hs": memHs, "mem_bulk": memBulk, "idle": idle}[work]
	if f == nil {
		die(fmt.Errorf("no workload %s here", work))
	}
	f()
}

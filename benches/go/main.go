// The workloads of ../c in Go, on crypto/tls or on the Go binding: the same loops for both. Built without cgo it has
// crypto/tls only, and is the peer of the programs in C.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/pprof"
	"syscall"
	"time"
)

var (
	certs   = flag.String("certs", "certs", "folder made by ../certs.sh")
	name    = flag.String("library", "crypto", "crypto or tlsock")
	ver     = flag.Int("ver", 13, "12 or 13")
	key     = flag.String("key", "ec", "ec or rsa")
	resume  = flag.Int("resume", 0, "1: the client offers its latest session")
	cache   = flag.Int("cache", 0, "1: the client keeps chains that it verified; not with crypto")
	tickets = flag.Int("tickets", 0, "that the server sends, if not the library's number; not with crypto, which sends 1")
	atOnce  = flag.Int("at-once", 1, "connections that shake hands at the same time")
	abrupt  = flag.Int("abrupt", 0, "1: close without close_notify after a handshake, as the programs in C do")
	cipher  = flag.String("cipher", "", "with TLS 1.2: aes128")
	size    = flag.Int("size", 16384, "bytes in a piece")
	pipe    = flag.String("pipe", "buffer", "in memory: buffer, or net for net.Pipe")
	procs   = flag.Int("procs", 1, "in memory: processors for the goroutines, 0 for all")
	gather  = flag.Int("gather", 1, "pieces in one call")
	writers = flag.Int("writers", 1, "goroutines that write to one connection")
	seconds = flag.Float64("time", 1, "of measuring")
	warm    = flag.Float64("warm", 0.15, "seconds before")
	conns   = flag.Int("conns", 2000, "for the workloads of memory")
	profile = flag.String("profile", "", "file for a profile of the processor's time")
	work    string
)

const host = "bench.example"

// conn is what both libraries' connections have in common.
type conn interface {
	net.Conn
	Handshake() error
	CloseWrite() error
}

// library makes connections. A client that resumes keeps its sessions itself.
type library interface {
	client(net.Conn) conn
	server(net.Conn) conn
	// gather writes pieces, joined where the library can.
	gather(conn, net.Buffers)
	// done is told of a client's connection before it is closed: was it resumed?
	done(conn) bool
	// context makes a client's settings that trust the CAs of a file, or the system's.
	context(file string) any
}

var libraries = map[string]func() library{"crypto": newCrypto}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func cpu() float64 {
	var r syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return float64(r.Utime.Sec+r.Stime.Sec) + float64(r.Utime.Usec+r.Stime.Usec)/1e6
}

func report(unit string, n, wall, used float64) {
	show(map[string]any{"unit": unit, "value": n / wall, "per_cpu_s": n / used, "wall_s": wall, "cpu_s": used})
}

func show(figures map[string]any) {
	figures["library"], figures["workload"] = *name+" "+runtime.Version(), work
	check(json.NewEncoder(os.Stdout).Encode(figures))
}

func duration(seconds float64) time.Duration { return time.Duration(seconds * 1e9) }

// repeat runs a step that does count units of work, first to get warm, and reports how many fit into the time.
func repeat(unit string, count float64, step func()) {
	for end := time.Now().Add(duration(*warm)); time.Now().Before(end); {
		step()
	}
	n, used, start := 0.0, cpu(), time.Now()
	for time.Since(start) < duration(*seconds) {
		step()
		n += count
	}
	report(unit, n, time.Since(start).Seconds(), cpu()-used)
}

func pair() (net.Conn, net.Conn) {
	fd, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	check(err)
	var out [2]net.Conn
	for i := range fd {
		file := os.NewFile(uintptr(fd[i]), "pair")
		out[i], err = net.FileConn(file)
		check(err)
		check(file.Close())
	}
	return out[0], out[1]
}

func tcpPair() (net.Conn, net.Conn) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	near, err := net.Dial("tcp", listener.Addr().String())
	check(err)
	far, err := listener.Accept()
	check(err)
	check(listener.Close())
	return near, far
}

// connected gives both ends of a connection, hands shaken.
func connected(made library, near, far net.Conn) (client, server conn) {
	client, server = made.client(near), made.server(far)
	go func() { check(server.Handshake()) }()
	check(client.Handshake())
	// A byte each way: the handshake of the other end is over too, and tickets are read.
	b := make([]byte, 1)
	go func() {
		_, err := client.Write([]byte{1})
		check(err)
	}()
	_, err := io.ReadFull(server, b)
	check(err)
	go func() {
		_, err := server.Write([]byte{1})
		check(err)
	}()
	_, err = io.ReadFull(client, b)
	check(err)
	return client, server
}

func main() {
	workloads := map[string]func(library){
		"hs": handshakes, "mem_hs": memoryHandshakes, "bulk": bulk, "mem_bulk": memoryBulk,
		"mem_object": memoryObject, "ping": ping, "idle": idle, "ctx": contexts, "ctx_file": fileContexts,
		"ctx_cold": coldContext,
	}
	if len(os.Args) < 2 || workloads[os.Args[1]] == nil {
		check(fmt.Errorf("usage: %s WORKLOAD [--option value]", os.Args[0]))
	}
	work = os.Args[1]
	check(flag.CommandLine.Parse(os.Args[2:]))
	made := libraries[*name]
	if made == nil {
		check(fmt.Errorf("no library %s here", *name))
	}
	if *profile != "" {
		file, err := os.Create(*profile)
		check(err)
		check(pprof.StartCPUProfile(file))
		defer pprof.StopCPUProfile()
	}
	workloads[work](made())
}

package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"
)

func resident() float64 {
	text, err := os.ReadFile("/proc/self/statm")
	check(err)
	var all, pages int
	_, err = fmt.Sscan(string(text), &all, &pages)
	check(err)
	return float64(pages * os.Getpagesize())
}

// idle is how much the process grows for a connection that waits, by its end.
func idle(made library) {
	var limit syscall.Rlimit
	check(syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	limit.Cur = limit.Max
	check(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
	var kept []conn
	open := func(count int) {
		for i := 0; i < count; i++ {
			near, far := pair()
			client, server := connected(made, near, far)
			kept = append(kept, client, server)
		}
		runtime.GC()
	}
	open(50)
	before := resident()
	open(*conns)
	show(map[string]any{"unit": "KiB/end", "value": (resident() - before) / 1024 / float64(*conns) / 2})
	runtime.KeepAlive(kept)
}

// contexts makes client's settings that trust the system's CAs; the first was made before.
func contexts(made library) {
	repeat("ctx/s", 1, func() { runtime.KeepAlive(made.context("")) })
}

// fileContexts names the file of the system's CAs.
func fileContexts(made library) {
	repeat("ctx/s", 1, func() { runtime.KeepAlive(made.context("/etc/ssl/certs/ca-certificates.crt")) })
}

// coldContext is the first one of a process.
func coldContext(made library) {
	used, start := cpu(), time.Now()
	runtime.KeepAlive(made.context(""))
	report("ctx/s", 1, time.Since(start).Seconds(), cpu()-used)
}

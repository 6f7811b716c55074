package main

import (
	"io"
	"net"
	"runtime"
	"sync"
	"time"
)

const readSize = 256 << 10

// stream sends for the time from one end to the other, and measures at the end that reads.
func stream(made library, client, server conn) {
	stop := time.Now().Add(duration(*seconds + *warm))
	go func() {
		var group sync.WaitGroup
		for i := 0; i < *writers; i++ {
			group.Add(1)
			go func() {
				defer group.Done()
				send(made, client, stop)
			}()
		}
		group.Wait()
		check(client.CloseWrite())
	}()
	buffer := make([]byte, readSize)
	var n int
	var used float64
	var start time.Time
	for warmed := time.Now().Add(duration(*warm)); ; {
		count, err := server.Read(buffer)
		n += count
		if err == io.EOF {
			break
		}
		check(err)
		if start.IsZero() && time.Now().After(warmed) {
			n, used, start = 0, cpu(), time.Now()
		}
	}
	report("MB/s", float64(n)/1e6, time.Since(start).Seconds(), cpu()-used)
}

func send(made library, to conn, stop time.Time) {
	data, pieces := make([]byte, *size), make(net.Buffers, *gather)
	for time.Now().Before(stop) {
		for sent := 0; sent < 512<<10; sent += *size * *gather {
			if *gather == 1 {
				_, err := to.Write(data)
				check(err)
				continue
			}
			for i := range pieces {
				pieces[i] = data
			}
			made.gather(to, pieces)
		}
	}
}

// bulk goes over loopback TCP.
func bulk(made library) {
	near, far := tcpPair()
	client, server := connected(made, near, far)
	stream(made, client, server)
}

// memoryBulk makes no system calls.
func memoryBulk(made library) {
	runtime.GOMAXPROCS(*procs)
	near, far := memoryPair()
	client, server := connected(made, near, far)
	stream(made, client, server)
}

// memoryObject is bulk below connections: one goroutine moves pieces from end to end. crypto/tls has nothing there.
func memoryObject(made library) {
	bare, ok := made.(interface{ mover() func([]byte) })
	if !ok {
		memoryBulk(made)
		return
	}
	runtime.GOMAXPROCS(*procs)
	move, data := bare.mover(), make([]byte, *size)
	const pieces = 64
	repeat("MB/s", float64(pieces**size)/1e6, func() {
		for i := 0; i < pieces; i++ {
			move(data)
		}
	})
}

// ping sends pieces there and back over loopback TCP.
func ping(made library) {
	near, far := tcpPair()
	client, server := connected(made, near, far)
	go func() {
		b := make([]byte, *size)
		for {
			if _, err := io.ReadFull(server, b); err != nil {
				return
			}
			_, err := server.Write(b)
			check(err)
		}
	}()
	b := make([]byte, *size)
	repeat("rt/s", 1, func() {
		_, err := client.Write(b)
		check(err)
		_, err = io.ReadFull(client, b)
		check(err)
	})
}

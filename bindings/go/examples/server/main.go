// An HTTPS server: server CERTFILE KEYFILE [ADDRESS]
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"tlsock"
	"tlsock/tlsockhttp"
)

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: server CERTFILE KEYFILE [ADDRESS]")
	}
	address := "127.0.0.1:8443"
	if len(os.Args) > 3 {
		address = os.Args[3]
	}
	context, err := tlsock.CreateDefaultContext(tlsock.PurposeClientAuth, tlsock.VerifyLocations{})
	if err != nil {
		log.Fatal(err)
	}
	if err := context.LoadCertChain(os.Args[1], os.Args[2], ""); err != nil {
		log.Fatal(err)
	}
	listener, err := tlsock.Listen("tcp", address, context)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("https://%s/\n", listener.Addr())
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s from %s, %s by %s\n", r.URL.Path, r.RemoteAddr, r.Proto, tlsock.OpenSSLVersion())
	})}
	log.Fatal(tlsockhttp.Serve(server, listener))
}

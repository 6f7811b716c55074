// An HTTPS client: client URL [CAFILE]
package main

import (
	"errors"
	"io"
	"log"
	"net/http"
	"os"

	"tlsock"
	"tlsock/tlsockhttp"
)

func main() {
	if len(os.Args) < 2 {
		log.Fatal("usage: client URL [CAFILE]")
	}
	var trusted tlsock.VerifyLocations // the system's CAs by default
	if len(os.Args) > 2 {
		trusted.CAFile = os.Args[2]
	}
	context, err := tlsock.CreateDefaultContext(tlsock.PurposeServerAuth, trusted)
	if err != nil {
		log.Fatal(err)
	}
	transport, err := tlsockhttp.NewTransport(context, nil)
	if err != nil {
		log.Fatal(err)
	}
	client := &http.Client{Transport: transport}
	response, err := client.Get(os.Args[1])
	var refused *tlsock.CertVerificationError
	if errors.As(err, &refused) {
		log.Fatalf("refused: %s (offered: %q)", refused.VerifyMessage, refused.OfferedNames)
	}
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(os.Stdout, response.Body); err != nil {
		log.Fatal(err)
	}
}

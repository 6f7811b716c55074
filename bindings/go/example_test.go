package tlsock_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"

	"tlsock"
)

// exampleServer echoes on a free port of this machine.
func exampleServer() net.Listener {
	context, err := tlsock.CreateDefaultContext(tlsock.PurposeClientAuth, tlsock.VerifyLocations{})
	if err != nil {
		log.Fatal(err)
	}
	if err := context.LoadCertChain(file("ecdsa.pem"), file("ecdsa.key"), ""); err != nil {
		log.Fatal(err)
	}
	listener, err := tlsock.Listen("tcp", "localhost:0", context)
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go echo(conn)
		}
	}()
	return listener
}

func ExampleDial() {
	listener := exampleServer()
	defer listener.Close()
	context, err := tlsock.CreateDefaultContext(tlsock.PurposeServerAuth,
		tlsock.VerifyLocations{CAFile: file("ca.pem")})
	if err != nil {
		log.Fatal(err)
	}
	conn, err := tlsock.Dial("tcp", listener.Addr().String(), context)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "hello")
	conn.CloseWrite()
	answer, err := io.ReadAll(conn)
	fmt.Println(string(answer), err, conn.Version())
	// Output: hello <nil> TLSv1.3
}

func ExampleCertVerificationError() {
	listener := exampleServer()
	defer listener.Close()
	context, _ := tlsock.NewContext(tlsock.ProtocolTLSClient) // trusts no CA yet
	_, err := tlsock.Dial("tcp", listener.Addr().String(), context)
	var refused *tlsock.CertVerificationError
	if errors.As(err, &refused) {
		fmt.Println(refused.VerifyMessage)
	}
	// Output: unable to get local issuer certificate
}

func ExampleDialer() {
	serving, _ := tlsock.CreateDefaultContext(tlsock.PurposeClientAuth, tlsock.VerifyLocations{})
	if err := serving.LoadCertChain(file("ecdsa.pem"), file("ecdsa.key"), ""); err != nil {
		log.Fatal(err)
	}
	listener, err := tlsock.Listen("tcp", "localhost:0", serving)
	if err != nil {
		log.Fatal(err)
	}
	defer listener.Close()
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "hello over ", r.Proto)
	}))

	context, _ := tlsock.CreateDefaultContext(tlsock.PurposeServerAuth, tlsock.VerifyLocations{CAFile: file("ca.pem")})
	dialer := &tlsock.Dialer{Context: context}
	client := &http.Client{Transport: &http.Transport{DialTLSContext: dialer.DialContext}}
	defer client.CloseIdleConnections()
	response, err := client.Get("https://" + listener.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	fmt.Println(string(body))
	// Output: hello over HTTP/1.1
}

func ExampleContext_WrapBIO() {
	context, _ := tlsock.CreateDefaultContext(tlsock.PurposeServerAuth, tlsock.VerifyLocations{})
	incoming, _ := tlsock.NewMemoryBIO()
	outgoing, _ := tlsock.NewMemoryBIO()
	object, err := context.WrapBIO(incoming, outgoing, tlsock.WrapOptions{ServerHostname: "example.org"})
	if err != nil {
		log.Fatal(err)
	}
	err = object.DoHandshake()
	fmt.Println(errors.Is(err, tlsock.ErrWantRead), outgoing.Pending() > 0)
	// Output: true true
}

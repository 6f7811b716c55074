module integration

go 1.26.0

require tlsock v0.0.0

require golang.org/x/net v0.60.0 // indirect

replace (
	tlsock => ../../../bindings/go
	tlsock/tlsockgrpc => ../../../bindings/go/tlsockgrpc
)

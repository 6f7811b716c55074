module integration

go 1.26.0

require (
	google.golang.org/grpc v1.85.0
	tlsock v0.0.0
	tlsock/tlsockgrpc v0.0.0-00010101000000-000000000000
)

require google.golang.org/protobuf v1.36.12 // indirect

replace (
	tlsock => ../../../bindings/go
	tlsock/tlsockgrpc => ../../../bindings/go/tlsockgrpc
)

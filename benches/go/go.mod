module bench

go 1.19

require tlsock v0.0.0

replace tlsock => ../../bindings/go

module bench

go 1.19

require tlsock.invalid/bindings/go v0.0.0

replace tlsock.invalid/bindings/go => ../../bindings/go

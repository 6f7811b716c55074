//go:build !cgo

package tlsock

// The name is the message: without cgo there is no library to call.
var _ = tlsock_needs_cgo__build_with_CGO_ENABLED_1_and_a_C_compiler

//go:build !cgo

package main

func init() { *abrupt = 1 }

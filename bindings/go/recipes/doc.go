// Package recipes shows how drivers and libraries that only know crypto/tls can use connections of tlsock. Its
// functions are short and meant to be copied; the tests run them against real servers.
package recipes

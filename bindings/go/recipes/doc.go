// Package recipes shows how drivers and libraries that know crypto/tls alone are given connections of tlsock. Its
// functions are short, to be copied; the tests run them against real servers.
package recipes

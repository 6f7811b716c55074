//go:build cgo

package tlsockhttp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
)

// SOCKS 5: RFC 1928, RFC 1929.
const (
	socksVersion      = 5
	socksConnect      = 1
	socksNoLogin      = 0
	socksPassword     = 2
	socksLoginVersion = 1
	socksIPv4         = 1
	socksName         = 3
	socksIPv6         = 4
	socksReplyHead    = 4
)

// socks5 asks a SOCKS proxy for a tunnel. The proxy looks the name up.
func socks5(_ context.Context, conn net.Conn, target string, proxy *url.URL) error {
	destination, err := socksAddress(target)
	if err != nil {
		return err
	}
	// A proxy that wants no login may get a user nevertheless, as with net/http.
	hello := []byte{socksVersion, 1, socksNoLogin}
	if proxy.User != nil {
		hello = []byte{socksVersion, 2, socksNoLogin, socksPassword}
	}
	answer := make([]byte, 2)
	if err := exchange(conn, hello, answer); err != nil {
		return err
	}
	switch method := answer[1]; {
	case answer[0] != socksVersion:
		return errors.New("the proxy does not speak SOCKS 5")
	case method == socksPassword && proxy.User != nil:
		if err := socksLogin(conn, proxy.User); err != nil {
			return err
		}
	case method != socksNoLogin:
		return errors.New("the SOCKS proxy refuses the ways of login that were offered")
	}
	head := make([]byte, socksReplyHead)
	if err := exchange(conn, append([]byte{socksVersion, socksConnect, 0}, destination...), head); err != nil {
		return err
	}
	if head[1] != 0 {
		return fmt.Errorf("the SOCKS proxy answers with code %d", head[1])
	}
	return socksSkipAddress(conn, head[3])
}

func socksLogin(conn net.Conn, user *url.Userinfo) error {
	name := user.Username()
	password, _ := user.Password()
	if len(name) == 0 || len(name) > 255 || len(password) > 255 {
		return errors.New("user and password of a SOCKS proxy have 1 to 255 bytes")
	}
	message := append([]byte{socksLoginVersion, byte(len(name))}, name...)
	message = append(append(message, byte(len(password))), password...)
	answer := make([]byte, 2)
	if err := exchange(conn, message, answer); err != nil {
		return err
	}
	if answer[1] != 0 {
		return errors.New("the SOCKS proxy refuses user or password")
	}
	return nil
}

func exchange(conn net.Conn, message, answer []byte) error {
	if _, err := conn.Write(message); err != nil {
		return err
	}
	_, err := io.ReadFull(conn, answer)
	return err
}

// socksAddress is an address and port in the form of the protocol.
func socksAddress(target string) ([]byte, error) {
	name, port, err := net.SplitHostPort(target)
	if err != nil {
		return nil, err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	var address []byte
	ip := net.ParseIP(name)
	switch {
	case ip.To4() != nil:
		address = append([]byte{socksIPv4}, ip.To4()...)
	case ip != nil:
		address = append([]byte{socksIPv6}, ip.To16()...)
	case len(name) > 255:
		return nil, errors.New("a SOCKS proxy takes names of up to 255 bytes")
	default:
		address = append([]byte{socksName, byte(len(name))}, name...)
	}
	return append(address, byte(number>>8), byte(number)), nil
}

// socksSkipAddress reads the address that the proxy connected from, byte by byte: TLS begins right after it.
func socksSkipAddress(conn net.Conn, kind byte) error {
	var size int
	switch kind {
	case socksIPv4:
		size = net.IPv4len
	case socksIPv6:
		size = net.IPv6len
	case socksName:
		length := make([]byte, 1)
		if _, err := io.ReadFull(conn, length); err != nil {
			return err
		}
		size = int(length[0])
	default:
		return fmt.Errorf("the SOCKS proxy answers with an address of kind %d", kind)
	}
	_, err := io.ReadFull(conn, make([]byte, size+2))
	return err
}

//go:build cgo && go1.21

package tlsock

import (
	"crypto/tls"
	"log/slog"
	"net"
)

// LogValue gives the facts about the connection that belong in a log, and no secret.
func (c *Conn) LogValue() slog.Value {
	attributes := []slog.Attr{
		slog.String("local", addressOf(c.LocalAddr())),
		slog.String("remote", addressOf(c.RemoteAddr())),
	}
	if !c.handshakeDone.Load() {
		return slog.GroupValue(append(attributes, slog.Bool("handshake", false))...)
	}
	state := c.State()
	attributes = append(attributes,
		slog.Bool("handshake", true),
		slog.String("version", tls.VersionName(state.Version)),
		slog.String("cipher", state.cipher),
		slog.Bool("resumed", state.DidResume),
	)
	for _, known := range []struct{ name, value string }{
		{"group", state.group}, {"alpn", state.NegotiatedProtocol}, {"server_name", state.ServerName},
		{"peer", state.peer()},
	} {
		if known.value != "" {
			attributes = append(attributes, slog.String(known.name, known.value))
		}
	}
	return slog.GroupValue(attributes...)
}

func addressOf(address net.Addr) string {
	if address == nil {
		return ""
	}
	return address.String()
}

//go:build cgo

package tlsockhttp

import (
	"crypto/tls"
	"fmt"
	"reflect"
	"sort"
)

// instead says where that is set here which a tls.Config has. Another field has no counterpart, or one that is too new for this list.
var instead = map[string]string{
	"Certificates":                   "use Context.LoadCertChain",
	"NameToCertificate":              "use Context.SetIdentityCallback",
	"GetCertificate":                 "use Context.SetIdentityCallback",
	"GetClientCertificate":           "use Context.SetIdentityCallback",
	"GetConfigForClient":             "use Context.SetClientHelloCallback",
	"VerifyPeerCertificate":          "use Context.SetVerifyCallback",
	"VerifyConnection":               "use Context.SetVerifyCallback",
	"RootCAs":                        "use Context.LoadVerifyLocations",
	"ClientCAs":                      "use Context.LoadVerifyLocations",
	"ClientAuth":                     "use Context.SetVerifyMode",
	"InsecureSkipVerify":             "use Context.SetCheckHostname and Context.SetVerifyMode",
	"CipherSuites":                   "use Context.SetCiphers",
	"SessionTicketsDisabled":         "use Context.SetNumTickets and Context.SetOptions",
	"SessionTicketKey":               "use Context.SetTicketKeys",
	"sessionTicketKeys":              "use Context.SetTicketKeys",
	"MinVersion":                     "use Context.SetMinimumVersion",
	"MaxVersion":                     "use Context.SetMaximumVersion",
	"CurvePreferences":               "use Context.SetGroups",
	"KeyLogWriter":                   "use Context.SetKeylogCallback",
	"EncryptedClientHelloConfigList": "use Context.SetECHConfigs",
	"EncryptedClientHelloKeys":       "use Context.LoadECHKeys",
}

// checkConfig refuses settings for crypto/tls, which nobody would obey: a server that was to demand certificates would serve everybody.
// NextProtos is net/http's own, and so is PreferServerCipherSuites, which crypto/tls does not obey either.
func checkConfig(place string, config *tls.Config) error {
	if config == nil {
		return nil
	}
	fields := reflect.ValueOf(config).Elem()
	for i := 0; i < fields.NumField(); i++ {
		field := fields.Type().Field(i)
		switch name := field.Name; {
		case name == "NextProtos", name == "PreferServerCipherSuites":
		// SetSessionTicketKeys sets one that is not exported.
		case !field.IsExported() && name != "sessionTicketKeys":
		case !fields.Field(i).IsZero():
			use := instead[name]
			if use == "" {
				use = "leave it out, and set what you need on the Context"
			}
			return fmt.Errorf("tlsockhttp: %s.%s is for crypto/tls and would have no effect: %s", place, name, use)
		}
	}
	return nil
}

// checkNextProto refuses protocols that would never be spoken: net/http calls these functions for crypto/tls alone. Those for HTTP/2 are
// its own, and say that HTTP/2 is enabled.
func checkNextProto[F any](place string, given map[string]F) error {
	var names []string
	for name := range given {
		if name != "h2" && name != "unencrypted_http2" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	sort.Strings(names)
	return fmt.Errorf("tlsockhttp: %s[%q] is for crypto/tls and would never be called: leave it out, or serve it on a listener of its own",
		place, names[0])
}

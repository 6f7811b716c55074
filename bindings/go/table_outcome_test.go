package tlsock_test

import (
	"errors"
	"strconv"
	"strings"

	"tlsock"
)

// field is one thing that a step gave.
type field struct{ name, value string }

type outcome []field

// tell adds a field; the folder of the certificates is told as CERTS.
func (o *outcome) tell(name, value string) {
	*o = append(*o, field{name, strings.NewReplacer(file(""), "CERTS", "\n", `\n`).Replace(value)})
}

func (o *outcome) tellText(name, value string) {
	if value != "" {
		o.tell(name, value)
	}
}

func (o *outcome) tellNumber(name string, number, neutral int64) {
	if number != neutral {
		o.tell(name, strconv.FormatInt(number, 10))
	}
}

var phaseNames = []string{"", "configure", "resolve", "connect", "accept", "handshake", "read", "write", "shutdown"}

// tellError tells all facts of an error that say something.
func (o *outcome) tellError(prefix string, err error) {
	var e *tlsock.Error
	if !errors.As(err, &e) {
		o.tell(prefix+"class", "an error of Go: "+err.Error())
		return
	}
	o.tell(prefix+"class", e.Status.String())
	if e.Temporary() {
		return
	}
	o.tellText(prefix+"text", e.Message)
	o.tellText(prefix+"library", e.Library)
	o.tellText(prefix+"reason", e.Reason)
	if e.Status/10 == 1 {
		o.tellNumber(prefix+"code", e.Code, 0)
	}
	o.tellText(prefix+"phase", phaseNames[e.Phase])
	o.tellNumber(prefix+"os_errno", int64(e.OSErrno), 0)
	o.tellText(prefix+"filename", e.Filename)
	o.tellNumber(prefix+"alert_sent", int64(e.AlertSent), -1)
	o.tellNumber(prefix+"alert_received", int64(e.AlertReceived), -1)
	if v := e.Verification; v != nil {
		o.tellNumber(prefix+"verify_code", int64(v.VerifyCode), 0)
		o.tellText(prefix+"verify_message", v.VerifyMessage)
		o.tellNumber(prefix+"depth", int64(v.Depth), -1)
		o.tellText(prefix+"expected_name", v.ExpectedName)
		o.tellText(prefix+"offered_names", strings.Join(v.OfferedNames, ","))
		o.tellNumber(prefix+"verify_flag", int64(v.VerifyFlag), 0)
	}
	if e.Cause != nil {
		o.tellError(prefix+"cause.", e.Cause)
	}
}

func (o outcome) String() string {
	var parts []string
	for _, one := range o {
		parts = append(parts, one.name+"="+one.value)
	}
	return strings.Join(parts, " | ")
}

// fits tells whether a text is as a pattern says, in which each * stands for any text.
func fits(text, pattern string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return text == pattern
	}
	if !strings.HasPrefix(text, parts[0]) {
		return false
	}
	text = text[len(parts[0]):]
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return strings.HasSuffix(text, parts[len(parts)-1])
}

// has tells whether a field fits; one that is missing fits the empty pattern.
func (o outcome) has(name, pattern string) bool {
	for _, one := range o {
		if one.name == name {
			return fits(one.value, pattern)
		}
	}
	return pattern == ""
}

// differs gives the first word of an expectation that does not hold. Without an expectation a step has to succeed.
func (o outcome) differs(wanted []word) string {
	if len(wanted) == 0 {
		wanted = []word{{text: "ok"}}
	}
	isOK := wanted[0].text == "ok"
	if isOK != (o[0].name == "ok") || !isOK && !o.has("class", wanted[0].text) {
		return wanted[0].text
	}
	whole := "text"
	if isOK {
		whole = "ok"
	}
	for _, one := range wanted[1:] {
		name, pattern := whole, one.text
		if parts := strings.SplitN(one.text, "=", 2); !one.quoted && len(parts) == 2 {
			name, pattern = parts[0], parts[1]
		}
		if !o.has(name, pattern) {
			return one.text
		}
	}
	return ""
}

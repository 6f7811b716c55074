package tlsock_test

import (
	"crypto"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"tlsock"
)

// around is an object of Go with a pointer in it, as programs have: their bytes are a part of it.
type around struct {
	pointer *int
	data    [1 << 15]byte
}

// inside gives the bytes as a part of an object with a pointer.
func inside(data []byte) []byte {
	object := &around{pointer: new(int)}
	return object.data[:copy(object.data[:], data)]
}

// room is space in an object with a pointer.
func room(size int) []byte { return inside(make([]byte, size)) }

// takingBytes calls each exported function that takes bytes, also in a struct, with bytes inside of an object with a pointer. Where the
// library is to refuse them, that is all right: it has got them.
var takingBytes = map[string]func(t *testing.T){
	"MemoryBIO.Read, MemoryBIO.Write": func(t *testing.T) {
		bio, err := tlsock.NewMemoryBIO()
		must(t, err)
		_, err = bio.Write(inside([]byte("hello")))
		must(t, err)
		got := room(5)
		_, err = bio.Read(got)
		must(t, err)
		equal(t, "bytes", string(got), "hello")
	},
	"Conn.Read, Conn.Write, Conn.WriteBuffers, connection.ExportKeyingMaterial, ConnectionState.ExportKeyingMaterial": func(t *testing.T) {
		client, server := pair(t, clientContext(t), serverContext(t, "ecdsa"))
		go echo(server)
		_, err := client.Write(inside([]byte("one")))
		must(t, err)
		_, err = client.WriteBuffers([][]byte{inside([]byte("t")), inside([]byte("wo"))})
		must(t, err)
		got := room(6)
		for n := 0; n < len(got); {
			more, err := client.Read(got[n:])
			must(t, err)
			n += more
		}
		equal(t, "bytes", string(got), "onetwo")
		own, err := client.ExportKeyingMaterial("EXPORTER-x", inside([]byte("about")), 20)
		must(t, err)
		others, err := server.ExportKeyingMaterial("EXPORTER-x", []byte("about"), 20)
		must(t, err)
		equal(t, "keys", string(own), string(others))
		state := client.State()
		own, err = state.ExportKeyingMaterial("EXPORTER-x", inside([]byte("about")), 20)
		must(t, err)
		equal(t, "keys of the state", string(own), string(others))
	},
	"Object.Read, Object.Write": func(t *testing.T) {
		incoming, err := tlsock.NewMemoryBIO()
		must(t, err)
		outgoing, err := tlsock.NewMemoryBIO()
		must(t, err)
		object, err := clientContext(t).WrapBIO(incoming, outgoing, tlsock.WrapOptions{ServerHostname: "localhost"})
		must(t, err)
		_, err = object.Read(room(5))
		equal(t, "read", err, tlsock.ErrWantRead)
		_, err = object.Write(inside([]byte("x")))
		equal(t, "write", err, tlsock.ErrWantRead)
	},
	"Object.Pump": func(t *testing.T) {
		object, err := clientContext(t).WrapBIO(nil, nil, tlsock.WrapOptions{ServerHostname: "localhost"})
		must(t, err)
		done, _ := object.Pump(tlsock.Pump{PlaintextIn: inside([]byte("x")), PlaintextOut: room(10), CiphertextOut: room(20000)})
		equal(t, "a ClientHello", done.CiphertextLen > 0, true)
		_, err = object.Pump(tlsock.Pump{CiphertextIn: inside([]byte("no TLS at all")), CiphertextOut: room(20000)})
		equal(t, "refused", err != nil, true)
	},
	"Context.LoadVerifyLocations, CreateDefaultContext": func(t *testing.T) {
		locations := tlsock.VerifyLocations{CAData: inside(read(t, "ca.pem"))}
		c, err := tlsock.CreateDefaultContext(tlsock.PurposeServerAuth, locations)
		must(t, err)
		defer c.Close()
		must(t, c.LoadVerifyLocations(locations))
		none := tlsock.VerifyLocations{CAData: room(0)}
		equal(t, "no bytes, and not nil", c.LoadVerifyLocations(none) != nil, true)
	},
	"Context.LoadCRLData, Context.SetCRLData": func(t *testing.T) {
		c := clientContext(t)
		must(t, c.LoadCRLData(inside(read(t, "crl.pem"))))
		must(t, c.SetCRLData(inside(read(t, "crl.pem"))))
	},
	"Context.LoadCertChainData": func(t *testing.T) {
		c := clientContext(t)
		for range [2]int{} {
			must(t, c.LoadCertChainData(inside(read(t, "rsa.pem")), inside(read(t, "rsa.key")), ""))
			must(t, c.SetPasswordCallback(func() (string, error) { return "sesame", nil }))
		}
	},
	"NewIdentityData, NewIdentitySigner, Identity.WithOCSPResponse, Identity.WithSCTs": func(t *testing.T) {
		identity, err := tlsock.NewIdentityData(inside(read(t, "rsa.pem")), inside(read(t, "rsa.key")), "")
		must(t, err)
		defer identity.Close()
		signing, err := tlsock.NewIdentitySigner(inside(read(t, "rsa.pem")), goPair(t, "rsa").PrivateKey.(crypto.Signer))
		must(t, err)
		defer signing.Close()
		_, err = identity.WithOCSPResponse(inside([]byte("no response")))
		equal(t, "refused", err != nil, true)
		stamped, err := identity.WithSCTs([][]byte{inside([]byte("one"))})
		must(t, err)
		defer stamped.Close()
	},
	"NewIdentityPKCS12": func(t *testing.T) {
		_, err := tlsock.NewIdentityPKCS12(inside([]byte("no file")), "")
		equal(t, "refused", err != nil, true)
	},
	"Context.SetClientCANames": func(t *testing.T) {
		must(t, serverContext(t, "ecdsa").SetClientCANames(inside(read(t, "ca.pem"))))
	},
	"Context.SetECHConfigs, Context.LoadECHKeys": func(t *testing.T) {
		c := serverContext(t, "ecdsa")
		equal(t, "refused", c.SetECHConfigs(inside([]byte("none"))) != nil, true)
		equal(t, "refused", c.LoadECHKeys(inside([]byte("none")), inside([]byte("none"))) != nil, true)
	},
	"Context.SetOCSPResponse": func(t *testing.T) {
		equal(t, "refused", serverContext(t, "ecdsa").SetOCSPResponse(inside([]byte("no response"))) != nil, true)
	},
	"Context.NewSessionData": func(t *testing.T) {
		_, err := clientContext(t).NewSessionData(inside([]byte("no session")))
		equal(t, "refused", err != nil, true)
	},
	"Context.SetTicketKeys": func(t *testing.T) {
		must(t, serverContext(t, "ecdsa").SetTicketKeys(inside([]byte(strings.Repeat("a key of 48 byte", 3)))))
	},
	"NewCertificateData, DERCertToPEMCert": func(t *testing.T) {
		certificate, err := tlsock.NewCertificateData(inside(read(t, "rsa.pem")))
		must(t, err)
		pem, err := tlsock.DERCertToPEMCert(inside(certificate.DER()))
		must(t, err)
		equal(t, "the same", pem, certificate.PEM())
	},
	"RandAdd": func(t *testing.T) { must(t, tlsock.RandAdd(inside([]byte("something")), 0)) },
}

// Programs may pass any bytes of theirs: cgo does not look for pointers around them.
func TestBytesInsideOfObjectsWithPointers(t *testing.T) {
	for names, call := range takingBytes {
		call := call
		t.Run(names, func(t *testing.T) {
			defer func() {
				if value := recover(); value != nil {
					t.Errorf("a panic: %v", value)
				}
			}()
			call(t)
		})
	}
}

// takers are the exported functions and methods of a file that take bytes, or a struct with some.
func takers(parsed *ast.File) (names []string) {
	for _, declared := range parsed.Decls {
		function, is := declared.(*ast.FuncDecl)
		if !is || !function.Name.IsExported() {
			continue
		}
		name := function.Name.Name
		if function.Recv != nil {
			of := function.Recv.List[0].Type
			if pointer, is := of.(*ast.StarExpr); is {
				of = pointer.X
			}
			named, is := of.(*ast.Ident)
			if !is || !named.IsExported() && named.Name != "connection" {
				continue
			}
			name = named.Name + "." + name
		}
		for _, parameter := range function.Type.Params.List {
			if hasBytes(parameter.Type) {
				names = append(names, name)
				break
			}
		}
	}
	return names
}

func hasBytes(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.ArrayType:
		if named, is := e.Elt.(*ast.Ident); is && named.Name == "byte" {
			return true
		}
		return hasBytes(e.Elt)
	case *ast.Ellipsis:
		return hasBytes(e.Elt)
	case *ast.Ident:
		return e.Name == "VerifyLocations" || e.Name == "Pump"
	}
	return false
}

// sources are the files of the package.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	must(t, err)
	parsed := map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		must(t, err)
		parsed[name] = parse(t, string(text))
	}
	return parsed
}

func parse(t *testing.T, text string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "", text, 0)
	must(t, err)
	return file
}

// The table above has each of them.
func TestEachFunctionThatTakesBytesIsCalledSo(t *testing.T) {
	listed := map[string]bool{}
	for names := range takingBytes {
		for _, name := range strings.Split(names, ", ") {
			listed[name] = true
		}
	}
	found := 0
	for _, parsed := range sources(t) {
		for _, name := range takers(parsed) {
			found++
			if !listed[name] {
				t.Errorf("%s takes bytes, and is not in takingBytes", name)
			}
			delete(listed, name)
		}
	}
	equal(t, "functions are found", found > 20, true)
	equal(t, "listed, and not there", fmt.Sprint(listed), "map[]")
}

// loose gives the unsafe.Pointers of a file that could reach C as such: those that are not made into a pointer of a type, or a
// number, where they stand, nor passed to what copies or frees memory of C.
func loose(parsed *ast.File) (found []string) {
	fine := map[ast.Expr]bool{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if call, is := n.(*ast.CallExpr); is && takesPointers(call.Fun) {
			for _, argument := range call.Args {
				if made, is := argument.(*ast.CallExpr); is {
					fine[made.Fun] = true
				}
			}
		}
		return true
	})
	ast.Inspect(parsed, func(n ast.Node) bool {
		e, is := n.(*ast.SelectorExpr)
		if !is {
			return true
		}
		if of, is := e.X.(*ast.Ident); is && of.Name == "unsafe" && !fine[e] {
			switch e.Sel.Name {
			case "Pointer", "SliceData", "StringData":
				found = append(found, "unsafe."+e.Sel.Name)
			}
		}
		return true
	})
	sort.Strings(found)
	return found
}

// takesPointers tells whether a function, or a conversion, makes another type of an unsafe.Pointer, or has memory of C only.
func takesPointers(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == "uintptr"
	case *ast.ParenExpr:
		pointer, is := e.X.(*ast.StarExpr)
		if !is {
			return false
		}
		_, twice := pointer.X.(*ast.StarExpr)
		return !twice
	case *ast.SelectorExpr:
		of, is := e.X.(*ast.Ident)
		return is && of.Name == "C" && (e.Sel.Name == "free" || e.Sel.Name == "GoBytes")
	}
	return false
}

// looseHere are the places that may: lent looks at text of C, and calls nothing.
var looseHere = map[string]string{"text.go": "[unsafe.Pointer]"}

// C gets the addresses of bytes as such, by start and given: as an unsafe.Pointer they would have cgo look around them.
func TestNoUnsafePointerReachesC(t *testing.T) {
	checked := 0
	for name, parsed := range sources(t) {
		found := loose(parsed)
		if len(found) > 0 && fmt.Sprint(found) != looseHere[name] {
			t.Errorf("%s: %v", name, found)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if e, is := n.(*ast.SelectorExpr); is && e.Sel.Name == "Pointer" {
				checked++
			}
			return true
		})
	}
	equal(t, "some were checked", checked > 10, true)
	for text, want := range map[string]string{
		"func f(b []byte) { C.f(start(b)) }":                                         "[]",
		"func f(b []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.Pointer(&b[0])) }": "[]",
		"func f(b []byte) { C.f(C.size_t(uintptr(unsafe.Pointer(&b[0])))) }":         "[]",
		"func f(p *C.char) []byte { return C.GoBytes(unsafe.Pointer(p), 5) }":        "[]",
		"func f(b []byte) { C.f(unsafe.Pointer(&b[0])) }":                            "[unsafe.Pointer]",
		"func f(b []byte) { C.f(unsafe.Pointer(start(b))) }":                         "[unsafe.Pointer]",
		"func f(b []byte) unsafe.Pointer { return unsafe.Pointer(start(b)) }":        "[unsafe.Pointer unsafe.Pointer]",
		"func f(b []byte) { var p unsafe.Pointer; C.f(p) }":                          "[unsafe.Pointer]",
		"func f(b []byte) { C.f((**C.char)(unsafe.Pointer(&b[0]))) }":                "[unsafe.Pointer]",
		"func f(b []byte) { C.f(unsafe.SliceData(b)) }":                              "[unsafe.SliceData]",
	} {
		equal(t, text, fmt.Sprint(loose(parse(t, "package p\n"+text))), want)
	}
}

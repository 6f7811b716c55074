//go:build ignore

// Program go_docs tells which exported names of Go packages lack a comment that `go doc` could show alone: one that
// begins with the name and ends as a sentence does. Constants and variables may have that of their group.
//
// usage: go run go_docs.go FOLDER...
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

type checker struct {
	files  *token.FileSet
	names  int
	faults []string
}

func main() {
	c := &checker{files: token.NewFileSet()}
	for _, folder := range os.Args[1:] {
		packages, err := parser.ParseDir(c.files, folder, isSource, parser.ParseComments)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		for name, p := range packages {
			c.pack(folder, name, p)
		}
	}
	sort.Strings(c.faults)
	for _, fault := range c.faults {
		fmt.Println(fault)
	}
	fmt.Printf("Go: %d exported names, %d without a comment that stands alone\n", c.names, len(c.faults))
	if len(c.faults) > 0 || c.names == 0 {
		os.Exit(1)
	}
}

func isSource(file fs.FileInfo) bool { return !strings.HasSuffix(file.Name(), "_test.go") }

func (c *checker) pack(folder, name string, p *ast.Package) {
	described := false
	for _, file := range p.Files {
		described = described || file.Doc != nil && (name == "main" || strings.HasPrefix(file.Doc.Text(), "Package "+name+" "))
		for _, declaration := range file.Decls {
			c.declaration(declaration)
		}
	}
	if name != "main" && !described {
		c.faults = append(c.faults, filepath.Clean(folder)+": package "+name)
	}
}

func (c *checker) declaration(declaration ast.Decl) {
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && exportedReceiver(d) {
			c.alone(d.Name, d.Doc)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			c.spec(d, spec)
		}
	}
}

func (c *checker) spec(group *ast.GenDecl, spec ast.Spec) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() {
			doc := s.Doc
			if doc == nil {
				doc = group.Doc
			}
			c.alone(s.Name, doc)
		}
	case *ast.ValueSpec:
		for _, name := range s.Names {
			if name.IsExported() {
				c.names++
				if s.Doc == nil && s.Comment == nil && group.Doc == nil {
					c.fault(name)
				}
			}
		}
	}
}

func exportedReceiver(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	receiver := f.Recv.List[0].Type
	if pointer, ok := receiver.(*ast.StarExpr); ok {
		receiver = pointer.X
	}
	if generic, ok := receiver.(*ast.IndexExpr); ok {
		receiver = generic.X
	}
	name, ok := receiver.(*ast.Ident)
	// What Conn and Object have in common is documented as theirs.
	return ok && (name.IsExported() || name.Name == "connection")
}

// alone wants a comment that begins with the name and ends with a sentence.
func (c *checker) alone(name *ast.Ident, doc *ast.CommentGroup) {
	c.names++
	text := strings.TrimSpace(doc.Text())
	first, _, _ := strings.Cut(text, "\n\n")
	if !strings.HasPrefix(text, name.Name+" ") || !strings.ContainsAny(first, ".:") {
		c.fault(name)
	}
}

func (c *checker) fault(name *ast.Ident) {
	place := c.files.Position(name.Pos())
	c.faults = append(c.faults, fmt.Sprintf("%s:%d: %s", place.Filename, place.Line, name.Name))
}

package i18n_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/i18n"
)

var update = flag.Bool("update", false, "write docs/RULES.md")

// declared is a constant of type glabella.Code in the sources.
type declared struct {
	code         glabella.Code
	pkg, meaning string
}

// codesInSources parses every package of the module for constants of type
// glabella.Code.
func codesInSources(t *testing.T) []declared {
	t.Helper()
	var out []declared
	fset := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != ".." && (d.Name() == "testdata" || d.Name() == "examples" || d.Name() == "integration" || strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		for _, decl := range f.Decls {
			g, ok := decl.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				if !isCode(v.Type, f.Name.Name) {
					continue
				}
				for i, name := range v.Names {
					text, err := strconv.Unquote(v.Values[i].(*ast.BasicLit).Value)
					if err != nil {
						return err
					}
					doc := v.Doc.Text()
					if doc == "" {
						doc = g.Doc.Text()
					}
					if !strings.HasPrefix(doc, name.Name+" says that ") {
						t.Errorf("%s: the comment of %s must begin with %q", fset.Position(name.Pos()), name.Name, name.Name+" says that")
					}
					out = append(out, declared{glabella.Code(text), f.Name.Name, strings.Join(strings.Fields(strings.TrimPrefix(doc, name.Name+" says that ")), " ")})
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(out, func(a, b declared) int { return strings.Compare(string(a.code), string(b.code)) })
	return out
}

func isCode(e ast.Expr, pkg string) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return pkg == "glabella" && e.Name == "Code"
	case *ast.SelectorExpr:
		x, ok := e.X.(*ast.Ident)
		return ok && x.Name == "glabella" && e.Sel.Name == "Code"
	}
	return false
}

func TestEveryCodeIsDeclaredOnceAndTranslated(t *testing.T) {
	codes := codesInSources(t)
	if len(codes) < 50 {
		t.Fatalf("only %d codes were found in the sources", len(codes))
	}
	known := map[glabella.Code]bool{}
	for i, c := range codes {
		known[c.code] = true
		if i > 0 && codes[i-1].code == c.code {
			t.Errorf("code %q is declared twice", c.code)
		}
		if own := strings.SplitN(string(c.code), ".", 2)[0]; c.pkg != "glabella" && own != c.pkg {
			t.Errorf("code %q of package %s does not begin with its name", c.code, c.pkg)
		}
		for _, lang := range i18n.Languages() {
			text, ok := i18n.Text(lang, c.code, nil)
			english, _ := i18n.Text(language.English, c.code, nil)
			if !ok || lang != language.English && text == english {
				t.Errorf("code %q has no message in %s", c.code, lang)
			}
		}
	}
	for _, c := range i18n.Codes() {
		if !known[c] {
			t.Errorf("message %q belongs to no code", c)
		}
	}
}

func TestRulesPage(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Rules\n\nEvery code that this library gives with a reason or an issue. Codes are never reused for another meaning. This page is generated\nfrom the sources by `go test ./i18n -update`.\n\n| code | it says that | what users read |\n|---|---|---|\n")
	for _, c := range codesInSources(t) {
		text, _ := i18n.Text(language.English, c.code, nil)
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", c.code, c.meaning, text)
	}
	const page = "../docs/RULES.md"
	if *update {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || string(got) != b.String() {
		t.Errorf("docs/RULES.md is not what the sources say (%v); run go test ./i18n -update", err)
	}
}

func TestMessageFallsBack(t *testing.T) {
	t.Parallel()
	r := glabella.Denied("practice.examiner.credential", "own text").With("jurisdiction", "US-TX")
	for _, tt := range []struct {
		name string
		lang language.Tag
		r    glabella.Reason
		want string
	}{
		{"in the language", language.Spanish, r, "Quien examina no tiene licencia vigente para examinar pacientes en US-TX."},
		{"in the language that it is a variety of", language.MustParse("es-MX"), r, "Quien examina no tiene licencia vigente para examinar pacientes en US-TX."},
		{"in English", language.Japanese, r, "The examiner has no valid licence to examine patients in US-TX."},
		{"in the reason's own text", language.Spanish, glabella.Denied("acme.own", "own text"), "own text"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := i18n.Message(tt.lang, tt.r); got != tt.want {
				t.Errorf("Message = %q, want %q", got, tt.want)
			}
		})
	}
}

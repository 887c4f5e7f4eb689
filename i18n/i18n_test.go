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
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/i18n"
	"github.com/glabella-ehr/glabella/internal/strict"
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
		for _, at := range literalCodes(f) {
			t.Errorf("%s: a code is written out where its constant is due", fset.Position(at))
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
					text, ok := literal(v.Values[i])
					if !ok {
						t.Errorf("%s: the value of %s must be written out", fset.Position(name.Pos()), name.Name)
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

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// literalCodes returns where a file makes a code without a typed constant, so
// that it would be missing from the list: as a conversion, as the first argument
// of Denied or Warned, or as the Code of a reason or an issue.
func literalCodes(f *ast.File) []token.Pos {
	var out []token.Pos
	named := func(e ast.Expr, names ...string) bool {
		switch e := e.(type) {
		case *ast.Ident:
			return f.Name.Name == "glabella" && slices.Contains(names, e.Name)
		case *ast.SelectorExpr:
			x, ok := e.X.(*ast.Ident)
			return ok && x.Name == "glabella" && slices.Contains(names, e.Sel.Name)
		}
		return false
	}
	check := func(e ast.Expr) {
		if _, ok := literal(e); ok {
			out = append(out, e.Pos())
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if len(n.Args) > 0 && named(n.Fun, "Denied", "Warned", "Code") {
				check(n.Args[0])
			}
		case *ast.CompositeLit:
			typ := n.Type
			if list, ok := typ.(*ast.ArrayType); ok {
				typ = list.Elt
			}
			if !named(typ, "Issue", "Reason") {
				return true
			}
			for _, e := range n.Elts {
				fields := []ast.Expr{e}
				if inner, ok := e.(*ast.CompositeLit); ok {
					fields = inner.Elts
				}
				for _, field := range fields {
					if kv, ok := field.(*ast.KeyValueExpr); ok {
						if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "Code" {
							check(kv.Value)
						}
					}
				}
			}
		}
		return true
	})
	return out
}

func TestCodesWithoutAConstantAreFound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, pkg, body string
		want            int
	}{
		{"a literal in Denied", "billing", `var _ = glabella.Denied("billing.x", "")`, 1},
		{"a literal in Warned", "billing", `var _ = glabella.Warned("billing.x", "")`, 1},
		{"a conversion", "billing", `const c = glabella.Code("billing.x")`, 1},
		{"a literal in an issue", "billing", `var _ = glabella.Issue{Code: "billing.x"}`, 1},
		{"literals in a list of issues", "billing", `var _ = []glabella.Issue{{Code: "billing.x"}, {Code: "billing.y"}}`, 2},
		{"a literal in the vocabulary itself", "glabella", `var _ = Reason{Code: "x"}`, 1},
		{"constants", "billing", `var _ = []any{glabella.Denied(CodeX, ""), glabella.Issue{Code: CodeX}, glabella.Code(s)}`, 0},
		{"the code of something else", "billing", `var _ = Service{Code: "toxin"}`, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package "+tt.pkg+"\n"+tt.body, 0)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(literalCodes(f)); got != tt.want {
				t.Errorf("literalCodes = %d, want %d", got, tt.want)
			}
		})
	}
}

// readMessages reads the catalog files as they are, a code that stands twice in
// one of them being an error.
func readMessages(t *testing.T) map[string]map[glabella.Code]string {
	t.Helper()
	files, err := filepath.Glob("messages/*.json")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[glabella.Code]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var messages map[glabella.Code]string
		if err := strict.Decode(file, data, &messages); err != nil {
			t.Error(err)
		}
		out[strings.TrimSuffix(filepath.Base(file), ".json")] = messages
	}
	return out
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

func placeholders(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestCatalogsAgree(t *testing.T) {
	t.Parallel()
	catalogs := readMessages(t)
	for name, messages := range catalogs {
		pkg, lang, _ := strings.Cut(name, ".")
		english := catalogs[pkg+".en"]
		for code, text := range messages {
			if own, _, dotted := strings.Cut(string(code), "."); own != pkg && (pkg != "glabella" || dotted) {
				t.Errorf("%s.json has a message for %q, a code of another package", name, code)
			}
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s.json: the message for %q is empty", name, code)
			}
			if want, got := placeholders(english[code]), placeholders(text); lang != "en" && !slices.Equal(want, got) {
				t.Errorf("%s.json: the message for %q has the placeholders %q, the English one %q", name, code, got, want)
			}
		}
	}
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

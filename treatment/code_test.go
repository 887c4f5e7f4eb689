package treatment_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella/treatment"
)

// declared returns the values of this package's Code constants, from its source.
func declared(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Code") {
				return true
			}
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
				value, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, value)
			}
			return true
		})
	}
	slices.Sort(out)
	return out
}

func TestContraindicationsHaveConstants(t *testing.T) {
	t.Parallel()
	var inTemplates, constants []string
	for _, code := range treatment.BuiltIn().Codes() {
		for _, c := range latest(t, code).Contraindications {
			inTemplates = append(inTemplates, "treatment.contraindicated."+c.Code)
		}
	}
	slices.Sort(inTemplates)
	for _, c := range declared(t) {
		if strings.HasPrefix(c, "treatment.contraindicated.") {
			constants = append(constants, c)
		}
	}
	if diff := cmp.Diff(slices.Compact(inTemplates), constants); diff != "" {
		t.Errorf("codes of contraindications (-built-in templates +constants):\n%s", diff)
	}
}

func TestCodesAreTranslated(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "es"} {
		text, err := os.ReadFile(filepath.Join("..", "i18n", "messages", "treatment."+language+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var messages map[string]string
		if err := json.Unmarshal(text, &messages); err != nil {
			t.Fatal(err)
		}
		var translated []string
		for code, message := range messages {
			if message != "" {
				translated = append(translated, code)
			}
		}
		slices.Sort(translated)
		if diff := cmp.Diff(declared(t), translated); diff != "" {
			t.Errorf("%s: codes (-declared +translated):\n%s", language, diff)
		}
	}
}

package layers

import (
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

	"golang.org/x/mod/modfile"
)

const module = "github.com/glabella-ehr/glabella"

// layerOf says in which layer each package is. A package that is not here fails
// the test.
var layerOf = map[string]int{
	".": 0, "money": 0, "quantity": 0,
	"treatment": 1, "config": 1,
	"patient": 2, "consent": 2, "encounter": 2, "inventory": 2, "billing": 2, "scheduling": 2, "access": 2, "audit": 2,
	"storage": 3, "fhirconv": 3, "fhirconv/r4": 3, "fhirconv/r4/validation": 3, "fhirconv/r4/internal/gen": 3, "fhirconv/r4/internal/hl7": 3, "analytics": 3, "i18n": 3,
	"storage/docstore": 4, "storage/memory": 4, "storage/sqlstore": 4, "storage/blobdir": 4, "storage/storagetest": 4, "practice": 4, "practice/practicetest": 4,
}

// helpers are internal packages. They import layer 0 at most and may be imported
// by all.
var helpers = []string{"internal/check", "internal/strict", "internal/state", "internal/ordered", "internal/imaging", "internal/layers"}

// sideways are the imports within a layer that the plan allows.
var sideways = map[string][]string{
	"money": {"."}, "quantity": {"."},
	"fhirconv":                 {"fhirconv/r4"},
	"fhirconv/r4/validation":   {"fhirconv/r4", "fhirconv/r4/internal/hl7"},
	"fhirconv/r4/internal/gen": {"fhirconv/r4/internal/hl7"},
	"storage/memory":           {"storage/docstore"},
	"storage/sqlstore":         {"storage/docstore"},
	"storage/storagetest":      {"storage/docstore", "storage/memory"},
	"practice/practicetest":    {"practice"},
}

// never are imports that the plan forbids although the layers would allow them.
var never = map[string][]string{
	"fhirconv": {"storage"}, "analytics": {"storage"},
}

// banned are what the pure core, layers 0 to 2, may not touch: imports, and
// functions of imports that it may have.
var (
	bannedImports = []string{"math/rand", "math/rand/v2", "crypto/rand", "os", "os/exec", "net", "net/http", "log", "log/slog", "database/sql", "syscall"}
	bannedCalls   = map[string][]string{
		"time":                   {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"},
		"github.com/google/uuid": {"New", "NewString", "NewUUID", "NewRandom", "NewRandomFromReader", "NewV6", "NewV7", "NewV7FromReader", "Must"},
	}
)

// vocabulary says what of other modules layer 0 imports, and reserved which
// packages import a module that is not for all.
var (
	vocabulary = map[string]string{".": "github.com/google/uuid", "money": "github.com/shopspring/decimal", "quantity": "github.com/shopspring/decimal"}
	reserved   = map[string][]string{
		"github.com/go-playground/validator/v10": {"internal/check"},
		"github.com/google/go-cmp":               {}, // tests only
		"golang.org/x/mod":                       {"audit", "practice"},
	}
)

// source is one file of a package.
type source struct {
	pkg  string // relative to the module
	file *ast.File
	test bool
}

// faults returns what is wrong with a set of sources, as sentences.
func faults(sources []source) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, s := range sources {
		layer, known := layerOf[s.pkg]
		isHelper := slices.Contains(helpers, s.pkg)
		if !known && !isHelper {
			add("package %s is not on the map", s.pkg)
			continue
		}
		if s.test {
			continue
		}
		for _, spec := range s.file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				add("package %s: %v", s.pkg, err)
				continue
			}
			if layer <= 2 && !isHelper && slices.Contains(bannedImports, path) {
				add("package %s imports %s, which the pure core may not", s.pkg, path)
			}
			if spec.Name != nil && spec.Name.Name == "." {
				add("package %s imports %s into its own scope, where no rule sees it", s.pkg, path)
			}
			if host, _, _ := strings.Cut(path, "/"); strings.Contains(host, ".") && !strings.HasPrefix(path, module) {
				if known && layer == 0 && vocabulary[s.pkg] != path {
					add("package %s imports %s, which the vocabulary may not", s.pkg, path)
				}
				for other, users := range reserved {
					if (path == other || strings.HasPrefix(path, other+"/")) && !slices.Contains(users, s.pkg) {
						add("package %s imports %s, which is reserved for %q", s.pkg, path, users)
					}
				}
			}
			if path != module && !strings.HasPrefix(path, module+"/") {
				continue
			}
			target := strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
			if target == "" {
				target = "."
			}
			to, ok := layerOf[target]
			switch {
			case slices.Contains(helpers, target):
			case !ok:
				add("package %s imports %s, which is not on the map", s.pkg, target)
			case isHelper && to > 0:
				add("package %s imports %s: an internal package imports layer 0 only", s.pkg, target)
			case isHelper:
			case slices.Contains(never[s.pkg], target):
				add("package %s imports %s, which the plan forbids", s.pkg, target)
			case to > layer, to == layer && !slices.Contains(sideways[s.pkg], target):
				add("package %s (layer %d) imports %s (layer %d)", s.pkg, layer, target, to)
			}
		}
		if layer > 2 || isHelper {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Obj == nil && slices.Contains(bannedCalls[imported(s.file, x.Name)], sel.Sel.Name) {
				add("package %s uses %s.%s, which the pure core may not", s.pkg, imported(s.file, x.Name), sel.Sel.Name)
			}
			return true
		})
	}
	return out
}

// imported returns the path that a file imports under a name.
func imported(f *ast.File, name string) string {
	for _, spec := range f.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		switch {
		case err != nil:
		case spec.Name != nil && spec.Name.Name == name, spec.Name == nil && path[strings.LastIndex(path, "/")+1:] == name:
			return path
		}
	}
	return ""
}

// readModule parses the sources of the root module.
func readModule(t *testing.T) []source {
	t.Helper()
	const root = "../.."
	var out []source
	fset := token.NewFileSet()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root {
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") {
				return filepath.SkipDir
			}
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		f, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		out = append(out, source{filepath.ToSlash(rel), f, strings.HasSuffix(path, "_test.go")})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPackagesImportOnlyWhatThePlanAllows(t *testing.T) {
	t.Parallel()
	sources := readModule(t)
	for _, fault := range faults(sources) {
		t.Error(fault)
	}
	for pkg := range layerOf {
		if !slices.ContainsFunc(sources, func(s source) bool { return s.pkg == pkg && !s.test }) {
			t.Errorf("package %s is on the map and does not exist", pkg)
		}
	}
}

func TestTheRulesCatchWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, pkg, body, want string
	}{
		{"a package that is not on the map", "helpers", ``, "is not on the map"},
		{"layer 2 across", "billing", `import _ "` + module + `/inventory"`, "(layer 2) imports inventory (layer 2)"},
		{"upwards", "patient", `import _ "` + module + `/storage"`, "imports storage (layer 3)"},
		{"vocabulary that imports a subject", ".", `import _ "` + module + `/money"`, "imports money"},
		{"exchange that reads the store", "fhirconv", `import _ "` + module + `/storage"`, "forbids"},
		{"an import that is not on the map", "practice", `import _ "` + module + `/util"`, "imports util, which is not on the map"},
		{"an internal package that imports a subject", "internal/check", `import _ "` + module + `/patient"`, "layer 0 only"},
		{"a clock in the core", "consent", "import \"time\"\nvar _ = time.Now", "uses time.Now"},
		{"fresh identity in the core", "billing", "import \"github.com/google/uuid\"\nvar _ = uuid.NewV7", "uses github.com/google/uuid.NewV7"},
		{"a clock under another name", "consent", "import t \"time\"\nvar _ = t.Now", "uses time.Now"},
		{"a clock that is dotted in", "consent", "import . \"time\"\nvar _ = Now", "into its own scope"},
		{"a third party's module in the vocabulary", "money", `import _ "github.com/google/uuid"`, "the vocabulary may not"},
		{"the validator outside of its adapter", "patient", `import _ "github.com/go-playground/validator/v10"`, "reserved"},
		{"a test's module in a program", "practice", `import _ "github.com/google/go-cmp/cmp"`, "reserved"},
		{"the Merkle log outside of the journal", "fhirconv", `import _ "golang.org/x/mod/sumdb/tlog"`, "reserved"},
		{"a nested module", "practice", `import _ "` + module + `/examples/clinic"`, "is not on the map"},
		{"chance in the core", "access", `import _ "math/rand/v2"`, "imports math/rand/v2"},
		{"files in the core", "config", `import _ "os"`, "imports os"},
		{"logging in the core", "audit", `import _ "log/slog"`, "imports log/slog"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n"+tt.body, 0)
			if err != nil {
				t.Fatal(err)
			}
			got := faults([]source{{pkg: tt.pkg, file: f}})
			if len(got) != 1 || !strings.Contains(got[0], tt.want) {
				t.Errorf("faults = %q, want one with %q", got, tt.want)
			}
		})
	}
}

func TestDependenciesAreThoseOfTheList(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	var direct []string
	for _, r := range mod.Require {
		if !r.Indirect {
			direct = append(direct, r.Mod.Path)
		}
	}
	page, err := os.ReadFile("../../docs/DEPENDENCIES.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(string(page), -1) {
		listed = append(listed, m[1])
	}
	slices.Sort(direct)
	slices.Sort(listed)
	if !slices.Equal(direct, listed) {
		t.Errorf("go.mod requires %q, docs/DEPENDENCIES.md lists %q", direct, listed)
	}
	if len(mod.Replace) > 0 {
		t.Error("the root module replaces a dependency: a host that requires it would not get that")
	}
	used := map[string]bool{}
	for _, s := range readModule(t) {
		for _, spec := range s.file.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			used[path] = true
		}
	}
	for _, dep := range direct {
		found := false
		for path := range used {
			found = found || path == dep || strings.HasPrefix(path, dep+"/")
		}
		if !found {
			t.Errorf("%s is required and not imported", dep)
		}
	}
}

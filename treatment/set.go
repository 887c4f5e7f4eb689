package treatment

import (
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/strict"
)

// Set is a collection of templates with the products and diagrams that they
// name. A Set does not change and is safe for concurrent use; what it returns is
// the caller's own.
type Set struct {
	templates map[string][]Template // by code, versions ascending
	products  map[string]Product
	diagrams  map[string][]Diagram
	manuals   []Manual
	limits    []HardLimit
}

//go:embed data
var data embed.FS

var builtIn = sync.OnceValues(func() (*Set, error) { return parse(data) })

// BuiltIn returns the set that comes with the library: its templates, the
// products that they name, and diagrams of face, neck, hands and body.
func BuiltIn() *Set {
	s, err := builtIn()
	if err != nil {
		panic(err) // the embedded files are read by this package's tests
	}
	return s
}

func parse(files fs.FS) (*Set, error) {
	s := &Set{templates: map[string][]Template{}, products: map[string]Product{}, diagrams: map[string][]Diagram{}}
	var products []Product
	if err := decodeFile(files, "data/products.json", &products); err != nil {
		return nil, err
	}
	for _, p := range products {
		s.products[p.Code] = p
	}
	drawings, err := fs.Glob(files, "data/*-v*.svg")
	if err != nil {
		return nil, err
	}
	for _, name := range drawings {
		var d Diagram
		if err := decodeFile(files, strings.TrimSuffix(name, ".svg")+".json", &d); err != nil {
			return nil, err
		}
		art, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		d.Art = string(art)
		s.diagrams[d.Code] = append(s.diagrams[d.Code], d)
	}
	return s.Load(files, "data/templates/*.json")
}

func decodeFile(files fs.FS, name string, v any) error {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	return strict.Decode(name, text, v)
}

// Load returns a set with the templates of s and those of the files that match
// the pattern, one template in each; see [fs.Glob]. The templates may name the
// products and diagrams of s, and extend a template of s or of a file before
// theirs ([Base]). [Schema] describes the form of a file. The error joins one [*glabella.ValidationError] for
// each file that has problems, with all of them and their places. A version that
// s has already is refused: a published version does not change.
func (s *Set) Load(files fs.FS, pattern string) (*Set, error) {
	out := s.copy()
	err := eachFile(files, pattern, "treatment templates", func(name string, text []byte) error {
		t, err := out.read(name, text)
		if err == nil {
			out.templates[t.Code] = append(out.templates[t.Code], t)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, versions := range out.templates {
		slices.SortFunc(versions, func(a, b Template) int { return cmp.Compare(a.Version, b.Version) })
	}
	out.adopt()
	return out, nil
}

// copy returns a set to which something is added.
func (s *Set) copy() *Set {
	out := *s
	out.templates = make(map[string][]Template, len(s.templates))
	for code, versions := range s.templates {
		out.templates[code] = slices.Clone(versions)
	}
	out.manuals, out.limits = slices.Clone(s.manuals), slices.Clone(s.limits)
	out.adopt()
	return &out
}

// adopt makes the templates those of the set.
func (s *Set) adopt() {
	for _, versions := range s.templates {
		for i := range versions {
			versions[i].set = s
		}
	}
}

// eachFile hands every file that matches a pattern to a function, in the order of
// their names, and joins the errors.
func eachFile(files fs.FS, pattern, what string, read func(name string, text []byte) error) error {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		return fmt.Errorf("load %s: %w: pattern %q", what, glabella.ErrInvalid, pattern)
	}
	if len(names) == 0 {
		return fmt.Errorf("load %s: %w: no file matches %q", what, glabella.ErrNotFound, pattern)
	}
	var errs []error
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			errs = append(errs, fmt.Errorf("load %s: %w", what, err))
			continue
		}
		errs = append(errs, read(name, text))
	}
	return errors.Join(errs...)
}

// readFile reads the JSON of a file strictly into v, and then lets a function
// look for what is wrong with it; issues get the place of what they are about.
func readFile(name string, text []byte, v any, look func(add func(path string, code glabella.Code, format string, args ...any))) error {
	if err := strict.Decode(name, text, v); err != nil {
		return err
	}
	places := positions(text)
	var issues []glabella.Issue
	look(func(path string, code glabella.Code, format string, args ...any) {
		issue := glabella.Issue{Path: path, Code: code, Text: fmt.Sprintf(format, args...)}
		issue.Line, issue.Column = places.of(path)
		issues = append(issues, issue)
	})
	return glabella.Invalid(name, issues...)
}

// read reads one template and checks it against the set.
func (s *Set) read(name string, text []byte) (Template, error) {
	var t Template
	var issues []glabella.Issue
	if err := strict.Decode(name, text, &t); err != nil {
		var wrong *glabella.ValidationError
		if !errors.As(err, &wrong) {
			return Template{}, err
		}
		for _, issue := range wrong.Issues {
			if issue.Code != glabella.CodeUnknownField && issue.Code != glabella.CodeDuplicate {
				return Template{}, err // there is no template to look further into
			}
		}
		issues = wrong.Issues
		if err := json.Unmarshal(text, &t); err != nil {
			return Template{}, wrong
		}
	}
	whole := extended{Template: t}
	if t.Extends != nil {
		base, ok := s.find(t.Extends.Code, t.Extends.Version)
		if !ok {
			issues = append(issues, glabella.Issue{Path: "/extends", Code: CodeTemplateReference, Text: "not a template that is known"})
		} else {
			whole = extend(t, base)
			issues = append(issues, whole.issues...)
		}
	}
	v := &validator{template: whole.Template, set: s}
	v.all()
	if _, taken := s.find(t.Code, t.Version); taken {
		v.add("/version", glabella.CodeDuplicate, "this version is published already")
	}
	for _, issue := range v.issues {
		issue.Path = whole.inFile(issue.Path)
		issues = append(issues, issue)
	}
	places := positions(text)
	for i, issue := range issues {
		if issue.Line == 0 {
			issues[i].Line, issues[i].Column = places.of(issue.Path)
		}
	}
	whole.hash = whole.Hash()
	return whole.Template, glabella.Invalid(name, issues...)
}

func (s *Set) find(code string, version int) (Template, bool) {
	for _, t := range s.templates[code] {
		if t.Version == version {
			return t, true
		}
	}
	return Template{}, false
}

// Template returns a version of a template, and false if the set does not have
// it.
func (s *Set) Template(code string, version int) (Template, bool) {
	t, ok := s.find(code, version)
	if !ok {
		return Template{}, false
	}
	return t.clone(), true
}

// Shared returns a version of a template without copying it, and nil if the set
// does not have it. It is the set's own, and must not be changed: it is for code
// that renders or checks many records.
func (s *Set) Shared(code string, version int) *Template {
	versions := s.templates[code]
	for i := range versions {
		if versions[i].Version == version {
			return &versions[i]
		}
	}
	return nil
}

// Latest returns the latest version of a template, and false if the set does not
// have it.
func (s *Set) Latest(code string) (Template, bool) {
	versions := s.templates[code]
	if len(versions) == 0 {
		return Template{}, false
	}
	return versions[len(versions)-1].clone(), true
}

// Codes returns the codes of the templates, in order.
func (s *Set) Codes() []string { return slices.Sorted(maps.Keys(s.templates)) }

// Product returns a product, and false if the set does not have it.
func (s *Set) Product(code string) (Product, bool) {
	p, ok := s.products[code]
	return p.clone(), ok
}

// Products returns the products, by code.
func (s *Set) Products() []Product {
	out := make([]Product, 0, len(s.products))
	for _, code := range slices.Sorted(maps.Keys(s.products)) {
		out = append(out, s.products[code].clone())
	}
	return out
}

// Diagram returns a version of a diagram, and false if the set does not have it.
func (s *Set) Diagram(code string, version int) (Diagram, bool) {
	if d := s.diagram(code, version); d != nil {
		return d.clone(), true
	}
	return Diagram{}, false
}

// SharedDiagram returns a version of a diagram without copying it, and nil if the
// set does not have it. It is the set's own, and must not be changed.
func (s *Set) SharedDiagram(code string, version int) *Diagram { return s.diagram(code, version) }

// Diagrams returns the codes of the diagrams, in order.
func (s *Set) Diagrams() []string { return slices.Sorted(maps.Keys(s.diagrams)) }

func (s *Set) diagram(code string, version int) *Diagram {
	for i := range s.diagrams[code] {
		if d := &s.diagrams[code][i]; d.Version == version {
			return d
		}
	}
	return nil
}

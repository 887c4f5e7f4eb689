package treatment

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/glabella-ehr/glabella"
)

// Base names the template that another one extends, and what of it changes. The
// extending template has all of the base that it does not state itself: fields
// and contraindications are added to the base's or, under the same key or code,
// take their place; every other list takes the place of the base's as a whole.
// What a template demands an extension may add to and not take back: a clearance
// stays.
type Base struct {
	Code    string            `json:"code"`
	Version int               `json:"version"`
	Without []string          `json:"without"` // keys of fields that are left out
	Rename  map[string]string `json:"rename"`  // new keys of fields, by their old ones
	Labels  map[string]string `json:"labels"`  // new labels of fields, by their key in the extending template
}

func (b *Base) clone() *Base {
	if b == nil {
		return nil
	}
	c := *b
	c.Without = slices.Clone(b.Without)
	c.Rename, c.Labels = maps.Clone(b.Rename), maps.Clone(b.Labels)
	return &c
}

// extended is a template that was put together from a base and a file.
type extended struct {
	Template
	fields            []int // where the file has each field, or -1 for one of the base
	contraindications []int
	issues            []glabella.Issue
}

// extend puts an extending template together with its base.
func extend(t, base Template) extended {
	e := extended{Template: t}
	b := *t.Extends
	merged := base.clone()
	merged.Code, merged.Version, merged.Name, merged.Extends = t.Code, t.Version, t.Name, t.Extends
	merged.set, merged.hash, merged.Migrations = nil, "", t.Migrations
	merged.Clearance = base.Clearance || t.Clearance
	take(&merged.Phases, t.Phases)
	take(&merged.Products, t.Products)
	take(&merged.Consents, t.Consents)
	take(&merged.AdverseEvents, t.AdverseEvents)
	take(&merged.PreCare, t.PreCare)
	take(&merged.PostCare, t.PostCare)
	take(&merged.RedFlags, t.RedFlags)
	take(&merged.Durations, t.Durations)
	take(&merged.Charges, t.Charges)
	take(&merged.Prerequisites, t.Prerequisites)
	take(&merged.Diagnoses, t.Diagnoses)
	if t.Map != nil {
		merged.Map = t.Map
	}
	if t.Photos != nil {
		merged.Photos = t.Photos
	}
	if !t.FollowUp.IsZero() {
		merged.FollowUp = t.FollowUp
	}
	if !t.Retreat.IsZero() {
		merged.Retreat = t.Retreat
	}
	e.leaveOut(&merged, b)
	e.rename(&merged, b)
	e.narrow(&merged)

	for range merged.Fields {
		e.fields = append(e.fields, -1)
	}
	for i, f := range t.Fields {
		at := slices.IndexFunc(merged.Fields, func(g Field) bool { return g.Key == f.Key })
		if at < 0 {
			at = len(merged.Fields)
			merged.Fields, e.fields = append(merged.Fields, Field{}), append(e.fields, 0)
		}
		merged.Fields[at], e.fields[at] = f, i
	}
	for key, label := range b.Labels {
		at := slices.IndexFunc(merged.Fields, func(g Field) bool { return g.Key == key })
		if at < 0 {
			e.add("/extends/labels/"+pointer(key), CodeTemplateReference, "not a field of the template")
			continue
		}
		merged.Fields[at].Label = label
	}
	for range merged.Contraindications {
		e.contraindications = append(e.contraindications, -1)
	}
	for i, c := range t.Contraindications {
		at := slices.IndexFunc(merged.Contraindications, func(d Contraindication) bool { return d.Code == c.Code })
		if at < 0 {
			at = len(merged.Contraindications)
			merged.Contraindications, e.contraindications = append(merged.Contraindications, Contraindication{}), append(e.contraindications, 0)
		}
		merged.Contraindications[at], e.contraindications[at] = c, i
	}
	merged.prune()
	if len(t.Translations) > 0 && merged.Translations == nil {
		merged.Translations = map[string]Translation{}
	}
	for lang, own := range t.Translations {
		merged.Translations[lang] = merged.Translations[lang].with(own)
	}
	e.Template = merged
	return e
}

func (e *extended) add(path string, code glabella.Code, format string, args ...any) {
	e.issues = append(e.issues, glabella.Issue{Path: path, Code: code, Text: fmt.Sprintf(format, args...)})
}

func take[E any](to *[]E, from []E) {
	if from != nil {
		*to = from
	}
}

// leaveOut takes fields out of the base.
func (e *extended) leaveOut(t *Template, b Base) {
	for i, key := range b.Without {
		at := slices.IndexFunc(t.Fields, func(f Field) bool { return f.Key == key })
		if at < 0 {
			e.add(fmt.Sprintf("/extends/without/%d", i), CodeTemplateReference, "not a field of the base")
			continue
		}
		t.Fields = slices.Delete(t.Fields, at, at+1)
	}
}

// rename gives fields of the base other keys, wherever the base names them.
func (e *extended) rename(t *Template, b Base) {
	for _, old := range slices.Sorted(maps.Keys(b.Rename)) {
		if !slices.ContainsFunc(t.Fields, func(f Field) bool { return f.Key == old }) {
			e.add("/extends/rename/"+pointer(old), CodeTemplateReference, "not a field of the base")
		}
	}
	to := func(key string) string {
		first, rest, found := strings.Cut(key, "/")
		if renamed, ok := b.Rename[first]; ok {
			first = renamed
		}
		if found {
			return first + "/" + rest
		}
		return first
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		f.Key = to(f.Key)
		f.rename(to)
		for j := range f.Fields { // a row's own keys stay, and so do the names of its siblings
			g := &f.Fields[j]
			g.rename(func(key string) string {
				if _, sibling := f.Field(key); sibling {
					return key
				}
				return to(key)
			})
		}
	}
	for i := range t.Charges {
		if t.Charges[i].Field != "" {
			t.Charges[i].Field = to(t.Charges[i].Field)
		}
	}
	for _, tr := range t.Translations {
		for _, key := range slices.Sorted(maps.Keys(tr.Fields)) {
			if renamed := to(key); renamed != key {
				tr.Fields[renamed] = tr.Fields[key]
				delete(tr.Fields, key)
			}
		}
	}
}

// rename renames the fields that a field's condition and formula name.
func (f *Field) rename(to func(string) string) {
	if f.When != nil {
		f.When.rename(to)
	}
	if f.Formula != nil {
		for i, o := range f.Formula.Of {
			if o.Field != "" {
				f.Formula.Of[i].Field = to(o.Field)
			}
		}
	}
}

func (c *Condition) rename(to func(string) string) {
	if c.Field != "" {
		c.Field = to(c.Field)
	}
	for i := range c.All {
		c.All[i].rename(to)
	}
	for i := range c.Any {
		c.Any[i].rename(to)
	}
}

// prune takes the words out of a template's translations that name what the
// template no longer has.
func (t *Template) prune() {
	advice := map[string]bool{}
	for _, list := range [][]Advice{t.PreCare, t.PostCare, t.RedFlags} {
		for _, a := range list {
			advice[a.Text] = true
		}
	}
	for _, tr := range t.Translations {
		maps.DeleteFunc(tr.Phases, func(code, _ string) bool { return !slices.Contains(phaseCodes(t.Phases), code) })
		maps.DeleteFunc(tr.Advice, func(text, _ string) bool { return !advice[text] })
		for key, words := range tr.Fields {
			f, ok := t.fieldAt(key)
			if !ok {
				delete(tr.Fields, key)
				continue
			}
			maps.DeleteFunc(words.Choices, func(code, _ string) bool { return !slices.Contains(f.Choices, code) })
		}
	}
}

// narrow takes what is about products that the extending template does not list
// out of the base.
func (e *extended) narrow(t *Template) {
	listed := func(products []string) []string {
		return slices.DeleteFunc(slices.Clone(products), func(p string) bool { return !slices.Contains(t.Products, p) })
	}
	t.Fields = slices.DeleteFunc(t.Fields, func(f Field) bool { return len(f.Products) > 0 && len(listed(f.Products)) == 0 })
	for i := range t.Fields {
		t.Fields[i].Products = listed(t.Fields[i].Products)
	}
	t.Contraindications = slices.DeleteFunc(t.Contraindications, func(c Contraindication) bool {
		return len(c.Match.Products) > 0 && len(listed(c.Match.Products)) == 0
	})
	for i := range t.Contraindications {
		t.Contraindications[i].Match.Products = listed(t.Contraindications[i].Match.Products)
	}
}

// with returns the translation with the words of another one added.
func (t Translation) with(o Translation) Translation {
	out := t.clone()
	replace(&out.Name, o.Name)
	out.Phases = joined(out.Phases, o.Phases)
	out.Fields = joined(out.Fields, o.Fields)
	out.Advice = joined(out.Advice, o.Advice)
	return out
}

func joined[V any](a, b map[string]V) map[string]V {
	if a == nil && len(b) > 0 {
		a = map[string]V{}
	}
	maps.Copy(a, b)
	return a
}

// inFile returns where the file has what a path of the whole template leads to:
// what comes from the base is found under /extends.
func (e extended) inFile(path string) string {
	for _, list := range []struct {
		prefix string
		origin []int
	}{{"/fields/", e.fields}, {"/contraindications/", e.contraindications}} {
		rest, ok := strings.CutPrefix(path, list.prefix)
		if !ok {
			continue
		}
		index, rest, more := strings.Cut(rest, "/")
		i, err := strconv.Atoi(index)
		if err != nil || i >= len(list.origin) {
			return path
		}
		if list.origin[i] < 0 {
			return "/extends"
		}
		path = list.prefix + strconv.Itoa(list.origin[i])
		if more {
			path += "/" + rest
		}
	}
	return path
}

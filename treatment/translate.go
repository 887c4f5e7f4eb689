package treatment

import (
	"maps"
	"slices"

	"golang.org/x/text/language"
)

// Translation holds a template's words in another language. What it does not
// hold stays as it is.
type Translation struct {
	Name   string                `json:"name,omitempty"`
	Phases map[string]string     `json:"phases"` // names, by code
	Fields map[string]FieldWords `json:"fields"` // by key; of a group's row by "group/field"
	Advice map[string]string     `json:"advice"` // by the sentence of the template
}

// FieldWords holds a field's words in another language.
type FieldWords struct {
	Label   string            `json:"label,omitempty"`
	Choices map[string]string `json:"choices"` // by code
}

func (t Translation) clone() Translation {
	t.Phases = maps.Clone(t.Phases)
	t.Fields = maps.Clone(t.Fields)
	for key, f := range t.Fields {
		f.Choices = maps.Clone(f.Choices)
		t.Fields[key] = f
	}
	t.Advice = maps.Clone(t.Advice)
	return t
}

// Languages returns the languages that the template has words in besides its own,
// in order.
func (t Template) Languages() []string { return slices.Sorted(maps.Keys(t.Translations)) }

// In returns the template with its words in the language, for a form or a note:
// codes, keys and rules stay, and so does the hash, because it is the same
// template. A language that the template does not have leaves it as it is; a
// regional one falls back to the language itself ("es-MX" to "es").
func (t Template) In(tag language.Tag) Template {
	words, ok := t.Translations[tag.String()]
	for !ok && !tag.IsRoot() {
		tag = tag.Parent()
		words, ok = t.Translations[tag.String()]
	}
	if !ok {
		return t
	}
	pin := t.Hash()
	t = t.clone()
	t.hash = pin
	replace(&t.Name, words.Name)
	for i := range t.Phases {
		replace(&t.Phases[i].Name, words.Phases[t.Phases[i].Code])
	}
	for i := range t.Fields {
		t.Fields[i].translate("", words.Fields)
	}
	for _, list := range [][]Advice{t.PreCare, t.PostCare, t.RedFlags} {
		for i := range list {
			replace(&list[i].Text, words.Advice[list[i].Text])
		}
	}
	return t
}

func replace(s *string, with string) {
	if with != "" {
		*s = with
	}
}

func (f *Field) translate(prefix string, words map[string]FieldWords) {
	text := words[prefix+f.Key]
	replace(&f.Label, text.Label)
	if len(text.Choices) > 0 {
		labels := maps.Clone(f.Labels)
		if labels == nil {
			labels = map[string]string{}
		}
		maps.Copy(labels, text.Choices)
		f.Labels = labels
	}
	for i := range f.Fields {
		f.Fields[i].translate(f.Key+"/", words)
	}
}

package consent

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/glabella-ehr/glabella"
)

// The most that a text may hold, in bytes.
const (
	MaxTitle    = 500
	MaxBody     = 64 << 10 // of the body, and of each section
	MaxSections = 50
)

// Codes of issues with sections.
const (
	// CodeSectionKeys says that the texts of a published form do not have the same sections in every language.
	CodeSectionKeys glabella.Code = "consent.section.keys"
	// CodeSectionMark says that a section is required without asking for initials or a tick.
	CodeSectionMark glabella.Code = "consent.section.mark"
)

// Section is a part of a text that the signer marks on its own. It has the same
// Key in every language.
type Section struct {
	Key         string `json:"key"`   // stable: "vascular-occlusion"
	Title       string `json:"title"` // plain text
	Body        string `json:"body"`  // as that of [Content]
	Initials    bool   `json:"initials,omitempty"`
	Acknowledge bool   `json:"acknowledge,omitempty"` // has a box to tick
	Required    bool   `json:"required,omitempty"`    // a consent without its initials or tick does not count
}

// Section returns the section with the key, and false if there is none.
func (c Content) Section(key string) (Section, bool) {
	for _, s := range c.Sections {
		if s.Key == key {
			return s, true
		}
	}
	return Section{}, false
}

// hashSections returns what [Content.Hash] adds for sections: for each a NUL and
// its key, a NUL and its title, a NUL and its body, and a NUL and the letters of
// its flags in the order i, a, r. A text without sections adds nothing, and no
// valid text holds a NUL, so that two texts never have the same bytes.
func hashSections(sections []Section) string {
	var b strings.Builder
	for _, s := range sections {
		b.WriteString("\x00" + s.Key + "\x00" + s.Title + "\x00" + s.Body + "\x00")
		for _, flag := range []struct {
			set    bool
			letter byte
		}{{s.Initials, 'i'}, {s.Acknowledge, 'a'}, {s.Required, 'r'}} {
			if flag.set {
				b.WriteByte(flag.letter)
			}
		}
	}
	return b.String()
}

func sectionIssues(path string, sections []Section) []glabella.Issue {
	var issues []glabella.Issue
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if len(sections) > MaxSections {
		add(path, glabella.CodeOutOfRange, fmt.Sprintf("a text has at most %d sections", MaxSections))
	}
	seen := map[string]bool{}
	for i, s := range sections {
		at := fmt.Sprintf("%s/%d", path, i)
		switch {
		case s.Key == "":
			add(at+"/key", glabella.CodeRequired, "a section has a key")
		case !codePattern.MatchString(s.Key):
			add(at+"/key", glabella.CodeFormat, "a key is lower-case words joined by hyphens")
		case seen[s.Key]:
			add(at+"/key", glabella.CodeDuplicate, "given twice")
		}
		seen[s.Key] = true
		textIssues(add, at+"/title", s.Title, MaxTitle)
		textIssues(add, at+"/body", s.Body, MaxBody)
		if s.Required && !s.Initials && !s.Acknowledge {
			add(at+"/required", CodeSectionMark, "a required section asks for initials or a tick")
		}
	}
	return issues
}

func textIssues(add func(path string, code glabella.Code, text string), path, s string, most int) {
	switch {
	case strings.TrimSpace(s) == "":
		add(path, glabella.CodeRequired, "a text has a title and a body")
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		add(path, glabella.CodeText, "text is UTF-8 without NUL")
	case len(s) > most:
		add(path, glabella.CodeOutOfRange, fmt.Sprintf("at most %d bytes", most))
	}
}

// Untranslated is a section that a text of a form lacks, or has in another place
// or with other marks than the first text of the form.
type Untranslated struct {
	Language string `json:"language"`
	Section  string `json:"section"`
}

// Untranslated returns what the texts of the form lack to have the same sections
// in every language, compared with the first text. A form is published when
// there is nothing left.
func (f Form) Untranslated() []Untranslated {
	if len(f.Contents) == 0 {
		return nil
	}
	var out []Untranslated
	first := f.Contents[0]
	for _, c := range f.Contents[1:] {
		for i, want := range first.Sections {
			k := slices.IndexFunc(c.Sections, func(s Section) bool { return s.Key == want.Key })
			if k < 0 || k != i || !sameMarks(c.Sections[k], want) {
				out = append(out, Untranslated{c.Language, want.Key})
			}
		}
		for _, s := range c.Sections {
			if _, ok := first.Section(s.Key); !ok {
				out = append(out, Untranslated{first.Language, s.Key})
			}
		}
	}
	return out
}

func sameMarks(a, b Section) bool {
	return a.Initials == b.Initials && a.Acknowledge == b.Acknowledge && a.Required == b.Required
}

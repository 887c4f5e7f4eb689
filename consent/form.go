package consent

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/strict"
)

// Strength says how much of a form a treatment needs.
type Strength string

// The strengths of a requirement.
const (
	MustAccept Strength = "must-accept" // the patient has signed that they agree
	MustShow   Strength = "must-show"   // the patient has been shown it and may decline
	Optional   Strength = "optional"    // the treatment does not depend on it
)

// Strengths returns every strength.
func Strengths() []Strength { return []Strength{MustAccept, MustShow, Optional} }

// Valid reports whether s is one of [Strengths].
func (s Strength) Valid() bool { return slices.Contains(Strengths(), s) }

// Recurrence says how often a form is signed.
type Recurrence string

// The recurrences.
const (
	Once     Recurrence = "once"      // until a material version, or withdrawal
	PerVisit Recurrence = "per-visit" // anew for each encounter
	Interval Recurrence = "interval"  // anew after a period
)

// Recurrences returns every recurrence.
func Recurrences() []Recurrence { return []Recurrence{Once, PerVisit, Interval} }

// Valid reports whether r is one of [Recurrences].
func (r Recurrence) Valid() bool { return slices.Contains(Recurrences(), r) }

// Codes of issues with forms and consents.
const (
	// CodeFormHash says that the hash stored with a text is not the hash of that text.
	CodeFormHash glabella.Code = "consent.form.hash"
	// CodeFormInterval says that a form has a validity period without being renewed by interval, or the other way round.
	CodeFormInterval glabella.Code = "consent.form.interval"
	// CodeFormRetired says that a form is retired before it is published.
	CodeFormRetired glabella.Code = "consent.form.retired"
)

// Form is one version of a consent form. Its own Version is the number of the
// text; the count of its stored revisions is Meta.Version.
type Form struct {
	ID glabella.FormID `json:"id" validate:"required"`
	glabella.Meta
	Code           string          `json:"code" validate:"required"` // stable across versions
	Version        int             `json:"formVersion" validate:"min=1"`
	Treatments     []string        `json:"treatments"`    // codes of the treatment templates that require it
	Jurisdictions  []string        `json:"jurisdictions"` // ISO 3166 codes such as US or US-CA; empty is everywhere
	Strength       Strength        `json:"strength" validate:"oneof=must-accept must-show optional"`
	Recurrence     Recurrence      `json:"recurrence" validate:"oneof=once per-visit interval"`
	ValidFor       glabella.Period `json:"validFor,omitzero"`                         // with Interval: it no longer counts on the day that is so much later
	Material       bool            `json:"material,omitempty"`                        // from its publication, earlier versions no longer count
	CoolingOffDays int             `json:"coolingOffDays,omitempty" validate:"gte=0"` // whole days between being shown it and treatment
	Contents       []Content       `json:"contents" validate:"min=1"`
	PublishedAt    time.Time       `json:"publishedAt,omitzero"` // zero is a draft, which binds nobody
	RetiredAt      time.Time       `json:"retiredAt,omitzero"`
}

// Content is the text of a form in one language. Body is in a subset of
// Markdown: headings, paragraphs, lists, bold and italic.
type Content struct {
	Language string `json:"language"` // BCP 47
	Title    string `json:"title"`
	Body     string `json:"body"`
	SHA256   string `json:"sha256"` // [Content.Hash]
}

// NewContent returns the text with its hash.
func NewContent(lang, title, body string) Content {
	c := Content{Language: lang, Title: title, Body: body}
	c.SHA256 = c.Hash()
	return c
}

// Hash returns the hex SHA-256 of the text: of the title, an empty line and the
// source of the body. It is what a signature is bound to.
func (c Content) Hash() string {
	sum := sha256.Sum256([]byte(c.Title + "\n\n" + c.Body))
	return hex.EncodeToString(sum[:])
}

// Ref returns the reference to the form.
func (f Form) Ref() glabella.Ref { return f.ID.Ref() }

var codePattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Validate reports everything that is wrong with the form, and recomputes the
// hash of each text.
func (f Form) Validate() error {
	issues := check.Struct(f)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if f.Code != "" && !codePattern.MatchString(f.Code) {
		add("/code", glabella.CodeFormat, "a code is lower-case words joined by hyphens")
	}
	unique(add, "/treatments", f.Treatments)
	unique(add, "/jurisdictions", f.Jurisdictions)
	if p := f.ValidFor; p.Years < 0 || p.Months < 0 || p.Days < 0 {
		add("/validFor", glabella.CodeOutOfRange, "a validity period is not negative")
	}
	if (f.Recurrence == Interval) == f.ValidFor.IsZero() {
		add("/validFor", CodeFormInterval, "a validity period belongs to a form that is renewed by interval")
	}
	if !f.RetiredAt.IsZero() && (f.PublishedAt.IsZero() || f.RetiredAt.Before(f.PublishedAt)) {
		add("/retiredAt", CodeFormRetired, "a form is retired after it was published")
	}
	var tags []string
	for i, c := range f.Contents {
		path := fmt.Sprintf("/contents/%d", i)
		tag, err := language.Parse(c.Language)
		switch {
		case err != nil || tag == language.Und:
			add(path+"/language", glabella.CodeFormat, "not a BCP 47 language tag")
		case slices.Contains(tags, tag.String()):
			add(path+"/language", glabella.CodeDuplicate, "a form has one text for each language")
		}
		tags = append(tags, tag.String())
		for _, t := range []struct{ name, text string }{{"title", c.Title}, {"body", c.Body}} {
			switch {
			case strings.TrimSpace(t.text) == "":
				add(path+"/"+t.name, glabella.CodeRequired, "a text has a title and a body")
			case !utf8.ValidString(t.text) || strings.ContainsRune(t.text, 0):
				add(path+"/"+t.name, glabella.CodeText, "text is UTF-8 without NUL")
			}
		}
		if c.SHA256 != c.Hash() {
			add(path+"/sha256", CodeFormHash, "not the hash of this text")
		}
	}
	return glabella.Invalid("form", issues...)
}

// unique reports empty and repeated values of a list.
func unique(add func(path string, code glabella.Code, text string), path string, values []string) {
	for i, v := range values {
		at := fmt.Sprintf("%s/%d", path, i)
		if v == "" {
			add(at, glabella.CodeRequired, "must not be empty")
		} else if slices.Contains(values[:i], v) {
			add(at, glabella.CodeDuplicate, "given twice")
		}
	}
}

// Content returns the text in the language, or in the nearest language that it
// is a variety of: a form in "es" serves "es-MX". It reports false if there is
// neither.
func (f Form) Content(lang string) (Content, bool) {
	for _, c := range f.Contents {
		if c.Language == lang && lang != "" {
			return c, true
		}
	}
	tag, err := language.Parse(lang)
	if err != nil {
		return Content{}, false
	}
	for ; tag != language.Und; tag = tag.Parent() {
		for _, c := range f.Contents {
			if t, err := language.Parse(c.Language); err == nil && t == tag {
				return c, true
			}
		}
	}
	return Content{}, false
}

// InForce reports whether the form is published and not retired at t.
func (f Form) InForce(t time.Time) bool {
	return !f.PublishedAt.IsZero() && !t.Before(f.PublishedAt) && (f.RetiredAt.IsZero() || t.Before(f.RetiredAt))
}

// RequiredFor reports whether the form is for the treatment, by the code of its
// template, in the jurisdiction. A form of US is for US-CA too.
func (f Form) RequiredFor(treatment, jurisdiction string) bool {
	return slices.Contains(f.Treatments, treatment) && f.appliesIn(jurisdiction)
}

func (f Form) appliesIn(jurisdiction string) bool {
	return len(f.Jurisdictions) == 0 || slices.ContainsFunc(f.Jurisdictions, func(j string) bool {
		return j == jurisdiction || strings.HasPrefix(jurisdiction, j+"-")
	})
}

// ParseForms reads a file of forms: a JSON array in the stored form, where a
// text may leave out its hash. It refuses unknown fields, and reports everything
// that is wrong with the forms, including a version that is given twice. The
// error is a [*glabella.ValidationError] about name.
func ParseForms(name string, data []byte) ([]Form, error) {
	var forms []Form
	if err := strict.Decode(name, data, &forms); err != nil {
		return nil, err
	}
	var issues []glabella.Issue
	seen := map[string]bool{}
	for i, f := range forms {
		for k, c := range f.Contents {
			if c.SHA256 == "" {
				f.Contents[k].SHA256 = c.Hash()
			}
		}
		issues = append(issues, issuesAt(fmt.Sprintf("/%d", i), f.Validate())...)
		key := fmt.Sprintf("%s %d", f.Code, f.Version)
		if seen[key] {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/%d/formVersion", i), Code: glabella.CodeDuplicate, Text: "this version of the form is given twice"})
		}
		seen[key] = true
	}
	if err := glabella.Invalid(name, issues...); err != nil {
		return nil, err
	}
	return forms, nil
}

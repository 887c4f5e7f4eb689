package consent

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

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
	Classes        []string        `json:"classes"`       // classes of procedure or product that require it: botulinum-toxin
	Products       []string        `json:"products"`      // codes of the products that require it
	Services       []string        `json:"services"`      // codes of the price list that require it
	Jurisdictions  []string        `json:"jurisdictions"` // ISO 3166 codes such as US or US-CA; empty is everywhere
	Strength       Strength        `json:"strength" validate:"oneof=must-accept must-show optional"`
	Recurrence     Recurrence      `json:"recurrence" validate:"oneof=once per-visit interval"`
	ValidFor       glabella.Period `json:"validFor,omitzero"`                         // with Interval: it no longer counts on the day that is so much later
	Material       bool            `json:"material,omitempty"`                        // from its publication, earlier versions no longer count
	CoolingOffDays int             `json:"coolingOffDays,omitempty" validate:"gte=0"` // whole days between being shown it and treatment
	// SignGapHours is the least time between being shown the text and signing it,
	// BeforeTreatmentHours between signing it and treatment.
	SignGapHours         int             `json:"signGapHours,omitempty" validate:"gte=0,lte=8760"`
	BeforeTreatmentHours int             `json:"beforeTreatmentHours,omitempty" validate:"gte=0,lte=8760"`
	DiscussionRequired   bool            `json:"discussionRequired,omitempty"` // someone has explained it before it is signed; see [Discussion]
	WitnessRequired      bool            `json:"witnessRequired,omitempty"`
	Interpreter          InterpreterRule `json:"interpreter,omitempty" validate:"omitempty,oneof=always unspoken"`
	RequiresInitials     bool            `json:"requiresInitials,omitempty"` // every section that asks for initials needs them, required or not
	Contents             []Content       `json:"contents" validate:"min=1"`
	PublishedAt          time.Time       `json:"publishedAt,omitzero"` // zero is a draft, which binds nobody
	RetiredAt            time.Time       `json:"retiredAt,omitzero"`
}

// Content is the text of a form in one language. Body is in a subset of
// CommonMark: headings, paragraphs, lists, bold and italic by asterisks, and
// backslashes that keep a mark from being one.
type Content struct {
	Language string    `json:"language"` // BCP 47
	Title    string    `json:"title"`
	Body     string    `json:"body"`
	Sections []Section `json:"sections"` // what the signer marks part by part; may be none
	SHA256   string    `json:"sha256"`   // [Content.Hash]
}

// NewContent returns the text with its hash.
func NewContent(lang, title, body string, sections ...Section) Content {
	c := Content{Language: lang, Title: title, Body: body, Sections: slices.Clone(sections)}
	c.SHA256 = c.Hash()
	return c
}

// Hash returns the hex SHA-256 of the text: of the title, an empty line and the
// source of the body, and then for each section a NUL and its key, a NUL and its
// title, a NUL and its body, a NUL and the letters i, a and r if it asks for
// initials, for a tick, and is required. It is what a signature is bound to.
func (c Content) Hash() string {
	return hashOf(c.Title + "\n\n" + c.Body + hashSections(c.Sections))
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
	unique(add, "/classes", f.Classes)
	unique(add, "/products", f.Products)
	unique(add, "/services", f.Services)
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
		textIssues(add, path+"/title", c.Title, MaxTitle)
		textIssues(add, path+"/body", c.Body, MaxBody)
		issues = append(issues, sectionIssues(path+"/sections", c.Sections)...)
		if c.SHA256 != c.Hash() {
			add(path+"/sha256", CodeFormHash, "not the hash of this text")
		}
	}
	if !f.PublishedAt.IsZero() {
		for _, u := range f.Untranslated() {
			i := slices.IndexFunc(f.Contents, func(c Content) bool { return c.Language == u.Language })
			issues = append(issues, glabella.Issue{
				Path: fmt.Sprintf("/contents/%d/sections", i), Code: CodeSectionKeys,
				Text: "a published form has the same sections in every language", Args: map[string]string{"section": u.Section},
			})
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
	c, ok := f.content(lang)
	if !ok {
		return Content{}, false
	}
	out := *c
	out.Sections = slices.Clone(c.Sections)
	return out, true
}

func (f *Form) content(lang string) (*Content, bool) {
	for i := range f.Contents {
		if f.Contents[i].Language == lang && lang != "" {
			return &f.Contents[i], true
		}
	}
	tag, err := language.Parse(lang)
	if err != nil {
		return nil, false
	}
	for ; tag != language.Und; tag = tag.Parent() {
		for i := range f.Contents {
			if t, err := language.Parse(f.Contents[i].Language); err == nil && t == tag {
				return &f.Contents[i], true
			}
		}
	}
	return nil, false
}

// InForce reports whether the form is published and not retired at t.
func (f Form) InForce(t time.Time) bool { return f.inForce(t) }

func (f *Form) inForce(t time.Time) bool {
	return !f.PublishedAt.IsZero() && !t.Before(f.PublishedAt) && (f.RetiredAt.IsZero() || t.Before(f.RetiredAt))
}

// RequiredFor reports whether the form is for the treatment, by the code of its
// template, in the jurisdiction. A form of US is for US-CA too.
func (f Form) RequiredFor(treatment, jurisdiction string) bool {
	return f.Requires(Act{Treatment: treatment, Jurisdiction: jurisdiction})
}

func (f *Form) appliesIn(jurisdiction string) bool {
	return len(f.Jurisdictions) == 0 || slices.ContainsFunc(f.Jurisdictions, func(j string) bool {
		part, ok := strings.CutPrefix(jurisdiction, j)
		return ok && (part == "" || part[0] == '-')
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

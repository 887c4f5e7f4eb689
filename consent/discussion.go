package consent

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
)

// Discussion is the talk in which someone explained to the patient what they are
// asked to agree to. A [Consent] names it.
type Discussion struct {
	ID glabella.DiscussionID `json:"id" validate:"required"`
	glabella.Meta
	Patient      glabella.PatientID   `json:"patient" validate:"required"`
	Treatment    string               `json:"treatment" validate:"required"` // code of the treatment template
	Encounter    glabella.EncounterID `json:"encounter,omitzero"`
	By           glabella.StaffID     `json:"by" validate:"required"`
	At           time.Time            `json:"at" validate:"required"` // when it ended
	Minutes      int                  `json:"minutes,omitempty" validate:"gte=0,lte=1440"`
	Risks        []string             `json:"risks"`               // codes of the risks that were explained
	Alternatives []string             `json:"alternatives"`        // codes of the alternatives, such as no-treatment
	Questions    bool                 `json:"questions,omitempty"` // whether the patient asked any; they were answered
	Note         glabella.NoteID      `json:"note,omitzero"`       // where it is written up
	Language     string               `json:"language" validate:"required"`
	Interpreter  string               `json:"interpreter,omitempty"` // name or number of the interpreter, if there was one
	Amendments   []Amendment          `json:"amendments"`
	Provenance   glabella.Provenance  `json:"provenance"`
}

// Amendment says that a record was corrected, and which stored version of it says
// what it said before.
type Amendment struct {
	Version uint64           `json:"version"` // Meta.Version of the record before it was corrected
	By      glabella.StaffID `json:"by"`
	At      time.Time        `json:"at"`
	Reason  string           `json:"reason"`
}

// Ref returns the reference to the discussion.
func (d Discussion) Ref() glabella.Ref { return d.ID.Ref() }

// Validate reports everything that is wrong with the discussion by itself.
func (d Discussion) Validate() error {
	issues := check.Struct(d)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if tag, err := language.Parse(d.Language); d.Language != "" && (err != nil || tag == language.Und) {
		add("/language", glabella.CodeFormat, "not a BCP 47 language tag")
	}
	for _, list := range []struct {
		path  string
		codes []string
	}{{"/risks", d.Risks}, {"/alternatives", d.Alternatives}} {
		unique(add, list.path, list.codes)
		for i, code := range list.codes {
			if code != "" && !codePattern.MatchString(code) {
				add(fmt.Sprintf("%s/%d", list.path, i), glabella.CodeFormat, "a code is lower-case words joined by hyphens")
			}
		}
	}
	for i, a := range d.Amendments {
		at := fmt.Sprintf("/amendments/%d", i)
		if a.Version == 0 || i > 0 && a.Version <= d.Amendments[i-1].Version {
			add(at+"/version", glabella.CodeOutOfRange, "the version that was corrected is later than that of the amendment before")
		}
		if a.By.IsZero() {
			add(at+"/by", glabella.CodeRequired, "must be given")
		}
		if a.At.Before(d.At) || i > 0 && a.At.Before(d.Amendments[i-1].At) {
			add(at+"/at", CodeOrder, "amended before it took place or before the amendment before")
		}
		if strings.TrimSpace(a.Reason) == "" {
			add(at+"/reason", glabella.CodeRequired, "an amendment has a reason")
		}
	}
	issues = append(issues, d.Provenance.Validate("/provenance")...)
	return glabella.Invalid("discussion", issues...)
}

// Amend returns the discussion as corrected says, with an amendment that names
// the stored version that said otherwise. Who, when and for which patient cannot
// be corrected: that is another discussion. It gives a
// [*glabella.ValidationError] if they differ, the reason is missing or the result
// is not valid.
func (d Discussion) Amend(corrected Discussion, by glabella.StaffID, at time.Time, reason string) (Discussion, error) {
	if corrected.ID != d.ID || corrected.Patient != d.Patient || corrected.By != d.By || !corrected.At.Equal(d.At) {
		return d, glabella.Invalid("discussion", glabella.Issue{Code: glabella.CodeMismatch, Text: "an amendment keeps the identity, the patient, the person and the time"})
	}
	out := corrected
	out.Meta = d.Meta
	out.Risks, out.Alternatives = slices.Clone(corrected.Risks), slices.Clone(corrected.Alternatives)
	out.Amendments = append(slices.Clone(d.Amendments), Amendment{Version: d.Meta.Version, By: by, At: at.UTC().Truncate(time.Microsecond), Reason: reason})
	if err := out.Validate(); err != nil {
		return d, err
	}
	return out, nil
}

// Lacks returns which of the codes of risks were not explained, in their order.
func (d Discussion) Lacks(risks ...string) []string {
	var out []string
	for _, r := range risks {
		if !slices.Contains(d.Risks, r) {
			out = append(out, r)
		}
	}
	return out
}

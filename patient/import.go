package patient

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
)

// ImportState is how far a chunk of an import is.
type ImportState string

// The states of an import.
const (
	ImportStaged    ImportState = "staged"
	ImportApplied   ImportState = "applied"
	ImportDiscarded ImportState = "discarded"
)

// ImportStates returns every state of an import.
func ImportStates() []ImportState { return []ImportState{ImportStaged, ImportApplied, ImportDiscarded} }

// Valid reports whether s is one of [ImportStates].
func (s ImportState) Valid() bool { return slices.Contains(ImportStates(), s) }

// ImportMachine returns the state machine of an import.
func ImportMachine() state.Machine[ImportState] {
	return state.Machine[ImportState]{Name: "import", Arrows: []state.Arrow[ImportState]{
		{From: ImportStaged, Action: "apply", To: ImportApplied},
		{From: ImportStaged, Action: "discard", To: ImportDiscarded},
	}}
}

// MaxChunk is how many rows an [Import] holds at most.
const MaxChunk = 1000

// ImportedRow is what is kept of a row: where it stood, what it was, and what
// became of it. The person's data are in the patient alone.
type ImportedRow struct {
	Number  int                `json:"number"`
	Key     string             `json:"key"`
	Digest  string             `json:"digest"`
	Outcome ImportOutcome      `json:"outcome"`
	Action  ImportAction       `json:"action,omitempty"` // empty until it is decided
	Patient glabella.PatientID `json:"patient,omitzero"` // whom the row is of, once known
	Codes   []glabella.Code    `json:"codes"`
}

// Import is one chunk of an import: at most [MaxChunk] rows of one file. All
// chunks of a staging have its batch and the digest of the file, and count from 0.
type Import struct {
	ID glabella.ImportID `json:"id" validate:"required"`
	glabella.Meta
	Source       string              `json:"source" validate:"required"` // the system it comes from
	File         string              `json:"file"`                       // SHA-256 of the file, in hexadecimal
	Layout       string              `json:"layout" validate:"required"` // name of the layout, or of the format
	LayoutDigest string              `json:"layoutDigest,omitempty"`     // SHA-256 of the layout
	Chunk        int                 `json:"chunk"`
	Batch        glabella.ImportID   `json:"batch" validate:"required"` // the first chunk of the same staging, which may be this one
	Rows         []ImportedRow       `json:"rows" validate:"min=1,max=1000"`
	State        ImportState         `json:"state" validate:"oneof=staged applied discarded"`
	StartedAt    time.Time           `json:"startedAt" validate:"required"`
	FinishedAt   time.Time           `json:"finishedAt,omitzero"`
	By           glabella.StaffID    `json:"by" validate:"required"`
	FinishedBy   glabella.StaffID    `json:"finishedBy,omitzero"`
	Provenance   glabella.Provenance `json:"provenance"`
}

// Ref returns the reference to the import.
func (m Import) Ref() glabella.Ref { return m.ID.Ref() }

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Validate reports everything that is wrong with the import.
func (m Import) Validate() error {
	issues := append(check.Struct(m), m.Provenance.Validate("/provenance")...)
	add := func(code glabella.Code, text, format string, args ...any) {
		issues = append(issues, glabella.Issue{Path: fmt.Sprintf(format, args...), Code: code, Text: text})
	}
	if !sha256Hex.MatchString(m.File) {
		add(glabella.CodeFormat, "not a SHA-256", "/file")
	}
	if m.LayoutDigest != "" && !sha256Hex.MatchString(m.LayoutDigest) {
		add(glabella.CodeFormat, "not a SHA-256", "/layoutDigest")
	}
	if m.Chunk < 0 {
		add(glabella.CodeOutOfRange, "is negative", "/chunk")
	}
	if over := m.State != ImportStaged; over != !m.FinishedAt.IsZero() || over != !m.FinishedBy.IsZero() {
		add(glabella.CodeMismatch, "an import has an end and who ended it when it is no longer staged", "/finishedAt")
	}
	if !m.FinishedAt.IsZero() && m.FinishedAt.Before(m.StartedAt) {
		add(CodePeriod, "ends before it begins", "/finishedAt")
	}
	last := 0
	for i, r := range m.Rows {
		if r.Number <= last {
			add(glabella.CodeOutOfRange, "rows are in the order of the source", "/rows/%d/number", i)
		}
		last = r.Number
		if !r.Outcome.Valid() {
			add(glabella.CodeUnknownValue, "not an outcome", "/rows/%d/outcome", i)
		}
		if r.Outcome != OutcomeRefused && (r.Key == "" || !sha256Hex.MatchString(r.Digest)) {
			add(glabella.CodeRequired, "a row has a key and a digest", "/rows/%d", i)
		}
		switch {
		case r.Action == "":
			if m.State == ImportApplied {
				add(glabella.CodeRequired, "an applied row has an action", "/rows/%d/action", i)
			}
		case r.Outcome.Valid() && !slices.Contains(r.Outcome.Actions(), r.Action):
			add(glabella.CodeMismatch, "no action for this outcome", "/rows/%d/action", i)
		}
		if m.State == ImportApplied && r.Action.patient() && r.Patient.IsZero() {
			add(glabella.CodeRequired, "the action leaves a patient", "/rows/%d/patient", i)
		}
	}
	return glabella.Invalid("import", issues...)
}

// Apply returns the import as applied: rows are its rows with their actions and
// patients. It does not make the patients; see [Decisions.For].
func (m Import) Apply(rows []ImportedRow, by glabella.StaffID, at time.Time) (Import, error) {
	next, err := ImportMachine().Next(m.State, "apply")
	if err != nil {
		return m, err
	}
	done := m
	done.State, done.FinishedBy, done.FinishedAt, done.Rows = next, by, at, slices.Clone(rows)
	for i := range done.Rows {
		done.Rows[i].Codes = slices.Clone(rows[i].Codes)
	}
	if err := m.same(done.Rows); err != nil {
		return m, err
	}
	if err := done.Validate(); err != nil {
		return m, err
	}
	return done, nil
}

// same reports rows that are not the ones that were staged.
func (m Import) same(rows []ImportedRow) error {
	if len(rows) != len(m.Rows) {
		return glabella.Invalid("import", glabella.Issue{Path: "/rows", Code: glabella.CodeMismatch, Text: "not the rows that were staged"})
	}
	var issues []glabella.Issue
	for i, r := range rows {
		if s := m.Rows[i]; r.Number != s.Number || r.Key != s.Key || r.Digest != s.Digest || r.Outcome != s.Outcome || !slices.Equal(r.Codes, s.Codes) {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/rows/%d", i), Code: glabella.CodeMismatch, Text: "not the row that was staged"})
		}
	}
	return glabella.Invalid("import", issues...)
}

// Discard returns the import as given up; none of its rows is carried over.
func (m Import) Discard(by glabella.StaffID, at time.Time) (Import, error) {
	next, err := ImportMachine().Next(m.State, "discard")
	if err != nil {
		return m, err
	}
	m.State, m.FinishedBy, m.FinishedAt = next, by, at
	return m, nil
}

package patient

import (
	"fmt"
	"iter"
	"slices"

	"crypto/sha256"

	"github.com/glabella-ehr/glabella"
)

// ImportOutcome is what a row of an import turns out to be.
type ImportOutcome string

// The outcomes of a row.
const (
	OutcomeNew       ImportOutcome = "new"
	OutcomeSame      ImportOutcome = "same"               // imported before, and unchanged since
	OutcomeChanged   ImportOutcome = "changed"            // imported before, and different now
	OutcomeDuplicate ImportOutcome = "duplicate-possible" // new, but like a patient who is there
	OutcomeRefused   ImportOutcome = "refused"            // it has issues
)

// ImportOutcomes returns every outcome of a row.
func ImportOutcomes() []ImportOutcome {
	return []ImportOutcome{OutcomeNew, OutcomeSame, OutcomeChanged, OutcomeDuplicate, OutcomeRefused}
}

// Valid reports whether o is one of [ImportOutcomes].
func (o ImportOutcome) Valid() bool { return slices.Contains(ImportOutcomes(), o) }

// Actions returns what may be done with a row of this outcome. A change is
// proposed and never made in silence.
func (o ImportOutcome) Actions() []ImportAction {
	switch o {
	case OutcomeNew:
		return []ImportAction{ActionImport, ActionHold, ActionSkip}
	case OutcomeChanged:
		return []ImportAction{ActionPropose, ActionHold, ActionSkip}
	case OutcomeDuplicate:
		return []ImportAction{ActionHold, ActionLink, ActionImport, ActionSkip}
	default:
		return []ImportAction{ActionSkip}
	}
}

// ImportAction is what is done with a row.
type ImportAction string

// The actions.
const (
	ActionImport  ImportAction = "import"  // register a new patient
	ActionLink    ImportAction = "link"    // give the source's identifier to the patient who is there
	ActionPropose ImportAction = "propose" // propose the change to the patient
	ActionHold    ImportAction = "hold"    // keep the row for someone to decide
	ActionSkip    ImportAction = "skip"
)

// ImportActions returns every action.
func ImportActions() []ImportAction {
	return []ImportAction{ActionImport, ActionLink, ActionPropose, ActionHold, ActionSkip}
}

// Valid reports whether a is one of [ImportActions].
func (a ImportAction) Valid() bool { return slices.Contains(ImportActions(), a) }

// patient reports whether a row with this action is of a patient.
func (a ImportAction) patient() bool {
	return a == ActionImport || a == ActionLink || a == ActionPropose
}

// KnownRow is what a row of the same key became before.
type KnownRow struct {
	Patient glabella.PatientID
	Digest  string // of the row as it was then
}

// KnownLookup returns what the row of a key became in an earlier import from the
// same source, and false if there was none.
type KnownLookup func(key string) (KnownRow, bool, error)

// DuplicateLookup returns the patients who may be the person of an intake, the
// likeliest first.
type DuplicateLookup func(in Intake) ([]Candidate, error)

// PlannedRow is a row with what it turns out to be.
type PlannedRow struct {
	Row
	Outcome    ImportOutcome
	Patient    glabella.PatientID // who was imported before
	Candidates []Candidate        // whom it may duplicate
}

// Plan says of every row what it is; it changes nothing. A row whose key came
// before in the same source is refused. For that, Plan remembers 16 bytes a row;
// it holds no row longer than it takes to hand it on. An error of the rows or of
// a lookup ends the sequence.
func Plan(rows iter.Seq2[Row, error], known KnownLookup, duplicates DuplicateLookup) iter.Seq2[PlannedRow, error] {
	return func(yield func(PlannedRow, error) bool) {
		seen := map[[16]byte]struct{}{}
		for row, err := range rows {
			if err != nil {
				yield(PlannedRow{}, err)
				return
			}
			if row.Key != "" {
				sum := sha256.Sum256([]byte(row.Key))
				short := [16]byte(sum[:16])
				if _, twice := seen[short]; twice {
					row.Issues = append(slices.Clone(row.Issues), glabella.Issue{Path: "/key", Code: glabella.CodeDuplicate, Text: "a row before has the same key"})
				}
				seen[short] = struct{}{}
			}
			p, err := planRow(row, known, duplicates)
			if err != nil {
				yield(PlannedRow{}, fmt.Errorf("plan row %d: %w", row.Number, err))
				return
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

func planRow(row Row, known KnownLookup, duplicates DuplicateLookup) (PlannedRow, error) {
	p := PlannedRow{Row: row, Outcome: OutcomeNew}
	if len(row.Issues) > 0 {
		p.Outcome = OutcomeRefused
		return p, nil
	}
	before, ok, err := known(row.Key)
	if err != nil {
		return p, err
	}
	if ok {
		p.Patient, p.Outcome = before.Patient, OutcomeChanged
		if before.Digest == row.Digest {
			p.Outcome = OutcomeSame
		}
		return p, nil
	}
	if p.Candidates, err = duplicates(row.Intake); err != nil {
		return p, err
	}
	if len(p.Candidates) > 0 {
		p.Outcome = OutcomeDuplicate
	}
	return p, nil
}

// Kept returns what is stored of the row.
func (p PlannedRow) Kept() ImportedRow {
	return ImportedRow{Number: p.Number, Key: p.Key, Digest: p.Digest, Outcome: p.Outcome, Patient: p.Patient, Codes: p.Codes()}
}

// Chunks divides planned rows into groups of at most size, at most [MaxChunk]; 0
// is MaxChunk.
func Chunks(rows iter.Seq2[PlannedRow, error], size int) iter.Seq2[[]PlannedRow, error] {
	if size <= 0 || size > MaxChunk {
		size = MaxChunk
	}
	return func(yield func([]PlannedRow, error) bool) {
		var chunk []PlannedRow
		for row, err := range rows {
			if err != nil {
				yield(nil, err)
				return
			}
			if chunk = append(chunk, row); len(chunk) == size {
				if !yield(chunk, nil) {
					return
				}
				chunk = nil
			}
		}
		if len(chunk) > 0 {
			yield(chunk, nil)
		}
	}
}

// Decisions say what is done with the rows of an import. A class without a
// decision is not applied. A row's own decision goes before that of its class.
type Decisions struct {
	New       ImportAction        `json:"new,omitempty"`
	Changed   ImportAction        `json:"changed,omitempty"`
	Duplicate ImportAction        `json:"duplicatePossible,omitempty"` // to link is decided for each row
	Rows      map[int]RowDecision `json:"rows"`                        // by number
}

// RowDecision is what is done with one row.
type RowDecision struct {
	Action  ImportAction       `json:"action"`
	Patient glabella.PatientID `json:"patient,omitzero"` // whom to link to, one of the candidates
}

// For returns the action for a row and the patient to link to or to propose the
// change to. The error is a [*glabella.ValidationError] when nothing was decided,
// or something that the outcome does not permit.
func (d Decisions) For(p PlannedRow) (RowDecision, error) {
	out, own := d.Rows[p.Number]
	if !own {
		switch p.Outcome {
		case OutcomeNew:
			out.Action = d.New
		case OutcomeChanged:
			out.Action = d.Changed
		case OutcomeDuplicate:
			out.Action = d.Duplicate
		default:
			out.Action = ActionSkip
		}
	}
	bad := func(path string, code glabella.Code, text string) (RowDecision, error) {
		return RowDecision{}, glabella.Invalid("decisions", glabella.Issue{Path: fmt.Sprintf("/rows/%d%s", p.Number, path), Code: code, Text: text})
	}
	switch {
	case out.Action == "":
		return bad("/action", glabella.CodeRequired, "nothing was decided for rows of this outcome")
	case !slices.Contains(p.Outcome.Actions(), out.Action):
		return bad("/action", glabella.CodeMismatch, "no action for this outcome")
	case out.Action == ActionLink && !slices.ContainsFunc(p.Candidates, func(c Candidate) bool { return c.Patient == out.Patient }):
		return bad("/patient", glabella.CodeMismatch, "a row is linked to one of its candidates")
	case out.Action == ActionPropose:
		out.Patient = p.Patient
	case out.Action != ActionLink:
		out.Patient = glabella.PatientID{}
	}
	return out, nil
}

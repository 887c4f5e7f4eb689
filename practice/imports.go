package practice

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/fhirconv"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
)

// Codes of issues with imports.
const (
	// CodeImportStaged says that the file is staged already, or was imported.
	CodeImportStaged glabella.Code = "practice.import.staged"
	// CodeImportNotStaged says that the file is not staged, so that nothing of it can be applied.
	CodeImportNotStaged glabella.Code = "practice.import.not-staged"
	// CodeImportFile says that the file is not the one that was staged.
	CodeImportFile glabella.Code = "practice.import.file"
)

// ImportFormat is the form of a file of patients.
type ImportFormat string

// The forms.
const (
	ImportCSV   ImportFormat = "csv"   // as the layout says, see [patient.ReadCSV]
	ImportVCard ImportFormat = "vcard" // see [patient.ReadVCards]
	ImportFHIR  ImportFormat = "fhir"  // Patient resources of R4, see [fhirconv.ReadPatients]
)

// ImportFormats returns every form.
func ImportFormats() []ImportFormat { return []ImportFormat{ImportCSV, ImportVCard, ImportFHIR} }

// Valid reports whether f is one of [ImportFormats].
func (f ImportFormat) Valid() bool { return slices.Contains(ImportFormats(), f) }

// ImportFile is a file of patients from another system. Of the layout, formats
// other than CSV use the name, the system and the region.
type ImportFile struct {
	Format ImportFormat              `json:"format,omitempty"` // empty is CSV
	Layout patient.Layout            `json:"layout"`
	Phones patient.PhoneParser       `json:"-"` // reads phone numbers; nil is [patient.BuiltinPhones]
	Open   func() (io.Reader, error) `json:"-"` // opens the file at its beginning, each time that it is called
}

// ImportStatus is how far the import of a file is.
type ImportStatus struct {
	File   string               `json:"file"` // SHA-256 of the file
	State  patient.ImportState  `json:"state"`
	Report patient.ImportReport `json:"report"`
}

// digest reads the file once.
func (f ImportFile) digest() (string, error) {
	r, err := f.Open()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// rows reads the file row by row.
func (f ImportFile) rows(how patient.Reading) (iter.Seq2[patient.Row, error], error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	phones := f.Phones
	if phones == nil {
		phones = patient.BuiltinPhones{}
	}
	how.Normalize = patient.Normalize{
		Phone: func(raw, region string) (string, error) {
			number, err := phones.ParsePhone(raw, region)
			return number.E164, err
		},
		Email: patient.NormalizeEmail,
	}
	switch f.Format {
	case "", ImportCSV:
		return patient.ReadCSV(r, f.Layout, how), nil
	case ImportVCard:
		return patient.ReadVCards(r, f.Layout.Source(), how), nil
	case ImportFHIR:
		return fhirconv.ReadPatients(r, f.Layout.Source(), how), nil
	}
	return nil, glabella.Invalid("import", glabella.Issue{Path: "/format", Code: glabella.CodeUnknownValue, Text: "not a form of file that is read"})
}

// StageImport is the input of [Practice.StageImport].
type StageImport struct {
	Command
	ImportFile
}

// chunkInput is the input of the command that stages or applies one chunk.
type chunkInput struct {
	Command
	File  string `json:"file"`
	Chunk int    `json:"chunk"`
}

// part returns the command for one chunk of a file.
func (c Command) part(chunk int) Command {
	if c.Key != "" {
		c.Key = fmt.Sprintf("%s/%d", c.Key, chunk)
	}
	c.IfVersion = 0
	return c
}

// StageImport reads a file of patients and says of every row what it is: new,
// imported before, changed since, like a patient who is there, or wrong and why.
// No patient is registered: [Practice.ApplyImport] does that, by decisions on what
// was staged. What is kept of a row is its place, key and digest, not the person.
//
// A file is staged in chunks, each in a transaction of its own; memory does not
// grow with the file, but for 16 bytes a row and what is kept of earlier imports of
// the same system.
func (p *Practice) StageImport(ctx context.Context, actor glabella.Actor, in StageImport) (ImportStatus, error) {
	file, err := in.digest()
	if err != nil {
		return ImportStatus{}, err
	}
	if err := p.catchUp(ctx); err != nil {
		return ImportStatus{}, err
	}
	known, staged, err := p.imported(ctx, actor, in.Layout.System, file)
	if err != nil {
		return ImportStatus{}, err
	}
	if staged {
		return ImportStatus{}, glabella.Invalid("import", glabella.Issue{Path: "/file", Code: CodeImportStaged, Text: "the file is staged; apply or discard it"})
	}
	layout, err := json.Marshal(in.Layout)
	if err != nil {
		return ImportStatus{}, err
	}
	from := glabella.Provenance{Source: glabella.SourceImported, Author: actor.Ref(), System: in.Layout.System, Document: file, RecordedAt: p.store.Now()}
	rows, err := in.rows(patient.Reading{Provenance: from})
	if err != nil {
		return ImportStatus{}, err
	}
	status := ImportStatus{File: file, State: patient.ImportStaged}
	plan := patient.Plan(rows, func(key string) (patient.KnownRow, bool, error) {
		row, ok := known[key]
		return row, ok, nil
	}, func(intake patient.Intake) ([]patient.Candidate, error) { return p.like(ctx, actor, intake, from) })
	n := 0
	var batch glabella.ImportID
	for chunk, err := range patient.Chunks(plan, patient.MaxChunk) {
		if err != nil {
			return status, err
		}
		receipt, err := run(ctx, p, actor, access.PatientImport, glabella.PatientID{}, chunkInput{Command: in.part(n), File: file, Chunk: n},
			func(ctx context.Context, w *work, c chunkInput, out *stagedChunk) (storage.Outcome, error) {
				by, err := w.staff()
				if err != nil {
					return failed(err)
				}
				m := patient.Import{ID: glabella.ImportID(w.NewUUID()), Batch: batch, Source: in.Layout.System, File: file, Layout: in.Layout.Name, LayoutDigest: digestOf(layout), Chunk: c.Chunk,
					State: patient.ImportStaged, StartedAt: w.Now(), By: by, Provenance: from}
				if batch.IsZero() {
					m.Batch = m.ID
				}
				for _, row := range chunk {
					m.Rows = append(m.Rows, row.Kept())
				}
				if m, err = w.Imports().Put(ctx, m); err != nil {
					return failed(err)
				}
				*out = stagedChunk{m.Batch, patient.ImportReport{}.Add(m)}
				return recorded("patient.import-staged", importEvent{Import: m.ID, File: file, Chunk: m.Chunk, Outcomes: out.Report.Outcomes})
			})
		if err != nil {
			return status, err
		}
		batch, status.Report = receipt.Batch, joinReports(status.Report, receipt.Report)
		n++
	}
	return status, nil
}

// stagedChunk is the receipt of a chunk that was staged.
type stagedChunk struct {
	Batch  glabella.ImportID    `json:"batch"`
	Report patient.ImportReport `json:"report"`
}

// importEvent is the event of a chunk that was staged or applied.
type importEvent struct {
	Import   glabella.ImportID             `json:"import"`
	File     string                        `json:"file"`
	Chunk    int                           `json:"chunk"`
	Outcomes map[patient.ImportOutcome]int `json:"outcomes"`
	Actions  map[patient.ImportAction]int  `json:"actions,omitempty"`
}

func joinReports(a, b patient.ImportReport) patient.ImportReport {
	add := func(to map[patient.ImportOutcome]int, from map[patient.ImportOutcome]int) map[patient.ImportOutcome]int {
		if to == nil {
			to = map[patient.ImportOutcome]int{}
		}
		for k, n := range from {
			to[k] += n
		}
		return to
	}
	a.Chunks, a.Rows = a.Chunks+b.Chunks, a.Rows+b.Rows
	a.Outcomes = add(a.Outcomes, b.Outcomes)
	if a.Actions == nil {
		a.Actions = map[patient.ImportAction]int{}
	}
	for k, n := range b.Actions {
		a.Actions[k] += n
	}
	if a.Codes == nil {
		a.Codes = map[glabella.Code]int{}
	}
	for k, n := range b.Codes {
		a.Codes[k] += n
	}
	a.Problems = append(a.Problems, b.Problems...)
	a.Problems = a.Problems[:min(len(a.Problems), patient.MaxProblems)]
	return a
}

// imported returns what became of the rows of earlier imports from a system, and
// whether the file waits to be applied.
func (p *Practice) imported(ctx context.Context, actor glabella.Actor, source, file string) (map[string]patient.KnownRow, bool, error) {
	known, staged := map[string]patient.KnownRow{}, false
	_, err := query(ctx, p, actor, access.PatientImport, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (bool, error) {
		var latest []patient.Import
		for m, err := range r.Imports().List(ctx, storage.ImportQuery{Source: source}) {
			if err != nil {
				return false, err
			}
			if m.File == file && m.State == patient.ImportStaged {
				staged = true
			}
			if m.State == patient.ImportApplied {
				latest = append(latest, m)
			}
		}
		slices.SortStableFunc(latest, func(a, b patient.Import) int { return a.FinishedAt.Compare(b.FinishedAt) })
		for _, m := range latest {
			for _, row := range m.Rows {
				if !row.Patient.IsZero() {
					known[row.Key] = patient.KnownRow{Patient: row.Patient, Digest: row.Digest}
				}
			}
		}
		return true, nil
	})
	return known, staged, err
}

// like returns the patients who may be the person of an intake.
func (p *Practice) like(ctx context.Context, actor glabella.Actor, in patient.Intake, from glabella.Provenance) ([]patient.Candidate, error) {
	who := patient.Patient{Names: in.Names, BirthDate: in.BirthDate, SexAtBirth: in.SexAtBirth, Gender: in.Gender, Contacts: in.Contacts, Addresses: in.Addresses, Identifiers: in.Identifiers, Provenance: from}
	if p.people != nil {
		return p.people.Duplicates(who, 5), nil
	}
	return query(ctx, p, actor, access.PatientImport, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]patient.Candidate, error) {
		return p.similar(ctx, r.Patients(), who)
	})
}

// ApplyImport is the input of [Practice.ApplyImport].
type ApplyImport struct {
	Command
	ImportFile
	Decisions patient.Decisions `json:"decisions"`
}

// ApplyImport carries a staged file over as was decided on its rows. Each chunk is
// a transaction: all of its patients are there, or none. The rows are read from the
// file again, which must be the one that was staged. Of rows that were new, one
// that meanwhile looks like a patient who is there, such as the same person twice
// in the file, is held for somebody to decide. Sent again, it goes on where it
// stopped.
func (p *Practice) ApplyImport(ctx context.Context, actor glabella.Actor, in ApplyImport) (ImportStatus, error) {
	file, err := in.digest()
	if err != nil {
		return ImportStatus{}, err
	}
	staged, err := query(ctx, p, actor, access.PatientImport, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]patient.Import, error) {
		return r.Imports().All(ctx, storage.ImportQuery{Source: in.Layout.System, File: file})
	})
	if err != nil {
		return ImportStatus{}, err
	}
	staged = slices.DeleteFunc(staged, func(m patient.Import) bool { return m.State == patient.ImportDiscarded })
	if len(staged) == 0 {
		return ImportStatus{}, glabella.Invalid("import", glabella.Issue{Path: "/file", Code: CodeImportNotStaged, Text: "the file is not staged"})
	}
	last := slices.MaxFunc(staged, func(a, b patient.Import) int { // staged again after it was applied
		return cmp.Or(a.StartedAt.Compare(b.StartedAt), bytes.Compare(a.Batch[:], b.Batch[:]))
	}).Batch
	staged = slices.DeleteFunc(staged, func(m patient.Import) bool { return m.Batch != last })
	slices.SortFunc(staged, func(a, b patient.Import) int { return a.Chunk - b.Chunk })
	rows, err := in.rows(patient.Reading{Provenance: staged[0].Provenance})
	if err != nil {
		return ImportStatus{}, err
	}
	next, stop := iter.Pull2(rows)
	defer stop()
	status := ImportStatus{File: file, State: patient.ImportApplied}
	for _, m := range staged {
		chunk := make([]patient.Row, 0, len(m.Rows))
		for range m.Rows {
			row, err, ok := next()
			if err != nil {
				return status, err
			}
			if !ok {
				return status, glabella.Invalid("import", glabella.Issue{Path: "/file", Code: CodeImportFile, Text: "the file has fewer rows than were staged"})
			}
			chunk = append(chunk, row)
		}
		if m.State == patient.ImportApplied {
			status.Report = joinReports(status.Report, patient.ImportReport{}.Add(m))
			continue
		}
		if err := p.catchUp(ctx); err != nil {
			return status, err
		}
		receipt, err := run(ctx, p, actor, access.PatientImport, glabella.PatientID{}, chunkInput{Command: in.part(m.Chunk), File: file, Chunk: m.Chunk},
			func(ctx context.Context, w *work, _ chunkInput, out *patient.ImportReport) (storage.Outcome, error) {
				return w.applyChunk(ctx, m, chunk, in.Decisions, out)
			})
		if err != nil {
			return status, err
		}
		status.Report = joinReports(status.Report, receipt)
	}
	return status, nil
}

// applyChunk carries over the rows of a chunk.
func (w *work) applyChunk(ctx context.Context, m patient.Import, rows []patient.Row, decisions patient.Decisions, out *patient.ImportReport) (storage.Outcome, error) {
	by, err := w.staff()
	if err != nil {
		return failed(err)
	}
	here := patient.NewIndex() // those of this chunk, whom nobody can find yet
	kept := slices.Clone(m.Rows)
	for i, row := range rows {
		if row.Digest != kept[i].Digest || row.Key != kept[i].Key || row.Number != kept[i].Number {
			return failed(glabella.Invalid("import", glabella.Issue{Path: fmt.Sprintf("/rows/%d", row.Number), Code: CodeImportFile, Text: "not the row that was staged"}))
		}
		planned := patient.PlannedRow{Row: row, Outcome: kept[i].Outcome, Patient: kept[i].Patient}
		who := patient.Patient{Names: row.Intake.Names, BirthDate: row.Intake.BirthDate, SexAtBirth: row.Intake.SexAtBirth, Gender: row.Intake.Gender, Contacts: row.Intake.Contacts, Addresses: row.Intake.Addresses, Identifiers: row.Intake.Identifiers}
		if planned.Outcome == patient.OutcomeNew || planned.Outcome == patient.OutcomeDuplicate {
			if planned.Candidates, err = w.p.similar(ctx, w.Patients().Seen, who); err != nil {
				return failed(err)
			}
		}
		decided, err := decisions.For(planned)
		if err != nil {
			return failed(err)
		}
		if planned.Outcome == patient.OutcomeNew && decided.Action == patient.ActionImport && (probable(planned.Candidates) || probable(here.Duplicates(who, 1))) {
			if _, own := decisions.Rows[row.Number]; !own {
				decided.Action = patient.ActionHold
			}
		}
		kept[i].Action = decided.Action
		switch decided.Action {
		case patient.ActionImport:
			registered, err := w.importPatient(ctx, m, row)
			if err != nil {
				return failed(err)
			}
			here.Put(registered)
			kept[i].Patient = registered.ID
		case patient.ActionPropose:
			from := m.Provenance
			from.RecordedAt = w.Now()
			if _, err := w.propose(ctx, kept[i].Patient, row.Intake, from); err != nil {
				return failed(err)
			}
		case patient.ActionLink:
			if kept[i].Patient, err = w.linkPatient(ctx, m.Source, row, decided.Patient); err != nil {
				return failed(err)
			}
		}
	}
	if m, err = m.Apply(kept, by, w.Now()); err != nil {
		return failed(err)
	}
	if m, err = w.Imports().Put(ctx, m); err != nil {
		return failed(err)
	}
	*out = patient.ImportReport{}.Add(m)
	return recorded("patient.import-applied", importEvent{Import: m.ID, File: m.File, Chunk: m.Chunk, Outcomes: out.Outcomes, Actions: out.Actions})
}

func probable(candidates []patient.Candidate) bool {
	return slices.ContainsFunc(candidates, func(c patient.Candidate) bool { return c.Match.Likelihood == patient.Probable })
}

// importPatient registers the person of a row.
func (w *work) importPatient(ctx context.Context, m patient.Import, row patient.Row) (patient.Patient, error) {
	ids := patient.IntakeIDs{Patient: glabella.PatientID(w.NewUUID())}
	for range row.Intake.Allergies {
		ids.Allergies = append(ids.Allergies, glabella.AllergyID(w.NewUUID()))
	}
	for range row.Intake.Medications {
		ids.Medications = append(ids.Medications, glabella.MedicationID(w.NewUUID()))
	}
	from := m.Provenance
	from.RecordedAt = w.Now()
	built, err := row.Intake.Build(ids, from)
	if err != nil {
		return patient.Patient{}, err
	}
	identified(&built.Patient, m.Source, row.Key)
	built.Patient.Tags = append(built.Patient.Tags, row.Tags...)
	if _, err := w.Patients().Put(ctx, built.Patient); err != nil {
		return patient.Patient{}, err
	}
	return built.Patient, w.putFacts(ctx, built)
}

// putFacts stores the allergies and medications that an intake has become.
func (w *work) putFacts(ctx context.Context, built patient.Built) error {
	for _, a := range built.Allergies {
		a.Classes = w.p.classesOf(a.Substance, a.Classes)
		if _, err := w.Allergies().Put(ctx, a); err != nil {
			return err
		}
	}
	for _, m := range built.Medications {
		m.Classes = w.p.classesOf(m.Substance, m.Classes)
		if _, err := w.Medications().Put(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// linkPatient gives the identity in the source to a patient who is there.
func (w *work) linkPatient(ctx context.Context, source string, row patient.Row, id glabella.PatientID) (glabella.PatientID, error) {
	there, err := w.Patients().Get(ctx, id)
	if err != nil {
		return id, err
	}
	identified(&there, source, row.Key)
	_, err = w.Patients().Put(ctx, there)
	return id, err
}

func identified(p *patient.Patient, source, key string) {
	id := patient.Identifier{System: source, Value: key}
	if !slices.ContainsFunc(p.Identifiers, func(have patient.Identifier) bool { return have.System == source && have.Value == key }) {
		p.Identifiers = append(slices.Clone(p.Identifiers), id)
	}
}

// DiscardImport is the input of [Practice.DiscardImport].
type DiscardImport struct {
	Command
	Source string `json:"source"`
	File   string `json:"file"` // SHA-256 of the file
}

// DiscardImport gives up what is staged of a file. What was applied stays.
func (p *Practice) DiscardImport(ctx context.Context, actor glabella.Actor, in DiscardImport) (ImportStatus, error) {
	return run(ctx, p, actor, access.PatientImport, glabella.PatientID{}, in, func(ctx context.Context, w *work, in DiscardImport, out *ImportStatus) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		chunks, err := w.Imports().All(ctx, storage.ImportQuery{Source: in.Source, File: in.File})
		if err != nil {
			return failed(err)
		}
		out.File, out.State = in.File, patient.ImportDiscarded
		for _, m := range chunks {
			if m.State != patient.ImportStaged {
				continue
			}
			if m, err = m.Discard(by, w.Now()); err != nil {
				return failed(err)
			}
			if m, err = w.Imports().Put(ctx, m); err != nil {
				return failed(err)
			}
			out.Report = out.Report.Add(m)
		}
		if out.Report.Chunks == 0 {
			return failed(glabella.Invalid("import", glabella.Issue{Path: "/file", Code: CodeImportNotStaged, Text: "the file is not staged"}))
		}
		return recorded("patient.import-discarded", importEvent{File: in.File, Outcomes: out.Report.Outcomes})
	})
}

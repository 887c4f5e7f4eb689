package practice_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/practice"
)

// legacy is a file as another system exports it, changed as f says.
func legacy(t testing.TB, f func([]byte) []byte) practice.ImportFile {
	t.Helper()
	layout, err := patient.ParseLayout("legacy-layout.json", must[[]byte](t)(os.ReadFile(filepath.Join("testdata", "legacy-layout.json"))))
	if err != nil {
		t.Fatal(err)
	}
	data := must[[]byte](t)(os.ReadFile(filepath.Join("testdata", "legacy.csv")))
	if f != nil {
		data = f(data)
	}
	return practice.ImportFile{Layout: layout, Open: func() (io.Reader, error) { return bytes.NewReader(data), nil }}
}

// decided imports what is new, holds what may be there, and skips what changed.
var decided = patient.Decisions{New: patient.ActionImport, Duplicate: patient.ActionHold, Changed: patient.ActionSkip}

func (c *clinic) staged(file practice.ImportFile) practice.ImportStatus {
	c.t.Helper()
	return must[practice.ImportStatus](c.t)(c.StageImport(c.t.Context(), c.Owner, practice.StageImport{ImportFile: file}))
}

func (c *clinic) applied(file practice.ImportFile, decisions patient.Decisions) practice.ImportStatus {
	c.t.Helper()
	return must[practice.ImportStatus](c.t)(c.ApplyImport(c.t.Context(), c.Owner, practice.ApplyImport{ImportFile: file, Decisions: decisions}))
}

func TestAFileIsImportedOnce(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	there := must[practice.Registered](t)(c.registers(person("Beatriz", "Ejemplo", "1961-09-06", ""))).Patient
	file := legacy(t, nil)
	staged := c.staged(file)
	want := map[patient.ImportOutcome]int{patient.OutcomeNew: 4, patient.OutcomeRefused: 4}
	if diff := cmp.Diff(want, staged.Report.Outcomes); diff != "" {
		t.Errorf("staged (-want +got):\n%s\n%v", diff, staged.Report)
	}
	for _, code := range []glabella.Code{patient.CodeImportDate, patient.CodeEmail, glabella.CodeRequired, glabella.CodeDuplicate} {
		if staged.Report.Codes[code] == 0 {
			t.Errorf("the report does not name %s: %v", code, staged.Report.Codes)
		}
	}
	if found := must[[]practice.Found](t)(c.FindPatients(ctx, c.Desk, patient.Query{Text: "okafor"})); len(found) != 0 {
		t.Error("what is staged is registered")
	}
	if _, err := c.StageImport(ctx, c.Owner, practice.StageImport{ImportFile: file}); !slices.Contains(codesOf(err), practice.CodeImportStaged) {
		t.Errorf("staged twice: %v", err)
	}

	applied := c.applied(file, decided)
	// The second record of one person waits for somebody to decide.
	if diff := cmp.Diff(map[patient.ImportAction]int{patient.ActionImport: 3, patient.ActionHold: 1, patient.ActionSkip: 4}, applied.Report.Actions); diff != "" {
		t.Errorf("applied (-want +got):\n%s", diff)
	}
	found := must[[]practice.Found](t)(c.FindPatients(ctx, c.Desk, patient.Query{Text: "bronte"}))
	if len(found) != 1 {
		t.Fatalf("%d patients are imported under the name", len(found))
	}
	chart := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, found[0].Patient.ID))
	if p := chart.Patient; p.Provenance.Source != glabella.SourceImported || p.Provenance.System != file.Layout.System || p.Contacts[0].Value != "+15125550142" ||
		!slices.Contains(p.Tags, "vip") || p.Identifiers[0].Value != "1001" || len(chart.Allergies) != 1 || chart.Allergies[0].Verification != patient.Unconfirmed {
		t.Errorf("imported: %+v with %v", p, chart.Allergies)
	}

	// The same file again changes nothing; nor does applying it again.
	before := len(c.journal())
	again := c.applied(file, decided)
	if diff := cmp.Diff(applied, again); diff != "" {
		t.Errorf("applied again (-first +again):\n%s", diff)
	}
	restaged := c.staged(file)
	if got := restaged.Report.Outcomes; got[patient.OutcomeSame] != 3 || got[patient.OutcomeNew] != 0 {
		t.Errorf("staged after it was applied: %v", got)
	}
	c.applied(file, decided)
	if found := must[[]practice.Found](t)(c.FindPatients(ctx, c.Desk, patient.Query{Text: "okafor"})); len(found) != 1 || len(c.journal()) == before {
		t.Errorf("%d patients after the file was imported again", len(found))
	}
	if there.IsZero() {
		t.Fatal("nobody")
	}
	c.verified()
}

func TestARowIsLinkedToWhoIsThere(t *testing.T) {
	t.Parallel()
	c := open(t)
	there := must[practice.Registered](t)(c.registers(person("Kwame", "Mfano", "1979-11-23", ""))).Patient
	file := legacy(t, nil)
	if got := c.staged(file).Report.Outcomes[patient.OutcomeDuplicate]; got != 1 {
		t.Fatalf("%d rows are like a patient who is there", got)
	}
	decisions := decided
	decisions.Rows = map[int]patient.RowDecision{8: {Action: patient.ActionLink, Patient: there}}
	c.applied(file, decisions)
	chart := must[practice.Chart](t)(c.Chart(t.Context(), c.Nurse, there)).Patient
	if !slices.ContainsFunc(chart.Identifiers, func(id patient.Identifier) bool { return id.System == file.Layout.System && id.Value == "1007" }) {
		t.Errorf("identifiers: %v", chart.Identifiers)
	}
	if got := c.staged(file).Report.Outcomes[patient.OutcomeSame]; got != 3 {
		t.Errorf("%d rows are known afterwards, want two that were imported and one that was linked", got)
	}
}

func TestBadImports(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	file := legacy(t, nil)
	if _, err := c.ApplyImport(ctx, c.Owner, practice.ApplyImport{ImportFile: file, Decisions: decided}); !slices.Contains(codesOf(err), practice.CodeImportNotStaged) {
		t.Errorf("applied without being staged: %v", err)
	}
	if _, err := c.StageImport(ctx, c.Nurse, practice.StageImport{ImportFile: file}); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("a nurse imports: %v", err)
	}
	tried := must[practice.ImportStatus](t)(c.StageImport(ctx, c.Owner, practice.StageImport{Command: practice.Command{DryRun: true}, ImportFile: file}))
	if tried.Report.Rows != 8 || c.last().Outcome != audit.DryRun {
		t.Errorf("tried: %v, journaled as %v", tried.Report, c.last().Outcome)
	}
	staged := c.staged(file)
	if _, err := c.ApplyImport(ctx, c.Owner, practice.ApplyImport{ImportFile: file}); !slices.Contains(codesOf(err), glabella.CodeRequired) {
		t.Errorf("applied without decisions: %v", err)
	}
	if found := must[[]practice.Found](t)(c.FindPatients(ctx, c.Desk, patient.Query{Text: "okafor"})); len(found) != 0 {
		t.Error("half of a chunk is registered")
	}
	other := legacy(t, func(b []byte) []byte { return bytes.Replace(b, []byte("Chidi"), []byte("Chidy"), 1) })
	if _, err := c.ApplyImport(ctx, c.Owner, practice.ApplyImport{ImportFile: other, Decisions: decided}); !slices.Contains(codesOf(err), practice.CodeImportNotStaged) {
		t.Errorf("another file is applied: %v", err)
	}
	must[practice.ImportStatus](t)(c.DiscardImport(ctx, c.Owner, practice.DiscardImport{Source: file.Layout.System, File: staged.File}))
	if _, err := c.ApplyImport(ctx, c.Owner, practice.ApplyImport{ImportFile: file, Decisions: decided}); !slices.Contains(codesOf(err), practice.CodeImportNotStaged) {
		t.Errorf("a discarded import is applied: %v", err)
	}
	if _, err := c.DiscardImport(ctx, c.Owner, practice.DiscardImport{Source: file.Layout.System, File: staged.File}); !slices.Contains(codesOf(err), practice.CodeImportNotStaged) {
		t.Errorf("discarded twice: %v", err)
	}
	c.staged(file)
	changed := c.applied(file, decided)
	if changed.Report.Actions[patient.ActionImport] == 0 {
		t.Error("nothing is imported after it was discarded and staged again")
	}
	if got := c.staged(other).Report.Outcomes[patient.OutcomeChanged]; got != 1 {
		t.Errorf("%d rows have changed since, want one", got)
	}
}

// Whatever form a file has, it takes one path: staged, reported, applied once.
func TestCardsAndResourcesAreImportedLikeTables(t *testing.T) {
	t.Parallel()
	const card = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:1\r\nFN:Ann Lake\r\nN:Lake;Ann;;;\r\nBDAY:19800102\r\nORG:Example\r\nEND:VCARD\r\n"
	const resource = `{"resourceType":"Patient","id":"1","name":[{"family":"Lake","given":["Ann"]}],"birthDate":"1980-01-02","maritalStatus":{"text":"married"}}` + "\n"
	for format, data := range map[practice.ImportFormat]string{
		practice.ImportVCard: card + strings.NewReplacer("UID:1", "UID:2", "19800102", "--0102").Replace(card),
		practice.ImportFHIR:  resource + strings.NewReplacer(`"id":"1"`, `"id":"2"`, "1980-01-02", "1980").Replace(resource),
	} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			c := open(t)
			file := practice.ImportFile{Format: format, Layout: patient.Layout{Name: "other", System: "urn:example:other", Region: "US"},
				Open: func() (io.Reader, error) { return strings.NewReader(data), nil }}
			staged := c.staged(file)
			if diff := cmp.Diff(map[patient.ImportOutcome]int{patient.OutcomeNew: 1, patient.OutcomeRefused: 1}, staged.Report.Outcomes); diff != "" {
				t.Errorf("staged (-want +got):\n%s", diff)
			}
			if staged.Report.Codes[patient.CodeImportUnread] == 0 || staged.Report.Codes[patient.CodeImportDate] != 1 {
				t.Errorf("the report names %v", staged.Report.Codes)
			}
			c.applied(file, decided)
			found := must[[]practice.Found](t)(c.FindPatients(t.Context(), c.Desk, patient.Query{Text: "lake ann"}))
			if len(found) != 1 {
				t.Fatalf("found %d patients, want the one that was right", len(found))
			}
			chart := must[practice.Chart](t)(c.Chart(t.Context(), c.Nurse, found[0].Patient.ID))
			if p := chart.Patient; p.Provenance.Source != glabella.SourceImported || p.Provenance.System != "urn:example:other" || p.BirthDate.String() != "1980-01-02" {
				t.Errorf("imported %+v", p)
			}
			again := c.staged(file)
			if again.Report.Outcomes[patient.OutcomeNew] != 0 {
				t.Errorf("staged again: %v", again.Report.Outcomes)
			}
		})
	}
	c := open(t)
	file := practice.ImportFile{Format: "xls", Layout: patient.Layout{Name: "other", System: "urn:example:other"}, Open: func() (io.Reader, error) { return strings.NewReader(""), nil }}
	if _, err := c.StageImport(t.Context(), c.Owner, practice.StageImport{ImportFile: file}); !slices.Contains(codesOf(err), glabella.CodeUnknownValue) {
		t.Errorf("a form that is not read: %v", err)
	}
}

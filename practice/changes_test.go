package practice_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
)

func TestWhatACommandChangedIsShownFieldByField(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := c.arrive(arrival{})
	of := func(action access.Action) audit.Record {
		t.Helper()
		all := c.journal()
		i := len(all) - 1
		for ; i >= 0 && (all[i].Action != string(action) || all[i].Outcome != audit.Done); i-- {
		}
		return all[i]
	}
	must[practice.Charted](t)(c.ChartTreatment(ctx, c.Nurse, practicetest.Chart(v)))
	charted := of(access.EncounterChart)

	got := must[[]practice.RecordChange](t)(c.ChangesOf(ctx, c.Director, charted.Seq))
	i := slices.IndexFunc(got, func(r practice.RecordChange) bool { return r.Record == v.Encounter.Ref() })
	if i < 0 || !got[i].Intact || got[i].Before == 0 || got[i].After != got[i].Before+1 {
		t.Fatalf("the changes: %+v, want the visit among them, as it was stored", got)
	}
	k := slices.IndexFunc(got[i].Fields, func(f practice.FieldChange) bool { return f.Field == "procedures" })
	if k < 0 {
		t.Fatalf("the fields: %+v, want the procedures", got[i].Fields)
	}
	if f := got[i].Fields[k]; f.Hidden || strings.Contains(string(f.Before), "botulinum-toxin") || !strings.Contains(string(f.After), "botulinum-toxin") {
		t.Errorf("the procedures: %s before and %s after", f.Before, f.After)
	}
	if last := c.last(); last.Subject != v.Patient.Ref() || !slices.Contains(last.Reads, v.Encounter.Ref()) {
		t.Errorf("the reading is journaled as %+v", last)
	}

	// The owner may read the journal and sees nothing clinical.
	got = must[[]practice.RecordChange](t)(c.ChangesOf(ctx, c.Owner, charted.Seq))
	for _, f := range got[i].Fields {
		if strings.Contains(string(f.After), "botulinum-toxin") {
			t.Errorf("the owner sees what was charted: %s", f.After)
		}
	}
	if k := slices.IndexFunc(got[i].Fields, func(f practice.FieldChange) bool { return f.Field == "procedures" }); k < 0 || !got[i].Fields[k].Hidden {
		t.Errorf("the owner is not told that something is hidden: %+v", got[i].Fields)
	}

	registered := of(access.PatientRegister)
	got = must[[]practice.RecordChange](t)(c.ChangesOf(ctx, c.Director, registered.Seq))
	if len(got) == 0 || got[0].Before != 0 || !slices.ContainsFunc(got[0].Fields, func(f practice.FieldChange) bool { return f.Field == "names" && f.Before == nil && f.After != nil }) {
		t.Errorf("what was registered: %+v, want every field with nothing before", got)
	}

	if _, err := c.ChangesOf(ctx, c.Director, 1<<40); !errors.Is(err, glabella.ErrNotFound) {
		t.Errorf("an entry that does not exist: %v", err)
	}
	if _, err := c.ChangesOf(ctx, c.Desk, charted.Seq); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("the front desk reads the journal: %v", err)
	}
	c.verified()
}

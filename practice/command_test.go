package practice_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/memory"
	"github.com/glabella-ehr/glabella/treatment"
)

func registration(key, given string) practice.RegisterPatient {
	in := intake()
	in.Names[0].Given = []string{given}
	return practice.RegisterPatient{Command: practice.Command{Key: key}, Intake: in, Source: glabella.Provenance{Source: glabella.SourcePatient}}
}

func TestTheSameCommandTwiceHasOneEffectAndOneReceipt(t *testing.T) {
	t.Parallel()
	c := open(t)
	first := must[practice.Registered](t)(c.RegisterPatient(t.Context(), c.Desk, registration("register-ada", "Ada")))
	left := c.leaves(func() {
		again := must[practice.Registered](t)(c.RegisterPatient(t.Context(), c.Desk, registration("register-ada", "Ada")))
		if diff := cmp.Diff(first, again); diff != "" {
			t.Errorf("receipts (-first +second):\n%s", diff)
		}
	})
	// The verification before it is journaled; the command is not.
	if len(left) != 0 {
		t.Errorf("the second time left %d journal records, want none: %v", len(left), left[0].Action)
	}
}

func TestAKeyThatIsUsedForOtherInputIsRefused(t *testing.T) {
	t.Parallel()
	c := open(t)
	must[practice.Registered](t)(c.RegisterPatient(t.Context(), c.Desk, registration("one", "Ada")))
	for _, tt := range []struct {
		name string
		do   func() error
	}{
		{"other input", func() error {
			_, err := c.RegisterPatient(t.Context(), c.Desk, registration("one", "Beatriz"))
			return err
		}},
		{"another command", func() error {
			in := delivery("A1")
			in.Key = "one"
			_, err := c.ReceiveStock(t.Context(), c.Store, in)
			return err
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			left := c.leaves(func() {
				if err := tt.do(); !errors.Is(err, glabella.ErrRefused) || !slices.Contains(codesOf(err), practice.CodeKeyReused) {
					t.Errorf("err = %v, want a refusal with %s", err, practice.CodeKeyReused)
				}
			})
			c.refusal(left, audit.Refused, practice.CodeKeyReused)
		})
	}
}

// race runs do in n goroutines that start together.
func race[T any](n int, do func() (T, error)) ([]T, []error) {
	out, errs := make([]T, n), make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			out[i], errs[i] = do()
		})
	}
	close(start)
	wg.Wait()
	return out, errs
}

func TestRacingCopiesOfACommandHaveOneEffect(t *testing.T) {
	t.Parallel()
	c := open(t)
	v := must[practicetest.Visit](t)(c.Prepare(t.Context(), 1))
	from := len(c.journal())
	receipts, errs := race(16, func() (practice.VisitCompleted, error) {
		return c.CompleteVisit(t.Context(), c.Nurse, practice.CompleteVisit{Command: practice.Command{Key: "complete"}, Encounter: v.Encounter})
	})
	for i := range receipts {
		if errs[i] != nil {
			t.Fatalf("copy %d: %v", i, errs[i])
		}
		if diff := cmp.Diff(receipts[0], receipts[i]); diff != "" {
			t.Errorf("receipt %d (-first +other):\n%s", i, diff)
		}
	}
	if got := len(c.journal()) - from; got != 1 {
		t.Errorf("%d journal records, want 1", got)
	}
	c.consistent()
}

func TestRacingCompletionsWithoutAKeyHaveExactlyOneSuccess(t *testing.T) {
	t.Parallel()
	c := open(t)
	v := must[practicetest.Visit](t)(c.Prepare(t.Context(), 1))
	from := len(c.journal())
	_, errs := race(16, func() (practice.VisitCompleted, error) {
		return c.CompleteVisit(t.Context(), c.Nurse, practice.CompleteVisit{Encounter: v.Encounter})
	})
	succeeded := 0
	for _, err := range errs {
		var transition *glabella.TransitionError
		switch {
		case err == nil:
			succeeded++
		case !errors.As(err, &transition):
			t.Errorf("err = %v, want a transition that is not possible", err)
		}
	}
	if succeeded != 1 {
		t.Errorf("%d completions succeeded, want 1", succeeded)
	}
	done := 0
	for _, r := range c.journal()[from:] {
		if r.Outcome == audit.Done {
			done++
		}
	}
	if done != 1 || len(c.journal())-from != 16 {
		t.Errorf("%d of %d journal records say that it was done, want 1 of 16", done, len(c.journal())-from)
	}
	c.consistent()
}

// consistent checks that the books, the stock and the journal agree.
func (c *clinic) consistent() {
	c.t.Helper()
	c.verified()
	books := must[practice.Agreement](c.t)(c.CheckBooks(c.t.Context(), c.Biller))
	if len(books.Differences) != 0 {
		c.t.Errorf("differences: %v", books.Differences)
	}
}

func TestAStaleVersionIsAConflict(t *testing.T) {
	t.Parallel()
	c := open(t)
	v := must[practicetest.Visit](t)(c.Prepare(t.Context(), 1))
	complete := func(version uint64) error {
		_, err := c.CompleteVisit(t.Context(), c.Nurse, practice.CompleteVisit{Command: practice.Command{IfVersion: version}, Encounter: v.Encounter})
		return err
	}
	left := c.leaves(func() {
		if err := complete(1); !errors.Is(err, glabella.ErrConflict) {
			t.Errorf("IfVersion 1 of a visit that has been charted: %v, want ErrConflict", err)
		}
	})
	c.refusal(left, audit.Failed, storage.CodeConflict)
	if err := complete(2); err != nil {
		t.Errorf("IfVersion 2: %v, want success", err)
	}
}

func TestAVersionThatIsNotComparedIsRefused(t *testing.T) {
	t.Parallel()
	c := open(t)
	left := c.leaves(func() {
		in := registration("", "Ada")
		in.IfVersion = 1
		got, err := c.RegisterPatient(t.Context(), c.Desk, in)
		if !errors.Is(err, glabella.ErrInvalid) || !slices.Contains(codesOf(err), practice.CodeVersionUnused) || !got.Patient.IsZero() {
			t.Errorf("RegisterPatient with IfVersion = %v, %v, want %s", got, err, practice.CodeVersionUnused)
		}
	})
	c.refusal(left, audit.Failed, practice.CodeVersionUnused)
}

func TestADryRunSaysWhatWouldHappenAndChangesNothing(t *testing.T) {
	t.Parallel()
	c := open(t)
	v := must[practicetest.Visit](t)(c.Prepare(t.Context(), 1))
	dry := practice.CompleteVisit{Command: practice.Command{Key: "complete", DryRun: true}, Encounter: v.Encounter}
	left := c.leaves(func() {
		got := must[practice.VisitCompleted](t)(c.CompleteVisit(t.Context(), c.Nurse, dry))
		if len(got.Movements) != 1 || got.Invoice.IsZero() || got.Version != 3 {
			t.Errorf("receipt = %+v, want one movement, an invoice and version 3", got)
		}
	})
	if len(left) != 1 || left[0].Outcome != audit.DryRun || len(left[0].Changes) != 0 || len(left[0].Events) != 0 || left[0].Subject != v.Patient.Ref() {
		t.Errorf("journal = %+v, want one dry run that concerns the patient, without changes and events", left)
	}
	dry.DryRun = false
	must[practice.VisitCompleted](t)(c.CompleteVisit(t.Context(), c.Nurse, dry))
	if got := c.last(); got.Outcome != audit.Done || len(got.Changes) == 0 {
		t.Errorf("the command after its dry run under the same key left %s with %d changes, want it done", got.Outcome, len(got.Changes))
	}
}

func TestADryRunOfWhatIsRefusedIsRefused(t *testing.T) {
	t.Parallel()
	c := open(t)
	left := c.leaves(func() {
		_, err := c.OpenVial(t.Context(), c.Nurse, practice.OpenVial{Command: practice.Command{DryRun: true}, Lot: "X"})
		if !slices.Contains(codesOf(err), practice.CodeLotUnknown) {
			t.Errorf("err = %v, want %s", err, practice.CodeLotUnknown)
		}
	})
	c.refusal(left, audit.Failed, practice.CodeLotUnknown)
}

func TestAWarningIsRefusedUntilItIsAcknowledged(t *testing.T) {
	t.Parallel()
	c := open(t)
	v := c.arrive(arrival{intake: func(in *patient.Intake) {
		in.Medications = []patient.IntakeMedication{{Substance: glabella.Coding{System: treatment.RxNorm, Code: "1596450", Display: "gentamicin"}}}
	}})
	chart := practicetest.Chart(v)
	left := c.leaves(func() {
		_, err := c.ChartTreatment(t.Context(), c.Nurse, chart)
		var refused *glabella.RefusedError
		if !errors.As(err, &refused) || refused.Decision.Outcome != glabella.Warn || !refused.Decision.Has(treatment.CodeAminoglycoside) {
			t.Fatalf("err = %v, want a warning of %s", err, treatment.CodeAminoglycoside)
		}
		if r := refused.Decision.Reasons[0]; r.Fix == "" || r.Source == "" || len(r.Refs) == 0 {
			t.Errorf("the reason has no fix, source or reference: %+v", r)
		}
	})
	c.refusal(left, audit.Refused, treatment.CodeAminoglycoside)

	chart.Acknowledge = []glabella.Code{treatment.CodeIntervalShort}
	if _, err := c.ChartTreatment(t.Context(), c.Nurse, chart); !errors.Is(err, glabella.ErrRefused) {
		t.Errorf("another warning acknowledged: %v, want a refusal", err)
	}

	chart.Acknowledge = []glabella.Code{treatment.CodeAminoglycoside}
	must[practice.Charted](t)(c.ChartTreatment(t.Context(), c.Nurse, chart))
	want := []glabella.Code{treatment.CodeAminoglycoside}
	if got := c.last(); !slices.Equal(got.Acknowledged, want) || !slices.Equal(journaledCodes(got), want) {
		t.Errorf("journaled: acknowledged %v, reasons %v, want %v for both", got.Acknowledged, journaledCodes(got), want)
	}
	seen := must[practice.Chart](t)(c.Chart(t.Context(), c.Nurse, v.Patient))
	if got := seen.Encounters[0].Procedures[0].Acknowledged; !slices.Equal(got, want) {
		t.Errorf("the procedure has %v acknowledged, want %v", got, want)
	}
}

func TestTheWarningsOfOpeningAVialAreJournaledWhenAcknowledged(t *testing.T) {
	t.Parallel()
	c := open(t)
	must[practice.Received](t)(c.ReceiveStock(t.Context(), c.Store, delivery("A1")))
	in := practice.OpenVial{Lot: "A1", DiluentVolume: quantity.MustParse("2.5 mL")}
	_, err := c.OpenVial(t.Context(), c.Nurse, in)
	warned := codesOf(err)
	if !errors.Is(err, glabella.ErrRefused) || len(warned) == 0 {
		t.Fatalf("OpenVial without the diluent's lot: %v, want a warning", err)
	}
	in.Acknowledge = warned
	must[practice.Opened](t)(c.OpenVial(t.Context(), c.Nurse, in))
	if got := c.last(); !slices.Equal(got.Acknowledged, warned) {
		t.Errorf("journaled: acknowledged %v, want %v", got.Acknowledged, warned)
	}
}

func TestWhoMayNotIsDeniedAndNothingElseHappens(t *testing.T) {
	t.Parallel()
	c := open(t)
	v := must[practicetest.Visit](t)(c.Prepare(t.Context(), 1))
	left := c.leaves(func() {
		_, err := c.CompleteVisit(t.Context(), c.Desk, practice.CompleteVisit{Encounter: v.Encounter})
		var denied *glabella.DeniedError
		if !errors.As(err, &denied) || !denied.Decision.Has(access.CodeRole) {
			t.Errorf("the front desk completes a visit: %v, want a denial with %s", err, access.CodeRole)
		}
	})
	c.refusal(left, audit.Denied, access.CodeRole)
	if got := left[0]; got.Actor.ID != c.Desk.ID || got.Action != string(access.EncounterComplete) {
		t.Errorf("journaled: %s by %s, want %s by the front desk", got.Action, got.Actor.ID, access.EncounterComplete)
	}
}

func TestAnUnknownActorIsDenied(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, tt := range []struct {
		name  string
		actor glabella.Actor
		code  glabella.Code
	}{
		{"nobody", glabella.Actor{}, access.CodeActor},
		{"staff that the practice does not have", glabella.StaffActor(glabella.DeriveID[glabella.StaffID]("stranger"), c.Site.ID), access.CodeStaffUnknown},
		{"a program that registers", glabella.SystemActor("import"), access.CodeRole},
	} {
		t.Run(tt.name, func(t *testing.T) {
			left := c.leaves(func() {
				_, err := c.RegisterPatient(t.Context(), tt.actor, registration("", "Ada"))
				if !errors.Is(err, glabella.ErrDenied) || !slices.Contains(codesOf(err), tt.code) {
					t.Errorf("err = %v, want a denial with %s", err, tt.code)
				}
			})
			c.refusal(left, audit.Denied, tt.code)
		})
	}
}

func TestARefusalIsJournaledWithAllCodesAndNoTexts(t *testing.T) {
	t.Parallel()
	c := open(t)
	v := c.arrive(arrival{consent: func(in *practice.RecordConsent) { in.Signature = nil }, intake: func(in *patient.Intake) {
		in.Medications = []patient.IntakeMedication{{Substance: glabella.Coding{System: treatment.RxNorm, Code: "1596450", Display: "gentamicin"}}}
	}})
	chart := practicetest.Chart(v)
	chart.Pregnant = treatment.PregnantYes
	_, err := c.ChartTreatment(t.Context(), c.Nurse, chart)
	var refused *glabella.RefusedError
	if !errors.As(err, &refused) || len(refused.Decision.Reasons) < 3 {
		t.Fatalf("err = %v, want a refusal with at least three reasons", err)
	}
	if diff := cmp.Diff(refused.Decision.Codes(), journaledCodes(c.last())); diff != "" {
		t.Errorf("codes (-error +journal):\n%s", diff)
	}
	all := c.journalBytes()
	entry := string(all[len(all)-1])
	for _, r := range refused.Decision.Reasons {
		for _, text := range []string{r.Text, r.Fix, r.Source} {
			if text != "" && strings.Contains(entry, text) {
				t.Errorf("the journal has the text %q", text)
			}
		}
	}
}

func TestABackendThatRunsEverythingTwiceGetsTheSameSingleEffect(t *testing.T) {
	t.Parallel()
	once, twice := open(t), openOn(t, rerunning{memory.New()})
	for _, c := range []*clinic{once, twice} {
		must[practicetest.Visit](t)(c.Visit(t.Context(), 1))
		c.consistent()
	}
	type step struct {
		Action                string
		Outcome               audit.Outcome
		Changes, Reads        int
		Events                []string
		Reasons, Acknowledged int
	}
	steps := func(c *clinic) (out []step) {
		for _, r := range c.journal() {
			s := step{Action: r.Action, Outcome: r.Outcome, Changes: len(r.Changes), Reads: len(r.Reads), Reasons: len(r.Reasons), Acknowledged: len(r.Acknowledged)}
			for _, e := range r.Events {
				s.Events = append(s.Events, e.Type)
			}
			out = append(out, s)
		}
		return out
	}
	if diff := cmp.Diff(steps(once), steps(twice)); diff != "" {
		t.Errorf("journals (-once +twice):\n%s", diff)
	}
	if diff := cmp.Diff(once.verified(), twice.verified()); diff != "" {
		t.Errorf("stored (-once +twice):\n%s", diff)
	}
}

func TestAFailureThatCannotBeJournaledSaysSo(t *testing.T) {
	t.Parallel()
	b := &failing{Backend: memory.New()}
	c := openOn(t, b)
	before, n := c.verified(), len(c.journal())
	b.set(true)
	got, err := c.RegisterPatient(t.Context(), c.Desk, registration("", "Ada"))
	b.set(false)
	if !errors.Is(err, errDisk) || !strings.Contains(err.Error(), "journal the failure") || !got.Patient.IsZero() {
		t.Errorf("RegisterPatient = %v, %v, want no receipt and both failures", got, err)
	}
	if after := c.journal(); len(after) != n {
		t.Errorf("%d journal records, want %d", len(after), n)
	}
	if diff := cmp.Diff(before, c.verified()); diff != "" {
		t.Errorf("stored (-before +after):\n%s", diff)
	}
}

func TestNewRefusesNoBackend(t *testing.T) {
	t.Parallel()
	if p, err := practice.New(nil, nil); !errors.Is(err, glabella.ErrInvalid) || p != nil {
		t.Errorf("New(nil) = %v, %v, want ErrInvalid", p, err)
	}
}

func TestACommandAtASiteNeedsTheActorsSite(t *testing.T) {
	t.Parallel()
	c := open(t)
	nowhere := c.Store
	nowhere.Site = glabella.SiteID{}
	left := c.leaves(func() {
		if _, err := c.ReceiveStock(t.Context(), nowhere, delivery("A1")); !slices.Contains(codesOf(err), practice.CodeSiteRequired) {
			t.Errorf("err = %v, want %s", err, practice.CodeSiteRequired)
		}
	})
	c.refusal(left, audit.Failed, practice.CodeSiteRequired)
}

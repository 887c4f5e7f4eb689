package practice

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage/memory"
	"github.com/glabella-ehr/glabella/treatment"
)

// longKnown is a patient who takes fifteen medications and has been there forty
// times, every fortnight, with four units of toxin each time.
func longKnown(t testing.TB) (*Practice, known, place, MayTreat, time.Time) {
	t.Helper()
	var rules []string // as many as make twenty with those of the template
	for i := range 7 {
		rules = append(rules, fmt.Sprintf(`{"code":"own-%d","match":{"conditions":["own-%d"],"medicationClasses":["own-%d"]},"level":"relative","basis":"common-practice","text":"own","fix":"own"}`, i, i, i))
	}
	set, err := treatment.BuiltIn().Load(fstest.MapFS{"own.json": {Data: []byte(`{"code":"own-toxin","version":1,"name":"Own","extends":{"code":"botulinum-toxin","version":1},"contraindications":[` + strings.Join(rules, ",") + `]}`)}}, "own.json")
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(memory.New(), &Options{Treatments: set})
	if err != nil {
		t.Fatal(err)
	}
	access20 := access.DefaultPolicy()
	access20.Treatments["own-toxin"] = access20.Treatments["botulinum-toxin"]
	pack, _ := config.PackFor("US-TX")
	policy := pack.Policy()
	policy.Orders, policy.OrdersSource = []string{"RN"}, "clinic policy"
	site := place{Site: config.Site{ID: glabella.DeriveID[glabella.SiteID]("site"), Zone: "America/Chicago", Jurisdiction: "US-TX", Policy: policy}}
	if site.zone, err = site.Location(); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, time.November, 23, 16, 0, 0, 0, time.UTC)
	since := glabella.MustParseDate("2020-01-01")
	nurse, who := glabella.DeriveID[glabella.StaffID]("nurse"), glabella.DeriveID[glabella.PatientID]("patient")
	form := consent.Form{ID: glabella.DeriveID[glabella.FormID]("form"), Code: "botulinum-toxin", Version: 1, Treatments: []string{"own-toxin"}, Strength: consent.MustAccept, Recurrence: consent.Once,
		Contents: []consent.Content{consent.NewContent("en", "Consent", "Text.")}, PublishedAt: now.AddDate(-2, 0, 0)}
	k := known{
		patient: patient.Patient{ID: who, BirthDate: glabella.MustParseDate("1980-02-03")}, rules: access20.MustCompile(), stock: glabella.Decide(),
		forms: []consent.Form{form},
		consents: []consent.Consent{{ID: glabella.DeriveID[glabella.ConsentID]("consent"), Patient: who, Form: form.ID, Code: form.Code, Version: 1, Language: "en", SHA256: form.Contents[0].SHA256,
			Decision: consent.Accepted, Informed: now.AddDate(0, -1, 0), Signature: &consent.Signature{Method: consent.Checkbox, By: consent.SignerPatient, At: now.AddDate(0, -1, 0)}}},
		clearances: []encounter.Clearance{{ID: glabella.DeriveID[glabella.ClearanceID]("exam"), Patient: who, Scope: []string{"own-toxin"}, Modality: encounter.InPerson, Decision: encounter.ClearedFor,
			Credential: encounter.Credential{Kind: "MD"}, ExaminedAt: now.AddDate(0, 0, -1), ValidUntil: glabella.DateOf(now).AddDays(300)}},
		orders: []encounter.StandingOrder{{ID: glabella.DeriveID[glabella.StandingOrderID]("order"), Credential: encounter.Credential{Kind: "MD"}, Treatments: []string{"own-toxin"}, DelegateKinds: []string{"RN"},
			Supervision: encounter.SupervisionNone, ValidFrom: since, ValidTo: glabella.DateOf(now).AddDays(300), State: encounter.OrderActive, IssuedAt: now.AddDate(-1, 0, 0)}},
		performer: access.Staff{ID: nurse, Roles: []access.Role{access.NurseInjector}, Credentials: []access.Credential{{Kind: "RN", Number: "1", Jurisdiction: "US-TX", ValidFrom: since}},
			Trainings: []access.Training{{Course: "neurotoxin", Completed: since}}},
	}
	for i := range 15 {
		k.medications = append(k.medications, patient.Medication{ID: glabella.DeriveID[glabella.MedicationID](fmt.Sprint(i)), Patient: who, Classes: []string{fmt.Sprintf("class-%d", i)}, Status: patient.MedicationActive, From: since})
	}
	four := quantity.MustParse("4 [arb'U]{onabotulinumtoxinA}")
	for i := range 40 {
		at := now.AddDate(0, 0, -14*(40-i))
		k.visits = append(k.visits, encounter.Encounter{ID: glabella.DeriveID[glabella.EncounterID](fmt.Sprint(i)), Patient: who, State: encounter.Finished, Procedures: []encounter.Procedure{{
			Record:      treatment.Record{Template: treatment.Ref{Code: "botulinum-toxin", Version: 1}, Product: "onabotulinumtoxinA", Values: map[string]string{"skin-type": "3"}},
			PerformedAt: at, Administrations: []encounter.Administration{{Product: "onabotulinumtoxinA", Quantity: four}},
		}}})
	}
	q := MayTreat{Patient: who, Treatment: "own-toxin", Product: "onabotulinumtoxinA", Performer: nurse, Pregnant: treatment.PregnantNo, Supervision: encounter.SupervisionAvailable}
	return p, k, site, q, now
}

func TestWhatWasGivenBeforeCounts(t *testing.T) {
	t.Parallel()
	p, k, site, q, now := longKnown(t)
	d, facts, err := p.mayTreat(k, site, q, now)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]glabella.Code{treatment.CodeIntervalShort}, d.Codes()); diff != "" {
		t.Errorf("MayTreat (-want +got):\n%s", diff)
	}
	// Three months before 23 November is 23 August: visits from 31 August on count.
	if got, want := facts.WindowUnits.String(), "24 [arb'U]{onabotulinumtoxinA}"; got != want {
		t.Errorf("given within the label's period: %s, want %s", got, want)
	}
	if facts.SkinType != 3 || len(facts.Done) != 40 || facts.LastTreated != glabella.DateOf(now).AddDays(-14) {
		t.Errorf("skin type %d, %d treatments, the last on %s", facts.SkinType, len(facts.Done), facts.LastTreated)
	}
}

func TestOtherUnitsStayApart(t *testing.T) {
	t.Parallel()
	p, k, site, q, now := longKnown(t)
	for i, amount := range []string{"30 [arb'U]{abobotulinumtoxinA}", "20 [arb'U]{abobotulinumtoxinA}", "10 [arb'U]{incobotulinumtoxinA}"} {
		proc := &k.visits[39-i].Procedures[0]
		proc.Administrations[0].Quantity = quantity.MustParse(amount)
		proc.Record.Product = proc.Administrations[0].Quantity.Unit().Product()
	}
	_, facts, err := p.mayTreat(k, site, q, now)
	if err != nil {
		t.Fatal(err)
	}
	var others []string
	for _, o := range facts.OtherUnits {
		others = append(others, o.String())
	}
	if diff := cmp.Diff([]string{"10 [arb'U]{incobotulinumtoxinA}", "50 [arb'U]{abobotulinumtoxinA}"}, others); diff != "" {
		t.Errorf("other products (-want +got):\n%s", diff)
	}
	if got, want := facts.WindowUnits.String(), "12 [arb'U]{onabotulinumtoxinA}"; got != want {
		t.Errorf("given of the product: %s, want %s", got, want)
	}
}

func TestOtherToxinsCountWhereALabelNamesNoSum(t *testing.T) {
	t.Parallel()
	p, k, site, q, now := longKnown(t)
	q.Product = "prabotulinumtoxinA"
	_, facts, err := p.mayTreat(k, site, q, now)
	if err != nil {
		t.Fatal(err)
	}
	// Ninety days before 23 November is 25 August: six visits since.
	if len(facts.OtherUnits) != 1 || facts.OtherUnits[0].String() != "24 [arb'U]{onabotulinumtoxinA}" || !facts.WindowUnits.IsZero() {
		t.Errorf("other toxins: %v, of the product: %s", facts.OtherUnits, facts.WindowUnits)
	}
}

func TestATreatmentWithoutProductHasItsIntervalToo(t *testing.T) {
	t.Parallel()
	p, k, site, q, now := longKnown(t)
	for i := range k.visits {
		k.visits[i].Procedures[0].Record = treatment.Record{Template: treatment.Ref{Code: "dermaplaning", Version: 1}}
		k.visits[i].Procedures[0].Administrations = nil
	}
	q.Treatment, q.Product = "dermaplaning", ""
	d, facts, err := p.mayTreat(k, site, q, now)
	if err != nil {
		t.Fatal(err)
	}
	if facts.LastTreated != glabella.DateOf(now).AddDays(-14) || !slices.Contains(d.Codes(), treatment.CodeIntervalShort) {
		t.Errorf("last treated on %s: %v", facts.LastTreated, d.Codes())
	}
}

func TestWhatEndedIsLookedBackFor(t *testing.T) {
	t.Parallel()
	p, k, site, q, now := longKnown(t)
	on := glabella.DateOf(now)
	k.medications = []patient.Medication{
		{Classes: []string{"ended"}, Status: patient.MedicationCompleted, To: on.AddDays(-30)},
		{Classes: []string{"wrong"}, Status: patient.MedicationEnteredInError, To: on.AddDays(-30)},
		{Classes: []string{"to-come"}, Status: patient.MedicationActive, From: on.AddDays(1)},
	}
	_, facts, err := p.mayTreat(k, site, q, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(facts.Medications) != 1 || facts.Medications[0].Classes[0] != "ended" || facts.Medications[0].Until != on.AddDays(-30) {
		t.Errorf("medications: %+v", facts.Medications)
	}
}

// BenchmarkMayTreat decides on a treatment once everything that is known of the
// patient has been read: fifteen medications and forty earlier visits.
func BenchmarkMayTreat(b *testing.B) {
	p, k, site, q, now := longKnown(b)
	b.ReportMetric(float64(len(p.template(q.Treatment).Contraindications)), "rules")
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := p.mayTreat(k, site, q, now); err != nil {
			b.Fatal(err)
		}
	}
}

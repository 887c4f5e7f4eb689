package encounter_test

import (
	"errors"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
)

func day(s string) glabella.Date { return glabella.MustParseDate(s) }

// exam is the n-th exam of the patient: it was on the n-th of October, clears
// them for the toxin, and holds for a year.
func exam(n int, changes ...func(*encounter.Clearance)) encounter.Clearance {
	at := time.Date(2026, time.October, n, 15, 0, 0, 0, time.UTC)
	c := encounter.Clearance{
		ID: id[glabella.ClearanceID](200 + n), Patient: patientID, Scope: []string{"botulinum-toxin"}, Products: []string{"onabotulinumtoxinA"}, Examiner: doctor,
		Credential: encounter.Credential{Kind: "NP", Number: "000007", Jurisdiction: "US-TX"}, Modality: encounter.SyncVideo, Decision: encounter.ClearedFor,
		ExaminedAt: at, ValidUntil: glabella.DateOf(at).Add(glabella.Period{Years: 1}),
		Provenance: glabella.Provenance{Source: glabella.SourceEntered, Author: doctor.Ref(), RecordedAt: at},
	}
	for _, change := range changes {
		change(&c)
	}
	return c
}

func decided(d encounter.ClearanceDecision) func(*encounter.Clearance) {
	return func(c *encounter.Clearance) { c.Decision = d }
}

func revokedAt(at time.Time) func(*encounter.Clearance) {
	return func(c *encounter.Clearance) { c.RevokedAt, c.RevokedReason = at, "new-diagnosis" }
}

func forFiller(c *encounter.Clearance) { c.Scope, c.Products = []string{"dermal-filler"}, nil }

func until(s string) func(*encounter.Clearance) {
	return func(c *encounter.Clearance) { c.ValidUntil = day(s) }
}

func TestEvaluateClearance(t *testing.T) {
	t.Parallel()
	chicago, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	notCleared, deferred := decided(encounter.NotCleared), decided(encounter.Deferred)
	nurseExam := func(c *encounter.Clearance) { c.Credential.Kind = "RN" }
	for _, tt := range []struct {
		name   string
		exams  []encounter.Clearance
		change func(*encounter.ClearanceFacts)
		want   []glabella.Code
		about  int // which exam the reasons are about
	}{
		{name: "cleared", exams: []encounter.Clearance{exam(1)}},
		{name: "not required", change: func(f *encounter.ClearanceFacts) { f.Required = false }},
		{name: "no exam", want: []glabella.Code{encounter.CodeClearanceMissing}},
		{name: "only the exam of someone else", exams: []encounter.Clearance{exam(1, func(c *encounter.Clearance) { c.Patient = id[glabella.PatientID](99) })}, want: []glabella.Code{encounter.CodeClearanceMissing}},
		{name: "examined only later", exams: []encounter.Clearance{exam(5)}, change: func(f *encounter.ClearanceFacts) { f.At = morning.AddDate(0, 0, -30) }, want: []glabella.Code{encounter.CodeClearanceMissing}},
		{name: "the last day", exams: []encounter.Clearance{exam(1, until("2026-11-03"))}},
		{name: "the day after the last", exams: []encounter.Clearance{exam(1, until("2026-11-02"))}, want: []glabella.Code{encounter.CodeClearanceExpired}, about: 1},
		{name: "the last day at the site, the next one in UTC", exams: []encounter.Clearance{exam(1, until("2026-11-03"))},
			change: func(f *encounter.ClearanceFacts) {
				f.At, f.Zone = time.Date(2026, 11, 4, 3, 0, 0, 0, time.UTC), chicago
			}},
		{name: "the day after the last in UTC, without a zone", exams: []encounter.Clearance{exam(1, until("2026-11-03"))},
			change: func(f *encounter.ClearanceFacts) { f.At, f.Zone = time.Date(2026, 11, 4, 3, 0, 0, 0, time.UTC), nil }, want: []glabella.Code{encounter.CodeClearanceExpired}, about: 1},
		{name: "another treatment", exams: []encounter.Clearance{exam(1, forFiller)}, want: []glabella.Code{encounter.CodeClearanceScope}, about: 1},
		{name: "another product", exams: []encounter.Clearance{exam(1)}, change: func(f *encounter.ClearanceFacts) { f.Product = "incobotulinumtoxinA" }, want: []glabella.Code{encounter.CodeClearanceScope}, about: 1},
		{name: "any product of the treatment", exams: []encounter.Clearance{exam(1, func(c *encounter.Clearance) { c.Products = nil })}, change: func(f *encounter.ClearanceFacts) { f.Product = "incobotulinumtoxinA" }},
		{name: "revoked", exams: []encounter.Clearance{exam(1, revokedAt(morning))}, want: []glabella.Code{encounter.CodeClearanceRevoked}, about: 1},
		{name: "revoked only later", exams: []encounter.Clearance{exam(1, revokedAt(morning.Add(time.Hour)))}},
		{name: "the examiner may not examine", exams: []encounter.Clearance{exam(1, nurseExam)}, want: []glabella.Code{encounter.CodeClearanceExaminer}, about: 1},
		{name: "anyone may examine", exams: []encounter.Clearance{exam(1, nurseExam)}, change: func(f *encounter.ClearanceFacts) { f.Examiners = nil }},
		{name: "health has changed since", exams: []encounter.Clearance{exam(1)}, change: func(f *encounter.ClearanceFacts) { f.MaterialChangeAt = morning.AddDate(0, 0, -1) }, want: []glabella.Code{encounter.CodeClearanceHealth}, about: 1},
		{name: "health had changed before", exams: []encounter.Clearance{exam(5)}, change: func(f *encounter.ClearanceFacts) { f.MaterialChangeAt = exam(4).ExaminedAt }},
		{name: "not cleared", exams: []encounter.Clearance{exam(1, notCleared)}, want: []glabella.Code{encounter.CodeNotCleared}, about: 1},
		{name: "deferred", exams: []encounter.Clearance{exam(1, deferred)}, want: []glabella.Code{encounter.CodeNotCleared}, about: 1},
		{name: "every reason at once", exams: []encounter.Clearance{exam(1, notCleared, forFiller, until("2026-10-02"), revokedAt(morning), nurseExam)},
			change: func(f *encounter.ClearanceFacts) { f.MaterialChangeAt = morning },
			want: []glabella.Code{encounter.CodeNotCleared, encounter.CodeClearanceScope, encounter.CodeClearanceExpired, encounter.CodeClearanceRevoked,
				encounter.CodeClearanceExaminer, encounter.CodeClearanceHealth}, about: 1},

		{name: "an older exam covers what a newer one does not", exams: []encounter.Clearance{exam(1), exam(2, forFiller)}},
		{name: "an older exam outlives a newer one", exams: []encounter.Clearance{exam(1), exam(2, until("2026-10-20"))}},
		{name: "cleared and later not cleared", exams: []encounter.Clearance{exam(1), exam(2, notCleared)}, want: []glabella.Code{encounter.CodeNotCleared}, about: 2},
		{name: "cleared and later deferred", exams: []encounter.Clearance{exam(2, deferred), exam(1)}, want: []glabella.Code{encounter.CodeNotCleared}, about: 2},
		{name: "cleared, and not cleared for something else", exams: []encounter.Clearance{exam(1), exam(2, notCleared, forFiller)}},
		{name: "cleared, and a refusal that was taken back", exams: []encounter.Clearance{exam(1), exam(2, notCleared, revokedAt(morning))}},
		{name: "not cleared and later cleared", exams: []encounter.Clearance{exam(1, notCleared), exam(2)}},
		{name: "cleared and not cleared at once", exams: []encounter.Clearance{exam(1, notCleared), exam(1)}, want: []glabella.Code{encounter.CodeNotCleared}, about: 1},
		{name: "not cleared, then cleared by someone who may not", exams: []encounter.Clearance{exam(1), exam(2, notCleared), exam(3, nurseExam)}, want: []glabella.Code{encounter.CodeClearanceExaminer}, about: 3},
		{name: "the nearest exam gives the reasons", exams: []encounter.Clearance{exam(1, until("2026-10-20")), exam(2, forFiller, until("2026-10-20"))}, want: []glabella.Code{encounter.CodeClearanceExpired}, about: 1},
		{name: "of two as near the later gives the reasons", exams: []encounter.Clearance{exam(2, forFiller), exam(1, until("2026-10-20"))}, want: []glabella.Code{encounter.CodeClearanceScope}, about: 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := facts(tt.exams...)
			if tt.change != nil {
				tt.change(&f)
			}
			d := encounter.EvaluateClearance(f)
			if got := d.Codes(); len(got) != len(tt.want) || !slices.Equal(got, tt.want) || d.Allowed() != (len(tt.want) == 0) {
				t.Errorf("EvaluateClearance = %v, want %v", d, tt.want)
			}
			for _, r := range d.Reasons {
				about := patientID.Ref()
				if tt.about > 0 {
					about = id[glabella.ClearanceID](200 + tt.about).Ref()
				}
				if r.Outcome != glabella.Deny || r.Fix == "" || r.Source != "clinic policy 3" || r.Args["treatment"] != "botulinum-toxin" || !cmp.Equal(r.Refs, []glabella.Ref{about}) {
					t.Errorf("reason %+v lacks its fix, source, argument or reference", r)
				}
			}
		})
	}
}

func facts(exams ...encounter.Clearance) encounter.ClearanceFacts {
	return encounter.ClearanceFacts{
		Required: true, Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA", Patient: patientID, Clearances: exams,
		At: morning, Zone: time.UTC, Examiners: []string{"MD", "DO", "NP", "PA"}, Source: "clinic policy 3",
	}
}

// The order of the exams does not matter, and an allowing answer always has an
// exam behind it that covers the treatment by itself.
func TestEvaluateClearanceProperty(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewSource(7))
	options := []func(*encounter.Clearance){
		decided(encounter.NotCleared), decided(encounter.Deferred), forFiller, until("2026-10-20"), revokedAt(morning),
		func(c *encounter.Clearance) { c.Credential.Kind = "RN" }, func(*encounter.Clearance) {},
	}
	allowed := 0
	for range 2000 {
		var exams []encounter.Clearance
		for n := range rnd.Intn(5) {
			exams = append(exams, exam(n+1, options[min(rnd.Intn(3*len(options)), len(options)-1)]))
		}
		f := facts(exams...)
		if rnd.Intn(3) == 0 {
			f.MaterialChangeAt = exam(1 + rnd.Intn(6)).ExaminedAt
		}
		d := encounter.EvaluateClearance(f)
		rnd.Shuffle(len(exams), func(i, j int) { exams[i], exams[j] = exams[j], exams[i] })
		if again := encounter.EvaluateClearance(f); !cmp.Equal(d, again) {
			t.Fatalf("EvaluateClearance = %v, in another order %v", d, again)
		}
		alone := slices.ContainsFunc(exams, func(c encounter.Clearance) bool {
			one := f
			one.Clearances = []encounter.Clearance{c}
			return encounter.EvaluateClearance(one).Allowed()
		})
		if d.Allowed() && !alone {
			t.Fatalf("EvaluateClearance allows, and no exam of %v covers the treatment", exams)
		}
		if !d.Allowed() && len(d.Reasons) == 0 {
			t.Fatal("EvaluateClearance denies without a reason")
		}
		if d.Allowed() {
			allowed++
		}
	}
	if allowed < 200 || allowed > 1800 {
		t.Errorf("%d of 2000 were allowed, which says little", allowed)
	}
}

func TestValidateClearance(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*encounter.Clearance)
		want   []place
	}{
		{name: "valid", change: func(*encounter.Clearance) {}},
		{name: "nothing is given", change: func(c *encounter.Clearance) { *c = encounter.Clearance{} }, want: []place{
			{"/credential/jurisdiction", glabella.CodeRequired}, {"/credential/kind", glabella.CodeRequired}, {"/credential/number", glabella.CodeRequired},
			{"/decision", glabella.CodeUnknownValue}, {"/examinedAt", glabella.CodeRequired}, {"/examiner", glabella.CodeRequired}, {"/id", glabella.CodeRequired},
			{"/modality", glabella.CodeUnknownValue}, {"/patient", glabella.CodeRequired}, {"/provenance/recordedAt", glabella.CodeRequired}, {"/provenance/source", glabella.CodeUnknownValue},
			{"/scope", glabella.CodeOutOfRange}, {"/validUntil", glabella.CodeRequired},
		}},
		{name: "ends before it begins", change: until("2026-09-29"), want: []place{{"/validUntil", glabella.CodeOutOfRange}}},
		{name: "revoked before it took place", change: revokedAt(exam(1).ExaminedAt.Add(-time.Second)), want: []place{{"/revokedAt", glabella.CodeOutOfRange}}},
		{name: "revoked without a reason", change: func(c *encounter.Clearance) { c.RevokedAt = morning }, want: []place{{"/revokedReason", glabella.CodeRequired}}},
		{name: "a reason without revocation", change: func(c *encounter.Clearance) { c.RevokedReason = "entered-in-error" }, want: []place{{"/revokedReason", glabella.CodeRequired}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, placesOf(t, exam(1, tt.change).Validate())); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	c, err := exam(1).Revoke(morning, "new-diagnosis")
	if err != nil || !c.RevokedAt.Equal(morning) || c.RevokedReason != "new-diagnosis" || c.Validate() != nil {
		t.Errorf("Revoke = %+v, %v", c, err)
	}
	var transition *glabella.TransitionError
	if again, err := c.Revoke(morning.Add(time.Hour), "other"); !errors.As(err, &transition) || !cmp.Equal(again, c) {
		t.Errorf("revoking twice = %v, want a transition error", err)
	}
	if c.Ref() != c.ID.Ref() {
		t.Errorf("Ref() = %v", c.Ref())
	}
}

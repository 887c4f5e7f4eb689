package encounter_test

import (
	"encoding/json"
	"errors"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/treatment"
)

// occlusion is an event that was noticed in the morning and is not managed yet.
func occlusion(changes ...func(*encounter.AdverseEvent)) encounter.AdverseEvent {
	e := encounter.AdverseEvent{
		ID: id[glabella.AdverseEventID](600), Patient: patientID, Encounter: visitID, Procedure: id[glabella.ProcedureID](102),
		EventDetails: encounter.EventDetails{
			Kind: "vascular-occlusion", Treatment: "dermal-filler", Region: "cheek", Side: left, Lots: []glabella.LotID{lotB, lotC}, Products: []string{"juvederm-voluma-xc"},
			OnsetAt: morning.Add(-5 * time.Minute), NoticedAt: morning, NoticedBy: encounter.NoticedByStaff, Grade: 3, Relation: encounter.Definite, Serious: true,
		},
		State: encounter.EventOpen, Outcome: encounter.OutcomeOngoing,
		Provenance: glabella.Provenance{Source: glabella.SourceEntered, Author: nurse.Ref(), RecordedAt: morning},
	}
	for _, change := range changes {
		change(&e)
	}
	return e
}

func TestAdverseEventValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*encounter.AdverseEvent)
		want   []string
	}{
		{name: "just noticed", change: func(*encounter.AdverseEvent) {}},
		{name: "the onset is not known", change: func(e *encounter.AdverseEvent) { e.OnsetAt = time.Time{} }},
		{name: "noticed before it began", change: func(e *encounter.AdverseEvent) { e.OnsetAt = morning.Add(time.Second) }, want: []string{"/noticedAt out-of-range"}},
		{name: "no grade", change: func(e *encounter.AdverseEvent) { e.Grade = 0 }, want: []string{"/grade out-of-range"}},
		{name: "no sixth grade", change: func(e *encounter.AdverseEvent) { e.Grade = 6 }, want: []string{"/grade out-of-range"}},
		{name: "a threat to life that is not serious", change: func(e *encounter.AdverseEvent) { e.Grade, e.Serious = 4, false }, want: []string{"/serious encounter.adverse-event.serious"}},
		{name: "a death that is ongoing", change: func(e *encounter.AdverseEvent) { e.Grade = 5 }, want: []string{"/outcome mismatch"}},
		{name: "no kind", change: func(e *encounter.AdverseEvent) { e.Kind = "" }, want: []string{"/kind required"}},
		{name: "no such side", change: func(e *encounter.AdverseEvent) { e.Side = "top" }, want: []string{"/side unknown-value"}},
		{name: "a lot twice", change: func(e *encounter.AdverseEvent) { e.Lots = []glabella.LotID{lotB, lotB} }, want: []string{"/lots/1 duplicate"}},
		{name: "a treatment of no visit", change: func(e *encounter.AdverseEvent) { e.Encounter = glabella.EncounterID{} }, want: []string{"/encounter required"}},
		{name: "after a visit elsewhere", change: func(e *encounter.AdverseEvent) {
			e.Encounter, e.Procedure = glabella.EncounterID{}, glabella.ProcedureID{}
		}},
		{name: "resolved and still going on", change: func(e *encounter.AdverseEvent) { e.State, e.EndedAt = encounter.EventResolved, morning }, want: []string{"/outcome mismatch"}},
		{name: "closed without a time and a reason", change: func(e *encounter.AdverseEvent) { e.State = encounter.EventClosed }, want: []string{"/endedAt mismatch", "/reason mismatch"}},
		{name: "steps of no checklist", change: func(e *encounter.AdverseEvent) {
			e.Steps = []encounter.StepTaken{{Code: "stop", At: morning, By: nurse}}
		}, want: []string{"/checklist required"}},
		{name: "a report to nobody", change: func(e *encounter.AdverseEvent) { e.Reports = []encounter.SafetyReport{{At: morning, By: nurse}} }, want: []string{"/reports/0 required"}},
		{name: "an action that nobody took", change: func(e *encounter.AdverseEvent) {
			e.Actions = []encounter.EventAction{{Code: "warm-compress", At: morning}}
		}, want: []string{"/actions/0 required"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := occlusion(tt.change)
			if diff := cmp.Diff(tt.want, issuePlaces(t, e.Validate())); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAdverseEventIsManagedResolvedAndReopened(t *testing.T) {
	t.Parallel()
	ok := must[encounter.AdverseEvent](t)
	list, found := encounter.ChecklistFor(encounter.Checklists(), "vascular-occlusion")
	if !found {
		t.Fatal("no checklist for a vascular occlusion")
	}
	open := occlusion()
	e := ok(open.Tick(list, encounter.StepTaken{Code: "stop", At: morning, By: nurse}))
	e = ok(e.Take(encounter.EventAction{Code: "warm-compress", By: nurse, At: morning.Add(time.Minute)}))
	if e.State != encounter.EventManaged || e.Checklist != list.Ref() || open.State != encounter.EventOpen || len(open.Steps) != 0 {
		t.Errorf("managed: %+v, from %+v", e, open)
	}
	_, err := e.Tick(list, encounter.StepTaken{Code: "adrenaline", At: morning, By: nurse})
	if diff := cmp.Diff([]glabella.Code{encounter.CodeChecklistStep}, codesOf(t, err)); diff != "" {
		t.Errorf("Tick of a step that is not on the list (-want +got):\n%s", diff)
	}
	other, _ := encounter.ChecklistFor(encounter.Checklists(), "anaphylaxis")
	_, err = e.Tick(other, encounter.StepTaken{Code: "stop", At: morning, By: nurse})
	if diff := cmp.Diff([]glabella.Code{encounter.CodeChecklistStep}, codesOf(t, err)); diff != "" {
		t.Errorf("Tick of another list (-want +got):\n%s", diff)
	}
	if _, err := e.Resolve(morning, encounter.OutcomeOngoing); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Resolve while ongoing: error %v, want ErrInvalid", err)
	}
	e = ok(e.Resolve(morning.Add(48*time.Hour), encounter.OutcomeResolved))
	e = e.File(encounter.SafetyReport{To: encounter.ReportToFDA, At: morning.Add(72 * time.Hour), By: doctor, Reference: "EX-1"})
	if err := e.Validate(); err != nil {
		t.Error(err)
	}
	var transition *glabella.TransitionError
	if _, err := e.Take(encounter.EventAction{Code: "massage", By: nurse, At: morning}); !errors.As(err, &transition) {
		t.Errorf("Take after Resolve: error %v, want a TransitionError", err)
	}
	a := encounter.RecordAmendment{By: doctor, At: morning.Add(96 * time.Hour), Reason: "came-back"}
	e = ok(e.Reopen(a))
	details := e.EventDetails
	details.Grade, details.Lots = 2, []glabella.LotID{lotB}
	amended := ok(e.Amend(a, details))
	details.Lots[0] = lotA
	if amended.Grade != 2 || amended.Lots[0] != lotB || e.Grade != 3 || len(amended.Amendments) != 2 {
		t.Errorf("Amend = %+v, from %+v", amended.EventDetails, e.EventDetails)
	}
	if _, err := e.Amend(encounter.RecordAmendment{}, details); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Amend by nobody: error %v, want ErrInvalid", err)
	}
	closed := ok(amended.Close(morning.Add(100*time.Hour), encounter.OutcomeUnknown, "lost-to-follow-up"))
	if err := closed.Validate(); err != nil {
		t.Error(err)
	}
	roundTrip(t, closed)
	if _, err := amended.Close(morning, encounter.OutcomeUnknown, ""); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Close without a reason: error %v, want ErrInvalid", err)
	}
	want := encounter.AdverseEventReported{Event: open.ID, Patient: patientID, Encounter: visitID, Procedure: id[glabella.ProcedureID](102), Kind: "vascular-occlusion", Grade: 3, Serious: true, Lots: []glabella.LotID{lotB, lotC}}
	if diff := cmp.Diff(want, open.Event()); diff != "" {
		t.Errorf("Event (-want +got):\n%s", diff)
	}
}

func stepCodes(steps []encounter.ChecklistStep) []string {
	var out []string
	for _, s := range steps {
		out = append(out, s.Code)
	}
	return out
}

func TestChecklistProgress(t *testing.T) {
	t.Parallel()
	c := encounter.Checklist{Code: "example", Version: 1, Name: "Example", Kinds: []string{"example"}, Steps: []encounter.ChecklistStep{
		{Code: "stop", Text: "Stop.", When: encounter.StepAtOnce, Required: true, Basis: treatment.BasisCommonPractice},
		{Code: "look", Text: "Look again.", When: encounter.StepWithin, Minutes: 60, Required: true, Basis: treatment.BasisCommonPractice},
		{Code: "photo", Text: "Photograph.", When: encounter.StepWithin, Minutes: 10, Basis: treatment.BasisCommonPractice},
		{Code: "report", Text: "Report.", When: encounter.StepLater, Required: true, Basis: treatment.BasisCommonPractice},
	}}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	at := func(minutes int) time.Time { return morning.Add(time.Duration(minutes) * time.Minute) }
	taken := func(code string, minutes int) encounter.StepTaken {
		return encounter.StepTaken{Code: code, At: at(minutes), By: nurse}
	}
	for _, tt := range []struct {
		name             string
		taken            []encounter.StepTaken
		now              int
		missing, overdue []string
	}{
		{name: "at once is late from the first moment", now: 0, missing: []string{"stop", "look", "photo", "report"}, overdue: []string{"stop"}},
		{name: "within its time a step is not late", taken: []encounter.StepTaken{taken("stop", 0)}, now: 60, missing: []string{"look", "photo", "report"}},
		{name: "after it, it is", taken: []encounter.StepTaken{taken("stop", 0)}, now: 61, missing: []string{"look", "photo", "report"}, overdue: []string{"look"}},
		{name: "a step with no time is never late", taken: []encounter.StepTaken{taken("look", 20), taken("stop", 1)}, now: 100000, missing: []string{"photo", "report"}},
		{name: "steps of the future and of other lists do not count", taken: []encounter.StepTaken{taken("stop", 5), taken("adrenaline", 0)}, now: 4, missing: []string{"stop", "look", "photo", "report"}, overdue: []string{"stop"}},
		{name: "everything taken", taken: []encounter.StepTaken{taken("stop", 0), taken("look", 0), taken("photo", 0), taken("report", 0)}, now: 100},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			missing, overdue := c.Progress(morning, tt.taken, at(tt.now))
			if diff := cmp.Diff([][]string{tt.missing, tt.overdue}, [][]string{stepCodes(missing), stepCodes(overdue)}); diff != "" {
				t.Errorf("Progress: missing and overdue (-want +got):\n%s", diff)
			}
		})
	}
}

// dose is what an amount of something to give would look like.
var dose = regexp.MustCompile(`(?i)[0-9]+(\.[0-9]+)? ?(mg|mcg|ug|µg|g|ml|cc|iu|u|units?|%|drops?|puffs?|l/min)\b`)

func TestBuiltInChecklists(t *testing.T) {
	t.Parallel()
	all := encounter.Checklists()
	for _, kind := range []string{"vascular-occlusion", "anaphylaxis", "visual-loss", "eyelid-ptosis", "spread-of-effect", "burn", "paradoxical-adipose-hyperplasia", "infection"} {
		if _, ok := encounter.ChecklistFor(all, kind); !ok {
			t.Errorf("no checklist for %s", kind)
		}
	}
	if c, ok := encounter.ChecklistFor(all, "headache"); ok {
		t.Errorf("ChecklistFor(headache) = %s", c.Code)
	}
	kinds := map[string]string{}
	for _, c := range all {
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
		for _, kind := range c.Kinds {
			if kinds[kind] != "" {
				t.Errorf("%s is on %s and on %s", kind, kinds[kind], c.Code)
			}
			kinds[kind] = c.Code
		}
		for _, s := range c.Steps {
			if m := dose.FindString(s.Text); m != "" {
				t.Errorf("%s/%s names a dose: %q", c.Code, s.Code, m)
			}
			if s.Minutes > 0 && s.Basis == treatment.BasisCommonPractice {
				t.Errorf("%s/%s sets a time that rests on common practice", c.Code, s.Code)
			}
		}
	}
	all[0].Steps[0].Text, all[0].Kinds[0] = "changed", "changed"
	if again := encounter.Checklists(); again[0].Steps[0].Text == "changed" || again[0].Kinds[0] == "changed" {
		t.Error("a caller can change the built-in checklists")
	}
}

func TestParseChecklists(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"no step", `[{"code":"x","version":1,"name":"X","kinds":["x"],"steps":[]}]`, "/steps"},
		{"a time without minutes", `[{"code":"x","version":1,"name":"X","kinds":["x"],"steps":[{"code":"a","text":"A.","when":"within","required":true,"basis":"common-practice"}]}]`, "/steps/0/minutes"},
		{"a guideline without a citation", `[{"code":"x","version":1,"name":"X","kinds":["x"],"steps":[{"code":"a","text":"A.","when":"later","required":true,"basis":"guideline"}]}]`, "/steps/0/source"},
		{"a step twice", `[{"code":"x","version":1,"name":"X","kinds":["x"],"steps":[{"code":"a","text":"A.","when":"later","required":true,"basis":"common-practice"},{"code":"a","text":"A.","when":"later","required":true,"basis":"common-practice"}]}]`, "/steps/1/code"},
		{"an unknown member", `[{"code":"x","dose":"1 mg"}]`, "/0/dose"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := encounter.ParseChecklists("own.json", []byte(tt.text))
			var invalid *glabella.ValidationError
			if !errors.As(err, &invalid) || len(got) != 0 || len(invalid.Issues) != 1 || invalid.Issues[0].Path != tt.want {
				t.Errorf("ParseChecklists = %v, %v, want one issue at %s", got, err, tt.want)
			}
		})
	}
}

func FuzzParseChecklists(f *testing.F) {
	text, err := json.Marshal(encounter.Checklists()[:1])
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`[]`))
	f.Add([]byte(`[{"code":"x","steps":null}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := encounter.ParseChecklists("fuzz", data)
		if err != nil {
			if !errors.Is(err, glabella.ErrInvalid) {
				t.Errorf("error %v is not ErrInvalid", err)
			}
			return
		}
		for _, c := range all {
			if err := c.Validate(); err != nil {
				t.Errorf("read a checklist that is not sound: %v", err)
			}
		}
		text, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		again, err := encounter.ParseChecklists("fuzz", text)
		if err != nil {
			t.Fatalf("what was read is not read again: %v", err)
		}
		if diff := cmp.Diff(all, again); diff != "" {
			t.Errorf("after a round trip (-want +got):\n%s", diff)
		}
	})
}

func TestReportDue(t *testing.T) {
	t.Parallel()
	board := encounter.ReportRule{To: "state-board", Jurisdiction: "US-XX", SeriousOnly: true, Mandatory: true, Days: 10, Basis: treatment.BasisRegulation, Source: "Example Code, section 7"}
	sooner := encounter.ReportRule{To: "state-board", Kinds: []string{"vascular-occlusion"}, Mandatory: true, Days: 3, Basis: treatment.BasisRegulation, Source: "Example Code, section 8"}
	mild := func(e *encounter.AdverseEvent) { e.Kind, e.Grade, e.Serious = "bruise", 1, false }
	for _, tt := range []struct {
		name   string
		change func(*encounter.AdverseEvent)
		rules  []encounter.ReportRule
		want   []string
	}{
		{name: "serious, in the United States", rules: encounter.ReportRules("US-TX"), want: []string{"fda-medwatch", "manufacturer"}},
		{name: "serious, in the United Kingdom", rules: encounter.ReportRules("GB"), want: []string{"mhra-yellow-card", "manufacturer"}},
		{name: "serious, elsewhere", rules: encounter.ReportRules(""), want: []string{"manufacturer"}},
		{name: "mild", change: mild, rules: encounter.ReportRules("US"), want: []string{"manufacturer"}},
		{name: "a burn by radiofrequency microneedling, though not serious", change: func(e *encounter.AdverseEvent) {
			mild(e)
			e.Kind, e.Treatment, e.Lots, e.Products = "burn", "rf-microneedling", nil, nil
		}, rules: encounter.ReportRules("US"), want: []string{"fda-medwatch"}},
		{name: "unrelated to the treatment", change: func(e *encounter.AdverseEvent) { e.Relation = encounter.Unrelated }, rules: encounter.ReportRules("US")},
		{name: "filed already", change: func(e *encounter.AdverseEvent) {
			e.Reports = []encounter.SafetyReport{{To: encounter.ReportToFDA, At: morning, By: nurse}}
		}, rules: encounter.ReportRules("US"), want: []string{"manufacturer"}},
		{name: "the sooner of two duties", rules: []encounter.ReportRule{board, sooner}, want: []string{"state-board by 2026-11-06"}},
		{name: "the sooner of two duties, in the other order", rules: []encounter.ReportRule{sooner, board}, want: []string{"state-board by 2026-11-06"}},
		{name: "a duty before a wish", rules: []encounter.ReportRule{{To: "state-board", Days: 1, Basis: treatment.BasisCommonPractice}, board}, want: []string{"state-board by 2026-11-13"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := occlusion()
			if tt.change != nil {
				tt.change(&e)
			}
			var got []string
			for _, d := range encounter.ReportDue(e, tt.rules) {
				got = append(got, d.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("ReportDue (-want +got):\n%s", diff)
			}
		})
	}
	for _, jurisdiction := range []string{"US", "GB", ""} {
		for _, r := range encounter.ReportRules(jurisdiction) {
			if issues := r.Validate(""); len(issues) > 0 {
				t.Errorf("rule for %s: %v", r.To, issues)
			}
		}
	}
	invented := encounter.ReportRule{To: "x", Mandatory: true, Days: -1, Basis: treatment.BasisCommonPractice}
	if diff := cmp.Diff([]string{"/r/days out-of-range", "/r/mandatory mismatch"}, issuesAt(invented.Validate("/r"))); diff != "" {
		t.Errorf("Validate of a duty that rests on no law (-want +got):\n%s", diff)
	}
}

func TestEnumsOfRecordsAroundTheVisit(t *testing.T) {
	t.Parallel()
	checkEnum(t, encounter.Raters())
	checkEnum(t, encounter.VitalSigns())
	checkEnum(t, encounter.PlanKinds())
	checkEnum(t, encounter.SeriesStates())
	checkEnum(t, encounter.StepStates())
	checkEnum(t, encounter.OrderStates())
	checkEnum(t, encounter.Supervisions())
	checkEnum(t, encounter.AdverseEventStates())
	checkEnum(t, encounter.NoticedBys())
	checkEnum(t, encounter.Relations())
	checkEnum(t, encounter.EventOutcomes())
	checkEnum(t, encounter.StepTimings())
}

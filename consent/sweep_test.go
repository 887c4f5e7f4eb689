package consent_test

import (
	"math/rand"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

var manager = glabella.StaffID{0: 5, 15: 9}

func TestSweepAfterARevocation(t *testing.T) {
	t.Parallel()
	revoked := permits(1, revokedOn("2026-05-01"))
	social := permits(2, func(p *consent.Permission) { p.Channels = []consent.PublicationChannel{consent.PublishSocial} })
	scheduled, err := draft(2).Schedule(day("2026-05-05"))
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := consent.Copy{Where: "https://elsewhere.example/1", FoundAt: day("2026-04-01")}
	asked := consent.Copy{Where: "https://elsewhere.example/2", FoundAt: day("2026-04-01"), InformedAt: day("2026-04-02")}
	live := published(t, 3).Found(elsewhere).Found(asked)
	down, err := published(t, 4).Found(elsewhere).TakeDown(day("2026-04-01"), nurse, "", "")
	if err != nil {
		t.Fatal(err)
	}
	cancelled, err := draft(5).Cancel(day("2026-04-01"), "")
	if err != nil {
		t.Fatal(err)
	}
	permitted, err := draft(6, func(p *consent.Publication) { p.Channel = consent.PublishSocial }).Publish(asOf("2026-03-02", social), "post-1", nurse)
	if err != nil {
		t.Fatal(err)
	}
	never := published(t, 7)
	never.Tagged, never.PublishedAt = true, day("2026-02-01")
	f := consent.SweepFacts{
		Publish:      asOf("2026-05-01", revoked, social),
		Publications: []consent.Publication{draft(1), scheduled, live, down, cancelled, permitted, never},
		TakedownDays: 2,
	}
	steps := consent.Sweep(f)
	due := glabella.MustParseDate("2026-05-03")
	want := []consent.Step{
		{Kind: consent.StepCancel, Publication: publicationID(1)},
		{Kind: consent.StepCancel, Publication: publicationID(2)},
		{Kind: consent.StepTakeDown, Publication: publicationID(3), Owner: nurse, DueOn: due, Relied: true},
		{Kind: consent.StepCopies, Publication: publicationID(3), Copies: []consent.Copy{elsewhere}, Relied: true},
		{Kind: consent.StepCopies, Publication: publicationID(4), Copies: []consent.Copy{elsewhere}, Relied: true},
		{Kind: consent.StepTakeDown, Publication: publicationID(7), Owner: nurse, DueOn: due},
	}
	if diff := cmp.Diff(want, steps, cmpopts.IgnoreFields(consent.Step{}, "Decision")); diff != "" {
		t.Fatalf("steps (-want +got):\n%s", diff)
	}
	if got := steps[2].Decision.String(); got != "deny: consent.photo.revoked" || steps[2].Cause() != consent.CodePhotoRevoked {
		t.Errorf("decision = %s", got)
	}

	if got, want := consent.Progress(steps, f.Publications, due), (consent.SweepProgress{TakenDown: 1, Waiting: 4, Asked: 1, Unasked: 2}); got != want {
		t.Errorf("before: %+v, want %+v", got, want)
	}
	after := apply(t, f.Publications, steps, f)
	if got, want := consent.Progress(steps, after, due), (consent.SweepProgress{Cancelled: 2, TakenDown: 1, Due: 2, Asked: 1, Unasked: 2}); got != want {
		t.Errorf("applied: %+v, want %+v", got, want)
	}
	if got := consent.Progress(steps, after, due.AddDays(1)); got.Overdue != 2 || got.Due != 2 {
		t.Errorf("a day late: %+v", got)
	}
	f.Publications = after
	for _, s := range consent.Sweep(f) {
		if s.Kind != consent.StepCopies {
			t.Errorf("after it was applied, the sweep wants %s of %s", s.Kind, s.Publication)
		}
	}
	for i, p := range after {
		if p.State == consent.PublicationTakedownDue {
			p, err := p.TakeDown(day("2026-05-02"), manager, "", "")
			if err != nil {
				t.Fatal(err)
			}
			after[i] = p
		}
		after[i] = after[i].Informed(elsewhere.Where, day("2026-05-02"))
	}
	if got := consent.Progress(steps, after, due); !got.Done() || got.TakenDown != 3 || got.Asked != 3 {
		t.Errorf("in the end: %+v, want it done", got)
	}
	if got := consent.Progress(steps, nil, due); got.Waiting != 5 || got.Done() {
		t.Errorf("without the publications: %+v", got)
	}
}

// apply returns the publications with every step applied.
func apply(t *testing.T, publications []consent.Publication, steps []consent.Step, f consent.SweepFacts) []consent.Publication {
	t.Helper()
	out := append([]consent.Publication(nil), publications...)
	for _, s := range steps {
		for i, p := range out {
			if p.ID != s.Publication {
				continue
			}
			next, err := p.Apply(s, f.Publish.At)
			if err != nil {
				t.Fatal(err)
			}
			if err := next.Validate(); err != nil {
				t.Fatal(err)
			}
			out[i] = next
		}
	}
	return out
}

func TestSweepAfterOtherChanges(t *testing.T) {
	t.Parallel()
	one := func(s []consent.Step) consent.Step {
		t.Helper()
		if len(s) != 1 {
			t.Fatalf("steps = %v, want one", s)
		}
		return s[0]
	}
	f := consent.SweepFacts{Publish: asOf("2026-05-01", permits(1)), Publications: []consent.Publication{published(t, 1)}, Owner: manager, TakedownDays: -3}
	if got := consent.Sweep(f); len(got) != 0 {
		t.Fatalf("nothing has changed, and %v", got)
	}

	f.Retracted = []glabella.PhotoID{brow}
	if s := one(consent.Sweep(f)); s.Cause() != consent.CodePhotoRetracted || s.Owner != manager || s.DueOn != glabella.MustParseDate("2026-05-01") || !s.Relied {
		t.Errorf("a retracted photograph: %+v", s)
	}
	f.Retracted = nil

	f.Publish.Authorizations = authorized(func(a *consent.AuthorizationFact) { a.RevokedAt = day("2026-04-30") })
	if s := one(consent.Sweep(f)); s.Cause() != consent.CodePhotoAuthorizationEnded {
		t.Errorf("a revoked authorization: %+v", s)
	}

	f.Publish = asOf("2026-05-01", permits(1, func(p *consent.Permission) { p.ExpiresOn = glabella.MustParseDate("2026-04-30") }))
	if s := one(consent.Sweep(f)); s.Cause() != consent.CodePhotoExpired {
		t.Errorf("an expired permission: %+v", s)
	}

	f.Publish = asOf("2026-05-01", permits(1, func(p *consent.Permission) { p.From = glabella.MustParseDate("2026-06-01") }))
	f.Publications = []consent.Publication{draft(1)}
	if got := consent.Sweep(f); len(got) != 0 {
		t.Errorf("a draft whose permission begins later: %v", got)
	}
	if got := (consent.Step{}).Cause(); got != "" {
		t.Errorf("no decision has the cause %q", got)
	}
}

func TestAppliedSweepsLeaveNothingShown(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(7))
	channels := consent.PublicationChannels()
	for range 200 {
		var publications []consent.Publication
		all := permits(1, func(p *consent.Permission) { p.Channels = channels })
		for n := range byte(1 + rng.Intn(12)) {
			p := draft(n+1, func(p *consent.Publication) { p.Channel = channels[rng.Intn(len(channels))] })
			if rng.Intn(2) == 0 {
				var err error
				if p, err = p.Publish(asOf("2026-03-02", all), "x", nurse); err != nil {
					t.Fatal(err)
				}
			}
			publications = append(publications, p)
		}
		no := permits(2, refuses, givenOn("2026-04-01"), func(p *consent.Permission) { p.Channels = channels[:rng.Intn(len(channels)+1)] })
		f := consent.SweepFacts{Publish: asOf("2026-05-01", all, no), Publications: publications}
		for i, p := range apply(t, publications, consent.Sweep(f), f) {
			may := consent.MayPublish(p.Facts(f.Publish)).Allowed()
			kept := p.State == publications[i].State
			if may != kept {
				t.Fatalf("a %s publication on %s became %s though permitted is %v", publications[i].State, p.Channel, p.State, may)
			}
		}
	}
}

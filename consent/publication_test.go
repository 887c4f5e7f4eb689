package consent_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

func publicationID(n byte) glabella.PublicationID { return glabella.PublicationID{0: 12, 15: n} }

// draft returns a draft to show a photograph on the website.
func draft(n byte, change ...func(*consent.Publication)) consent.Publication {
	at := day("2026-03-02")
	p := consent.Publication{
		ID: publicationID(n), Patient: pat, Photo: brow, Derivative: "sha256:" + strings.Repeat("ab", 32), Regions: []string{"forehead"},
		Purpose: consent.PhotoPublication, Channel: consent.PublishWebsite, State: consent.PublicationDraft, By: nurse, Permission: permissionID(1),
		Provenance: glabella.Provenance{Source: glabella.SourceEntered, RecordedAt: at},
	}
	for _, c := range change {
		c(&p)
	}
	return p
}

// asOf returns the facts of an instant with one permission and its authorization.
func asOf(date string, permissions ...consent.Permission) consent.PublishFacts {
	return consent.PublishFacts{At: day(date), Permissions: permissions, Authorizations: authorized()}
}

// published returns a draft that was published on 2 March.
func published(t testing.TB, n byte, change ...func(*consent.Publication)) consent.Publication {
	t.Helper()
	p, err := draft(n, change...).Publish(asOf("2026-03-02", permits(1)), "https://clinic.example/gallery/7", nurse)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPublicationFromDraftToTakenDown(t *testing.T) {
	t.Parallel()
	scheduled, err := draft(1).Schedule(day("2026-03-05"))
	if err != nil {
		t.Fatal(err)
	}
	back, err := scheduled.Unschedule()
	if err != nil || !cmp.Equal(back, draft(1)) {
		t.Errorf("Unschedule = %+v, %v, want the draft", back, err)
	}
	live, err := scheduled.Publish(asOf("2026-03-05", permits(1, refuses), permits(4, givenOn("2026-03-04"))), "https://clinic.example/7", nurse)
	if err != nil || !live.PublishedAt.Equal(day("2026-03-05")) {
		t.Fatalf("Publish = %v, %v", live.PublishedAt, err)
	}
	if live.Permission != permissionID(4) || live.Authorization != auth {
		t.Errorf("it relies on %s and %s, want what covers it", live.Permission, live.Authorization)
	}
	due, err := live.RequireTakedown(day("2026-04-01"), consent.CodePhotoRevoked, nurse, glabella.MustParseDate("2026-04-03"))
	if err != nil {
		t.Fatal(err)
	}
	down, err := due.TakeDown(day("2026-04-02"), nurse, "screenshot-9", strings.Repeat("0", 64))
	if err != nil {
		t.Fatal(err)
	}
	want := consent.Takedown{Cause: consent.CodePhotoRevoked, RequiredAt: day("2026-04-01"), Owner: nurse, DueOn: glabella.MustParseDate("2026-04-03"),
		ConfirmedAt: day("2026-04-02"), ConfirmedBy: nurse, Evidence: "screenshot-9", EvidenceSHA256: strings.Repeat("0", 64)}
	if diff := cmp.Diff(want, down.Takedown); diff != "" {
		t.Errorf("takedown (-want +got):\n%s", diff)
	}
	kept, err := due.Keep(asOf("2026-04-02", permits(1)))
	if err != nil || !cmp.Equal(kept, live) {
		t.Errorf("Keep = %+v, %v, want it as it was live", kept, err)
	}
	cancelled, err := scheduled.Cancel(day("2026-03-04"), consent.CodePhotoRevoked)
	if err != nil {
		t.Fatal(err)
	}
	voluntary, err := live.TakeDown(day("2026-04-02"), nurse, "", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []consent.Publication{draft(1), scheduled, live, due, down, kept, cancelled, voluntary} {
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", p.State, err)
		}
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var got consent.Publication
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", p.State, diff)
		}
	}
}

func TestPublicationRefuses(t *testing.T) {
	t.Parallel()
	live := published(t, 1)
	due, err := live.RequireTakedown(day("2026-04-01"), consent.CodePhotoRevoked, nurse, glabella.MustParseDate("2026-04-03"))
	if err != nil {
		t.Fatal(err)
	}
	none := asOf("2026-04-02")
	none.Retracted = true
	if got := refusedWith(t, second(draft(1).Publish(none, "x", nurse))); !slices.Equal(got, []glabella.Code{consent.CodePhotoRetracted, consent.CodePhotoPermission}) {
		t.Errorf("publishing without a permission: %v", got)
	}
	if got := refusedWith(t, second(due.Keep(none))); !slices.Contains(got, consent.CodePhotoPermission) {
		t.Errorf("keeping without a permission: %v", got)
	}
	for name, want := range map[string]struct {
		err    error
		issues []string
	}{
		"published nowhere by nobody": {second(draft(1).Publish(asOf("2026-03-02", permits(1)), " ", glabella.StaffID{})), []string{"/publishedBy required", "/where required"}},
		"scheduled for no time":       {second(draft(1).Schedule(time.Time{})), []string{"/scheduledFor required"}},
		"a takedown without anything": {second(live.RequireTakedown(day("2026-04-01"), "", glabella.StaffID{}, glabella.Date{})), []string{"/takedown/cause required", "/takedown/dueOn required", "/takedown/owner required"}},
		"taken down by nobody":        {second(due.TakeDown(day("2026-04-02"), glabella.StaffID{}, "", "")), []string{"/takedown/confirmedAt consent.order"}},
		"taken down too early":        {second(due.TakeDown(day("2026-03-01"), nurse, "", "")), []string{"/takedown/confirmedAt consent.order"}},
		"a step of another":           {second(live.Apply(consent.Step{Publication: publicationID(2)}, day("2026-04-02"))), []string{"/id mismatch"}},
	} {
		if got := issuesOf(t, want.err); !slices.Equal(got, want.issues) {
			t.Errorf("%s: %v, want %v", name, got, want.issues)
		}
	}
	var transition *glabella.TransitionError
	for name, err := range map[string]error{
		"publish twice":        second(live.Publish(asOf("2026-03-02", permits(1)), "x", nurse)),
		"schedule a live one":  second(live.Schedule(day("2026-04-01"))),
		"unschedule a draft":   second(draft(1).Unschedule()),
		"cancel a live one":    second(live.Cancel(day("2026-04-01"), "")),
		"take down a draft":    second(draft(1).TakeDown(day("2026-04-01"), nurse, "", "")),
		"require it of drafts": second(draft(1).RequireTakedown(day("2026-04-01"), "x", nurse, glabella.MustParseDate("2026-04-01"))),
		"keep a live one":      second(live.Keep(asOf("2026-03-02", permits(1)))),
	} {
		if !errors.As(err, &transition) {
			t.Errorf("%s = %v, want a transition error", name, err)
		}
	}
}

func TestPublicationValidate(t *testing.T) {
	t.Parallel()
	type publication = consent.Publication
	for _, tt := range []struct {
		name   string
		change func(*publication)
		want   []string
	}{
		{name: "a draft is valid", change: func(*publication) {}},
		{name: "an empty one lacks everything", change: func(p *publication) { *p = publication{} }, want: []string{
			"/by required", "/channel unknown-value", "/derivative required", "/id required", "/patient required", "/permission required", "/photo required",
			"/provenance/recordedAt required", "/provenance/source unknown-value", "/purpose unknown-value", "/state unknown-value",
		}},
		{name: "the record is not published", change: func(p *publication) { p.Purpose = consent.PhotoClinicalRecord }, want: []string{"/purpose unknown-value"}},
		{name: "malformed values", change: func(p *publication) {
			p.Derivative, p.Platform, p.Regions, p.Takedown.EvidenceSHA256 = "picture", "A Site", []string{"x", "x"}, "00"
		}, want: []string{"/derivative format", "/platform format", "/regions/1 duplicate", "/takedown mismatch", "/takedown/evidenceSHA256 format"}},
		{name: "live without when, who and where", change: func(p *publication) { p.State = consent.PublicationLive }, want: []string{"/publishedAt mismatch", "/where required"}},
		{name: "a draft with a time of publication", change: func(p *publication) { p.PublishedAt = day("2026-03-02") }, want: []string{"/publishedAt mismatch"}},
		{name: "scheduled for no time", change: func(p *publication) { p.State = consent.PublicationScheduled }, want: []string{"/scheduledFor mismatch"}},
		{name: "a draft with a time to come", change: func(p *publication) { p.ScheduledFor = day("2026-03-02") }, want: []string{"/scheduledFor mismatch"}},
		{name: "cancelled at no time", change: func(p *publication) { p.State = consent.PublicationCancelled }, want: []string{"/cancelledAt mismatch"}},
		{name: "due without a task", change: func(p *publication) {
			p.State, p.PublishedAt, p.PublishedBy, p.Where = consent.PublicationTakedownDue, day("2026-03-02"), nurse, "x"
		}, want: []string{"/takedown required"}},
		{name: "taken down before it was shown, unproved", change: func(p *publication) {
			p.State, p.PublishedAt, p.PublishedBy, p.Where = consent.PublicationTakenDown, day("2026-03-02"), nurse, "x"
			p.Takedown.ConfirmedAt = day("2026-03-01")
		}, want: []string{"/takedown/confirmedAt consent.order", "/takedown/confirmedAt mismatch"}},
		{name: "copies that are wrong", change: func(p *publication) {
			p.Copies = []consent.Copy{{}, {Where: "x", FoundAt: day("2026-03-02"), InformedAt: day("2026-03-01")}}
		}, want: []string{"/copies/0/foundAt required", "/copies/0/where required", "/copies/1/informedAt consent.order"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, issuesOf(t, draft(1, tt.change).Validate())); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCopiesOutOfHand(t *testing.T) {
	t.Parallel()
	p := draft(1)
	c := consent.Copy{Where: "https://elsewhere.example/1", FoundAt: day("2026-04-01")}
	found := p.Found(c).Found(c)
	if len(found.Copies) != 1 || len(p.Copies) != 0 {
		t.Fatalf("copies = %v, and %v before", found.Copies, p.Copies)
	}
	asked := found.Informed(c.Where, day("2026-04-02")).Informed(c.Where, day("2026-04-09")).Informed("https://other.example", day("2026-04-09"))
	if !asked.Copies[0].InformedAt.Equal(day("2026-04-02")) || !found.Copies[0].InformedAt.IsZero() {
		t.Errorf("informed = %v, and %v before", asked.Copies, found.Copies)
	}
}

package encounter_test

import (
	"encoding/json"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
)

func correction(quote, replacement string) encounter.Amendment {
	a := amendment()
	a.Kind, a.Text, a.Passage, a.Replacement = encounter.Correction, "", encounter.Passage{Quote: quote}, replacement
	return a
}

func lateEntry() encounter.Amendment {
	a := amendment()
	a.Kind, a.OccurredAt = encounter.LateEntry, morning.Add(-10*time.Minute)
	return a
}

func retraction() encounter.Amendment {
	a := amendment()
	a.Kind, a.Text, a.Reason, a.RetractedFor = encounter.Retraction, "", "", encounter.RetractedWrongPatient
	return a
}

func amended(t testing.TB, n encounter.Note, as ...encounter.Amendment) encounter.Note {
	t.Helper()
	for _, a := range as {
		var err error
		if n, err = n.Amend(a); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func TestAmendmentsByKind(t *testing.T) {
	t.Parallel()
	with := func(a encounter.Amendment, change func(*encounter.Amendment)) encounter.Amendment {
		change(&a)
		return a
	}
	for _, tt := range []struct {
		name string
		a    encounter.Amendment
		want []place
	}{
		{name: "an addendum", a: amendment()},
		{name: "an addendum under a licence", a: with(amendment(), func(a *encounter.Amendment) { a.Credential = signature(nurse).Credential })},
		{name: "an addendum under half a licence", a: with(amendment(), func(a *encounter.Amendment) { a.Credential.Kind = "RN" }), want: []place{
			{"/credential/jurisdiction", glabella.CodeRequired}, {"/credential/number", glabella.CodeRequired},
		}},
		{name: "an addendum from before the signature", a: with(amendment(), func(a *encounter.Amendment) { a.At = morning.Add(-time.Minute) }), want: []place{{"/at", glabella.CodeOutOfRange}}},
		{name: "an addendum with what belongs to the other kinds", a: with(amendment(), func(a *encounter.Amendment) {
			a.Passage.Quote, a.Replacement, a.OccurredAt, a.RetractedFor = "Twenty", "Twelve", morning, encounter.RetractedOther
		}), want: []place{{"/occurredAt", glabella.CodeMismatch}, {"/passage", glabella.CodeMismatch}, {"/replacement", glabella.CodeMismatch}, {"/retractedFor", glabella.CodeMismatch}}},
		{name: "a correction by a quote", a: correction("Twenty", "Twelve")},
		{name: "a correction that strikes a passage", a: correction(" to the glabella", "")},
		{name: "a correction by its bytes", a: with(correction("", "Twelve"), func(a *encounter.Amendment) { a.Passage = encounter.Passage{Start: 0, End: 6} })},
		{name: "a correction by both", a: with(correction("Twenty", "Twelve"), func(a *encounter.Amendment) { a.Passage.End = 6 })},
		{name: "a correction of nothing", a: correction("", "Twelve"), want: []place{{"/passage", glabella.CodeRequired}}},
		{name: "a correction of what was not said", a: correction("Thirty", "Twelve"), want: []place{{"/passage", encounter.CodeNotePassage}}},
		{name: "a correction of what was said twice", a: correction("e", "i"), want: []place{{"/passage", encounter.CodeNotePassage}}},
		{name: "one of two places, by its bytes", a: with(correction("e", "i"), func(a *encounter.Amendment) { a.Passage.Start, a.Passage.End = 2, 3 })},
		{name: "a quote that does not stand at its bytes", a: with(correction("Twenty", "Twelve"), func(a *encounter.Amendment) { a.Passage.Start, a.Passage.End = 1, 7 }), want: []place{{"/passage", encounter.CodeNotePassage}}},
		{name: "bytes beyond the text", a: with(correction("", "x"), func(a *encounter.Amendment) { a.Passage = encounter.Passage{Start: 3, End: 1000} }), want: []place{{"/passage", encounter.CodeNotePassage}}},
		{name: "bytes that end before they begin", a: with(correction("", "x"), func(a *encounter.Amendment) { a.Passage = encounter.Passage{Start: 3, End: 1} }), want: []place{{"/passage", encounter.CodeNotePassage}}},
		{name: "a correction that changes nothing", a: correction("Twenty", "Twenty"), want: []place{{"/replacement", encounter.CodeNotePassage}}},
		{name: "a late entry", a: lateEntry()},
		{name: "a late entry that does not say of when", a: with(lateEntry(), func(a *encounter.Amendment) { a.OccurredAt = time.Time{} }), want: []place{{"/occurredAt", glabella.CodeRequired}}},
		{name: "a late entry on what came after the signature", a: with(lateEntry(), func(a *encounter.Amendment) { a.OccurredAt = morning }), want: []place{{"/occurredAt", glabella.CodeOutOfRange}}},
		{name: "a late entry without a text", a: with(lateEntry(), func(a *encounter.Amendment) { a.Text = "" }), want: []place{{"/text", glabella.CodeRequired}}},
		{name: "a retraction", a: retraction()},
		{name: "a retraction without a reason by code", a: with(retraction(), func(a *encounter.Amendment) { a.RetractedFor = "" }), want: []place{{"/retractedFor", glabella.CodeUnknownValue}}},
		{name: "a retraction for another reason, which is not said", a: with(retraction(), func(a *encounter.Amendment) { a.RetractedFor = encounter.RetractedOther }), want: []place{{"/reason", glabella.CodeRequired}}},
		{name: "nothing", want: []place{
			{"/at", glabella.CodeRequired}, {"/by", glabella.CodeRequired}, {"/kind", glabella.CodeUnknownValue}, {"/reason", glabella.CodeRequired}, {"/text", glabella.CodeRequired},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before := signed(t)
			n, err := before.Amend(tt.a)
			if diff := cmp.Diff(tt.want, placesOf(t, err)); diff != "" {
				t.Errorf("Amend (-want +got):\n%s", diff)
			}
			if err != nil && !cmp.Equal(n, before) {
				t.Error("a refused amendment changed the note")
			}
			if err := n.Validate(); err != nil {
				t.Errorf("the note is not valid after it: %v", err)
			}
		})
	}
}

func TestACorrectionKnowsItsPassage(t *testing.T) {
	t.Parallel()
	byQuote := amended(t, signed(t), correction("units", "IU")).Amendments[0].Passage
	if want := (encounter.Passage{Start: 7, End: 12, Quote: "units"}); byQuote != want {
		t.Errorf("passage by a quote = %+v, want %+v", byQuote, want)
	}
	a := correction("", "IU")
	a.Passage = encounter.Passage{Start: 7, End: 12}
	if got := amended(t, signed(t), a).Amendments[0].Passage; got != byQuote {
		t.Errorf("passage by bytes = %+v, want %+v", got, byQuote)
	}
}

func TestARetractedNoteTakesAddendaOnly(t *testing.T) {
	t.Parallel()
	n := amended(t, signed(t), retraction())
	if !n.Retracted() || signed(t).Retracted() {
		t.Error("Retracted does not tell a note that was retracted from one that was not")
	}
	for _, a := range []encounter.Amendment{correction("Twenty", "Twelve"), lateEntry(), retraction()} {
		got, err := n.Amend(a)
		if diff := cmp.Diff([]glabella.Code{encounter.CodeNoteRetracted}, codesOf(t, err)); diff != "" || !cmp.Equal(got, n) {
			t.Errorf("%s of a retracted note (-want +got):\n%s", a.Kind, diff)
		}
	}
	if got := amended(t, n, amendment()); got.Validate() != nil {
		t.Errorf("an addendum to a retracted note is not valid: %v", got.Validate())
	}
	// The stored form is checked as well.
	forged := n
	a := retraction()
	a.Previous = n.Amendments[0].Hash
	a.Hash = a.Digest()
	forged.Amendments = append(forged.Amendments[:1:1], a)
	if diff := cmp.Diff([]place{{"/amendments/1/kind", encounter.CodeNoteRetracted}}, placesOf(t, forged.Validate())); diff != "" {
		t.Errorf("Validate of a note retracted twice (-want +got):\n%s", diff)
	}
}

// whole is a note with every kind of amendment.
func whole(t testing.TB) encounter.Note {
	licensed := amendment()
	licensed.Credential = signature(nurse).Credential
	licensed.Text = "No bruise at the end.\nAmendment 9: retraction\n\nCalled on day two."
	fix := correction("Twenty", "Twelve")
	fix.Text = "The syringe held twelve."
	return amended(t, cosigned(t), licensed, fix, correction(" to the glabella", ""), lateEntry(), retraction(), amendment())
}

func TestEveryChangeOfAnAmendmentIsSeen(t *testing.T) {
	t.Parallel()
	n := whole(t)
	if issues := encounter.VerifySignatures(n); issues != nil {
		t.Fatalf("VerifySignatures of an untouched note = %v, want nothing", issues)
	}
	for name, change := range map[string]func(*encounter.Amendment){
		"kind":         func(a *encounter.Amendment) { a.Kind = encounter.Addendum },
		"text":         func(a *encounter.Amendment) { a.Text += "." },
		"reason":       func(a *encounter.Amendment) { a.Reason += "." },
		"author":       func(a *encounter.Amendment) { a.By = doctor },
		"licence":      func(a *encounter.Amendment) { a.Credential.Number += "1" },
		"time":         func(a *encounter.Amendment) { a.At = a.At.Add(time.Microsecond) },
		"start":        func(a *encounter.Amendment) { a.Passage.Start++ },
		"end":          func(a *encounter.Amendment) { a.Passage.End++ },
		"quote":        func(a *encounter.Amendment) { a.Passage.Quote += "." },
		"replacement":  func(a *encounter.Amendment) { a.Replacement += "." },
		"occurred":     func(a *encounter.Amendment) { a.OccurredAt = a.At },
		"retractedFor": func(a *encounter.Amendment) { a.RetractedFor = encounter.RetractedDuplicate },
		"previous":     func(a *encounter.Amendment) { a.Previous = "" },
		// What moves from one member into the next must be seen too.
		"border": func(a *encounter.Amendment) { a.Text, a.Reason = a.Text+a.Reason, "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := n
			changed.Amendments = append([]encounter.Amendment{}, n.Amendments...)
			change(&changed.Amendments[1])
			issues := encounter.VerifySignatures(changed)
			if len(issues) < 2 {
				t.Errorf("VerifySignatures = %v, want the amendment and the one after it", issues)
			}
		})
	}
}

func TestNoAmendmentCanBeTakenOutOrMoved(t *testing.T) {
	t.Parallel()
	n := whole(t)
	r := rand.New(rand.NewSource(1))
	for range 200 {
		changed := n
		changed.Amendments = append([]encounter.Amendment{}, n.Amendments...)
		i, j := r.Intn(len(n.Amendments)-1), r.Intn(len(n.Amendments))
		if i == j { // take one out that is not the last
			changed.Amendments = append(changed.Amendments[:i], changed.Amendments[i+1:]...)
		} else {
			changed.Amendments[i], changed.Amendments[j] = changed.Amendments[j], changed.Amendments[i]
		}
		if len(encounter.VerifySignatures(changed)) == 0 {
			t.Fatalf("amendments %d and %d were moved or taken out unseen", i, j)
		}
	}
}

func TestANoteRoundTrips(t *testing.T) {
	t.Parallel()
	n := whole(t)
	n.Privacy, n.SharedWith, n.Discipline = encounter.PrivacyDiscipline, []glabella.StaffID{otherStaff}, "nursing"
	q, r := query(), reply()
	q.Reply = &r
	n.Queries = []encounter.Query{q}
	n.Signatures[0].Method, n.Signatures[0].AuthenticatedAt, n.Signatures[0].Statement = encounter.ByPasskey, morning.Add(-time.Minute), "I wrote this."
	data, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	var got encounter.Note
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(n, got); diff != "" {
		t.Errorf("round trip (-want +got):\n%s", diff)
	}
	if err := got.Validate(); err != nil {
		t.Errorf("Validate after a round trip = %v", err)
	}
	empty, _ := json.Marshal(encounter.Note{})
	for _, member := range []string{"sharedWith", "revisions", "signatures", "queries", "amendments"} {
		if !strings.Contains(string(empty), `"`+member+`":`) {
			t.Errorf("an empty note has no member %q", member)
		}
	}
}

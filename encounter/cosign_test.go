package encounter_test

import (
	"errors"
	"fmt"
	"math/rand"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
)

func on(day string) glabella.Date { return glabella.MustParseDate(day) }

func directorAway() encounter.CosignPolicy {
	return encounter.CosignPolicy{
		Kinds: []string{"RN", "PA"}, Default: doctor, Alternates: []glabella.StaffID{otherStaff, nurse}, DueHours: 72, Source: "clinic policy 8",
		Absences: []encounter.Absence{{Staff: doctor, From: on("2026-11-05"), To: on("2026-11-06")}, {Staff: otherStaff, From: on("2026-11-06"), To: on("2026-11-06")}},
	}
}

func TestChooseCosigner(t *testing.T) {
	t.Parallel()
	none := glabella.StaffID{}
	for _, tt := range []struct {
		name   string
		policy func(*encounter.CosignPolicy)
		author glabella.StaffID
		on     string
		want   glabella.StaffID
		code   glabella.Code
	}{
		{name: "the default is there", author: nurse, on: "2026-11-04", want: doctor},
		{name: "the first day of an absence", author: nurse, on: "2026-11-05", want: otherStaff},
		{name: "the day after it", author: nurse, on: "2026-11-07", want: doctor},
		{name: "an alternate is absent, and the next one is the author", author: nurse, on: "2026-11-06", code: encounter.CodeCosignerAbsent},
		{name: "the next alternate but one", author: id[glabella.StaffID](310), on: "2026-11-06", want: nurse},
		{name: "the default is the author", author: doctor, on: "2026-11-04", want: otherStaff},
		{name: "there is only the author", policy: func(p *encounter.CosignPolicy) { p.Default, p.Alternates = nurse, []glabella.StaffID{nurse} }, author: nurse, on: "2026-11-04", code: encounter.CodeCosignerNone},
		{name: "nobody is named", policy: func(p *encounter.CosignPolicy) { *p = encounter.CosignPolicy{} }, author: nurse, on: "2026-11-04", code: encounter.CodeCosignerNone},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := directorAway()
			if tt.policy != nil {
				tt.policy(&p)
			}
			got, d := encounter.ChooseCosigner(p, tt.author, on(tt.on))
			if got != tt.want || d.Allowed() != (tt.want != none) || tt.code != "" && !d.Has(tt.code) {
				t.Errorf("ChooseCosigner = %s, %v, want %s, %q", got, d, tt.want, tt.code)
			}
		})
	}
}

func TestCosignPolicyRequires(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		policy encounter.CosignPolicy
		kinds  []string
		want   bool
	}{
		{"one of the kinds", directorAway(), []string{"LE", "RN"}, true},
		{"none of the kinds", directorAway(), []string{"MD"}, false},
		{"everybody", encounter.CosignPolicy{Required: true}, nil, true},
		{"nobody", encounter.CosignPolicy{}, []string{"RN"}, false},
	} {
		if got := tt.policy.Requires(tt.kinds); got != tt.want {
			t.Errorf("%s: Requires(%v) = %t, want %t", tt.name, tt.kinds, got, tt.want)
		}
	}
}

func TestValidateCosignPolicy(t *testing.T) {
	t.Parallel()
	if err := directorAway().Validate(); err != nil {
		t.Errorf("Validate = %v", err)
	}
	bad := encounter.CosignPolicy{
		Default: doctor, Alternates: []glabella.StaffID{{}, doctor, nurse, nurse}, DueHours: -1,
		Absences: []encounter.Absence{{From: on("2026-11-05"), To: on("2026-11-04")}},
	}
	want := []place{
		{"/absences/0/staff", glabella.CodeRequired}, {"/absences/0/to", glabella.CodeOutOfRange}, {"/alternates/0", glabella.CodeRequired},
		{"/alternates/1", glabella.CodeDuplicate}, {"/alternates/3", glabella.CodeDuplicate}, {"/dueHours", glabella.CodeOutOfRange},
	}
	if diff := cmp.Diff(want, placesOf(t, bad.Validate())); diff != "" {
		t.Errorf("Validate (-want +got):\n%s", diff)
	}
}

// sent is a note that waits for a cosigner's signature since an instant.
func sent(t testing.TB, number int, author, cosigner glabella.StaffID, at time.Time) encounter.Note {
	t.Helper()
	n := draft()
	n.ID, n.Author = id[glabella.NoteID](number), author
	n, err := n.Sign(encounter.Signature{By: author, At: at}, cosigner)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestQueue(t *testing.T) {
	t.Parallel()
	third := id[glabella.StaffID](311)
	asked, err := sent(t, 402, nurse, doctor, morning.Add(-time.Hour)).RequestInformation(query())
	if err != nil {
		t.Fatal(err)
	}
	notes := []encounter.Note{
		draft(), signed(t), cosigned(t),
		amended(t, sent(t, 400, nurse, doctor, morning), retraction()),
		sent(t, 405, nurse, doctor, morning),
		sent(t, 404, third, doctor, morning),
		sent(t, 403, nurse, third, morning),
		asked,
		sent(t, 401, nurse, doctor, morning.Add(-72*time.Hour)),
		sent(t, 406, otherStaff, doctor, morning.Add(-2*time.Hour)),
	}
	type row struct {
		note                        int
		overdue, alternate, waiting bool
	}
	rows := func(dues []encounter.Due) []row {
		var out []row
		for _, d := range dues {
			for n := range 1000 {
				if d.Note == id[glabella.NoteID](n) {
					out = append(out, row{n, d.Overdue, d.Alternate, d.Waiting})
				}
			}
			if !d.DueAt.Equal(d.SignedAt.Add(72 * time.Hour)) {
				t.Errorf("note %s is due at %s", d.Note, d.DueAt)
			}
		}
		return out
	}
	deadline := morning.Add(71 * time.Hour) // of 402, on 6 November, when the doctor is away
	for _, tt := range []struct {
		name string
		who  glabella.StaffID
		now  time.Time
		want []row
	}{
		{"the cosigner's own", doctor, morning, []row{{note: 401}, {note: 406}, {note: 402, waiting: true}, {note: 404}, {note: 405}}},
		{"a moment after the first is due", doctor, morning.Add(time.Microsecond), []row{{note: 401, overdue: true}, {note: 406}, {note: 402, waiting: true}, {note: 404}, {note: 405}}},
		{"an alternate has nothing to do while the cosigner is there", otherStaff, morning, nil},
		{"an alternate stands in, but not for their own note", otherStaff, morning.Add(48 * time.Hour), []row{{401, true, true, false}, {402, false, true, true}, {404, false, true, false}, {405, false, true, false}}},
		{"an alternate who is absent too", otherStaff, deadline, nil},
		{"an alternate who wrote most of them", nurse, deadline, []row{{406, true, true, false}, {404, false, true, false}}},
		{"another cosigner is no alternate", third, deadline, []row{{note: 403}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shuffled := append([]encounter.Note{}, notes...)
			rand.New(rand.NewSource(3)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			got := rows(encounter.Queue(shuffled, tt.who, directorAway(), tt.now))
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(row{})); diff != "" {
				t.Errorf("Queue (-want +got):\n%s", diff)
			}
		})
	}
	p := directorAway()
	p.DueHours = 0
	for _, d := range encounter.Queue(notes, doctor, p, morning.AddDate(1, 0, 0)) {
		if d.Overdue || !d.DueAt.IsZero() {
			t.Errorf("without a limit, note %s is due at %s", d.Note, d.DueAt)
		}
	}
}

func TestAbsencesAreByTheDayOfTheSite(t *testing.T) {
	t.Parallel()
	chicago := names(t).Zone
	instant := time.Date(2026, time.November, 5, 3, 0, 0, 0, time.UTC) // still the 4th in Chicago
	notes := []encounter.Note{pending(t)}
	if got := encounter.Queue(notes, otherStaff, directorAway(), instant.In(chicago)); len(got) != 0 {
		t.Errorf("Queue on the evening before the absence = %v, want nothing", got)
	}
	if got := encounter.Queue(notes, otherStaff, directorAway(), instant); len(got) != 1 {
		t.Errorf("Queue on the day of the absence = %v, want the note", got)
	}
}

func TestCosignable(t *testing.T) {
	t.Parallel()
	asked, err := pending(t).RequestInformation(query())
	if err != nil {
		t.Fatal(err)
	}
	answered, err := asked.Answer(0, reply())
	if err != nil {
		t.Fatal(err)
	}
	forged := pending(t)
	forged.Text = "Ten units to the glabella."
	for _, tt := range []struct {
		name      string
		note      encounter.Note
		by        glabella.StaffID
		alternate bool
		want      []glabella.Code
	}{
		{name: "by the cosigner", note: pending(t), by: doctor},
		{name: "by an alternate", note: pending(t), by: otherStaff, alternate: true},
		{name: "by somebody else", note: pending(t), by: otherStaff, want: []glabella.Code{encounter.CodeNoteCosigner}},
		{name: "by the author", note: pending(t), by: nurse, alternate: true, want: []glabella.Code{encounter.CodeNoteCosigner}},
		{name: "by nobody", note: pending(t), alternate: true, want: []glabella.Code{encounter.CodeNoteCosigner}},
		{name: "something is asked", note: asked, by: doctor, want: []glabella.Code{encounter.CodeNoteQuery}},
		{name: "something was asked and answered", note: answered, by: doctor},
		{name: "retracted", note: amended(t, pending(t), retraction()), by: doctor, want: []glabella.Code{encounter.CodeNoteRetracted}},
		{name: "amended otherwise", note: amended(t, pending(t), amendment()), by: doctor},
		{name: "changed since the signature", note: forged, by: doctor, want: []glabella.Code{encounter.CodeNoteHash}},
		{name: "cosigned", note: cosigned(t), by: doctor, want: []glabella.Code{encounter.CodeNoteNotPending}},
		{name: "everything at once", note: amended(t, asked, retraction()), by: otherStaff, want: []glabella.Code{encounter.CodeNoteCosigner, encounter.CodeNoteRetracted, encounter.CodeNoteQuery}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := encounter.Cosignable(tt.note, tt.by, tt.alternate)
			if diff := cmp.Diff(append([]glabella.Code{}, tt.want...), d.Codes()); diff != "" {
				t.Errorf("Cosignable (-want +got):\n%s", diff)
			}
			// The verb asks the same.
			if tt.note.State == encounter.NoteCosignPending {
				_, err := tt.note.Cosign(signature(tt.by), tt.alternate)
				if diff := cmp.Diff(tt.want, codesOf(t, err)); diff != "" {
					t.Errorf("Cosign (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestQueries(t *testing.T) {
	t.Parallel()
	before := pending(t)
	asked, err := before.RequestInformation(query())
	if err != nil || asked.Validate() != nil || len(before.Queries) != 0 {
		t.Fatalf("RequestInformation = %v, valid: %v", err, asked.Validate())
	}
	answered, err := asked.Answer(0, reply())
	if err != nil || answered.Validate() != nil || asked.Queries[0].Reply != nil || answered.Queries[0].Reply.Text != "C1234." {
		t.Fatalf("Answer = %+v, %v, and the note before has %+v", answered.Queries, err, asked.Queries)
	}
	if _, err := answered.Answer(0, reply()); !errors.Is(err, glabella.ErrConflict) {
		t.Errorf("a second answer = %v, want a conflict", err)
	}
	for _, i := range []int{-1, 1} {
		if _, err := asked.Answer(i, reply()); !errors.Is(err, glabella.ErrNotFound) {
			t.Errorf("Answer(%d) = %v, want not found", i, err)
		}
	}
	early := reply()
	early.At = query().At.Add(-time.Second)
	if _, err := asked.Answer(0, early); !cmp.Equal(placesOf(t, err), []place{{"/reply/at", glabella.CodeOutOfRange}}) {
		t.Errorf("an answer before the question = %v", err)
	}
	own := query()
	own.By = nurse
	if _, err := before.RequestInformation(own); !cmp.Equal(placesOf(t, err), []place{{"/by", encounter.CodeNoteCosigner}}) {
		t.Errorf("a question by the author = %v", err)
	}
	// A question comes without its answer, whatever the caller gives.
	r := reply()
	q := query()
	q.Reply = &r
	if n, err := before.RequestInformation(q); err != nil || n.Queries[0].Reply != nil {
		t.Errorf("RequestInformation with a reply = %+v, %v", n.Queries, err)
	}
}

// The director is on leave: the alternate's queue has the note.
func ExampleQueue() {
	policy := encounter.CosignPolicy{
		Default: doctor, Alternates: []glabella.StaffID{otherStaff}, DueHours: 72,
		Absences: []encounter.Absence{{Staff: doctor, From: on("2026-11-02"), To: on("2026-11-13")}},
	}
	note, err := draft().Sign(encounter.Signature{By: nurse, At: morning}, doctor)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, due := range encounter.Queue([]encounter.Note{note}, otherStaff, policy, morning.Add(96*time.Hour)) {
		fmt.Println(due.DueAt.Format(time.DateTime), due.Overdue, due.Alternate)
	}
	// Output: 2026-11-06 15:30:00 true true
}

package encounter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
)

func TestMayRead(t *testing.T) {
	t.Parallel()
	stranger := id[glabella.StaffID](301)
	friend := id[glabella.StaffID](302)
	consultant := id[glabella.StaffID](303)
	nurses, doctors := "nursing", "medicine"
	for _, tt := range []struct {
		name    string
		privacy encounter.Privacy
		reader  encounter.Reader
		want    glabella.Outcome
	}{
		{"a note without a level is everybody's", "", encounter.Reader{Staff: stranger}, glabella.Allow},
		{"all staff", encounter.PrivacyAllStaff, encounter.Reader{Staff: stranger}, glabella.Allow},
		{"of the discipline", encounter.PrivacyDiscipline, encounter.Reader{Staff: stranger, Discipline: nurses}, glabella.Allow},
		{"of another discipline", encounter.PrivacyDiscipline, encounter.Reader{Staff: stranger, Discipline: doctors}, glabella.Deny},
		{"of no discipline", encounter.PrivacyDiscipline, encounter.Reader{Staff: stranger}, glabella.Deny},
		{"of the discipline, but it is the author's alone", encounter.PrivacyAuthor, encounter.Reader{Staff: stranger, Discipline: nurses}, glabella.Deny},
		{"the author", encounter.PrivacyAuthor, encounter.Reader{Staff: nurse}, glabella.Allow},
		{"shared with by name", encounter.PrivacyAuthor, encounter.Reader{Staff: friend}, glabella.Allow},
		{"the cosigner", encounter.PrivacyAuthor, encounter.Reader{Staff: doctor}, glabella.Allow},
		{"somebody who signed it", encounter.PrivacyAuthor, encounter.Reader{Staff: consultant}, glabella.Allow},
		{"a supervisor", encounter.PrivacyAuthor, encounter.Reader{Staff: stranger, Supervisor: true}, glabella.Allow},
		{"nobody", encounter.PrivacyAuthor, encounter.Reader{}, glabella.Deny},
		{"an unknown level keeps it from others", "secret", encounter.Reader{Staff: stranger, Discipline: nurses}, glabella.Deny},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n, err := pending(t).Consult(signature(consultant))
			if err != nil {
				t.Fatal(err)
			}
			n.Privacy, n.Discipline, n.SharedWith = tt.privacy, nurses, []glabella.StaffID{friend}
			d := encounter.MayRead(n, tt.reader)
			if d.Outcome != tt.want || tt.want == glabella.Deny && !d.Has(encounter.CodeNotePrivate) {
				t.Errorf("MayRead = %v, want %s", d, tt.want)
			}
		})
	}
	// A note that names no one yet is nobody's to read by being nobody.
	if d := encounter.MayRead(encounter.Note{Privacy: encounter.PrivacyDiscipline, SharedWith: []glabella.StaffID{{}}}, encounter.Reader{}); d.Outcome != glabella.Deny {
		t.Errorf("MayRead by nobody = %v, want a denial", d)
	}
}

func TestRestrict(t *testing.T) {
	t.Parallel()
	n := cosigned(t)
	with := []glabella.StaffID{otherStaff}
	got, err := n.Restrict(encounter.PrivacyAuthor, with...)
	if err != nil || got.Privacy != encounter.PrivacyAuthor || !cmp.Equal(got.SharedWith, with) || got.Validate() != nil {
		t.Errorf("Restrict = %s shared with %v, %v", got.Privacy, got.SharedWith, err)
	}
	with[0] = doctor
	if got.SharedWith[0] != otherStaff {
		t.Error("the note shares the caller's slice")
	}
	same, err := n.Restrict(encounter.PrivacyDiscipline)
	if diff := cmp.Diff([]place{{"/discipline", glabella.CodeRequired}}, placesOf(t, err)); diff != "" || !cmp.Equal(same, n) {
		t.Errorf("Restrict to a discipline that is not named (-want +got):\n%s", diff)
	}
}

func TestReadIsGolden(t *testing.T) {
	t.Parallel()
	golden(t, "note-amended.txt", whole(t).ReadWith(names(t), morning.Add(48*time.Hour)))
}

func TestRead(t *testing.T) {
	t.Parallel()
	n := whole(t)
	late := morning.Add(48 * time.Hour)
	if got := draft().Read(late); got != draft().Text {
		t.Errorf("Read of a draft = %q, want its text", got)
	}
	if got := n.Read(morning); got != n.Text {
		t.Errorf("Read as of the signature = %q, want the text that was signed", got)
	}
	got := n.Read(late)
	if again := n.Read(late); again != got {
		t.Error("the same note gives other bytes")
	}
	banner, rest, found := strings.Cut(got, "\n\n")
	if !strings.HasPrefix(banner, "RETRACTED ") || !found || !strings.HasPrefix(rest, n.Text) {
		t.Errorf("Read of a retracted note = %q, want a banner and then the text that was signed", got)
	}
	kept := amended(t, cosigned(t), amendment(), correction("Twenty", "Twelve")).Read(late)
	if !strings.HasPrefix(kept, n.Text) || strings.Contains(kept, "RETRACTED") {
		t.Errorf("Read of a note that holds = %q, want it to begin with the text that was signed", kept)
	}
	// No text of an amendment passes for another amendment, or for a banner.
	headings := 0
	for line := range strings.SplitSeq(rest, "\n") {
		if strings.HasPrefix(line, "Amendment ") {
			headings++
		}
	}
	if headings != len(n.Amendments) {
		t.Errorf("%d headings for %d amendments", headings, len(n.Amendments))
	}
}

func TestPrivacies(t *testing.T) {
	t.Parallel()
	for _, p := range encounter.Privacies() {
		if !p.Valid() {
			t.Errorf("%q is not valid", p)
		}
	}
	if encounter.Privacy("").Valid() {
		t.Error("the zero level is valid")
	}
}

package encounter_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/treatment"
)

func TestCopyForward(t *testing.T) {
	t.Parallel()
	from, same := upperFace(t), upperFace(t)
	for _, r := range []treatment.Record{from, same} {
		p := &r.Maps[0].Points[3]
		p.Depth, p.Technique, p.Device = "intramuscular", "bolus", "needle-30g"
	}
	got := encounter.CopyForward(from)

	want := same
	want.Values = map[string]string{}
	for i := range want.Maps[0].Points {
		p := &want.Maps[0].Points[i]
		p.Vial, p.Lot, p.Unconfirmed = glabella.VialID{}, glabella.LotID{}, true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("CopyForward (-want +got):\n%s", diff)
	}
	if from.Maps[0].Points[0].Unconfirmed || from.Maps[0].Points[0].Lot.IsZero() || len(from.Values) == 0 {
		t.Error("the earlier record has changed")
	}
	if got := encounter.CopyForward(treatment.Record{}); got.Values == nil {
		t.Error("a copy has no values to fill in")
	}
}

// A copy is a proposal: its template refuses it until every point is confirmed.
func TestCopyForwardIsRefusedUntilConfirmed(t *testing.T) {
	t.Parallel()
	tmpl := template(t, "botulinum-toxin")
	product, _ := treatment.BuiltIn().Product("onabotulinumtoxinA")
	unconfirmed := func(r treatment.Record) int {
		n := 0
		for _, issue := range tmpl.Check(r, product) {
			if issue.Code == treatment.CodeUnconfirmed {
				n++
			}
		}
		return n
	}
	r := encounter.CopyForward(upperFace(t))
	if n := unconfirmed(r); n != 16 {
		t.Errorf("%d points are refused as unconfirmed, want 16", n)
	}
	r, err := encounter.Confirm(r, encounter.Unconfirmed(r)...)
	if err != nil {
		t.Fatal(err)
	}
	if n := unconfirmed(r); n != 0 {
		t.Errorf("%d points are refused as unconfirmed after all were confirmed", n)
	}
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	all := make([]int, 16)
	for i := range all {
		all[i] = i + 1
	}
	for _, tt := range []struct {
		name string
		seqs []int
		left []int
		want []place
	}{
		{name: "no numbers confirm nothing", left: all},
		{name: "some", seqs: []int{16, 1, 2}, left: all[2:15]},
		{name: "a number given twice", seqs: []int{1, 1}, left: all[1:]},
		{name: "all", seqs: all},
		{name: "unknown numbers are refused, and nothing is confirmed", seqs: []int{1, 17, 2, 0}, left: all,
			want: []place{{"/1", glabella.CodeUnknownValue}, {"/3", glabella.CodeUnknownValue}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := encounter.CopyForward(upperFace(t))
			// Numbers count over all maps of a record.
			second := r.Maps[0]
			r.Maps[0].Points, second.Points = r.Maps[0].Points[:9], slices.Clone(r.Maps[0].Points[9:])
			second.Diagram = "face-left"
			r.Maps = append(r.Maps, second)
			got, err := encounter.Confirm(r, tt.seqs...)
			if tt.want == nil && err != nil || tt.want != nil && !errors.Is(err, glabella.ErrInvalid) {
				t.Fatalf("Confirm: %v", err)
			}
			if tt.want != nil {
				if diff := cmp.Diff(tt.want, placesOf(t, err)); diff != "" {
					t.Errorf("Confirm, issues (-want +got):\n%s", diff)
				}
			}
			if diff := cmp.Diff(tt.left, encounter.Unconfirmed(got)); diff != "" {
				t.Errorf("left to confirm (-want +got):\n%s", diff)
			}
			if n := len(encounter.Unconfirmed(r)); n != 16 {
				t.Errorf("Confirm changed its argument: %d points are left", n)
			}
			again, err := encounter.Confirm(got, tt.seqs...)
			if tt.want == nil && (err != nil || !cmp.Equal(got, again)) {
				t.Errorf("confirming twice is not as confirming once: %v", err)
			}
		})
	}
}

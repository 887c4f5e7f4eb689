package patient

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
)

var (
	mergeNoon = time.Date(2026, time.November, 23, 18, 0, 0, 0, time.UTC)
	clerk     = glabella.DeriveID[glabella.StaffID]("clerk")
)

// link returns a merge of two records, made so many hours after noon.
func link(survivor, merged string, hours int, choices ...MergeChoice) Merge {
	return Merge{
		ID: glabella.DeriveID[glabella.MergeID](fmt.Sprint(survivor, " ", merged, " ", hours)), Survivor: patientID(survivor), Merged: patientID(merged), State: MergeLinked,
		At: mergeNoon.Add(time.Duration(hours) * time.Hour), By: clerk, Reason: MergeRegisteredTwice, Choices: choices,
		Provenance: glabella.Provenance{Source: glabella.SourceEntered, Author: clerk.Ref(), RecordedAt: mergeNoon},
	}
}

func unlink(t *testing.T, m Merge) Merge {
	t.Helper()
	out, err := m.Unlink(clerk, UnmergeDifferentPeople, m.At.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestUnlink(t *testing.T) {
	t.Parallel()
	m := link("a", "b", 0, MergeChoice{PartNames, FromBoth})
	out := unlink(t, m)
	if err := out.Validate(); err != nil {
		t.Errorf("Validate() = %v", err)
	}
	if m.State != MergeLinked || out.State != MergeUnlinked || out.UnmergedBy != clerk || out.UnmergeReason != UnmergeDifferentPeople {
		t.Errorf("Unlink turns %+v into %+v", m, out)
	}
	var refused *glabella.TransitionError
	if _, err := out.Unlink(clerk, UnmergeOther, mergeNoon); !errors.As(err, &refused) || refused.Machine != "merge" {
		t.Errorf("a second Unlink = %v, want a transition error", err)
	}
}

func TestMergeValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*Merge)
		want   map[string]glabella.Code
	}{
		{"nothing is wrong", func(*Merge) {}, nil},
		{"empty", func(m *Merge) { *m = Merge{} }, map[string]glabella.Code{
			"/id": glabella.CodeRequired, "/survivor": glabella.CodeRequired, "/merged": glabella.CodeRequired, "/at": glabella.CodeRequired, "/by": glabella.CodeRequired,
			"/state": glabella.CodeUnknownValue, "/reason": glabella.CodeUnknownValue, "/provenance/source": glabella.CodeUnknownValue, "/provenance/recordedAt": glabella.CodeRequired,
		}},
		{"with itself", func(m *Merge) { m.Merged = m.Survivor }, map[string]glabella.Code{"/merged": glabella.CodeMismatch}},
		{"a part that is none", func(m *Merge) { m.Choices = []MergeChoice{{"conditions", FromBoth}} }, map[string]glabella.Code{"/choices/0/part": glabella.CodeUnknownValue}},
		{"a part twice", func(m *Merge) { m.Choices = []MergeChoice{{PartTags, FromBoth}, {PartTags, FromMerged}} }, map[string]glabella.Code{"/choices/1/part": glabella.CodeDuplicate}},
		{"both birth dates", func(m *Merge) { m.Choices = []MergeChoice{{PartBirthDate, FromBoth}} }, map[string]glabella.Code{"/choices/0/from": glabella.CodeMismatch}},
		{"a choice of no record", func(m *Merge) { m.Choices = []MergeChoice{{PartTags, ""}} }, map[string]glabella.Code{"/choices/0/from": glabella.CodeUnknownValue}},
		{"taken back, and by nobody", func(m *Merge) { m.State = MergeUnlinked }, map[string]glabella.Code{
			"/unmergedAt": glabella.CodeRequired, "/unmergedBy": glabella.CodeRequired, "/unmergeReason": glabella.CodeUnknownValue,
		}},
		{"linked, and taken back by somebody", func(m *Merge) { m.UnmergedBy = clerk }, map[string]glabella.Code{"/state": glabella.CodeMismatch}},
		{"taken back before", func(m *Merge) {
			m.State, m.UnmergedBy, m.UnmergedAt, m.UnmergeReason = MergeUnlinked, clerk, m.At.Add(-time.Hour), UnmergeOther
		}, map[string]glabella.Code{"/unmergedAt": CodePeriod}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := link("a", "b", 0)
			tt.change(&m)
			var got map[string]glabella.Code
			var invalid *glabella.ValidationError
			if errors.As(m.Validate(), &invalid) {
				got = map[string]glabella.Code{}
				for _, i := range invalid.Issues {
					got[i.Path] = i.Code
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAMergeIsStoredAndReadBackAsItIs(t *testing.T) {
	t.Parallel()
	for _, m := range []Merge{link("a", "b", 0), unlink(t, link("a", "b", 0, MergeChoice{PartNames, FromMerged}))} {
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var back Merge
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, back); diff != "" {
			t.Errorf("read back from %s (-want +got):\n%s", data, diff)
		}
	}
}

func TestResolveAndMembers(t *testing.T) {
	t.Parallel()
	ids := func(names ...string) []glabella.PatientID {
		var out []glabella.PatientID
		for _, n := range names {
			out = append(out, patientID(n))
		}
		return out
	}
	for _, tt := range []struct {
		name    string
		of      string
		merges  []Merge
		chain   []string
		members []string
		cycle   bool
	}{
		{name: "a record without merges", of: "a", chain: []string{"a"}, members: []string{"a"}},
		{name: "a merged record", of: "b", merges: []Merge{link("a", "b", 0)}, chain: []string{"b", "a"}, members: []string{"a", "b"}},
		{name: "its survivor", of: "a", merges: []Merge{link("a", "b", 0)}, chain: []string{"a"}, members: []string{"a", "b"}},
		{name: "a chain", of: "c", merges: []Merge{link("a", "b", 1), link("b", "c", 0)}, chain: []string{"c", "b", "a"}, members: []string{"a", "b", "c"}},
		{name: "several, in the order of their merges", of: "d", merges: []Merge{link("a", "d", 2), link("a", "b", 1), link("b", "c", 3)}, chain: []string{"d", "a"}, members: []string{"a", "b", "c", "d"}},
		{name: "merges of others", of: "a", merges: []Merge{link("x", "y", 0)}, chain: []string{"a"}, members: []string{"a"}},
		{name: "a merge that was taken back", of: "b", merges: []Merge{unlink(t, link("a", "b", 0))}, chain: []string{"b"}, members: []string{"b"}},
		{name: "merged again elsewhere", of: "b", merges: []Merge{unlink(t, link("a", "b", 0)), link("c", "b", 5)}, chain: []string{"b", "c"}, members: []string{"c", "b"}},
		{name: "merged twice counts by the first", of: "b", merges: []Merge{link("c", "b", 5), link("a", "b", 0)}, chain: []string{"b", "a"}, members: []string{"a", "b"}},
		{name: "a circle", of: "a", merges: []Merge{link("a", "b", 0), link("b", "c", 1), link("c", "a", 2)}, cycle: true},
		{name: "a way into a circle", of: "d", merges: []Merge{link("a", "b", 0), link("b", "a", 1), link("a", "d", 2)}, cycle: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			survivor, chain, err := Resolve(patientID(tt.of), tt.merges)
			members, membersErr := Members(patientID(tt.of), tt.merges)
			if tt.cycle {
				if !errors.Is(err, ErrMergeCycle) || !errors.Is(membersErr, ErrMergeCycle) || !errors.Is(err, glabella.ErrInvalid) {
					t.Errorf("Resolve = %v, Members = %v, want a cycle", err, membersErr)
				}
				if _, err := View(Patient{ID: patientID(tt.of)}, nil, tt.merges); !errors.Is(err, ErrMergeCycle) {
					t.Errorf("View = %v, want a cycle", err)
				}
				return
			}
			if err != nil || membersErr != nil {
				t.Fatal(err, membersErr)
			}
			if diff := cmp.Diff(ids(tt.chain...), chain); diff != "" || survivor != chain[len(chain)-1] {
				t.Errorf("Resolve = %v, chain (-want +got):\n%s", survivor, diff)
			}
			if diff := cmp.Diff(ids(tt.members...), members); diff != "" {
				t.Errorf("Members (-want +got):\n%s", diff)
			}
		})
	}
}

// full returns a record with every field, each value of which names the record.
func full(name string, year int) Patient {
	p := Patient{
		ID: patientID(name), Names: []Name{{Use: NameOfficial, Family: "Family" + name, Given: []string{"Given" + name}}}, Pronouns: name,
		BirthDate: glabella.Date{Year: year, Month: 1, Day: 1}, SexAtBirth: Female, Gender: Female,
		Contacts:          []Contact{{System: Email, Value: name + "@example.com", Preferred: true}},
		Addresses:         []Address{{Lines: []string{"1 " + name + " Street"}}},
		Languages:         []string{"en"},
		Identifiers:       []Identifier{{System: "https://example.com/mrn", Value: name}},
		Tags:              []string{"tag " + name},
		PreferredProvider: glabella.DeriveID[glabella.StaffID](name),
		Conditions:        []Condition{{Concept: glabella.Coding{Display: name}, Classes: []string{name}}},
		Provenance:        glabella.Provenance{Source: glabella.SourceImported, System: "system " + name, RecordedAt: mergeNoon},
	}
	return p
}

func TestView(t *testing.T) {
	t.Parallel()
	a, b := full("a", 1990), full("b", 1991)
	view := func(t *testing.T, choices ...MergeChoice) Patient {
		t.Helper()
		v, err := View(a, []Patient{b}, []Merge{link("a", "b", 0, choices...)})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	t.Run("lists are united, and the survivor's values stay", func(t *testing.T) {
		t.Parallel()
		want := clone(a)
		of := b.Provenance
		want.Names = append(want.Names, Name{Use: NameOfficial, Family: "Familyb", Given: []string{"Givenb"}, Provenance: of})
		want.Contacts = append(want.Contacts, Contact{System: Email, Value: "b@example.com", Provenance: of})
		want.Addresses = append(want.Addresses, Address{Lines: []string{"1 b Street"}, Provenance: of})
		want.Identifiers = append(want.Identifiers, b.Identifiers...)
		want.Tags = append(want.Tags, b.Tags...)
		want.Conditions = append(want.Conditions, Condition{Concept: glabella.Coding{Display: "b"}, Classes: []string{"b"}, Provenance: of})
		if diff := cmp.Diff(want, view(t)); diff != "" {
			t.Errorf("View (-want +got):\n%s", diff)
		}
	})
	t.Run("the merged record's, where it is chosen", func(t *testing.T) {
		t.Parallel()
		var choices []MergeChoice
		for _, part := range MergeParts() {
			choices = append(choices, MergeChoice{part, FromMerged})
		}
		want := clone(b)
		want.ID, want.Provenance = a.ID, a.Provenance
		want.Names[0].Provenance, want.Contacts[0].Provenance, want.Addresses[0].Provenance = b.Provenance, b.Provenance, b.Provenance
		want.Conditions = []Condition{a.Conditions[0], {Concept: glabella.Coding{Display: "b"}, Classes: []string{"b"}, Provenance: b.Provenance}}
		if diff := cmp.Diff(want, view(t, choices...)); diff != "" {
			t.Errorf("View (-want +got):\n%s", diff)
		}
	})
	t.Run("the survivor's alone, where it is chosen", func(t *testing.T) {
		t.Parallel()
		var choices []MergeChoice
		for _, part := range MergeParts() {
			choices = append(choices, MergeChoice{part, FromSurvivor})
		}
		want := clone(a)
		want.Conditions = append(want.Conditions, Condition{Concept: glabella.Coding{Display: "b"}, Classes: []string{"b"}, Provenance: b.Provenance})
		if diff := cmp.Diff(want, view(t, choices...)); diff != "" {
			t.Errorf("View (-want +got):\n%s", diff)
		}
	})
	t.Run("blanks are filled by the first who can", func(t *testing.T) {
		t.Parallel()
		blank := Patient{ID: patientID("blank")}
		v, err := View(blank, []Patient{b, a}, []Merge{link("blank", "b", 2), link("blank", "a", 1)})
		if err != nil {
			t.Fatal(err)
		}
		if v.Pronouns != "a" || v.BirthDate.Year != 1990 || v.PreferredProvider != a.PreferredProvider || v.Name().Family != "Familya" {
			t.Errorf("View = %+v, want what a has", v)
		}
	})
	t.Run("what is in both stands once", func(t *testing.T) {
		t.Parallel()
		c := full("c", 1990)
		c.Names[0].Family, c.Names[0].Given[0] = "FAMILYA", "GIVENA"
		c.Contacts[0].Value, c.Addresses, c.Identifiers, c.Tags, c.Conditions = "A@example.com", a.Addresses, a.Identifiers, a.Tags, a.Conditions
		v, err := View(a, []Patient{c}, []Merge{link("a", "c", 0)})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a, v); diff != "" {
			t.Errorf("View (-want +got):\n%s", diff)
		}
	})
	t.Run("a record that is merged into a merged one counts with it", func(t *testing.T) {
		t.Parallel()
		c := full("c", 1992)
		v, err := View(a, []Patient{b, c}, []Merge{link("a", "b", 1, MergeChoice{PartTags, FromMerged}), link("b", "c", 0)})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"tag b", "tag c"}, v.Tags); diff != "" {
			t.Errorf("tags (-want +got):\n%s", diff)
		}
		if got := v.Names[2].Provenance.System; got != "system c" {
			t.Errorf("the name of c has provenance %q", got)
		}
	})
	t.Run("a view shares nothing with the records", func(t *testing.T) {
		t.Parallel()
		x, y := full("a", 1990), full("b", 1991)
		v, err := View(x, []Patient{y}, []Merge{link("a", "b", 0)})
		if err != nil {
			t.Fatal(err)
		}
		for i := range v.Names {
			v.Names[i].Given[0], v.Names[i].Family = "changed", "changed"
		}
		for i := range v.Addresses {
			v.Addresses[i].Lines[0] = "changed"
		}
		for i := range v.Conditions {
			v.Conditions[i].Classes[0] = "changed"
		}
		v.Contacts[0].Value, v.Tags[0], v.Languages[0], v.Identifiers[0].Value = "changed", "changed", "changed", "changed"
		if diff := cmp.Diff(full("a", 1990), x); diff != "" {
			t.Errorf("the survivor has changed:\n%s", diff)
		}
		if diff := cmp.Diff(full("b", 1991), y); diff != "" {
			t.Errorf("the merged record has changed:\n%s", diff)
		}
	})
}

func TestUnmergeRestoresEveryView(t *testing.T) {
	t.Parallel()
	for seed := range int64(12) {
		r := rand.New(rand.NewSource(seed))
		var records []Patient
		for i := range 8 {
			p := full(string(rune('a'+i)), 1980+i)
			if r.Intn(3) == 0 {
				p.Pronouns, p.Tags, p.BirthDate = "", nil, glabella.Date{}
			}
			records = append(records, p)
		}
		views := func(merges []Merge) []Patient {
			out := make([]Patient, len(records))
			for i, p := range records {
				v, err := View(p, records, merges)
				if err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				out[i] = v
			}
			return out
		}
		members := func(merges []Merge) [][]glabella.PatientID {
			var out [][]glabella.PatientID
			for _, p := range records {
				m, err := Members(p.ID, merges)
				if err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				out = append(out, m)
			}
			return out
		}
		var merges []Merge
		merged := 0
		for step := range 40 {
			a, b := records[r.Intn(len(records))], records[r.Intn(len(records))]
			if !MayMerge(MergeFacts{Survivor: a, Merged: b, Merges: merges}).Permits(CodeMergeBirthDate) {
				if open := slices.IndexFunc(merges, func(m Merge) bool { return m.State == MergeLinked }); open >= 0 && r.Intn(2) == 0 {
					merges[open] = unlink(t, merges[open])
				}
				continue
			}
			merged++
			m := link("", "", step)
			m.Survivor, m.Merged = a.ID, b.ID
			if r.Intn(2) == 0 {
				m.Choices = []MergeChoice{{MergeParts()[r.Intn(len(MergeParts()))], FromMerged}}
			}
			viewsBefore, membersBefore := views(merges), members(merges)
			with := append(slices.Clone(merges), m)
			if cmp.Equal(viewsBefore, views(with)) {
				t.Fatalf("seed %d: a merge changes no view", seed)
			}
			back := append(slices.Clone(merges), unlink(t, m))
			r.Shuffle(len(back), func(i, j int) { back[i], back[j] = back[j], back[i] })
			if diff := cmp.Diff(viewsBefore, views(back)); diff != "" {
				t.Fatalf("seed %d: views after the merge was taken back (-before +after):\n%s", seed, diff)
			}
			if diff := cmp.Diff(membersBefore, members(back)); diff != "" {
				t.Fatalf("seed %d: members after the merge was taken back (-before +after):\n%s", seed, diff)
			}
			merges = with
		}
		if merged < 3 {
			t.Errorf("seed %d made %d merges: too few", seed, merged)
		}
		for i := range merges {
			if merges[i].State == MergeLinked {
				merges[i] = unlink(t, merges[i])
			}
		}
		if diff := cmp.Diff(records, views(merges)); diff != "" {
			t.Errorf("seed %d: views after all merges were taken back (-records +views):\n%s", seed, diff)
		}
	}
}

func TestMayMerge(t *testing.T) {
	t.Parallel()
	a, b := full("a", 1990), full("b", 1990)
	unlikely := Match{Likelihood: Unlikely}
	with := func(p Patient, change func(*Patient)) Patient {
		p = clone(p)
		change(&p)
		return p
	}
	const system = "https://example.com/mrn"
	for _, tt := range []struct {
		name  string
		facts MergeFacts
		want  []glabella.Code
		deny  bool
	}{
		{name: "two records of one person", facts: MergeFacts{Survivor: a, Merged: b}},
		{name: "a merge of others", facts: MergeFacts{Survivor: a, Merged: b, Merges: []Merge{link("x", "y", 0)}}},
		{name: "a merge that was taken back", facts: MergeFacts{Survivor: a, Merged: b, Merges: []Merge{unlink(t, link("c", "b", 0))}}},
		{name: "others merged into both", facts: MergeFacts{Survivor: a, Merged: b, Merges: []Merge{link("a", "x", 0), link("b", "y", 1)}}},
		{name: "one record", facts: MergeFacts{Survivor: a, Merged: a}, want: []glabella.Code{CodeMergeSelf}, deny: true},
		{name: "merged already", facts: MergeFacts{Survivor: a, Merged: b, Merges: []Merge{link("c", "b", 0)}}, want: []glabella.Code{CodeMergeMerged}, deny: true},
		{name: "a survivor that is merged", facts: MergeFacts{Survivor: a, Merged: b, Merges: []Merge{link("c", "a", 0)}}, want: []glabella.Code{CodeMergeSurvivor}, deny: true},
		{name: "the other way round", facts: MergeFacts{Survivor: a, Merged: b, Merges: []Merge{link("b", "a", 0)}}, want: []glabella.Code{CodeMergeSurvivor, CodeMergeCycle}, deny: true},
		{name: "the other way round, over another", facts: MergeFacts{Survivor: a, Merged: b, Merges: []Merge{link("c", "a", 0), link("b", "c", 1)}}, want: []glabella.Code{CodeMergeSurvivor, CodeMergeCycle}, deny: true},
		{name: "other birth dates", facts: MergeFacts{Survivor: a, Merged: full("b", 1991)}, want: []glabella.Code{CodeMergeBirthDate}},
		{name: "a birth date missing", facts: MergeFacts{Survivor: a, Merged: with(b, func(p *Patient) { p.BirthDate = glabella.Date{} })}},
		{name: "other sexes", facts: MergeFacts{Survivor: a, Merged: with(b, func(p *Patient) { p.SexAtBirth = Male })}, want: []glabella.Code{CodeMergeSex}},
		{name: "other identifiers of a system that gives one", facts: MergeFacts{Survivor: a, Merged: b, SingleSystems: []string{system}}, want: []glabella.Code{CodeMergeIdentifier}},
		{name: "the same identifier of a system that gives one", facts: MergeFacts{Survivor: a, Merged: with(b, func(p *Patient) { p.Identifiers = a.Identifiers }), SingleSystems: []string{system}}},
		{name: "records that are not alike", facts: MergeFacts{Survivor: a, Merged: b, Match: &unlikely}, want: []glabella.Code{CodeMergeUnlike}},
		{name: "a legal hold", facts: MergeFacts{Survivor: a, Merged: b, LegalHolds: []glabella.PatientID{b.ID}}, want: []glabella.Code{CodeMergeLegalHold}},
		{name: "a legal hold of another", facts: MergeFacts{Survivor: a, Merged: b, LegalHolds: []glabella.PatientID{patientID("c")}}},
		{name: "one open visit", facts: MergeFacts{Survivor: a, Merged: b, OpenVisits: []glabella.PatientID{b.ID}}},
		{name: "open visits of both", facts: MergeFacts{Survivor: a, Merged: b, OpenVisits: []glabella.PatientID{b.ID, a.ID}}, want: []glabella.Code{CodeMergeOpenVisits}},
		{name: "a record that others may not see", facts: MergeFacts{Survivor: a, Merged: b, Restricted: true}, want: []glabella.Code{CodeMergeRestricted}},
		{name: "everything at once", facts: MergeFacts{
			Survivor: a, Merged: with(full("b", 1991), func(p *Patient) { p.SexAtBirth = Male }), Merges: []Merge{link("c", "b", 0)}, Match: &unlikely,
			LegalHolds: []glabella.PatientID{a.ID}, OpenVisits: []glabella.PatientID{a.ID, b.ID}, Restricted: true, SingleSystems: []string{system},
		}, want: []glabella.Code{CodeMergeMerged, CodeMergeBirthDate, CodeMergeSex, CodeMergeIdentifier, CodeMergeUnlike, CodeMergeLegalHold, CodeMergeOpenVisits, CodeMergeRestricted}, deny: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkDecision(t, MayMerge(tt.facts), tt.want, tt.deny)
		})
	}
}

func TestMayUnmerge(t *testing.T) {
	t.Parallel()
	m := link("a", "b", 0)
	visit := glabella.DeriveID[glabella.EncounterID]("visit").Ref()
	for _, tt := range []struct {
		name  string
		facts UnmergeFacts
		want  []glabella.Code
		deny  bool
	}{
		{name: "a merge that holds", facts: UnmergeFacts{Merge: m}},
		{name: "one that was taken back", facts: UnmergeFacts{Merge: unlink(t, m)}, want: []glabella.Code{CodeUnmergeUnlinked}, deny: true},
		{name: "a legal hold", facts: UnmergeFacts{Merge: m, LegalHolds: []glabella.PatientID{m.Survivor}}, want: []glabella.Code{CodeUnmergeLegalHold}},
		{name: "a visit since", facts: UnmergeFacts{Merge: m, Recorded: []glabella.Ref{visit}}, want: []glabella.Code{CodeUnmergeRecorded}},
		{name: "a visit under way", facts: UnmergeFacts{Merge: m, OpenVisits: []glabella.PatientID{m.Merged}}, want: []glabella.Code{CodeUnmergeOpenVisits}},
		{name: "everything at once", facts: UnmergeFacts{
			Merge: unlink(t, m), LegalHolds: []glabella.PatientID{m.Survivor}, Recorded: []glabella.Ref{visit}, OpenVisits: []glabella.PatientID{m.Merged},
		}, want: []glabella.Code{CodeUnmergeUnlinked, CodeUnmergeLegalHold, CodeUnmergeRecorded, CodeUnmergeOpenVisits}, deny: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkDecision(t, MayUnmerge(tt.facts), tt.want, tt.deny)
		})
	}
}

func checkDecision(t *testing.T, d glabella.Decision, want []glabella.Code, deny bool) {
	t.Helper()
	outcome := glabella.Allow
	switch {
	case deny:
		outcome = glabella.Deny
	case len(want) > 0:
		outcome = glabella.Warn
	}
	if diff := cmp.Diff(append([]glabella.Code{}, want...), d.Codes()); diff != "" || d.Outcome != outcome {
		t.Errorf("%v, want %s; codes (-want +got):\n%s", d, outcome, diff)
	}
	for _, r := range d.Reasons {
		if len(r.Refs) == 0 || r.Fix == "" {
			t.Errorf("%s has no records or no fix", r.Code)
		}
	}
}

func TestEnumsOfIdentityHoldTheirValuesAndNoOthers(t *testing.T) {
	t.Parallel()
	checkEnum(t, Fields())
	checkEnum(t, Levels())
	checkEnum(t, Likelihoods())
	checkEnum(t, MergeStates())
	checkEnum(t, MergeReasons())
	checkEnum(t, UnmergeReasons())
	checkEnum(t, MergeParts())
	checkEnum(t, MergeFroms())
}

func checkEnum[E interface {
	~string
	Valid() bool
}](t *testing.T, all []E) {
	t.Helper()
	for i, v := range all {
		if !v.Valid() || slices.Contains(all[:i], v) {
			t.Errorf("%T: %q is listed and not valid, or twice", all, v)
		}
	}
	if E("").Valid() || E("something else").Valid() || len(all) == 0 {
		t.Errorf("%T has no values, or any", all)
	}
}

package patient

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
)

// MergeState is the state of a merge.
type MergeState string

// The states of a merge.
const (
	MergeLinked   MergeState = "linked"
	MergeUnlinked MergeState = "unlinked"
)

// MergeStates returns every state of a merge.
func MergeStates() []MergeState { return []MergeState{MergeLinked, MergeUnlinked} }

// Valid reports whether s is one of [MergeStates].
func (s MergeState) Valid() bool { return slices.Contains(MergeStates(), s) }

// MergeMachine returns the state machine of a merge. One that was taken back
// stays so: to link the two again is a new merge.
func MergeMachine() state.Machine[MergeState] {
	return state.Machine[MergeState]{Name: "merge", Arrows: []state.Arrow[MergeState]{
		{From: MergeLinked, Action: "unlink", To: MergeUnlinked},
	}}
}

// MergeReason says why two records are taken to be of one person.
type MergeReason string

// The reasons of a merge.
const (
	MergeRegisteredTwice MergeReason = "registered-twice"
	MergeImportedTwice   MergeReason = "imported-twice"
	MergeNameChanged     MergeReason = "name-changed"
	MergeOther           MergeReason = "other"
)

// MergeReasons returns every reason of a merge.
func MergeReasons() []MergeReason {
	return []MergeReason{MergeRegisteredTwice, MergeImportedTwice, MergeNameChanged, MergeOther}
}

// Valid reports whether r is one of [MergeReasons].
func (r MergeReason) Valid() bool { return slices.Contains(MergeReasons(), r) }

// UnmergeReason says why a merge is taken back.
type UnmergeReason string

// The reasons to take a merge back.
const (
	UnmergeDifferentPeople UnmergeReason = "different-people"
	UnmergeWrongSurvivor   UnmergeReason = "wrong-survivor" // to be linked the other way round
	UnmergeOther           UnmergeReason = "other"
)

// UnmergeReasons returns every reason to take a merge back.
func UnmergeReasons() []UnmergeReason {
	return []UnmergeReason{UnmergeDifferentPeople, UnmergeWrongSurvivor, UnmergeOther}
}

// Valid reports whether r is one of [UnmergeReasons].
func (r UnmergeReason) Valid() bool { return slices.Contains(UnmergeReasons(), r) }

// Merge says that two records are of one person. It is a link: neither record is
// changed, everything recorded of either keeps its subject, and taking the merge
// back leaves both as they were. What a person looks like under all links is a
// [View]; whose facts make up the chart, [Members] says.
type Merge struct {
	ID glabella.MergeID `json:"id" validate:"required"`
	glabella.Meta
	Survivor      glabella.PatientID  `json:"survivor" validate:"required"` // the record that the person goes by from now on
	Merged        glabella.PatientID  `json:"merged" validate:"required"`
	State         MergeState          `json:"state"`
	At            time.Time           `json:"at" validate:"required"`
	By            glabella.StaffID    `json:"by" validate:"required"`
	Reason        MergeReason         `json:"reason"`
	Choices       []MergeChoice       `json:"choices"` // where the view is not to be the usual one
	UnmergedAt    time.Time           `json:"unmergedAt,omitzero"`
	UnmergedBy    glabella.StaffID    `json:"unmergedBy,omitzero"`
	UnmergeReason UnmergeReason       `json:"unmergeReason,omitempty"`
	Provenance    glabella.Provenance `json:"provenance"`
}

// Ref returns the reference to the merge.
func (m Merge) Ref() glabella.Ref { return m.ID.Ref() }

// Validate reports everything that is wrong with the merge.
func (m Merge) Validate() error {
	issues := check.Struct(m)
	add := func(code glabella.Code, text, format string, args ...any) {
		issues = append(issues, glabella.Issue{Path: fmt.Sprintf(format, args...), Code: code, Text: text})
	}
	if !m.State.Valid() {
		add(glabella.CodeUnknownValue, "not a state of a merge", "/state")
	}
	if !m.Reason.Valid() {
		add(glabella.CodeUnknownValue, "not a reason of a merge", "/reason")
	}
	if m.Survivor == m.Merged && !m.Merged.IsZero() {
		add(glabella.CodeMismatch, "is the survivor", "/merged")
	}
	for i, c := range m.Choices {
		switch {
		case !c.Part.Valid():
			add(glabella.CodeUnknownValue, "not a part of a record", "/choices/%d/part", i)
		case slices.ContainsFunc(m.Choices[:i], func(d MergeChoice) bool { return d.Part == c.Part }):
			add(glabella.CodeDuplicate, "chosen twice", "/choices/%d/part", i)
		case c.From == FromBoth && !c.Part.list():
			add(glabella.CodeMismatch, "a record has one of these only", "/choices/%d/from", i)
		}
		if !c.From.Valid() {
			add(glabella.CodeUnknownValue, "not a record of a merge", "/choices/%d/from", i)
		}
	}
	unlinked := m.State == MergeUnlinked
	if unlinked && m.UnmergedAt.IsZero() {
		add(glabella.CodeRequired, "a merge that was taken back says when", "/unmergedAt")
	}
	if unlinked && m.UnmergedBy.IsZero() {
		add(glabella.CodeRequired, "a merge that was taken back says by whom", "/unmergedBy")
	}
	if unlinked && !m.UnmergeReason.Valid() {
		add(glabella.CodeUnknownValue, "not a reason to take a merge back", "/unmergeReason")
	}
	if !unlinked && (!m.UnmergedAt.IsZero() || !m.UnmergedBy.IsZero() || m.UnmergeReason != "") {
		add(glabella.CodeMismatch, "the merge was not taken back", "/state")
	}
	if unlinked && !m.UnmergedAt.IsZero() && m.UnmergedAt.Before(m.At) {
		add(CodePeriod, "is before the merge", "/unmergedAt")
	}
	return glabella.Invalid("merge", append(issues, m.Provenance.Validate("/provenance")...)...)
}

// Unlink returns the merge taken back. It is a [*glabella.TransitionError] if it
// was before.
func (m Merge) Unlink(by glabella.StaffID, reason UnmergeReason, at time.Time) (Merge, error) {
	next, err := MergeMachine().Next(m.State, "unlink")
	if err != nil {
		return m, err
	}
	m.Choices = slices.Clone(m.Choices)
	m.State, m.UnmergedAt, m.UnmergedBy, m.UnmergeReason = next, at, by, reason
	return m, nil
}

// Apart returns the merge that says that two records were looked at and are of
// different people: one that was taken back as it was made. [KnownApart] finds it.
func Apart(id glabella.MergeID, a, b glabella.PatientID, by glabella.StaffID, from glabella.Provenance, at time.Time) Merge {
	return Merge{ID: id, Survivor: a, Merged: b, State: MergeUnlinked, At: at, By: by, Reason: MergeOther,
		UnmergedAt: at, UnmergedBy: by, UnmergeReason: UnmergeDifferentPeople, Provenance: from}
}

// KnownApart reports whether the last that somebody said of two records is that
// they are of different people.
func KnownApart(merges []Merge, a, b glabella.PatientID) bool {
	apart, last := false, time.Time{}
	for _, m := range merges {
		if m.Survivor != a && m.Merged != a || m.Survivor != b && m.Merged != b {
			continue
		}
		at := m.At
		if m.State == MergeUnlinked {
			at = m.UnmergedAt
		}
		if !at.Before(last) {
			apart, last = m.State == MergeUnlinked && m.UnmergeReason == UnmergeDifferentPeople, at
		}
	}
	return apart
}

// MergePart is a part of a patient's record that a merge may choose.
type MergePart string

// The parts of a record. Of a list the view has what is in either record, of
// anything else what the survivor has, or else the merged record. The conditions
// of both always count: no choice may hide a risk.
const (
	PartNames             MergePart = "names"
	PartContacts          MergePart = "contacts"
	PartAddresses         MergePart = "addresses"
	PartLanguages         MergePart = "languages"
	PartIdentifiers       MergePart = "identifiers"
	PartTags              MergePart = "tags"
	PartPronouns          MergePart = "pronouns"
	PartBirthDate         MergePart = "birth-date"
	PartSexAtBirth        MergePart = "sex-at-birth"
	PartGender            MergePart = "gender"
	PartPreferredProvider MergePart = "preferred-provider"
)

// MergeParts returns every part of a record that a merge may choose.
func MergeParts() []MergePart {
	return []MergePart{
		PartNames, PartContacts, PartAddresses, PartLanguages, PartIdentifiers, PartTags,
		PartPronouns, PartBirthDate, PartSexAtBirth, PartGender, PartPreferredProvider,
	}
}

// Valid reports whether p is one of [MergeParts].
func (p MergePart) Valid() bool { return slices.Contains(MergeParts(), p) }

// list reports whether a record may have several of the part.
func (p MergePart) list() bool {
	switch p {
	case PartNames, PartContacts, PartAddresses, PartLanguages, PartIdentifiers, PartTags:
		return true
	}
	return false
}

// MergeFrom says which record a part of the view is from.
type MergeFrom string

// The records of a merge.
const (
	FromSurvivor MergeFrom = "survivor"
	FromMerged   MergeFrom = "merged"
	FromBoth     MergeFrom = "both" // of lists only
)

// MergeFroms returns every value of MergeFrom.
func MergeFroms() []MergeFrom { return []MergeFrom{FromSurvivor, FromMerged, FromBoth} }

// Valid reports whether f is one of [MergeFroms].
func (f MergeFrom) Valid() bool { return slices.Contains(MergeFroms(), f) }

// MergeChoice says from which record the view takes a part. A record that lacks
// the part that was chosen from it leaves it empty.
type MergeChoice struct {
	Part MergePart `json:"part"`
	From MergeFrom `json:"from"`
}

// Linked is the payload of the business event of a merge, and of one that was
// taken back: State says which.
type Linked struct {
	Merge    glabella.MergeID   `json:"merge"`
	Survivor glabella.PatientID `json:"survivor"`
	Merged   glabella.PatientID `json:"merged"`
	State    MergeState         `json:"state"`
}

// links returns the merges that hold, in the order in which they were made.
func links(merges []Merge) []Merge {
	out := make([]Merge, 0, len(merges))
	for _, m := range merges {
		if m.State == MergeLinked {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b Merge) int {
		return cmp.Or(a.At.Compare(b.At), slices.Compare(a.ID[:], b.ID[:]))
	})
	return out
}

// ErrMergeCycle says that merges lead in a circle, so that no record is the one
// that a person goes by. It wraps [glabella.ErrInvalid].
var ErrMergeCycle = fmt.Errorf("%w: merges lead in a circle", glabella.ErrInvalid)

// Resolve returns the record that the person of a record goes by, and the records
// on the way there, from the given one on; both are the record itself if it is
// merged into none. Merges that were taken back do not count. The error is
// [ErrMergeCycle].
func Resolve(id glabella.PatientID, merges []Merge) (glabella.PatientID, []glabella.PatientID, error) {
	into := map[glabella.PatientID]glabella.PatientID{}
	for _, m := range links(merges) {
		if _, ok := into[m.Merged]; !ok {
			into[m.Merged] = m.Survivor
		}
	}
	return follow(id, into)
}

func follow(id glabella.PatientID, into map[glabella.PatientID]glabella.PatientID) (glabella.PatientID, []glabella.PatientID, error) {
	chain := []glabella.PatientID{id}
	for {
		next, ok := into[id]
		if !ok {
			return id, chain, nil
		}
		if slices.Contains(chain, next) {
			return glabella.PatientID{}, nil, fmt.Errorf("patient %s: %w", chain[0], ErrMergeCycle)
		}
		id, chain = next, append(chain, next)
	}
}

// Members returns every record of the person of a record: first the one that the
// person goes by, then those merged into it in the order of their merges, each
// followed by those merged into that one. A chart is read over all of them. The
// error is [ErrMergeCycle].
func Members(id glabella.PatientID, merges []Merge) ([]glabella.PatientID, error) {
	survivor, _, err := Resolve(id, merges)
	if err != nil {
		return nil, err
	}
	under := children(merges)
	var out []glabella.PatientID
	var add func(id glabella.PatientID)
	add = func(id glabella.PatientID) {
		out = append(out, id)
		for _, m := range under[id] {
			add(m.Merged)
		}
	}
	add(survivor)
	return out, nil
}

// children returns the merges that hold by their survivor, in the order in which
// they were made. A record that several merges link is merged by the first.
func children(merges []Merge) map[glabella.PatientID][]Merge {
	out := map[glabella.PatientID][]Merge{}
	seen := map[glabella.PatientID]bool{}
	for _, m := range links(merges) {
		if !seen[m.Merged] {
			seen[m.Merged] = true
			out[m.Survivor] = append(out[m.Survivor], m)
		}
	}
	return out
}

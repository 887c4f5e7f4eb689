package patient

import (
	"slices"

	"github.com/glabella-ehr/glabella"
)

// Codes of the reasons for which patients may not be merged, or with care only.
const (
	// CodeMergeSelf says that a record cannot be merged into itself.
	CodeMergeSelf glabella.Code = "patient.merge.self"
	// CodeMergeMerged says that the record is merged into another already.
	CodeMergeMerged glabella.Code = "patient.merge.merged"
	// CodeMergeSurvivor says that the record that is to survive is merged into another.
	CodeMergeSurvivor glabella.Code = "patient.merge.survivor"
	// CodeMergeCycle says that the merge would lead back to the record that is merged.
	CodeMergeCycle glabella.Code = "patient.merge.cycle"
	// CodeMergeBirthDate says that the two records have different birth dates.
	CodeMergeBirthDate glabella.Code = "patient.merge.birth-date"
	// CodeMergeSex says that the two records have different sexes.
	CodeMergeSex glabella.Code = "patient.merge.sex"
	// CodeMergeIdentifier says that one system gave the two records different identifiers.
	CodeMergeIdentifier glabella.Code = "patient.merge.identifier"
	// CodeMergeUnlike says that the two records do not look like those of one person.
	CodeMergeUnlike glabella.Code = "patient.merge.unlike"
	// CodeMergeLegalHold says that one of the records is under a legal hold.
	CodeMergeLegalHold glabella.Code = "patient.merge.legal-hold"
	// CodeMergeOpenVisits says that both records have a visit under way.
	CodeMergeOpenVisits glabella.Code = "patient.merge.open-visits"
	// CodeMergeRestricted says that the two records are not open to the same people.
	CodeMergeRestricted glabella.Code = "patient.merge.restricted"
	// CodeUnmergeUnlinked says that the merge was taken back before.
	CodeUnmergeUnlinked glabella.Code = "patient.unmerge.unlinked"
	// CodeUnmergeLegalHold says that one of the records of the merge is under a legal hold.
	CodeUnmergeLegalHold glabella.Code = "patient.unmerge.legal-hold"
	// CodeUnmergeRecorded says that facts were recorded of the survivor since the merge, which may be of the other person.
	CodeUnmergeRecorded glabella.Code = "patient.unmerge.recorded"
	// CodeUnmergeOpenVisits says that a visit is under way that may be of either person.
	CodeUnmergeOpenVisits glabella.Code = "patient.unmerge.open-visits"
)

// MergeFacts is what [MayMerge] looks at.
type MergeFacts struct {
	Survivor Patient // the stored records, not their views
	Merged   Patient
	Merges   []Merge // all that link either of them, or any record that they lead to
	Match    *Match  // of the two, if they were compared

	LegalHolds []glabella.PatientID // which of the two are under one
	OpenVisits []glabella.PatientID // which of the two have a visit under way
	// Restricted is set when somebody is kept from one of the two records, and not
	// from the other: a merge shows both to whoever may see the survivor.
	Restricted bool
	// SingleSystems are the systems that give a person one identifier, such as that of
	// a national number. Those that count registrations are not.
	SingleSystems []string
}

// MayMerge decides whether one record may be linked to another as that of the same
// person. What makes the link ambiguous is denied. What speaks against one person
// is a warning, for someone to settle who can ask: two records differ for a typing
// error, too.
func MayMerge(f MergeFacts) glabella.Decision {
	a, b := f.Survivor, f.Merged
	var reasons []glabella.Reason
	add := func(r glabella.Reason, fix string) {
		reasons = append(reasons, r.For(a.Ref(), b.Ref()).WithFix(fix))
	}
	if a.ID == b.ID {
		add(glabella.Denied(CodeMergeSelf, "the two records are one"), "choose two records")
	}
	into := map[glabella.PatientID]glabella.PatientID{}
	for _, m := range links(f.Merges) {
		if _, ok := into[m.Merged]; !ok {
			into[m.Merged] = m.Survivor
		}
	}
	if to, ok := into[b.ID]; ok && a.ID != b.ID {
		reasons = append(reasons, glabella.Denied(CodeMergeMerged, "the record is merged into another").For(b.Ref(), to.Ref()).
			WithFix("take that merge back, or merge the record that it leads to"))
	}
	if to, ok := into[a.ID]; ok && a.ID != b.ID {
		reasons = append(reasons, glabella.Denied(CodeMergeSurvivor, "the record that is to survive is merged into another").For(a.Ref(), to.Ref()).
			WithFix("merge into the record that it leads to"))
	}
	if a.ID != b.ID {
		if _, chain, err := follow(a.ID, into); err != nil || slices.Contains(chain, b.ID) {
			add(glabella.Denied(CodeMergeCycle, "the merge would lead in a circle"), "take back the merge that leads to the record")
		}
	}
	if !a.BirthDate.IsZero() && !b.BirthDate.IsZero() && a.BirthDate != b.BirthDate {
		add(glabella.Warned(CodeMergeBirthDate, "the birth dates differ"), "check an identity document, and choose the birth date that is right")
	}
	if x, y := sexOf(a), sexOf(b); x != 0 && y != 0 && x != y {
		add(glabella.Warned(CodeMergeSex, "the sexes differ"), "check an identity document, and choose the sex that is right")
	}
	for _, system := range f.SingleSystems {
		x, y := identifiersOf(a, system), identifiersOf(b, system)
		if len(x) > 0 && len(y) > 0 && !slices.ContainsFunc(x, func(v string) bool { return slices.Contains(y, v) }) {
			add(glabella.Warned(CodeMergeIdentifier, "a system that gives a person one identifier gave two").With("system", system), "check which of the identifiers is the person's")
		}
	}
	if f.Match != nil && f.Match.Likelihood == Unlikely {
		add(glabella.Warned(CodeMergeUnlike, "the records do not look like those of one person"), "check with the patient that both are theirs")
	}
	if refs := among(f.LegalHolds, a.ID, b.ID); len(refs) > 0 {
		reasons = append(reasons, glabella.Warned(CodeMergeLegalHold, "a record is under a legal hold").For(refs...).
			WithFix("ask whoever ordered the hold: a merge changes what is shown as one chart"))
	}
	if refs := among(f.OpenVisits, a.ID, b.ID); len(refs) == 2 {
		reasons = append(reasons, glabella.Warned(CodeMergeOpenVisits, "both records have a visit under way").For(refs...).
			WithFix("end one of the visits first"))
	}
	if f.Restricted {
		add(glabella.Warned(CodeMergeRestricted, "the records are not open to the same people"), "restrict the survivor's record as the other is")
	}
	return glabella.Decide(reasons...)
}

// identifiersOf returns the folded values that a system gave to the patient.
func identifiersOf(p Patient, system string) []string {
	var out []string
	for _, id := range p.Identifiers {
		if id.System == system {
			out = append(out, foldIdentifier(id.Value))
		}
	}
	return out
}

// among returns the references to those of two records that are in a list.
func among(list []glabella.PatientID, ids ...glabella.PatientID) []glabella.Ref {
	var out []glabella.Ref
	for _, id := range ids {
		if slices.Contains(list, id) && !slices.Contains(out, id.Ref()) {
			out = append(out, id.Ref())
		}
	}
	return out
}

// UnmergeFacts is what [MayUnmerge] looks at.
type UnmergeFacts struct {
	Merge      Merge
	LegalHolds []glabella.PatientID // which of the two are under one
	OpenVisits []glabella.PatientID // which of the two have a visit under way
	// Recorded are the facts that were recorded of the survivor since the merge:
	// visits, consents, sales. They stay with the survivor.
	Recorded []glabella.Ref
}

// MayUnmerge decides whether a merge may be taken back. Both records are then what
// they were; what was recorded of the survivor since stays there, and somebody has
// to say whose it is.
func MayUnmerge(f UnmergeFacts) glabella.Decision {
	var reasons []glabella.Reason
	if _, err := MergeMachine().Next(f.Merge.State, "unlink"); err != nil {
		reasons = append(reasons, glabella.Denied(CodeUnmergeUnlinked, "the merge was taken back before").For(f.Merge.Ref()).WithFix("choose a merge that holds"))
	}
	if refs := among(f.LegalHolds, f.Merge.Survivor, f.Merge.Merged); len(refs) > 0 {
		reasons = append(reasons, glabella.Warned(CodeUnmergeLegalHold, "a record is under a legal hold").For(refs...).
			WithFix("ask whoever ordered the hold: it may cover what is no longer shown as one chart"))
	}
	if len(f.Recorded) > 0 {
		reasons = append(reasons, glabella.Warned(CodeUnmergeRecorded, "facts were recorded of the survivor since the merge").For(f.Recorded...).
			WithFix("say of each whose it is, and correct those of the other person"))
	}
	if refs := among(f.OpenVisits, f.Merge.Survivor, f.Merge.Merged); len(refs) > 0 {
		reasons = append(reasons, glabella.Warned(CodeUnmergeOpenVisits, "a visit is under way").For(refs...).WithFix("end the visit first"))
	}
	return glabella.Decide(reasons...)
}

package patient

import (
	"slices"

	"github.com/glabella-ehr/glabella"
)

// View returns what a person looks like who has several records: the survivor's
// record, with what the records merged into it add. Lists are united, without what
// is in both; anything else is the survivor's, or else that of the first merged
// record that has it; a merge's choices go before both. A part from another record
// keeps its provenance, or gets that of its record. Records that are merged into
// merged ones count with these.
//
// The survivor is any record: merged into another itself, it is shown as it was
// before that. Records that no merge links to it do not count. Nothing of the view
// is stored, and no record is changed. The error is [ErrMergeCycle].
func View(survivor Patient, merged []Patient, merges []Merge) (Patient, error) {
	if _, _, err := Resolve(survivor.ID, merges); err != nil {
		return Patient{}, err
	}
	records := map[glabella.PatientID]Patient{}
	for _, p := range merged {
		records[p.ID] = p
	}
	return view(survivor, records, children(merges)), nil
}

func view(p Patient, records map[glabella.PatientID]Patient, under map[glabella.PatientID][]Merge) Patient {
	out := clone(p)
	for _, m := range under[p.ID] {
		if other, ok := records[m.Merged]; ok {
			out = join(out, view(other, records, under), m.Choices)
		}
	}
	return out
}

// clone returns the patient with lists of its own.
func clone(p Patient) Patient {
	p.Names = slices.Clone(p.Names)
	p.Contacts = slices.Clone(p.Contacts)
	p.Addresses = slices.Clone(p.Addresses)
	p.Languages = slices.Clone(p.Languages)
	p.Identifiers = slices.Clone(p.Identifiers)
	p.Tags = slices.Clone(p.Tags)
	p.Conditions = slices.Clone(p.Conditions)
	p.GenderIdentity, p.Alerts, p.Related, p.Holds = slices.Clone(p.GenderIdentity), slices.Clone(p.Alerts), slices.Clone(p.Related), slices.Clone(p.Holds)
	p.Communication.Preferences, p.Communication.Quiet = slices.Clone(p.Communication.Preferences), slices.Clone(p.Communication.Quiet)
	p.Communication.Confidential = slices.Clone(p.Communication.Confidential)
	for i := range p.Names {
		p.Names[i].Given = slices.Clone(p.Names[i].Given)
	}
	for i := range p.Addresses {
		p.Addresses[i].Lines = slices.Clone(p.Addresses[i].Lines)
	}
	for i := range p.Conditions {
		p.Conditions[i].Classes = slices.Clone(p.Conditions[i].Classes)
	}
	return p
}

// join returns the view a with what b adds.
func join(a, b Patient, choices []MergeChoice) Patient {
	from := func(part MergePart) MergeFrom {
		for _, c := range choices {
			if c.Part == part {
				return c.From
			}
		}
		return ""
	}
	for i := range b.Names {
		b.Names[i].Provenance = provenanceOf(b.Names[i].Provenance, b)
	}
	for i := range b.Contacts {
		b.Contacts[i].Provenance = provenanceOf(b.Contacts[i].Provenance, b)
	}
	for i := range b.Addresses {
		b.Addresses[i].Provenance = provenanceOf(b.Addresses[i].Provenance, b)
	}
	for i := range b.Conditions {
		b.Conditions[i].Provenance = provenanceOf(b.Conditions[i].Provenance, b)
	}
	a.Names = joinList(from(PartNames), a.Names, b.Names, func(x, y Name) bool {
		return x.Use == y.Use && FoldName(x.String()) == FoldName(y.String()) && x.From == y.From && x.To == y.To
	})
	a.Contacts = joinList(from(PartContacts), a.Contacts, demote(a.Contacts, b.Contacts, from(PartContacts)), func(x, y Contact) bool {
		return x.System == y.System && contactKey(x) == contactKey(y)
	})
	a.Addresses = joinList(from(PartAddresses), a.Addresses, b.Addresses, func(x, y Address) bool {
		return slices.Equal(x.Lines, y.Lines) && x.City == y.City && x.State == y.State && x.PostalCode == y.PostalCode && x.Country == y.Country
	})
	equal := func(x, y string) bool { return x == y }
	a.Languages = joinList(from(PartLanguages), a.Languages, b.Languages, equal)
	a.Identifiers = joinList(from(PartIdentifiers), a.Identifiers, b.Identifiers, func(x, y Identifier) bool { return x == y })
	a.Tags = joinList(from(PartTags), a.Tags, b.Tags, equal)
	a.Conditions = joinList(FromBoth, a.Conditions, b.Conditions, func(x, y Condition) bool {
		return x.Concept == y.Concept && slices.Equal(x.Classes, y.Classes) && x.From == y.From && x.To == y.To
	})
	for i := range b.Alerts {
		b.Alerts[i].Provenance = provenanceOf(b.Alerts[i].Provenance, b)
	}
	for i := range b.GenderIdentity {
		b.GenderIdentity[i].Provenance = provenanceOf(b.GenderIdentity[i].Provenance, b)
	}
	for i := range b.Related {
		b.Related[i].Provenance = provenanceOf(b.Related[i].Provenance, b)
	}
	// What protects the patient counts from either record: alerts, legal holds, and
	// wishes not to be reached.
	a.Alerts = joinList(FromBoth, a.Alerts, b.Alerts, func(x, y Alert) bool { return x.Code == y.Code && x.Text == y.Text && x.From == y.From && x.To == y.To })
	a.GenderIdentity = joinList(from(PartGender), a.GenderIdentity, b.GenderIdentity, func(x, y GenderIdentity) bool { return x.Concept == y.Concept && x.From == y.From && x.To == y.To })
	a.Related = joinList(FromBoth, a.Related, b.Related, func(x, y Related) bool { return x.ID == y.ID })
	a.Holds = joinList(FromBoth, a.Holds, b.Holds, func(x, y Hold) bool { return x == y })
	a.Communication.Preferences = joinList(FromBoth, a.Communication.Preferences, b.Communication.Preferences, func(x, y ChannelPreference) bool { return x == y })
	a.Communication.Quiet = joinList(FromBoth, a.Communication.Quiet, b.Communication.Quiet, func(x, y QuietHours) bool {
		return x.From == y.From && x.To == y.To && x.Zone == y.Zone && slices.Equal(x.Days, y.Days)
	})
	a.Communication.Confidential = joinList(FromBoth, a.Communication.Confidential, b.Communication.Confidential, func(x, y ConfidentialRequest) bool { return x == y })
	a.LegalSex = choose(from(PartSexAtBirth), a.LegalSex, b.LegalSex)
	a.Pronouns = choose(from(PartPronouns), a.Pronouns, b.Pronouns)
	a.BirthDate = choose(from(PartBirthDate), a.BirthDate, b.BirthDate)
	a.SexAtBirth = choose(from(PartSexAtBirth), a.SexAtBirth, b.SexAtBirth)
	a.Gender = choose(from(PartGender), a.Gender, b.Gender)
	a.PreferredProvider = choose(from(PartPreferredProvider), a.PreferredProvider, b.PreferredProvider)
	return a
}

// provenanceOf returns the provenance of a part of a record.
func provenanceOf(part glabella.Provenance, of Patient) glabella.Provenance {
	if part == (glabella.Provenance{}) {
		return of.Provenance
	}
	return part
}

// demote returns the added contacts with none of them preferred if one of the
// first is: a person has one way to be reached first.
func demote(first, added []Contact, from MergeFrom) []Contact {
	if from == FromMerged || !slices.ContainsFunc(first, func(c Contact) bool { return c.Preferred }) {
		return added
	}
	for i := range added {
		added[i].Preferred = false
	}
	return added
}

// contactKey returns what is the same of all ways to write a contact.
func contactKey(c Contact) string {
	if c.System == Email {
		return foldEmail(c.Value)
	}
	return digits(c.Value)
}

// choose returns the value that the view has.
func choose[E comparable](from MergeFrom, survivor, merged E) E {
	var none E
	if from == FromMerged || from != FromSurvivor && survivor == none {
		return merged
	}
	return survivor
}

// joinList returns the list that the view has.
func joinList[E any](from MergeFrom, survivor, merged []E, same func(x, y E) bool) []E {
	switch from {
	case FromSurvivor:
		return survivor
	case FromMerged:
		return merged
	}
	for _, v := range merged {
		if !slices.ContainsFunc(survivor, func(have E) bool { return same(have, v) }) {
			survivor = append(survivor, v)
		}
	}
	return survivor
}

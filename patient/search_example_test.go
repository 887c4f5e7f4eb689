package patient_test

import (
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
)

// enrolled is a patient as a front desk records one.
func enrolled(key, given, family, born, phone string) patient.Patient {
	return patient.Patient{
		ID: id[glabella.PatientID](key), Names: []patient.Name{{Use: patient.NameOfficial, Family: family, Given: []string{given}}},
		BirthDate: day(born), Contacts: []patient.Contact{{System: patient.Phone, Value: phone}},
	}
}

func ExampleIndex_Search() {
	index := patient.NewIndex()
	people := map[glabella.PatientID]patient.Patient{}
	for _, p := range []patient.Patient{
		enrolled("1", "María", "Núñez", "1990-02-01", "+15125550134"),
		enrolled("2", "William", "Example", "1984-03-12", "+15125550199"),
		enrolled("3", "Mario", "Nunes", "1971-06-30", "+15125550111"),
	} {
		people[p.ID] = p
		index.Put(p)
	}
	for _, text := range []string{"nunez mar", "bill", "0111", "2/1/1990", "exmaple"} {
		for _, hit := range index.Search(patient.Query{Text: text}) {
			fmt.Println(text, "→", people[hit.Patient].DisplayName(), hit.Matched)
		}
	}
	// Output:
	// nunez mar → María Núñez [family given]
	// nunez mar → Mario Nunes [family given]
	// bill → William Example [given]
	// 0111 → Mario Nunes [phone]
	// 2/1/1990 → María Núñez [birth-date]
	// exmaple → William Example [family]
}

func ExampleIndex_Duplicates() {
	index := patient.NewIndex()
	index.Put(enrolled("1", "William", "Example", "1984-03-12", "+15125550199"))
	index.Put(enrolled("2", "Harriet", "Example", "1986-09-30", "+15125550199"))

	for _, c := range index.Duplicates(enrolled("3", "Bill", "EXAMPLE", "1984-12-03", "+17375550123"), 5) {
		fmt.Println(c.Match.Likelihood, c.Patient == id[glabella.PatientID]("1"))
		for _, a := range c.Match.Agreements {
			fmt.Printf("%s %s %+.1f bits\n", a.Field, a.Level, a.Weight)
		}
	}
	// Output:
	// probable true
	// family exact +12.1 bits
	// given nickname +4.6 bits
	// birth-date swapped +9.2 bits
	// phone different -1.9 bits
}

func ExampleView() {
	kept := enrolled("1", "William", "Example", "1984-03-12", "+15125550199")
	again := enrolled("2", "Bill", "Example", "1984-12-03", "+17375550123")
	again.Pronouns = "he/him"
	merge := patient.Merge{
		ID: id[glabella.MergeID]("merge"), Survivor: kept.ID, Merged: again.ID, State: patient.MergeLinked, Reason: patient.MergeRegisteredTwice,
		At: noon, By: id[glabella.StaffID]("clerk"), Choices: []patient.MergeChoice{{Part: patient.PartNames, From: patient.FromSurvivor}},
	}
	show := func(m patient.Merge) {
		v, err := patient.View(kept, []patient.Patient{again}, []patient.Merge{m})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(v.DisplayName(), v.BirthDate, len(v.Contacts), "phones", v.Pronouns)
	}
	show(merge)
	back, err := merge.Unlink(id[glabella.StaffID]("clerk"), patient.UnmergeDifferentPeople, noon.Add(time.Hour))
	if err != nil {
		fmt.Println(err)
		return
	}
	show(back)
	// Output:
	// William Example 1984-03-12 2 phones he/him
	// William Example 1984-03-12 1 phones
}

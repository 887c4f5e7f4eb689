package treatment

import (
	"slices"
	"sync"

	"github.com/glabella-ehr/glabella"
)

// RxNorm is the URI of RxNorm, the code system that [ClassesOf] reads.
const RxNorm = "http://www.nlm.nih.gov/research/umls/rxnorm"

type substance struct {
	RxCUI   string   `json:"rxcui"`
	Name    string   `json:"name"`
	Classes []string `json:"classes"`
}

var substances = sync.OnceValues(func() (map[string][]string, error) {
	var list []substance
	if err := decodeFile(data, "data/classes.json", &list); err != nil {
		return nil, err
	}
	classes := map[string][]string{}
	for _, s := range list {
		classes[s.RxCUI] = s.Classes
	}
	return classes, nil
})

// ClassesOf returns the classes that a substance belongs to for the rules of
// this package, such as "aminoglycoside", by its RxNorm concept. It knows the few
// substances that those rules are about; a substance that it does not know has no
// classes, which says nothing about it. It never reads names.
func ClassesOf(c glabella.Coding) []string {
	if c.System != RxNorm {
		return nil
	}
	classes, err := substances()
	if err != nil {
		panic(err) // the embedded file is read by this package's tests
	}
	return slices.Clone(classes[c.Code])
}

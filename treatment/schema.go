package treatment

import (
	"github.com/glabella-ehr/glabella/internal/strict"
)

// Schema returns the JSON Schema (draft 2020-12) of a template's file, for
// editors and for checks before a file reaches [Set.Load]. The schema knows the
// form; what refers to other parts, [Set.Load] checks.
func Schema() []byte {
	text, err := data.ReadFile("data/template.schema.json")
	if err != nil {
		panic(err) // embedded
	}
	return text
}

// DecodeRecord reads a record from JSON that another system wrote. What the
// record's template demands of it, [Template.Check] sees to. The error is a
// [*glabella.ValidationError] with line and column of every problem.
func DecodeRecord(name string, text []byte) (Record, error) {
	var r Record
	err := strict.Decode(name, text, &r)
	return r, err
}

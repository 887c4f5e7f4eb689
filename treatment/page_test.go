package treatment_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella/treatment"
)

// The page of treatments is written from the templates.
func TestTreatmentsPage(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	b.WriteString("# Treatments\n\nWhat comes with the library. This page is written by `go test ./treatment -update` from the templates. Every rule cites what it stands on; a bound of a\nfield guards against slips of the keyboard, and is not a clinical limit. What is common practice is a default for the clinic to edit.\n")
	set := treatment.BuiltIn()
	b.WriteString("\n| code | treatment | fields | products | rules | exam | maps |\n|---|---|---|---|---|---|---|\n")
	for _, code := range set.Codes() {
		x := latest(t, code)
		exam, maps := "", ""
		if x.Clearance {
			exam = "yes"
		}
		if x.Map != nil {
			maps = strings.Join(x.Map.Diagrams, ", ")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %d | %d | %d | %s | %s |\n", x.Code, x.Name, len(x.Fields), len(x.Products), len(x.Contraindications), exam, maps)
	}
	for _, code := range set.Codes() {
		x := latest(t, code)
		fmt.Fprintf(&b, "\n## %s\n\n`%s`, version %d, SHA-256 `%s`\n", x.Name, x.Code, x.Version, x.Hash())
		if len(x.Products) > 0 {
			fmt.Fprintf(&b, "\nProducts: %s.\n", strings.Join(x.Products, ", "))
		}
		b.WriteString("\n| rule | level | stands on |\n|---|---|---|\n")
		for _, c := range x.Contraindications {
			source := string(c.Basis)
			if c.Source != "" {
				source += ": " + c.Source
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", c.Text, c.Level, source)
		}
		var seek []string
		for _, a := range x.RedFlags {
			seek = append(seek, a.Text)
		}
		fmt.Fprintf(&b, "\nRed flags: %s\n", strings.Join(seek, " "))
	}
	const page = "../docs/TREATMENTS.md"
	if *update {
		if err := os.WriteFile(page, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("docs/TREATMENTS.md is not what the templates say; go test ./treatment -update writes it (-want +got):\n%s", diff)
	}
}

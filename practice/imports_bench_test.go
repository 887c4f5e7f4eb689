package practice_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/practice"
)

// BenchmarkImport50k stages and applies a file of 50,000 people in memory: read
// twice, compared with each other, validated, registered and journaled.
func BenchmarkImport50k(b *testing.B) {
	const rows = 50_000
	var file bytes.Buffer
	file.WriteString("ID;First name;Last name;DOB;Sex;Cell;E-mail;Allergies;Groups\n")
	syllables := []string{"ba", "do", "fe", "gu", "ka", "li", "mo", "ne", "pa", "ro", "su", "ta", "ve", "wi", "yo", "za"}
	name := func(n, parts int) string {
		out := ""
		for range parts {
			out += syllables[n%16]
			n /= 16
		}
		return out
	}
	for n := range rows {
		day := glabella.MustParseDate("1940-01-01").AddDays(n * 7919 % 25_000)
		fmt.Fprintf(&file, "%d;%s;%s;%02d/%02d/%04d;F;(512) 555-%04d;p%d@example.org;;\n", n, name(n*31, 3), name(n, 4), day.Month, day.Day, day.Year, n%10_000, n)
	}
	in := legacy(b, nil)
	in.Open = func() (io.Reader, error) { return bytes.NewReader(file.Bytes()), nil }
	for b.Loop() {
		c := open(b)
		staged, err := c.StageImport(b.Context(), c.Owner, practice.StageImport{ImportFile: in})
		if err != nil {
			b.Fatal(err)
		}
		applied, err := c.ApplyImport(b.Context(), c.Owner, practice.ApplyImport{ImportFile: in, Decisions: decided})
		if err != nil || applied.Report.Actions[patient.ActionImport] < rows*9/10 {
			b.Fatal(staged.Report, applied.Report, err)
		}
	}
}

package patient_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
)

const csvLayout = `{
	"name": "old system", "system": "https://old.example/patient", "delimiter": ",", "encoding": "utf-8", "key": ["ID"],
	"columns": [
		{"field": "given", "headers": ["First name", "Given"]}, {"field": "family", "headers": ["Last name"], "required": true},
		{"field": "birth-date", "headers": ["DOB"]}, {"field": "gender", "headers": ["Sex"]},
		{"field": "mobile", "headers": ["Cell"]}, {"field": "email", "headers": ["Email"]},
		{"field": "line-1", "headers": ["Street"]}, {"field": "city", "headers": ["City"]},
		{"field": "allergies", "headers": ["Allergies"]}, {"field": "tags", "headers": ["Tags"]}
	],
	"dates": ["YYYY-MM-DD", "MM/DD/YYYY", "MM/DD/YY"], "pivot": 2026, "genders": {"F": "female", "M": "male"}, "separator": ";", "fixed": {"country": "us"}
}`

const csvHeader = "ID,First name,Last name,DOB,Sex,Cell,Email,Street,City,Allergies,Tags\n"

func layout(t testing.TB) patient.Layout {
	t.Helper()
	l, err := patient.ParseLayout("layout.json", []byte(csvLayout))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var imported = glabella.Provenance{Source: glabella.SourceImported, System: "old", RecordedAt: time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)}

func readCSV(t testing.TB, l patient.Layout, r io.Reader) ([]patient.Row, error) {
	t.Helper()
	var out []patient.Row
	for row, err := range patient.ReadCSV(r, l, patient.Reading{Provenance: imported}) {
		if err != nil {
			return out, err
		}
		out = append(out, row)
	}
	return out, nil
}

func TestReadCSVReadsARow(t *testing.T) {
	t.Parallel()
	text := "\ufeff" + csvHeader + "17,Ana,\"O\"\"Neil, Jr\",7/4/85,F,+1 (512) 555-0100, ana@example.com ,1 Main St,Austin,lidocaine; latex,vip;new\r\n"
	rows, err := readCSV(t, layout(t), strings.NewReader(text))
	if err != nil || len(rows) != 1 {
		t.Fatalf("ReadCSV = %d rows, %v", len(rows), err)
	}
	got := rows[0]
	if len(got.Issues) > 0 {
		t.Fatalf("issues %v", got.Issues)
	}
	allergy := func(s string) patient.IntakeAllergy {
		return patient.IntakeAllergy{Substance: glabella.Coding{Display: s}, Kind: "allergy", Criticality: "unable-to-assess"}
	}
	want := patient.Row{Number: 1, Key: "17", Digest: got.Digest, Tags: []string{"vip", "new"}, Intake: patient.Intake{
		Names:     []patient.Name{{Use: patient.NameOfficial, Given: []string{"Ana"}, Family: `O"Neil, Jr`}},
		BirthDate: glabella.MustParseDate("1985-07-04"), Gender: patient.Female,
		Contacts:    []patient.Contact{{System: patient.Phone, Value: "+15125550100", Use: "mobile"}, {System: patient.Email, Value: "ana@example.com"}},
		Addresses:   []patient.Address{{Lines: []string{"1 Main St"}, City: "Austin", Country: "US"}},
		Identifiers: []patient.Identifier{{System: "https://old.example/patient", Value: "17"}},
		Allergies:   []patient.IntakeAllergy{allergy("lidocaine"), allergy("latex")},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ReadCSV (-want +got):\n%s", diff)
	}
}

func TestReadCSVABadRowStopsNoGoodOne(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, row    string
		code         glabella.Code
		line, column int
	}{
		{"an open quotation mark", "2,\"Bo,Berg,,,,,,,,", patient.CodeImportQuote, 3, 3},
		{"a quotation mark within a value", "2,Bo \"x\",Berg,,,,,,,,", patient.CodeImportQuote, 3, 6},
		{"text after a quotation mark", "2,\"Bo\"x,Berg,,,,,,,,", patient.CodeImportQuote, 3, 7},
		{"a column too few", "2,Bo,Berg,,,,,,,", patient.CodeImportRagged, 3, 1},
		{"a column too many", "2,Bo,Berg,,,,,,,,,", patient.CodeImportRagged, 3, 1},
		{"a NUL", "2,B\x00,Berg,,,,,,,,", glabella.CodeText, 3, 3},
		{"bytes that are no UTF-8", "2,B\xff,Berg,,,,,,,,", glabella.CodeText, 3, 3},
		{"no key", ",Bo,Berg,,,,,,,,", glabella.CodeRequired, 3, 1},
		{"no required value", "2,Bo,,,,,,,,,", glabella.CodeRequired, 3, 6},
		{"a date that does not exist", "2,Bo,Berg,02/30/1980,,,,,,,", patient.CodeImportDate, 3, 11},
		{"a gender that the layout lacks", "2,Bo,Berg,,Z,,,,,,", glabella.CodeUnknownValue, 3, 12},
		{"a national phone number", "2,Bo,Berg,,,5125550100,,,,,", patient.CodePhone, 3, 13},
		{"an email address that is none", "2,Bo,Berg,,,,bo at home,,,,", patient.CodeEmail, 3, 1},
		{"a birth date in the future", "2,Bo,Berg,2030-01-01,,,,,,,", patient.CodeUnborn, 3, 1},
		{"a row over the limit", "2,Bo," + strings.Repeat("x", patient.MaxImportRow) + ",,,,,,,,", patient.CodeImportSize, 3, 1},
		{"an open quotation mark over the limit", "2,\"Bo," + strings.Repeat("x", 3*patient.MaxImportRow) + ",,,,,,,,", patient.CodeImportSize, 3, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := csvHeader + "1,Ana,Adams,,,,,,,,\n" + tt.row + "\n3,\"Cy\",Cole,,,,,\"two\nlines\",,,\n4,Di,Dahl,,,,,,,,"
			rows, err := readCSV(t, layout(t), strings.NewReader(text))
			if err != nil || len(rows) != 4 {
				t.Fatalf("ReadCSV = %d rows, %v; want 4", len(rows), err)
			}
			for _, i := range []int{0, 2, 3} {
				if len(rows[i].Issues) > 0 || rows[i].Key != fmt.Sprint(i+1) {
					t.Errorf("row %d = %q with %v", i+1, rows[i].Key, rows[i].Issues)
				}
			}
			if len(rows[1].Issues) != 1 {
				t.Fatalf("issues %v, want one", rows[1].Issues)
			}
			got := rows[1].Issues[0]
			if got.Code != tt.code || got.Line != tt.line || got.Column != tt.column {
				t.Errorf("issue = %v, want %s at %d:%d", got, tt.code, tt.line, tt.column)
			}
		})
	}
}

func TestReadCSVRefusesAHeader(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		code       glabella.Code
	}{
		{"that is not there", "", patient.CodeImportHeader},
		{"without the key", "First name,Last name\n", patient.CodeImportHeader},
		{"without a required column", "ID,First name\n", patient.CodeImportHeader},
		{"with a column twice", "ID,Last name,last  NAME\n", glabella.CodeDuplicate},
		{"with two columns of one field", "ID,Last name,Given,First name\n", patient.CodeImportHeader},
		{"with another delimiter", "ID;Last name\n", patient.CodeImportDelimiter},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := readCSV(t, layout(t), strings.NewReader(tt.text))
			var invalid *glabella.ValidationError
			if !errors.As(err, &invalid) || invalid.Issues[0].Code != tt.code {
				t.Errorf("ReadCSV = %v, want %s", err, tt.code)
			}
		})
	}
}

func TestReadCSVEncodings(t *testing.T) {
	t.Parallel()
	text := csvHeader + "1,José,Müller,,,,,,,,\n"
	encode := func(s string, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for encoding, file := range map[patient.Encoding]string{
		patient.UTF8:        text,
		patient.UTF16:       encode(unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(text)),
		patient.Windows1252: encode(charmap.Windows1252.NewEncoder().String(text)),
		patient.Latin1:      encode(charmap.ISO8859_1.NewEncoder().String(text)),
		patient.Macintosh:   encode(charmap.Macintosh.NewEncoder().String(text)),
	} {
		l := layout(t)
		l.Encoding = encoding
		rows, err := readCSV(t, l, strings.NewReader(file))
		if err != nil || len(rows) != 1 || rows[0].Intake.Names[0].String() != "José Müller" {
			t.Errorf("%s: %v, %v", encoding, rows, err)
		}
	}
}

func TestTheDigestIsOfWhatIsRead(t *testing.T) {
	t.Parallel()
	digest := func(row string) string {
		rows, err := readCSV(t, layout(t), strings.NewReader(csvHeader+row))
		if err != nil || len(rows) != 1 {
			t.Fatalf("ReadCSV = %v, %v", rows, err)
		}
		return rows[0].Digest
	}
	one := digest("1,Ana,Adams,,,,,,,,\n")
	if got := digest("1, \"Ana\",Adams,,,,,,,,"); got == one {
		t.Error("a quotation mark after a space is part of the value")
	}
	if got := digest("1,\" Ana\",Adams ,,,,,,,,"); got != one {
		t.Error("quotation marks and white space change the digest")
	}
	if got := digest("1,An,aAdams,,,,,,,,"); got == one {
		t.Error("two divisions of the same text have one digest")
	}
}

func TestParseLayoutSaysEverything(t *testing.T) {
	t.Parallel()
	bad := `{"name": "", "system": "s", "delimiter": "#", "encoding": "ebcdic", "key": [], "columns": [{"field": "birth-date", "headers": ["A", "a"]}, {"field": "shoe", "headers": []}], "dates": ["DD/MM/YYYY", "MM/DD/YY"], "genders": {"F": "lady"}}`
	_, err := patient.ParseLayout("layout.json", []byte(bad))
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) {
		t.Fatalf("ParseLayout = %v", err)
	}
	var got []string
	for _, i := range invalid.Issues {
		got = append(got, i.Path)
	}
	want := []string{"/columns/0/headers/1", "/columns/1/field", "/columns/1/headers", "/dates", "/delimiter", "/encoding", "/genders", "/key", "/name", "/pivot"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
}

// many is a file of n rows that is made as it is read.
func many(n int) io.Reader {
	r, w := io.Pipe()
	go func() {
		text := []byte(csvHeader)
		for i := range n {
			text = fmt.Appendf(text, "%d,Ana%d,Example,0%d/1%d/19%02d,F,+1512555%04d,ana%d@example.com,%d Main Street,Austin,latex; lidocaine,vip\n", i, i, 1+i%9, i%10, i%100, i%10000, i, i)
			if len(text) > 32<<10 {
				if _, err := w.Write(text); err != nil {
					return
				}
				text = text[:0]
			}
		}
		w.Write(text)
		w.Close()
	}()
	return r
}

func heapAfter(t *testing.T, n int) uint64 {
	t.Helper()
	var most uint64
	rows := 0
	for row, err := range patient.ReadCSV(many(n), layout(t), patient.Reading{Provenance: imported}) {
		if err != nil || len(row.Issues) > 0 {
			t.Fatalf("row %d: %v %v", row.Number, row.Issues, err)
		}
		if rows++; rows%(n/4) == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	}
	if rows != n {
		t.Fatalf("read %d rows, want %d", rows, n)
	}
	return most
}

func TestReadCSVMemoryDoesNotGrowWithTheFile(t *testing.T) {
	small, large := heapAfter(t, 1000), heapAfter(t, 16000)
	if large > small+2<<20 {
		t.Errorf("the heap is %d kB after 1,000 rows and %d kB after 16,000", small>>10, large>>10)
	}
}

func BenchmarkImportCSV50k(b *testing.B) {
	var text strings.Builder
	if _, err := io.Copy(&text, many(50_000)); err != nil {
		b.Fatal(err)
	}
	l := layout(b)
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		for row, err := range patient.ReadCSV(strings.NewReader(text.String()), l, patient.Reading{Provenance: imported}) {
			if err != nil || len(row.Issues) > 0 {
				b.Fatal(row.Issues, err)
			}
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte(csvHeader+"1,Ana,Adams,1980-01-01,F,,,,,,\n"), uint8(0))
	f.Add([]byte(csvHeader+"1,\"Ana\n,Adams\"\",\n2,Bo,Berg,,,,,,,,"), uint8(1))
	f.Add([]byte("\ufeffID,Last name\r\n1,\"A\"\r\n"), uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, e uint8) {
		l := layout(t)
		l.Encoding = patient.Encodings()[int(e)%len(patient.Encodings())]
		last := 0
		for row, err := range patient.ReadCSV(strings.NewReader(string(data)), l, patient.Reading{Provenance: imported, MaxRow: 200}) {
			if err != nil {
				if !errors.Is(err, glabella.ErrInvalid) {
					t.Errorf("ReadCSV = %v, not a typed error", err)
				}
				return
			}
			if row.Number != last+1 {
				t.Errorf("row %d after %d", row.Number, last)
			}
			last = row.Number
			for _, i := range row.Issues {
				if i.Line < 1 || i.Column < 1 {
					t.Errorf("issue without a place: %v", i)
				}
			}
		}
	})
}

package patient_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
)

const goodCard = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:uuid:0042\r\nFN:Ms Avery Jordan Example\r\nN:Example;Avery;Jordan;Ms;\r\n" +
	"NICKNAME:Av\r\nBDAY:19900227\r\nGENDER:F\r\nTEL;VALUE=uri;TYPE=\"cell,voice\";PREF=1:tel:+1-512-555-0142;ext=3\r\nEMAIL;TYPE=home:avery@example.com\r\n" +
	"ADR;TYPE=home:;;12 Long\r\n  Street\\; Floor 2;Austin;TX;78701;US\r\nLANG:es\r\nCATEGORIES:vip\\,gold,new\r\nORG:Example Org\r\nPHOTO:data:image/jpeg;base64,AAAA\r\n BBBB\r\nREV:20260101T000000Z\r\nEND:VCARD\r\n"

func cards(text string, how patient.Reading) ([]patient.Row, error) {
	how.Provenance = imported
	var out []patient.Row
	for row, err := range patient.ReadVCards(strings.NewReader(text), patient.Source{Name: "cards.vcf", System: "urn:example:cards", Region: "US"}, how) {
		if err != nil {
			return out, err
		}
		out = append(out, row)
	}
	return out, nil
}

func TestACardBecomesAnIntake(t *testing.T) {
	t.Parallel()
	rows, err := cards("\ufeff"+goodCard, patient.Reading{})
	if err != nil || len(rows) != 1 || len(rows[0].Issues) > 0 {
		t.Fatalf("ReadVCards = %+v, %v", rows, err)
	}
	row := rows[0]
	want := patient.Intake{
		Names:     []patient.Name{{Use: patient.NameOfficial, Family: "Example", Given: []string{"Avery", "Jordan"}, Prefix: "Ms"}, {Use: patient.NameNickname, Family: "Example", Given: []string{"Av"}}},
		BirthDate: glabella.MustParseDate("1990-02-27"), Gender: patient.Female,
		Contacts:    []patient.Contact{{System: patient.Phone, Value: "+15125550142", Extension: "3", Use: "mobile", Preferred: true}, {System: patient.Email, Value: "avery@example.com", Use: "home"}},
		Addresses:   []patient.Address{{Use: "home", Lines: []string{"12 Long Street; Floor 2"}, City: "Austin", State: "TX", PostalCode: "78701", Country: "US"}},
		Languages:   []string{"es"},
		Identifiers: []patient.Identifier{{System: "urn:example:cards", Value: "0042"}},
	}
	if diff := cmp.Diff(want, row.Intake, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("intake (-want +got):\n%s", diff)
	}
	if row.Key != "0042" || !slices.Equal(row.Tags, []string{"vip,gold", "new"}) {
		t.Errorf("key %q, tags %q", row.Key, row.Tags)
	}
	var unread []string
	for _, n := range row.Notes {
		unread = append(unread, n.Path)
		if n.Code != patient.CodeImportUnread {
			t.Errorf("a note with code %s", n.Code)
		}
	}
	if !slices.Equal(unread, []string{"/org", "/photo"}) {
		t.Errorf("not carried over: %v, want the organisation and the picture", unread)
	}
	again, _ := cards(strings.Replace(goodCard, "REV:20260101T000000Z", "REV:20270101T000000Z", 1), patient.Reading{})
	changed, _ := cards(strings.Replace(goodCard, "Avery;", "Averie;", 1), patient.Reading{})
	if again[0].Digest != row.Digest || changed[0].Digest == row.Digest {
		t.Error("the digest follows the time of writing, or does not follow the name")
	}
}

func TestAWrongCardSpoilsNoOther(t *testing.T) {
	t.Parallel()
	edit := func(old, new string) string { return strings.Replace(goodCard, old, new, 1) }
	for _, tt := range []struct {
		name, card string
		want       glabella.Code
	}{
		{"no end", strings.TrimSuffix(goodCard, "END:VCARD\r\n"), patient.CodeImportCard},
		{"no version", edit("VERSION:4.0\r\n", ""), patient.CodeImportCard},
		{"an old version", edit("VERSION:4.0", "VERSION:2.1"), patient.CodeImportCard},
		{"quoted-printable", edit("N:Example", "N;ENCODING=QUOTED-PRINTABLE:Ex=41mple"), patient.CodeImportCard},
		{"a line that is no property", edit("LANG:es", "language spanish"), patient.CodeImportCard},
		{"the card of an organisation", edit("VERSION:4.0", "VERSION:4.0\r\nKIND:org"), patient.CodeImportCard},
		{"no identity", edit("UID:urn:uuid:0042\r\n", ""), glabella.CodeRequired},
		{"no name", edit("N:Example;Avery;Jordan;Ms;\r\nNICKNAME:Av\r\n", ""), glabella.CodeOutOfRange},
		{"part of a date", edit("19900227", "--0227"), patient.CodeImportDate},
		{"no such day", edit("19900227", "19900230"), patient.CodeImportDate},
		{"a phone that is none", edit("tel:+1-512-555-0142;ext=3", "call me"), patient.CodePhone},
		{"bytes that are no text", edit("Austin", "Aust\xffn"), glabella.CodeText},
		{"a long card", edit("ORG:Example Org", "ORG:"+strings.Repeat("x", patient.MaxImportRow)), patient.CodeImportSize},
		{"text between cards", "hello\r\nworld\r\n", patient.CodeImportCard},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			other := edit("0042", "0043")
			rows, err := cards(other+tt.card+edit("0042", "0044"), patient.Reading{})
			if err != nil || len(rows) != 3 {
				t.Fatalf("%d rows, %v, want 3", len(rows), err)
			}
			if len(rows[0].Issues)+len(rows[2].Issues) > 0 || rows[0].Key != "0043" || rows[2].Key != "0044" {
				t.Errorf("the cards around it: %+v, %+v", rows[0].Issues, rows[2].Issues)
			}
			if !slices.Contains(rows[1].Codes(), tt.want) {
				t.Errorf("issues %+v, want %s", rows[1].Issues, tt.want)
			}
			for _, i := range rows[1].Issues {
				if i.Line <= strings.Count(other, "\n") || strings.Contains(i.Text, "Avery") {
					t.Errorf("issue %+v names no line of its card, or a person", i)
				}
			}
		})
	}
	if _, err := cards(goodCard+goodCard, patient.Reading{MaxRows: 1}); err == nil {
		t.Error("more cards than the limit are read")
	}
	// A picture of any size is left out, not refused.
	rows, err := cards(edit("AAAA", strings.Repeat("A", 1<<20)), patient.Reading{})
	if err != nil || len(rows) != 1 || len(rows[0].Issues) > 0 {
		t.Errorf("a card with a large picture: %v %v", rows, err)
	}
}

// Whatever a file holds, reading it ends, finds the same twice, and gives for each
// card either a person or what is wrong.
func FuzzReadVCards(f *testing.F) {
	f.Add(goodCard)
	f.Add("BEGIN:VCARD\nBEGIN:VCARD\nEND:VCARD")
	f.Add(" \n:\nEND:VCARD\n;;;")
	f.Fuzz(func(t *testing.T, text string) {
		how := patient.Reading{MaxRow: 4 << 10, MaxRows: 1000}
		a, errA := cards(text, how)
		b, errB := cards(text, how)
		if (errA == nil) != (errB == nil) || !cmp.Equal(a, b, cmpopts.EquateEmpty()) {
			t.Fatal("two readings differ")
		}
		for _, row := range a {
			if len(row.Issues) == 0 && (row.Key == "" || len(row.Intake.Names) == 0 || row.Digest == "") {
				t.Fatalf("a row without issues and without a person: %+v", row)
			}
		}
	})
}

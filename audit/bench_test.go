package audit

import (
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
)

// BenchmarkAppend is the work of an append without the store: canonical bytes,
// leaf hash and frontier.
func BenchmarkAppend(b *testing.B) {
	staff := glabella.MustParseID[glabella.StaffID]("01890000-0000-7000-8000-000000000001")
	site := glabella.MustParseID[glabella.SiteID]("01890000-0000-7000-8000-000000000002")
	r := Record{
		At: time.Date(2026, time.March, 2, 12, 0, 0, 123456000, time.UTC), Action: "note.sign", Outcome: Done,
		Actor:   glabella.Actor{Kind: glabella.ActorStaff, ID: staff.String(), Site: site, Purpose: glabella.PurposeTreatment},
		Subject: glabella.Ref{Kind: "patient", ID: "01890000-0000-7000-8000-000000000003"},
		Changes: []Change{{Ref: glabella.Ref{Kind: "note", ID: "01890000-0000-7000-8000-000000000004"}, Before: 1, After: 2}},
	}
	var head Head
	size := 0
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		r.Seq = head.Size
		e, next, err := r.seal(head, buf)
		if err != nil {
			b.Fatal(err)
		}
		size, head = len(e.Bytes), next
	}
	b.ReportMetric(float64(size), "bytes/entry")
}

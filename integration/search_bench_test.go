package integration

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/sqlstore"
)

// BenchmarkSearch100k searches 100 000 patients by the keys in the store, as a
// process without an index in memory does: the look-up, the ranking and the
// journal record of the access. It reports the median. Writing the patients takes
// minutes.
func BenchmarkSearch100k(b *testing.B) {
	for _, db := range []struct {
		name  string
		fresh func(testing.TB) database
	}{{"sqlite", newSQLite}, {"postgres", newPostgreSQL}} {
		b.Run(db.name, func(b *testing.B) { searchStored(b, db.fresh(b)) })
	}
}

func searchStored(b *testing.B, d database) {
	const patients, batch = 100_000, 1000
	ctx := b.Context()
	backend, err := sqlstore.New(ctx, d.open(b), d.dialect, nil)
	if err != nil {
		b.Fatal(err)
	}
	clinic, err := practicetest.Open(ctx, backend, &practice.Options{NoIndex: true})
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewSource(1))
	families, given := inventNames(rng, 4000), inventNames(rng, 600)
	var queries []patient.Query
	for from := 0; from < patients; from += batch {
		if err := backend.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
			for n := from; n < from+batch; n++ {
				p := invent(rng, n, families, given)
				if err := tx.Patients().Put(ctx, p); err != nil {
					return err
				}
				if n%1000 == 0 {
					name, phone := p.Names[0], p.Contacts[0].Value
					queries = append(queries, patient.Query{Text: name.Family + " " + name.Given[0]}, patient.Query{Text: name.Given[0][:3] + " " + name.Family},
						patient.Query{Text: phone[len(phone)-7:]}, patient.Query{Text: p.BirthDate.String()}, patient.Query{Text: p.Contacts[1].Value})
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	var took []time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; b.Loop(); n++ {
		start := time.Now()
		found, err := clinic.FindPatients(ctx, clinic.Desk, queries[n%len(queries)])
		if err != nil || len(found) == 0 {
			b.Fatalf("query %d finds %d patients: %v", n%len(queries), len(found), err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "p50-ns")
}

// inventNames returns names that nobody has.
func inventNames(rng *rand.Rand, n int) []string {
	syllables := strings.Fields("ba be bo da de do fa fe ga go ka ke ko la le lo ma me mi mo na ne no pa pe ra re ri ro sa se so ta te to va ve vo za zo")
	seen := map[string]bool{}
	var out []string
	for len(out) < n {
		name := ""
		for range 2 + rng.Intn(2) {
			name += syllables[rng.Intn(len(syllables))]
		}
		if !seen[name] {
			seen[name] = true
			out = append(out, strings.ToUpper(name[:1])+name[1:])
		}
	}
	return out
}

// invent returns a patient who does not exist. Some names are common.
func invent(rng *rand.Rand, n int, families, given []string) patient.Patient {
	pick := func(names []string) string { return names[int(float64(len(names))*rng.Float64()*rng.Float64())] }
	family, first := pick(families), pick(given)
	return patient.Patient{
		ID: glabella.DeriveID[glabella.PatientID](fmt.Sprint(n)), Meta: glabella.Meta{Version: 1},
		Names:     []patient.Name{{Use: patient.NameOfficial, Family: family, Given: []string{first}}},
		BirthDate: glabella.Date{Year: 1940, Month: time.January, Day: 1}.AddDays(rng.Intn(25_000)),
		Contacts: []patient.Contact{{System: patient.Phone, Value: fmt.Sprintf("+1512555%04d", n%10_000)},
			{System: patient.Email, Value: strings.ToLower(first+"."+family) + fmt.Sprint(n) + "@example.org"}},
		Provenance: glabella.Provenance{Source: glabella.SourceEntered, RecordedAt: time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)},
	}
}

package peers

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/adrg/strutil/metrics"
	"github.com/antzucaro/matchr"
	"github.com/hbollon/go-edlib"
	"github.com/xrash/smetrics"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
)

// The libraries of string similarity know no patients. What a caller writes around
// them is the same for all: names folded beforehand, the similarity of Jaro and
// Winkler of both names, the rest compared for equality, and weights that are
// summed.
var similarities = []struct {
	name string
	of   func(a, b string) float64
}{
	{"matchr", func(a, b string) float64 { return matchr.JaroWinkler(a, b, false) }},
	{"smetrics", func(a, b string) float64 { return smetrics.JaroWinkler(a, b, 0.7, 4) }},
	{"edlib", func(a, b string) float64 { return float64(edlib.JaroWinklerSimilarity(a, b)) }},
	{"strutil", jaroWinkler.Compare},
}

var jaroWinkler = metrics.NewJaroWinkler()

const (
	blocks    = 40  // birth dates
	blockSize = 400 // patients who share one, and are compared with each other
)

// folded is a patient as a caller keeps it for comparisons.
type folded struct {
	family, given, birth, phone, email string
}

// population is invented patients, block after block. Every tenth of a block has
// the family name of the one before it with a typing error, and the rest of it.
type population struct {
	patients []patient.Patient
	folded   []folded
	index    *patient.Index
	place    map[glabella.PatientID]int
}

var people = sync.OnceValue(func() population {
	r := rand.New(rand.NewPCG(3, 4))
	p := population{index: patient.NewIndex(), place: map[glabella.PatientID]int{}}
	word := func(syllables int) string {
		var b strings.Builder
		for range syllables {
			b.WriteByte("bcdfghklmnprstvz"[r.IntN(16)])
			b.WriteByte("aeiou"[r.IntN(5)])
		}
		return b.String()
	}
	for n := range blocks * blockSize {
		block := n / blockSize
		f := folded{word(4) + "n", word(3), fmt.Sprintf("%d-%02d-%02d", 1950+block, 1+block%12, 1+block%28), fmt.Sprintf("+1202555%06d", n), fmt.Sprintf("person%d@example.com", n)}
		if n%10 == 9 {
			family := f.family
			f = p.folded[n-1]
			f.family = f.family[:4] + family[4:5] + f.family[5:]
		}
		birth, err := glabella.ParseDate(f.birth)
		if err != nil {
			panic(err)
		}
		one := patient.Patient{
			ID:        glabella.DeriveID[glabella.PatientID](fmt.Sprint("person ", n)),
			Names:     []patient.Name{{Use: patient.NameOfficial, Family: f.family, Given: []string{f.given}}},
			BirthDate: birth,
			Contacts:  []patient.Contact{{System: patient.Phone, Value: f.phone}, {System: patient.Email, Value: f.email}},
		}
		p.patients, p.folded = append(p.patients, one), append(p.folded, f)
		p.place[one.ID] = n
		p.index.Put(one)
	}
	return p
})

// score is the recipe around a similarity: weights in bits for what agrees.
func score(a, b *folded, similarity func(a, b string) float64) float64 {
	sum := 0.0
	name := func(a, b string, weight float64) {
		switch s := similarity(a, b); {
		case s >= 0.92:
			sum += weight
		case s >= 0.85:
			sum += weight / 2
		default:
			sum -= weight / 2
		}
	}
	equal := func(a, b string, weight float64) {
		if a == b {
			sum += weight
		} else {
			sum -= weight / 4
		}
	}
	equal(a.birth, b.birth, 8)
	equal(a.phone, b.phone, 10)
	equal(a.email, b.email, 10)
	name(a.family, b.family, 8)
	name(a.given, b.given, 6)
	return sum
}

// enough is the score from which two are taken to be one person.
const enough = 15

// alike returns the places of the block's patients that score enough with the nth.
func (p population) alike(n int, similarity func(a, b string) float64) []int {
	var out []int
	first := n - n%blockSize
	for k := first; k < first+blockSize; k++ {
		if k != n && score(&p.folded[n], &p.folded[k], similarity) >= enough {
			out = append(out, k)
		}
	}
	return out
}

// duplicates returns the places of what the index finds.
func (p population) duplicates(n int) []int {
	var out []int
	for _, c := range p.index.Duplicates(p.patients[n], 0) {
		if c.Match.Likelihood == patient.Probable {
			out = append(out, p.place[c.Patient])
		}
	}
	slices.Sort(out)
	return out
}

// Everybody finds who is recorded twice, and nobody else.
func TestPeersAgreeOnMatches(t *testing.T) {
	t.Parallel()
	p := people()
	for n := 0; n < len(p.patients); n += 37 {
		var want []int
		switch n % 10 {
		case 8:
			want = []int{n + 1}
		case 9:
			want = []int{n - 1}
		}
		if got := p.duplicates(n); !slices.Equal(got, want) {
			t.Errorf("glabella finds %v for patient %d, want %v", got, n, want)
		}
		for _, s := range similarities {
			if got := p.alike(n, s.of); !slices.Equal(got, want) {
				t.Errorf("%s finds %v for patient %d, want %v", s.name, got, n, want)
			}
		}
	}
}

// BenchmarkScorePair compares one patient with the 399 others of a birth date. What
// glabella does besides is part of its figure: it folds the names of the one, finds
// the others by their keys, and explains what it found.
func BenchmarkScorePair(b *testing.B) {
	p := people()
	run := func(name string, find func(n int) []int) {
		b.Run(name, func(b *testing.B) {
			n, found := 0, 0
			for b.Loop() {
				found += len(find(n % len(p.patients)))
				n += 13
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*(blockSize-1)), "ns/pair")
			b.ReportMetric(0, "ns/op")
		})
	}
	run("glabella", p.duplicates)
	for _, s := range similarities {
		run(s.name, func(n int) []int { return p.alike(n, s.of) })
	}
}

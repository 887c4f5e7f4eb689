package patient

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
)

// large is an index of 100,000 patients, one in ten of them a repetition, and the
// records that it was built of.
var large = sync.OnceValues(func() (*Index, corpus) {
	c := newCorpus(7, 100_000, 0.1)
	x := NewIndex()
	for _, p := range c.patients {
		x.Put(p)
	}
	return x, c
})

// queries returns what people at a desk type to find the patients of a corpus:
// parts of names, first letters, numbers, dates, emails, and typing errors.
func queries(c corpus, n int) []Query {
	g := &generator{rand: rand.New(rand.NewSource(11))}
	out := make([]Query, n)
	for i := range out {
		p := pick(g, c.patients)
		name := p.Names[0]
		family, given, phone := name.Family, name.Given[0], "+15125550100"
		if len(p.Contacts) > 0 && p.Contacts[0].System == Phone {
			phone = p.Contacts[0].Value
		}
		start := func(s string, n int) string { r := []rune(s); return string(r[:min(n, len(r))]) }
		switch x := g.rand.Intn(100); {
		case x < 20:
			out[i].Text = given + " " + family
		case x < 35:
			out[i].Text = start(family, 3+g.rand.Intn(2))
		case x < 50:
			out[i].Text = start(given, 3) + " " + start(family, 3)
		case x < 55:
			out[i].Text = start(given, 1) + " " + start(family, 2)
		case x < 58:
			out[i].Text = start(family, 1)
		case x < 63:
			out[i].Text = strings.ToLower(family) + ", " + given
		case x < 73:
			out[i].Text = phone[len(phone)-4:]
		case x < 78:
			out[i].Text = phone[2:]
		case x < 83:
			out[i].Text = p.BirthDate.String()
		case x < 88:
			out[i].Text = family + " " + fmt.Sprint(p.BirthDate.Year)
		case x < 95:
			out[i].Text = given + " " + g.typo(family)
		default:
			out[i].Text = start(p.Contacts[len(p.Contacts)-1:][0].Value, 7)
		}
	}
	return out
}

func BenchmarkSearch100k(b *testing.B) {
	x, c := large()
	qs := queries(corpus{patients: slices.DeleteFunc(slices.Clone(c.patients), func(p Patient) bool { return len(p.Contacts) == 0 })}, 1000)
	took := make([]time.Duration, 0, 1<<20)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		x.Search(qs[i%len(qs)])
		if len(took) < cap(took) {
			took = append(took, time.Since(start))
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2]), "p50-ns")
	b.ReportMetric(float64(took[len(took)*99/100]), "p99-ns")
	b.ReportMetric(float64(took[len(took)-1]), "max-ns")
}

func BenchmarkDuplicateLookup100k(b *testing.B) {
	x, _ := large()
	fresh := newCorpus(8, 2000, 0.1).patients
	for i := range fresh {
		fresh[i].ID = glabella.DeriveID[glabella.PatientID](fmt.Sprint("fresh ", i))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		x.Duplicates(fresh[i%len(fresh)], 5)
	}
}

// BenchmarkScorePair compares the pairs that the keys of an index bring together,
// in the order in which [Index.AllDuplicates] does.
func BenchmarkScorePair(b *testing.B) {
	x, _ := large()
	type group struct {
		slot  int
		slots []uint32
	}
	var groups []group
	s := new(scratch)
	for i, n := 0, 0; i < len(x.vectors) && n < 400_000; i++ {
		slots := slices.Clone(x.sharing(s, &x.vectors[i]))
		groups, n = append(groups, group{i, slots}), n+len(slots)
	}
	for _, bench := range []struct {
		name  string
		floor weight
	}{{"pruned", x.model.possible}, {"explained", noFloor}} {
		b.Run(bench.name, func(b *testing.B) {
			var c comparison
			n, at := 0, 0
			for n < b.N {
				g := groups[at%len(groups)]
				at++
				s.sink += x.fetch(g.slots)
				for _, slot := range g.slots {
					x.model.compare(&x.vectors[g.slot], &x.vectors[slot], bench.floor, &c)
				}
				n += len(g.slots)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "pairs/s")
		})
	}
}

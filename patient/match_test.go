package patient

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
)

// person returns a record of all fields that are compared.
func person() Patient {
	return Patient{
		ID: patientID("person"), Names: []Name{{Use: NameOfficial, Family: "Belmonte", Given: []string{"William"}}},
		BirthDate: glabella.MustParseDate("1984-03-12"), SexAtBirth: Female,
		Contacts:    []Contact{{System: Phone, Value: "+15125550134"}, {System: Email, Value: "belmonte@example.com"}},
		Addresses:   []Address{{Lines: []string{"12 Oak Street", "Apt 3"}, PostalCode: "78701"}},
		Identifiers: []Identifier{{System: "https://example.com/mrn", Value: "A-1"}},
	}
}

// named returns a patient with nothing but a name.
func named(given, family string) Patient {
	p := Patient{Names: []Name{{Use: NameOfficial, Family: family}}}
	if given != "" {
		p.Names[0].Given = strings.Split(given, ", ")
	}
	return p
}

func levelOf(m Match, f Field) Level {
	for _, a := range m.Agreements {
		if a.Field == f {
			return a.Level
		}
	}
	return ""
}

func TestLevelsOfNames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		a, b   Patient
		family Level
		given  Level
	}{
		{"the same", named("Ana", "Garza"), named("ANA", "garza"), LevelExact, LevelExact},
		{"accents lost", named("Sofía", "Núñez"), named("Sofia", "Nunez"), LevelExact, LevelExact},
		{"words written as one", named("Ana", "de la Cruz"), named("Ana", "Delacruz"), LevelExact, LevelExact},
		{"a nickname", named("Bill", "Garza"), named("William", "Garza"), LevelExact, LevelNickname},
		{"two nicknames of one name", named("Bob", "Garza"), named("Rob", "Garza"), LevelExact, LevelNickname},
		{"a first letter", named("W.", "Garza"), named("William", "Garza"), LevelExact, LevelInitial},
		{"another first letter", named("B", "Garza"), named("William", "Garza"), LevelExact, LevelDifferent},
		{"letters exchanged", named("Marta", "Gazra"), named("Matra", "Garza"), LevelClose, LevelClose},
		{"a wrong first letter", named("Karta", "Garza"), named("Marta", "Tarza"), LevelClose, LevelClose},
		{"an error in three letters", named("Ana", "Garza"), named("Ala", "Garza"), LevelExact, LevelNear},
		{"alike", named("Carlos", "Garza"), named("Carla", "Garza"), LevelExact, LevelNear},
		{"different", named("Marta", "Garza"), named("Helen", "Wood"), LevelDifferent, LevelDifferent},
		{"exchanged", named("Marta", "Garza"), named("Garza", "Marta"), LevelSwapped, LevelSwapped},
		{"half exchanged", named("Marta", "Garza"), named("Garza", "Wood"), LevelDifferent, LevelDifferent},
		{"the second family name missing", named("Marta", "Garza Wood"), named("Marta", "Garza"), LevelPartial, LevelExact},
		{"a family name added by marriage", named("Marta", "Garza"), named("Marta", "Wood-Garza"), LevelPartial, LevelExact},
		{"particles are no family name in common", named("Marta", "de la Cruz"), named("Marta", "de la Rosa"), LevelNear, LevelExact},
		{"goes by the second given name", named("Marta Elena", "Garza"), named("Elena", "Garza"), LevelExact, LevelPartial},
		{"other second given names", named("Marta Elena", "Garza"), named("Marta Rosa", "Garza"), LevelExact, LevelPartial},
		{"the letter of a second given name", named("Marta, Elena", "Garza"), named("Marta, E", "Garza"), LevelExact, LevelExact},
		{"no given name", named("", "Garza"), named("Marta", "Garza"), LevelExact, ""},
		{"no name in common", named("", "Garza"), named("Marta", ""), "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, m := range []Match{Score(tt.a, tt.b), Score(tt.b, tt.a)} {
				if f, g := levelOf(m, FieldFamily), levelOf(m, FieldGiven); f != tt.family || g != tt.given {
					t.Errorf("family %q, given %q, want %q and %q", f, g, tt.family, tt.given)
				}
			}
		})
	}
}

func TestFormerAndUsualNamesCount(t *testing.T) {
	t.Parallel()
	a := named("Marta", "Wood")
	a.Names = append(a.Names, Name{Use: NameMaiden, Family: "Garza", Given: []string{"Marta"}}, Name{Use: NameUsual, Given: []string{"Tita"}})
	m := Score(a, named("Tita", "Garza"))
	if f, g := levelOf(m, FieldFamily), levelOf(m, FieldGiven); f != LevelExact || g != LevelExact {
		t.Errorf("family %q, given %q, want both exact", f, g)
	}
}

func TestLevelsOfOtherFields(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		field  Field
		change func(*Patient)
		want   Level
	}{
		{"the same date", FieldBirthDate, func(*Patient) {}, LevelExact},
		{"day and month exchanged", FieldBirthDate, func(p *Patient) { p.BirthDate = glabella.MustParseDate("1984-12-03") }, LevelSwapped},
		{"a wrong digit", FieldBirthDate, func(p *Patient) { p.BirthDate = glabella.MustParseDate("1984-03-17") }, LevelDigit},
		{"digits exchanged", FieldBirthDate, func(p *Patient) { p.BirthDate = glabella.MustParseDate("1948-03-12") }, LevelDigit},
		{"another year", FieldBirthDate, func(p *Patient) { p.BirthDate = glabella.MustParseDate("1990-03-12") }, LevelYear},
		{"two wrong digits", FieldBirthDate, func(p *Patient) { p.BirthDate = glabella.MustParseDate("1985-03-17") }, LevelDifferent},
		{"no date", FieldBirthDate, func(p *Patient) { p.BirthDate = glabella.Date{} }, ""},
		{"the same sex", FieldSex, func(*Patient) {}, LevelExact},
		{"the sex used, where none was at birth", FieldSex, func(p *Patient) { p.SexAtBirth, p.Gender = "", Female }, LevelExact},
		{"the sex at birth goes before", FieldSex, func(p *Patient) { p.Gender = Male }, LevelExact},
		{"another sex", FieldSex, func(p *Patient) { p.SexAtBirth = Male }, LevelDifferent},
		{"an unknown sex", FieldSex, func(p *Patient) { p.SexAtBirth = Unknown }, ""},
		{"a phone among several", FieldPhone, func(p *Patient) {
			p.Contacts = []Contact{{System: Phone, Value: "+34600111222"}, {System: SMS, Value: "+15125550134"}}
		}, LevelExact},
		{"another area code", FieldPhone, func(p *Patient) { p.Contacts[0].Value = "+17375550134" }, LevelPartial},
		{"another phone", FieldPhone, func(p *Patient) { p.Contacts[0].Value = "+15125550135" }, LevelDifferent},
		{"no phone", FieldPhone, func(p *Patient) { p.Contacts = p.Contacts[1:] }, ""},
		{"the case of an email", FieldEmail, func(p *Patient) { p.Contacts[1].Value = "Belmonte@Example.com" }, LevelExact},
		{"another host", FieldEmail, func(p *Patient) { p.Contacts[1].Value = "belmonte@example.org" }, LevelPartial},
		{"another email", FieldEmail, func(p *Patient) { p.Contacts[1].Value = "wood@example.com" }, LevelDifferent},
		{"another way to write the street", FieldAddress, func(p *Patient) { p.Addresses[0].Lines = []string{"12 OAK ST."} }, LevelExact},
		{"the street without postal code", FieldAddress, func(p *Patient) { p.Addresses[0].PostalCode = "" }, LevelExact},
		{"another street", FieldAddress, func(p *Patient) { p.Addresses[0].Lines[0] = "13 Oak Street" }, LevelPartial},
		{"the same street elsewhere", FieldAddress, func(p *Patient) { p.Addresses[0].PostalCode = "10001" }, LevelDifferent},
		{"no street, another code", FieldAddress, func(p *Patient) { p.Addresses[0].Lines, p.Addresses[0].PostalCode = nil, "10001" }, LevelDifferent},
		{"no address", FieldAddress, func(p *Patient) { p.Addresses = nil }, ""},
		{"another way to write the identifier", FieldIdentifier, func(p *Patient) { p.Identifiers[0].Value = "a1" }, LevelExact},
		{"another identifier", FieldIdentifier, func(p *Patient) { p.Identifiers[0].Value = "A-2" }, LevelDifferent},
		{"an identifier of another system", FieldIdentifier, func(p *Patient) { p.Identifiers[0].System = "https://example.org" }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			other := clone(person())
			tt.change(&other)
			for _, m := range []Match{Score(person(), other), Score(other, person())} {
				if got := levelOf(m, tt.field); got != tt.want {
					t.Errorf("%s: level %q, want %q", tt.field, got, tt.want)
				}
			}
		})
	}
}

func TestScore(t *testing.T) {
	t.Parallel()
	with := func(changes ...func(*Patient)) Patient {
		p := clone(person())
		p.Identifiers = nil // a second registration has another one
		for _, change := range changes {
			change(&p)
		}
		return p
	}
	given := func(name string) func(*Patient) { return func(p *Patient) { p.Names[0].Given = []string{name} } }
	born := func(s string) func(*Patient) {
		return func(p *Patient) { p.BirthDate = glabella.MustParseDate(s) }
	}
	moved := func(p *Patient) { p.Contacts, p.Addresses = nil, nil }
	for _, tt := range []struct {
		name  string
		other Patient
		want  Likelihood
	}{
		{"the same record", with(), Probable},
		{"a nickname, and everything else lost", with(given("Bill"), moved), Probable},
		{"day and month exchanged, and everything else lost", with(born("1984-12-03"), moved), Probable},
		{"names exchanged", with(func(p *Patient) { p.Names[0].Family, p.Names[0].Given[0] = p.Names[0].Given[0], p.Names[0].Family }), Probable},
		{"a twin at home", with(given("Harold")), Possible},
		{"a twin brother with a name that is alike", with(given("Willamena"), func(p *Patient) { p.SexAtBirth = Male }), Possible},
		{"a child with the same name at home", with(born("2012-09-27")), Unlikely},
		{"another person at home", with(given("Harold"), born("1981-09-27")), Unlikely},
		{"somebody else of the same name", with(born("1951-09-27"), moved), Unlikely},
		{"a stranger", named("Helen", "Wood"), Unlikely},
		{"an empty record", Patient{}, Unlikely},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := Score(person(), tt.other)
			if m.Likelihood != tt.want {
				t.Errorf("Score = %v, want %s", m, tt.want)
			}
			if diff := cmp.Diff(m, Score(tt.other, person())); diff != "" {
				t.Errorf("the other way round (-want +got):\n%s", diff)
			}
			sum := 0.0
			for _, a := range m.Agreements {
				sum += a.Weight
			}
			if math.Abs(sum-m.Weight) > 1e-9 {
				t.Errorf("the agreements add up to %v, and the weight is %v", sum, m.Weight)
			}
			if m.Probability < 0 || m.Probability > 1 {
				t.Errorf("probability %v", m.Probability)
			}
		})
	}
}

func TestACommonNameWeighsLess(t *testing.T) {
	t.Parallel()
	weight := func(family string) float64 { return Score(named("", family), named("", family)).Weight }
	common, rare := weight("Smith"), weight("Belmonte")
	if common >= rare || common <= 0 {
		t.Errorf("Smith weighs %v and Belmonte %v, want less and more than nothing", common, rare)
	}
	if got := weight("Smith Belmonte"); got != rare {
		t.Errorf("a name of which a part is common weighs %v, want %v", got, rare)
	}
}

func TestPruningChangesNoVerdict(t *testing.T) {
	t.Parallel()
	c := newCorpus(12, 600, 0.3)
	r := rand.New(rand.NewSource(2))
	for i := range c.patients { // records with gaps, second values and chance twins
		p := &c.patients[i]
		other := c.patients[r.Intn(len(c.patients))]
		switch r.Intn(8) {
		case 0:
			p.Names = append(p.Names, Name{Use: NameMaiden, Family: other.Names[0].Family, Given: other.Names[0].Given})
		case 1:
			p.Names = []Name{{Use: NameOfficial, Given: p.Names[0].Given}}
		case 2:
			p.Names = []Name{{Use: NameOfficial, Family: p.Names[0].Family}}
		case 3:
			p.Contacts = append(p.Contacts, other.Contacts...)
		case 4:
			p.BirthDate = other.BirthDate
		case 5:
			p.Identifiers = other.Identifiers
		}
	}
	// A model whose weights go everywhere, so that every bound is tried.
	wild := DefaultModel()
	for i := range wild.Fields {
		for j := range wild.Fields[i].Levels {
			wild.Fields[i].Levels[j].M, wild.Fields[i].Levels[j].U = 0.01+0.98*r.Float64(), 0.01+0.98*r.Float64()
		}
	}
	wild.Possible, wild.Probable = 3, 5
	for _, m := range []Model{DefaultModel(), wild} {
		compiled, err := m.compile()
		if err != nil {
			t.Fatal(err)
		}
		vectors := make([]vector, len(c.patients))
		for i, p := range c.patients {
			vectors[i] = compiled.vector(p, nil)
		}
		var whole, pruned comparison
		reached, stopped := 0, 0
		for i := range vectors {
			for j := range i {
				compiled.compare(&vectors[i], &vectors[j], noFloor, &whole)
				for _, floor := range []weight{compiled.possible, compiled.probable, whole.total, whole.total + 1} {
					got := compiled.compare(&vectors[i], &vectors[j], floor, &pruned)
					if got != (whole.total >= floor) {
						t.Fatalf("compare with floor %d reports %v, and the total is %d", floor, got, whole.total)
					}
					if !got {
						stopped++
						continue
					}
					if reached++; pruned != whole {
						t.Fatalf("compare with floor %d = %+v, want %+v", floor, pruned, whole)
					}
				}
			}
		}
		if reached == 0 || stopped == 0 {
			t.Errorf("%d pairs reached their floor and %d did not: too few to compare", reached, stopped)
		}
	}
}

func TestDuplicatesAreThoseOfTheUnprunedScorer(t *testing.T) {
	t.Parallel()
	c := newCorpus(13, 1500, 0.3)
	x := indexOf(t, c.patients)
	byID := map[glabella.PatientID]Patient{}
	for _, p := range c.patients {
		byID[p.ID] = p
	}
	total := 0
	for _, p := range c.patients[:400] {
		v := x.model.vector(p, nil)
		var want []Candidate
		for _, slot := range x.sharing(new(scratch), &v) {
			other := byID[x.records[slot].id]
			if m := Score(p, other); other.ID != p.ID && m.Likelihood != Unlikely {
				want = append(want, Candidate{other.ID, m})
			}
		}
		got := x.Duplicates(p, len(c.patients))
		total += len(got)
		byWeight := func(a, b Candidate) int { return int(1000 * (b.Match.Weight - a.Match.Weight)) }
		if !slices.IsSortedFunc(got, byWeight) {
			t.Error("Duplicates are not in order of their weight")
		}
		order := func(a, b Candidate) int { return slices.Compare(a.Patient[:], b.Patient[:]) }
		slices.SortFunc(want, order)
		slices.SortFunc(got, order)
		if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
			t.Fatalf("Duplicates (-unpruned +got):\n%s", diff)
		}
		if one := x.Duplicates(p, 1); len(got) > 1 && len(one) != 1 {
			t.Errorf("Duplicates with limit 1 = %d candidates", len(one))
		}
	}
	if total < 100 {
		t.Errorf("%d candidates: too few to compare", total)
	}
}

func TestAllDuplicatesAreThoseOfEachPatient(t *testing.T) {
	t.Parallel()
	c := newCorpus(14, 1000, 0.3)
	x := indexOf(t, c.patients)
	type key struct{ a, b glabella.PatientID }
	want := map[key]Match{}
	for _, p := range c.patients {
		for _, d := range x.Duplicates(p, len(c.patients)) {
			k := key{p.ID, d.Patient}
			if slices.Compare(k.a[:], k.b[:]) > 0 {
				k = key{k.b, k.a}
			}
			want[k] = d.Match
		}
	}
	got := map[key]Match{}
	for _, p := range x.AllDuplicates() {
		got[key{p.A, p.B}] = p.Match
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("AllDuplicates (-of each +got):\n%s", diff)
	}
	if len(want) < 100 {
		t.Errorf("%d pairs: too few to compare", len(want))
	}
}

func TestAKeyThatManyShareFindsNobody(t *testing.T) {
	t.Parallel()
	x := NewIndex()
	for i := range maxBlock + 1 {
		p := named("", "")
		p.ID, p.BirthDate = glabella.DeriveID[glabella.PatientID](string(rune('a'+i))), glabella.MustParseDate("1900-01-01")
		p.Contacts = []Contact{{System: Phone, Value: "+10000000000"}}
		x.Put(p)
	}
	p := named("Marta", "Garza")
	p.ID, p.BirthDate = patientID("marta"), glabella.MustParseDate("1900-01-01")
	p.Contacts = []Contact{{System: Phone, Value: "+10000000000"}}
	if got := x.Duplicates(p, 5); len(got) != 0 {
		t.Errorf("Duplicates = %d candidates, want none", len(got))
	}
	twin := p
	twin.ID = patientID("again")
	x.Put(twin)
	if got := x.Duplicates(p, 5); len(got) != 1 || got[0].Patient != twin.ID {
		t.Errorf("Duplicates = %v, want the other record of the same names", got)
	}
}

func TestModel(t *testing.T) {
	t.Parallel()
	m := DefaultModel()
	if err := m.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, f := range m.Fields {
		sumM, sumU := 0.0, 0.0
		for _, l := range f.Levels {
			sumM, sumU = sumM+l.M, sumU+l.U
		}
		if math.Abs(sumM-1) > 0.01 || sumU > 1.01 {
			t.Errorf("the levels of %s have chances that add up to %v and %v, want 1 and at most 1", f.Field, sumM, sumU)
		}
	}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseModel("model.json", data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, back); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	if got, err := m.Score(person(), person()); err != nil || cmp.Diff(Score(person(), person()), got) != "" {
		t.Errorf("Score of the default model = %v, %v", got, err)
	}
}

func TestAModelThatIsWrongIsRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*Model)
		path   string
		code   glabella.Code
	}{
		{"no prior", func(m *Model) { m.Prior = 0 }, "/prior", glabella.CodeOutOfRange},
		{"a prior that is no number", func(m *Model) { m.Prior = math.NaN() }, "/prior", glabella.CodeOutOfRange},
		{"a household above one", func(m *Model) { m.Household = 1.5 }, "/household", glabella.CodeOutOfRange},
		{"thresholds out of order", func(m *Model) { m.Possible = m.Probable + 1 }, "/possible", glabella.CodeOutOfRange},
		{"a threshold without end", func(m *Model) { m.Probable = math.Inf(1) }, "/probable", glabella.CodeOutOfRange},
		{"an unknown field", func(m *Model) { m.Fields[0].Field = FieldInitials }, "/fields/0/field", glabella.CodeUnknownValue},
		{"a field missing", func(m *Model) { m.Fields = m.Fields[1:] }, "/fields", glabella.CodeRequired},
		{"a field twice", func(m *Model) { m.Fields = append(m.Fields, m.Fields[0]) }, "/fields/8/field", glabella.CodeDuplicate},
		{"a level missing", func(m *Model) { m.Fields[0].Levels = m.Fields[0].Levels[1:] }, "/fields/0/levels", glabella.CodeRequired},
		{"a level of another field", func(m *Model) { m.Fields[0].Levels[1].Level = LevelYear }, "/fields/0/levels/1/level", glabella.CodeUnknownValue},
		{"a level twice", func(m *Model) { m.Fields[3].Levels[1].Level = LevelExact }, "/fields/3/levels/1/level", glabella.CodeDuplicate},
		{"a chance of one", func(m *Model) { m.Fields[2].Levels[0].M = 1 }, "/fields/2/levels/0/m", glabella.CodeOutOfRange},
		{"a chance of nothing", func(m *Model) { m.Fields[2].Levels[0].U = 0 }, "/fields/2/levels/0/u", glabella.CodeOutOfRange},
		{"a name that is not folded", func(m *Model) { m.Shares[0].Name = "Smith" }, "/shares/0/name", glabella.CodeFormat},
		{"a name twice", func(m *Model) { m.Shares[1] = m.Shares[0] }, "/shares/1/name", glabella.CodeDuplicate},
		{"a share of a date", func(m *Model) { m.Shares[0].Field = FieldBirthDate }, "/shares/0/field", glabella.CodeUnknownValue},
		{"a share of everybody", func(m *Model) { m.Shares[0].Share = 1 }, "/shares/0/share", glabella.CodeOutOfRange},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := DefaultModel()
			tt.change(&m)
			err := m.Validate()
			var invalid *glabella.ValidationError
			if !errors.As(err, &invalid) || !slices.ContainsFunc(invalid.Issues, func(i glabella.Issue) bool { return i.Path == tt.path && i.Code == tt.code }) {
				t.Errorf("Validate() = %v, want %s at %s", err, tt.code, tt.path)
			}
			if _, err := NewIndexOf(m); err == nil {
				t.Error("NewIndexOf takes the model")
			}
			if _, err := m.Score(person(), person()); err == nil {
				t.Error("Score takes the model")
			}
		})
	}
	if _, err := ParseModel("model.json", []byte(`{"prior": 0.1, "extra": 1}`)); err == nil {
		t.Error("ParseModel takes a field that it does not know")
	}
}

func TestAnIndexOfAnotherModelComparesByIt(t *testing.T) {
	t.Parallel()
	m := DefaultModel()
	m.Possible, m.Probable = 1000, 1000
	x, err := NewIndexOf(m)
	if err != nil {
		t.Fatal(err)
	}
	x.Put(person())
	other := person()
	other.ID = patientID("again")
	if got := x.Duplicates(other, 5); len(got) != 0 {
		t.Errorf("Duplicates = %v, want none above 1000 bits", got)
	}
}

func FuzzScore(f *testing.F) {
	f.Add("Marta", "Garza", "Elena", "Wood", "1984-03-12", "1984-12-03")
	f.Add("", "", "\xff", "王", "", "1984-12-03")
	f.Add("a b c d", "x y z w", "b", "w-z", "2000-02-29", "2000-02-28")
	f.Add(strings.Repeat("ab", 50), "Q", strings.Repeat("ba", 50), "q", "2000-02-29", "0001-01-01")
	f.Fuzz(func(t *testing.T, givenA, familyA, givenB, familyB, bornA, bornB string) {
		a, b := named(givenA, familyA), named(givenB, familyB)
		a.BirthDate, _ = glabella.ParseDate(bornA)
		b.BirthDate, _ = glabella.ParseDate(bornB)
		if diff := cmp.Diff(Score(a, b), Score(b, a)); diff != "" {
			t.Errorf("Score is not the same both ways:\n%s", diff)
		}
	})
}

func TestAVectorFillsWholeLinesOfMemory(t *testing.T) {
	t.Parallel()
	var v vector
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("the lines are counted with pointers of eight bytes")
	}
	if size := unsafe.Sizeof(v); size != 6*64 {
		t.Errorf("a vector has %d bytes, want %d", size, 6*64)
	}
	if at := unsafe.Offsetof(v.names); at != 64 {
		t.Errorf("the names begin at byte %d, want 64: the first line is for what needs no names", at)
	}
}

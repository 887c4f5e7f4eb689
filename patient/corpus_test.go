package patient

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
)

// corpus is invented patients, some of whom are recorded more than once.
type corpus struct {
	patients []Patient
	person   []int // of each patient: who it is
}

// pairs returns how many pairs of records are of one person.
func (c corpus) pairs() int {
	count, n := map[int]int{}, 0
	for _, who := range c.person {
		n += count[who]
		count[who]++
	}
	return n
}

// newCorpus returns n records of which about the given share repeat an earlier
// person, with the errors that front desks make: typing errors, lost accents,
// nicknames, names that change with marriage or change places, second surnames and
// middle names left out, dates with day and month exchanged or a digit wrong, new
// phones, addresses and emails, and empty fields. People live in households, and
// there are twins.
func newCorpus(seed int64, n int, repeated float64) corpus {
	g := &generator{rand: rand.New(rand.NewSource(seed))}
	for i := range 6000 {
		g.rare = append(g.rare, g.surname(i))
	}
	var c corpus
	var originals []int
	for i := range n {
		var p Patient
		who := i
		if len(originals) > 0 && g.chance(repeated) {
			at := originals[g.rand.Intn(len(originals))]
			who = c.person[at]
			p = g.again(c.patients[at])
		} else {
			var last *Patient
			if len(originals) > 0 {
				last = &c.patients[originals[len(originals)-1]]
			}
			p = g.person(last)
			originals = append(originals, i)
		}
		p.ID = glabella.DeriveID[glabella.PatientID](fmt.Sprintf("corpus %d %d", seed, i))
		p.Identifiers = []Identifier{{System: "https://example.com/mrn", Value: fmt.Sprintf("M%06d", i)}}
		c.patients, c.person = append(c.patients, p), append(c.person, who)
	}
	return c
}

type generator struct {
	rand *rand.Rand
	rare []string
}

func (g *generator) chance(p float64) bool { return g.rand.Float64() < p }

// skewed picks an entry: the earlier, the likelier, as names are.
func (g *generator) skewed(list []string) string {
	return list[int(float64(len(list))*g.rand.Float64()*g.rand.Float64())]
}

func pick[E any](g *generator, list []E) E { return list[g.rand.Intn(len(list))] }

var (
	familiesUS = strings.Fields("Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Nguyen Hill Green Adams Nelson Baker Hall Campbell Mitchell Carter Roberts Phillips Evans Turner Parker Collins Edwards Stewart Morris Murphy Cook Rogers Morgan Peterson Cooper Reed Bailey Bell Kelly Howard Ward Cox Richardson Wood Watson Brooks Bennett Gray James Hughes Price Myers Long Foster Sanders Ross Powell Sullivan Russell Jenkins Perry Butler Barnes Fisher O'Brien O'Connor McDonald Müller Schröder Kowalski Nowak Dvořák Sørensen Jørgensen Øberg Łuczak Đorđević Patel Kim Park Chen Wang Singh Khan Cohen Rossi Ferrari Dubois Lefèvre")
	familiesES = strings.Fields("García Rodríguez Martínez Hernández López González Pérez Sánchez Ramírez Torres Flores Rivera Gómez Díaz Reyes Cruz Morales Ortiz Gutiérrez Chávez Ramos Ruiz Álvarez Mendoza Vásquez Castillo Jiménez Moreno Romero Herrera Medina Aguilar Garza Castro Vargas Fernández Guzmán Muñoz Salazar Soto Delgado Peña Ríos Alvarado Sandoval Contreras Valdez Guerrero Ortega Estrada Núñez Maldonado Vega Santiago Domínguez Espinoza Silva Padilla Márquez Cortez Rojas Acosta Figueroa Luna Juárez Navarro Campos Molina Ibáñez Ávila Ayala Mejía Carrillo Durán Miranda")
	femaleUS   = strings.Fields("Mary Jennifer Patricia Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Betty Sandra Margaret Ashley Kimberly Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie Rebecca Laura Sharon Cynthia Dorothy Amy Kathleen Angela Shirley Brenda Emma Anna Pamela Nicole Samantha Katherine Christine Helen Debra Rachel Carolyn Janet Maria Catherine Heather Diane Olivia Julie Joyce Victoria Ruth Virginia Lauren Kelly Christina Joan Evelyn Judith Andrea Hannah Megan Cheryl Jacqueline Martha Madison Teresa Gloria Sara Janice Ann Kathryn Abigail Sophia Frances Jean Alice Judy Isabella Julia Grace Amber Denise Danielle Marilyn Beverly Charlotte Natalie Theresa Diana Brittany Doris Kayla Alexis Lori Marie Zoë Chloé Renée")
	maleUS     = strings.Fields("James Robert John Michael David William Richard Joseph Thomas Christopher Charles Daniel Matthew Anthony Mark Donald Steven Andrew Paul Joshua Kenneth Kevin Brian George Timothy Ronald Jason Edward Jeffrey Ryan Jacob Gary Nicholas Eric Jonathan Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Alexander Patrick Frank Raymond Jack Dennis Jerry Tyler Aaron José Adam Nathan Henry Zachary Douglas Peter Kyle Noah Ethan Jeremy Christian Walter Keith Austin Roger Terry Sean Gerald Carl Dylan Harold Jordan Jesse Bryan Lawrence Arthur Gabriel Bruce Logan Billy Joe Alan Juan Elijah Willie Albert Wayne Randy Vincent Mason Roy Ralph Bobby Russell Bradley Philip Eugene")
	femaleES   = strings.Fields("María Guadalupe Ana Carmen Rosa Sofía Isabel Verónica Patricia Gabriela Alejandra Leticia Adriana Claudia Teresa Laura Daniela Elena Beatriz Lucía Paola Silvia Mónica Valentina Camila Andrea Mariana Fernanda Natalia Valeria Yolanda Margarita Dolores Mercedes Josefina Graciela Susana Lorena Rocío Inés Begoña Pilar Ángela Noemí Raquel Esperanza Graciela Ximena Regina Renata")
	maleES     = strings.Fields("José Juan Luis Carlos Francisco Miguel Jesús Jorge Manuel Antonio Pedro Alejandro Roberto Fernando Ricardo Eduardo Javier Rafael Daniel Sergio Arturo Enrique Raúl Ángel Andrés Óscar Héctor Víctor Martín Ramón Diego Guillermo Ignacio Ernesto Alfredo Gerardo Santiago Mateo Sebastián Emilio Joaquín Iván Íñigo Nicolás Rodrigo Tomás Agustín Benjamín Gonzalo")
	streets    = strings.Fields("Oak Maple Cedar Elm Pine Lake Hill Park River Sunset Walnut Spring Ridge Church Willow Meadow Mill Highland Franklin Jackson Lincoln Washington Lavaca Guadalupe Brazos Colorado Trinity Rosewood Juniper Magnolia")
	streetType = []string{"Street", "St", "Avenue", "Ave", "Drive", "Dr", "Lane", "Ln", "Road", "Rd", "Boulevard", "Court"}
	syllables  = strings.Fields("ba be bo bra ca cha da de do dra fa fe gra ha he hol ka ke kra la le lin lo ma me mon na ne no or pa pe po ra re ri ro sa se sha so sta ta te tor va ve vi wa wel wi yo za")
	endings    = strings.Fields("son man ski er well ton ez ard ini ova berg ley dal rich ner mont ques ell")
)

func (g *generator) surname(int) string {
	s := ""
	for range 1 + g.rand.Intn(3) {
		s += pick(g, syllables)
	}
	s += pick(g, endings)
	return strings.ToUpper(s[:1]) + s[1:]
}

func (g *generator) family(spanish bool) string {
	if g.chance(0.4) {
		return pick(g, g.rare)
	}
	if spanish {
		return g.skewed(familiesES)
	}
	return g.skewed(familiesUS)
}

func (g *generator) given(spanish, male bool) string {
	switch {
	case spanish && male:
		return g.skewed(maleES)
	case spanish:
		return g.skewed(femaleES)
	case male:
		return g.skewed(maleUS)
	}
	return g.skewed(femaleUS)
}

func (g *generator) birth() glabella.Date {
	return glabella.DateOf(time.Date(1946, 1, 1+g.rand.Intn(62*365), 0, 0, 0, 0, time.UTC))
}

func (g *generator) phone(spanish bool) string {
	if spanish && g.chance(0.05) {
		return fmt.Sprintf("+346%08d", g.rand.Intn(1e8))
	}
	return fmt.Sprintf("+1%d%d%06d", pick(g, []int{512, 737, 210, 830, 361, 956, 214, 713}), 2+g.rand.Intn(8), g.rand.Intn(1e6))
}

func (g *generator) email(n Name, birth glabella.Date) string {
	given, family := strings.ReplaceAll(FoldName(n.Given[0]), " ", ""), strings.ReplaceAll(FoldName(n.Family), " ", "")
	host := pick(g, []string{"example.com", "example.net", "example.org", "mail.example.com"})
	switch g.rand.Intn(4) {
	case 0:
		return given + "." + family + "@" + host
	case 1:
		return fmt.Sprintf("%s%s%d@%s", given[:1], family, birth.Year%100, host)
	case 2:
		return fmt.Sprintf("%s%d@%s", given, g.rand.Intn(10000), host)
	}
	return fmt.Sprintf("%s_%s%d@%s", family, given[:1], g.rand.Intn(100), host)
}

func (g *generator) address() Address {
	return Address{
		Lines: []string{fmt.Sprintf("%d %s %s", 1+g.rand.Intn(9900), pick(g, streets), pick(g, streetType))}, City: "Exampleville", State: "TX",
		PostalCode: fmt.Sprintf("78%03d", int(400*g.rand.Float64()*g.rand.Float64())), Country: "US",
	}
}

// person invents a person, who may live with the last one or be its twin.
func (g *generator) person(last *Patient) Patient {
	spanish, male := g.chance(0.35), g.chance(0.18)
	n := Name{Use: NameOfficial, Family: g.family(spanish), Given: []string{g.given(spanish, male)}}
	if spanish && g.chance(0.45) {
		n.Family += " " + g.family(true)
	}
	if g.chance(0.4) {
		n.Given = append(n.Given, g.given(spanish, male))
	}
	p := Patient{BirthDate: g.birth(), SexAtBirth: Female, Contacts: []Contact{{System: Phone, Value: g.phone(spanish)}}, Addresses: []Address{g.address()}}
	if male {
		p.SexAtBirth = Male
	}
	shareEmail := ""
	if last != nil && g.chance(0.22) {
		twin := g.chance(0.06)
		if twin || g.chance(0.8) {
			n.Family = last.Names[0].Family
		}
		if twin {
			p.BirthDate = last.BirthDate
			for n.Given[0] == last.Names[0].Given[0] {
				n.Given[0] = g.given(spanish, male)
			}
		}
		if len(last.Addresses) > 0 {
			p.Addresses = []Address{last.Addresses[0]}
		}
		if g.chance(0.5) {
			p.Contacts[0].Value = last.Contacts[0].Value
		}
		if g.chance(0.1) {
			if i := slices.IndexFunc(last.Contacts, func(c Contact) bool { return c.System == Email }); i >= 0 {
				shareEmail = last.Contacts[i].Value
			}
		}
	}
	p.Names = []Name{n}
	if shareEmail == "" && g.chance(0.85) {
		shareEmail = g.email(n, p.BirthDate)
	}
	if shareEmail != "" {
		p.Contacts = append(p.Contacts, Contact{System: Email, Value: shareEmail})
	}
	return p
}

// again returns the person as another desk would record them.
func (g *generator) again(p Patient) Patient {
	n := p.Names[0]
	n.Given = slices.Clone(n.Given)
	first, _, double := strings.Cut(n.Family, " ")
	if double && g.chance(0.5) {
		n.Family = first
	}
	if g.chance(0.05) && p.SexAtBirth == Female {
		n.Family = g.family(false)
		if g.chance(0.5) {
			n.Family = p.Names[0].Family + "-" + n.Family
		}
	}
	if g.chance(0.15) {
		folded := FoldName(n.Given[0])
		if rows := nicknameRows()[folded]; len(rows) > 0 {
			name := pick(g, nicknamesOf(pick(g, rows)))
			n.Given[0] = strings.ToUpper(name[:1]) + name[1:]
		}
	}
	if len(n.Given) > 1 {
		switch {
		case g.chance(0.4):
			n.Given = n.Given[:1]
		case g.chance(0.3):
			n.Given[1] = firstRune(n.Given[1]) + "."
		case g.chance(0.05):
			n.Given = n.Given[1:]
		}
	}
	if g.chance(0.07) {
		n.Given[0] = g.typo(n.Given[0])
	}
	if g.chance(0.07) {
		n.Family = g.typo(n.Family)
	}
	if g.chance(0.4) {
		n.Family = strings.ToUpper(FoldName(n.Family))
		for i := range n.Given {
			n.Given[i] = strings.ToUpper(FoldName(n.Given[i]))
		}
	}
	if g.chance(0.015) && len(n.Given) == 1 && !strings.Contains(n.Family, " ") {
		n.Family, n.Given[0] = n.Given[0], n.Family
	}
	out := Patient{Names: []Name{n}, BirthDate: g.wrongDate(p.BirthDate), SexAtBirth: p.SexAtBirth}
	if g.chance(0.1) {
		out.SexAtBirth = ""
	}
	for _, c := range p.Contacts {
		changed, lost := 0.22, 0.08
		if c.System == Email {
			changed, lost = 0.25, 0.25
		}
		switch {
		case g.chance(lost):
			continue
		case g.chance(changed) && c.System == Email:
			c.Value = g.email(p.Names[0], p.BirthDate)
		case g.chance(changed):
			c.Value = g.phone(false)
		case g.chance(0.03) && c.System == Phone:
			c.Value = c.Value[:len(c.Value)-1] + fmt.Sprint(g.rand.Intn(10))
		}
		out.Contacts = append(out.Contacts, c)
	}
	for _, a := range p.Addresses {
		switch {
		case g.chance(0.15):
			continue
		case g.chance(0.25):
			a = g.address()
		case g.chance(0.2):
			a.Lines = []string{g.typo(a.Lines[0])}
		case g.chance(0.3):
			a.Lines = []string{strings.NewReplacer("Street", "St.", "Avenue", "AVE", "Drive", "DR").Replace(a.Lines[0])}
		}
		out.Addresses = append(out.Addresses, a)
	}
	return out
}

func (g *generator) wrongDate(d glabella.Date) glabella.Date {
	v := d
	switch x := g.rand.Float64(); {
	case x < 0.05:
		return glabella.Date{}
	case x < 0.075:
		v.Month, v.Day = time.Month(d.Day), int(d.Month)
	case x < 0.1:
		v.Day = d.Day/10*10 + g.rand.Intn(10)
	case x < 0.115:
		v.Year = d.Year - 3 + g.rand.Intn(7)
	case x < 0.12:
		v = g.birth()
	}
	if !v.Valid() {
		return d
	}
	return v
}

// typo returns the text with one letter wrong, missing, added, or two exchanged.
func (g *generator) typo(s string) string {
	r := []rune(s)
	if len(r) < 3 {
		return s
	}
	i := 1 + g.rand.Intn(len(r)-2)
	letter := rune('a' + g.rand.Intn(26))
	switch g.rand.Intn(4) {
	case 0:
		r[i] = letter
	case 1:
		r = slices.Delete(r, i, i+1)
	case 2:
		r = slices.Insert(r, i, letter)
	default:
		r[i], r[i+1] = r[i+1], r[i]
	}
	return string(r)
}

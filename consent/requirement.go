package consent

import (
	"cmp"
	"slices"
	"time"
)

// InterpreterRule says when a form is signed with an interpreter. The empty rule
// never asks for one.
type InterpreterRule string

// The rules on interpreters.
const (
	InterpreterAlways   InterpreterRule = "always"   // whatever the patient speaks
	InterpreterUnspoken InterpreterRule = "unspoken" // when the patient is not known to speak the language of the text
)

// InterpreterRules returns every rule on interpreters.
func InterpreterRules() []InterpreterRule {
	return []InterpreterRule{InterpreterAlways, InterpreterUnspoken}
}

// Valid reports whether r is one of [InterpreterRules].
func (r InterpreterRule) Valid() bool { return slices.Contains(InterpreterRules(), r) }

// Act is what a patient is to agree to: a treatment, with the products that it is
// done with and the services that it is sold as, at a place.
type Act struct {
	Treatment    string   // code of the treatment template
	Classes      []string // of the procedure or its products, such as botulinum-toxin
	Products     []string // codes of the products
	Services     []string // codes of the price list
	Jurisdiction string   // where it takes place, such as US-CA
}

// Requires reports whether the form is for the act: for its treatment, or one of
// its classes, products or services, in its jurisdiction. A form that names none
// of them is for acts that name its code only; see [Facts].Required.
func (f Form) Requires(a Act) bool { return f.requires(&a) }

func (f *Form) requires(a *Act) bool {
	return (slices.Contains(f.Treatments, a.Treatment) || meet(f.Classes, a.Classes) ||
		meet(f.Products, a.Products) || meet(f.Services, a.Services)) && f.appliesIn(a.Jurisdiction)
}

func meet(a, b []string) bool {
	for _, s := range a {
		if slices.Contains(b, s) {
			return true
		}
	}
	return false
}

// Requirements returns what there is to sign for an act at the instant at: of
// each form the version in force, those that must be accepted first, then those
// that must be shown, then the optional ones, each in order of their codes.
// Codes of forms that are required whatever they say themselves come after the
// act.
func Requirements(forms []Form, a Act, at time.Time, required ...string) []Form {
	var out []Form
	for _, i := range binding(forms, at, func(f *Form) bool { return f.requires(&a) || slices.Contains(required, f.Code) }) {
		out = append(out, forms[i].clone())
	}
	slices.SortStableFunc(out, func(a, b Form) int {
		return cmp.Or(cmp.Compare(slices.Index(Strengths(), a.Strength), slices.Index(Strengths(), b.Strength)), cmp.Compare(a.Code, b.Code))
	})
	return out
}

// binding returns the indexes of the forms in force at the instant at that are
// the highest version of their code and wanted, in order of their codes. Of two
// with the same version the first counts.
func binding(forms []Form, at time.Time, wanted func(*Form) bool) []int {
	var known codes
	for i := range forms {
		if f := &forms[i]; f.inForce(at) && wanted(f) {
			known.add(f.Code)
		}
	}
	newest := make([]int, len(known.list))
	for i := range newest {
		newest[i] = -1
	}
	for i := range forms {
		f := &forms[i]
		if k := known.find(f.Code); k >= 0 && f.inForce(at) && (newest[k] < 0 || f.Version > forms[newest[k]].Version) {
			newest[k] = i
		}
	}
	newest = slices.DeleteFunc(newest, func(i int) bool { return !wanted(&forms[i]) })
	slices.SortFunc(newest, func(a, b int) int { return cmp.Compare(forms[a].Code, forms[b].Code) })
	return newest
}

// codes is a set of codes with their places. Most codes that are looked up are
// not in it: the mask of the last two letters tells so without comparing. Few
// are found by comparing, which is faster than a map.
type codes struct {
	list  []string
	mask  uint64
	place map[string]int // once there are more than few
}

const few = 8

func bit(code string) uint64 {
	n := len(code)
	if n < 2 {
		return 1
	}
	return 1 << ((uint(code[n-1]) + 11*uint(code[n-2])) % 64)
}

func (c *codes) find(code string) int {
	if c.mask&bit(code) == 0 {
		return -1
	}
	if c.place != nil {
		if i, ok := c.place[code]; ok {
			return i
		}
		return -1
	}
	return slices.Index(c.list, code)
}

func (c *codes) add(code string) {
	if c.find(code) >= 0 {
		return
	}
	if c.list == nil {
		c.list = make([]string, 0, few)
	}
	c.list = append(c.list, code)
	c.mask |= bit(code)
	switch {
	case c.place != nil:
		c.place[code] = len(c.list) - 1
	case len(c.list) > few:
		c.place = make(map[string]int, 4*few)
		for i, known := range c.list {
			c.place[known] = i
		}
	}
}

func (f Form) clone() Form {
	f.Treatments, f.Classes, f.Products, f.Services = slices.Clone(f.Treatments), slices.Clone(f.Classes), slices.Clone(f.Products), slices.Clone(f.Services)
	f.Jurisdictions, f.Contents = slices.Clone(f.Jurisdictions), slices.Clone(f.Contents)
	for i := range f.Contents {
		f.Contents[i].Sections = slices.Clone(f.Contents[i].Sections)
	}
	return f
}

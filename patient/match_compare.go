package patient

import (
	"math"
	"math/bits"
)

// maxWeight bounds the weights of a model, in bits: those of chances that a
// float64 holds are far below it.
const maxWeight = 2000

// weight is a weight in thousandths of a bit. Whole numbers add up to the same
// sum in any order, so that pruning cannot change a verdict.
type weight int32

func weightOf(bits float64) weight { return weight(math.Round(bits * 1000)) }

func (w weight) bits() float64 { return float64(w) / 1000 }

// The fields in the order of matchLevels, and the levels in the order of [Levels].
const (
	inFamily = iota
	inGiven
	inBirth
	inSex
	inPhone
	inEmail
	inAddress
	inIdentifier
	comparedFields
)

const (
	exact = iota
	nickname
	initial
	swapped
	partial
	closeTo
	near
	digit
	year
	different
	missing // in one of the two
	levelCount
)

// matcher is a model in the form that compares fast.
type matcher struct {
	weights            [comparedFields][levelCount]weight
	highest            [comparedFields]weight             // of the levels, and of the names that are not listed
	parts              [comparedFields][levelCount]weight // what is left of the weights of shared fields, see [matcher.part]
	highestPart        [comparedFields]weight
	household          float64
	prior              float64
	possible, probable weight
	family, given      map[string]float64 // shares
	m                  [2][levelCount]float64
}

// compile returns the model's matcher, or what [Model.Validate] finds.
func (m Model) compile() (*matcher, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	out := &matcher{
		household: m.Household, prior: math.Log2(m.Prior / (1 - m.Prior)), possible: weightOf(m.Possible), probable: weightOf(m.Probable),
		family: map[string]float64{}, given: map[string]float64{},
	}
	for _, f := range m.Fields {
		field := 0
		for matchLevels[field].field != f.Field {
			field++
		}
		for _, l := range f.Levels {
			level := 0
			for Levels()[level] != l.Level {
				level++
			}
			out.weights[field][level] = weightOf(math.Log2(l.M / l.U))
			out.highest[field] = max(out.highest[field], out.weights[field][level])
			if field <= inGiven {
				out.m[field][level] = l.M
			}
		}
	}
	out.parts = out.weights
	for _, field := range [...]int{inFamily, inPhone, inEmail, inAddress} {
		for level, w := range out.weights[field] {
			out.parts[field][level] = out.part(w)
		}
		out.highestPart[field] = out.part(out.highest[field])
	}
	for _, s := range m.Shares {
		if s.Field == FieldFamily {
			out.family[s.Name] = s.Share
		} else {
			out.given[s.Name] = s.Share
		}
	}
	return out, nil
}

// named returns the weight of agreement on a name, by the name's share if it is
// listed.
func (m *matcher) named(field, level int, name string) weight {
	shares := m.family
	if field == inGiven {
		shares = m.given
	}
	if share, ok := shares[name]; ok {
		return weightOf(math.Log2(m.m[field][level] / share))
	}
	return m.weights[field][level]
}

// comparison is what the comparison of two vectors found, by field.
type comparison struct {
	levels  [comparedFields]uint8
	weights [comparedFields]weight
	apart   bool // something tells the two apart, and the weights of shared fields are cut
	total   weight
}

// compare compares two patients. Once they cannot reach the floor it stops and
// reports false, with c as it was; else c holds all fields. What the fields to come
// can add is bounded by their highest weights, cut as the rest once something tells
// the two apart, so that what is reported does not depend on where it stops.
func (m *matcher) compare(a, b *vector, floor weight, c *comparison) bool {
	birth, sex, phone, identifier := birthLevel(a.birth, b.birth), sexLevel(a, b), phoneLevel(a, b), identifierLevel(a, b)
	total := m.weights[inBirth][birth] + m.weights[inSex][sex] + m.weights[inPhone][phone] + m.weights[inIdentifier][identifier]
	later, laterPart := weight(0), weight(0)
	if a.emailCount > 0 && b.emailCount > 0 {
		later, laterPart = m.highest[inEmail], m.highestPart[inEmail]
	}
	if a.addressCount > 0 && b.addressCount > 0 {
		later, laterPart = later+m.highest[inAddress], laterPart+m.highestPart[inAddress]
	}
	// Of a name that is missing the most is nothing.
	mostGiven := min(a.names[0].given.most, b.names[0].given.most)
	if total+later+mostGiven+min(a.names[0].family.most, b.names[0].family.most) < floor {
		return false
	}
	family, familyWeight := m.familyLevel(a, b)
	given, givenWeight := uint8(swapped), m.weights[inGiven][swapped]
	if family == different && changed(a, b) {
		family, familyWeight = swapped, m.weights[inFamily][swapped]
	} else {
		if total+familyWeight+later+mostGiven < floor {
			return false
		}
		given, givenWeight = m.givenLevel(a, b)
	}
	weights, two := &m.weights, apart(given, birth, sex)
	if two {
		weights, later = &m.parts, laterPart
		familyWeight = m.part(familyWeight)
		total += weights[inPhone][phone] - m.weights[inPhone][phone]
	}
	total += familyWeight + givenWeight
	if total+later < floor {
		return false
	}
	email, address := emailLevel(a, b), addressLevel(a, b)
	total += weights[inEmail][email] + weights[inAddress][address]
	if total < floor {
		return false
	}
	c.total, c.apart = total, two
	c.levels = [comparedFields]uint8{family, given, birth, sex, phone, email, address, identifier}
	for field, level := range c.levels {
		c.weights[field] = weights[field][level]
	}
	c.weights[inFamily], c.weights[inGiven] = familyWeight, givenWeight
	return true
}

// apart reports whether something tells two people apart who may live together.
func apart(given, birth, sex uint8) bool {
	return given == different || given == near || given == partial || birth == different || sex == different && given != exact && given != nickname && given != missing
}

// shared reports whether people who live together share the field.
func shared(field int) bool {
	return field == inFamily || field == inPhone || field == inEmail || field == inAddress
}

// part returns what is left of the weight of a shared field, when something tells
// two people apart.
func (m *matcher) part(w weight) weight {
	if w <= 0 {
		return w
	}
	return weight(math.Round(float64(w) * m.household))
}

func birthLevel(a, b packed) uint8 {
	if a == 0 || b == 0 {
		return missing
	}
	diff := a ^ b
	switch {
	case diff == 0:
		return exact
	case b == a.swap():
		return swapped
	}
	// One bit for each digit that differs.
	mask := uint32(diff | diff>>1 | diff>>2 | diff>>3)
	mask &= 0x11111111
	switch n := bits.OnesCount32(mask); {
	case n == 1:
		return digit
	case n == 2:
		low := bits.TrailingZeros32(mask)
		if mask == 0x11<<low && a>>low&15 == b>>(low+4)&15 && b>>low&15 == a>>(low+4)&15 {
			return digit
		}
	}
	if diff&0xffff == 0 {
		return year
	}
	return different
}

// swap returns the date with day and month in each other's place.
func (p packed) swap() packed { return p&0xffff0000 | p&0xff<<8 | p>>8&0xff }

func sexLevel(a, b *vector) uint8 {
	switch {
	case a.sex == 0 || b.sex == 0:
		return missing
	case a.sex == b.sex:
		return exact
	}
	return different
}

func phoneLevel(a, b *vector) uint8 {
	if a.phoneCount == 0 || b.phoneCount == 0 {
		return missing
	}
	out := uint8(different)
	for _, x := range a.phones[:a.phoneCount] {
		for _, y := range b.phones[:b.phoneCount] {
			if x == y {
				return exact
			}
			if x%1e7 == y%1e7 {
				out = partial
			}
		}
	}
	return out
}

func emailLevel(a, b *vector) uint8 {
	if a.emailCount == 0 || b.emailCount == 0 {
		return missing
	}
	out := uint8(different)
	for _, x := range a.emails[:a.emailCount] {
		for _, y := range b.emails[:b.emailCount] {
			if x.whole == y.whole {
				return exact
			}
			if x.local != 0 && x.local == y.local {
				out = partial
			}
		}
	}
	return out
}

func addressLevel(a, b *vector) uint8 {
	out := uint8(missing)
	for _, x := range a.addresses[:a.addressCount] {
		for _, y := range b.addresses[:b.addressCount] {
			samePostal := x.postal == y.postal && x.postal != 0
			switch {
			case x.street != 0 && x.street == y.street && (samePostal || x.postal == 0 || y.postal == 0):
				return exact
			case samePostal:
				out = partial
			case out == missing && (x.postal != 0 && y.postal != 0 || x.street != 0 && y.street != 0):
				out = different
			}
		}
	}
	return out
}

func identifierLevel(a, b *vector) uint8 {
	out := uint8(missing)
	for _, x := range a.identifiers[:a.identifierCount] {
		for _, y := range b.identifiers[:b.identifierCount] {
			if x == y {
				return exact
			}
			if (x^y)>>40 == 0 {
				out = different
			}
		}
	}
	return out
}

// score compares two patients and explains the result.
func (m *matcher) score(a, b Patient) Match {
	x, y := m.vector(a, nil), m.vector(b, nil)
	var c comparison
	m.compare(&x, &y, noFloor, &c)
	return m.explain(&c)
}

// explain turns a comparison into a match.
func (m *matcher) explain(c *comparison) Match {
	out := Match{Weight: c.total.bits(), Probability: 1 / (1 + math.Exp2(-m.prior-c.total.bits())), Likelihood: Unlikely, Agreements: []Agreement{}}
	switch {
	case c.total >= m.probable:
		out.Likelihood = Probable
	case c.total >= m.possible:
		out.Likelihood = Possible
	}
	for field, level := range c.levels {
		if level == missing {
			continue
		}
		out.Agreements = append(out.Agreements, Agreement{
			Field: matchLevels[field].field, Level: Levels()[level], Weight: c.weights[field].bits(),
			Shared: c.apart && shared(field) && m.weights[field][level] > 0,
		})
	}
	return out
}

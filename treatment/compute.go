package treatment

import (
	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// ComputedScale is how many digits after the decimal point the quotients of
// [Compute] are rounded to, half away from zero.
const ComputedScale = 4

var millilitre = quantity.MustUnit("mL")

// Computed is what follows from a record, and is therefore not charted.
type Computed struct {
	Concentration quantity.Quantity `json:"concentration"` // product per mL, from the dilution; zero without one
	PerTenth      quantity.Quantity `json:"perTenth"`      // product in 0.1 mL; zero without a dilution
	Points        []PointVolume     `json:"points"`        // in the order of the record; empty where volumes are not known
	Regions       []RegionTotal     `json:"regions"`       // in order of appearance
	Total         quantity.Quantity `json:"total"`         // the sum of the points
	Volume        quantity.Quantity `json:"volume"`        // in mL; zero where volumes are not known
}

// PointVolume is the volume injected at a point.
type PointVolume struct {
	Seq    int               `json:"seq"`
	Volume quantity.Quantity `json:"volume"`
}

// RegionTotal is what was given in a region, and on each side of it.
type RegionTotal struct {
	Region  string            `json:"region"`
	Points  int               `json:"points"`
	Total   quantity.Quantity `json:"total"`
	Right   quantity.Quantity `json:"right"`
	Left    quantity.Quantity `json:"left"`
	Midline quantity.Quantity `json:"midline"`
	Volume  quantity.Quantity `json:"volume"` // in mL; zero where volumes are not known
}

// Compute derives concentration, volumes and totals from a record. The dilution
// is the content of the vial ([FieldVialUnits]) and the diluent added to it
// ([FieldDiluentVolume]). A product that is measured in mL has its amounts as
// volumes; without either, volumes are not known and stay zero. Each quotient is
// computed from the charted numbers and rounded once, to [ComputedScale].
//
// Units per 0.1 mL are the vial's units by the diluent's mL by 10: 100 U in
// 2.5 mL are 4 U in 0.1 mL.
func Compute(r Record, p Product) (Computed, error) {
	vial, diluent, err := dilution(r)
	if err != nil {
		return Computed{}, err
	}
	c := Computed{Regions: []RegionTotal{}, Points: []PointVolume{}}
	if c.Total, err = r.sum(); err != nil {
		return Computed{}, err
	}
	volume := func(quantity.Quantity) quantity.Quantity { return quantity.Quantity{} }
	switch {
	case !diluent.IsZero():
		if c.Concentration, err = quantity.Div(quantity.New(vial, p.Unit), quantity.New(diluent, millilitre), ComputedScale); err != nil {
			return Computed{}, err
		}
		c.PerTenth = quantity.New(vial.DivRound(diluent.Mul(decimal.NewFromInt(10)), ComputedScale), p.Unit)
		volume = func(q quantity.Quantity) quantity.Quantity {
			return quantity.New(q.Value().Mul(diluent).DivRound(vial, ComputedScale), millilitre)
		}
	case p.Unit.Code() == millilitre.Code():
		volume = func(q quantity.Quantity) quantity.Quantity { return quantity.New(q.Value(), millilitre) }
	}
	c.Volume = volume(c.Total)
	var regions []regionSums
	c.Points = make([]PointVolume, 0, r.points())
	for m := range r.Maps {
		for i := range r.Maps[m].Points {
			pt := &r.Maps[m].Points[i]
			if v := volume(pt.Amount); !v.IsZero() {
				c.Points = append(c.Points, PointVolume{Seq: pt.Seq, Volume: v})
			}
			at := 0
			for at < len(regions) && regions[at].code != pt.Region {
				at++
			}
			if at == len(regions) {
				regions = append(regions, regionSums{code: pt.Region})
			}
			if err := regions[at].add(pt); err != nil {
				return Computed{}, err
			}
		}
	}
	for i := range regions {
		total := regions[i].total()
		total.Volume = volume(total.Total)
		c.Regions = append(c.Regions, total)
	}
	return c, nil
}

// regionSums are the sums of a region that are being added up.
type regionSums struct {
	code                      string
	points                    int
	all, right, left, midline quantity.Total
}

func (s *regionSums) add(pt *Point) error {
	s.points++
	if err := s.all.Add(pt.Amount); err != nil {
		return err
	}
	switch pt.Side {
	case glabella.SideRight:
		return s.right.Add(pt.Amount)
	case glabella.SideLeft:
		return s.left.Add(pt.Amount)
	case glabella.SideMidline:
		return s.midline.Add(pt.Amount)
	}
	return nil
}

func (s *regionSums) total() RegionTotal {
	return RegionTotal{Region: s.code, Points: s.points, Total: s.all.Sum(), Right: s.right.Sum(), Left: s.left.Sum(), Midline: s.midline.Sum()}
}

// dilution reads the content of the vial and the volume of the diluent; both are
// zero if neither is charted.
func dilution(r Record) (vial, diluent decimal.Decimal, err error) {
	var issues []glabella.Issue
	numbers := map[string]decimal.Decimal{}
	for _, key := range []string{FieldVialUnits, FieldDiluentVolume} {
		text := r.Values[key]
		if text == "" {
			continue
		}
		switch n, err := quantity.ParseNumber(text); {
		case err != nil:
			issues = append(issues, glabella.Issue{Path: "/values/" + key, Code: glabella.CodeFormat, Text: "want a decimal number"})
		case n.Sign() <= 0:
			issues = append(issues, glabella.Issue{Path: "/values/" + key, Code: glabella.CodeOutOfRange, Text: "want a number above zero"})
		default:
			numbers[key] = n.Decimal
		}
	}
	if len(issues) == 0 && len(numbers) == 1 {
		for _, key := range []string{FieldVialUnits, FieldDiluentVolume} {
			if _, ok := numbers[key]; !ok {
				issues = append(issues, glabella.Issue{Path: "/values/" + key, Code: glabella.CodeRequired, Text: "a dilution is the content of the vial and the volume of the diluent"})
			}
		}
	}
	return numbers[FieldVialUnits], numbers[FieldDiluentVolume], glabella.Invalid("record", issues...)
}

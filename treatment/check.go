package treatment

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// Codes of the issues of [Template.Check].
const (
	// CodePointsSum says that the amounts of the points do not add up to the charted total.
	CodePointsSum glabella.Code = "treatment.points.sum"
	// CodePointSide says that a point's side does not agree with its region or with where it stands on the diagram.
	CodePointSide glabella.Code = "treatment.point.side"
	// CodeUnit says that an amount is not in the product's own unit.
	CodeUnit glabella.Code = "treatment.unit"
	// CodeFieldNotApplicable says that a field is filled in which does not apply to this product or to the other answers.
	CodeFieldNotApplicable glabella.Code = "treatment.field.not-applicable"
	// CodeTemplatePin says that the record was charted with another template, or another version or content of it.
	CodeTemplatePin glabella.Code = "treatment.template.pin"
	// CodeComputed says that the value of a computed field does not follow from the fields that it is computed from.
	CodeComputed glabella.Code = "treatment.field.computed"
	// CodeLotMissing says that what was given does not name its lot.
	CodeLotMissing glabella.Code = "treatment.lot.missing"
	// CodeUnconfirmed says that a point was taken over from an earlier visit and was not confirmed for this one.
	CodeUnconfirmed glabella.Code = "treatment.point.unconfirmed"
	// CodeProductMismatch says that the record names another product than the one it is compared with.
	CodeProductMismatch glabella.Code = "treatment.product.mismatch"
)

// Check returns everything that is wrong with a finished record: values that
// the template's fields do not allow, and points that cannot be where they are
// said to be or do not add up. Paths are JSON Pointers into the record. The
// product is that of the record; it is the zero Product for a treatment without
// one.
//
// Check needs a template that comes from a [Set], which knows the diagrams.
func (t Template) Check(r Record, p Product) []glabella.Issue {
	c := &checker{template: t, record: r, product: p}
	c.identity()
	c.values()
	c.maps()
	return c.issues
}

type checker struct {
	template Template
	record   Record
	product  Product
	m, pt    int // the map and the point that are looked at
	issues   []glabella.Issue
}

func (c *checker) add(path string, code glabella.Code, format string, args ...any) *glabella.Issue {
	c.issues = append(c.issues, glabella.Issue{Path: path, Code: code, Text: fmt.Sprintf(format, args...)})
	return &c.issues[len(c.issues)-1]
}

func (c *checker) identity() {
	if pin := c.template.Ref(); c.record.Template != pin {
		c.add("/template", CodeTemplatePin, "the record is not of template %s version %d with this content", pin.Code, pin.Version)
	}
	switch products := c.template.Products; {
	case c.record.Product != c.product.Code:
		c.add("/product", CodeProductMismatch, "the record names product %q, and is compared with %q", c.record.Product, c.product.Code)
	case len(products) == 0 && c.record.Product != "", len(products) > 0 && !slices.Contains(products, c.record.Product):
		c.add("/product", CodeProductUnlisted, "the template does not provide for product %q", c.record.Product)
	}
}

// pointer escapes a key for a JSON Pointer, RFC 6901.
func pointer(key string) string { return pointerEscape.Replace(key) }

var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

// wrong adds an issue with the value of a key. Paths are built only for issues:
// most records have none.
func (c *checker) wrong(key string, code glabella.Code, format string, args ...any) {
	c.add("/values/"+pointer(key), code, format, args...)
}

func (c *checker) values() {
	for _, key := range slices.Sorted(maps.Keys(c.record.Values)) {
		if !c.known(key) {
			c.wrong(key, glabella.CodeUnknownField, "the template has no such field")
		}
	}
	for i := range c.template.Fields {
		c.field(&c.template.Fields[i], "")
	}
}

// known reports whether the template has the field of a key. Rows are counted
// without gaps by [Record.Rows], so only their bounds are looked at.
func (c *checker) known(key string) bool {
	for i := range c.template.Fields {
		if f := &c.template.Fields[i]; f.Key == key {
			return f.Kind != FieldGroup
		}
	}
	group, row, field, ok := rowOf(key)
	if !ok {
		return false
	}
	f, ok := c.template.Field(group)
	if !ok || f.Kind != FieldGroup || row >= f.maxRows() {
		return false
	}
	_, ok = f.Field(field)
	return ok
}

// field checks the value of a field, in the row with the prefix or outside of
// any.
func (c *checker) field(f *Field, prefix string) {
	key := prefix + f.Key
	applies := f.applies(c.record, prefix)
	if f.Kind == FieldGroup {
		c.group(f, applies)
		return
	}
	value := c.record.Values[key]
	switch given := value != ""; {
	case given && !applies:
		c.wrong(key, CodeFieldNotApplicable, "the field does not apply here")
	case f.Kind == FieldComputed:
		if want, _ := f.compute(c.record, prefix); applies && value != want {
			c.wrong(key, CodeComputed, "the value is not what the other fields give")
		}
	case given:
		c.value(key, f, value)
	case applies && f.Required:
		c.wrong(key, glabella.CodeRequired, "the field must be filled in")
	}
}

func (c *checker) group(f *Field, applies bool) {
	rows := c.record.Rows(f.Key)
	least := f.MinRows
	if f.Required {
		least = max(least, 1)
	}
	switch {
	case rows > 0 && !applies:
		c.wrong(f.Key, CodeFieldNotApplicable, "the field does not apply here")
		return
	case applies && rows == 0 && least > 0:
		c.wrong(f.Key, glabella.CodeRequired, "the field must be filled in")
	case applies && (rows < least || rows > f.maxRows()):
		c.wrong(f.Key, glabella.CodeOutOfRange, "want from %d to %d rows", least, f.maxRows())
	}
	for row := range min(rows, f.maxRows()) {
		prefix := RowKey(f.Key, row, "")
		for i := range f.Fields {
			c.field(&f.Fields[i], prefix)
		}
	}
}

// applies reports whether the field is to be filled in, given the product and
// the other values.
func (f *Field) applies(r Record, prefix string) bool {
	if len(f.Products) > 0 && !slices.Contains(f.Products, r.Product) {
		return false
	}
	return f.When == nil || f.When.holds(r, prefix)
}

func (c *checker) value(key string, f *Field, value string) {
	switch f.Kind {
	case FieldText:
		if len(value) > maxText {
			c.wrong(key, glabella.CodeOutOfRange, "the text is longer than %d bytes", maxText)
		}
		if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
			c.wrong(key, glabella.CodeText, "not valid UTF-8, or with a NUL character")
		}
	case FieldChoice:
		if !slices.Contains(f.Choices, value) {
			c.wrong(key, glabella.CodeUnknownValue, "not one of the field's choices")
		}
	case FieldMulti:
		var seen []string
		for _, v := range strings.Split(value, " ") {
			if !slices.Contains(f.Choices, v) {
				c.wrong(key, glabella.CodeUnknownValue, "not among the field's choices")
			}
			if slices.Contains(seen, v) {
				c.wrong(key, glabella.CodeDuplicate, "a choice is given twice")
			}
			seen = append(seen, v)
		}
	case FieldNumber:
		c.number(key, f, value)
	case FieldDate:
		if _, err := glabella.ParseDate(value); err != nil {
			c.wrong(key, glabella.CodeFormat, "want a day such as 2026-11-03")
		}
	case FieldDatetime:
		if _, err := time.Parse(time.RFC3339Nano, value); err != nil {
			c.wrong(key, glabella.CodeFormat, "want an instant such as 2026-11-03T09:30:00Z")
		}
	case FieldBoolean:
		if value != "true" && value != "false" {
			c.wrong(key, glabella.CodeFormat, "want true or false")
		}
	case FieldPoints:
		c.places(key, value)
	case FieldPhoto:
		c.photos(key, value)
	case FieldSignature:
		if !signature.MatchString(value) {
			c.wrong(key, glabella.CodeFormat, "want a digest: sha256: and 64 hexadecimal digits")
		}
	}
}

var signature = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// places checks the places of a points field.
func (c *checker) places(key, value string) {
	places := strings.Split(value, " ")
	if len(places) > maxPlaces {
		c.wrong(key, glabella.CodeOutOfRange, "more than %d places", maxPlaces)
	}
	for _, place := range places {
		if _, ok := ParsePlace(place); !ok {
			c.wrong(key, glabella.CodeFormat, "want places such as 0.31,0.52, separated by single spaces")
			return
		}
	}
}

// maxPlaces bounds a points field.
const maxPlaces = 500

var place = regexp.MustCompile(`^(0(\.[0-9]{1,6})?|1(\.0{1,6})?),(0(\.[0-9]{1,6})?|1(\.0{1,6})?)$`)

// ParsePlace reads one place of a field of kind [FieldPoints], such as 0.31,0.52,
// in fractions of the diagram from the top left.
func ParsePlace(s string) (Position, bool) {
	if !place.MatchString(s) {
		return Position{}, false
	}
	x, y, _ := strings.Cut(s, ",")
	var p Position
	p.X, _ = strconv.ParseFloat(x, 64) // the pattern has only numbers
	p.Y, _ = strconv.ParseFloat(y, 64)
	return p, true
}

func (c *checker) photos(key, value string) {
	var seen []string
	for _, id := range strings.Split(value, " ") {
		if _, err := glabella.ParseID[glabella.PhotoID](id); err != nil {
			c.wrong(key, glabella.CodeFormat, "want the IDs of photographs, separated by single spaces")
			return
		}
		if slices.Contains(seen, id) {
			c.wrong(key, glabella.CodeDuplicate, "a photograph is given twice")
		}
		seen = append(seen, id)
	}
}

// maxText bounds a text value; longer prose belongs in a note.
const maxText = 4000

func (c *checker) number(key string, f *Field, value string) {
	n, err := quantity.ParseNumber(value)
	if err != nil {
		c.wrong(key, glabella.CodeFormat, "want a decimal number%s, without the unit", f.unitText())
		return
	}
	if decimalPlaces(n) > f.Decimals {
		c.wrong(key, glabella.CodeFormat, "want at most %d digits after the decimal point", f.Decimals)
	}
	low, high := f.Min != nil && n.LessThan(f.Min.Decimal), f.Max != nil && n.GreaterThan(f.Max.Decimal)
	if low || high {
		c.wrong(key, glabella.CodeOutOfRange, "want a number%s%s", f.unitText(), f.boundsText())
	}
}

func (f Field) unitText() string {
	if f.Unit == "" {
		return ""
	}
	return " of " + f.Unit
}

func (f Field) boundsText() string {
	var s string
	if f.Min != nil {
		s += " from " + f.Min.String()
	}
	if f.Max != nil {
		s += " up to " + f.Max.String()
	}
	return s
}

func (c *checker) maps() {
	spec := c.template.Map
	if spec == nil {
		if len(c.record.Maps) > 0 {
			c.add("/maps", CodeFieldNotApplicable, "the treatment has no injection map")
		}
		c.given()
		return
	}
	if len(c.record.Given) > 0 {
		c.add("/given", CodeFieldNotApplicable, "what was given stands on the injection map")
	}
	if c.record.points() == 0 {
		c.add("/maps", glabella.CodeRequired, "the injection map has no points")
	}
	var seen numbers
	for i := range c.record.Maps {
		m := &c.record.Maps[i]
		var diagram *Diagram
		if !slices.Contains(spec.Diagrams, m.Diagram) {
			c.add(fmt.Sprintf("/maps/%d/diagram", i), glabella.CodeUnknownValue, "not a diagram of the template")
		} else if diagram = c.template.diagram(m.Diagram, m.DiagramVersion); diagram == nil {
			c.add(fmt.Sprintf("/maps/%d/diagramVersion", i), glabella.CodeUnknownValue, "no such version of the diagram")
		}
		for j := range m.Points {
			c.m, c.pt = i, j
			pt := &m.Points[j]
			if pt.Seq < 1 {
				c.mark("seq", glabella.CodeOutOfRange, "points are numbered from 1")
			} else if !seen.add(pt.Seq) {
				c.mark("seq", glabella.CodeDuplicate, "two points have this number")
			}
			c.point(spec, pt)
			if diagram != nil {
				c.place(diagram, pt)
			}
		}
	}
	c.total(*spec)
}

// numbers is a set of numbers from 1 on, most of them small.
type numbers struct {
	small [4]uint64
	large map[int]bool
}

// add adds a number, and reports false if the set had it.
func (s *numbers) add(n int) bool {
	if n < 64*len(s.small) {
		word, bit := &s.small[n/64], uint64(1)<<(n%64)
		had := *word&bit != 0
		*word |= bit
		return !had
	}
	if s.large[n] {
		return false
	}
	if s.large == nil {
		s.large = map[int]bool{}
	}
	s.large[n] = true
	return true
}

// given checks what was given of each container, where there is no map.
func (c *checker) given() {
	if len(c.record.Given) > 0 && c.product.Code == "" {
		c.add("/given", CodeFieldNotApplicable, "the treatment is done without a product")
		return
	}
	var sum quantity.Quantity
	for i, portion := range c.record.Given {
		path := fmt.Sprintf("/given/%d", i)
		if portion.Amount.Unit() != c.product.Unit {
			c.add(path+"/amount", CodeUnit, "want an amount in %s", c.product.Unit)
			return
		}
		if portion.Amount.Sign() <= 0 {
			c.add(path+"/amount", glabella.CodeOutOfRange, "want an amount above zero")
		}
		if portion.Lot.IsZero() {
			c.add(path+"/lot", CodeLotMissing, "what is given is of a lot")
		}
		sum, _ = sum.Add(portion.Amount) // of the product's unit, as was seen above
	}
	if total := c.record.Total; !total.IsZero() && !total.Equal(sum) {
		issue := c.add("/total", CodePointsSum, "the containers add up to %s, not to the charted %s", sum, total)
		issue.Args = map[string]string{"sum": sum.String(), "total": total.String(), "points": strconv.Itoa(len(c.record.Given))}
	}
	if dose, ok := numberIn(c.record, FieldDose); ok && len(c.record.Given) > 0 && !dose.Equal(sum.Value()) {
		issue := c.add("/values/"+FieldDose, CodePointsSum, "the containers add up to %s, not to the charted dose of %s", sum, dose)
		issue.Args = map[string]string{"sum": sum.String(), "total": dose.String(), "points": strconv.Itoa(len(c.record.Given))}
	}
}

// mark adds an issue with a member of the point that is looked at.
func (c *checker) mark(member string, code glabella.Code, format string, args ...any) {
	c.add(fmt.Sprintf("/maps/%d/points/%d/%s", c.m, c.pt, member), code, format, args...)
}

// point checks what can be said of a point without the diagram.
func (c *checker) point(spec *MapSpec, pt *Point) {
	for _, coordinate := range []struct {
		name  string
		value float64
	}{{"x", pt.X}, {"y", pt.Y}} {
		if math.IsNaN(coordinate.value) || coordinate.value < 0 || coordinate.value > 1 {
			c.mark(coordinate.name, glabella.CodeOutOfRange, "want a fraction of the diagram from 0 to 1")
		}
	}
	switch {
	case pt.Side == "" && spec.SideRequired:
		c.mark("side", glabella.CodeRequired, "a point has a side")
	case pt.Side != "" && !pt.Side.Valid():
		c.mark("side", glabella.CodeUnknownValue, "not a side of the body")
	}
	if pt.Unconfirmed {
		c.mark("unconfirmed", CodeUnconfirmed, "the point was taken over from an earlier visit; confirm it or take it out")
	}
	if spec.LotRequired && pt.Lot.IsZero() {
		c.mark("lot", CodeLotMissing, "a point names the lot that was used")
	}
	if pt.Amount.Unit() != c.product.Unit {
		c.mark("amount", CodeUnit, "want an amount in %s", c.product.Unit)
	}
	if pt.Amount.Sign() <= 0 {
		c.mark("amount", glabella.CodeOutOfRange, "want an amount above zero")
	}
	for _, listed := range []struct {
		name, value string
		allowed     []string
	}{{"depth", pt.Depth, spec.Depths}, {"technique", pt.Technique, spec.Techniques}, {"device", pt.Device, spec.Devices}} {
		if listed.value != "" && len(listed.allowed) > 0 && !slices.Contains(listed.allowed, listed.value) {
			c.mark(listed.name, glabella.CodeUnknownValue, "not one of the template's values")
		}
	}
}

// place checks that region, muscle, side and position of a point agree with the
// diagram.
func (c *checker) place(d *Diagram, pt *Point) {
	if pt.Region == "" {
		c.mark("region", glabella.CodeRequired, "a point has a region")
		return
	}
	var region *Region
	for i := range d.Regions {
		if d.Regions[i].Code == pt.Region {
			region = &d.Regions[i]
			break
		}
	}
	if region == nil {
		c.mark("region", glabella.CodeUnknownValue, "not a region of the diagram")
		return
	}
	if pt.Muscle != "" && !slices.Contains(region.Muscles, pt.Muscle) {
		c.mark("muscle", glabella.CodeUnknownValue, "not a muscle of the region")
	}
	if !pt.Side.Valid() {
		return
	}
	if !region.HasSide(pt.Side) {
		c.mark("side", CodePointSide, "region %s has no such side", region.Code)
		return
	}
	if !d.fits(pt.Side, pt.X) {
		c.mark("side", CodePointSide, "the point stands on the other side of the diagram; right and left are the patient's own")
	}
}

// total checks that the points add up to what the chart's header says.
func (c *checker) total(spec MapSpec) {
	points := c.record.points()
	if c.record.Total.IsZero() {
		if points > 0 {
			c.add("/total", glabella.CodeRequired, "the chart states the total that was given")
		}
		return
	}
	if c.record.Total.Unit() != c.product.Unit {
		c.add("/total", CodeUnit, "want an amount in %s", c.product.Unit)
		return
	}
	sum, err := c.record.sum()
	if err != nil {
		return // an amount in a foreign unit is an issue of its point
	}
	if diff, err := c.record.Total.Sub(sum); err == nil && diff.Value().Abs().GreaterThan(spec.Tolerance.Decimal) {
		issue := c.add("/total", CodePointsSum, "the points add up to %s, not to the charted %s", sum, c.record.Total)
		issue.Args = map[string]string{"sum": sum.String(), "total": c.record.Total.String(), "points": strconv.Itoa(points)}
	}
}

// points returns how many points the maps have.
func (r *Record) points() int {
	n := 0
	for i := range r.Maps {
		n += len(r.Maps[i].Points)
	}
	return n
}

// sum returns the sum of the points of all maps.
func (r *Record) sum() (quantity.Quantity, error) {
	var sum quantity.Total
	for i := range r.Maps {
		for k := range r.Maps[i].Points {
			if err := sum.Add(r.Maps[i].Points[k].Amount); err != nil {
				return quantity.Quantity{}, err
			}
		}
	}
	return sum.Sum(), nil
}

package treatment

import "github.com/glabella-ehr/glabella/quantity"

// Number is a decimal number of a template or a product. Its JSON form is text,
// such as "0.05", in plain notation. The zero Number is 0.
type Number = quantity.Number

// decimalPlaces returns how many digits stand after the decimal point, without
// trailing zeros.
func decimalPlaces(n Number) int {
	d := n.Decimal
	for places := int32(0); ; places++ {
		if d.Equal(d.Truncate(places)) {
			return int(places)
		}
	}
}

package encounter

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// UCUM codes of the units that vital signs may also be typed and shown in.
const (
	UnitPound      = "[lb_av]"
	UnitInch       = "[in_i]"
	UnitFahrenheit = "[degF]"
)

// The international pound and inch are defined in kilograms and centimetres, so
// both factors are exact (NIST Special Publication 811, appendix B).
var (
	kgPerPound = decimal.New(45359237, -8)
	cmPerInch  = decimal.New(254, -2)
	five       = decimal.New(5, 0)
	nine       = decimal.New(9, 0)
	freezing   = decimal.New(32, 0) // degrees Fahrenheit
	hundred    = decimal.New(100, 0)
)

// vitalScale is how many digits after the point a converted value is kept with.
// Pounds and inches of up to one digit convert exactly within it; most
// temperatures have no finite form in the other unit and are rounded half away
// from zero.
const vitalScale = 9

// NewMeasurement returns a measurement of a value as it was typed. A unit other
// than the one that the sign is stored in is converted, and what was typed is
// kept: pounds for weight, inches for height, degrees Fahrenheit for temperature.
// Other units are an error.
func NewMeasurement(code VitalSign, value quantity.Number, unit string) (Measurement, error) {
	spec, ok := code.spec()
	if !ok {
		return Measurement{}, fmt.Errorf("vital sign: %w: not a code that is measured", glabella.ErrInvalid)
	}
	if unit == spec.unit.String() {
		return Measurement{Code: code, Value: quantity.New(value.Decimal, spec.unit)}, nil
	}
	v := value.Decimal
	switch {
	case code == BodyWeight && unit == UnitPound:
		v = v.Mul(kgPerPound)
	case code == BodyHeight && unit == UnitInch:
		v = v.Mul(cmPerInch)
	case code == BodyTemperature && unit == UnitFahrenheit:
		v = v.Sub(freezing).Mul(five).DivRound(nine, vitalScale)
	default:
		return Measurement{}, fmt.Errorf("vital sign: %w: not a unit that it is measured in", glabella.ErrInvalid)
	}
	return Measurement{Code: code, Value: quantity.New(v.Round(vitalScale), spec.unit), Entered: Entered{Value: value, Unit: unit}}, nil
}

// In returns the value in another of its units, rounded half away from zero to
// scale digits after the point. A value that was typed in that unit comes back as
// it was typed.
func (m Measurement) In(unit string, scale int32) (quantity.Number, error) {
	v := m.Value.Value()
	switch {
	case scale < 0 || scale > vitalScale:
		return quantity.Number{}, fmt.Errorf("vital sign: %w: scale must be 0 to %d", glabella.ErrInvalid, vitalScale)
	case m.Entered.Unit == unit && unit != "":
		return m.Entered.Value, nil
	case unit == m.Value.Unit().String():
		v = v.Round(scale)
	case m.Code == BodyWeight && unit == UnitPound:
		v = v.DivRound(kgPerPound, scale)
	case m.Code == BodyHeight && unit == UnitInch:
		v = v.DivRound(cmPerInch, scale)
	case m.Code == BodyTemperature && unit == UnitFahrenheit:
		v = v.Mul(nine).DivRound(five, vitalScale).Add(freezing).Round(scale)
	default:
		return quantity.Number{}, fmt.Errorf("vital sign: %w: not a unit that it is measured in", glabella.ErrInvalid)
	}
	return quantity.Number{Decimal: v}, nil
}

// BodyMassIndex returns the body mass index in kg/m2, rounded half away from zero
// to one digit after the point, of a weight in kg and a height in cm.
func BodyMassIndex(weight, height quantity.Quantity) (quantity.Number, error) {
	w, _ := BodyWeight.spec()
	h, _ := BodyHeight.spec()
	switch {
	case weight.Unit() != w.unit:
		return quantity.Number{}, &quantity.UnitError{Have: weight.Unit(), Want: w.unit}
	case height.Unit() != h.unit:
		return quantity.Number{}, &quantity.UnitError{Have: height.Unit(), Want: h.unit}
	case weight.Sign() <= 0 || height.Sign() <= 0:
		return quantity.Number{}, fmt.Errorf("body mass index: %w: weight and height are positive", glabella.ErrInvalid)
	}
	square := height.Value().Mul(height.Value())
	return quantity.Number{Decimal: weight.Value().Mul(hundred).Mul(hundred).DivRound(square, 1)}, nil
}

// BodyMassIndex returns the body mass index in kg/m2 of the weight and the height
// that were taken together, and false if one of them was not.
func (v Vitals) BodyMassIndex() (quantity.Number, bool) {
	weight, weighed := v.Measurement(BodyWeight)
	height, measured := v.Measurement(BodyHeight)
	if !weighed || !measured {
		return quantity.Number{}, false
	}
	n, err := BodyMassIndex(weight.Value, height.Value)
	return n, err == nil
}

package patient_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
)

func TestParsePhone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, raw, region, want, extension string
		code                               glabella.Code
	}{
		{name: "American number with marks", raw: " (512) 555-0100 ", region: "US", want: "+15125550100"},
		{name: "American number with the trunk 1", raw: "1-512-555-0100", region: "us", want: "+15125550100"},
		{name: "international from the United States", raw: "011 44 20 7946 0018", region: "US", want: "+442079460018"},
		{name: "Canadian number", raw: "613.555.0199", region: "CA", want: "+16135550199"},
		{name: "British number loses its trunk 0", raw: "020 7946 0018", region: "GB", want: "+442079460018"},
		{name: "00 prefix within Britain", raw: "001 512 555 0100", region: "GB", want: "+15125550100"},
		{name: "the zero in brackets goes", raw: "+44 (0)20 7946 0018", want: "+442079460018"},
		{name: "the zero without brackets goes", raw: "+44 020 7946 0018", want: "+442079460018"},
		{name: "an Italian zero stays", raw: "06 555 0100", region: "IT", want: "+39065550100"},
		{name: "a Spanish number has no trunk", raw: "912 345 678", region: "ES", want: "+34912345678"},
		{name: "international from Australia", raw: "0011 1 512 555 0100", region: "AU", want: "+15125550100"},
		{name: "an extension stands apart", raw: "512-555-0100 ext. 42", region: "US", want: "+15125550100", extension: "42"},
		{name: "an x means an extension", raw: "512-555-0100x7", region: "US", want: "+15125550100", extension: "7"},
		{name: "a tel URI", raw: "tel:+1-512-555-0100;ext=9", want: "+15125550100", extension: "9"},
		{name: "full-width digits", raw: "+１５１２５５５０１００", want: "+15125550100"},
		{name: "unknown region", raw: "5125550100", region: "ZZ", code: patient.CodePhoneRegion},
		{name: "no region", raw: "5125550100", code: patient.CodePhoneRegion},
		{name: "letters", raw: "512-555-DOCS", region: "US", code: patient.CodePhone},
		{name: "too short for North America", raw: "555-0100", region: "US", code: patient.CodePhone},
		{name: "an area code does not begin with 1", raw: "+1 112 555 0100", code: patient.CodePhone},
		{name: "too long", raw: "+4420794600181234", code: patient.CodePhone},
		{name: "nothing", raw: "", region: "US", code: patient.CodePhone},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := patient.BuiltinPhones{}.ParsePhone(tt.raw, tt.region)
			if got.E164 != tt.want || got.Extension != tt.extension {
				t.Errorf("ParsePhone = %+v, want %s %s", got, tt.want, tt.extension)
			}
			checkNormalize(t, err, tt.code)
			if err != nil && tt.raw != "" && strings.Contains(err.Error(), tt.raw) {
				t.Error("the error holds the number")
			}
		})
	}
}

func checkNormalize(t *testing.T, err error, code glabella.Code) {
	t.Helper()
	if code == "" {
		if err != nil {
			t.Errorf("error %v, want none", err)
		}
		return
	}
	var typed *patient.NormalizeError
	if !errors.As(err, &typed) || typed.Code != code || !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("error %v, want code %s", err, code)
	}
}

func FuzzNormalizePhone(f *testing.F) {
	for _, s := range []string{"+15125550100", "512 555 0100 x1", "020 7946 0018", "+44 (0)20", "0011", "+390655", "\xff"} {
		for _, region := range []string{"US", "GB", "IT", ""} {
			f.Add(s, region)
		}
	}
	f.Fuzz(func(t *testing.T, raw, region string) {
		once, err := patient.NormalizePhone(raw, region)
		if err != nil {
			return
		}
		for _, again := range []string{region, "", "US", "GB"} {
			if twice, err := patient.NormalizePhone(once, again); err != nil || twice != once {
				t.Errorf("NormalizePhone(%q, %q) = %q, %v; want it unchanged", once, again, twice, err)
			}
		}
	})
}

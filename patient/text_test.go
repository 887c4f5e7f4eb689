package patient_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
)

func TestNormalizeEmail(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, raw, want string
		code            glabella.Code
	}{
		{name: "the domain is in lower case", raw: " Ana.Example@CLINIC.Example ", want: "Ana.Example@clinic.example"},
		{name: "no domain", raw: "ana", code: patient.CodeEmail},
		{name: "no local part", raw: "@clinic.example", code: patient.CodeEmail},
		{name: "a blank within", raw: "ana b@clinic.example", code: patient.CodeEmail},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := patient.NormalizeEmail(tt.raw)
			if got != tt.want {
				t.Errorf("NormalizeEmail = %q, want %q", got, tt.want)
			}
			checkNormalize(t, err, tt.code)
		})
	}
}

func TestNormalizeName(t *testing.T) {
	t.Parallel()
	in := patient.Name{Family: "  Nun\u0303ez\u00a0 de  Prueba", Given: []string{"Ana\tMar\u00eda", " ", "Bea"}}
	got := patient.NormalizeName(in)
	want := patient.Name{Family: "Nu\u00f1ez de Prueba", Given: []string{"Ana Mar\u00eda", "Bea"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("NormalizeName (-want +got):\n%s", diff)
	}
	if in.Given[1] != " " {
		t.Error("the argument was changed")
	}
}

func TestNormalizePostal(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, raw, country, want string
		code                     glabella.Code
	}{
		{name: "ZIP", raw: " 78701 ", country: "US", want: "78701"},
		{name: "ZIP+4 without its hyphen", raw: "787011234", country: "US", want: "78701-1234"},
		{name: "a ZIP of four digits", raw: "7870", country: "US", code: patient.CodePostal},
		{name: "Canadian", raw: "k1a0b1", country: "ca", want: "K1A 0B1"},
		{name: "a letter that Canada does not use", raw: "D1A 0B1", country: "CA", code: patient.CodePostal},
		{name: "British", raw: "sw1a1aa", country: "GB", want: "SW1A 1AA"},
		{name: "British with one letter", raw: "m1 1ae", country: "GB", want: "M1 1AE"},
		{name: "not British", raw: "12345", country: "GB", code: patient.CodePostal},
		{name: "another country is only tidied", raw: " d-80331 ", country: "DE", want: "D-80331"},
		{name: "none is none", country: "US"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := patient.NormalizePostal(tt.raw, tt.country)
			if got != tt.want {
				t.Errorf("NormalizePostal = %q, want %q", got, tt.want)
			}
			checkNormalize(t, err, tt.code)
			if again, err := patient.NormalizePostal(got, tt.country); err != nil || again != got {
				t.Errorf("a second time: %q, %v", again, err)
			}
		})
	}
}

func TestNormalizeAddress(t *testing.T) {
	t.Parallel()
	got, err := patient.NormalizeAddress(patient.Address{Lines: []string{" 1  Example St ", ""}, City: "Austin ", State: "tx", PostalCode: "78701 1234", Country: "us"})
	want := patient.Address{Lines: []string{"1 Example St"}, City: "Austin", State: "TX", PostalCode: "78701-1234", Country: "US"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("NormalizeAddress: %v (-want +got):\n%s", err, diff)
	}
}

type fixedPhones struct{}

func (fixedPhones) ParsePhone(string, string) (patient.PhoneNumber, error) {
	return patient.PhoneNumber{E164: "+15125550177", Extension: "5"}, nil
}

func TestNormalizeContact(t *testing.T) {
	t.Parallel()
	got, err := patient.NormalizeContact(patient.Contact{System: patient.Phone, Value: "anything"}, "", fixedPhones{})
	if err != nil || got.Value != "+15125550177" || got.Extension != "5" {
		t.Errorf("with the host's parser: %+v, %v", got, err)
	}
	got, err = patient.NormalizeContact(patient.Contact{System: patient.SMS, Value: "512 555 0100"}, "US", nil)
	if err != nil || got.Value != "+15125550100" {
		t.Errorf("with the built-in parser: %+v, %v", got, err)
	}
	got, err = patient.NormalizeContact(patient.Contact{System: patient.Email, Value: "a@B.example"}, "", nil)
	if err != nil || got.Value != "a@b.example" {
		t.Errorf("email: %+v, %v", got, err)
	}
}

func FuzzNormalizeEmail(f *testing.F) {
	for _, s := range []string{"a@B.example", "Ünal@BÜCHER.example", "a@İ.example", "@", "\xff@x.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		once, err := patient.NormalizeEmail(raw)
		if err != nil {
			return
		}
		if twice, err := patient.NormalizeEmail(once); err != nil || twice != once {
			t.Errorf("NormalizeEmail(%q) = %q, %v; want it unchanged", once, twice, err)
		}
	})
}

func FuzzNormalizeName(f *testing.F) {
	f.Add("Nun\u0303ez", " Ana \u0301")
	f.Add("\xff\x00", "\u2028")
	f.Fuzz(func(t *testing.T, family, given string) {
		once := patient.NormalizeName(patient.Name{Family: family, Given: []string{given}})
		if diff := cmp.Diff(once, patient.NormalizeName(once)); diff != "" {
			t.Errorf("a second time changes it (-once +twice):\n%s", diff)
		}
	})
}

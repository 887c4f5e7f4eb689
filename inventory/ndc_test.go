package inventory_test

import (
	"encoding/json"
	"errors"
	"math/rand"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
)

func TestNDCConversions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in string
		format   inventory.NDCFormat
		claim    string // "" where there is none
		twelve   string
		ten      []string // more than one: ambiguous
		gtin     string
	}{
		{"4-4-2", "1234-5678-90", inventory.NDC442, "01234-5678-90", "001234-5678-90", []string{"1234-5678-90"}, "00312345678906"},
		{"5-3-2", "12345-678-90", inventory.NDC532, "12345-0678-90", "012345-0678-90", []string{"12345-678-90"}, "00312345678906"},
		{"5-4-1", "12345-6789-0", inventory.NDC541, "12345-6789-00", "012345-6789-00", []string{"12345-6789-0"}, "00312345678906"},
		{"claims, one filling zero", "12345-0678-90", inventory.Claim542, "12345-0678-90", "012345-0678-90", []string{"12345-678-90"}, ""},
		{"claims, two segments with zero", "01234-0678-90", inventory.Claim542, "01234-0678-90", "001234-0678-90", []string{"1234-0678-90", "01234-678-90"}, ""},
		{"claims, three segments with zero", "01234-0678-01", inventory.Claim542, "01234-0678-01", "001234-0678-01", []string{"1234-0678-01", "01234-678-01", "01234-0678-1"}, ""},
		{"claims, no segment with zero", "12345-6789-10", inventory.Claim542, "12345-6789-10", "012345-6789-10", nil, ""},
		{"6-3-2", "123456-789-01", inventory.NDC632, "", "123456-0789-01", nil, ""},
		{"6-4-1", "123456-7890-1", inventory.NDC641, "", "123456-7890-01", nil, ""},
		{"6-4-2", "123456-7890-12", inventory.NDC642, "", "123456-7890-12", nil, ""},
		{"6-4-2 of what had ten digits", "001234-5678-90", inventory.NDC642, "01234-5678-90", "001234-5678-90", []string{"1234-5678-90"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n, err := inventory.ParseNDC(tt.in)
			if err != nil || n.String() != tt.in || n.Format() != tt.format {
				t.Fatalf("ParseNDC(%s) = %s %s, %v, want format %s", tt.in, n, n.Format(), err, tt.format)
			}
			if got, err := n.Claim(); got.String() != tt.claim || (err != nil) != (tt.claim == "") {
				t.Errorf("Claim() = %s, %v, want %s", got, err, tt.claim)
			}
			if got := n.Twelve().String(); got != tt.twelve {
				t.Errorf("Twelve() = %s, want %s", got, tt.twelve)
			}
			var ten []string
			got, err := n.Ten()
			var fault *inventory.NDCError
			switch {
			case err == nil:
				ten = []string{got.String()}
			case errors.As(err, &fault) && errors.Is(err, glabella.ErrInvalid):
				for _, c := range fault.Candidates {
					ten = append(ten, c.String())
				}
				if ambiguous := fault.Code == inventory.CodeNDCAmbiguous; ambiguous != (len(ten) > 1) {
					t.Errorf("Ten() = %v, want ambiguity only with candidates", err)
				}
			default:
				t.Errorf("Ten() = %v, want an NDCError", err)
			}
			if d := cmp.Diff(tt.ten, ten); d != "" {
				t.Errorf("Ten() (-want +got):\n%s", d)
			}
			if gtin, err := n.GTIN(); gtin != tt.gtin || (err != nil) != (tt.gtin == "") {
				t.Errorf("GTIN() = %s, %v, want %s", gtin, err, tt.gtin)
			}
		})
	}
}

func TestParseNDCWithoutHyphens(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in string
		want     []string
		code     glabella.Code
	}{
		{"ten digits are ambiguous", "1234567890", []string{"1234-5678-90", "12345-678-90", "12345-6789-0"}, inventory.CodeNDCAmbiguous},
		{"eleven digits are ambiguous", "12345678901", []string{"123456-789-01", "123456-7890-1", "12345-6789-01"}, inventory.CodeNDCAmbiguous},
		{"twelve digits are 6-4-2", "123456789012", []string{"123456-7890-12"}, ""},
		{"nine digits", "123456789", nil, inventory.CodeNDCFormat},
		{"a letter", "12345678X0", nil, inventory.CodeNDCFormat},
		{"segments that there are not", "123-4567-890", nil, inventory.CodeNDCFormat},
		{"a letter in a segment", "1234-567X-90", nil, inventory.CodeNDCFormat},
		{"too many hyphens", "1234-5678-9-0", nil, inventory.CodeNDCFormat},
		{"nothing", "", nil, inventory.CodeNDCFormat},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n, err := inventory.ParseNDC(tt.in)
			var got []string
			var fault *inventory.NDCError
			if errors.As(err, &fault) {
				for _, c := range fault.Candidates {
					got = append(got, c.String())
				}
			} else {
				got = []string{n.String()}
			}
			if d := cmp.Diff(tt.want, got); d != "" || (fault != nil) != (tt.code != "") || fault != nil && (fault.Code != tt.code || !n.IsZero()) {
				t.Errorf("ParseNDC(%s) = %s, %v, want %s (-want +got):\n%s", tt.in, n, err, tt.code, d)
			}
		})
	}
	if _, err := inventory.NDCOf("1234567890", "4-3-3"); err == nil {
		t.Error("NDCOf() of a format that there is not = no error")
	}
	if n, err := inventory.NDCOf("1234567890", inventory.NDC532); err != nil || n.String() != "12345-678-90" {
		t.Errorf("NDCOf() = %s, %v, want 12345-678-90", n, err)
	}
}

// Whatever code of ten digits: it is among those that its trade item number, its
// claims form and its twelve digits are read back as.
func TestNDCComesBack(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewSource(1))
	contains := func(n inventory.NDC, err error, want inventory.NDC) bool {
		var fault *inventory.NDCError
		if !errors.As(err, &fault) {
			return err == nil && n == want
		}
		for _, c := range fault.Candidates {
			if c == want {
				return true
			}
		}
		return false
	}
	for range 2000 {
		digits := make([]byte, 10)
		for i := range digits {
			digits[i] = byte('0' + random.Intn(10)*random.Intn(2))
		}
		n, err := inventory.NDCOf(string(digits), []inventory.NDCFormat{inventory.NDC442, inventory.NDC532, inventory.NDC541}[random.Intn(3)])
		if err != nil {
			t.Fatal(err)
		}
		claim, err := n.Claim()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := claim.Ten(); !contains(got, err, n) {
			t.Fatalf("%s: Claim().Ten() = %s, %v", n, got, err)
		}
		if got, err := n.Twelve().Ten(); !contains(got, err, n) {
			t.Fatalf("%s: Twelve().Ten() = %s, %v", n, got, err)
		}
		gtin, err := n.GTIN()
		if full, parsed := inventory.ParseGTIN(gtin); err != nil || parsed != nil || full != gtin {
			t.Fatalf("%s: GTIN() = %s, %v, %v", n, gtin, err, parsed)
		}
		if got, ok := inventory.NDCDigits(gtin); !ok || got != n.Digits() {
			t.Fatalf("%s: NDCDigits(%s) = %s", n, gtin, got)
		}
		var back inventory.NDC
		text, err := json.Marshal(n)
		if err := errors.Join(err, json.Unmarshal(text, &back)); err != nil || back != n {
			t.Fatalf("%s: JSON %s = %s, %v", n, text, back, err)
		}
	}
	if got, ok := inventory.NDCDigits("09506000134352"); ok {
		t.Errorf("NDCDigits() of another prefix = %s, want none", got)
	}
}

func TestNDCFormats(t *testing.T) {
	t.Parallel()
	for _, f := range inventory.NDCFormats() {
		if !f.Valid() {
			t.Errorf("%s is not valid", f)
		}
	}
	if inventory.NDCFormat("").Valid() || (inventory.NDC{}).Format() != "" || !(inventory.NDC{}).Twelve().IsZero() {
		t.Error("the zero values are something")
	}
	if _, err := (inventory.NDC{}).Claim(); err == nil {
		t.Error("Claim() of the zero NDC = no error")
	}
}

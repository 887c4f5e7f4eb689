package inventory_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella/inventory"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestParseDigitalLink(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, uri string
		want      string // the form for people
		canonical string // of DigitalLink, "" if it is the input
	}{
		{"an item", "https://example.com/01/09506000134352", "(01)09506000134352", ""},
		{"every qualifier", "https://example.com/01/09506000134352/22/V/10/AB-1/21/S7", "(01)09506000134352(22)V(10)AB-1(21)S7", ""},
		{"some qualifiers and attributes", "https://example.com/01/09506000134352/10/AB-1?17=270331&11=260331", "(01)09506000134352(10)AB-1(17)270331(11)260331", ""},
		{"the other qualifier", "https://example.com/01/09506000134352/235/T", "(01)09506000134352(235)T", ""},
		{"another key", "https://example.com/414/9506000134376/254/32a", "(414)9506000134376(254)32a", ""},
		{"a path before the key", "http://example.com/01/x/01/09506000134352/10/A", "(01)09506000134352(10)A", "https://example.com/01/09506000134352/10/A"},
		{"a port and another case", "HTTPS://example.com:8443/01/09506000134352", "(01)09506000134352", "https://example.com/01/09506000134352"},
		{"other parameters and a fragment", "https://example.com/01/09506000134352?linkType=gs1:pip&17=270331;x=1#17=280331", "(01)09506000134352(17)270331", "https://example.com/01/09506000134352?17=270331"},
		{"percent-encoded", "https://example.com/01/09506000134352/10/A%2fB%25%3F", "(01)09506000134352(10)A/B%?", "https://example.com/01/09506000134352/10/A%2FB%25%3F"},
		{"13 digits are filled up", "https://example.com/01/4006381333931", "(01)04006381333931", "https://example.com/01/04006381333931"},
		{"an empty query", "https://example.com/01/09506000134352?", "(01)09506000134352", "https://example.com/01/09506000134352"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, err := inventory.ParseDigitalLink(tt.uri, 2026)
			if err != nil || e.String() != tt.want {
				t.Fatalf("ParseDigitalLink(%s) = %s, %v, want %s", tt.uri, e, err, tt.want)
			}
			canonical := tt.canonical
			if canonical == "" {
				canonical = tt.uri
			}
			if got, err := e.DigitalLink("https://example.com/"); err != nil || got != canonical {
				t.Errorf("DigitalLink() = %s, %v, want %s", got, err, canonical)
			}
		})
	}
}

func TestParseDigitalLinkFaults(t *testing.T) {
	t.Parallel()
	const base = "https://example.com/01/09506000134352" // 37 bytes
	for _, tt := range []struct {
		name, uri string
		want      []string
	}{
		{"no address", "01/09506000134352", []string{"0 link"}},
		{"another scheme", "ftp://example.com/01/09506000134352", []string{"0 link"}},
		{"no path", "https://example.com", []string{"8 link"}},
		{"a slash in the query only", "https://example.com?/01/09506000134352", []string{"8 link"}},
		{"no key", "https://example.com/about/us", []string{"19 link"}},
		{"a lot without key", "https://example.com/10/A1", []string{"19 link"}},
		{"a wrong check digit", "https://example.com/01/09506000134353", []string{"36 check-digit"}},
		{"a wrong check digit of 13", "https://example.com/01/4006381333932", []string{"35 check-digit"}},
		{"qualifiers in another order", base + "/21/S/10/A", []string{"43 order"}},
		{"qualifiers that exclude each other", base + "/10/A/235/T", []string{"43 order"}},
		{"an attribute in the path", base + "/17/270331", []string{"38 order"}},
		{"a qualifier in the query", base + "?10=A", []string{"38 order"}},
		{"a second key in the query", base + "?414=9506000134376", []string{"38 order"}},
		{"an identifier that there is not", base + "?05=1", []string{"38 unknown-ai"}},
		{"text in the path", base + "/lot/A", []string{"38 unknown-ai"}},
		{"an empty value", base + "/10/", []string{"41 length"}},
		{"a slash at the end", base + "/", []string{"19 link"}},
		{"a broken escape", base + "/10/A%2", []string{"42 escape"}},
		{"a blank", base + "/10/A%20B", []string{"42 character"}},
		{"a plus sign is a blank in the query", base + "?240=A+B", []string{"43 character"}},
		{"an attribute without value", base + "?17", []string{"40 length"}},
		{"an attribute twice", base + "?17=270331&17=270331", []string{"48 duplicate"}},
		{"a date that there is not", base + "?17=271301", []string{"41 date"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, err := inventory.ParseDigitalLink(tt.uri, 2026)
			if d := cmp.Diff(tt.want, faults(err)); d != "" || !e.IsZero() {
				t.Errorf("ParseDigitalLink(%s) = %s, %v (-want +got):\n%s", tt.uri, e, err, d)
			}
		})
	}
}

func TestDigitalLinkOfWhatHasNone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, scan, address string }{
		{"no primary key", "(02)09506000134352(37)2(00)106141411234567897", "example.com"},
		{"no web address", "(01)09506000134352", "example.com"},
		{"an address with a query", "(01)09506000134352", "https://example.com/?x=1"},
		{"two primary keys", "(01)09506000134352(414)9506000134376", "https://example.com"},
		{"internal data only", "(91)X", "https://example.com"},
	} {
		e, err := inventory.ParseGS1(tt.scan, 2026)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got, err := e.DigitalLink(tt.address); err == nil {
			t.Errorf("%s: DigitalLink() = %s, want an error", tt.name, got)
		}
	}
}

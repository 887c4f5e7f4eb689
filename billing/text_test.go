package billing_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella/billing"
)

var update = flag.Bool("update", false, "write the golden files")

func TestText(t *testing.T) {
	t.Parallel()
	b := story(t)
	for _, tt := range []struct {
		name, golden string
		inv          billing.Invoice
	}{
		{"prepaid units, discounts, tax, a tip, a correction and a refund", "visit.txt", b.invoices[1]},
		{"prepaid units that are sold", "sale.txt", b.invoices[0]},
		{"nothing is paid yet", "issued.txt", issue(t, draft("issued", toxin("20"), billing.Charge{Service: "serum", Complimentary: "goodwill"}))},
		{"money is owed to the patient", "owed.txt", correct(t, pay(t, issue(t, draft("owed", toxin("20"))), tender("a", billing.Check, "250.00")), line("owed", 1), "10")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.inv.Text(billing.Heading{Practice: "Fictional Aesthetics", Patient: "Zoë Example"})
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", tt.golden)
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("Text (-want +got):\n%s", diff)
			}
		})
	}
}

package patient

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestContactsAreNormalizedAndTheUnreadableStays(t *testing.T) {
	t.Parallel()
	given := []Contact{
		{System: Phone, Value: "(512) 555-0142 ext. 3", Use: "work"}, {System: SMS, Value: "+1 512 555 0143"}, {System: Email, Value: " Avery@Example.COM "},
		{System: Phone, Value: "call me"}, {System: Email, Value: "nobody"},
	}
	kept := append([]Contact{}, given...)
	want := []Contact{
		{System: Phone, Value: "+15125550142", Extension: "3", Use: "work"}, {System: SMS, Value: "+15125550143"}, {System: Email, Value: "Avery@example.com"},
		{System: Phone, Value: "call me"}, {System: Email, Value: "nobody"},
	}
	got := NormalizeContacts(given, nil, "US")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("NormalizeContacts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(got, NormalizeContacts(got, nil, "US")); diff != "" {
		t.Errorf("normalised again (-want +got):\n%s", diff)
	}
	if !cmp.Equal(given, kept) {
		t.Error("the argument was changed")
	}
	addresses := NormalizeAddresses([]Address{{Lines: []string{" 12  Long Street ", ""}, City: "Austin", State: "tx", PostalCode: "787011234", Country: "us"}, {PostalCode: "x", Country: "US"}})
	wantAddresses := []Address{{Lines: []string{"12 Long Street"}, City: "Austin", State: "TX", PostalCode: "78701-1234", Country: "US"}, {PostalCode: "x", Country: "US"}}
	if diff := cmp.Diff(wantAddresses, addresses, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("NormalizeAddresses (-want +got):\n%s", diff)
	}
}

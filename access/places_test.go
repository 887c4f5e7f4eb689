package access

import "testing"

// What is listed and what is found by name are one and the same: an action or a
// role that is added to the list alone would be denied to everyone.
func TestEveryActionAndRoleHasItsPlace(t *testing.T) {
	t.Parallel()
	for i, a := range Actions() {
		if got := a.place(); got != i+1 {
			t.Errorf("the place of the action %s is %d, want %d", a, got, i+1)
		}
	}
	for i, r := range Roles() {
		if got := r.place(); got != i+1 {
			t.Errorf("the place of the role %s is %d, want %d", r, got, i+1)
		}
	}
	for _, s := range []string{"", "note.sing", "note.sign ", "Owner"} {
		if Action(s).place() != 0 || Role(s).place() != 0 {
			t.Errorf("%q has a place", s)
		}
	}
}

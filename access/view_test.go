package access_test

import (
	"encoding/json"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage/storagetest"
)

// everything is the set of all classes.
var everything = access.ClassSet(access.AllClasses()...)

// views calls f with a record of each of several kinds.
func views(t *testing.T, f func(t *testing.T, kind string, v viewed)) {
	t.Helper()
	r := storagetest.Fixtures()
	for kind, v := range map[string]viewed{
		"patient": of(r.Patient, "patient"), "proposal": of(r.Proposal, "proposal"), "history": of(r.History, "history"), "consent": of(r.Consent, "consent"),
		"encounter": of(r.Encounter, "encounter"), "note": of(r.Note, "note"), "invoice": of(r.Invoice, "invoice"), "directive": of(r.Directive, "directive"),
		"request": of(r.Request, "request"), "movement": of(r.Movement, "movement"), "photo": of(r.Photo, "photo"), "adverse-event": of(r.AdverseEvent, "adverse-event"), "staff": of(r.Staff, "staff"),
		"import": of(r.Import, "import"), "command": of(r.Command, "command"),
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			f(t, kind, v)
		})
	}
}

// viewed is a record with its type taken off.
type viewed struct {
	record any
	view   func(access.Classes) (any, []access.Removed)
	write  func(after any, may access.Classes) glabella.Decision
}

func of[T any](v T, kind string) viewed {
	return viewed{
		record: v,
		view: func(may access.Classes) (any, []access.Removed) {
			shown, removed := access.View(v, kind, may)
			return shown, removed
		},
		write: func(after any, may access.Classes) glabella.Decision {
			return access.MayWrite(v, after.(T), kind, may)
		},
	}
}

// stored returns the stored form, without what is empty.
func stored(t *testing.T, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return bare(out)
}

// bare returns a JSON value without members that are empty; a list keeps its
// length.
func bare(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, member := range v {
			if member = bare(member); member != nil {
				out[name] = member
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case []any:
		if len(v) == 0 {
			return nil
		}
		out := make([]any, len(v))
		for i := range v {
			out[i] = bare(v[i])
		}
		return out
	case string:
		if v == "" || v == "0001-01-01T00:00:00Z" || v == "0" {
			return nil
		}
	case float64:
		if v == 0 {
			return nil
		}
	case bool:
		if !v {
			return nil
		}
	}
	return v
}

// without returns a stored form without the fields whose class is not seen.
func without(v any, place string, class access.Class, classes map[string]access.Class, may access.Classes) any {
	if own, ok := classes[place]; ok {
		class = own
	}
	split := place == "" || slices.ContainsFunc(mapKeys(classes), func(p string) bool { return strings.HasPrefix(p, place+".") })
	if !split {
		if may.Has(class) {
			return v
		}
		return nil
	}
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, member := range v {
			out[name] = without(member, strings.TrimPrefix(place+"."+name, "."), class, classes, may)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = without(v[i], place, class, classes, may)
		}
		return out
	}
	return v
}

func mapKeys[K comparable, V any](m map[K]V) []K {
	var out []K
	for k := range m {
		out = append(out, k)
	}
	return out
}

func TestAViewShowsWhatTheClassesAllow(t *testing.T) {
	t.Parallel()
	views(t, func(t *testing.T, kind string, v viewed) {
		r := rand.New(rand.NewSource(3))
		whole := stored(t, v.record)
		classes := access.FieldClasses(kind)
		for range 60 {
			may := access.ClassSet(some(r, access.AllClasses()...)...)
			shown, removed := v.view(may)
			if diff := cmp.Diff(bare(without(whole, "", "", classes, may)), stored(t, shown)); diff != "" {
				t.Fatalf("the view of %v (-want +got):\n%s", may.List(), diff)
			}
			for _, part := range removed {
				if may.Has(part.Class) {
					t.Errorf("%s, which is %s, was removed from the view of %v", part.Path, part.Class, may.List())
				}
				if want := classOf(classes, part.Path); want != part.Class {
					t.Errorf("%s was removed as %s, want %s", part.Path, part.Class, want)
				}
			}
			// Who hands a view back as the record has changed what it lacks.
			var fields []string
			for _, reason := range v.write(shown, may).Reasons {
				fields = append(fields, reason.Args["field"])
			}
			var lacks []string
			for _, part := range removed {
				lacks = append(lacks, part.Path)
			}
			if diff := cmp.Diff(lacks, fields); diff != "" {
				t.Errorf("fields that are changed and may not be (-want those removed +got):\n%s", diff)
			}
		}
		if diff := cmp.Diff(whole, stored(t, v.record)); diff != "" {
			t.Errorf("to view the record changed it (-want +got):\n%s", diff)
		}
	})
}

// classOf returns the class of what a JSON Pointer is to: its own or that of what
// it is in.
func classOf(classes map[string]access.Class, pointer string) access.Class {
	class, place := access.Class(""), ""
	for name := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if name[0] >= '0' && name[0] <= '9' {
			continue
		}
		place = strings.TrimPrefix(place+"."+name, ".")
		if own, ok := classes[place]; ok {
			class = own
		}
	}
	return class
}

func TestAViewOfEverythingIsACopy(t *testing.T) {
	t.Parallel()
	views(t, func(t *testing.T, _ string, v viewed) {
		shown, removed := v.view(everything)
		if len(removed) > 0 {
			t.Errorf("removed %v from the view of everything", removed)
		}
		if !reflect.DeepEqual(v.record, shown) {
			t.Errorf("the view of everything is %+v, want %+v", shown, v.record)
		}
		memory := map[uintptr]string{}
		references(reflect.ValueOf(v.record), "", func(at uintptr, place string) { memory[at] = place })
		references(reflect.ValueOf(shown), "", func(at uintptr, place string) {
			if from, shared := memory[at]; shared {
				t.Errorf("%s of the view is %s of the record", place, from)
			}
		})
		if len(memory) == 0 {
			t.Skip("the record holds no lists")
		}
	})
}

// references calls f with what a value refers to, but for what cannot be changed
// through it.
func references(v reflect.Value, place string, f func(at uintptr, place string)) {
	if _, writes := v.Interface().(json.Marshaler); writes && v.Kind() != reflect.Slice {
		return
	}
	if _, writes := v.Interface().(interface{ MarshalText() ([]byte, error) }); writes {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				references(v.Field(i), place+"."+v.Type().Field(i).Name, f)
			}
		}
	case reflect.Slice:
		if v.Len() > 0 {
			f(v.Pointer(), place)
		}
		for i := range v.Len() {
			references(v.Index(i), place+"[]", f)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			f(v.Pointer(), place)
			references(v.Elem(), place, f)
		}
	case reflect.Map:
		if !v.IsNil() {
			f(v.Pointer(), place)
		}
	}
}

func TestAViewOfAKindWithoutClassesShowsNothing(t *testing.T) {
	t.Parallel()
	type secret struct {
		Text string   `json:"text"`
		List []string `json:"list"`
	}
	shown, removed := access.View(secret{"fictional", []string{"a"}}, "secret", everything)
	if diff := cmp.Diff(secret{}, shown); diff != "" {
		t.Errorf("the view (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]access.Removed{{}}, removed); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
	if got := access.FieldClasses("secret"); got != nil {
		t.Errorf("FieldClasses = %v, want nil", got)
	}
}

func TestMayWrite(t *testing.T) {
	t.Parallel()
	rules := access.DefaultPolicy().MustCompile()
	before := storagetest.Fixtures().Patient
	for _, tt := range []struct {
		name   string
		role   access.Role
		change func(p *patient.Patient)
		want   map[string]string // class by field
	}{
		{"nothing changed", access.Auditor, func(*patient.Patient) {}, nil},
		{"reception changes a telephone number", access.FrontDesk, func(p *patient.Patient) { p.Contacts[0].Value = "+15125550199" }, nil},
		{"reception adds a condition", access.FrontDesk, func(p *patient.Patient) { p.Conditions = append(p.Conditions, patient.Condition{}) }, map[string]string{"/conditions": "clinical"}},
		{"a nurse adds a condition", access.NurseInjector, func(p *patient.Patient) { p.Conditions = append(p.Conditions, patient.Condition{}) }, nil},
		{"a biller changes a name", access.Biller, func(p *patient.Patient) { p.Names[0].Family = "Other" }, map[string]string{"/names": "identity"}},
		{"nobody changes what the store keeps", access.MedicalDirector, func(p *patient.Patient) { p.Version++ }, map[string]string{"/version": "internal"}},
		{"a relative is added by someone who may see neither", access.Auditor, func(p *patient.Patient) {
			p.Related = append(p.Related, patient.Related{Authority: "document-8", Contacts: []patient.Contact{{Value: "x"}}})
		}, map[string]string{"/related/1/authority": "identity", "/related/1/contacts": "contact"}},
		{"the patient changes how they are reached, and no diagnosis", access.Patient, func(p *patient.Patient) {
			p.Languages, p.Conditions = []string{"fr"}, nil
		}, map[string]string{"/conditions": "clinical"}},
		{"an empty list is none", access.Auditor, func(p *patient.Patient) {
			if len(p.Alerts) > 0 {
				p.Alerts = slices.Clone(p.Alerts)
			}
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			after, _ := access.View(before, "patient", everything)
			tt.change(&after)
			_, write := rules.Sight([]access.Role{tt.role})
			d := access.MayWrite(before, after, "patient", write)
			got := map[string]string{}
			for _, r := range d.Reasons {
				if r.Code != access.CodeClass {
					t.Errorf("reason %s", r.Code)
				}
				got[r.Args["field"]] = r.Args["class"]
			}
			if tt.want == nil {
				tt.want = map[string]string{}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || d.Allowed() != (len(tt.want) == 0) {
				t.Errorf("MayWrite = %v (-want +got):\n%s", d, diff)
			}
		})
	}
}

func TestDefaultSights(t *testing.T) {
	t.Parallel()
	rules := access.DefaultPolicy().MustCompile()
	for _, tt := range []struct {
		role  access.Role
		never []access.Class
	}{
		{access.FrontDesk, []access.Class{access.ClassClinical, access.ClassSensitive, access.ClassPhoto}},
		{access.Biller, []access.Class{access.ClassClinical, access.ClassSensitive, access.ClassPhoto}},
		{access.Marketer, []access.Class{access.ClassIdentity, access.ClassClinical, access.ClassSensitive, access.ClassPhoto, access.ClassFinancial, access.ClassStaff, access.ClassAdministrative}},
		{access.Auditor, []access.Class{access.ClassIdentity, access.ClassContact, access.ClassClinical, access.ClassSensitive, access.ClassPhoto, access.ClassFinancial}},
		{access.InventoryManager, []access.Class{access.ClassIdentity, access.ClassContact, access.ClassClinical, access.ClassSensitive, access.ClassPhoto}},
	} {
		read, write := rules.Sight([]access.Role{tt.role})
		for _, c := range tt.never {
			if read.Has(c) || write.Has(c) {
				t.Errorf("%s sees or changes what is %s", tt.role, c)
			}
		}
	}
	for _, role := range access.Roles() {
		read, write := rules.Sight([]access.Role{role})
		if write&^read != 0 {
			t.Errorf("%s changes %v without seeing it", role, (write &^ read).List())
		}
		if write.Has(access.ClassInternal) {
			t.Errorf("%s changes what the store keeps for itself", role)
		}
		if !read.Has(access.ClassInternal) {
			t.Errorf("%s sees records without their identities", role)
		}
	}
	if read, write := rules.Sight([]access.Role{"guest"}); read != 0 || write != 0 {
		t.Error("a role that does not exist sees something")
	}
	read, _ := rules.Sight([]access.Role{access.Marketer, access.Auditor})
	if !read.Has(access.ClassContact) || !read.Has(access.ClassStaff) {
		t.Errorf("two roles see %v, want what each of them sees", read.List())
	}
}

func BenchmarkView(b *testing.B) {
	p := storagetest.Fixtures().Patient
	read, _ := access.DefaultPolicy().MustCompile().Sight([]access.Role{access.FrontDesk})
	b.ReportAllocs()
	for b.Loop() {
		if _, removed := access.View(p, "patient", read); len(removed) == 0 {
			b.Fatal("nothing was removed")
		}
	}
}

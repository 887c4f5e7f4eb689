package consent_test

import (
	"reflect"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

func TestPreferencesGiveEveryRecord(t *testing.T) {
	t.Parallel()
	var p consent.Preferences
	v := reflect.ValueOf(&p).Elem()
	for i := range v.NumField() {
		v.Field(i).Set(reflect.MakeSlice(v.Field(i).Type(), 2, 2))
	}
	who := glabella.DeriveID[glabella.PatientID]("somebody")
	paths := map[string]bool{}
	p.Each(func(path string, of *glabella.PatientID) {
		paths[path] = true
		*of = who
	})
	if len(paths) != 2*v.NumField() {
		t.Errorf("%d records, want %d: %v", len(paths), 2*v.NumField(), paths)
	}
	for i := range v.NumField() {
		for k := range 2 {
			if got := v.Field(i).Index(k).FieldByName("Patient").Interface(); got != who {
				t.Errorf("%s %d is not given", v.Type().Field(i).Name, k)
			}
		}
		if path := "/" + v.Type().Field(i).Tag.Get("json") + "/1"; !paths[path] {
			t.Errorf("%s is not given", path)
		}
	}
}

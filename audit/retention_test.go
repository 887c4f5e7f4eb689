package audit_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
)

func TestWhatMayBeErased(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		f    audit.RetentionFacts
		want []glabella.Code
	}{
		{"an entry of the journal after a hundred years", audit.RetentionFacts{What: audit.RetainedEntry, CreatedOn: on(1926, 1, 1), On: on(2026, 1, 1)}, []glabella.Code{audit.CodeEntryKept}},
		{"something that is not named", audit.RetentionFacts{CreatedOn: on(1926, 1, 1), On: on(2026, 1, 1)}, []glabella.Code{audit.CodeEntryKept}},
		{"a document on its last day", audit.RetentionFacts{What: audit.RetainedDocument, CreatedOn: on(2020, 1, 1), On: on(2026, 1, 1)}, []glabella.Code{audit.CodeRetained}},
		{"a document the day after", audit.RetentionFacts{What: audit.RetainedDocument, CreatedOn: on(2020, 1, 1), On: on(2026, 1, 2)}, nil},
		{"a document that was in effect for longer", audit.RetentionFacts{What: audit.RetainedDocument, CreatedOn: on(2010, 1, 1), EffectOn: on(2021, 5, 5), On: on(2026, 1, 2)}, []glabella.Code{audit.CodeRetained}},
		{"a document on hold", audit.RetentionFacts{What: audit.RetainedDocument, CreatedOn: on(2010, 1, 1), Hold: true, On: on(2026, 1, 2)}, []glabella.Code{audit.CodeHeld}},
		{"a document on hold within its time", audit.RetentionFacts{What: audit.RetainedDocument, CreatedOn: on(2025, 1, 1), Hold: true, On: on(2026, 1, 2)}, []glabella.Code{audit.CodeHeld, audit.CodeRetained}},
		{"a document of a longer period", audit.RetentionFacts{What: audit.RetainedDocument, CreatedOn: on(2010, 1, 1), KeepUntil: on(2030, 1, 1), On: on(2026, 1, 2)}, []glabella.Code{audit.CodeRetained}},
		{"a document of a shorter period", audit.RetentionFacts{What: audit.RetainedDocument, CreatedOn: on(2024, 1, 1), KeepUntil: on(2025, 1, 1), On: on(2026, 1, 2)}, []glabella.Code{audit.CodeRetained}},
		{"a document of an unknown day", audit.RetentionFacts{What: audit.RetainedDocument, On: on(2026, 1, 2)}, []glabella.Code{audit.CodeRetentionUnknown}},
		{"a version whose time nobody has determined", audit.RetentionFacts{What: audit.RetainedVersion, CreatedOn: on(1990, 1, 1), On: on(2026, 1, 2)}, []glabella.Code{audit.CodeRetentionUnknown}},
		{"a version whose time has passed", audit.RetentionFacts{What: audit.RetainedVersion, CreatedOn: on(2025, 1, 1), KeepKnown: true, KeepUntil: on(2026, 1, 1), On: on(2026, 1, 2)}, nil},
		{"a version whose time has not passed", audit.RetentionFacts{What: audit.RetainedVersion, CreatedOn: on(2025, 1, 1), KeepKnown: true, KeepUntil: on(2026, 1, 2), On: on(2026, 1, 2)}, []glabella.Code{audit.CodeRetained}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := audit.MayErase(tt.f)
			var got []glabella.Code
			for _, r := range d.Reasons {
				if r.Fix == "" {
					t.Errorf("%s has no fix", r.Code)
				}
				got = append(got, r.Code)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || d.Allowed() != (tt.want == nil) {
				t.Errorf("MayErase = %v (-want +got):\n%s", d, diff)
			}
		})
	}
}

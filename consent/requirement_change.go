package consent

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// ChangeKind says how a part of a form differs from that of another version.
type ChangeKind string

// The kinds of change.
const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Altered ChangeKind = "altered"
)

// ChangeKinds returns every kind of change.
func ChangeKinds() []ChangeKind { return []ChangeKind{Added, Removed, Altered} }

// Valid reports whether k is one of [ChangeKinds].
func (k ChangeKind) Valid() bool { return slices.Contains(ChangeKinds(), k) }

// Change is one difference between two versions of a form. Path is a JSON Pointer
// in which a text is named by its language and a section by its key:
// /contents/es/sections/risks/body.
type Change struct {
	Path string     `json:"path"`
	Kind ChangeKind `json:"kind"`
	Old  []string   `json:"old"` // of a text, the paragraphs that the new one lacks
	New  []string   `json:"new"` // of a text, the paragraphs that the old one lacks
}

// Changes returns what differs between two versions of a form, in order of the
// paths, so that someone can say whether the new one is material. It does not
// say so itself: a word may change what a patient agrees to. The identity, the
// version, the times of publication and the hashes are not compared.
func Changes(before, after Form) []Change {
	var out []Change
	compare := func(path string, before, after []string) {
		if slices.Equal(before, after) {
			return
		}
		c := Change{Path: path, Kind: Altered}
		c.Old, c.New = differ(before, after)
		switch {
		case len(before) == 0:
			c.Kind = Added
		case len(after) == 0:
			c.Kind = Removed
		}
		out = append(out, c)
	}
	then, now := parts(before), parts(after)
	for path, was := range then {
		compare(path, was, now[path])
	}
	for path, is := range now {
		if _, ok := then[path]; !ok {
			compare(path, nil, is)
		}
	}
	slices.SortFunc(out, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	return out
}

// parts returns what a form says, by path. A setting is a list of values in which
// an order that means nothing is taken away, and a text a list of paragraphs.
func parts(f Form) map[string][]string {
	set := func(values []string) []string { return slices.Compact(slices.Sorted(slices.Values(values))) }
	one := func(given bool, v any) []string {
		if !given {
			return nil
		}
		return []string{fmt.Sprint(v)}
	}
	out := map[string][]string{
		"/treatments": set(f.Treatments), "/classes": set(f.Classes), "/products": set(f.Products), "/services": set(f.Services),
		"/jurisdictions":        set(f.Jurisdictions),
		"/strength":             one(f.Strength != "", f.Strength),
		"/recurrence":           one(f.Recurrence != "", f.Recurrence),
		"/validFor":             one(!f.ValidFor.IsZero(), f.ValidFor),
		"/coolingOffDays":       one(f.CoolingOffDays != 0, f.CoolingOffDays),
		"/signGapHours":         one(f.SignGapHours != 0, f.SignGapHours),
		"/beforeTreatmentHours": one(f.BeforeTreatmentHours != 0, f.BeforeTreatmentHours),
		"/discussionRequired":   one(f.DiscussionRequired, true),
		"/witnessRequired":      one(f.WitnessRequired, true),
		"/interpreter":          one(f.Interpreter != "", f.Interpreter),
		"/requiresInitials":     one(f.RequiresInitials, true),
	}
	for _, c := range f.Contents {
		at := "/contents/" + c.Language
		out[at+"/title"], out[at+"/body"] = one(c.Title != "", c.Title), paragraphs(c.Body)
		for _, s := range c.Sections {
			section := at + "/sections/" + s.Key
			out[at+"/sections"] = append(out[at+"/sections"], s.Key)
			out[section+"/title"], out[section+"/body"] = one(s.Title != "", s.Title), paragraphs(s.Body)
			out[section+"/initials"] = one(s.Initials, true)
			out[section+"/acknowledge"] = one(s.Acknowledge, true)
			out[section+"/required"] = one(s.Required, true)
		}
	}
	return out
}

// paragraphs returns what stands between the empty lines of a source.
func paragraphs(source string) []string {
	var out []string
	var open []string
	for line := range strings.SplitSeq(strings.ReplaceAll(source, "\r\n", "\n")+"\n", "\n") {
		if line = strings.TrimRight(line, " \t"); line != "" {
			open = append(open, line)
		} else if len(open) > 0 {
			out = append(out, strings.Join(open, "\n"))
			open = nil
		}
	}
	return out
}

// differ returns what only one of two lists has, by the longest sequence that
// they share. Of lists that are too long to compare so, that is everything
// between their common beginning and end.
func differ(a, b []string) (onlyA, onlyB []string) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	const most = 1 << 20
	if len(a) == 0 || len(b) == 0 || len(a) > most/len(b) {
		return append(onlyA, a...), append(onlyB, b...)
	}
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for k := len(b) - 1; k >= 0; k-- {
			if a[i] == b[k] {
				length[i][k] = length[i+1][k+1] + 1
			} else {
				length[i][k] = max(length[i+1][k], length[i][k+1])
			}
		}
	}
	i, k := 0, 0
	for i < len(a) || k < len(b) {
		switch {
		case i < len(a) && k < len(b) && a[i] == b[k]:
			i, k = i+1, k+1
		case k == len(b) || i < len(a) && length[i+1][k] >= length[i][k+1]:
			onlyA = append(onlyA, a[i])
			i++
		default:
			onlyB = append(onlyB, b[k])
			k++
		}
	}
	return onlyA, onlyB
}

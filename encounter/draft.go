package encounter

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
)

// MaxRevisions is how many revisions of a draft are kept. When there are more,
// every other one of the older half goes, but never the first: what was typed
// lately can be had step by step, and what was typed long ago by samples.
const MaxRevisions = 50

// Revision is a draft of a note as it was saved once. Number counts from 1; the
// text that a draft began with, if it had one, is revision 0.
type Revision struct {
	Number int              `json:"number"` // given by [Note.Save]
	Text   string           `json:"text"`
	By     glabella.StaffID `json:"by" validate:"required"`
	At     time.Time        `json:"at,omitzero"`
	Base   int              `json:"base"` // number of the revision that the text was written on
}

// DraftConflictError says that a draft was saved by somebody else, or in another
// window, since it was read. Nothing is lost by it: [DraftConflictError.Texts]
// has both texts. It unwraps to [glabella.ErrConflict].
type DraftConflictError struct {
	Note   glabella.Ref // the note
	Base   int          // the revision that the refused text was written on
	Latest int          // the revision that the draft is at

	base, mine, theirs string // kept out of logs
}

// Error names the note and the revisions.
func (e *DraftConflictError) Error() string {
	return fmt.Sprintf("save %s: based on revision %d, but the draft is at %d: %s", e.Note, e.Base, e.Latest, glabella.ErrConflict)
}

// Unwrap returns [glabella.ErrConflict].
func (e *DraftConflictError) Unwrap() error { return glabella.ErrConflict }

// Texts returns the text that both were written on, the one that was refused, and
// the one that the draft has: what [Merge3] takes. If the base itself is no longer
// kept, it is the nearest earlier revision.
func (e *DraftConflictError) Texts() (base, mine, theirs string) { return e.base, e.mine, e.theirs }

// Revision returns the number of the draft's latest revision, 0 if it was never
// saved or is not a draft.
func (n Note) Revision() int {
	if len(n.Revisions) == 0 {
		return 0
	}
	return n.Revisions[len(n.Revisions)-1].Number
}

// Save makes a text the latest revision of a draft. If the text was not written on
// the latest revision, the note stays as it is, and the error is a
// [*DraftConflictError] with both texts.
func (n Note) Save(rev Revision) (Note, error) {
	return n.step("edit", func(n *Note) error {
		if rev.Base != n.Revision() {
			return n.conflict(rev)
		}
		rev.Number = n.Revision() + 1
		if issues := rev.issues(""); len(issues) > 0 {
			return glabella.Invalid("revision", issues...)
		}
		revisions := slices.Clone(n.Revisions)
		if len(revisions) == 0 && n.Text != "" {
			revisions = append(revisions, Revision{Text: n.Text, By: n.Author, At: n.UpdatedAt})
		}
		n.Revisions = thin(append(revisions, rev))
		n.Text = rev.Text
		return nil
	})
}

func (n Note) conflict(rev Revision) error {
	out := &DraftConflictError{Note: n.Ref(), Base: rev.Base, Latest: n.Revision(), mine: rev.Text, theirs: n.Text}
	for _, r := range n.Revisions {
		if r.Number <= rev.Base {
			out.base = r.Text
		}
	}
	return out
}

// thin keeps a list of revisions within its bound.
func thin(revisions []Revision) []Revision {
	if len(revisions) <= MaxRevisions {
		return revisions
	}
	var out []Revision
	for i, r := range revisions {
		if i%2 == 0 || i >= len(revisions)-MaxRevisions/2 {
			out = append(out, r)
		}
	}
	return out
}

func (r Revision) issues(path string) []glabella.Issue {
	issues := prefix(path, check.Struct(r))
	add := func(member string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path + member, Code: code, Text: text})
	}
	if r.Text == "" {
		add("/text", glabella.CodeRequired, "a draft that was begun has a text")
	}
	if r.At.IsZero() && r.Number > 0 {
		add("/at", glabella.CodeRequired, "a revision has a time")
	}
	if r.Number < 0 || r.Base < 0 || r.Base > max(0, r.Number-1) {
		add("/base", glabella.CodeOutOfRange, "a revision is written on an earlier one")
	}
	return issues
}

func (n Note) revisionIssues() []glabella.Issue {
	var issues []glabella.Issue
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if len(n.Revisions) == 0 {
		return nil
	}
	if n.State != NoteDraft {
		add("/revisions", glabella.CodeMismatch, "only a draft has revisions")
	}
	if len(n.Revisions) > MaxRevisions {
		add("/revisions", glabella.CodeOutOfRange, fmt.Sprintf("must be at most %d", MaxRevisions))
	}
	for i, r := range n.Revisions {
		path := fmt.Sprintf("/revisions/%d", i)
		issues = append(issues, r.issues(path)...)
		if i > 0 && r.Number <= n.Revisions[i-1].Number {
			add(path+"/number", glabella.CodeOutOfRange, "must be greater than that of the revision before")
		}
	}
	if n.Revisions[len(n.Revisions)-1].Text != n.Text {
		add("/text", glabella.CodeMismatch, "not the text of the latest revision")
	}
	return issues
}

// Conflict is a place of a merged text at which both sides changed the same lines.
// The merged text has the lines of both there, mine before theirs, from line
// First on, counted from 0.
type Conflict struct {
	First  int      `json:"first"`
	Base   []string `json:"base"`
	Mine   []string `json:"mine"`
	Theirs []string `json:"theirs"`
}

// Merge3 merges two texts that were both written on a base, line by line. What one
// side changed is taken from it. Where both changed the same lines in different
// ways, the merged text has both, and the place is a [Conflict] that somebody has
// to settle. No line that either side wrote is dropped; a line goes only where one
// side deleted it and the other left it alone.
func Merge3(base, mine, theirs string) (merged string, conflicts []Conflict) {
	b, m, t := strings.Split(base, "\n"), strings.Split(mine, "\n"), strings.Split(theirs, "\n")
	toMine, toTheirs := matches(b, m), matches(b, t)
	var out []string
	for i, j, k := 0, 0, 0; ; {
		for i < len(b) && toMine[i] == j && toTheirs[i] == k {
			out = append(out, b[i])
			i, j, k = i+1, j+1, k+1
		}
		if i == len(b) && j == len(m) && k == len(t) {
			return strings.Join(out, "\n"), conflicts
		}
		// The lines up to the next one that all three have.
		i2, j2, k2 := i, len(m), len(t)
		for i2 < len(b) && (toMine[i2] < 0 || toTheirs[i2] < 0) {
			i2++
		}
		if i2 < len(b) {
			j2, k2 = toMine[i2], toTheirs[i2]
		}
		was, mineNow, theirsNow := b[i:i2], m[j:j2], t[k:k2]
		switch {
		case slices.Equal(mineNow, theirsNow), slices.Equal(theirsNow, was):
			out = append(out, mineNow...)
		case slices.Equal(mineNow, was):
			out = append(out, theirsNow...)
		default:
			conflicts = append(conflicts, Conflict{First: len(out), Base: slices.Clone(was), Mine: slices.Clone(mineNow), Theirs: slices.Clone(theirsNow)})
			out = append(append(out, mineNow...), theirsNow...)
		}
		i, j, k = i2, j2, k2
	}
}

// maxCells bounds the table of [matches]. Beyond it, about two thousand changed
// lines on each side, what lies between the common ends counts as changed.
const maxCells = 1 << 22

// matches returns, for each line of a, the line of b that it is matched with, or
// -1. Matches are in order: they are a longest common subsequence.
func matches(a, b []string) []int {
	out := make([]int, len(a))
	for i := range out {
		out[i] = -1
	}
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		out[head] = head
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		out[len(a)-1-tail] = len(b) - 1 - tail
		tail++
	}
	a, b = a[head:len(a)-tail], b[head:len(b)-tail]
	if len(a) == 0 || len(b) == 0 || len(a) > maxCells/len(b) {
		return out
	}
	width := len(b) + 1
	longest := make([]int32, (len(a)+1)*width) // of a[i:] and b[j:]
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				longest[i*width+j] = longest[(i+1)*width+j+1] + 1
			} else {
				longest[i*width+j] = max(longest[(i+1)*width+j], longest[i*width+j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			out[head+i] = head + j
			i, j = i+1, j+1
		case longest[(i+1)*width+j] >= longest[i*width+j+1]:
			i++
		default:
			j++
		}
	}
	return out
}

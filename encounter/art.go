package encounter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/glabella-ehr/glabella"
)

// isArtElement reports whether a drawing may consist of the element. None of those
// that it may consist of runs, loads or refers to anything.
func isArtElement(name string) bool {
	switch name {
	case "g", "path", "circle", "ellipse", "line", "polyline", "polygon", "rect":
		return true
	}
	return false
}

// isArtAttribute reports whether the elements of a drawing may carry the attribute.
func isArtAttribute(name string) bool {
	switch name {
	case "class", "d", "cx", "cy", "r", "rx", "ry", "x", "y", "x1", "y1", "x2", "y2", "width", "height", "points", "transform",
		"fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-linecap", "stroke-linejoin", "stroke-dasharray", "opacity":
		return true
	}
	return false
}

// checkArt refuses a drawing that is more than plain shapes. The drawing becomes
// part of a picture that browsers open, so it may hold no script, style sheet,
// reference, text or entity; what is not known to be harmless is refused.
func checkArt(art string) error {
	refuse := func(format string, args ...any) error {
		return glabella.Invalid("diagram", glabella.Issue{Path: "/art", Code: glabella.CodeFormat, Text: fmt.Sprintf(format, args...)})
	}
	var open []string
	for rest := art; ; {
		before, after, found := strings.Cut(rest, "<")
		if strings.TrimLeft(before, " \t\r\n") != "" {
			return refuse("a drawing has no text")
		}
		if !found {
			break
		}
		tag, after, found := strings.Cut(after, ">")
		if !found {
			return refuse("a tag does not end")
		}
		rest = after
		if name, closing := strings.CutPrefix(tag, "/"); closing {
			if len(open) == 0 || open[len(open)-1] != strings.TrimRight(name, " \t\r\n") {
				return refuse("an end tag has no start tag")
			}
			open = open[:len(open)-1]
			continue
		}
		tag, single := strings.CutSuffix(tag, "/")
		name, attributes := tag, ""
		if i := strings.IndexAny(tag, " \t\r\n"); i >= 0 {
			name, attributes = tag[:i], tag[i:]
		}
		if !isArtElement(name) {
			return refuse("a drawing has only shapes and groups of them")
		}
		if err := checkAttributes(attributes); err != "" {
			return refuse("%s", err)
		}
		if !single {
			open = append(open, name)
		}
	}
	if len(open) > 0 {
		return refuse("a start tag has no end tag")
	}
	return nil
}

// checkAttributes returns what is wrong with the attributes of a tag, or "".
func checkAttributes(s string) string {
	var room [8]string
	seen := room[:0]
	for {
		trimmed := strings.TrimLeft(s, " \t\r\n")
		if trimmed == "" {
			return ""
		}
		name, rest, found := strings.Cut(trimmed, `="`)
		value, after, closed := strings.Cut(rest, `"`)
		switch {
		case len(trimmed) == len(s):
			return "attributes are not apart"
		case !found || !closed:
			return "an attribute has no quoted value"
		case !isArtAttribute(name):
			return "a shape has an attribute that it may not have"
		case slices.Contains(seen, name):
			return "a shape has an attribute twice"
		case !plainValue(value) || strings.Contains(value, "url("):
			return "the value of an attribute is not plain"
		}
		seen = append(seen, name)
		s = after
	}
}

// plainValue reports whether a value has only what numbers, colours, path data and
// class names are written with.
func plainValue(s string) bool {
	for i := range len(s) {
		if !plainBytes[s[i]] {
			return false
		}
	}
	return true
}

var plainBytes = func() (out [256]bool) {
	for _, b := range []byte(" \t\r\n.,-+#%()_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		out[b] = true
	}
	return out
}()

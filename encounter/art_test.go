package encounter_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
)

// A drawing is taken only if it is plain shapes.
func TestInjectionMapTakesPlainShapesOnly(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		art string
		ok  bool
	}{
		{``, true},
		{`<g fill="none"><path d="M 0 0 L 1 1"/></g>`, true},
		{"<g >\n<circle cx=\"1\"\n cy=\"1\" r=\"1\" /></g >", true},
		{`<rect width="1" height="1" transform="rotate(45)" fill="#fff" fill-opacity="10%"/>`, true},
		{`text`, false},
		{`<g>`, false},
		{`</g>`, false},
		{`<g></path>`, false},
		{`<g`, false},
		{`<script/>`, false},
		{`<style>*{}</style>`, false},
		{`<image href="x"/>`, false},
		{`<foreignObject/>`, false},
		{`<use xlink:href="#x"/>`, false},
		{`<a/>`, false},
		{`<!-- comment -->`, false},
		{`<!DOCTYPE x>`, false},
		{`<?xml version="1.0"?>`, false},
		{`<![CDATA[x]]>`, false},
		{`<g id="x"/>`, false},
		{`<g style="fill:red"/>`, false},
		{`<g onload="alert(1)"/>`, false},
		{`<g fill="url(#x)"/>`, false},
		{`<g fill="&#106;"/>`, false},
		{`<g fill='red'/>`, false},
		{`<g fill=red/>`, false},
		{`<g fill="red"stroke="red"/>`, false},
		{`<g fill="red" fill="red"/>`, false},
		{`<g fill="red/>`, false},
		{`<g fill="a>b"/>`, false},
		{`<svg:g/>`, false},
	} {
		t.Run(tt.art, func(t *testing.T) {
			t.Parallel()
			d := face(t)
			d.Art = tt.art
			svg, err := encounter.InjectionMap(d, nil, nil)
			if (err == nil) != tt.ok || err != nil && !errors.Is(err, glabella.ErrInvalid) {
				t.Errorf("InjectionMap with %q: %v, want ok %v", tt.art, err, tt.ok)
			}
			if tt.ok {
				elements(t, string(svg))
			}
		})
	}
}

// Whatever drawing is taken, the picture is well-formed and has only shapes, with
// nothing that runs or loads.
func FuzzInjectionMapArt(f *testing.F) {
	for _, seed := range []string{`<g fill="none"><path d="M0 0"/></g>`, `<g><g/></g >`, `<path d="M0 0" /><script>`, `<g class="a"></g>x`, `<rect x="1"y="2"/>`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, art string) {
		d := face(t)
		d.Art = art
		svg, err := encounter.InjectionMap(d, nil, nil)
		if err != nil {
			if !errors.Is(err, glabella.ErrInvalid) {
				t.Fatalf("InjectionMap: %v", err)
			}
			return
		}
		allowed := []string{"svg", "title", "desc", "style", "g", "path", "circle", "ellipse", "line", "polyline", "polygon", "rect", "text"}
		for _, e := range elements(t, string(svg)) {
			if !slices.Contains(allowed, e.name) {
				t.Errorf("element %s", e.name)
			}
			for name, value := range e.attributes {
				if strings.HasPrefix(name, "on") || name == "href" || name == "style" || name == "id" || strings.Contains(value, "url(") {
					t.Errorf("attribute %s=%q", name, value)
				}
			}
		}
		if bytes.Count(svg, []byte("<style>")) != 1 {
			t.Error("more than one style sheet")
		}
	})
}

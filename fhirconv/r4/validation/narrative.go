package validation

import (
	"encoding/xml"
	"slices"
	"strings"
)

// narrativeTags are the elements that a narrative may have: those of chapters 7 to
// 11 and 15 of HTML 4.0 except for forms, links, anchors' scripts and frames.
var narrativeTags = strings.Fields(`div p br h1 h2 h3 h4 h5 h6 span a img b i u s em strong big small tt sub sup blockquote q pre code samp kbd var cite dfn
	abbr acronym ins del ul ol li dl dt dd table caption thead tbody tfoot tr td th col colgroup hr address font center strike bdo map area`)

// narrative says whether a text is well-formed XHTML that a narrative may be, and
// not empty.
func narrative(s string) bool {
	if !strings.HasPrefix(s, "<div") {
		return false
	}
	d := xml.NewDecoder(strings.NewReader(s))
	d.Entity = xml.HTMLEntity
	something := false
	for {
		t, err := d.Token()
		if err != nil {
			return err.Error() == "EOF" && something
		}
		switch t := t.(type) {
		case xml.StartElement:
			if !slices.Contains(narrativeTags, t.Name.Local) {
				return false
			}
			something = something || t.Name.Local == "img"
			for _, a := range t.Attr {
				if strings.HasPrefix(strings.ToLower(a.Name.Local), "on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Value)), "javascript:") {
					return false
				}
			}
		case xml.CharData:
			something = something || len(strings.TrimSpace(string(t))) > 0
		}
	}
}

package consent_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/glabella-ehr/glabella/consent"
)

func TestParseKeyword(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text     string
		want     consent.Keyword
		mentions bool
	}{
		{text: "STOP", want: consent.KeywordStop, mentions: true},
		{text: " stop. ", want: consent.KeywordStop, mentions: true},
		{text: "\"Stop!\"", want: consent.KeywordStop, mentions: true},
		{text: "quit", want: consent.KeywordStop, mentions: true},
		{text: "End", want: consent.KeywordStop, mentions: true},
		{text: "revoke", want: consent.KeywordStop, mentions: true},
		{text: "opt-out", want: consent.KeywordStop, mentions: true},
		{text: "Opt  out", want: consent.KeywordStop, mentions: true},
		{text: "cancel", want: consent.KeywordStop, mentions: true},
		{text: "unsubscribe", want: consent.KeywordStop, mentions: true},
		{text: "ALTO", want: consent.KeywordStop, mentions: true},
		{text: "¡No más!", want: consent.KeywordStop, mentions: true},
		{text: "no ma\u0301s", want: consent.KeywordStop, mentions: true},
		{text: "baja", want: consent.KeywordStop, mentions: true},
		{text: "start", want: consent.KeywordStart},
		{text: "unstop", want: consent.KeywordStart},
		{text: "ALTA", want: consent.KeywordStart},
		{text: "help?", want: consent.KeywordHelp},
		{text: "Ayuda", want: consent.KeywordHelp},
		{text: "please stop texting me", mentions: true},
		{text: "I want to opt out of this", mentions: true},
		{text: "no quiero más mensajes, basta", mentions: true},
		{text: "STOP" + strings.Repeat(" ", 80), mentions: true},
		{text: "the bus stops here"},
		{text: "start over"},
		{text: "out opt"},
		{text: "yes"},
		{text: ""},
		{text: "\xff"},
	} {
		got, ok := consent.ParseKeyword(tt.text)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("ParseKeyword(%q) = %q, %v, want %q", tt.text, got, ok, tt.want)
		}
		if got := consent.MentionsStop(tt.text); got != tt.mentions {
			t.Errorf("MentionsStop(%q) = %v, want %v", tt.text, got, tt.mentions)
		}
	}
}

func TestEveryKeywordWordIsRead(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, k := range consent.Keywords() {
		list := consent.KeywordWords(k)
		if len(list) < 3 || !slices.IsSorted(list) {
			t.Errorf("the words of %s are %v", k, list)
		}
		for _, w := range list {
			if got, ok := consent.ParseKeyword(strings.ToLower(w)); !ok || got != k || seen[w] {
				t.Errorf("ParseKeyword(%q) = %q, %v, want %q once", w, got, ok, k)
			}
			seen[w] = true
		}
	}
}

func FuzzParseKeyword(f *testing.F) {
	for _, s := range []string{"STOP", "no más", "opt-out", "please stop", "\xff", "ß"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		k, ok := consent.ParseKeyword(text)
		if ok != k.Valid() {
			t.Fatalf("ParseKeyword(%q) = %q, %v", text, k, ok)
		}
		if k == consent.KeywordStop && !consent.MentionsStop(text) {
			t.Fatalf("%q is a stop that nobody mentions", text)
		}
		if again, _ := consent.ParseKeyword(" " + strings.TrimSpace(text) + "!"); ok && len(text) < 60 && again != k {
			t.Fatalf("%q is %q, and with punctuation %q", text, k, again)
		}
	})
}

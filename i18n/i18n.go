// Package i18n holds what users read for each code of a reason or issue, in
// every language that the library speaks.
//
//	for _, r := range decision.Reasons {
//		fmt.Println(i18n.Message(language.Spanish, r))
//	}
//
// A message is chosen by the reason's code and the reader's language, with
// English as the last resort, and the reason's arguments stand in for its
// placeholders. A test demands a message in each language for every code of this
// module.
//
// What it does not do: it holds no consent forms or notes; those carry their own
// languages.
package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella"
)

//go:embed messages/*.json
var files embed.FS

// catalogs holds the messages by language and code. The files are part of the
// program and a test reads them all, so reading them cannot fail.
var catalogs = sync.OnceValue(func() map[string]map[glabella.Code]string {
	out := map[string]map[glabella.Code]string{}
	names, err := fs.Glob(files, "messages/*.json")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		parts := strings.Split(strings.TrimSuffix(name, ".json"), ".")
		lang := parts[len(parts)-1]
		data, err := files.ReadFile(name)
		if err != nil {
			panic(err)
		}
		var messages map[glabella.Code]string
		if err := json.Unmarshal(data, &messages); err != nil {
			panic(fmt.Sprintf("%s: %v", name, err))
		}
		if out[lang] == nil {
			out[lang] = map[glabella.Code]string{}
		}
		maps.Copy(out[lang], messages)
	}
	return out
})

// Languages returns the languages that the library speaks.
func Languages() []language.Tag {
	var out []language.Tag
	for _, lang := range slices.Sorted(maps.Keys(catalogs())) {
		out = append(out, language.Make(lang))
	}
	return out
}

// Codes returns every code that has a message, sorted.
func Codes() []glabella.Code { return slices.Sorted(maps.Keys(catalogs()["en"])) }

// Text returns the message for a code in the language, in a language that it is
// a variety of, or in English, with the arguments in place of the placeholders.
// It reports false if the code has no message.
func Text(lang language.Tag, code glabella.Code, args map[string]string) (string, bool) {
	for tag := lang; ; tag = tag.Parent() {
		if text, ok := catalogs()[tag.String()][code]; ok {
			return fill(text, args), true
		}
		if tag == language.Und {
			text, ok := catalogs()["en"][code]
			return fill(text, args), ok
		}
	}
}

func fill(text string, args map[string]string) string {
	if len(args) == 0 {
		return text
	}
	pairs := make([]string, 0, 2*len(args))
	for _, k := range slices.Sorted(maps.Keys(args)) {
		pairs = append(pairs, "{"+k+"}", args[k])
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Message returns what a user reads for a reason. A code without a message, such
// as a host's own, gives the reason's own text.
func Message(lang language.Tag, r glabella.Reason) string {
	if text, ok := Text(lang, r.Code, r.Args); ok {
		return text
	}
	return r.Text
}

package i18n_test

import (
	"fmt"

	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/i18n"
)

func ExampleMessage() {
	reason := glabella.Denied("practice.examiner.credential", "no valid licence").With("jurisdiction", "US-TX")
	fmt.Println(i18n.Message(language.English, reason))
	fmt.Println(i18n.Message(language.MustParse("es-MX"), reason))
	// Output:
	// The examiner has no valid licence to examine patients in US-TX.
	// Quien examina no tiene licencia vigente para examinar pacientes en US-TX.
}

func ExampleText() {
	text, ok := i18n.Text(language.English, glabella.CodeRequired, nil)
	fmt.Println(text, ok)
	_, ok = i18n.Text(language.English, "acme.own", nil)
	fmt.Println(ok)
	// Output:
	// This must be filled in. true
	// false
}

func ExampleLanguages() {
	fmt.Println(i18n.Languages())
	// Output: [en es]
}

package inventory

import (
	"strings"

	"github.com/glabella-ehr/glabella"
)

// RecallLetter is what a letter to a patient about a recall says. The fields are
// texts as the reader is to see them; those of the patient are not stored here.
type RecallLetter struct {
	Patient   string // form of address: "Ana Example"
	Practice  string
	Contact   string // where to call or write
	Product   string // name of the product
	Lot       string // number of the lot, as printed
	Reference string // number of the recall
	Given     string // the day of the treatment
	Certainty RecallCertainty
}

// RecallLetterLanguages returns the languages of [RecallLetter.Text].
func RecallLetterLanguages() []string { return []string{"en", "es"} }

// recallTexts are a subject, an opening for each certainty, and an ending. They say
// what happened and whom to ask, and give no medical advice.
var recallTexts = map[string]struct {
	subject, exposed, suspected, ending string
}{
	"en": {
		subject: "Recall of {product}, lot {lot}",
		exposed: "Dear {patient},\n\non {given} you were treated at {practice} with {product}. The lot that was used, {lot}, " +
			"is subject to recall {reference}.",
		suspected: "Dear {patient},\n\non {given} you were treated at {practice}. Lot {lot} of {product} is subject to recall {reference}. " +
			"The record of your treatment does not say which lot was used, and we cannot rule out that it was this one.",
		ending: "Please contact us at {contact}, so that we can tell you what the recall means for you and answer your questions. " +
			"Please also confirm that you have received this letter.\n\n{practice}",
	},
	"es": {
		subject: "Retirada de {product}, lote {lot}",
		exposed: "Estimado/a {patient}:\n\nEl {given} recibió un tratamiento con {product} en {practice}. El lote que se utilizó, {lot}, " +
			"está sujeto a la retirada {reference}.",
		suspected: "Estimado/a {patient}:\n\nEl {given} recibió un tratamiento en {practice}. El lote {lot} de {product} está sujeto a la retirada {reference}. " +
			"En su historia no consta qué lote se utilizó y no podemos descartar que fuera este.",
		ending: "Póngase en contacto con nosotros en {contact} para que le expliquemos qué significa la retirada para usted y respondamos a sus preguntas. " +
			"Le pedimos también que confirme que ha recibido esta carta.\n\n{practice}",
	},
}

// Text returns the subject and the body of the letter in one of
// [RecallLetterLanguages]. A field that is missing is an error: a letter with a gap
// is not sent.
func (l RecallLetter) Text(language string) (subject, body string, err error) {
	texts, ok := recallTexts[language]
	var issues []glabella.Issue
	if !ok {
		issues = append(issues, glabella.Issue{Path: "/language", Code: glabella.CodeUnknownValue, Text: "no letter in this language"})
	}
	if !l.Certainty.Valid() {
		issues = append(issues, glabella.Issue{Path: "/certainty", Code: glabella.CodeUnknownValue, Text: "not a certainty"})
	}
	fields := []struct{ name, value string }{
		{"patient", l.Patient}, {"practice", l.Practice}, {"contact", l.Contact}, {"product", l.Product}, {"lot", l.Lot}, {"reference", l.Reference}, {"given", l.Given},
	}
	var pairs []string
	for _, f := range fields {
		if strings.TrimSpace(f.value) == "" {
			issues = append(issues, glabella.Issue{Path: "/" + f.name, Code: glabella.CodeRequired, Text: "the letter says it"})
		}
		pairs = append(pairs, "{"+f.name+"}", f.value)
	}
	if err := glabella.Invalid("recall letter", issues...); err != nil {
		return "", "", err
	}
	opening := texts.exposed
	if l.Certainty == RecallSuspected {
		opening = texts.suspected
	}
	fill := strings.NewReplacer(pairs...)
	return fill.Replace(texts.subject), fill.Replace(opening + "\n\n" + texts.ending + "\n"), nil
}

package consent

import (
	"slices"
	"strings"
	"unicode"
)

// Keyword is what a patient asks for with a word in answer to a message.
type Keyword string

// The keywords.
const (
	KeywordStop  Keyword = "stop"
	KeywordStart Keyword = "start"
	KeywordHelp  Keyword = "help"
)

// Keywords returns every keyword.
func Keywords() []Keyword { return []Keyword{KeywordStop, KeywordStart, KeywordHelp} }

// Valid reports whether k is one of [Keywords].
func (k Keyword) Valid() bool { return slices.Contains(Keywords(), k) }

// The words that 47 CFR 64.1200(a)(10) names end consent by themselves: stop, quit,
// end, revoke, opt out, cancel and unsubscribe. The other words are what senders
// commonly understand in English and Spanish. A practice must therefore not use one
// of them as an answer to something else, such as CANCEL to cancel an appointment.
var keywords = map[string]Keyword{
	"STOP": KeywordStop, "QUIT": KeywordStop, "END": KeywordStop, "REVOKE": KeywordStop, "OPT OUT": KeywordStop,
	"CANCEL": KeywordStop, "UNSUBSCRIBE": KeywordStop,
	"OPTOUT": KeywordStop, "STOPALL": KeywordStop, "STOP ALL": KeywordStop, "REMOVE": KeywordStop,
	"ALTO": KeywordStop, "PARAR": KeywordStop, "PARE": KeywordStop, "BAJA": KeywordStop, "DETENER": KeywordStop,
	"CANCELAR": KeywordStop, "NO MAS": KeywordStop, "BASTA": KeywordStop,
	"START": KeywordStart, "UNSTOP": KeywordStart, "SUBSCRIBE": KeywordStart, "OPT IN": KeywordStart, "OPTIN": KeywordStart,
	"INICIAR": KeywordStart, "ALTA": KeywordStart,
	"HELP": KeywordHelp, "INFO": KeywordHelp, "AYUDA": KeywordHelp,
}

// KeywordWords returns the words that mean a keyword, sorted, in upper case and
// without accents.
func KeywordWords(k Keyword) []string {
	var out []string
	for word, means := range keywords {
		if means == k {
			out = append(out, word)
		}
	}
	slices.Sort(out)
	return out
}

// maxKeyword is longer than any message that is a keyword and no more.
const maxKeyword = 64

// ParseKeyword reads a message that is a keyword and no more, whatever its case,
// accents, spaces and punctuation. Consent can be revoked by any reasonable words,
// so that a person reads every other message; [MentionsStop] helps to find those
// that matter.
func ParseKeyword(text string) (Keyword, bool) {
	if len(text) > maxKeyword {
		return "", false
	}
	k, ok := keywords[strings.Join(words(text), " ")]
	return k, ok
}

// MentionsStop reports whether a message that is no keyword has one of the words
// that mean stop among its own, as in "please stop texting me". A person decides
// whether it revokes consent: the patient may mean it (47 CFR 64.1200(a)(10)), or
// may want to stop bleeding.
func MentionsStop(text string) bool {
	list := words(text)
	for i, w := range list {
		if keywords[w] == KeywordStop || i > 0 && keywords[list[i-1]+" "+w] == KeywordStop {
			return true
		}
	}
	return false
}

var plainLetters = strings.NewReplacer("Á", "A", "É", "E", "Í", "I", "Ó", "O", "Ú", "U", "Ü", "U")

// words returns the words of a text in upper case and without accents.
func words(text string) []string {
	var b strings.Builder
	for _, r := range strings.ToUpper(text) {
		switch {
		case unicode.Is(unicode.Mn, r): // an accent that is written as a character of its own
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Fields(plainLetters.Replace(b.String()))
}

package patient

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// FoldName returns what is the same of all ways to write the name of a person:
// without case, accents and apostrophes, ligatures and barred letters spelled in
// plain ones, and the words a blank apart. "O'Brien-Núñez" and "OBRIEN NUNEZ" fold
// to one. It is idempotent, and "" when the text has no letter or digit.
func FoldName(s string) string {
	if out, ok := foldLatin(s); ok {
		return out
	}
	return foldAny(s)
}

// foldAny folds text of any script.
func foldAny(s string) string {
	// Lower case after folding: x/text folds the two cases of Cherokee into each other.
	s = norm.NFKD.String(strings.ToLower(cases.Fold().String(norm.NFKC.String(strings.ReplaceAll(s, "´", "'")))))
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) || apostrophe(r):
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Mc, r):
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			if plain, ok := plainLetters[r]; ok {
				b.WriteString(plain)
			} else {
				b.WriteRune(r)
			}
		default:
			gap = true
		}
	}
	return norm.NFC.String(b.String())
}

// plainLetters spells the letters that have no decomposition in Unicode.
var plainLetters = map[rune]string{
	'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ħ': "h", 'ı': "i", 'ŋ': "n", 'ŧ': "t", 'ĸ': "k", 'ƒ': "f", 'ɖ': "d", 'ə': "a",
}

// apostrophe reports whether r joins the letters on its two sides into one word.
// The middle dot does so in Catalan: Gal·la.
func apostrophe(r rune) bool {
	switch r {
	case '\'', '`', '·', '‘', '’', '‛', '′', 'ʹ', 'ʻ', 'ʼ', 'ʽ', 'ʾ', 'ʿ':
		return true
	}
	return false
}

// latin holds what the letters from À to ſ fold to, and "" for what is no letter.
var latin = sync.OnceValue(func() *[lastLatin - firstLatin + 1]string {
	out := new([lastLatin - firstLatin + 1]string)
	for i := range out {
		out[i] = foldAny(string(rune(firstLatin + i)))
	}
	return out
})

const (
	firstLatin = 'À'
	lastLatin  = 'ſ'
)

// foldLatin folds text of letters that need no tables of Unicode, as most names
// are. It reports false for other text.
func foldLatin(s string) (string, bool) {
	folded := true
	for i := range len(s) {
		if c := s[i]; c >= 'a' && c <= 'z' || c == ' ' && i > 0 && i < len(s)-1 && s[i-1] != ' ' {
			continue
		}
		folded = false
		break
	}
	if folded {
		return s, true
	}
	out := make([]byte, 0, len(s)+4)
	gap := false
	for _, r := range s {
		plain := ""
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
		case r >= 'A' && r <= 'Z':
			r += 'a' - 'A'
		case r == '\'' || r == '`':
			continue
		case r < utf8.RuneSelf:
			gap = true
			continue
		case r < firstLatin || r > lastLatin || latin()[r-firstLatin] == "":
			return "", false
		default:
			plain = latin()[r-firstLatin]
		}
		if gap && len(out) > 0 {
			out = append(out, ' ')
		}
		gap = false
		if plain != "" {
			out = append(out, plain...)
		} else {
			out = append(out, byte(r))
		}
	}
	return string(out), true
}

// foldEmail returns an email address without case and surrounding blanks. Dots
// and the part after a plus sign stay: what they mean is each provider's choice.
func foldEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// foldIdentifier returns the value of an identifier without case, blanks and
// punctuation.
func foldIdentifier(s string) string { return strings.ReplaceAll(FoldName(s), " ", "") }

// digits returns the digits of s.
func digits(s string) string {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			out := make([]byte, 0, len(s))
			for j := range len(s) {
				if s[j] >= '0' && s[j] <= '9' {
					out = append(out, s[j])
				}
			}
			return string(out)
		}
	}
	return s
}

// particles are words of a family name that say little of whose it is.
var particles = map[string]bool{
	"de": true, "del": true, "la": true, "las": true, "los": true, "el": true, "y": true, "da": true, "do": true, "dos": true, "das": true, "di": true, "du": true,
	"le": true, "van": true, "von": true, "der": true, "den": true, "ter": true, "st": true, "san": true, "santa": true, "bin": true, "ibn": true, "al": true, "mc": true, "mac": true,
}

// sound is a code of how a folded word sounds. Words that sound alike share it;
// so do many that do not.
type sound uint16

// soundex returns the code of a folded word: Soundex (the class of the first
// letter and of the next three consonants that differ), with first letters that
// sound alike in English or Spanish in one class, and a silent h left out. It finds
// candidates; it is no evidence that two names are one.
func soundex(word string) sound {
	word = strings.TrimPrefix(word, "h")
	if word == "" {
		return 0
	}
	first := word[0]
	if first < 'a' || first > 'z' {
		// Digits and letters of other scripts: the first two of them, as they are.
		var h uint32
		for i, r := range word {
			if i > 0 && i >= utf8.UTFMax {
				break
			}
			h = h*31 + uint32(r)
		}
		return sound(1<<15 | h&(1<<15-1))
	}
	var initial sound
	switch first {
	case 'k', 'q':
		initial = 'c' - 'a' + 1
	case 'z':
		initial = 's' - 'a' + 1
	case 'v':
		initial = 'b' - 'a' + 1
	case 'y':
		initial = 'i' - 'a' + 1
	case 'w':
		initial = 'g' - 'a' + 1
	default:
		initial = sound(first-'a') + 1
	}
	last := soundClass(first)
	code, n := initial, 0
	for i := 1; i < len(word) && n < 3; i++ {
		class := soundClass(word[i])
		if class != 0 && class != last {
			code = code<<3 | class
			n++
		}
		if word[i] != 'h' && word[i] != 'w' {
			last = class
		}
	}
	return code << (3 * (3 - n))
}

func soundClass(c byte) sound {
	switch c {
	case 'b', 'f', 'p', 'v':
		return 1
	case 'c', 'g', 'j', 'k', 'q', 's', 'x', 'z':
		return 2
	case 'd', 't':
		return 3
	case 'l':
		return 4
	case 'm', 'n':
		return 5
	case 'r':
		return 6
	}
	return 0
}

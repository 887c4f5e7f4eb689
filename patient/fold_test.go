package patient

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFoldName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"what is folded stays", "ana maria", "ana maria"},
		{"case", "McDONALD", "mcdonald"},
		{"accents", "Núñez Çelik Dvořák", "nunez celik dvorak"},
		{"accents that are characters of their own", "Nu\u0301n\u0303ez", "nunez"},
		{"ligatures and barred letters", "Strauß Ærø Œuvre Øberg Đorđe Łukasz Þór", "strauss aero oeuvre oberg dorde lukasz thor"},
		{"letters of Turkish", "İpek Yıldız", "ipek yildiz"},
		{"hyphens and points part words", "Anne-Marie St.John", "anne marie st john"},
		{"apostrophes do not", "O'Brien O’Brien D`Angelo Oʼneill", "obrien obrien dangelo oneill"},
		{"blanks at the ends and in a row", "  de \t la\u00a0Cruz ", "de la cruz"},
		{"forms for print", "ＡＮＡ ﬁona", "ana fiona"},
		{"Greek, with its last sigma", "Παπαδόπουλος", "παπαδοπουλοσ"},
		{"Cyrillic", "Андрій", "андріи"},
		{"Hangul stays whole", "김민준", "김민준"},
		{"Chinese", "王 小明", "王 小明"},
		{"both cases of Cherokee", "ᎠᎦᎵ ꭰꭶꮅ", "ꭰꭶꮅ ꭰꭶꮅ"},
		{"digits", "John 3rd", "john 3rd"},
		{"a middle dot", "Gal·la Coŀl", "galla coll"},
		{"no letters", "-- ' --", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := FoldName(tt.in); got != tt.want {
				t.Errorf("FoldName(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestTheShortWayFoldsEveryLetterAsTheLongOne(t *testing.T) {
	t.Parallel()
	for r := rune(firstLatin); r <= lastLatin; r++ {
		for _, s := range []string{"a" + string(r) + "b", string(r) + "`b", "a '" + string(r)} {
			if short, long := FoldName(s), foldAny(s); short != long {
				t.Errorf("FoldName(%q) = %q, and without the short way %q", s, short, long)
			}
		}
	}
}

func FuzzFoldPatientName(f *testing.F) {
	for _, s := range []string{"", "O'Brien-Núñez", "Strauß", "ᎠᎦᎵ", "İı", "김민준", "a\u0301\u0327", "´x", "ŉ × ÷", "\xff", "  a  ", "ﷺ", "\u1100\u1161\u0300", "ǅ", "क्षि"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := FoldName(s)
		if twice := FoldName(once); twice != once {
			t.Errorf("FoldName(%q) = %q, and folded again %q", s, once, twice)
		}
		if long := foldAny(s); long != once {
			t.Errorf("FoldName(%q) = %q, and without the short way %q", s, once, long)
		}
		if !utf8.ValidString(once) || strings.Contains(once, "  ") || strings.TrimSpace(once) != once {
			t.Errorf("FoldName(%q) = %q", s, once)
		}
		for w := range strings.FieldsSeq(once) {
			if soundex(w) == 0 && strings.Trim(w, "h") != "" || len(deletions(w)) == 0 {
				t.Errorf("the word %q has no sound or no hash", w)
			}
		}
	})
}

func TestNickname(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"William", "Bill", true},
		{"bill", "WILLIAM", true},
		{"Bob", "Robbie", true},
		{"Francisco", "Paco", true},
		{"José", "Pepe", true},
		{"Pat", "Patricia", true},
		{"Pat", "Patrick", true},
		{"Patricia", "Patrick", false},
		{"William", "William", false},
		{"William", "Robert", false},
		{"Zebulon", "Zeb", false},
		{"", "", false},
	} {
		t.Run(tt.a+" and "+tt.b, func(t *testing.T) {
			t.Parallel()
			if got := Nickname(tt.a, tt.b); got != tt.want {
				t.Errorf("Nickname(%q, %q) = %v, want %v", tt.a, tt.b, got, tt.want)
			}
		})
	}
}

func TestNicknamesAreFoldedAndGivenOnceInARow(t *testing.T) {
	t.Parallel()
	rows, _ := nicknameTable()
	if len(rows) < 80 {
		t.Errorf("%d rows, want at least 80", len(rows))
	}
	for _, row := range rows {
		if len(row) < 2 {
			t.Errorf("row %q has no nickname", row)
		}
		for i, name := range row {
			if FoldName(name) != name {
				t.Errorf("%q is not folded", name)
			}
			if slices.Contains(row[:i], name) {
				t.Errorf("%q stands twice in the row of %q", name, row[0])
			}
		}
	}
}

func TestSoundexBringsTogetherWhatSoundsAlike(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"smith", "smyth", true},
		{"katherine", "catherine", true},
		{"vasquez", "basques", true},
		{"hernandez", "ernandes", true},
		{"zoe", "soe", true},
		{"garcia", "garza", true}, // a candidate, no more
		{"smith", "jones", false},
		{"王小明", "王小红", true},
		{"王小明", "李小明", false},
	} {
		t.Run(tt.a+" and "+tt.b, func(t *testing.T) {
			t.Parallel()
			if got := soundex(tt.a) == soundex(tt.b); got != tt.same {
				t.Errorf("soundex(%q) = %x, soundex(%q) = %x, same %v, want %v", tt.a, soundex(tt.a), tt.b, soundex(tt.b), got, tt.same)
			}
		})
	}
}

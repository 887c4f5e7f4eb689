package patient

import (
	"slices"
	"strings"
	"sync"
)

// nicknames lists given names that stand for one another, in English and
// Spanish: the full name first. A name may stand in several rows, and then agrees
// with each of them.
const nicknames = `
abigail abby gail
abraham abe
albert al bert bertie
alejandra ale alex sandra
alejandro ale alex jandro
alexander al alec alex sandy xander sasha
alexandra alex alexa lexi sandra sandy sasha
alfred al alf fred freddie
alfredo fredo
alicia licha
alison allison ali allie
amanda mandy
andrew andy drew
angela angie
angelina angie lina
anne ann anna annie
anthony tony
antonia toni tonia
antonio tono tony
arthur art
barbara barb barbie babs
beatriz bea betty
benjamin ben benji benny
bernard bernie
beverly bev
bradley brad
brandon bran
caroline carrie carol
carmen carmela menchu
catherine cathy cate kate katie cat
charles charlie chuck chas chaz
charlotte charlie lottie
christina chris christie christy tina
christine chris chrissy tina
christopher chris kit topher
cynthia cindy
daniel dan danny dani
daniela dani
david dave davey
deborah debra deb debbie debby
dennis denny
dolores lola
donald don donnie
dorothy dot dottie
douglas doug
eduardo edu lalo
edward ed eddie ned ted teddy
eleanor ellie nell nora
elizabeth beth betsy betty eliza libby lisa liz lizzie lizbeth
emily em emmy
enrique quique kike
ernesto neto
eugene gene
evelyn eve evie
federico fede
fernando fer nando
florence flo
frances fran frannie francie
francis frank
francisca paca paqui fran
francisco paco pancho curro cisco fran
franklin frank
frederick fred freddie fritz
gabriel gabe gabi
gabriela gaby gabi
gerald gerry jerry
gerardo lalo
geoffrey geoff jeff
gertrude trudy
graciela chela
gregory greg
guadalupe lupe lupita
guillermo memo guille
harold hal harry
helen nell nellie
henry hank harry hal
herbert herb bert
ignacio nacho
isabel isa chabela bela
isabella bella izzy isa
jacob jake
jacqueline jackie
james jim jimmy jamie jem
janet jan
jeffrey jeff
jennifer jen jenn jenny
jeremiah jerry
jerome jerry
jessica jess jessie
jesus chucho chuy
joan joanie
joaquin quino
john jack johnny jon
jonathan jon jonny nathan
jose pepe chepe joe
josefina pepa fina
joseph joe joey jo
josephine jo josie
joshua josh
judith judy
julia julie jules
katherine kathryn kate kathy katie kat kay kitty
kathleen kathy kate katie
kenneth ken kenny
kimberly kim kimmy
laura laurie
lawrence larry
leonard len lenny leo
leticia lety
lillian lil lily
linda lindy
louis lou louie
louise lou
luis lucho
luisa lucha
manuel manolo manny lolo
manuela manoli manu
marcela chela
margaret maggie marge margie meg megan peg peggy rita greta daisy
margarita marga rita mago
maria mari mary marie
marjorie marge margie
martha marty patty
martin marty
matilda tilly
matthew matt matty
maximilian max
mercedes meche merche
michael mike mick mickey mikey
michelle shelly
miguel migue micky
nancy nan
natalia nati talia
nathaniel nate nat nathan
nicholas nick nicky nico
nicolas nico
pamela pam
patricia pat patty patsy tricia trish
patrick pat paddy rick
peter pete
philip phil pip
rafael rafa
ramon moncho
raymond ray
rebecca becca becky
refugio cuca
richard dick rich richie rick ricky
ricardo richi ricky rica
robert bob bobby rob robbie bert
roberto beto tito
rodrigo rodri
roger rodge
ronald ron ronnie
rosario charo chayo
rosa rosi rosita
samantha sam sammy
samuel sam sammy
sandra sandy
santiago santi chago
sarah sara sally sadie
sergio checo
sofia sofi
sophia sophie
stephanie steph stevie
steven stephen steve
susan sue susie suzie
susana susi
teresa tere
theodore ted teddy theo
theresa terry tess tessa
thomas tom tommy
timothy tim timmy
valentina vale
valeria vale
veronica vero ronnie
victor vic
victoria vicky tori vic
vincent vince vinny
virginia ginny
walter walt wally
william bill billy liam will willie willy
yolanda yoli
zachary zach zack
`

// nicknameTable holds the rows of the table, and of each name the rows that it
// stands in.
var nicknameTable = sync.OnceValues(func() ([][]string, map[string][]uint16) {
	var rows [][]string
	of := map[string][]uint16{}
	for i, line := range strings.Split(strings.TrimSpace(nicknames), "\n") {
		rows = append(rows, strings.Fields(line))
		for _, name := range rows[i] {
			of[name] = append(of[name], uint16(i))
		}
	}
	return rows, of
})

// nicknameRows returns, of each name of the table, the rows that it stands in.
func nicknameRows() map[string][]uint16 {
	_, of := nicknameTable()
	return of
}

// nicknamesOf returns the names of a row.
func nicknamesOf(row uint16) []string {
	rows, _ := nicknameTable()
	return rows[row]
}

// Nickname reports whether two given names are different and yet usual for one
// person, such as Bill and William, or Paco and Francisco. It folds them first.
// The table is English and Spanish, and holds well-known names only.
func Nickname(a, b string) bool {
	a, b = FoldName(a), FoldName(b)
	return a != b && shareRow(nicknameRows()[a], nicknameRows()[b])
}

func shareRow(a, b []uint16) bool {
	for _, row := range a {
		if slices.Contains(b, row) {
			return true
		}
	}
	return false
}

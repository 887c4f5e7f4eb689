package inventory

import (
	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// ReceivedLine says what a line of a delivery was booked as.
type ReceivedLine struct {
	Lot        glabella.LotID      `json:"lot"`
	Movement   glabella.MovementID `json:"movement"`
	Containers int                 `json:"containers"`
	OnHand     quantity.Quantity   `json:"onHand"` // of the lot at the site, afterwards
}

// ReceivedEvent is the business event of a delivery.
type ReceivedEvent struct {
	Site     glabella.SiteID `json:"site"`
	Document string          `json:"document"`
	Lines    []ReceivedLine  `json:"lines"`
}

// OpenedEvent is the business event of opening a container.
type OpenedEvent struct {
	Vial    glabella.VialID   `json:"vial"`
	Lot     glabella.LotID    `json:"lot"`
	Site    glabella.SiteID   `json:"site"`
	Nominal quantity.Quantity `json:"nominal"`
}

// DiscardedEvent is the business event of discarding what is left in a
// container.
type DiscardedEvent struct {
	Vial   glabella.VialID   `json:"vial"`
	Lot    glabella.LotID    `json:"lot"`
	Site   glabella.SiteID   `json:"site"`
	Wasted quantity.Quantity `json:"wasted"`
	Reason string            `json:"reason"`
}

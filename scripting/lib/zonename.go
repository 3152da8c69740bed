package lib

import (
	"fmt"
	"strings"
	"time"
)

// zoneNames are the English names of zones by the letters that stand for them
// in the time zone database. A zone that is not here prints as its offset.
var zoneNames = map[string]string{
	"UTC": "Coordinated Universal Time", "GMT": "Greenwich Mean Time",
	"PST": "Pacific Standard Time", "PDT": "Pacific Daylight Time",
	"MST": "Mountain Standard Time", "MDT": "Mountain Daylight Time",
	"CST": "Central Standard Time", "CDT": "Central Daylight Time",
	"EST": "Eastern Standard Time", "EDT": "Eastern Daylight Time",
	"AKST": "Alaska Standard Time", "AKDT": "Alaska Daylight Time", "HST": "Hawaii Standard Time",
	"WET": "Western European Time", "WEST": "Western European Summer Time",
	"CET": "Central European Time", "CEST": "Central European Summer Time",
	"EET": "Eastern European Time", "EEST": "Eastern European Summer Time",
	"BST": "British Summer Time", "MSK": "Moscow Standard Time", "IST": "India Standard Time",
	"JST": "Japan Standard Time", "KST": "Korea Standard Time", "HKT": "Hong Kong Time",
	"AEST": "Australian Eastern Standard Time", "AEDT": "Australian Eastern Daylight Time",
	"ACST": "Australian Central Standard Time", "AWST": "Australian Western Standard Time",
	"NZST": "New Zealand Standard Time", "NZDT": "New Zealand Daylight Time",
	"SAST": "South Africa Standard Time",
}

// zoneOf says which zone a name of zoneNames is read as, by its offset.
var zoneOf = map[string]string{
	"UTC": "GMT", "GMT": "GMT", "PST": "GMT-8", "PDT": "GMT-7", "MST": "GMT-7", "MDT": "GMT-6", "CST": "GMT-6", "CDT": "GMT-5",
	"EST": "GMT-5", "EDT": "GMT-4", "AKST": "GMT-9", "AKDT": "GMT-8", "HST": "GMT-10", "WET": "GMT", "WEST": "GMT+1",
	"CET": "GMT+1", "CEST": "GMT+2", "EET": "GMT+2", "EEST": "GMT+3", "BST": "GMT+1", "MSK": "GMT+3", "IST": "GMT+5:30",
	"JST": "GMT+9", "KST": "GMT+9", "HKT": "GMT+8", "AEST": "GMT+10", "AEDT": "GMT+11", "ACST": "GMT+9:30", "AWST": "GMT+8",
	"NZST": "GMT+12", "NZDT": "GMT+13", "SAST": "GMT+2",
}

// zoneName is the zone of t by its letters or its whole name, or as GMT+04:00
// where it has neither.
func zoneName(t time.Time, long bool) string {
	short, offset := t.Zone()
	name, known := zoneNames[short]
	switch {
	case known && long:
		return name
	case short != "" && !long && !strings.ContainsAny(short, "+-0123456789"):
		return short
	}
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	return fmt.Sprintf("GMT%c%02d:%02d", sign, offset/3600, offset/60%60)
}

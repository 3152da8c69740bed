package lib

import (
	"strconv"
	"strings"
	"time"
)

// maxZones is how many zones a run keeps loaded.
const maxZones = 64

// legacyZones are three-letter names of Java that the time zone database does
// not have or has otherwise.
var legacyZones = map[string]string{
	"IST": "Asia/Kolkata", "PST": "America/Los_Angeles", "CST": "America/Chicago", "SST": "Pacific/Guadalcanal",
	"JST": "Asia/Tokyo", "AET": "Australia/Sydney", "ECT": "Europe/Paris", "BST": "Asia/Dhaka", "NST": "Pacific/Auckland",
}

// zone returns the time zone of a name: one of the database, a three-letter name
// Java knows, GMT+5:30 or GMT-8. As in Java an unknown one is GMT.
func (c call) zone(name string) *time.Location {
	if z, ok := c.rt.zones[name]; ok {
		return z
	}
	z := findZone(name)
	if c.rt.zones == nil || len(c.rt.zones) >= maxZones {
		c.rt.zones = make(map[string]*time.Location)
	}
	c.rt.zones[name] = z
	return z
}

func findZone(name string) *time.Location {
	if z, ok := offsetZone(name); ok {
		return z
	}
	if full, ok := legacyZones[name]; ok {
		name = full
	}
	z, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return time.UTC
	}
	return z
}

// offsetZone reads GMT or UTC with an offset: +5, -08, +5:30, +0530.
func offsetZone(name string) (*time.Location, bool) {
	rest, ok := strings.CutPrefix(name, "GMT")
	if !ok {
		rest, ok = strings.CutPrefix(name, "UTC")
	}
	if !ok || len(rest) < 2 || rest[0] != '+' && rest[0] != '-' {
		return nil, false
	}
	hours, minutes, _ := strings.Cut(rest[1:], ":")
	if len(hours) == 4 && minutes == "" {
		hours, minutes = hours[:2], hours[2:]
	}
	h, err := strconv.ParseUint(hours, 10, 8)
	if err != nil || h > 23 {
		return nil, false
	}
	m := uint64(0)
	if minutes != "" {
		if m, err = strconv.ParseUint(minutes, 10, 8); err != nil || m > 59 {
			return nil, false
		}
	}
	seconds := int(h*3600 + m*60)
	if rest[0] == '-' {
		seconds = -seconds
	}
	return time.FixedZone(name, seconds), true
}

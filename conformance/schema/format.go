package schema

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
)

var (
	email  = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s.]+$`)
	alpha3 = regexp.MustCompile(`^[A-Z]{3}$`)
	uuid   = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)
)

// dateTimes are the ways in which pages print a date-time: RFC 3339 by the name of the
// format, and a blank without an offset in the samples of status and result.
var dateTimes = []string{
	time.RFC3339Nano,
	"2006-01-02T15:04:05.999999999Z0700",
	"2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02 15:04:05.999999999Z07:00",
}

// formats are those that are judged. Any other is words of a page.
var formats = map[string]struct {
	fits         func(string) bool
	want         string
	lawful, odd  string // a value that fits, and one that does not
	onlyGenerate bool   // a shape: values are made by it and never judged
}{
	"date-time": {
		fits: func(s string) bool {
			for _, layout := range dateTimes {
				if _, err := time.Parse(layout, s); err == nil {
					return true
				}
			}
			return false
		},
		want: "a date and time", lawful: "2024-02-29 13:14:15", odd: "2024-02-30 13:14:15",
	},
	// INV-4: with seconds and offset; Z stands in the sample.
	"date-time-offset": {
		fits: func(s string) bool {
			_, err := time.Parse("2006-01-02T15:04:05Z07:00", s)
			return err == nil && !strings.ContainsAny(s, ".,")
		},
		want: "a date and time of the form YYYY-MM-DDThh:mm:ss±hh:mm", lawful: "2024-02-29T13:14:15+05:00", odd: "2024-02-29 13:14:15",
	},
	"ipv4": {
		fits: func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() },
		want: "an IPv4 address", lawful: "127.0.0.1", odd: "127.0.0.256",
	},
	"email":   {fits: email.MatchString, want: "an email address", lawful: "mail@example.com", odd: "mail.example.com"},
	"alpha-3": {fits: alpha3.MatchString, want: "three capital letters", lawful: "KZT", odd: "KZ"},
	"uuid":    {fits: uuid.MatchString, want: "a UUID", lawful: "01978cb8-60f4-7b04-8b8d-8075a11d56a3", odd: "01978cb8-60f4-7b04-8b8d-8075a11d56a"},
	"url":     {fits: absolute, want: "an absolute http or https URL", lawful: "https://shop.example/a", odd: "shop.example/a"},
	"phone":   {fits: digits, want: "the digits of a phone number", lawful: "77777777777", odd: "7 777", onlyGenerate: true},
}

func absolute(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

package webhook

import (
	"fmt"
	"strings"
	"time"
)

// documentTime is a time that is encoded in RFC 3339.
type documentTime time.Time

func (t documentTime) MarshalText() ([]byte, error) { return time.Time(t).MarshalText() }

// errLeapSecond: time.Time has no second 60.
var errLeapSecond = fmt.Errorf("%w: leap second", ErrInvalidFormat)

// parseTime parses a time in RFC 3339. Unlike time.Parse, it accepts a lower-case t and
// z, and rejects everything that RFC 3339 does not allow.
func parseTime(s string) (time.Time, error) {
	upper := strings.NewReplacer("t", "T", "z", "Z").Replace(s)
	t, err := time.Parse(time.RFC3339, upper)
	if err == nil && strictRFC3339(upper) {
		return t, nil
	}
	if minute, ok := strings.CutPrefix(upper[min(len(upper), len("2006-01-02T15:04")):], ":60"); ok && err != nil {
		// It is a leap second if the rest is valid.
		with59 := upper[:len("2006-01-02T15:04")] + ":59" + minute
		if _, err := time.Parse(time.RFC3339, with59); err == nil && strictRFC3339(with59) {
			return time.Time{}, errLeapSecond
		}
	}
	return time.Time{}, ErrInvalidFormat
}

// strictRFC3339 reports whether s, which time.Parse accepts, is valid RFC 3339: time.Parse
// also accepts an hour of one digit, a comma before the fraction of a second, and an
// offset of 24 hours or 60 minutes.
func strictRFC3339(s string) bool {
	const seconds = len("2006-01-02T15:04:05")
	if len(s) <= seconds {
		return false
	}
	switch s[seconds] {
	case 'Z':
		return true
	case '.', '+', '-':
		zone := s[len(s)-len("07:00"):]
		return s[len(s)-1] == 'Z' || zone[:2] < "24" && zone[3:] < "60"
	}
	return false
}

// errTimeRange is the reason for a time that documentTime.MarshalText rejects.
var errTimeRange = fmt.Errorf("%w: not representable in RFC 3339", ErrInvalidFormat)

func encodable(t documentTime) bool {
	_, err := t.MarshalText()
	return err == nil
}

func timeField(t time.Time, keepZero bool) *documentTime {
	if t.IsZero() && !keepZero {
		return nil
	}
	return (*documentTime)(&t)
}

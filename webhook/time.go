package webhook

import (
	"fmt"
	"time"
)

// documentTime is a time in exactly the form of RFC 3339, on which the time package
// does not insist when it reads one.
type documentTime time.Time

func (t *documentTime) UnmarshalText(text []byte) error {
	parsed, err := time.Parse(time.RFC3339, string(text))
	if err != nil || !strictRFC3339(string(text)) {
		return ErrInvalidFormat
	}
	*t = documentTime(parsed)
	return nil
}

func (t documentTime) MarshalText() ([]byte, error) { return time.Time(t).MarshalText() }

// strictRFC3339 says whether s, which time.Parse took for RFC 3339, is that: time.Parse
// also takes an hour of one digit, a comma before the fraction of a second, and an
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

// errUnsayable is about a time that documentTime.MarshalText refuses.
var errUnsayable = fmt.Errorf("%w: not a time that RFC 3339 can say", ErrInvalidFormat)

func sayable(t documentTime) bool {
	_, err := t.MarshalText()
	return err == nil
}

func timeField(t time.Time, evenZero bool) *documentTime {
	if t.IsZero() && !evenZero {
		return nil
	}
	return (*documentTime)(&t)
}

func decodeTime(w *Webhook, t *documentTime, zero presence) time.Time {
	if t == nil {
		return time.Time{}
	}
	if time.Time(*t).IsZero() {
		w.wire |= zero
	}
	return time.Time(*t)
}

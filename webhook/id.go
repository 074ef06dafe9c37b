package webhook

import "github.com/google/uuid"

// ParseID parses an id in the form that the API uses: a UUID of 36 characters, in
// either case. Other forms, which [uuid.Parse] takes, are refused. The error is
// [ErrInvalidFormat], and does not have the text.
func ParseID(s string) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	if err != nil || len(s) != len(uuid.Nil.String()) {
		return uuid.Nil, ErrInvalidFormat
	}
	return id, nil
}

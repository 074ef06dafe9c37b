package webhook

import "github.com/google/uuid"

// ParseID parses an id in the form that the API uses: a UUID of 36 characters, in
// upper or lower case. It rejects the other forms that [uuid.Parse] accepts. The error is
// [ErrInvalidFormat]; it does not include s.
func ParseID(s string) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	if err != nil || len(s) != len(uuid.Nil.String()) {
		return uuid.Nil, ErrInvalidFormat
	}
	return id, nil
}

package jsonvalue

import (
	"bytes"
	"errors"
)

// UTF8 returns text without its byte order mark. If text is compressed or in UTF-16, the
// error names the format and a command that converts it.
func UTF8(text []byte) ([]byte, error) {
	switch has := func(prefix string) bool { return bytes.HasPrefix(text, []byte(prefix)) }; {
	case has("\x1f\x8b"):
		return nil, errors.New("compressed by gzip: decompress it, as gunzip does")
	case has("\xff\xfe"), has("\xfe\xff"):
		return nil, errors.New("UTF-16: convert it, as iconv -f UTF-16 -t UTF-8 does")
	case has("{\x00"), has("[\x00"):
		return nil, errors.New("UTF-16: convert it, as iconv -f UTF-16LE -t UTF-8 does")
	case has("\x00{"), has("\x00["):
		return nil, errors.New("UTF-16: convert it, as iconv -f UTF-16BE -t UTF-8 does")
	}
	return bytes.TrimPrefix(text, []byte("\ufeff")), nil
}

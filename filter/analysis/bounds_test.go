package analysis_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/analysis"
	"github.com/hookfilter/hookfilter/webhook"
)

type hostileCase struct {
	name          string
	fires, silent hooks
}

// hostile returns questions that exceed the limits, each in a different way.
func hostile() []hostileCase {
	var letters, long, many hooks
	for _, r := range "abcdefghijklmnopqrstuvwxyz" {
		letters = append(letters, names(fmt.Sprintf("*%c*", r)))
	}
	for i := range 4000 {
		long = append(long, names(fmt.Sprintf("%s%d", strings.Repeat("ab", 500), i)))
	}
	for i := range 500_000 {
		many = append(many, names(fmt.Sprint(i)))
	}
	manyTypes, manyModes := hook(nil), hook(nil)
	for i := range 20_000 {
		manyTypes.Events = append(manyTypes.Events, webhook.EventType(fmt.Sprint("TYPE_", i)))
		manyModes.EnvironmentTypesFilter = append(manyModes.EnvironmentTypesFilter, webhook.EnvironmentMode(fmt.Sprint("MODE_", i)))
	}
	window := strings.Repeat("?", 30)
	return []hostileCase{
		{"26 letters in any order", letters, nil},
		{"many ? before the last *", hooks{names("*a" + window + "a*")}, hooks{names("*a"+window+"a", "*a"+window+"a?*")}},
		{"long entries", hooks{names("*1*")}, long},
		{"many webhooks", hooks{names("*1*")}, many},
		{"many types and modes", hooks{names("a")}, hooks{manyTypes, manyModes}},
	}
}

func TestWitnessIsBounded(t *testing.T) {
	const limit = 64 << 20
	for _, h := range hostile() {
		t.Run(h.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			e, found, err := analysis.Witness(h.fires, h.silent)
			runtime.ReadMemStats(&after)
			require.ErrorIs(t, err, analysis.ErrTooComplex)
			require.False(t, found)
			require.Zero(t, e)
			// The memory in use was never more than the total that was allocated.
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(limit))
		})
	}
}

// Questions about an organization of a realistic size stay far below the limits, even if the
// search has to follow all its webhooks.
func TestThousandWebhooksAreNotTooComplex(t *testing.T) {
	for _, test := range []struct {
		name          string
		fires, silent hooks
		found         bool
	}{
		{"a failure that reaches no webhook", hooks{scope("*1*")}, organization(1000), true},
		{"all failures reach a webhook", hooks{scope("*-1*")}, covered(1000), false},
		{"only failures in projects without a digit reach no webhook", hooks{scope("?*")}, append(organization(1000), anyDigit()...), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, found, err := analysis.Witness(test.fires, test.silent)
			require.NoError(t, err)
			require.Equal(t, test.found, found, "%+q", e)
			require.True(t, !found || fits(e, test.fires, test.silent), "%+q", e)
		})
	}
}

// These questions would exceed the limits if the search did not leave out positions and entries
// that cannot matter.
func TestWitnessLeavesOutWhatCannotMatter(t *testing.T) {
	var short []string // entries that match all names of at most 30 characters
	for n := range 30 {
		short = append(short, strings.Repeat("?", n+1))
	}
	window, wide := strings.Repeat("?", 9), strings.Repeat("?", 40)
	for _, test := range []struct {
		name          string
		fires, silent hooks
		want          *webhook.Event
	}{
		{"positions before the last *", hooks{names("*a" + window + "*b" + window + "*c" + window)}, hooks{names("*c" + window)}, nil},
		{"unchanged entries", hooks{names("*a"+wide, "shop*")}, hooks{names("*A"+wide, "shop*")}, nil},
		{"other entries of a webhook that fires whatever follows", hooks{names("a*", "a*b"+wide)}, hooks{names(short...)}, event(strings.Repeat("a", 31))},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, found, err := analysis.Witness(test.fires, test.silent)
			require.NoError(t, err)
			require.Equal(t, test.want != nil, found)
			if found {
				require.Equal(t, *test.want, e)
			}
		})
	}
}

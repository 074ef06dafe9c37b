package measure

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"time"
)

var modelName = regexp.MustCompile(`(?m)^model name\s*:\s*(.+)$`)

// Machine returns the conditions of a measurement: the processor, the version of Go and
// the date.
func Machine() string {
	model := "unknown processor"
	// If the file is missing, the model is unknown.
	info, _ := os.ReadFile("/proc/cpuinfo")
	if m := modelName.FindSubmatch(info); m != nil {
		model = string(m[1])
	}
	return fmt.Sprintf("%s, %d cores; %s %s/%s; %s", model, runtime.NumCPU(),
		runtime.Version(), runtime.GOOS, runtime.GOARCH, time.Now().Format(time.DateOnly))
}

package engine

// Bounds of what the page reads and shows, so that no link, which may be from an attacker,
// keeps the browser busy. They are far above a real organization. Where one of them cuts
// something, the page says so.
const (
	maxWebhooks = 1000    // of a text; a longer list is not read
	maxNames    = 10_000  // rows of the table
	maxWork     = 1 << 29 // bytes of names times bytes of entries
	maxNotes    = 1000    // in a response
	maxEntries  = 50      // of project_names_filter, in an explanation
	maxState    = 1 << 19 // bytes of a link's content; link.js has the same bound
)

// first returns the longest prefix of names that the bounds allow.
func (e *Engine) first(names []string) []string {
	entries := 0
	for _, d := range []*document{e.webhooks, e.baseline} {
		for _, h := range d.hooks {
			entries++
			if h.w != nil {
				for _, entry := range h.w.ProjectNamesFilter {
					entries += len(entry) + 1
				}
			}
		}
	}
	bytes := maxWork / max(1, entries)
	for i, name := range names {
		bytes -= len(name) + 1
		if i == maxNames || bytes < 0 {
			return names[:i]
		}
	}
	return names
}

// cut returns the first elements of list, and the number of the others.
func cut[T any](list []T, most int) ([]T, int) {
	n := min(len(list), most)
	return list[:n], len(list) - n
}

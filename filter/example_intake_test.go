package filter_test

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// This HTTP handler accepts an event and responds with the ids of the webhooks that it
// fires. It rejects an event with a missing field: without environment_mode, the event
// would fire only webhooks that do not filter by mode.
func ExampleIndex_AppendMatches_intake() {
	organization := uuid.MustParse("8f36c487-4e75-4da9-a5bc-d7916f1acda0")
	index := filter.NewIndex()
	err := index.Put(organization, &webhook.Webhook{
		ID:                 uuid.MustParse("3c90c3cc-0d44-4b50-8888-8dd25736052a"),
		Enabled:            true,
		Events:             []webhook.EventType{webhook.DeploymentFailure},
		ProjectNamesFilter: []string{"product*"},
	})
	if err != nil {
		log.Fatal(err)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("POST /organization/{organizationId}/event", func(w http.ResponseWriter, r *http.Request) {
		id, err := webhook.ParseID(r.PathValue("organizationId"))
		if err != nil {
			http.Error(w, "the organization's id is not a UUID", http.StatusBadRequest)
			return
		}
		var e webhook.Event
		if json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&e) != nil {
			http.Error(w, "the body is not an event", http.StatusBadRequest)
			return
		}
		if err := e.Validate(); err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		response := struct {
			Fires []uuid.UUID `json:"fires"`
		}{[]uuid.UUID{}}
		for _, hook := range index.AppendMatches(nil, id, e) {
			response.Fires = append(response.Fires, hook.ID)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(response)
	})

	for _, body := range []string{
		`{"event_type": "DEPLOYMENT_FAILURE", "project_name": "Products", "environment_mode": "STAGING"}`,
		`{"event_type": "DEPLOYMENT_FAILURE", "project_name": "checkout", "environment_mode": "STAGING"}`,
		`{"event_type": "DEPLOYMENT_FAILURE", "project_name": "Products"}`,
		`{"event_type": 5}`,
	} {
		response := httptest.NewRecorder()
		mux.ServeHTTP(response, httptest.NewRequest("POST", "/organization/"+organization.String()+"/event", strings.NewReader(body)))
		fmt.Print(response.Code, " ", response.Body)
	}
	// Output:
	// 200 {"fires":["3c90c3cc-0d44-4b50-8888-8dd25736052a"]}
	// 200 {"fires":[]}
	// 422 environment_mode: required
	// 400 the body is not an event
}

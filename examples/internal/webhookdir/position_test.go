package webhookdir_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

func TestPosition(t *testing.T) {
	const text = "\ufeff{\"results\": [\n" +
		"  {\"id\": \"" + hookID + "\", \"events\": [\"DEPLOYMENT_FAILURE\"]},\n" +
		"  {\n" +
		"    \"description\": \"Pägér\", \"project_names_filter\": [\"a\", \"b\",\n" +
		"      \"c\"],\n" +
		"    \"environment_types_filter\": []\n" +
		"  },\n" +
		"  7,\n" +
		"  {\"events\": 1, \"description\": \"broken\", \"Events\": []},\n" +
		"  {\"id\": \"" + hookID + "\", \"kind\": \"STANDARD\"}\n" +
		"]}"
	o, reports, err := decode(t, webhookdir.ReadWithRequests, text)
	require.NoError(t, err)
	request := o.Webhooks[0].ID
	broken := o.Problems[len(o.Problems)-1].WebhookID
	require.Equal(t, "Pägér", o.Description(request))
	require.Equal(t, "broken", o.Description(broken))
	require.Empty(t, o.Description(uuid.MustParse(hookID)))
	require.Empty(t, o.Description(uuid.Nil))
	for _, test := range []struct {
		id    uuid.UUID
		field string
		want  string
	}{
		{request, "", "3:3"},
		{request, "project_names_filter", "4:53"},
		{request, "project_names_filter[1]", "4:59"},
		{request, "project_names_filter[2]", "5:7"},
		{request, "project_names_filter[3]", "4:53"},
		{request, "description", "4:20"},
		{request, "events", "3:3"}, // absent
		{request, "id", "3:3"},
		{broken, "events", "9:14"},
		{uuid.MustParse(hookID), "kind", "10:58"}, // the last of the same id
		{uuid.Nil, "results[0].events[0]", "2:61"},
		{uuid.Nil, "results[0].kind", "2:3"},
		{uuid.Nil, "results[2]", "8:3"},
		{request, "results[2]", "8:3"},
		{uuid.Nil, "results", "1:1"},
		{uuid.New(), "kind", "1:1"},
	} {
		at := o.Position(test.id, &webhook.FieldError{Field: test.field})
		require.Equal(t, test.want, fmt.Sprintf("%d:%d", at.Line, at.Column), test.field)
	}
	require.Len(t, reports, 3)
	require.Contains(t, reports[0], ":2: results[0].id (webhook "+hookID+")")
	require.Equal(t, ":8: results[2]: want an object, got the number 7", reports[1])
	require.Equal(t, `:9: "broken" (not created yet): results[3].events: want a list of strings, got the number 1; `+
		`results[3].events "Events": misspelled: member names are case-sensitive`, reports[2])
	require.Equal(t, jsonvalue.Position{Line: 9, Column: 42}, o.Position(uuid.Nil, o.Problems[3]), "the misspelled name")

	none, _, err := decode(t, webhookdir.Read, " []")
	require.NoError(t, err)
	require.Equal(t, 1, none.Position(request, &webhook.FieldError{}).Line)
	require.Zero(t, webhookdir.Organization{}.Position(request, &webhook.FieldError{}))
}

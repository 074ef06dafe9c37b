package peers

import (
	"fmt"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"github.com/expr-lang/expr"
	"github.com/hashicorp/go-bexpr"

	"github.com/hookfilter/hookfilter/webhook"
)

// The peers in this file compile the whole webhook to one expression.

// deployment is an event, as the variables of an expression.
type deployment struct {
	Type string `expr:"event_type" bexpr:"event_type"`
	Name string `expr:"project_name" bexpr:"project_name"`
	Mode string `expr:"environment_mode" bexpr:"environment_mode"`
}

func newDeployment(e webhook.Event) *deployment {
	return &deployment{Type: string(e.Type), Name: e.ProjectName, Mode: string(e.EnvironmentMode)}
}

// ResolveName and Parent make a deployment the variables of a CEL program.

func (d *deployment) ResolveName(name string) (any, bool) {
	switch name {
	case "event_type":
		return d.Type, true
	case "project_name":
		return d.Name, true
	case "environment_mode":
		return d.Mode, true
	}
	return nil, false
}

func (d *deployment) Parent() cel.Activation { return nil }

// expression returns the clauses of w, joined by an operator such as " && ". oneOf returns the
// clause of a variable and its quoted values. matches is the format of the clause of a variable
// and its quoted regular expression.
func expression(w *webhook.Webhook, and string, oneOf func(variable string, values []string) string, matches string) string {
	clauses := []string{oneOf("event_type", quote(w.Events))}
	if len(w.EnvironmentTypesFilter) > 0 {
		clauses = append(clauses, oneOf("environment_mode", quote(w.EnvironmentTypesFilter)))
	}
	if len(w.ProjectNamesFilter) > 0 {
		clauses = append(clauses, fmt.Sprintf(matches, "project_name", strconv.Quote(alternation(w.ProjectNamesFilter))))
	}
	return strings.Join(clauses, and)
}

func quote[S ~string](values []S) []string {
	var quoted []string
	for _, v := range values {
		quoted = append(quoted, strconv.Quote(string(v)))
	}
	return quoted
}

func inList(variable string, values []string) string {
	return variable + " in [" + strings.Join(values, ", ") + "]"
}

func compileExpr(w *webhook.Webhook) (Match, error) {
	program, err := expr.Compile(expression(w, " && ", inList, "%s matches %s"), expr.Env(&deployment{}), expr.AsBool())
	return func(e webhook.Event) bool {
		verdict, err := expr.Run(program, newDeployment(e))
		return err == nil && verdict == true
	}, err
}

func compileCEL(w *webhook.Webhook) (Match, error) {
	env, err := cel.NewEnv(
		cel.Variable("event_type", cel.StringType),
		cel.Variable("project_name", cel.StringType),
		cel.Variable("environment_mode", cel.StringType))
	if err != nil {
		return nil, err
	}
	ast, issues := env.Compile(expression(w, " && ", inList, "%s.matches(%s)"))
	if err := issues.Err(); err != nil {
		return nil, err
	}
	// An optimized program compiles its regular expressions and lists only once.
	program, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	return func(e webhook.Event) bool {
		verdict, _, err := program.Eval(newDeployment(e))
		return err == nil && verdict.Value() == true
	}, err
}

func compileBexpr(w *webhook.Webhook) (Match, error) {
	equalsOne := func(variable string, values []string) string {
		return "(" + variable + " == " + strings.Join(values, " or "+variable+" == ") + ")"
	}
	evaluator, err := bexpr.CreateEvaluator(expression(w, " and ", equalsOne, "%s matches %s"))
	return func(e webhook.Event) bool {
		verdict, err := evaluator.Evaluate(newDeployment(e))
		return err == nil && verdict
	}, err
}

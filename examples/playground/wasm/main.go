//go:build js && wasm

// Wasm is what of the playground runs in the browser: the engine, as the global
// function hookfilter(request), both of whose sides are JSON. examples/playground
// builds it.
package main

import (
	"syscall/js"

	"github.com/hookfilter/hookfilter/examples/playground/internal/engine"
)

func main() {
	var e engine.Engine
	js.Global().Set("hookfilter", js.FuncOf(func(_ js.Value, args []js.Value) any {
		return string(e.Answer([]byte(args[0].String())))
	}))
	select {} // it answers for as long as the page is open
}

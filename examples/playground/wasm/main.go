//go:build js && wasm

// Wasm is the part of the playground that runs in the browser: the engine, as the global
// function hookfilter. It takes a request and returns a response, both as JSON.
// examples/playground builds it.
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
	select {} // do not exit while the page is open
}

// A client of org.signet.agent that shares no code with signet: the wire is spoken by the Varlink
// project's own Go library, signatures are checked by Go's standard library.
//
//	varlink-client parse FILE...   parses interface files
//	varlink-client exercise        calls the agent at $SIGNET_SOCKET, whose token must be unlocked
//
// Prints one JSON object. Exit status: 0 all as expected, 1 something was not (said on standard error),
// 2 the call was wrong.
//
// Built with Debian's golang-github-varlink-go-dev: GOPATH=/usr/share/gocode GO111MODULE=off go build
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	report, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "varlink-client:", err)
		os.Exit(1)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(report); err != nil {
		os.Exit(1)
	}
}

func run(arguments []string) (interface{}, error) {
	switch {
	case len(arguments) > 1 && arguments[0] == "parse":
		return parseFiles(arguments[1:])
	case len(arguments) == 1 && arguments[0] == "exercise":
		return exercise()
	}
	fmt.Fprintln(os.Stderr, "usage: varlink-client parse FILE... | exercise")
	os.Exit(2)
	return nil, nil
}

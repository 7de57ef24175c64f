package main

import (
	"fmt"
	"os"

	"github.com/varlink/go/varlink/idl"
)

type interfaceSummary struct {
	Name    string   `json:"name"`
	Methods []string `json:"methods"`
	Types   []string `json:"types"`
	Errors  []string `json:"errors"`
}

func parseFiles(paths []string) ([]interfaceSummary, error) {
	summaries := []interfaceSummary{}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		summary, err := parseDescription(string(content))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		summaries = append(summaries, summary)
	}
	return summaries, nil
}

func parseDescription(text string) (interfaceSummary, error) {
	parsed, err := idl.New(text)
	if err != nil {
		return interfaceSummary{}, err
	}
	if err := checkEveryNamedTypeIsDeclared(parsed); err != nil {
		return interfaceSummary{}, err
	}
	summary := interfaceSummary{Name: parsed.Name}
	for _, method := range parsed.Methods {
		summary.Methods = append(summary.Methods, method.Name)
	}
	for _, alias := range parsed.Aliases {
		summary.Types = append(summary.Types, alias.Name)
	}
	for _, failure := range parsed.Errors {
		summary.Errors = append(summary.Errors, failure.Name)
	}
	return summary, nil
}

// The library's parser accepts a type that nobody declares.
func checkEveryNamedTypeIsDeclared(parsed *idl.IDL) error {
	declared := map[string]bool{}
	for _, alias := range parsed.Aliases {
		declared[alias.Name] = true
	}
	for _, alias := range parsed.Aliases {
		if err := checkType(alias.Name, alias.Type, declared); err != nil {
			return err
		}
	}
	for _, method := range parsed.Methods {
		if err := checkType(method.Name, method.In, declared); err != nil {
			return err
		}
		if err := checkType(method.Name, method.Out, declared); err != nil {
			return err
		}
	}
	for _, failure := range parsed.Errors {
		if err := checkType(failure.Name, failure.Type, declared); err != nil {
			return err
		}
	}
	return nil
}

func checkType(member string, kind *idl.Type, declared map[string]bool) error {
	if kind == nil {
		return nil
	}
	if kind.Kind == idl.TypeAlias && !declared[kind.Alias] {
		return fmt.Errorf("%s uses the type %q, which is not declared", member, kind.Alias)
	}
	if err := checkType(member, kind.ElementType, declared); err != nil {
		return err
	}
	for _, field := range kind.Fields {
		if err := checkType(member+"."+field.Name, field.Type, declared); err != nil {
			return err
		}
	}
	return nil
}

package fakeai

import (
	"encoding/json"
	"slices"
	"strings"
)

// schema is as much of JSON Schema as structured-output requests use.
type schema struct {
	Type       string            `json:"type"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
	Enum       []any             `json:"enum"`
	Const      any               `json:"const"`
	AnyOf      []schema          `json:"anyOf"`
	Minimum    float64           `json:"minimum"`
}

// sample returns the JSON text of a value that fits a schema.
func sample(raw json.RawMessage) string {
	var s schema
	if json.Unmarshal(raw, &s) != nil {
		return "{}"
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(s.value("value")) != nil {
		return "{}"
	}
	return strings.TrimSpace(b.String())
}

func (s schema) value(name string) any {
	switch {
	case s.Const != nil:
		return s.Const
	case len(s.Enum) > 0:
		return s.Enum[0]
	case len(s.AnyOf) > 0:
		return s.AnyOf[0].value(name)
	}
	switch s.Type {
	case "string":
		return "fake " + name
	case "number":
		return s.Minimum + 0.5
	case "integer":
		return int64(s.Minimum) + 1
	case "boolean":
		return true
	case "null":
		return nil
	case "array":
		if s.Items == nil {
			return []any{}
		}
		return []any{s.Items.value(name)}
	}
	object := map[string]any{}
	for _, key := range sortedKeys(s.Properties) {
		object[key] = s.Properties[key].value(key)
	}
	return object
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

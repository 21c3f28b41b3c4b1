package demo

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
)

// deepest bounds a schema that refers to itself.
const deepest = 8

// object writes the JSON of an object that fits a schema, labelled in its
// texts; where one is for code, it is the question's.
func object(schema map[string]any, question string) string {
	w := writer{root: schema, code: code(question)}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(w.value("answer", schema, 0)) // made of JSON's own types
	return strings.TrimSpace(b.String())
}

type writer struct {
	root map[string]any
	code string
}

func (w writer) value(name string, schema map[string]any, depth int) any {
	if ref, ok := schema["$ref"].(string); ok && depth < deepest {
		return w.value(name, w.resolve(ref), depth+1)
	}
	if constant, ok := schema["const"]; ok {
		return constant
	}
	if choices, ok := schema["enum"].([]any); ok && len(choices) > 0 {
		return choices[0]
	}
	for _, key := range []string{"anyOf", "oneOf"} {
		if choices, ok := schema[key].([]any); ok && len(choices) > 0 {
			first, _ := choices[0].(map[string]any)
			return w.value(name, first, depth+1)
		}
	}
	switch kind(schema) {
	case "object":
		return w.object(schema, depth)
	case "array":
		items, ok := schema["items"].(map[string]any)
		if !ok || depth >= deepest {
			return []any{}
		}
		return []any{w.value(name, items, depth+1)}
	case "number", "integer":
		return number(schema)
	case "boolean":
		return false
	case "null":
		return nil
	}
	if strings.Contains(strings.ToLower(name), "code") {
		return w.code
	}
	return text(name, schema)
}

func (w writer) object(schema map[string]any, depth int) any {
	out := map[string]any{}
	properties, _ := schema["properties"].(map[string]any)
	if depth >= deepest {
		return out
	}
	for name, property := range properties {
		child, _ := property.(map[string]any)
		out[name] = w.value(name, child, depth+1)
	}
	return out
}

// resolve finds a reference within the schema, such as #/$defs/item.
func (w writer) resolve(ref string) map[string]any {
	node := w.root
	for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		if next, ok := node[part].(map[string]any); ok {
			node = next
		}
	}
	return node
}

// kind is a schema's type, or the first of several.
func kind(schema map[string]any) string {
	switch t := schema["type"].(type) {
	case string:
		return t
	case []any:
		if len(t) > 0 {
			first, _ := t[0].(string)
			return first
		}
	}
	if _, ok := schema["properties"]; ok {
		return "object"
	}
	return "string"
}

// number is the least that fits, as low as the demo's confidence.
func number(schema map[string]any) any {
	least, _ := schema["minimum"].(float64)
	return math.Ceil(least)
}

func text(name string, schema map[string]any) string {
	sentence := label + "no model is configured, so there is no real " + name + "."
	if most, ok := schema["maxLength"].(float64); ok && int(most) < len(sentence) {
		return sentence[:int(most)]
	}
	return sentence
}

package chart

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// writeOpenAPI writes a schema for each kind of Kubernetes' own document. Fields
// that it does not name are refused.
func writeOpenAPI(t *testing.T, folder, document string) {
	t.Helper()
	text, err := os.ReadFile(document)
	require.NoError(t, err)
	var all struct {
		Definitions map[string]map[string]any `json:"definitions"`
	}
	require.NoError(t, json.Unmarshal(text, &all))
	for name, definition := range all.Definitions {
		switch name {
		case "io.k8s.apimachinery.pkg.util.intstr.IntOrString":
			all.Definitions[name] = map[string]any{"type": []string{"string", "integer"}}
		case "io.k8s.apimachinery.pkg.api.resource.Quantity":
			all.Definitions[name] = map[string]any{"type": []string{"string", "number"}}
		default:
			strict(definition)
		}
	}
	for name, definition := range all.Definitions {
		kinds, _ := definition["x-kubernetes-group-version-kind"].([]any)
		if len(kinds) != 1 {
			continue
		}
		kind, _ := kinds[0].(map[string]any)
		word := func(key string) string { s, _ := kind[key].(string); return s }
		writeJSON(t, fileOf(folder, word("group"), word("version"), word("kind")), map[string]any{
			"$ref": "definitions.json#/definitions/" + name,
		})
	}
	writeJSON(t, folder+"/definitions.json", all)
}

// writeCRD writes the schemas of a custom resource.
func writeCRD(t *testing.T, folder, document string) {
	t.Helper()
	text, err := os.ReadFile(document)
	require.NoError(t, err)
	var crd struct {
		Spec struct {
			Group    string
			Names    struct{ Kind string }
			Versions []struct {
				Name   string
				Schema struct {
					OpenAPI map[string]any `yaml:"openAPIV3Schema"`
				}
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &crd))
	require.NotEmpty(t, crd.Spec.Versions)
	for _, version := range crd.Spec.Versions {
		strict(version.Schema.OpenAPI)
		properties, _ := version.Schema.OpenAPI["properties"].(map[string]any)
		properties["metadata"] = map[string]any{"type": "object"}
		writeJSON(t, fileOf(folder, crd.Spec.Group, version.Name, crd.Spec.Names.Kind), version.Schema.OpenAPI)
	}
}

// strict refuses what an object with named fields does not name.
func strict(schema map[string]any) {
	if _, named := schema["properties"]; named && schema["additionalProperties"] == nil {
		schema["additionalProperties"] = false
	}
	for _, part := range schema {
		switch part := part.(type) {
		case map[string]any:
			strict(part)
		case []any:
			for _, one := range part {
				if one, ok := one.(map[string]any); ok {
					strict(one)
				}
			}
		}
	}
}

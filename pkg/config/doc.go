// Package config reads settings: defaults, then a file, then the environment,
// then flags, into the kong-tagged structs that each component owns. It is the
// only place that reads the environment.
package config

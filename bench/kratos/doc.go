// Package kratos only pins Ory Kratos, whose session check the benchmarks
// compare with; nothing of it is part of Atrium.
package kratos

// Package proto holds Atrium's contracts: one protobuf package per service
// under atrium/, the stubs made from them under gen/, and the OpenAPI document
// of the whole REST surface. It holds no behaviour.
package proto

import _ "embed"

// OpenAPI is the OpenAPI 3.1 document (JSON) of every route the gateway serves.
//
//go:embed gen/openapi.json
var OpenAPI []byte

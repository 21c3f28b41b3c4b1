package workspace

import "atrium.internal/pkg/apperr"

// What the package refuses. Somebody else's workspace is not there.
var (
	ErrNotFound   = apperr.New(apperr.NotFound, "WORKSPACE_NOT_FOUND", "There is no such workspace.")
	ErrExists     = apperr.New(apperr.Conflict, "WORKSPACE_EXISTS", "You already have a workspace of this name.").WithField("name", "already taken")
	ErrNotRunning = apperr.New(apperr.Conflict, "WORKSPACE_NOT_RUNNING", "The workspace is not running. Start it first.")
	ErrPortClosed = apperr.New(apperr.Unavailable, "PORT_CLOSED", "Nothing listens on this port of the workspace.")
	ErrPorts      = apperr.New(apperr.Conflict, "PORTS_UNAVAILABLE", "Ports can't be reached in this workspace's isolation class.")
	ErrTemplate   = apperr.New(apperr.InvalidArgument, "TEMPLATE_UNKNOWN", "template: there is no such template").WithField("template", "there is no such template")
	ErrQuota      = apperr.New(apperr.QuotaExceeded, "QUOTA_EXCEEDED", "Your plan's IDE hours for this month are used up.")
	ErrTooMany    = apperr.New(apperr.QuotaExceeded, "QUOTA_EXCEEDED", "Your plan holds no more workspaces. Delete one to make room.")
	ErrIsolation  = apperr.New(apperr.Conflict, "ISOLATION_UNAVAILABLE", "Your plan's isolation class is not available on this deployment.")
)

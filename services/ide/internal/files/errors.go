package files

import (
	"errors"
	"io/fs"
	"syscall"

	"atrium.internal/pkg/apperr"
)

// What the package refuses.
var (
	ErrPath       = apperr.New(apperr.InvalidArgument, "PATH_INVALID", "path: must be relative to the project's folder, slash-separated, without . or .., and stay inside").WithField("path", "must be relative to the project's folder and stay inside")
	ErrNotFound   = apperr.New(apperr.NotFound, "FILE_NOT_FOUND", "There is no such file or folder.")
	ErrExists     = apperr.New(apperr.Conflict, "FILE_EXISTS", "Something is there already.")
	ErrDirectory  = apperr.New(apperr.Conflict, "IS_A_DIRECTORY", "This is a folder, not a file.")
	ErrNoFile     = apperr.New(apperr.Conflict, "NOT_A_FILE", "This is no plain file but a link, a pipe, a socket or a device.")
	ErrNoFolder   = apperr.New(apperr.Conflict, "NOT_A_DIRECTORY", "A part of the path is not a folder.")
	ErrNotEmpty   = apperr.New(apperr.Conflict, "DIRECTORY_NOT_EMPTY", "The folder is not empty. Delete it with everything in it, or empty it first.")
	ErrChanged    = apperr.New(apperr.PreconditionFailed, "FILE_CHANGED", "The file has changed since you last saw it. Read it again before you write.")
	ErrForbidden  = apperr.New(apperr.PermissionDenied, "FILE_FORBIDDEN", "The permissions of the file or folder don't allow this.")
	ErrFull       = apperr.New(apperr.Unavailable, "DISK_FULL", "The disk is full.")
	ErrQuota      = apperr.New(apperr.QuotaExceeded, "QUOTA_EXCEEDED", "Your plan's storage is used up. Delete files or workspaces to make room.")
	ErrReadOnly   = apperr.New(apperr.Unavailable, "FILES_READ_ONLY", "The server's disk was full or failed, and these files can only be read until the workspace is stopped and started.")
	errTooLong    = ErrPath.WithMessage("path: is too long").WithField("path", "is too long")
	errCircle     = ErrPath.WithMessage("path: leads in a circle").WithField("path", "leads in a circle")
	errIntoItself = ErrPath.WithMessage("to: a folder can't be moved into itself").WithField("to", "lies in what is to be moved")
)

// refusals are all that the package refuses, by reason.
var refusals = func() map[string]*apperr.Error {
	all := map[string]*apperr.Error{}
	for _, e := range []*apperr.Error{
		ErrPath, ErrNotFound, ErrExists, ErrDirectory, ErrNoFile, ErrNoFolder, ErrNotEmpty, ErrChanged, ErrForbidden, ErrFull, ErrQuota, ErrReadOnly,
		ErrArchive, ErrArchiveEntry, ErrArchiveTooLarge, ErrArchiveConflict,
	} {
		all[e.Reason] = e
	}
	return all
}()

// Refusal gives the package's own error of a reason, with the words of whoever
// met it; nil when the package has none. It is for errors that come from elsewhere.
func Refusal(reason, message string) error {
	e, ok := refusals[reason]
	if !ok {
		return nil
	}
	if e.Reason == errCutShort.Reason && message == errCutShort.Message {
		e = errCutShort
	}
	if message != "" && message != e.Message {
		e = e.WithMessage(message)
	}
	return e
}

// known turns what the system says into what a person can use. A system error
// that is none of these stays as it is.
func known(err error) error {
	var already *apperr.Error
	if err == nil || errors.As(err, &already) {
		return err
	}
	for _, k := range []struct {
		system error
		ours   *apperr.Error
	}{
		{fs.ErrNotExist, ErrNotFound},
		{syscall.ENOTEMPTY, ErrNotEmpty},
		{fs.ErrExist, ErrExists},
		{fs.ErrPermission, ErrForbidden},
		{syscall.ENOTDIR, ErrNoFolder},
		{syscall.EISDIR, ErrDirectory},
		{syscall.ENAMETOOLONG, errTooLong},
		{syscall.ELOOP, errCircle},
		{syscall.ENOSPC, ErrFull},
		{syscall.EROFS, ErrReadOnly},
		{syscall.EIO, ErrReadOnly},
		{syscall.EDQUOT, ErrQuota},
		{syscall.EXDEV, ErrPath},
		{syscall.EINVAL, ErrPath},
		{syscall.ENXIO, ErrNoFile},
	} {
		if errors.Is(err, k.system) {
			return k.ours.WithCause(err)
		}
	}
	var path *fs.PathError
	var link interface{ Unwrap() error }
	if errors.As(err, &path) && path.Err.Error() == escapes {
		return ErrPath.WithCause(err)
	}
	if errors.As(err, &link) && link.Unwrap() != nil && link.Unwrap().Error() == escapes {
		return ErrPath.WithCause(err)
	}
	return err
}

// escapes is what os.Root says of a path that would leave it; the error has no
// name of its own.
const escapes = "path escapes from parent"

package grpcapi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	"atrium.internal/proto/filechunk"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
	"atrium.internal/services/ide/internal/files"
	"atrium.internal/services/ide/internal/workspace"
)

// Files serves FileService.
type Files struct {
	idev1.UnimplementedFileServiceServer
	Manager *workspace.Manager
}

// ListFiles lists a folder.
func (s *Files) ListFiles(ctx context.Context, r *idev1.ListFilesRequest) (*idev1.ListFilesResponse, error) {
	caller, id, err := target(ctx, "workspaceId", r.GetWorkspaceId())
	if err != nil {
		return nil, err
	}
	answer := &idev1.ListFilesResponse{}
	err = s.Manager.Folder(ctx, caller.UserID, id, func(f files.Tree) error {
		entries, truncated, err := f.List(r.GetPath())
		for _, e := range entries {
			answer.Entries = append(answer.Entries, encodeEntry(e))
		}
		answer.Truncated = truncated
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// searchLimit is how many files a search gives.
const searchLimit = 20

// SearchFiles looks through the caller's running workspaces.
func (s *Files) SearchFiles(ctx context.Context, r *idev1.SearchFilesRequest) (*idev1.SearchFilesResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	found, truncated, err := s.Manager.SearchFiles(ctx, caller.UserID, r.GetQ(), searchLimit)
	if err != nil {
		return nil, err
	}
	answer := &idev1.SearchFilesResponse{Truncated: truncated}
	for _, f := range found {
		answer.Files = append(answer.Files, &idev1.FoundFile{
			WorkspaceId: f.Workspace.ID.String(), WorkspaceName: f.Workspace.Name, Path: strings.ToValidUTF8(f.Path, "\uFFFD"),
		})
	}
	return answer, nil
}

// ReadFile gives a file's version and then its bytes, unless the caller has it.
func (s *Files) ReadFile(r *idev1.ReadFileRequest, stream grpc.ServerStreamingServer[idev1.ReadFileResponse]) error {
	ctx := stream.Context()
	caller, id, err := target(ctx, "workspaceId", r.GetWorkspaceId())
	if err != nil {
		return err
	}
	return s.Manager.Folder(ctx, caller.UserID, id, func(f files.Tree) error {
		file, version, err := f.Open(r.GetPath())
		if err != nil {
			return err
		}
		defer file.Close()
		if err := stream.Send(&idev1.ReadFileResponse{Version: encodeVersion(version)}); err != nil {
			return err
		}
		if slices.Contains(r.GetIfNoneMatch(), version.Tag) {
			return nil
		}
		_, err = io.Copy(sender(func(p []byte) error { return stream.Send(&idev1.ReadFileResponse{Data: p}) }), io.LimitReader(file, version.Size))
		return err
	})
}

// WriteFile replaces a file with what the stream brings.
func (s *Files) WriteFile(stream grpc.ClientStreamingServer[idev1.WriteFileRequest, idev1.FileVersion]) error {
	ctx := stream.Context()
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	head := first.GetHead()
	caller, id, err := target(ctx, "workspaceId", head.GetWorkspaceId())
	if err != nil {
		return err
	}
	room, err := s.Manager.Room(ctx, caller, id)
	if err != nil {
		return err
	}
	content := &receiver{room: room, next: func() ([]byte, error) { m, err := stream.Recv(); return m.GetData(), err }}
	var written files.Version
	err = s.Manager.ChangeFiles(ctx, caller.UserID, id, "workspace.write_file", func(f files.Tree) error {
		var err error
		written, err = f.Write(head.GetPath(), condition(head.GetCondition()), content)
		return err
	})
	if err != nil {
		return err
	}
	return stream.SendAndClose(encodeVersion(written))
}

// ReadArchive streams a folder as an archive.
func (s *Files) ReadArchive(r *idev1.ReadArchiveRequest, stream grpc.ServerStreamingServer[idev1.ReadArchiveResponse]) error {
	caller, id, err := target(stream.Context(), "workspaceId", r.GetWorkspaceId())
	if err != nil {
		return err
	}
	return s.Manager.Folder(stream.Context(), caller.UserID, id, func(f files.Tree) error {
		if err := f.Has(r.GetPath()); err != nil {
			return err
		}
		if err := stream.Send(&idev1.ReadArchiveResponse{}); err != nil {
			return err
		}
		out := bufio.NewWriterSize(sender(func(p []byte) error { return stream.Send(&idev1.ReadArchiveResponse{Data: p}) }), filechunk.MaxData)
		if err := f.Pack(r.GetPath(), files.Format(r.GetFormat()), out); err != nil {
			return err
		}
		return out.Flush()
	})
}

// WriteArchive unpacks what the stream brings.
func (s *Files) WriteArchive(stream grpc.ClientStreamingServer[idev1.WriteArchiveRequest, idev1.WriteArchiveResponse]) error {
	ctx := stream.Context()
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	head := first.GetHead()
	caller, id, err := target(ctx, "workspaceId", head.GetWorkspaceId())
	if err != nil {
		return err
	}
	room, err := s.Manager.Room(ctx, caller, id)
	if err != nil {
		return err
	}
	content := &receiver{next: func() ([]byte, error) { m, err := stream.Recv(); return m.GetData(), err }}
	var done files.Unpacked
	err = s.Manager.ChangeFiles(ctx, caller.UserID, id, "workspace.write_archive", func(f files.Tree) error {
		var err error
		done, err = f.Unpack(head.GetPath(), content, room.Take)
		return err
	})
	if err != nil {
		return err
	}
	return stream.SendAndClose(&idev1.WriteArchiveResponse{Files: int32(done.Files), Bytes: done.Bytes})
}

// DeleteFile deletes a file or a folder.
func (s *Files) DeleteFile(ctx context.Context, r *idev1.DeleteFileRequest) (*idev1.DeleteFileResponse, error) {
	caller, id, err := target(ctx, "workspaceId", r.GetWorkspaceId())
	if err != nil {
		return nil, err
	}
	return &idev1.DeleteFileResponse{}, s.Manager.ChangeFiles(ctx, caller.UserID, id, "workspace.delete_file", func(f files.Tree) error {
		return f.Delete(r.GetPath(), r.GetRecursive(), condition(r.GetCondition()))
	})
}

// MoveFile moves a file or a folder.
func (s *Files) MoveFile(ctx context.Context, r *idev1.MoveFileRequest) (*idev1.FileEntry, error) {
	return s.one(ctx, r.GetWorkspaceId(), "workspace.move_file", func(f files.Tree) (files.Entry, error) {
		return f.Move(r.GetFrom(), r.GetTo(), r.GetOverwrite())
	})
}

// CreateDirectory makes a folder.
func (s *Files) CreateDirectory(ctx context.Context, r *idev1.CreateDirectoryRequest) (*idev1.FileEntry, error) {
	return s.one(ctx, r.GetWorkspaceId(), "workspace.create_directory", func(f files.Tree) (files.Entry, error) {
		return f.MakeDirectory(r.GetPath())
	})
}

// one answers a change whose result is an entry.
func (s *Files) one(ctx context.Context, workspace, deed string, do func(files.Tree) (files.Entry, error)) (*idev1.FileEntry, error) {
	caller, id, err := target(ctx, "workspaceId", workspace)
	if err != nil {
		return nil, err
	}
	var result files.Entry
	err = s.Manager.ChangeFiles(ctx, caller.UserID, id, deed, func(f files.Tree) error {
		var err error
		result, err = do(f)
		return err
	})
	if err != nil {
		return nil, err
	}
	return encodeEntry(result), nil
}

func condition(c *idev1.FileCondition) files.Condition {
	return files.Condition{IfMatch: c.GetIfMatch(), IfAbsent: c.GetIfAbsent()}
}

func encodeVersion(v files.Version) *idev1.FileVersion {
	return &idev1.FileVersion{Entry: encodeEntry(v.Entry), Tag: v.Tag}
}

func encodeEntry(e files.Entry) *idev1.FileEntry {
	return &idev1.FileEntry{
		Name: e.Name, Path: e.Path, Type: string(e.Type), Size: e.Size,
		ModifiedAt: timestamppb.New(e.ModifiedAt), Mode: fmt.Sprintf("%04o", e.Mode),
	}
}

// sender cuts what is written into messages.
type sender func([]byte) error

func (send sender) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		n := min(len(p), filechunk.MaxData)
		if err := send(append([]byte(nil), p[:n]...)); err != nil { // a sent message is not to be touched again
			return written, err
		}
		written += n
		p = p[n:]
	}
	return written, nil
}

// errCut is for an upload that ends before its sender said so.
var errCut = apperr.New(apperr.InvalidArgument, "BODY_INCOMPLETE", "The upload did not arrive whole.")

// receiver reads the bytes of a stream of messages, each within the room that
// is left.
type receiver struct {
	next func() ([]byte, error)
	room *workspace.Room
	rest []byte
}

func (r *receiver) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		data, err := r.next()
		if errors.Is(err, io.EOF) {
			return 0, io.EOF
		}
		if err != nil {
			return 0, errCut.WithCause(err)
		}
		if r.room != nil {
			if err := r.room.Take(int64(len(data))); err != nil {
				return 0, err
			}
		}
		r.rest = data
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

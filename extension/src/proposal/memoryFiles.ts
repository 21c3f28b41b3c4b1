import * as vscode from 'vscode';

type Entry = { bytes: Uint8Array; changed: number; writable: boolean };

/** MemoryFiles are the two sides of a preview: nothing of them is on disk. */
export class MemoryFiles implements vscode.FileSystemProvider {
  static readonly scheme = 'atrium-proposal';
  private readonly entries = new Map<string, Entry>();
  private readonly changes = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.changes.event;

  /** Puts a file there; the name decides its language. */
  put(path: string, text: string, writable: boolean): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: MemoryFiles.scheme, path });
    const bytes = new TextEncoder().encode(text);
    this.entries.set(uri.path, { bytes, changed: Date.now(), writable });
    return uri;
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const { bytes, changed, writable } = this.entry(uri);
    return {
      type: vscode.FileType.File,
      ctime: changed,
      mtime: changed,
      size: bytes.length,
      permissions: writable ? undefined : vscode.FilePermission.Readonly,
    };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    return this.entry(uri).bytes;
  }

  writeFile(uri: vscode.Uri, bytes: Uint8Array): void {
    const entry = this.entry(uri);
    if (!entry.writable) throw vscode.FileSystemError.NoPermissions(uri);
    this.entries.set(uri.path, { bytes, changed: Date.now(), writable: true });
    this.changes.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  /** Gives a file another text; who shows it follows. */
  replace(uri: vscode.Uri, text: string): void {
    const { writable } = this.entry(uri);
    this.entries.set(uri.path, {
      bytes: new TextEncoder().encode(text),
      changed: Date.now(),
      writable,
    });
    this.changes.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  delete(uri: vscode.Uri): void {
    this.entries.delete(uri.path);
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => {});
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  private entry(uri: vscode.Uri): Entry {
    const found = this.entries.get(uri.path);
    if (!found) throw vscode.FileSystemError.FileNotFound(uri);
    return found;
  }
}

import * as vscode from 'vscode';

/** A piece of a document that something is asked about. */
export type Subject = { document: vscode.TextDocument; range: vscode.Range; code: string };

/** How much of what stands around goes along, in UTF-16 units on each side. */
const around = 12_000;

/**
 * What a person means: the selection in whole lines, else the smallest
 * function or class around it, else the file.
 */
export async function subjectOf(
  document: vscode.TextDocument,
  selection: vscode.Range,
): Promise<Subject> {
  const range = selection.isEmpty
    ? ((await symbolAround(document, selection)) ?? wholeOf(document))
    : wholeLines(document, selection);
  return { document, range, code: document.getText(range) };
}

/** The code around a diagnostic: its function, or else some lines. */
export async function codeAround(
  document: vscode.TextDocument,
  place: vscode.Range,
): Promise<Subject> {
  const lines = 20;
  const range =
    (await symbolAround(document, place)) ??
    wholeLines(
      document,
      document.validateRange(
        new vscode.Range(
          place.start.line - Math.min(lines, place.start.line),
          0,
          place.end.line + lines,
          0,
        ),
      ),
    );
  return { document, range, code: document.getText(range) };
}

/** What stands in the document before and after a subject. */
export function surroundings({ document, range }: Subject): { before: string; after: string } {
  const text = document.getText();
  const start = document.offsetAt(range.start);
  const end = document.offsetAt(range.end);
  return {
    before: text.slice(Math.max(0, start - around), start),
    after: text.slice(end, end + around),
  };
}

async function symbolAround(
  document: vscode.TextDocument,
  place: vscode.Range,
): Promise<vscode.Range | undefined> {
  const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>(
    'vscode.executeDocumentSymbolProvider',
    document.uri,
  );
  const found = smallest(symbols ?? [], place);
  return found && wholeLines(document, found);
}

const kinds = new Set([
  vscode.SymbolKind.Function,
  vscode.SymbolKind.Method,
  vscode.SymbolKind.Constructor,
  vscode.SymbolKind.Class,
  vscode.SymbolKind.Interface,
  vscode.SymbolKind.Struct,
  vscode.SymbolKind.Enum,
]);

function smallest(symbols: vscode.DocumentSymbol[], place: vscode.Range): vscode.Range | undefined {
  for (const { range, kind, children } of symbols) {
    if (!range?.contains(place)) continue;
    const inner = smallest(children ?? [], place);
    if (inner || kinds.has(kind)) return inner ?? range;
  }
  return undefined;
}

function wholeLines(document: vscode.TextDocument, { start, end }: vscode.Range): vscode.Range {
  // A selection that ends before the first character of a line does not mean that line.
  const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
  return new vscode.Range(start.line, 0, last, document.lineAt(last).text.length);
}

function wholeOf(document: vscode.TextDocument): vscode.Range {
  return wholeLines(
    document,
    new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length)),
  );
}

import { basename, dirname, extname, join, normalize } from 'node:path/posix';

/**
 * Where generated tests go: below the project's folder where the platform says,
 * beside the code where it says nothing, and under a name that nobody has yet.
 */
export function testPath(
  answered: string,
  code: string,
  exists: (path: string) => boolean,
): string {
  const wanted = normalize(answered.replaceAll('\\', '/'));
  const outside =
    !answered || wanted === '.' || wanted.startsWith('../') || wanted === '..' || wanted[0] === '/';
  const path = outside ? besides(code) : wanted;
  const ending = extname(path);
  const stem = path.slice(0, path.length - ending.length);
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? path : `${stem}_${n}${ending}`;
    if (!exists(candidate)) return candidate;
  }
}

function besides(code: string): string {
  const ending = extname(code);
  const stem = basename(code, ending);
  const name = /^\.[cm]?[jt]sx?$/.test(ending) ? `${stem}.test${ending}` : `${stem}_test${ending}`;
  return join(dirname(code), ending === '.py' ? `test_${stem}.py` : name);
}

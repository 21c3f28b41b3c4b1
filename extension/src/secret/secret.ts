import { realpath } from 'node:fs/promises';
import { minimatch } from 'minimatch';

/**
 * Whether a path is one of those that are never sent anywhere. A pattern
 * without a slash is about the name alone; others are about the end of the
 * path, so that `.ssh/**` means any folder of that name.
 */
export function isSecretPath(path: string, patterns: readonly string[]): boolean {
  const plain = path.replaceAll('\\', '/').replace(/^\/+/, '');
  return patterns.some((pattern) => {
    const whole = pattern.includes('/') && !pattern.startsWith('**/') ? `**/${pattern}` : pattern;
    return minimatch(plain, whole, { dot: true, nocase: true, matchBase: true, nocomment: true });
  });
}

/** The same for a file on disk, which may also be a link to one of them. */
export async function isSecretFile(path: string, patterns: readonly string[]): Promise<boolean> {
  if (isSecretPath(path, patterns)) return true;
  const real = await realpath(path).catch(() => path); // not saved yet
  return real !== path && isSecretPath(real, patterns);
}

import { mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { isSecretFile, isSecretPath } from './secret.ts';

const patterns = manifest.contributes.configuration.properties['atrium.secretFiles'].default;

test.each([
  '/workspaces/shop/.env',
  '/workspaces/shop/api/.env.local',
  '/workspaces/shop/prod.env',
  '/workspaces/shop/certs/server.PEM',
  '/home/coder/.ssh/config',
  '/home/coder/.ssh/keys/id_ed25519',
  '/home/coder/.aws/credentials',
  '/workspaces/shop/config/secrets.yaml',
  '/workspaces/shop/.npmrc',
  '/workspaces/shop/main.tfstate.backup',
])('%s is kept back', (path) => expect(isSecretPath(path, patterns)).toBe(true));

test.each([
  '/workspaces/shop/environment.ts',
  '/workspaces/shop/src/secret/secret.ts',
  '/workspaces/shop/keys.py',
  '/workspaces/.envoy/main.go',
  '/workspaces/shop/README.md',
])('%s may be sent', (path) => expect(isSecretPath(path, patterns)).toBe(false));

test('a link to a secret file is as secret', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'secret-'));
  await writeFile(join(folder, '.env'), 'TOKEN=1');
  await writeFile(join(folder, 'notes.txt'), 'none');
  await symlink(join(folder, '.env'), join(folder, 'harmless.txt'));
  expect(await isSecretFile(join(folder, 'harmless.txt'), patterns)).toBe(true);
  expect(await isSecretFile(join(folder, 'notes.txt'), patterns)).toBe(false);
  expect(await isSecretFile(join(folder, 'not-yet.txt'), patterns)).toBe(false);
});

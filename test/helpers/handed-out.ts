import fs from 'node:fs/promises';
import type { Demo } from '../../source/demo/index.ts';
import { ask } from '../demo/helpers.ts';
import type { Home } from './home.ts';

export type Download = {
  readonly file?: string;
  readonly workspace?: string;
  readonly profile?: string;
  /** Of the text, as an attacker or a person might. */
  readonly edit?: (text: string) => string;
};

/** Puts the kubeconfig that the platform hands out into a home, as a browser would save it. */
export async function download(
  demo: Demo,
  home: Pick<Home, 'path'>,
  { file = 'platform.yaml', workspace, profile, edit = text => text }: Download = {},
): Promise<string> {
  const query = new URLSearchParams({
    ...(workspace !== undefined && { 'tenant-id': workspace }),
    ...(profile !== undefined && { profileName: profile }),
  });
  const { body } = await ask(demo, `/token/plugin/kubeconfig?${query}`);
  const path = home.path(file);
  await fs.writeFile(path, edit(body), { mode: 0o644 });
  return path;
}

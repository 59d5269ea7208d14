import path from 'node:path';
import type { Paths } from './paths.ts';

export function settingsFile(paths: Paths): string {
  return path.join(paths.config, 'settings.json');
}

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { Missing } from './missing.ts';
import { cacheFolder } from './places.ts';
import { say } from './say.ts';
import { moduleFolder, type Tool, toolVersion } from './tools.ts';

/** Where a tool's program is or will be: the folder changes with what it is built from, so it is never stale. */
export function toolFolder(tool: Tool): string {
  const hash = createHash('sha256');
  const sources = readdirSync(moduleFolder(tool)).filter(name => name.endsWith('.go'));
  for (const name of ['go.mod', 'go.sum', ...sources.sort()])
    hash.update(readFileSync(join(moduleFolder(tool), name)));
  hash.update(tool.linkerFlags(toolVersion(tool)).join(' '));
  return join(cacheFolder(), `${tool.id}-${toolVersion(tool)}-${hash.digest('hex').slice(0, 16)}`, 'bin');
}

export const toolPath = (tool: Tool) => join(toolFolder(tool), tool.binary);

export const isBuilt = (tool: Tool) => existsSync(toolPath(tool));

/** Builds a tool unless the cache has it; returns its folder. */
export async function buildTool(tool: Tool): Promise<string> {
  const folder = toolFolder(tool);
  if (isBuilt(tool)) return folder;
  const version = toolVersion(tool);
  const jobs = process.env['DKP_AUTH_LAB_JOBS'] ?? String(availableParallelism());
  say(`building ${tool.id} ${version} (${tool.about})`);
  const begun = performance.now();
  await mkdir(cacheFolder(), { recursive: true, mode: 0o700 });
  // Left behind by a build that was killed; scripts/lab lets only one run at a time.
  for (const name of await readdir(cacheFolder())) {
    if (name.startsWith('building-')) await rm(join(cacheFolder(), name), { recursive: true, force: true });
  }
  const scratch = await mkdtemp(join(cacheFolder(), 'building-'));
  try {
    const linkerFlags = ['-s', '-w', ...tool.linkerFlags(version)].join(' ');
    const args = [
      'build',
      '-p',
      jobs,
      '-ldflags',
      linkerFlags,
      '-o',
      join(scratch, tool.binary),
      tool.package,
    ];
    // A build of an hour's work must not take the machine from whoever waits at it.
    const result = await execa('nice', ['-n', '19', 'go', ...args], {
      cwd: moduleFolder(tool),
      env: {
        CGO_ENABLED: tool.cgo ? '1' : '0',
        GOFLAGS: '-trimpath -mod=readonly -buildvcs=false',
        GOWORK: 'off',
      },
      all: true,
      reject: false,
      stdin: 'ignore',
    });
    if (result.failed) throw new Missing(tool.id, whyNot(result.exitCode, result.all), tool.about);
    await mkdir(folder, { recursive: true });
    await rename(join(scratch, tool.binary), toolPath(tool));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  say(`built ${tool.id} in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  return folder;
}

/** What `nice` exits with when it finds no such program. */
const noProgram = 127;

function whyNot(exitCode: number | undefined, output: string): string {
  if (exitCode === noProgram) return 'there is no Go on this machine';
  const lines = output.split('\n').filter(line => line !== '' && !line.startsWith('go: downloading'));
  return lines.length === 0 ? 'go build failed' : `go build failed: ${lines.slice(-5).join(' / ')}`;
}

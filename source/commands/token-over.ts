import type { Credential } from '../credentials/credential.ts';
import { openDoor } from '../credentials/door.ts';
import type { ExecInfo } from '../credentials/exec-credential.ts';
import { UserError } from '../errors.ts';
import { tokenForKubectl } from '../login/kubectl-token.ts';
import { loginCommand } from '../profiles/login-needed.ts';
import type { Profile } from '../profiles/profile.ts';
import { withSettings } from '../settings/resolve.ts';
import type { Paths } from '../system/paths.ts';
import { markDescendants, runsBelowItself } from '../system/recursion.ts';
import { canAsk, type Streams } from '../system/streams.ts';
import { openTerminalDevice } from '../system/terminal-device.ts';

export type TokenCall = {
  readonly info: ExecInfo | undefined;
  readonly paths: Paths;
  readonly streams: Streams;
  readonly signal: AbortSignal;
};

/** What `dkp-auth token` does when the stored token is over. */
export async function obtainToken(profile: Profile, call: TokenCall): Promise<Credential> {
  try {
    return await obtain(profile, call);
  } finally {
    await openDoor(call.paths, profile.name);
  }
}

async function obtain(profile: Profile, call: TokenCall): Promise<Credential> {
  const { info, paths, signal } = call;
  const streams = await withSettings(call.streams, paths);
  if (await runsBelowItself(streams.env)) {
    throw new UserError(
      'LOGIN_NEEDED',
      'The credential plugin was started below itself, by what it had started.',
      {
        hint: `Nothing was asked. Run: ${loginCommand(profile.name)}`,
      },
    );
  }
  await markDescendants();
  // kubectl says whether the person is there; without kubectl, the terminal does.
  const attended = info === undefined ? canAsk(streams) : info.interactive;
  const device = attended && !streams.stderr.isTTY ? openTerminalDevice() : undefined;
  try {
    const conversation = device === undefined ? streams : { ...streams, stderr: device.stream };
    return await tokenForKubectl(profile, { paths, streams: conversation, signal, attended });
  } finally {
    device?.close();
  }
}

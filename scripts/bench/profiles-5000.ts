import { startDemo } from '../../source/demo/index.ts';
import { answeredLogin, smallestPortal } from '../../test/helpers/portal-login.ts';
import { cli } from '../../test/helpers/program.ts';
import { kubectlSaysFor, nameOf, writeProfiles } from '../../test/load/many-profiles.ts';
import { batch, type Command } from './batch.ts';
import { type Figure, interleaved, type Measurement, medianOf } from './harness.ts';
import { peakMemoryOf } from './peak-memory.ts';
import { benchHome, node, plugin } from './profiles.ts';

const count = 5000;
/** In MB. Each profile compared with every other takes three times as much. */
const mostMemory: Readonly<Record<string, number>> = { status: 150 };

export const profiles5000: Measurement = {
  name: 'profiles-5000',
  title: '5,000 profiles',
  method: `Each has a cached token and a kubeconfig of its own, with its certificate authority. Each command is a process; its peak is GNU time's maximum resident set. The login is one more profile, whose person signs in later, at the embedded platform.`,
  async run(context) {
    const home = await benchHome(context);
    await writeProfiles(home, count);
    const demo = await startDemo(smallestPortal);
    context.after(() => demo.close());
    const env = { ...home.env, KUBERNETES_EXEC_INFO: kubectlSaysFor(home, 7) };
    const program = (...args: string[]): Command => [node, cli, ...args];
    const commands: Readonly<Record<string, Command>> = {
      'the plugin': [plugin, '--profile', nameOf(7)],
      token: program('token', '--profile', nameOf(7)),
      status: program('status', '--json'),
      use: program('use', nameOf(7), '--shell', 'bash'),
      'completion of a name': program('__complete', 'use', 'profile-4'),
      'login of one more': program(...answeredLogin(demo, '--sign-in-later')),
    };
    // Beside a bare start of Node, so that a busy machine shows.
    const bare: Command = [node, '-e', '0'];
    const runs = Math.max(3, Math.ceil(context.runs / 10));
    const subjects = { 'node -e 0': bare, ...commands };
    const times = await interleaved(
      Object.entries(subjects).map(([name, command]) => batch(name, env, () => [command])),
      runs,
    );
    const figures: Figure[] = [];
    for (const [name, command] of Object.entries(subjects)) {
      const most = mostMemory[name];
      figures.push(
        { what: name, value: medianOf(times, name), unit: 'ms' },
        {
          what: `peak memory of ${name}`,
          value: await peakMemoryOf(command, env),
          unit: 'MB',
          ...(most !== undefined && { target: most }),
        },
      );
    }
    return figures;
  },
};

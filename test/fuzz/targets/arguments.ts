import net from 'node:net';
import { PassThrough } from 'node:stream';
import { konvoyAsyncPlugin } from '../../../source/commands/konvoy-async-plugin.ts';
import { runProgram } from '../../../source/commands/program.ts';
import { token } from '../../../source/commands/token.ts';
import type { Streams } from '../../../source/system/streams.ts';
import { plainLines } from '../../../source/text.ts';
import type { Target } from '../target.ts';
import { refusal } from './portal.ts';

/** The program in this process, with a home that exists nowhere and no network. */
async function run(args: readonly string[], execInfo?: string): Promise<string[]> {
  const home = process.env['DKP_AUTH_FUZZ_HOME'] ?? '/nonexistent';
  let shown = '';
  const stream = () =>
    new PassThrough().on('data', piece => {
      shown += piece;
    });
  const streams = {
    env: { HOME: home, PATH: '/nonexistent', KUBERNETES_EXEC_INFO: execInfo ?? '' },
    stdin: Object.assign(new PassThrough(), { isTTY: false }).end(),
    stdout: stream(),
    stderr: stream(),
  } as unknown as Streams;
  const signal = AbortSignal.timeout(5000);
  const restore = cutTheNetwork();
  try {
    if (execInfo !== undefined) await konvoyAsyncPlugin(args, streams, signal);
    else if (args[0] === 'token') await token(args.slice(1), streams, signal);
    else await runProgram(args, streams, signal);
  } catch (error) {
    // The words of the command line are in it as they were given; whoever prints an error makes them plain.
    shown += refusal(error).map(plainLines).join('\n');
  } finally {
    restore();
  }
  return [shown];
}

function cutTheNetwork(): () => void {
  const { connect } = net.Socket.prototype;
  net.Socket.prototype.connect = function cut(this: net.Socket) {
    process.nextTick(() => this.destroy(Object.assign(new Error('no network'), { code: 'ECONNREFUSED' })));
    return this;
  };
  return () => {
    net.Socket.prototype.connect = connect;
  };
}

/** One argument a line. */
export const argumentTargets: readonly Target[] = [
  {
    name: 'arguments',
    seeds: [
      'login\nhttps://dkp.example.com/token/landing/\n--yes\n--dry-run',
      'login\ndkp.example.com\n--cluster\nred\n--method\n2\n--profile\nred=x\n--sign-in\nportal\n--timeout\n5',
      'login\n--issuer\nhttps://a.example\n--client-id\nx\n--scope\ny\n--listen\n127.0.0.1:0\n--json',
      'token\n--profile\nprod',
      'status\n--json',
      'admin\ndex-client\n--help',
      '--version',
    ],
    words: [
      '\n',
      '\n--',
      '\n--json',
      '\n--yes',
      '\n--profile\n',
      '\n--cluster\n',
      '\n--method\n',
      '\n--trust\n',
      '\n--proxy\n',
      '\n--ca-file\n',
      '\n--workspace\n',
      '\n--idp\n',
      '\n--listen\n',
      '\n--sign-in\n',
      '\n--timeout\n',
      '\n--portal-file\n',
      '\n--help',
      '=',
      '\n-h',
    ],
    run: input => {
      const args = input.replaceAll('\0', '').split('\n');
      // The demo opens servers, and says so; where files go is the person's to say.
      if (args.some(arg => /demo|^--?o/i.test(arg))) return [];
      return run(args);
    },
  },
  {
    name: 'konvoy-arguments',
    seeds: [
      '-auth-url=https://dkp.example.com/token/\n-kubeconfig-user=default-profile\n-ca-data=LS0t',
      '--auth-url\nhttps://dkp.example.com/token/\n-no-browser-exec=true\n-token-dir\n/nonexistent',
      '-h',
    ],
    words: [
      '-auth-url=',
      '\n-kubeconfig-user=',
      '\n-ca-data=',
      '\n-ca-file=',
      '\n-token-dir=',
      '\n-no-browser-exec',
      '\n--',
      'https://',
      '../',
      '=',
    ],
    run: input => {
      const args = input.replaceAll('\0', '').split('\n');
      // kubectl names the cluster, so a login is all that is left to do.
      const cluster = { server: 'https://red.example.com', 'certificate-authority-data': '' };
      const spec = { interactive: input.length % 2 === 0, cluster };
      return run(args, JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1beta1', spec }));
    },
  },
];

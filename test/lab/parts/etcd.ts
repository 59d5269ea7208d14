import { answers } from '../probe.ts';
import type { Run } from '../run.ts';
import type { Part } from './part.ts';

export const etcdUrl = (run: Run) => `http://127.0.0.1:${run.port('etcd')}`;

export const etcd: Part = {
  id: 'etcd',
  about: 'the store of every API server, each under a prefix of its own',
  loses: 'every API server',
  after: [],
  tools: [],
  files: ['/usr/bin/etcd'],
  address: etcdUrl,
  prepare: async run => {
    const client = etcdUrl(run);
    const peer = `http://127.0.0.1:${run.port('etcd-peer')}`;
    return {
      command: '/usr/bin/etcd',
      args: [
        '--name=lab',
        `--data-dir=${run.path('etcd')}`,
        `--listen-client-urls=${client}`,
        `--advertise-client-urls=${client}`,
        `--listen-peer-urls=${peer}`,
        `--initial-advertise-peer-urls=${peer}`,
        `--initial-cluster=lab=${peer}`,
        // A run is thrown away at its end; waiting for the disk would only make it slower.
        '--unsafe-no-fsync',
        '--logger=zap',
        '--log-level=warn',
      ],
    };
  },
  ready: run => answers(`${etcdUrl(run)}/health`),
  patienceSeconds: 20,
};

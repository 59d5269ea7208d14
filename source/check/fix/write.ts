import { UserError } from '../../errors.ts';
import { readTextFile, replaceFile } from '../../system/files.ts';
import type { WriteKubeconfig } from './apply.ts';

export const writeFix: WriteKubeconfig = async ({ file, after }) => {
  if ((await readTextFile(file.path)) !== file.text) {
    throw new UserError('KUBECONFIG_CONFLICT', `${file.path} was changed meanwhile.`, {
      hint: 'Run the check again.',
    });
  }
  await replaceFile(file.path, after);
  return { backup: undefined };
};

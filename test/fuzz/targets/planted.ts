import type { Target } from '../target.ts';

/** A fault that chance alone does not find in any time: it shows whether the campaign follows what it has reached. */
export const planted: Target = {
  name: 'planted',
  seeds: ['hello'],
  words: ['<a>', '<b>', '<c>', '<d>', '<e>', '<f>'],
  code: '/targets/planted',
  run: text => {
    if (text.startsWith('<a>')) {
      if (text.startsWith('<f>', 3)) {
        if (text.startsWith('<b>', 6)) {
          if (text.startsWith('<e>', 9)) {
            throw new Error('found');
          }
        }
      }
    }
    return [];
  },
};

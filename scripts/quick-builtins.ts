import { builtinModules } from 'node:module';
import type { Plugin } from 'esbuild';

const names = new RegExp(`^(node:)?(${builtinModules.filter(name => !name.startsWith('_')).join('|')})$`);

/**
 * Has Node's own modules loaded when something of them is first used. Importing one loads it at once, and has Node read
 * everything that it exports, with what stands behind each name: of `node:fs` and `node:util` alone that takes longer than
 * most that a short command does. For what needs no default export that is a function. Needs the banner with `require`.
 */
export const quickBuiltins: Plugin = {
  name: 'quick-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: names }, ({ path: name, kind }) =>
      kind === 'import-statement' ? { path: name, namespace: 'builtin' } : undefined,
    );
    // It has no names of its own, which esbuild would copy; each is looked for where it inherits from, which is itself.
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path: name }) => ({
      contents: `let loaded;
        module.exports=new Proxy({},{
          get:(_,name)=>(loaded??=require(${JSON.stringify(name)}))[name],
          getPrototypeOf:()=>module.exports,
        });`,
    }));
  },
};

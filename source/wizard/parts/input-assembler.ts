const pasteStart = '\u001b[200~';
const pasteEnd = '\u001b[201~';

/** The start of an escape sequence that the rest of has not arrived yet. */
const unfinished = /\u001b(?:\u001b?(?:\[\[?[0-?]*[ -/]*|O[0-9;]*)?)?$/;

export type Assembler = {
  /** What can be passed on now; the rest waits for more. */
  push(chunk: string): string;
  /** Gives up waiting: a lone Escape is the key, a sequence without its end is dropped. */
  flush(): string;
  /** How long to wait for more before `flush`, in milliseconds; undefined when nothing waits. */
  patience(): number | undefined;
};

// A lone Escape must not be felt; the rest of a sequence whose start has come is worth waiting for.
const escapePatience = 50;
const sequencePatience = 500;
const pastePatience = 5000;
const interrupt = '\u0003';

/**
 * Puts escape sequences together again that a slow link cut in two. Ink waits 20 ms only, and then takes half an
 * arrow key for Escape and the letters `[A`; it waits for ever for the end of a paste, deaf to Ctrl+C.
 */
export function createAssembler(): Assembler {
  let held = '';
  let pasting = false;
  let tail = '';

  const passPaste = (text: string): string => {
    const seen = tail + text;
    const end = seen.indexOf(pasteEnd);
    if (end === -1) {
      tail = seen.slice(-(pasteEnd.length - 1));
      return text;
    }
    const used = end + pasteEnd.length - tail.length;
    pasting = false;
    tail = '';
    return text.slice(0, used) + pass(text.slice(used));
  };

  const pass = (text: string): string => {
    const start = text.indexOf(pasteStart);
    if (start !== -1) {
      const from = start + pasteStart.length;
      pasting = true;
      return text.slice(0, from) + passPaste(text.slice(from));
    }
    held = unfinished.exec(text)?.[0] ?? '';
    return text.slice(0, text.length - held.length);
  };

  return {
    push(chunk) {
      const text = held + chunk;
      held = '';
      if (!pasting) return pass(text);
      return chunk === interrupt ? this.flush() + chunk : passPaste(text);
    },
    flush() {
      if (pasting) {
        pasting = false;
        tail = '';
        return pasteEnd;
      }
      const given = /^\u001b+$/.test(held) ? held : '';
      held = '';
      return given;
    },
    patience() {
      if (pasting) return pastePatience;
      if (held === '') return;
      return /^\u001b+$/.test(held) ? escapePatience : sequencePatience;
    },
  };
}

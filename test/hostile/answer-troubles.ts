import type { ServerResponse } from 'node:http';
import type { Demo } from '../../source/demo/index.ts';

/** What becomes of one answer of a server, above TLS: a proxy or a balancer may do so. */
export type AnswerTrouble =
  /** It comes twice on the same connection. */
  | 'doubled'
  /** The answer before it, to another request, comes in its place. */
  | 'reordered'
  /** It comes after those to requests that were sent later, or as late as that would be. */
  | 'late';

export type AnswerTroubles = {
  /** Strikes the nth answer from now, from 1. */
  strike(nth: number, trouble: AnswerTrouble): void;
  isStruck(): boolean;
  calm(): void;
};

const lateMs = 400;

export function answerTroubles(demo: Demo): AnswerTroubles {
  let left = 0;
  let trouble: AnswerTrouble | undefined;
  let isStruck = false;
  let before: Buffer | undefined;
  demo.intercept(/./, ({ response }) => {
    left -= 1;
    const mine = left === 0 ? trouble : undefined;
    isStruck ||= mine !== undefined;
    const end = response.end.bind(response);
    response.end = ((body?: string | Buffer) => {
      const own = Buffer.from(body ?? '');
      const sent = mine === 'reordered' && before !== undefined ? before : own;
      before = own;
      if (mine === 'reordered') response.removeHeader('content-length');
      const finish = () => end(sent, () => mine === 'doubled' && again(response, sent));
      if (mine === 'late') setTimeout(finish, lateMs);
      else finish();
      return response;
    }) as typeof response.end;
    return false;
  });
  return {
    strike(nth, what) {
      left = nth;
      trouble = what;
      isStruck = false;
    },
    isStruck: () => isStruck,
    calm() {
      left = 0;
      trouble = undefined;
    },
  };
}

function again({ socket, statusCode }: ServerResponse, body: Buffer): void {
  socket?.write(`HTTP/1.1 ${statusCode} Again\r\ncontent-length: ${body.length}\r\n\r\n`);
  socket?.write(body);
}

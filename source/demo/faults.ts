import { type AnyFault, disturb, isCommon, slowly } from './disturbances.ts';
import type { Exchange } from './http.ts';
import type { Intercept } from './https-server.ts';

/** Where an answer can be disturbed: requests that match. */
const points = {
  landing: /^GET \/token\/landing/,
  providers: /^GET \/token\/plugin\/providers/,
  kubeconfig: /^GET \/token\/plugin\/kubeconfig/,
  data: /^GET \/token\/plugin\/data/,
  start: /^POST \/token\/async(\?|$)/,
  query: /^GET \/token\/async\/query/,
  list: /^GET \/token\/(workspace\/|$|\?)/,
  login: /^GET \/token\/login\//,
  page: /^GET \/token\/callback/,
  discovery: /^GET \/dex\/\.well-known\/openid-configuration/,
  keys: /^GET \/dex\/keys/,
  choice: /^GET \/dex\/auth(\?|$)/,
  issuerToken: /^POST \/dex\/token(\?|$)/,
  device: /^POST \/dex\/device\/code/,
} as const;

export type AnswerPoint = keyof typeof points | 'api';

/** Faults that belong to one place, besides those that any answer can have. */
type Special = {
  /** `elsewhere`: the first cluster belongs to evil.example */
  providers: 'elsewhere';
  /** `elsewhere`: as above; `exec-block`: a second user and an attacker's command */
  kubeconfig: 'elsewhere' | 'exec-block';
  /** every sign-in gets the state of the same second */
  start: 'same-second';
  query: 'never-ready' | 'wrong-code';
  /** what the token service hands out */
  token:
    | 'other-issuer'
    | 'other-account'
    | 'other-key'
    | 'wrong-audience'
    | 'old'
    | 'expired'
    | 'unsigned'
    | 'not-a-jwt'
    | 'hostile-claims';
  /** names with escape sequences, control and bidirectional characters; or one display name for all clusters */
  names: 'hostile' | 'same';
};

export type FaultPoint = AnswerPoint | keyof Special;
export type FaultOf<Point extends FaultPoint> =
  | (Point extends AnswerPoint ? AnyFault : never)
  | (Point extends keyof Special ? Special[Point] : never);

type Entry = { readonly fault: AnyFault | string; left: number };

/** Faults to be switched on and off while the demo runs. */
export class FaultSwitch {
  readonly #entries = new Map<FaultPoint, Entry>();
  readonly #intercepts = new Set<{
    server: string | undefined;
    matches: (line: string) => boolean;
    handler: Intercept;
    left: number;
  }>();

  set<Point extends FaultPoint>(point: Point, fault: FaultOf<Point>, options: { times?: number } = {}): void {
    this.#entries.set(point, { fault, left: options.times ?? Number.POSITIVE_INFINITY });
  }

  clear(point?: FaultPoint): void {
    if (point === undefined) {
      this.#entries.clear();
      this.#intercepts.clear();
    } else {
      this.#entries.delete(point);
    }
  }

  is<Point extends keyof Special>(point: Point, fault: Special[Point]): boolean {
    return this.#entries.get(point)?.fault === fault;
  }

  /** True when this very fault is on; counts one use of it. */
  take<Point extends keyof Special>(point: Point, fault: Special[Point]): boolean {
    return this.#entries.get(point)?.fault === fault && this.#use(point);
  }

  /** The special fault that is on at a place, counting one use. */
  taken<Point extends keyof Special>(point: Point): Special[Point] | undefined {
    const entry = this.#entries.get(point);
    return typeof entry?.fault === 'string' && !isCommon(entry.fault) && this.#use(point)
      ? (entry.fault as Special[Point])
      : undefined;
  }

  intercept(
    match: string | RegExp,
    handler: Intercept,
    options: { server?: string; times?: number } = {},
  ): () => void {
    const matches = (line: string) =>
      typeof match === 'string' ? line.slice(line.indexOf(' ') + 1).startsWith(match) : match.test(line);
    const entry = {
      server: options.server,
      matches,
      handler,
      left: options.times ?? Number.POSITIVE_INFINITY,
    };
    this.#intercepts.add(entry);
    return () => this.#intercepts.delete(entry);
  }

  /** Answers a request wrongly when a fault or an intercept says so. */
  async answer(server: string, exchange: Exchange): Promise<boolean> {
    const line = `${exchange.request.method} ${exchange.request.url}`;
    for (const entry of this.#intercepts) {
      if (entry.left <= 0 || (entry.server !== undefined && entry.server !== server) || !entry.matches(line))
        continue;
      entry.left -= 1;
      if ((await entry.handler(exchange)) !== false) return true;
    }
    for (const [point, entry] of this.#entries) {
      const here =
        point === 'api'
          ? server !== 'portal'
          : server === 'portal' && isPoint(point) && points[point].test(line);
      if (here && entry.fault === 'slow' && this.#use(point)) await slowly();
      else if (here && disturb(point, entry.fault, exchange)) return this.#use(point);
    }
    return false;
  }

  #use(point: FaultPoint): boolean {
    const entry = this.#entries.get(point);
    if (entry === undefined || entry.left <= 0) return false;
    entry.left -= 1;
    if (entry.left <= 0) this.#entries.delete(point);
    return true;
  }
}

const isPoint = (point: FaultPoint): point is keyof typeof points => Object.hasOwn(points, point);

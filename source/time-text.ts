/** A moment in Unix seconds, as the person's clock shows it. */
export function localTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** A length of time in the two largest units that say something; rounded down. */
export function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return 'less than a minute';
  const hours = Math.floor(minutes / 60);
  if (hours < 1) return `${minutes} min`;
  const days = Math.floor(hours / 24);
  if (days < 1) return withRest(`${hours} h`, minutes % 60, 'min');
  return withRest(`${days} d`, hours % 24, 'h');
}

const withRest = (first: string, rest: number, unit: string) =>
  rest === 0 ? first : `${first} ${rest} ${unit}`;

/** When a token ends, or ended, as seen from `now`; both in Unix seconds. */
export function expiryWords(expiresAt: number | undefined, now: number): string {
  if (expiresAt === undefined) return 'none yet';
  return expiresAt > now ? `good for ${duration(expiresAt - now)}` : `over for ${duration(now - expiresAt)}`;
}

/** A name as an attacker would choose it: colours, a clipboard write, a title, a link, line breaks, reversed text. */
export function hostile(name: string): string {
  return `${name}\u001b[31m\u001b]52;c;ZXZpbA==\u0007\u001b]0;evil\u0007\u001b]8;;http://evil.example\u001b\\\r\n\u202e\u200b\u0000`;
}

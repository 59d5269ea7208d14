/** Dex's subject: the user and the connector, as a protocol buffer of two strings, in base64url. */
export function subjectOf(userId: string, connectorId: string): string {
  return Buffer.concat([field(1, userId), field(2, connectorId)]).toString('base64url');
}

function field(number: number, text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';

/** The official schema of SARIF 2.1.0 (OASIS, errata included), which asks for JSON Schema's draft 4; none of what changed since is used in it. */
const file = createRequire(import.meta.url).resolve(
  '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json',
);
const { $schema: _draft, id: _id, ...schema } = JSON.parse(readFileSync(file, 'utf8'));

const isReference = (text: string) => /^[\w%./:~#?&=+@,;!$'()*-]*$/.test(text);
const ajv = new Ajv({
  strict: false,
  allErrors: true,
  // One of its patterns is none by the stricter rules of `u`.
  unicodeRegExp: false,
  formats: { uri: URL.canParse, 'uri-reference': isReference, 'date-time': /^\d{4}-\d\d-\d\dT/ },
});
const validate = ajv.compile(schema);

/** What the schema has against a document. */
export function sarifFaults(document: unknown): string[] {
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const magic = Buffer.from('k8s\0');

export const protobufType = 'application/vnd.kubernetes.protobuf';

type Fields = ReadonlyMap<number, Buffer>;

/** The fields of a message that are strings or messages themselves; the last one of a number counts. */
function fieldsOf(message: Buffer): Fields {
  const fields = new Map<number, Buffer>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; at < message.length && shift < 32; shift += 7) {
      const byte = message[at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < message.length) {
    const tag = varint();
    const length = varint();
    // Of the other wire types only the varint occurs here, which has just been read.
    if ((tag & 7) !== 2) continue;
    fields.set(tag >>> 3, message.subarray(at, at + length));
    at += length;
  }
  return fields;
}

const text = (fields: Fields, number: number) => fields.get(number)?.toString('utf8') ?? '';
const inner = (fields: Fields, number: number) => fieldsOf(fields.get(number) ?? Buffer.alloc(0));

/** A SelfSubject...Review as current kubectl sends it, as far as the demo looks into one. */
export function reviewInProtobuf(body: Buffer) {
  if (!body.subarray(0, magic.length).equals(magic)) return {};
  const unknown = fieldsOf(body.subarray(magic.length));
  const attributes = inner(inner(inner(unknown, 2), 2), 1);
  const resourceAttributes = {
    namespace: text(attributes, 1),
    verb: text(attributes, 2),
    group: text(attributes, 3),
    resource: text(attributes, 5),
  };
  return { apiVersion: text(inner(unknown, 1), 1), spec: { resourceAttributes } };
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '+': '&#43;',
  '\u0000': '\ufffd',
};

/** As Go's html/template writes text: it encodes `+` too, which matters to whoever reads certificates out of a page. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'+\u0000]/g, character => entities[character] ?? character);
}

/** Quoted HTML; values are escaped unless they were made by `html` itself. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Html | readonly Html[];

export function html(strings: TemplateStringsArray, ...values: Value[]): Html {
  const parts = strings.map((string, index) => {
    const value = values[index];
    return string + (value === undefined ? '' : rendered(value));
  });
  return new Html(parts.join(''));
}

function rendered(value: Value): string {
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(item => item.text).join('');
  return escapeHtml(String(value));
}

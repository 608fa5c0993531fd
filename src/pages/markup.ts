/** Markup, as opposed to text. Only `markup` makes it, so whatever else is put into markup is escaped. */
export class Markup {
  /** @param markup of which nothing is checked. */
  constructor(readonly source: string) {}
}

type Value = Markup | string | number | undefined | false | readonly Value[];

/**
 * Builds markup: every value in the template is escaped, for text and for quoted attributes alike, unless it is
 * `Markup` itself. A list is joined; `undefined` and `false` are nothing. An attribute's value must stand in quotes.
 */
export function markup(template: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(template.map((text, index) => text + render(values[index])).join(''));
}

function render(value: Value): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Markup) return value.source;
  if (typeof value === 'object') return value.map(render).join('');
  return escape(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

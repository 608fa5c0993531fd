/** Markup, as opposed to text. Only `markup` creates it; all other values are escaped. */
export class Markup {
  /** @param source markup, which is not checked. */
  constructor(readonly source: string) {}
}

type Value = Markup | string | number | undefined | false | readonly Value[];

/**
 * Builds markup. Every value in the template is escaped, for texts and quoted attributes alike, unless it is `Markup`
 * itself. Lists are joined; `undefined` and `false` add nothing. Attribute values must be in quotes.
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

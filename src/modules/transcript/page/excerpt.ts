/** The beginning of a text, and how many of its characters (UTF-16 units) it leaves out. */
export interface Excerpt {
  readonly text: string;
  /** Bytes of its markup. */
  readonly bytes: number;
  readonly leftOut: number;
}

/** The start of a text whose markup has at most this many bytes. Its cost depends on the result, not on the text. */
export function excerptOf(text: string, maxBytes: number): Excerpt {
  let bytes = 0;
  let end = 0;
  while (end < text.length) {
    const code = text.codePointAt(end) as number;
    const more = markupBytes(code);
    if (bytes + more > maxBytes) break;
    bytes += more;
    end += code > 0xffff ? 2 : 1;
  }
  return { text: text.slice(0, end), bytes, leftOut: text.length - end };
}

/** Bytes that a character has in UTF-8 once `markup` has escaped it. */
function markupBytes(code: number): number {
  if (code === 34) return 6; // &quot;
  if (code === 38 || code === 39) return 5; // &amp; &#39;
  if (code === 60 || code === 62) return 4; // &lt; &gt;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code > 0xffff ? 4 : 3;
}

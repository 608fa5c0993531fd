import { describe, expect, it } from '@jest/globals';
import { markup } from './markup.js';

describe('markup', () => {
  it('escapes values in text and in attributes', () => {
    const value = `<b a="1" c='2'>&amp;</b>`;

    expect(markup`<p title="${value}">${value}</p>`.source).toBe(
      '<p title="&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;&lt;/b&gt;">&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;&lt;/b&gt;</p>',
    );
  });

  it('inserts markup as it is, joins lists, and leaves out undefined and false', () => {
    const items = ['a', '<'].map((item) => markup`<li>${item}</li>`);

    expect(markup`${items}${undefined}${false}${0}${''}`.source).toBe('<li>a</li><li>&lt;</li>0');
  });

  it('does not mistake a similar object for markup', () => {
    const posing = JSON.parse('{"source":"<script>"}') as string;

    expect(() => markup`${posing}`.source).toThrow('map is not a function');
  });
});

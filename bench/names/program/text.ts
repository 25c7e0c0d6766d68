// Texts: marked, cheerio, postcss, js-yaml, fuse.js.
import * as cheerio from 'cheerio';
import Fuse from 'fuse.js';
import { dump, load } from 'js-yaml';
import { Marked } from 'marked';
import postcss from 'postcss';

const LONG = '# Title\n\nSome *emphasis* and **strong** `code` [a link](https://example.org "t") ![i](x.png)\n\n- one\n- two\n  1. nested\n\n> quote\n\n```js\nlet a = 1;\n```\n\n| a | b |\n|---|:-:|\n| 1 | 2 |\n\n<b>html</b> ~~del~~ https://example.org\n\n---\n\n- [x] done\n';

async function markdown(): Promise<void> {
  const marked = new Marked({ gfm: true });
  marked.use({ renderer: { heading({ tokens, depth }) { return `<h${depth}>${this.parser.parseInline(tokens).trim()}</h${depth}>`; } }, walkTokens: (token) => void token.type.slice(1), hooks: { preprocess: (text) => text.replace('one', 'eins') }, extensions: [{ name: 'at', level: 'inline', start: (src) => src.indexOf('@'), tokenizer(src) { const found = /^@(\w+)/.exec(src); return found ? { type: 'at', raw: found[0], text: found[1] } : undefined; }, renderer: (token) => String(token.text).toUpperCase() }] });
  await marked.parse(LONG + '\n@someone here\n');
  marked.lexer(LONG);
}

function pages(): void {
  const $ = cheerio.load('<ul class="a"><li id=x>1</li><li>2<b>3</b></li></ul><table><tr><td>x</table><p>a<p>b<script>1<2</script>');
  $('li').map((index, element) => $(element).text().concat(String(index))).get();
  $('ul > li:first-child, li:nth-child(2n) b').addClass('hit').attr('title', (_index, value) => value ?? 'x').closest('ul').find('[id^=x]').css('color', 'red').data('a', 3);
  $('li').filter((_index, element) => $(element).is('.hit')).wrap('<i/>').before('<hr>').replaceWith((index: number) => `<em>${index}</em>`), $('p').each((_i, each) => void $(each).append(' more').next().remove());
  $.html(), $.root().contents().toArray(), $.xml();
}

async function styles(): Promise<void> {
  const plugin = { postcssPlugin: 'shout', Once(root: postcss.Root) { root.walkRules(/a/, (rule) => void rule.selectors.map((each) => each.trim())); }, Declaration: { color(node: postcss.Declaration) { if (node.value.includes('red')) node.value = 'blue'; } }, AtRule(rule: postcss.AtRule) { rule.params.split(','); } };
  const done = await postcss([plugin, { postcssPlugin: 'late', async OnceExit(root: postcss.Root) { await null; root.append({ selector: 'b', nodes: [] } as never); } }]).process('a, .b:hover { color: red; margin: 0 auto } @media (min-width: 1px) { a { top: calc(1px + 2px) } } /* c */', { from: undefined, map: { inline: false } });
  done.css.trim(), done.warnings().slice();
  try {
    postcss.parse('a { color: ');
  } catch (error) {
    String(error).slice(3);
  }
}

function yaml(): void {
  const value = load('a: &x [1, 2.5, true, null]\nb: {c: "d\\n", e: *x}\nf: |\n  text\n   more\ng: >-\n  folded\n  text\nh: 2024-02-29\n? complex\n: v\n');
  dump(value, { indent: 2, noRefs: true }), dump({ long: 'a '.repeat(99), multi: 'a\nb\n', n: [[1], { x: [] }] });
  try {
    load('a: [1, 2\nb: }');
  } catch (error) {
    String(error).slice(3);
  }
}

function search(): void {
  const fuse = new Fuse([{ title: 'Old Man', tags: ['sea'] }, { title: 'The Lock Artist', tags: ['crime', 'key'] }], { keys: ['title', { name: 'tags', weight: 0.3 }], includeMatches: true, useExtendedSearch: true });
  fuse.search('loc'), fuse.search("'old !sea | ^the"), fuse.add({ title: 'x', tags: [] }), fuse.remove((each) => each.title.startsWith('x')), Fuse.createIndex(['title'], []).toJSON();
}

export const steps = { markdown, pages, styles, yaml, search };
